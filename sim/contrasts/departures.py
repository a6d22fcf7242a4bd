"""What would change the answer: the shipped departures of a run's scenario, with the same members and the same luck."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from sim.contrasts.assumptions import assumed, beliefs_apart
from sim.contrasts.making import Difference, differences, with_ranges
from sim.contrasts.replays import lived_again
from sim.forecasting.judgement import judgement_steps, ranged
from sim.forecasting.samples import pool_of
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
    # the names of the files that it was read from tell nothing apart
    if (
        scenario.name not in shipped
        or replace(read_scenario(scenario.name), chain=scenario.chain) != scenario
    ):
        return []
    base = shipped[scenario.name].name
    found = (read_scenario(name) for name in shipped)
    return [
        other
        for other in found
        if base in other.chain[1:] and other.as_of == scenario.as_of and not beliefs_apart(other, scenario)
    ]


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

    Raises ContrastError: as `sim.contrasts.replays.lived_again`.
    """
    members = min(int(run.provenance["members"]), MEMBERS)
    base, before = run.scenario, run.data.isel(member=slice(members))
    pool = pool_of(base, run.record, before)
    for scenario, lived in zip(scenarios, lived_again(run, scenarios, members, progress), strict=True):
        # with the particles, whose islands widen the intervals
        data = lived.assign(run.data.drop_dims("member"))
        found = differences(data, before, scenario, base, pool)
        asked = [item for item in found if item.name in {question.id for question in base.questions}]
        seed = run.provenance["seed"]
        answers, _ = ranged(data, scenario, seed=seed, record=run.record, progress=progress)
        told = with_ranges(
            asked, [each.cells() for each in answers], run.table("questions"), state=scenario.state
        )
        yield Departure(scenario, members, tuple(assumed(scenario, base)), tuple(told))
