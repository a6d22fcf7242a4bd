"""Why, and on what: what each incentive does, what other assumptions would change, what is assumed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sim import words
from sim.contrasts import Contrast, Effect
from sim.contrasts.pairs import Pairs
from sim.parameters.table import alternatives, parameter_table
from sim.quantities.catalogue import QUANTITIES
from sim.record.country import load_country
from sim.record.observations import reference_class_count
from sim.report.tables import Cell, Interval, Row, Table
from sim.runs.results import Run
from sim.scenario import Event, Question
from sim.world.incentives import LEDGER

_FIRST = tuple(reversed(words.OUTCOMES))  # what the page is about stands first
_SIDES = {
    "higher": "raises it",
    "lower": "lowers it",
    "unclear": "cannot be told from chance",
    "same": "no difference",
}
_NUMBERS = ("baseline", "value", "difference", "low", "high", "verdict")


def departures_table(run: Run, departures: Sequence[Contrast], question: Question) -> Table:
    """Return what each departure does to a question, what raises it first."""
    asked = [(each, pairs) for each in departures for pairs in each.questions if pairs.name == question.id]
    asked.sort(key=lambda item: -item[1].difference)
    # judged together are the rows of this table, not all that a comparison of two runs would tell
    found = [(each, replace(pairs, together=len(asked))) for each, pairs in asked]
    rows: list[Row] = [
        [
            Cell(_short(each.run.scenario.title, run.scenario.title), assumed_in_words(each, run)),
            words.per_cent(pairs.value),
            Cell(
                words.change_in_words(pairs).replace(" ", words.HELD),
                words.acting(each.acts_after(pairs))
                or words.judged_in_words(pairs.judged_low, pairs.judged_high, after=" by judgement"),
                _interval(pairs),
            ),
            _SIDES[pairs.verdict],
        ]
        for each, pairs in found
    ]
    return Table(
        rows,
        data=[
            {
                **{"scenario": each.run.scenario.name, "title": each.run.scenario.title},
                "assumed": "; ".join(each.assumed),
                **{name: getattr(pairs, name) for name in (*_NUMBERS, "judged_low", "judged_high")},
            }
            for each, pairs in found
        ],
        words=_moved(rows),
    )


def incentives_table(run: Run, effects: Sequence[Effect]) -> Table:
    """Return what changes without each incentive, those that raise the chance of an opponent first."""
    of = {(effect.term, effect.outcome): effect for effect in effects}
    opponents = (effect for effect in effects if effect.outcome == "opponent")
    rows: list[Row] = []
    for opponent in sorted(opponents, key=lambda each: each.difference):
        # it is switched off here: what falls without it, it raises
        side = {"higher": "lower", "lower": "higher"}.get(opponent.verdict, opponent.verdict)
        term = opponent.term
        told, *others = (
            words.effect_in_words(of[term, name], name).replace(" ", words.HELD) for name in _FIRST
        )
        without = f"Without {run.country.fill(LEDGER[term].phrase)}"
        rows.append([without, Cell(told, interval=_interval(opponent)), *others, _SIDES[side]])
    return Table(
        rows,
        data=[
            {
                **{"incentive": each.term, "outcome": each.outcome, "members": each.members},
                **{name: getattr(each, name) for name in _NUMBERS},
            }
            for each in effects
        ],
        words=_moved(rows),
    )


def _interval(pairs: Pairs) -> Interval:
    return pairs.low, pairs.difference, pairs.high, pairs.verdict in ("higher", "lower")


def _short(title: str, base: str) -> str:
    """Return a title without the words before its colon, where it shares them with the other.

    >>> _short("Today: a ceasefire", "Today: ally or opponent?")
    'a ceasefire'
    """
    before, colon, after = title.partition(": ")
    return after if colon and base.startswith(before + colon) else title


def assumed_in_words(departure: Contrast, run: Run) -> str:
    """Return what a departure assumes: in its own words where it has some, else change by change."""
    described = departure.run.scenario.description
    if described and described != run.scenario.description:
        return described
    return "; ".join(departure.assumed) or "nothing is assumed otherwise"


def _moved(rows: Sequence[Row]) -> str:
    """Return in a sentence which rows of a table raise it and which lower it."""
    parts = []
    for side in ("raises it", "lowers it"):
        cells = [row[0] for row in rows if row[-1] == side]
        texts = [cell.text if isinstance(cell, Cell) else cell for cell in cells]
        names = "; ".join(text.removeprefix("Without ") for text in texts)
        parts.append(f"{words.sentence(side)}: {names or 'none that can be told from chance'}.")
    return " ".join(parts)


def assumptions_table(run: Run) -> Table:
    """Return events, beliefs that differ from the table, and other judgements, each with its source."""
    spec = run.scenario
    rows: list[Row] = [
        ["Event", Cell(str(event), _meanings(event, spec.state)), event.source] for event in spec.events
    ]
    rows += [
        ["Belief", f"{name}: {belief.prior.describe()}", belief.source]
        for name, belief in sorted(spec.parameters.items())
    ]
    if run.learned:
        others = alternatives(spec.state)
        rows += [["Other judgement, for the range", each.text, each.source] for each in others]
    return Table(rows)


def _meanings(event: Event, state: str) -> str:
    """Return what the quantities are that an event acts on."""
    names = dict.fromkeys(change.quantity for change in event.changes)
    of = ((name, QUANTITIES.get(name) or parameter_table(state)[name]) for name in names)
    return "; ".join(f"{name}: {load_country(state).fill(each.meaning)}" for name, each in of)


def parameters_table(run: Run) -> Table:
    """Return every parameter with what is believed about it before the record is learned from; for the file alone."""
    beliefs = run.scenario.parameter_set(reference_class_count(run.scenario.as_of, run.record))
    return Table(
        [
            [
                name,
                each.prior.describe(),
                each.unit,
                each.meaning,
                "yes" if each.learned else "no",
                each.source,
            ]
            for name, each in sorted(beliefs.items())
        ]
    )
