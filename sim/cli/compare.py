"""Answers in words and as JSON: of a run, as `run` prints them; of runs against one another, as `compare` does."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from sim import words
from sim.cli import options
from sim.cli.errors import drawing, refuse
from sim.cli.options import RESULTS, flag, load_runs, option, runs
from sim.cli.scenarios import record_in_words
from sim.cli.screen import Part, Text, answer, beside, picked, row, width, wrapped

if TYPE_CHECKING:
    from datetime import date

    from sim.contrasts import Contrast, Difference
    from sim.names import Row
    from sim.registry.truth import Answer
    from sim.results import Run

_PLAIN, _RANGED = 20, 29  # where a question's words begin, after its probability alone or with its range
_OUTCOME = 28
_CHANGED = 45  # where the words of a change begin
_CELL = 9  # of the table of several runs
_NUMBERS = (
    *("baseline", "value", "difference", "low", "high", "judged_low", "judged_high"),
    *("unpaired_width", "variance_ratio", "discordant", "verdict"),
)
_QUESTION = (*_NUMBERS, "pooled_baseline", "pooled_value")
_OUTCOME_COLUMNS = ("category", "date", "unit", *_NUMBERS)


def compare(
    folders: Annotated[
        list[str], runs("Two runs or more, as folders or by scenario's name; the first is the baseline.")
    ],
    as_json: options.Json = False,
    as_csv: Annotated[
        bool, flag("--csv", "Print CSV instead: a row for each run, question and outcome.")
    ] = False,
    save: Annotated[
        Path | None,
        option("FILE", "Draw the differences of two runs too; the suffix says how: .png, .svg or .pdf."),
    ] = None,
    output: options.Output = RESULTS,
) -> None:
    """Compare runs member by member with the first: same members, same luck, other assumptions.

    Changes are run less baseline, with the interval that holds nine in ten: of the simulation, not of the model. Runs
    must share seed, members, origin, code and record; else the command ends with status 2. Where a scenario has several
    runs, the newest that do are taken. More runs than two are shown as one table, questions by runs.

    The JSON object has baseline {scenario, run}, members, seed, as_of and comparisons, each with scenario, run, until,
    assumed, questions and outcomes. A question has id, an outcome target, category, date and unit; both have baseline,
    value, difference, low, high, judged_low, judged_high (of questions, sanctions and posture: the range over what the
    record cannot settle), unpaired_width, variance_ratio, discordant and verdict (same, unclear, higher, lower). A
    question has pooled_baseline and pooled_value too, the probabilities by the baseline's pooled forecast, or null.
    """
    from sim.contrasts import contrast

    if len(folders) == 1:
        refuse("one run alone is compared with nothing; name the baseline and one run or more")
    if save is not None and len(folders) > 2:
        refuse(f"--save draws two runs, not {len(folders)}; compare them two by two")
    baseline, *others = load_runs(folders, output)
    found = [contrast(run, baseline) for run in others]
    if as_csv and not as_json:
        from sim.exports import differences_as_csv

        print(differences_as_csv(found), end="", flush=True)
    else:
        told = {
            "baseline": named(baseline),
            **picked(baseline.provenance, "members", "seed", "as_of"),
            "comparisons": [{**named(each.run), **_changes_in_json(each)} for each in found],
        }
        answer(as_json, told, _changes(found[0]) if len(found) == 1 else _table(found))
    if save is not None:
        from sim import plots

        with drawing():
            plots.save(plots.contrast(found[0]), save)
        print(save, file=sys.stderr)  # standard output holds the table, or one JSON object


def named(run: Run) -> dict[str, str]:
    """Return a run's scenario and folder, as every JSON object about a run has them."""
    return {"scenario": run.provenance["scenario"], "run": str(run.folder)}


def headline(made: Run, compared: Contrast | None, *, known: bool) -> Iterator[Part]:
    """Yield what `run` prints: the scenario's questions with probability, error and range, and what --against adds."""
    from sim.parameters import alternatives
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
    yield (_answered(each, _RANGED if made.learned else _PLAIN) for each in answers)
    if any(each.pooled for each in answers):
        yield words.POOLED
    if made.learned and answers:
        yield (
            "The range is over what sanctions are judged by: "
            f"{'; '.join(item.short for item in alternatives(spec.state))}. "
            "`serbia-sim show` has their priors, sanctions_rate and sanctions_slope."
        )
    if not answers:
        yield (beside(f"{row['target']} {row['category']}", _outcome(row), _OUTCOME) for row in _last(made))
    yield from () if compared is None else _changes(compared)
    against = [] if compared is None else [f"Compared with: {compared.baseline.folder}"]
    yield [[*against, f"{'Found' if known else 'Written'}: {made.folder}"]]


def _basis(made: Run) -> str:
    """Return what the probabilities rest on, what was added to the record, and what stands beside them."""
    said = record_in_words(made.record, made.scenario.as_of, learned=made.learned)
    if not made.learned:
        basis = (
            "Nothing is learned from the record: these are prior probabilities. \u00b1 is one standard error, of "
            "members."
        )
        return f"{basis} {said}" if said else basis
    particles = f"{made.provenance['posterior']['particles']:,} particles"
    basis = f"Learned from the record as known then ({particles}); {said}"
    error = "\u00b1 is one standard error, of members and of particles"
    if made.scenario.questions:
        error += ", [low to high] the range over what the record cannot settle, where that matters"
    return f"{basis.rstrip()} {error}."


