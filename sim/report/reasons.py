"""Why: what each incentive does in the model, and what other assumptions would change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.contrasts import Effect
from sim.contrasts.departures import Departure
from sim.contrasts.pairs import Pairs
from sim.incentives import LEDGER
from sim.report.tables import Cell, Row, Table, marks
from sim.words import (
    HELD,
    OUTCOMES,
    change_in_words,
    day_in_words,
    effect_in_words,
    judged_in_words,
    per_cent,
    sentence,
)

if TYPE_CHECKING:
    from sim.results import Run
    from sim.scenario import Question

_FIRST = tuple(reversed(OUTCOMES))  # what the page is about stands first
_SIDES = {
    "higher": "raises it",
    "lower": "lowers it",
    "unclear": "cannot be told from chance",
    "same": "no difference",
}
_NUMBERS = ("baseline", "value", "difference", "low", "high", "verdict")
_INTERVAL = (
    "in brackets what holds the model's own difference nine times in ten; * and a full dot: no accident of the draws, "
    "since of ten such tables in which nothing differs, nine have no such mark"
)


def departures_table(run: Run, departures: Sequence[Departure], question: Question) -> Table:
    """Return what each departure does to a question, what raises it first."""
    found = [(each, pairs) for each in departures for pairs in each.questions if pairs.name == question.id]
    found.sort(key=lambda item: -item[1].difference)
    drawn = marks([_interval(pairs) for _, pairs in found])
    rows: list[Row] = []
    data: list[Sequence[object]] = [["scenario", "title", "assumed", *_NUMBERS, "judged_low", "judged_high"]]
    for (each, pairs), mark in zip(found, drawn, strict=True):
        change = change_in_words(pairs).replace(" ", HELD)
        what = Cell(_short(each.scenario.title, run.scenario.title), assumed_in_words(each, run))
        told = Cell(change, judged_in_words(pairs, after=" by judgement"), mark)
        rows.append([what, per_cent(pairs.value), told, _SIDES[pairs.verdict]])
        numbers = [*(getattr(pairs, name) for name in _NUMBERS), pairs.judged_low, pairs.judged_high]
        data.append([each.scenario.name, each.scenario.title, "; ".join(each.assumed), *numbers])
    baseline = f", from {per_cent(found[0][1].baseline)}" if found else ""
    return Table(
        f"{question.text} What each would change, by the model{baseline}",
        ("If so", "Then", "Change, points of per cent", "Effect"),
        rows,
        f"the same {departures[0].members:,} histories with the same luck, simulated under each assumption; "
        f"{_INTERVAL}; beneath, the range of the difference over what the record cannot settle",
        "departures.csv",
        data,
    )


def incentives_table(run: Run, effects: Sequence[Effect]) -> Table:
    """Return what changes without each incentive, those that raise the chance of an opponent first."""
    by_term: dict[str, dict[str, Effect]] = {}
    for effect in effects:
        by_term.setdefault(effect.term, {})[effect.outcome] = effect
    terms = sorted(by_term, key=lambda term: by_term[term]["opponent"].difference)
    drawn = marks([_interval(by_term[term]["opponent"]) for term in terms])
    rows: list[Row] = []
    for term, mark in zip(terms, drawn, strict=True):
        opponent = by_term[term]["opponent"]
        # it is switched off here: what falls without it, it raises
        side = {"higher": "lower", "lower": "higher"}.get(opponent.verdict, opponent.verdict)
        told, *others = (effect_in_words(by_term[term][name]).replace(" ", HELD) for name in _FIRST)
        without = f"Without {run.country.fill(LEDGER[term].phrase)}"
        rows.append([without, Cell(told, mark=mark), *others, _SIDES[side]])
    data: list[Sequence[object]] = [["incentive", "outcome", "members", *_NUMBERS]]
    data += [[e.term, e.outcome, e.members, *(getattr(e, name) for name in _NUMBERS)] for e in effects]
    return Table(
        f"Each incentive switched off from the origin on: what changes to {day_in_words(run.scenario.until)}",
        ("Switched off", *(f"Change: {OUTCOMES[name]}" for name in _FIRST), "So, switched on"),
        rows,
        f"attribution.csv: the first {effects[0].members:,} histories replayed without each incentive, all else equal; "
        "chances in points of per cent; the lean, in logits, is how far it leans to the EU's line; "
        + _INTERVAL,
        "attribution.csv",
        data,
    )


def _short(title: str, base: str) -> str:
    """Return a title without the words before its colon, where it shares them with the other.

    >>> _short("Today: a ceasefire", "Today: ally or opponent?")
    'a ceasefire'
    """
    before, colon, after = title.partition(": ")
    return after if colon and base.startswith(before + colon) else title


def assumed_in_words(departure: Departure, run: Run) -> str:
    """Return what a departure assumes: in its own words where it has some, else change by change."""
    described = departure.scenario.description
    if described and described != run.scenario.description:
        return described
    return "; ".join(departure.assumed) or "nothing is assumed otherwise"


def moved(table: Table) -> str:
    """Return in a sentence which rows of a table raise it and which lower it."""
    parts = []
    for side in ("raises it", "lowers it"):
        cells = [row[0] for row in table.rows if row[-1] == side]
        texts = [cell.text if isinstance(cell, Cell) else cell for cell in cells]
        names = [text.removeprefix("Without ") for text in texts]
        parts.append(
            f"{sentence(side)}: {'; '.join(names) if names else 'none that can be told from chance'}."
        )
    return " ".join(parts)


def _interval(pairs: Pairs) -> tuple[float, float, float, bool]:
    return pairs.low, pairs.difference, pairs.high, pairs.verdict in ("higher", "lower")
