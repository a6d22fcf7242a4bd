"""What would change the answer: the shipped departures of a run's scenario, with the same members and the same luck."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from sim.contents import content_digest
from sim.contrasts.assumptions import ContrastError, assumed, beliefs_apart
from sim.contrasts.making import Difference, differences, with_ranges
from sim.facts import gather
from sim.forecasting.judgement import judgement_steps, ranged
from sim.forecasting.pooling import pool_of
from sim.members import ANCESTOR
from sim.results import Run
from sim.scenario import Scenario, read_scenario, shipped_scenarios

MEMBERS = 4096
"""Members simulated again, the first ones: enough for what matters, in seconds (judgement)."""


@dataclass(frozen=True)
class Departure:
    """What a scenario assumes otherwise than a run's, in words, and what that changes in the answers.

    Attributes
    ----------
    members: how many are compared. questions: paired differences, of the run's questions that it asks too, each with
        its range over judgement if the run learned.
    """

    scenario: Scenario
    members: int
    assumed: tuple[str, ...]
    questions: tuple[Difference, ...]


def shipped_departures(scenario: Scenario) -> list[Scenario]:
    """Return the shipped scenarios that depart from a shipped one in events alone; none if it was changed."""
    shipped = shipped_scenarios()
    if scenario.name not in shipped or _alone(read_scenario(scenario.name)) != _alone(scenario):
        return []
    base = shipped[scenario.name].name
    found = (read_scenario(name) for name in shipped)
    return [
        other
        for other in found
        if base in other.chain[1:] and other.as_of == scenario.as_of and not beliefs_apart(other, scenario)
    ]


def _alone(scenario: Scenario) -> Scenario:
    """Return a scenario without the names of the files that it was read from."""
    return replace(scenario, chain=())


def departed_months(run: Run, scenarios: list[Scenario]) -> int:
    """Return the member-months that `depart` will simulate, for a bar of progress."""
    from sim.ensemble import months_lived

    members, learned = min(int(run.provenance["members"]), MEMBERS), ANCESTOR in run.data
    judged = sum(judgement_steps(each, members) for each in scenarios) if learned else 0
    return members * sum(months_lived(each, learned=learned) for each in scenarios) + judged


def depart(
    run: Run, scenarios: list[Scenario], *, progress: Callable[[int], None] | None = None
) -> Iterator[Departure]:
    """Simulate a run's first members again under each scenario, from where they began, and yield what changes.

    Raises
    ------
    ContrastError: if the code or the record has changed since the run was made, or it has one member only.
    """
    from sim.ensemble import begin_again, simulate

    members = min(int(run.provenance["members"]), MEMBERS)
    if members < 2:
        raise ContrastError(f"{run.folder}: one member; an interval needs two members at least")
    if run.provenance["content"] != content_digest():
        raise ContrastError(f"{run.folder}: the code or the record has changed since this run was made")
    base, facts = run.scenario, gather(run.record, run.scenario.as_of)
    before = run.data.isel(member=slice(members))
    pool = pool_of(base, run.record, before)
    begin = begin_again(run.data)
    for scenario in scenarios:
        data = simulate(
            scenario,
            members=members,
            seed=run.provenance["seed"],
            begin=begin,
            facts=facts,
            keep="outcomes",
            progress=progress,
        )
        # with the particles, whose islands widen the intervals
        data = data.assign(run.data.drop_dims("member"))
        found = differences(data, before, scenario, base, pool)
        asked = [item for item in found if item.kind == "question"]
        answers, _ = ranged(
            data,
            scenario,
            seed=run.provenance["seed"],
            record=run.record,
            facts=facts,
            progress=progress,
        )
        told = with_ranges(
            asked, [each.cells() for each in answers], run.table("questions"), state=scenario.state
        )
        yield Departure(scenario, members, tuple(assumed(scenario, base)), tuple(told))