def _answered(answer: Answer, indent: int) -> list[str]:
    cells = words.per_cent(answer.model, answer.mcse, width=5)
    if ranged := words.judged(answer.low, answer.high, width=2):
        cells = f"{cells:<15}[{ranged}]"
    pooled = f"Pooled: {100 * answer.probability:.0f}{words.HELD}%." if answer.pooled else ""
    came = f"It came: {answer.came}." if answer.came else ""
    return beside(cells, " ".join(filter(None, (answer.question.text, pooled, came))), indent)


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
        told["against"] = {**named(compared.baseline), **_changes_in_json(compared)}
    return told


def _changes_in_json(contrast: Contrast) -> dict[str, Any]:
    def told(item: Difference, names: Sequence[str]) -> dict[str, Any]:
        return {name: getattr(item, name) for name in names}

    return {
        "until": contrast.until,
        "assumed": contrast.assumed,
        "questions": [{"id": item.name, **told(item, _QUESTION)} for item in contrast.questions],
        "outcomes": [{"target": item.name, **told(item, _OUTCOME_COLUMNS)} for item in contrast.outcomes],
    }


def _changes(contrast: Contrast) -> Iterator[Part]:
    """Yield a comparison in parts: what is assumed, the questions, the outcomes at the end."""
    made, apart = contrast.run.provenance, ""
    if contrast.beliefs and contrast.run.learned:
        apart = (
            "Beliefs differ and each was learned with: the members share their luck from the origin on, not their "
            "pasts and parameters."
        )
    elif contrast.beliefs:
        apart = "Beliefs differ: the members share rows and luck, not their parameters' values."
    yield [
        [made["title"], f"against {contrast.baseline.provenance['title']}"],
        f"The same {contrast.members:,} simulated histories, as known on {made['as_of']}, to {contrast.until}.",
        "In brackets what holds the model's own difference nine times in ten, by members and particles; in "
        f"braces its range over what the record cannot settle. {words.STAR}.",
        "Assumed otherwise:" if contrast.assumed else "Nothing is assumed otherwise.",
        *(wrapped(change, "  ", "    ") for change in contrast.assumed),
        apart,
    ]
    heads = row("", ["baseline", "here"], 0, _CELL) + "  change (of per cent: points)"
    yield [[heads], *(_changed(item, item.text, contrast) for item in contrast.questions)]
    last = {(item.name, item.category): item for item in contrast.outcomes}  # each at its last date
    outcomes = [_changed(item, _of_outcome(item, contrast.until), contrast) for item in last.values()]
    yield [f"Outcomes at {contrast.until} (--json has every year's end)", *outcomes]


def _of_outcome(item: Difference, until: date) -> str:
    day = "" if item.date == until else f", {item.date}"
    unit = "" if item.unit in ("probability", "share") else f", {item.unit}"
    mean = "" if item.unit == "probability" else "mean "
    return mean + f"{item.name} {item.category}".strip() + unit + day


def _changed(item: Difference, text: str, contrast: Contrast) -> list[str]:
    percent = item.unit in ("probability", "share")
    scale, most = (100.0, 2) if percent else (1.0, 3)
    levels = [words.level(value, percent=percent) for value in (item.baseline, item.value)]
    change = words.change_in_words(item, scale, words.places_of(scale * (item.high - item.low), most))
    if ranged := words.judged_in_words(item.judged_low, item.judged_high, scale):
        text += f" {{{ranged}}}"
    if acts := words.acting(contrast.acts_after(item)):
        text += f" ({acts})"
    return beside(f"{row('', levels, 0, _CELL)}  {change}", text, _CHANGED)


def _table(found: Sequence[Contrast]) -> Iterator[Part]:
    """Yield the questions that all runs ask like the baseline, with each run's change and what it assumes."""
    first, made = found[0], found[0].baseline.provenance
    said = [
        f"{each.run.provenance['scenario']}, to {each.until}: "
        f"{'; '.join(each.assumed) or 'nothing else is assumed'}"
        for each in found
    ]
    yield [
        f"Against {made['title']}",
        f"The same {first.members:,} simulated histories, as known on {made['as_of']}.",
        "The baseline in per cent, changes in points; 0 where no history differs, as none can until what is assumed "
        f"acts. {words.STAR}. A comparison of two runs has intervals and outcomes; --csv and --json have all.",
        *(wrapped(run, f"{number:>2}  ", "    ") for number, run in enumerate(said, 1)),
    ]
    asked = [{item.name: item for item in each.questions} for each in found]
    shared = [name for name in asked[0] if all(name in each for each in asked)]
    differ = [each[name].discordant > 0 for each in asked for name in shared]
    together = max(sum(differ), 1)
    columns = max((width() - _CELL) // _CELL, 1)
    for begin in range(0, len(found), columns):
        abreast = asked[begin : begin + columns]
        heads = [f"{place}" for place in range(begin + 1, begin + len(abreast) + 1)]
        table: list[Text] = [[row("", ["baseline", *heads], 0, _CELL)]]
        for name in shared:
            items = [replace(each[name], together=together) for each in abreast]
            cells = row("", [f"{100.0 * items[0].baseline:.1f}", *map(_change, items)], 0, _CELL)
            table.append(beside(cells, items[0].text, len(cells) + 2))
        yield table


def _change(item: Difference) -> str:
    if item.verdict == "same":
        return "0"
    return words.signed(100.0 * item.difference, 1) + ("*" if item.verdict in ("higher", "lower") else "")
