"""The commands that hold forecasts against what came: hindcast, score."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.errors import INTERRUPTED, WRONG_INPUT, fail, tell
from sim.cli.learning import SeedOption
from sim.cli.progress import progress

if TYPE_CHECKING:
    import pandas as pd

    from sim.verification import RunScore, Scorecard

_RESULTS = Path("results") / "scorecard"
_DAY = ["%Y-%m-%d"]


def hindcast(
    first: Annotated[
        datetime,
        typer.Option("--from", formats=_DAY, metavar="DATE", help="The first origin, a first of a month."),
    ] = datetime(2016, 1, 1),
    last: Annotated[
        datetime | None,
        typer.Option(
            "--to",
            formats=_DAY,
            metavar="DATE",
            help="No origin after this day.",
            show_default="the last that can be scored",
        ),
    ] = None,
    every: Annotated[
        int, typer.Option(min=1, metavar="MONTHS", help="Months from one origin to the next.")
    ] = 6,
    leads: Annotated[
        str, typer.Option(metavar="LIST", help="Months ahead, separated by commas.")
    ] = "6,12,24",
    members: Annotated[int, typer.Option(min=1, help="Ensemble members of each forecast.")] = 4096,
    particles: Annotated[int, typer.Option(min=16, help="Particles that learn from the record.")] = 4096,
    seed: SeedOption = 1,
    workers: Annotated[
        int, typer.Option(min=1, help="Processes; the numbers are the same with any number.")
    ] = 1,
    output: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the scorecard.")] = _RESULTS,
) -> None:
    """Forecast from past origins, score against what came, and print the scorecard.

    At each origin the model knows the rows of the record that were known then, and so do its rivals: persistence,
    climatology, random walk with drift, local level, ETS, ARIMA, the rule of succession. What is scored, how it is
    pooled, and what was hoped for stands in docs/declared.md, written before any score was seen.

    Finished origins are kept in the folder: an interrupted call goes on where it stopped when it is given again, and
    the same call does no work again. A change of members, seed, leads, code or record starts anew.

    The folder holds scores.csv (every case and forecaster), summary.csv (skills with intervals), coverage.csv,
    brier.csv, provenance.json and the figure as PNG and SVG.
    """
    from sim.observations import Record
    from sim.verification import VARIANTS, origins
    from sim.verification import hindcast as make

    ahead = _leads(leads)
    begin, end = first.date(), None if last is None else last.date()
    try:
        dates = origins(Record.load(), first=begin, last=end, every=every, leads=ahead)
    except ValueError as error:
        fail(str(error), status=WRONG_INPUT)
    try:
        with progress(len(dates) * len(VARIANTS), "hindcasting") as advance:
            card = make(
                first=begin,
                last=end,
                every=every,
                leads=ahead,
                members=members,
                particles=particles,
                seed=seed,
                workers=workers,
                keep=output,
                progress=advance,
                command=shlex.join(["serbia-sim", *sys.argv[1:]]),
            )
        card.save(output)
        _draw(card, output)
    except KeyboardInterrupt:
        fail(f"interrupted; finished origins are kept in {output}, the same call goes on", status=INTERRUPTED)
    print(*_in_words(card), f"Written: {output}", sep="\n")


def score(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.", show_default=False)],
    observations: Annotated[
        Path,
        typer.Option(metavar="FILE", help="CSV: target,start,end,value,trials,source.", show_default=False),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of words.")] = False,
) -> None:
    """Score a run's forecasts against observations that came later.

    The file has one observation a row: its target, the window or day it is of (start may be blank but for
    cfsp_alignment), its value, the number of trials behind it if known, its source. A row that cannot be used is told
    on standard error with its line and why; the rest is used. Where the target has them, persistence and climatology as
    known at the run's origin are scored beside the run: skill above zero means that the run did better.

    The JSON object has scenario, run, targets (n, scores, skills, shares within the bands), observations (each with
    forecast and scores) and not_used (line, what).
    """
    from sim.results import Run
    from sim.verification import ObservationFileError, score_run

    try:
        run = Run.load(folder)
        found = score_run(run, observations)
    except (FileNotFoundError, ObservationFileError) as error:
        fail(str(error), status=WRONG_INPUT)
    for fault in found.faults:
        tell(str(fault))
    if not found.used:
        fail(f"{observations}: no row can be used", status=WRONG_INPUT)
    if as_json:
        print(json.dumps(_as_json(found, folder), indent=2))
    else:
        print(*_score_in_words(found), sep="\n")


def _leads(text: str) -> tuple[int, ...]:
    try:
        return tuple(sorted({int(part) for part in text.split(",")}))
    except ValueError:
        fail(
            f"--leads {text}: months ahead are whole numbers separated by commas, as in 6,12,24",
            status=WRONG_INPUT,
        )


def _draw(card: Scorecard, output: Path) -> None:
    from sim.plots import save, scorecard

    figure = scorecard(card)
    for suffix in (".png", ".svg"):
        save(figure, output / f"scorecard{suffix}")


def _in_words(card: Scorecard) -> Iterator[str]:
    """Yield the scorecard for a terminal: the skills that were declared, pooled and by target."""
    from sim.verification.words import skill_lines

    yield from skill_lines(card)
    yield ""


def _score_in_words(found: RunScore) -> Iterator[str]:
    made = found.provenance
    yield made["title"]
    yield (
        f"{found.used} observation{'s' if found.used != 1 else ''} scored; origin {made['as_of']}, "
        f"{made['members']:,} simulated histories."
    )
    own = found.data[found.data["forecaster"] == "run"]
    yield ""
    yield f"{'target':<16}{'end':<12}{'observed':>9}   forecast: median, nine in ten; or chance"
    for row in own.itertuples():
        yield f"{row.target:<16}{row.end!s:<12}{row.outcome:>9.4g}   {_forecast_in_words(row)}"
    yield ""
    yield f"{'':<28}{'':>9}{'skill against':>24}{'within':>14}"
    yield f"{'target':<16}{'n':>4}{'CRPS':>8}{'Brier':>9}{'persistence':>13}{'climatology':>12}{'50 %':>7}{'90 %':>7}"
    for row in found.summary().itertuples():
        cells = [
            _number(row.crps, 8, "{:.3f}"),
            _number(row.brier, 9, "{:.3f}"),
            _number(row.skill_persistence, 13, "{:+.2f}"),
            _number(row.skill_climatology, 12, "{:+.2f}"),
            _number(row.within50, 7, "{:.0%}"),
            _number(row.within90, 7, "{:.0%}"),
        ]
        yield f"{row.target:<16}{row.n:>4}{''.join(cells)}"


def _forecast_in_words(row: Any) -> str:
    if row.kind == "event":
        return f"{100.0 * row.chance1:.1f} % for 1"
    if row.kind == "category":
        chances = (row.chance0, row.chance1, row.chance2)
        return f"{100.0 * chances[int(row.outcome)]:.1f} % for what came"
    return f"{row.median:.3g}, {row.low90:.3g} to {row.high90:.3g}"


def _number(value: float, width: int, form: str) -> str:
    return ("-" if value != value else form.format(value)).rjust(width)  # noqa: PLR0124  -- NaN


def _as_json(found: RunScore, folder: Path) -> dict[str, Any]:
    return {
        "scenario": found.provenance["scenario"],
        "run": str(folder),
        "targets": _records(found.summary()),
        "observations": _records(found.data),
        "not_used": [{"line": fault.line, "what": fault.what} for fault in found.faults],
    }


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table's rows as JSON knows them: dates as text, what is missing as null."""

    def plain(value: Any) -> Any:
        if isinstance(value, date):
            return str(value)
        return None if value is None or value != value else value  # noqa: PLR0124  -- NaN

    return [{str(name): plain(cell) for name, cell in row.items()} for row in table.to_dict("records")]
