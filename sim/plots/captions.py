"""The words around a figure: its title, which says what was found, and its foot, which says of which run."""

from __future__ import annotations

from collections.abc import Sequence

from sim.arrays import FloatArray
from sim.clock import month_number
from sim.names import Row
from sim.plots.series import Series
from sim.record.observations import Record
from sim.record.record_series import Point, recorded, recorded_labels
from sim.runs.results import Run
from sim.words import a, between, beyond, counted, day_in_words, month_in_words, percent, sentence, when

LIKELY, VERY_LIKELY = 2.0 / 3.0, 0.9
"""From these probabilities on something is "likely" and "very likely": the calibrated terms of the IPCC's guidance
note on uncertainty (Mastrandrea et al. 2010)."""

_SHOWN = 3
"""Assumptions that a foot names; judgement: more than these are read in the scenario."""

_HOW = {"set": "set to", "add": "changed by", "multiply": "multiplied by"}


def movement(values: FloatArray, before: float) -> str:
    """Return in words where members' values stand against an earlier one, for example "is likely to rise".

    Parameters
    ----------
    values: shape (members,). before: the last value known.
    """
    chances = {
        "rise": float((values > before).mean()),
        "fall": float((values < before).mean()),
        "stay": float((values == before).mean()),
    }
    verb, chance = max(chances.items(), key=lambda item: item[1])
    if chance >= LIKELY:
        return f"is {'very ' if chance >= VERY_LIKELY else ''}likely to {verb}"
    return "may rise or fall" if chances["stay"] < 1.0 - LIKELY else "may move or stay"


def outlook(run: Run, subject: Series) -> str:
    """Return the finding of a fan: where the median ends, and whether that is up or down from the last value known."""
    if not subject.last.size:
        return f"{subject.label}: no figure comes out {until(run)}"
    low, _, median, _, high = subject.bands[:, -1]
    ends = f"{subject.say_in_full(median)} {subject.last_when}"
    if low < high:
        ends = f"median {ends}"
    known = [point for point in on_record(run, subject) if point.known_on <= run.scenario.as_of]
    before = max(known, key=lambda point: point.day, default=None)
    if before is None:
        spread = subject.range_in_words(low, high)
        return f"{subject.label}: {ends}, with nine in ten histories at {spread}"
    held = any(change.quantity == subject.name for event in run.scenario.events for change in event.changes)
    moves = "is held by assumption" if held and low == high else movement(subject.last, before.value)
    month = month_number(before.day)
    since = when(month, subject.span) if subject.span else f"in {month_in_words(month)}"
    return f"{subject.label} {moves}: {ends}, after {subject.say(before.value)} {since}"


def shares(values: FloatArray, categories: tuple[str, ...]) -> dict[str, float]:
    """Return the share of members in each category; members without one count in none."""
    return {name: float((values == code).mean()) for code, name in enumerate(categories)}


def likeliest(now: dict[str, float], members: int) -> list[str]:
    """Return the likeliest category, with the second if luck alone could have put the first ahead of it.

    Their difference d has the variance ``(p + q - d^2) / members``; twice its root is what luck can do.
    """
    first, second = sorted(now, key=lambda name: -now[name])[:2]
    ahead = now[first] - now[second]
    noise = 2.0 * ((now[first] + now[second] - ahead**2) / members) ** 0.5
    return [first] if ahead > noise else [first, second]


def posture_finding(run: Run, subject: Series) -> str:
    """Return the finding of the posture: what it is likeliest to be at the end, and whether that is what it was."""
    who = run.country.state
    if not subject.last.size:
        return f"{who} has no posture yet {until(run)}"
    now = shares(subject.last, subject.categories)
    first, *rivals = likeliest(now, subject.members)
    if rivals:
        against = f"{percent(now[first])} against {percent(now[rivals[0]])}"
        return f"{who} is about as likely {a(first)} as {a(rivals[0])}: {against} {subject.last_when}"
    labels = recorded_labels(Record.load(run.scenario.state))
    before = [label.posture for label in labels if label.month == subject.first_month - 1]
    verb = "be" if not before else "stay" if before == [first] else "become"
    said = f"{who} is likeliest to {verb} {a(first)}: {percent(now[first])} {subject.last_when}"
    ends = {name: ends[-1] for name in subject.categories if (ends := judged(run, "posture", name))}
    if first in ends and any(ends[name]["high"] > ends[first]["low"] for name in ends if name != first):
        said += f"; other judgements give {range_in_words(ends[first])}"
    return said


