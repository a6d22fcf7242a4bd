"""`serbia-sim compare`: runs of the same members held against each other."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.drawing import drawing
from sim.cli.errors import WRONG_INPUT, fail
from sim.cli.runs import RESULTS, OutputOption, load_run, run_names
from sim.cli.screen import beside, wrapped
from sim.report.words import change_in_words, judged_in_words, places_of

if TYPE_CHECKING:
    from sim.contrasts import Contrast, Difference
    from sim.results import Run

_FEWEST = 2  # runs: one alone is compared with nothing
_LABEL = 45  # where a row's words begin
_POOLED = ("pooled_baseline", "pooled_value")


def compare(
    folders: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN",
            help="Two runs or more, as folders or by scenario's name; the first is the baseline.",
            autocompletion=run_names,
            show_default=False,
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of words.")] = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print CSV instead: a row for each run, question and outcome.")
    ] = False,
    save: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Draw the differences of two runs too; the suffix says how: .png, .svg or .pdf.",
            show_default=False,
        ),
    ] = None,
    output: OutputOption = RESULTS,
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
    from sim.contrasts import ContrastError, contrast

    if len(folders) < _FEWEST:
        fail(
            "one run alone is compared with nothing; name the baseline and one run or more",
            status=WRONG_INPUT,
        )
    if save is not None and len(folders) > _FEWEST:
        fail(f"--save draws two runs, not {len(folders)}; compare them two by two", status=WRONG_INPUT)
    baseline, *others = [load_run(folder, output) for folder in folders]
    try:
        found = [contrast(run, baseline) for run in others]
    except ContrastError as error:
        fail(str(error), status=WRONG_INPUT)
    if as_json:
        shared = {name: baseline.provenance[name] for name in ("members", "seed", "as_of")}
        comparisons = [{**named(item.run), **in_json(item)} for item in found]
        told = json.dumps({"baseline": named(baseline), **shared, "comparisons": comparisons}, indent=2)
    elif as_csv:
        from sim.exports import differences_as_csv

        told = differences_as_csv(found).rstrip("\n")
    elif len(found) > 1:
        from sim.cli.compare_table import table_in_words

        told = table_in_words(found)
    else:
        told = in_words(found[0])
    print(told, flush=True)
    if save is not None:
        _draw(found[0], save)


def _draw(contrast: Contrast, path: Path) -> None:
    from sim import plots

    with drawing():
        plots.save(plots.contrast(contrast), path)
    print(path, file=sys.stderr)  # standard output holds the table, or one JSON object


def in_json(contrast: Contrast) -> dict[str, Any]:
    """Return the differences as `compare` and `run --against` print them."""
    return {
        "until": str(contrast.until),
        "assumed": list(contrast.assumed),
        "questions": [
            {"id": item.name, **_numbers(item), **{name: getattr(item, name) for name in _POOLED}}
            for item in contrast.questions
        ],
        "outcomes": [
            {
                "target": item.name,
                "category": item.category,
                "date": str(item.date),
                "unit": item.unit,
                **_numbers(item),
            }
            for item in contrast.outcomes
        ],
    }


def in_words(contrast: Contrast) -> str:
    """Return the comparison as a text: what is assumed, the questions, the outcomes at the end."""
    made = contrast.run.provenance
    lines = [
        made["title"],
        f"against {contrast.baseline.provenance['title']}",
        *wrapped(
            f"The same {contrast.members:,} simulated histories, as known on {made['as_of']}, to {contrast.until}."
        ),
        *wrapped(
            "In brackets what holds the model's own difference nine times in ten, by members and particles; in "
            "braces its range over what the record cannot settle. * is not chance: of ten such tables in which "
            "nothing differs, nine have none."
        ),
        "Assumed otherwise:" if contrast.assumed else "Nothing is assumed otherwise.",
        *(line for words in contrast.assumed for line in wrapped(words, "  ", "    ")),
    ]
    if contrast.beliefs and contrast.run.learned:
        lines += wrapped(
            "Beliefs differ and each was learned with: the members share their luck from the origin on, not their "
            "pasts and parameters."
        )
    elif contrast.beliefs:
        lines += wrapped("Beliefs differ: the members share rows and luck, not their parameters' values.")
    lines += ["", f"{'baseline':>9}{'here':>9}  change (of per cent: points)"]
    for item in contrast.questions:
        lines += _row(item, item.text)
    lines += ["", *wrapped(f"Outcomes at {contrast.until} (--json has every year's end)")]
    for item in _last(contrast):
        date = "" if item.date == contrast.until else f", {item.date}"
        unit = "" if item.unit in ("probability", "share") else f", {item.unit}"
        mean = "" if item.unit == "probability" else "mean "
        lines += _row(item, mean + " ".join([item.name, item.category]).strip() + unit + date)
    return "\n".join(lines)


def _row(item: Difference, words: str) -> list[str]:
    percent = item.unit in ("probability", "share")
    scale, most = (100.0, 2) if percent else (1.0, 3)
    levels = [f"{100.0 * v:.1f} %" if percent else f"{v:.3g}" for v in (item.baseline, item.value)]
    change = change_in_words(item, scale, places_of(scale * (item.high - item.low), most))
    if judged := judged_in_words(item, scale):
        words += f" {{{judged}}}"
    return beside(f"{levels[0]:>9}{levels[1]:>9}  {change}", words, _LABEL)


def _last(contrast: Contrast) -> list[Difference]:
    """Return each outcome at the last date for which it is there."""
    found = {(item.name, item.category): item for item in contrast.outcomes}
    return list(found.values())


def _numbers(item: Difference) -> dict[str, Any]:
    names = ("baseline", "value", "difference", "low", "high")
    more = ("judged_low", "judged_high", "unpaired_width", "variance_ratio", "discordant", "verdict")
    return {name: getattr(item, name) for name in names + more}


def named(run: Run) -> dict[str, str]:
    """Return a run's scenario and folder."""
    return {"scenario": run.provenance["scenario"], "run": str(run.folder)}
