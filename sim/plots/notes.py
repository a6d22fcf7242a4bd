"""The foot of a figure: which run it shows, what was assumed, what was learned."""

from __future__ import annotations

from datetime import date

from sim.plots.words import day_in_words, month_in_words
from sim.results import Run

_SHOWN = 3
"""Changes that a foot names; judgement: more than these are read in the scenario."""


def before_the_origin(run: Run) -> str:
    """Return what a key says of the months before the origin."""
    if run.learned:
        return "before the origin: what the record leaves open"
    return "before the origin: recorded facts imposed, nothing learned, not a fit"


def foot(run: Run, *extra: str) -> list[str]:
    """Return the notes at a figure's foot: what is particular to it, the scenario's events and beliefs, the run."""
    made = run.provenance
    return [
        *(note for note in extra if note),
        *_assumed(run),
        *_believed(run),
        *_beyond(run),
        f"Scenario {made['scenario']}, origin {day_in_words(date.fromisoformat(made['as_of']))}; {made['members']:,} "
        f"member{'s' if made['members'] != 1 else ''}, seed {made['seed']}. {run.basis[:1].upper()}{run.basis[1:]}.",
    ]


def _assumed(run: Run) -> list[str]:
    changes = [
        f"{change.quantity.replace('_', ' ')} {_HOW[change.how]} {_value(change.value)} "
        f"from {month_in_words(event.first_month)}"
        + (f" until {month_in_words(event.last_month - 1)}" if event.last_month is not None else "")
        for event in run.scenario.events
        for change in event.changes
    ]
    if not changes:
        return []
    more = f"; and {len(changes) - _SHOWN} more" if len(changes) > _SHOWN else ""
    return [f"Assumed: {'; '.join(changes[:_SHOWN])}{more}."]


def _believed(run: Run) -> list[str]:
    beliefs = [
        f"{name.replace('_', ' ')} {belief.prior.describe()}"
        for name, belief in sorted(run.scenario.parameters.items())
    ]
    more = f"; and {len(beliefs) - _SHOWN} more" if len(beliefs) > _SHOWN else ""
    return (
        [f"Believed instead of the table's priors: {'; '.join(beliefs[:_SHOWN])}{more}."] if beliefs else []
    )


def _beyond(run: Run) -> list[str]:
    if not run.days_beyond_record:
        return []
    return [
        f"The record ends on {day_in_words(run.record_ends)}; what happened from then to the origin is simulated, not "
        "known: grey."
    ]


_HOW = {"set": "set to", "add": "changed by", "multiply": "multiplied by"}


def _value(value: float | str) -> str:
    return value.replace("_", " ") if isinstance(value, str) else f"{value:g}"


def members_in_words(members: int) -> str:
    """Return how many histories a figure shows.

    >>> members_in_words(1), members_in_words(4096)
    ('1 simulated history', '4,096 simulated histories')
    """
    return "1 simulated history" if members == 1 else f"{members:,} simulated histories"
