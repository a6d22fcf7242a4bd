"""The foot of a figure: which run it shows, what was assumed, what was learned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sim.results import Run
from sim.words import day_in_words, month_in_words, sentence

_SHOWN = 3
"""Assumptions that a foot names; judgement: more than these are read in the scenario."""

_HOW = {"set": "set to", "add": "changed by", "multiply": "multiplied by"}
_BEYOND = "The record ends on {}; what happened from then to the origin is simulated, not known: grey."


def before_the_origin(run: Run) -> str:
    """Return what a key says of the months before the origin."""
    if run.learned:
        return "before the origin: what the record leaves open"
    return "before the origin: recorded facts imposed, nothing learned, not a fit"


def foot(run: Run, *extra: str) -> list[str]:
    """Return the notes at a figure's foot: what is particular to it, the scenario's events and beliefs, the run."""
    made, assumed = run.provenance, _assumed(run)
    beliefs = sorted(run.scenario.parameters.items())
    believed = [f"{name.replace('_', ' ')} {belief.prior.describe()}" for name, belief in beliefs]
    return [
        *(note for note in extra if note),
        *([f"Assumed: {named(assumed)}."] if assumed else []),
        *([f"Believed instead of the table's priors: {named(believed)}."] if believed else []),
        *([_BEYOND.format(day_in_words(run.record_ends))] if run.days_beyond_record else []),
        f"Scenario {made['scenario']}, origin {day_in_words(date.fromisoformat(made['as_of']))}; {made['members']:,} "
        f"member{'s' if made['members'] != 1 else ''}, seed {made['seed']}. {sentence(run.basis)}.",
    ]


def named(things: Sequence[str]) -> str:
    """Return the first few of several things in words, and how many more there are."""
    more = f"; and {len(things) - _SHOWN} more" if len(things) > _SHOWN else ""
    return "; ".join(things[:_SHOWN]) + more


def _assumed(run: Run) -> list[str]:
    found = []
    for event in run.scenario.events:
        months = f"from {month_in_words(event.first_month)}"
        if event.last_month is not None:
            months += f" until {month_in_words(event.last_month - 1)}"
        for change in event.changes:
            value = change.value.replace("_", " ") if isinstance(change.value, str) else f"{change.value:g}"
            found.append(f"{change.quantity.replace('_', ' ')} {_HOW[change.how]} {value} {months}")
    return found
