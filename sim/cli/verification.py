"""The commands that hold forecasts against what came: hindcast, score."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.drawing import draw_all
from sim.cli.errors import WRONG_INPUT, fail, interrupted, tell
from sim.cli.learning import (
    ClusterOption,
    NoCacheOption,
    OnError,
    OnErrorOption,
    SeedOption,
    WorkersOption,
    at_work,
)
from sim.cli.runs import RESULTS, OutputOption, RunArgument, load_run
from sim.cli.screen import beside, width, wrapped
from sim.words import histories

if TYPE_CHECKING:
    import pandas as pd

    from sim.verification import RunScore, Scorecard

_DAY = ["%Y-%m-%d"]
_SCORED = 40  # where a forecast's words begin
_TABLE = 76  # columns of the table of scores


def hindcast(
    first: Annotated[
        datetime,
        typer.Option(
            "--from",
            formats=_DAY,
            metavar="DATE",
            help="The first origin, a first of a month.  [default: 2016-01-01]",
            show_default=False,
        ),
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
    members: Annotated[
        int, typer.Option(min=1, metavar="N", help="Ensemble members of each forecast.")
    ] = 4096,
    particles: Annotated[
        int, typer.Option(min=16, metavar="N", help="Particles that learn from the record.")
    ] = 4096,
    seed: SeedOption = 1,
    workers: WorkersOption = 1,
    cluster: ClusterOption = None,
    no_cache: NoCacheOption = False,
    on_error: OnErrorOption = OnError.STOP,
    output: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the scorecard.")] = RESULTS
    / "scorecard",
) -> None:
    """Forecast from past origins, score against what came, and print the scorecard.

    At each origin the model knows the rows of the record that were known then, and so do its rivals: persistence,
    climatology, random walk with drift, local level, ETS, ARIMA, the rule of succession, and three that lean on other
    states. Beside the model stands the pooled forecast, half of it shrunk persistence. What is scored, how it is
    pooled, and what was hoped for stands in docs/declared.md, written before any score was seen.

    Finished origins are kept in the folder: an interrupted call goes on where it stopped when it is given again, and
    the same call does no work again. More origins and leads are added to what is kept; other members, particles, seed,
    code or record drop it, which a line tells. A change of rivals or scores alone scores the forecasts that are kept.

    With --on-error continue the other origins go on where one fails; in the end standard error says which failed, and
    why, the scorecard is of the others, and the status is 1.

    The folder holds scores.csv (every case and forecaster), summary.csv (skills with intervals), eras.csv (the same by
    era of the origin), coverage.csv and brier.csv (of all origins and by era), provenance.json and the figure as PNG
    and SVG; a figure that cannot be drawn is told on standard error.
    """
    from sim.observations import Record
    from sim.verification import hindcast as make
    from sim.verification import origins

    ahead = _leads(leads)
    begin, end = first.date(), None if last is None else last.date()
    try:
        origins(Record.load(), first=begin, last=end, every=every, leads=ahead)
    except ValueError as error:
        fail(str(error), status=WRONG_INPUT)
    try:
        with at_work(workers, cluster) as crew:
            card = make(
                first=begin,
                last=end,
                every=every,
                leads=ahead,
                members=members,
                particles=particles,
                seed=seed,
                workers=crew,
                keep=output,
                cache=not no_cache,
                progress=True,
                command=shlex.join(["serbia-sim", *sys.argv[1:]]),
                on_error=on_error.value,
            )
        card.save(output)
    except KeyboardInterrupt as error:
        interrupted(error, f"interrupted; finished origins are kept in {output}, the same call goes on")
    print(*_in_words(card), f"Written: {output}", sep="\n", flush=True)
    draw_all({"scorecard": partial(_draw, card, output)})
    if failed := card.provenance.get("failed"):
        causes = "; ".join(f"{origin} ({why})" for origin, why in failed.items())
        of = len(failed) + len(card.provenance["origins"])
        todo = "the scorecard is of the others; the same call makes them again"
        fail(f"{len(failed)} of {of} origins failed, {todo}: {causes}")


def score(
    name: RunArgument,
    observations: Annotated[
        Path,
        typer.Option(metavar="FILE", help="CSV: target,start,end,value,trials,source.", show_default=False),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of words.")] = False,
    output: OutputOption = RESULTS,
) -> None:
    """Score a run's forecasts against observations that came later.

    The file has one observation a row: its target, the window or day it is of (start may be blank but for
    cfsp_alignment), its value, the number of trials behind it if known, its source. A row that cannot be used is told
    on standard error with its line and why; the rest is used. Where the target has them, persistence and climatology as
    known at the run's origin are scored beside the run: skill above zero means that the run did better.

    The JSON object has scenario, run, targets (n, scores, skills, shares within the bands), observations (each with
    forecast and scores) and not_used (line, what).
    """
    from sim.verification import ObservationFileError, score_run

    run = load_run(name, output)
    try:
        found = score_run(run, observations)
    except (FileNotFoundError, ObservationFileError) as error:
        fail(str(error), status=WRONG_INPUT)
    for fault in found.faults:
        tell(str(fault))
    if not found.used:
        fail(f"{observations}: no row can be used", status=WRONG_INPUT)
    if as_json:
        print(json.dumps(_as_json(found, run.folder), indent=2))
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

    yield from skill_lines(card, width())
    yield ""


def _score_in_words(found: RunScore) -> Iterator[str]:
    made = found.provenance
    yield from wrapped(made["title"])
    yield from wrapped(
        f"{found.used} observation{'s' if found.used != 1 else ''} scored; origin {made['as_of']}, "
        f"{histories(made['members'])}."
    )
    own = found.data[found.data["forecaster"] == "run"]
    yield ""
    yield from beside(
        f"{'target':<16}{'end':<12}{'observed':>9}", "forecast: median, nine in ten; or chance", _SCORED
    )
    for row in own.itertuples():
        told = value_in_words(row.target, row.outcome)
        yield from beside(f"{row.target:<16}{row.end!s:<12}{told:>9}", _forecast_in_words(row), _SCORED)
    yield ""
    if width() >= _TABLE:
        yield f"{'':<28}{'':>9}{'skill against':>24}{'within':>14}"
        yield (
            f"{'target':<16}{'n':>4}{'CRPS':>8}{'Brier':>9}{'persistence':>13}{'climatology':>12}{'50 %':>7}{'90 %':>7}"
        )
    for row in found.summary().itertuples():
        crps, brier = (_number(value, "{:.3f}") for value in (row.crps, row.brier))
        persistence, climatology = (
            _number(value, "{:+.2f}") for value in (row.skill_persistence, row.skill_climatology)
        )
        half, most = (_number(value, "{:.0%}") for value in (row.within50, row.within90))
        if width() >= _TABLE:
            yield (
                f"{row.target:<16}{row.n:>4}{crps:>8}{brier:>9}{persistence:>13}{climatology:>12}{half:>7}{most:>7}"
            )
            continue
        yield from wrapped(
            f"{row.target}: n {row.n}, CRPS {crps}, Brier {brier}; skill against persistence {persistence}, "
            f"against climatology {climatology}; within 50 %: {half}, within 90 %: {most}",
            more="  ",
        )


def value_in_words(target: str, value: float) -> str:
    """Return a value of a target as a reader says it: a category by its name, a share in per cent."""
    from sim.catalogue import QUANTITIES

    about = QUANTITIES[target]
    if about.categories:
        return about.categories[int(value)]
    return f"{100.0 * value:.1f} %" if about.unit == "share" else f"{value:.3g}"


def _forecast_in_words(row: Any) -> str:
    if row.kind == "event":
        return f"{100.0 * row.chance1:.1f} % for 1"
    if row.kind == "category":
        chances = (row.chance0, row.chance1, row.chance2)
        return f"{100.0 * chances[int(row.outcome)]:.1f} % for what came"
    median, low, high = (value_in_words(row.target, value) for value in (row.median, row.low90, row.high90))
    return f"{median}, {low} to {high}"


def _number(value: float, form: str) -> str:
    return "-" if value != value else form.format(value)  # noqa: PLR0124  -- NaN


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
