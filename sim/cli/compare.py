"""`serbia-sim compare`: runs of the same members held against each other; of more than two one table."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from sim.cli import options
from sim.cli.errors import drawing, refuse
from sim.cli.options import RESULTS, argument, flag, load_run, option
from sim.cli.screen import beside, row, say, say_json, width, wrapped
from sim.words import STAR, change_in_words, judged_in_words, level, places_of, signed

if TYPE_CHECKING:
    from sim.contrasts import Contrast, Difference
    from sim.results import Run

_LABEL = 45  # where a row's words begin
_CELL = 9  # of the table of several runs
_NUMBERS = (
    *("baseline", "value", "difference", "low", "high", "judged_low", "judged_high"),
    *("unpaired_width", "variance_ratio", "discordant", "verdict"),
)
_POOLED = ("pooled_baseline", "pooled_value")


def compare(
    folders: Annotated[
        list[str],
        argument(
            "RUN",
            "Two runs or more, as folders or by scenario's name; the first is the baseline.",
            autocompletion=options.run_names,
        ),
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
    must share seed, members, origin, code and record; else the command ends with status 2. More runs than two are
    shown as one table, questions by runs.

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
    baseline, *others = [load_run(folder, output) for folder in folders]
    found = [contrast(run, baseline) for run in others]
    if as_json:
        shared = {name: baseline.provenance[name] for name in ("members", "seed", "as_of")}
        comparisons = [{**named(item.run), **in_json(item)} for item in found]
        say_json({"baseline": named(baseline), **shared, "comparisons": comparisons})
    elif as_csv:
        from sim.exports import differences_as_csv

        print(differences_as_csv(found), end="", flush=True)
    else:
        say(in_words(found[0]) if len(found) == 1 else _table(found))
    if save is not None:
        _draw(found[0], save)


def _draw(contrast: Contrast, path: Path) -> None:
    from sim import plots

    with drawing():
        plots.save(plots.contrast(contrast), path)
    print(path, file=sys.stderr)  # standard output holds the table, or one JSON object


def named(run: Run) -> dict[str, str]:
    """Return a run's scenario and folder, as every JSON object about a run has them."""
    return {"scenario": run.provenance["scenario"], "run": str(run.folder)}


def in_json(contrast: Contrast) -> dict[str, Any]:
    """Return the differences as `compare` and `run --against` print them."""

    def told(item: Difference, names: Sequence[str]) -> dict[str, Any]:
        return {name: getattr(item, name) for name in names}

    outcome, question = ("category", "date", "unit", *_NUMBERS), (*_NUMBERS, *_POOLED)
    return {
        "until": contrast.until,
        "assumed": contrast.assumed,
        "questions": [{"id": item.name, **told(item, question)} for item in contrast.questions],
        "outcomes": [{"target": item.name, **told(item, outcome)} for item in contrast.outcomes],
    }


def in_words(contrast: Contrast) -> Iterator[str]:
    """Yield the comparison as lines: what is assumed, the questions, the outcomes at the end."""
    made = contrast.run.provenance
    yield made["title"]
    yield f"against {contrast.baseline.provenance['title']}"
    yield from wrapped(
        f"The same {contrast.members:,} simulated histories, as known on {made['as_of']}, to {contrast.until}."
    )
    yield from wrapped(
        "In brackets what holds the model's own difference nine times in ten, by members and particles; in "
        f"braces its range over what the record cannot settle. {STAR}."
    )
    yield "Assumed otherwise:" if contrast.assumed else "Nothing is assumed otherwise."
    for words in contrast.assumed:
        yield from wrapped(words, "  ", "    ")
    if contrast.beliefs and contrast.run.learned:
        yield from wrapped(
            "Beliefs differ and each was learned with: the members share their luck from the origin on, not their "
            "pasts and parameters."
        )
    elif contrast.beliefs:
        yield from wrapped("Beliefs differ: the members share rows and luck, not their parameters' values.")
    yield from ("", f"{'baseline':>9}{'here':>9}  change (of per cent: points)")
    for item in contrast.questions:
        yield from _row(item, item.text)
    yield from ("", *wrapped(f"Outcomes at {contrast.until} (--json has every year's end)"))
    last = {(item.name, item.category): item for item in contrast.outcomes}  # each at its last date
    for item in last.values():
        date = "" if item.date == contrast.until else f", {item.date}"
        unit = "" if item.unit in ("probability", "share") else f", {item.unit}"
        mean = "" if item.unit == "probability" else "mean "
        yield from _row(item, mean + f"{item.name} {item.category}".strip() + unit + date)


def _row(item: Difference, words: str) -> list[str]:
    percent = item.unit in ("probability", "share")
    scale, most = (100.0, 2) if percent else (1.0, 3)
    levels = [level(value, percent=percent) for value in (item.baseline, item.value)]
    change = change_in_words(item, scale, places_of(scale * (item.high - item.low), most))
    if judged := judged_in_words(item.judged_low, item.judged_high, scale):
        words += f" {{{judged}}}"
    return beside(f"{row('', levels, 0, _CELL)}  {change}", words, _LABEL)


def _table(found: Sequence[Contrast]) -> Iterator[str]:
    """Yield the questions that all runs ask like the baseline, with each run's change and what it assumes."""
    first = found[0]
    made = first.baseline.provenance
    yield from wrapped(f"Against {made['title']}")
    yield from wrapped(f"The same {first.members:,} simulated histories, as known on {made['as_of']}.")
    yield from wrapped(
        f"The baseline in per cent, changes in points; 0 where no history differs. {STAR}. A comparison of two runs "
        "has intervals and outcomes; --csv and --json have all."
    )
    for number, each in enumerate(found, 1):
        words = "; ".join(each.assumed) or "nothing else is assumed"
        said = f"{each.run.provenance['scenario']}, to {each.until}: {words}"
        yield from wrapped(said, f"{number:>2}  ", "    ")
    asked = [{item.name: item for item in each.questions} for each in found]
    together = sum(max((item.together for item in each.differences), default=1) for each in found)
    columns = max((width() - _CELL) // _CELL, 1)
    for begin in range(0, len(found), columns):
        abreast = asked[begin : begin + columns]
        heads = [f"{place}" for place in range(begin + 1, begin + len(abreast) + 1)]
        yield from ("", row("", ["baseline", *heads], 0, _CELL))
        for name in (name for name in asked[0] if all(name in each for each in asked)):
            items = [each[name] for each in abreast]
            changes = [_change(replace(item, together=together)) for item in items]
            cells = row("", [f"{100.0 * items[0].baseline:.1f}", *changes], 0, _CELL)
            yield from beside(cells, items[0].text, len(cells) + 2)


def _change(item: Difference) -> str:
    if item.verdict == "same":
        return "0"
    return signed(100.0 * item.difference, 1) + ("*" if item.verdict in ("higher", "lower") else "")
