"""What `serbia-sim run` prints: the answers in words, or as one JSON object."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sim.cli.compare import in_json, in_words, named
from sim.cli.scenarios import record_in_words
from sim.cli.screen import beside, wrapped
from sim.words import HELD, POOLED, beyond, day_in_words, histories, judged, minus, per_cent

if TYPE_CHECKING:
    from sim.contrasts import Contrast
    from sim.names import Row
    from sim.results import Run

_PLAIN, _RANGED = 20, 29  # where a question's words begin, after its probability alone or with its range
_OUTCOME = 28


def headline(made: Run, compared: Contrast | None, *, known: bool) -> Iterator[str]:
    """Yield the answer in lines: the scenario's questions with probability, error and range."""
    from sim.observations import Record
    from sim.registry.truth import what_came

    spec, record = made.scenario, Record.load(made.scenario.state)
    yield from wrapped(spec.title)
    yield from wrapped(
        f"As known on {day_in_words(spec.as_of)}; {histories(made.provenance['members'])} to "
        f"{day_in_words(spec.until)}, seed{HELD}{made.provenance['seed']}."
    )
    yield from wrapped(_basis(made))
    yield from wrapped(beyond(made.days_beyond_record, made.record_ends))
    yield from wrapped(_precise(made))
    # what --against shows in full need not stand here too
    for event in spec.events if compared is None else ():
        yield from wrapped(f"Assumed {event} ({event.source}).", more="  ")
    yield ""
    came = {each.id: what_came(each, spec.as_of, record) for each in spec.questions}
    rows = made.table("questions")
    for row in rows:
        cells = per_cent(row["probability"], row["mcse"], width=5)
        if ranged := judged(row["low"], row["high"], width=2):
            cells = f"{cells:<15}[{ranged}]"
        pooled = "" if row["pooled"] is None else f"Pooled: {100 * row['pooled']:.0f}{HELD}%."
        words = " ".join(filter(None, (row["text"], pooled, came[row["id"]])))
        yield from beside(cells, words, _RANGED if made.learned else _PLAIN)
    if any(row["pooled"] is not None for row in rows):
        yield from ("", *wrapped(POOLED))
    if made.learned and rows:
        yield from ("", *wrapped(_range_in_words(spec.state)))
    for row in [] if rows else _last(made):
        yield from beside(f"{row['target']} {row['category']}", _outcome(row), _OUTCOME)
    yield ""
    if compared is not None:
        yield from (*in_words(compared), "", f"Compared with: {compared.baseline.folder}")
    yield f"{'Found' if known else 'Written'}: {made.folder}"


def _basis(made: Run) -> str:
    """Return what the probabilities rest on, what was added to the record, and what stands beside them."""
    added = record_in_words(made.record, made.scenario.as_of, learned=made.learned)
    added = f" {added}" if added else ""
    if not made.learned:
        return (
            "Nothing is learned from the record: these are prior probabilities, with their Monte Carlo error."
            + added
        )
    ranged = (
        ", [low to high] the range over what the record cannot settle, where that matters"
        if made.scenario.questions
        else ""
    )
    return (
        f"Learned from the record as known then ({made.provenance['posterior']['particles']:,} particles);{added} "
        f"\u00b1 is the error of the computation, of members and of particles{ranged}."
    )


def _precise(made: Run) -> str:
    """Return which precision was asked for and reached, if one was."""
    reached = made.provenance.get("precision")
    if reached is None or not reached["met"]:
        return ""
    return (
        f"Every interval that holds nine in ten reaches {100 * reached['wanted']:.2g} points or less either way: so "
        "many members, and particles, it took."
    )


def _range_in_words(state: str) -> str:
    """Return what the range is over, and where more of it is told."""
    from sim.parameters import alternatives

    return (
        f"The range is over what sanctions are judged by: {'; '.join(item.short for item in alternatives(state))}. "
        "`serbia-sim show` has their priors, sanctions_rate and sanctions_slope."
    )


def _last(made: Run) -> list[Row]:
    rows = made.table("summary")
    return [row for row in rows if row["date"] == rows[-1]["date"]]


def _outcome(row: Row) -> str:
    if row["median"] is None:
        return per_cent(row["mean"], row["mcse"], width=5)
    median, low, high = (minus(f"{row[name]:.3g}") for name in ("median", "low", "high"))
    return f"{median}, nine in ten from {low} to {high}"


def answers(made: Run, compared: Contrast | None) -> dict[str, Any]:
    """Return what `run --json` prints."""

    def told(row: Row, *names: str) -> dict[str, Any]:
        return {name: row[name] for name in names}

    asked = ("id", "probability", "mcse", "low", "high", "pooled")
    return {
        **named(made),
        "days_beyond_record": made.days_beyond_record,
        "questions": [told(row, *asked) for row in made.table("questions")],
        "outcomes": {
            row["target"]: told(row, "median", "low", "high")
            for row in _last(made)
            if row["median"] is not None
        },
        **({} if compared is None else {"against": {**named(compared.baseline), **in_json(compared)}}),
    }
