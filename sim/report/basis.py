"""What the answer rests on: assumptions with their sources, what is not claimed, how to make it again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.catalogue import QUANTITIES
from sim.country import load_country
from sim.forecasting import alternatives
from sim.observations import reference_class_count
from sim.parameters import parameter_table
from sim.report.tables import Cell, Row, Table
from sim.words import beyond

if TYPE_CHECKING:
    from sim.results import Run
    from sim.scenario import Event

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
    return [*own, *filter(None, [beyond(run)]), *NOT_CLAIMED]


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
