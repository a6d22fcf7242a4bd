"""What two scenarios assume otherwise, and whether their runs can be compared member by member."""

from __future__ import annotations

from collections.abc import Iterator

from sim.model.conditions import Interventions
from sim.names import InputError
from sim.runs.results import Run
from sim.scenario import Event, Scenario

_SHARED = {
    "seed": "use one seed: --seed",
    "members": "use one number of members: --members",
    "as_of": "compare scenarios with one origin",
    "content": "the code or the record has changed in between: make both runs again",
}
_LEARNED = {"particles": ("particles", "--particles"), "seed": ("seed of learning", "--learning-seed")}
"""What the provenance of two runs, and of what they learned, must share, and what to do where it does not."""


class ContrastError(InputError):
    """Two runs that have not the same members with the same luck."""


def refusals(made: Run, first: Run) -> list[str]:
    """Return why a run cannot be compared with a baseline, by their state and provenance; nothing if it can."""
    if made.scenario.state != first.scenario.state:
        return [
            f"state: {made.country.state} against {first.country.state} in the baseline; compare runs of one state"
        ]
    run, baseline = made.provenance, first.provenance
    found = [
        f"{name}: {run[name]} against {baseline[name]} in the baseline; {remedy}"
        for name, remedy in _SHARED.items()
        if run[name] != baseline[name]
    ]
    ours, theirs = run["posterior"], baseline["posterior"]
    if (ours is None) != (theirs is None):
        told = ["nothing" if posterior is None else "from the record" for posterior in (ours, theirs)]
        found.append(
            f"learned: {told[0]} against {told[1]} in the baseline; make both with --unlearned, or neither "
            "(learned=False in Python)"
        )
    elif ours is not None:
        found += [
            f"{words}: {ours[name]} against {theirs[name]} in the baseline; use one number: {remedy}"
            for name, (words, remedy) in _LEARNED.items()
            if ours[name] != theirs[name]
        ]
    if run.get("record") != baseline.get("record"):
        found.append(
            "record: other observations were added to the shipped ones; use one --record for both, or none"
        )
    if not found and run["members"] < 2:
        found.append("members: 1; an interval needs two at least")
    return found


def beliefs_apart(scenario: Scenario, baseline: Scenario) -> list[str]:
    """Return the parameters of which the two scenarios believe otherwise."""
    if scenario.as_of == baseline.as_of and scenario.parameters == baseline.parameters:
        return []
    ours, theirs = scenario.parameter_set(), baseline.parameter_set()
    return [name for name, parameter in ours.items() if parameter.prior != theirs[name].prior]


def assumed(scenario: Scenario, baseline: Scenario) -> list[str]:
    """Return in words what a scenario assumes otherwise than the baseline: beliefs, then events."""
    ours, theirs = scenario.parameter_set(), baseline.parameter_set()
    found = [
        f"{name}: {ours[name].prior.describe()}, not {theirs[name].prior.describe()}"
        for name in beliefs_apart(scenario, baseline)
    ]
    found += [f"{event} ({event.source})" for event in _only(scenario, baseline)]
    return found + [f"not {event}" for event in _only(baseline, scenario)]


def first_month_apart(scenario: Scenario, baseline: Scenario) -> int | None:
    """Return the first month in which members can differ: 0 if beliefs do, None if there is none in both horizons."""
    if beliefs_apart(scenario, baseline):
        return 0
    names = sorted({c.quantity for s in (scenario, baseline) for event in s.events for c in event.changes})
    ours, theirs = Interventions(scenario.events), Interventions(baseline.events)
    for month in range(scenario.first_month, min(scenario.last_month, baseline.last_month) + 1):
        if any(list(ours.acting(name, month)) != list(theirs.acting(name, month)) for name in names):
            return month
    return None


def _only(scenario: Scenario, other: Scenario) -> Iterator[Event]:
    """Yield the events of a scenario that the other has not, whatever source either names."""
    theirs = [(event.date, event.until, event.changes) for event in other.events]
    for event in scenario.events:
        same = (event.date, event.until, event.changes)
        if same in theirs:
            theirs.remove(same)
        else:
            yield event
