"""What a run answers, as `run` prints it: in words, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sim import words
from sim.cli.compare import changes, changes_in_json
from sim.cli.scenarios import record_in_words
from sim.cli.screen import Part, named, picked, table, wrapped

if TYPE_CHECKING:
    from sim.contrasts import Contrast
    from sim.names import Row
    from sim.registry.truth import Answer
    from sim.runs.results import Run


def headline(made: Run, compared: Contrast | None, *, known: bool) -> Iterator[Part]:
    """Yield what `run` prints: the scenario's questions with probability, error and range, and what --against adds."""
    from sim.parameters.table import alternatives
    from sim.registry.truth import answers_of

    spec, answers = made.scenario, answers_of(made)
    assumed = spec.events if compared is None else ()  # --against shows them in full
    reached = made.provenance.get("precision")
    precise = (
        f"Every interval that holds nine in ten reaches {100 * reached['wanted']:.2g} points or less either way: so "
        "many members, and particles, it took."
        if reached and reached["met"]
        else ""
    )
    yield [
        spec.title,
        f"As known on {words.day_in_words(spec.as_of)}; {words.histories(made.provenance['members'])} to "
        f"{words.day_in_words(spec.until)}, seed{words.HELD}{made.provenance['seed']}.",
        _basis(made),
        words.beyond(made.days_beyond_record, made.record_ends),
        precise,
        *(wrapped(f"Assumed {event} ({event.source}).", more="  ") for event in assumed),
    ]
    yield [table(map(_answered, answers), "<", prose=True)]
    if any(each.pooled for each in answers):
        yield words.POOLED
    if made.learned and answers:
        yield (
            "The range is over what sanctions are judged by: "
            f"{'; '.join(item.short for item in alternatives(spec.state))}. "
            "`serbia-sim show` has their priors, sanctions_rate and sanctions_slope."
        )
    if not answers:
        rows = ((f"{row['target']} {row['category']}", _outcome(row)) for row in _last(made))
        yield [table(rows, prose=True)]
    yield from () if compared is None else changes(compared)
    against = [] if compared is None else [f"Compared with: {compared.baseline.folder}"]
    yield [[*against, f"{'Found' if known else 'Written'}: {made.folder}"]]


def _basis(made: Run) -> str:
    """Return what the probabilities rest on, what was added to the record, and what stands beside them."""
    said = record_in_words(made.record, made.scenario.as_of, learned=made.learned)
    if not made.learned:
        return (
            "Nothing is learned from the record: these are prior probabilities. \u00b1 is one standard error, of "
            f"members. {said}"
        )
    particles = f"{made.provenance['posterior']['particles']:,} particles"
    basis = f"Learned from the record as known then ({particles}); {said}"
    error = "\u00b1 is one standard error, of members and of particles"
    if made.scenario.questions:
        error += ", [low to high] the range over what the record cannot settle, where that matters"
    return f"{basis.rstrip()} {error}."


def _answered(answer: Answer) -> tuple[str, str, str]:
    ranged = words.judged(answer.low, answer.high, width=2)
    pooled = f"Pooled: {100 * answer.probability:.0f}{words.HELD}%." if answer.pooled else ""
    came = f"It came: {answer.came}." if answer.came else ""
    text = " ".join(filter(None, (answer.question.text, pooled, came)))
    chance = words.per_cent(answer.model, answer.mcse, width=5)
    return f"{chance:<{_CHANCE}}", f"[{ranged}]" if ranged else "", text


_CHANCE = len("100.0 % \u00b1 11.4")  # so that two runs are laid out alike


def _last(made: Run) -> list[Row]:
    rows = made.table("summary")
    return [row for row in rows if row["date"] == rows[-1]["date"]]


def _outcome(row: Row) -> str:
    if row["median"] is None:
        return words.per_cent(row["mean"], row["mcse"], width=5)
    median, low, high = (words.minus(f"{row[name]:.3g}") for name in ("median", "low", "high"))
    return f"{median}, nine in ten from {low} to {high}"


def headline_in_json(made: Run, compared: Contrast | None) -> dict[str, Any]:
    """Return what `run --json` prints."""
    asked, outcome = ("id", "probability", "mcse", "low", "high", "pooled"), ("median", "low", "high")
    last = [row for row in _last(made) if row["median"] is not None]
    told = {
        **named(made),
        "days_beyond_record": made.days_beyond_record,
        "questions": [picked(row, *asked) for row in made.table("questions")],
        "outcomes": {row["target"]: picked(row, *outcome) for row in last},
    }
    if compared is not None:
        told["against"] = {**named(compared.baseline), **changes_in_json(compared)}
    return told