def finding(run: Run, subject: Series) -> str:
    """Return the finding of any variable at the horizon's end."""
    if subject.name == "posture":
        return posture_finding(run, subject)
    if not subject.last.size or not subject.names:
        return outlook(run, subject)
    now = shares(subject.last, subject.names)
    if subject.kind == "binary":
        return f"{subject.label}: {percent(now['yes'], of=subject.members)} {subject.last_when}"
    first, *rivals = likeliest(now, subject.members)
    names = " or ".join(name.replace("_", " ") for name in [first, *rivals])
    chances = " and ".join(percent(now[name]) for name in [first, *rivals])
    return f"{subject.label}: likeliest {names}, {chances} {subject.last_when}"


def judged(run: Run, target: str, category: str = "") -> list[Row]:
    """Return the ranges of a target's probability under any judgement that the record cannot settle, by date.

    None if the run has none; else rows with the date, and the least and the greatest probability: low and high.
    """
    try:
        rows = run.table("ranges")
    except (FileNotFoundError, ValueError):  # a run made before there was such a table
        return []
    asked = (target, category)
    return [row for row in rows if (row["target"], row["category"]) == asked and row["low"] is not None]


def range_in_words(found: Row) -> str:
    """Return a range over judgement, for example "7 to 82 %"."""
    return between(percent(found["low"]), percent(found["high"]))


def until(run: Run) -> str:
    """Return the horizon in words."""
    scenario = run.scenario
    return f"between {day_in_words(scenario.as_of)} and {day_in_words(scenario.until)}"


def on_record(run: Run, subject: Series) -> list[Point]:
    """Return the shipped record's points of a variable up to the horizon."""
    points = recorded(subject.name, Record.load(run.scenario.state))
    return [point for point in points if month_number(point.day) <= run.scenario.last_month]


def before_the_origin(run: Run) -> str:
    """Return what a key says of the months before the origin."""
    if run.learned:
        return "before the origin: what the record leaves open"
    return "before the origin: recorded facts imposed, nothing learned, not a fit"


def foot(run: Run, *extra: str) -> list[str]:
    """Return the notes at a figure's foot: what is particular to it, the scenario's events and beliefs, the run."""
    made, assumed, beliefs = run.provenance, _assumed(run), sorted(run.scenario.parameters.items())
    believed = [f"{name.replace('_', ' ')} {belief.prior.describe()}" for name, belief in beliefs]
    beyond_record = beyond(run.days_beyond_record, run.record_ends).removesuffix(".")
    notes = [
        *extra,
        f"Assumed: {named(assumed)}." if assumed else "",
        f"Believed instead of the table's priors: {named(believed)}." if believed else "",
        f"{beyond_record}: grey." if run.days_beyond_record else "",
        of_run(made["scenario"], run, counted(made["members"], "member")),
    ]
    return [note for note in notes if note]


def of_run(what: str, run: Run, members: str) -> str:
    """Return the last note at a figure's foot: of which run it is."""
    return (
        f"Scenario {what}, origin {day_in_words(run.scenario.as_of)}; {members}, seed {run.provenance['seed']}. "
        f"{sentence(run.basis)}."
    )


def named(things: Sequence[str]) -> str:
    """Return the first few of several things in words, and how many more there are."""
    more = f"; and {len(things) - _SHOWN} more" if len(things) > _SHOWN else ""
    return "; ".join(things[:_SHOWN]) + more


def _assumed(run: Run) -> list[str]:
    found = []
    for event in run.scenario.events:
        first, last = event.first_month, event.last_month
        months = f"{'in' if first == last else 'from'} {month_in_words(first)}"
        if last not in (None, first):
            months += f" to {month_in_words(last)}"
        for change in event.changes:
            value = change.value.replace("_", " ") if isinstance(change.value, str) else f"{change.value:g}"
            found.append(f"{change.quantity.replace('_', ' ')} {_HOW[change.how]} {value} {months}")
    return found
