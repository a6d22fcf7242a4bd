"""`serbia-sim compare`: runs against one another, in words and as JSON; `run --against` says the same of two."""

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
from sim.cli.screen import Part, answer, named, picked, table, width, wrapped

if TYPE_CHECKING:
    from datetime import date

    from sim.contrasts import Contrast, Difference

_NUMBERS = (
    *("baseline", "value", "difference", "low", "high", "judged_low", "judged_high"),
    *("unpaired_width", "variance_ratio", "discordant", "verdict"),
)
_QUESTION = (*_NUMBERS, "pooled_baseline", "pooled_value")
_OUTCOME = ("category", "date", "unit", *_NUMBERS)


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
            "comparisons": [{**named(each.run), **changes_in_json(each)} for each in found],
        }
        answer(as_json, told, changes(found[0]) if len(found) == 1 else _table(found))
    if save is not None:
        from sim import plots

        with drawing():
            plots.save(plots.contrast(found[0]), save)
        print(save, file=sys.stderr)  # standard output holds the table, or one JSON object


def changes_in_json(contrast: Contrast) -> dict[str, Any]:
    """Return what `compare --json` says of a run and its baseline."""

    def told(item: Difference, names: Sequence[str]) -> dict[str, Any]:
        return {name: getattr(item, name) for name in names}

    return {
        "until": contrast.until,
        "assumed": contrast.assumed,
        "questions": [{"id": item.name, **told(item, _QUESTION)} for item in contrast.questions],
        "outcomes": [{"target": item.name, **told(item, _OUTCOME)} for item in contrast.outcomes],
    }


def changes(contrast: Contrast) -> Iterator[Part]:
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
        f"braces its range over what the record cannot settle; of per cent in points. {words.STAR}.",
        "Assumed otherwise:" if contrast.assumed else "Nothing is assumed otherwise.",
        *(wrapped(change, "  ", "    ") for change in contrast.assumed),
        apart,
    ]
    yield [
        table(
            [_HEADS, *(_changed(item, _acting(item, item.text, contrast)) for item in contrast.questions)],
            ">><",
            prose=True,
        )
    ]
    last = {(item.name, item.category): item for item in contrast.outcomes}  # each at its last date
    outcomes = [
        _changed(item, _acting(item, _of_outcome(item, contrast.until), contrast)) for item in last.values()
    ]
    yield [
        f"Outcomes at {contrast.until} (--json has every year's end)",
        table([_HEADS, *outcomes], ">><", prose=True),
    ]


_HEADS = ("baseline", "here", "change", "")


def _acting(item: Difference, text: str, contrast: Contrast) -> str:
    acts = words.acting(contrast.acts_after(item))
    return f"{text} ({acts})" if acts else text


def _of_outcome(item: Difference, until: date) -> str:
    day = "" if item.date == until else f", {item.date}"
    unit = "" if item.unit in ("probability", "share") else f", {item.unit}"
    mean = "" if item.unit == "probability" else "mean "
    return mean + f"{item.name} {item.category}".strip() + unit + day


def _changed(item: Difference, text: str) -> tuple[str, str, str, str]:
    percent = item.unit in ("probability", "share")
    scale, most = (100.0, 2) if percent else (1.0, 3)
    baseline, here = (words.level(value, percent=percent) for value in (item.baseline, item.value))
    change = words.change_in_words(item, scale, words.places_of(scale * (item.high - item.low), most))
    if ranged := words.judged_in_words(item.judged_low, item.judged_high, scale):
        text += f" {{{ranged}}}"
    return baseline, here, change, text


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
        "Changes in points, in brackets what holds the model's own difference nine times in ten. "
        f"{words.STAR}. Before what a run assumes acts there is no difference. A comparison of two runs has outcomes; "
        "--csv and --json have all.",
        *(wrapped(run, f"{number:>2}  ", "    ") for number, run in enumerate(said, 1)),
    ]
    asked = [{item.name: item for item in each.questions} for each in found]
    shared = [name for name in asked[0] if all(name in each for each in asked)]
    together = max(sum(each[name].discordant > 0 for each in asked for name in shared), 1)
    rows = [("baseline", [f"{place}" for place in range(1, len(found) + 1)], "question")]
    for name in shared:
        told = [_changed(replace(each[name], together=together), "") for each in asked]
        rows.append((told[0][0], [change for _, _, change, _ in told], asked[0][name].text))
    abreast = max((width() - len("baseline")) // _CELL, 1)
    for begin in range(0, len(found), abreast):
        part = ((level, *changes[begin : begin + abreast], text) for level, changes, text in rows)
        yield [table(part, "><", prose=True)]


_CELL = 23  # columns of a change with its interval
