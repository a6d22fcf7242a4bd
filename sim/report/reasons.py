"""Why, and on what: what each incentive does, what other assumptions would change, what is assumed and not claimed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.catalogue import QUANTITIES
from sim.contrasts import Effect
from sim.contrasts.departures import Departure
from sim.contrasts.pairs import Pairs
from sim.country import load_country
from sim.incentives import LEDGER
from sim.observations import reference_class_count
from sim.parameters import alternatives, parameter_table
from sim.report.tables import Cell, Row, Table, marks
from sim.words import (
    HELD,
    OUTCOMES,
    beyond,
    change_in_words,
    day_in_words,
    effect_in_words,
    judged_in_words,
    per_cent,
    sentence,
)

if TYPE_CHECKING:
    from sim.results import Run
    from sim.scenario import Event, Question

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
        told = Cell(change, judged_in_words(pairs.judged_low, pairs.judged_high, after=" by judgement"), mark)
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
        told, *others = (effect_in_words(by_term[term][name], name).replace(" ", HELD) for name in _FIRST)
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


NOT_CLAIMED = (
    "That the model is right. \u00b1 is the error of finitely many histories and of the learning; the range is over "
    "what sanctions are judged by. Neither says how far the model may be from the world.",
    "That the incentives are measured. The record of one state does not tell them apart, their weights are mostly "
    "judgement, and in the hindcast a model without them scored the same. What a change of assumptions does rests on "
    "theory: its sign is an argument, its size a range.",
    "That past scores promise the next one. Whoever wrote the priors knew those years: the hindcast can show that a "
    "forecast is bad, not that it will be good.",
    "That any one history will come. Each dot is as likely as any other, and tells how things could hang together.",
    "That nothing else can happen. A war in the region, a death, a decision that no equation here has, is not in it.",
)
"""What a reader should not take from the page; the second by docs/scorecard.md."""


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
        others = alternatives(run.scenario.state)
        rows += [["Other judgement, for the range", each.text, each.source] for each in others]
    return Table(
        "Assumed for this forecast",
        ("Kind", "What", "Source"),
        rows,
        f"scenario.toml of run {run.provenance['digest']}, and the model's table of judgements",
        "assumptions.csv",
    )


def _meanings(event: Event, state: str) -> str:
    """Return what the quantities are that an event acts on."""
    names = dict.fromkeys(change.quantity for change in event.changes)
    of = ((name, QUANTITIES.get(name) or parameter_table(state)[name]) for name in names)
    return "; ".join(f"{name}: {load_country(state).fill(each.meaning)}" for name, each in of)


def parameters_table(run: Run) -> Table:
    """Return every parameter with what is believed about it before the record is learned from; for the file alone."""
    beliefs = run.scenario.parameter_set(reference_class_count(run.scenario.as_of, run.record))
    rows = [
        [name, each.prior.describe(), each.unit, each.meaning, "yes" if each.learned else "no", each.source]
        for name, each in sorted(beliefs.items())
    ]
    heads = ("parameter", "belief", "unit", "meaning", "learned", "source")
    return Table(
        f"{len(rows)} parameters with what is believed of each before anything is learned, unit, meaning and source",
        heads,
        rows,
        "the model's table of parameters, with the scenario's beliefs",
        "parameters.csv",
    )


def limits_of(run: Run) -> list[str]:
    """Return what the page does not claim."""
    own = [] if run.learned else ["That anything was learned from the record: these are prior probabilities."]
    return [*own, *filter(None, [beyond(run.days_beyond_record, run.record_ends)]), *NOT_CLAIMED]


def repeated(run: Run) -> Sequence[tuple[str, str]]:
    """Return what makes a run again, by name: the command, seeds, digests and versions."""
    made = run.provenance
    learned = made["posterior"]
    learning = f"{learned['particles']:,}, {learned['seed']}" if learned else "nothing was learned"
    versions, environment = (
        ", ".join(f"{name} {version}" for name, version in sorted(made[of].items()))
        for of in ("software", "environment")
    )
    found = [
        ("Command", made["command"]),
        ("Made", f"{made['made']}, in {sum(made['seconds'].values()):.0f} seconds"),
        ("Histories, seed", f"{made['members']:,}, {made['seed']}"),
        ("Particles, seed of learning", learning),
        ("Run", made["digest"]),
        ("Code and tables", made["content"]),
        ("Record", f"{made['record']['digest']}, to {run.record_ends}"),
        ("Versions", versions),
        ("Environment", environment),
    ]
    return [(name, str(value)) for name, value in found]
