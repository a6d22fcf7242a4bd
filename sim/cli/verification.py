"""The commands that hold forecasts against what came: hindcast, score."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from sim.catalogue import QUANTITIES
from sim.cli import options
from sim.cli.compare import named
from sim.cli.errors import draw_all, fail, interrupted, refuse, tell
from sim.cli.learning import at_work
from sim.cli.options import RESULTS, OnError, load_run, option
from sim.cli.screen import beside, say, say_json, width, wrapped
from sim.country import DEFAULT
from sim.words import counted, histories, per_cent, signed

if TYPE_CHECKING:
    import pandas as pd

    from sim.results import Run
    from sim.verification import RunScore, Scorecard

_SCORED = 40  # where a forecast's words begin
_TABLE = 76  # columns of the table of scores


def hindcast(
    state: options.State = DEFAULT,
    first: Annotated[
        datetime,
        option(
            "DATE",
            "The first origin, a first of a month.  [default: 2016-01-01]",
            "--from",
            formats=options.DAY,
            show_default=False,
        ),
    ] = datetime(2016, 1, 1),
    last: Annotated[
        datetime | None,
        option(
            "DATE",
            "No origin after this day.",
            "--to",
            default="the last that can be scored",
            formats=options.DAY,
        ),
    ] = None,
    every: Annotated[int, option("MONTHS", "Months from one origin to the next.", min=1)] = 6,
    leads: Annotated[str, option("LIST", "Months ahead, separated by commas.")] = "6,12,24",
    members: Annotated[int, option("N", "Ensemble members of each forecast.", min=1)] = 4096,
    particles: Annotated[int, option("N", "Particles that learn from the record.", min=16)] = 4096,
    seed: options.Seed = 1,
    workers: options.Workers = 1,
    cluster: options.Cluster = None,
    no_cache: options.NoCache = False,
    on_error: options.Failing = OnError.STOP,
    output: Annotated[
        Path | None,
        option(
            "DIR",
            "Folder of the scorecard.",
            default="results/scorecard, of another state results/scorecard/STATE",
        ),
    ] = None,
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
    from sim.cli.skills import skill_lines
    from sim.observations import Record
    from sim.verification import hindcast as make, origins, scorecard_folder

    ahead, record = _leads(leads), Record.load(state)
    output = output or scorecard_folder(RESULTS, state)
    begin, end = first.date(), None if last is None else last.date()
    try:
        origins(record, first=begin, last=end, every=every, leads=ahead)
    except ValueError as error:
        refuse(str(error))
    try:
        with at_work(workers, cluster) as crew:
            card = make(
                state=state,
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
    say([*skill_lines(card), "", f"Written: {output}"])
    draw_all({"scorecard": partial(_draw, card, output)})
    if failed := card.provenance.get("failed"):
        causes = "; ".join(f"{origin} ({why})" for origin, why in failed.items())
        of = len(failed) + len(card.provenance["origins"])
        todo = "the scorecard is of the others; the same call makes them again"
        fail(f"{len(failed)} of {of} origins failed, {todo}: {causes}")


def score(
    name: options.Run,
    observations: Annotated[Path, option("FILE", "CSV: target,start,end,value,trials,source.")],
    as_json: options.Json = False,
    output: options.Output = RESULTS,
) -> None:
    """Score a run's forecasts against observations that came later.

    The file has one observation a row: its target, the window or day it is of (start may be blank but for
    cfsp_alignment), its value, the number of trials behind it if known, its source. A row that cannot be used is told
    on standard error with its line and why; the rest is used. Where the target has them, persistence and climatology as
    known at the run's origin are scored beside the run: skill above zero means that the run did better.

    The JSON object has scenario, run, targets (n, scores, skills, shares within the bands), observations (each with
    forecast and scores) and not_used (line, what).
    """
    from sim.verification import score_run

    run = load_run(name, output)
    found = score_run(run, observations)
    for fault in found.faults:
        tell(str(fault))
    if not found.used:
        refuse(f"{observations}: no row can be used")
    if as_json:
        say_json(_as_json(found, run))
    else:
        say(_score_in_words(found))


def _leads(text: str) -> tuple[int, ...]:
    try:
        return tuple(sorted({int(part) for part in text.split(",")}))
    except ValueError:
        refuse(f"--leads {text}: months ahead are whole numbers separated by commas, as in 6,12,24")


def _draw(card: Scorecard, output: Path) -> None:
    from sim.plots import save, scorecard

    figure = scorecard(card)
    for suffix in (".png", ".svg"):
        save(figure, output / f"scorecard{suffix}")


def _score_in_words(found: RunScore) -> Iterator[str]:
    made = found.provenance
    yield from wrapped(made["title"])
    yield from wrapped(
        f"{counted(found.used, 'observation')} scored; origin {made['as_of']}, {histories(made['members'])}."
    )
    yield ""
    own = found.data[found.data["forecaster"] == "run"]
    heads = f"{'target':<16}{'end':<12}{'observed':>9}"
    yield from beside(heads, "forecast: median, nine in ten; or chance", _SCORED)
    for row in own.itertuples():
        told = QUANTITIES[row.target].said(row.outcome)
        yield from beside(f"{row.target:<16}{row.end!s:<12}{told:>9}", _forecast_in_words(row), _SCORED)
    yield ""
    broad = width() >= _TABLE
    if broad:
        yield f"{'':<28}{'':>9}{'skill against':>24}{'within':>14}"
        yield _SUMMARY.format("target", "n", "CRPS", "Brier", "persistence", "climatology", "50 %", "90 %")
    for row in found.summary().itertuples():
        cells = (
            *(_known(value, "{:.3f}".format) for value in (row.crps, row.brier)),
            *(
                _known(value, partial(signed, places=2))
                for value in (row.skill_persistence, row.skill_climatology)
            ),
            *(_known(value, "{:.0%}".format) for value in (row.within50, row.within90)),
        )
        if broad:
            yield _SUMMARY.format(row.target, row.n, *cells)
        else:
            yield from wrapped(_LINE.format(row.target, row.n, *cells), more="  ")


_SUMMARY = "{:<16}{:>4}{:>8}{:>9}{:>13}{:>12}{:>7}{:>7}"
_LINE = (
    "{}: n {}, CRPS {}, Brier {}; skill against persistence {}, against climatology {}; "
    "within 50 %: {}, within 90 %: {}"
)


def _forecast_in_words(row: Any) -> str:
    if row.kind == "event":
        return f"{per_cent(row.chance1)} for 1"
    if row.kind == "category":
        chances = (row.chance0, row.chance1, row.chance2)
        return f"{per_cent(chances[int(row.outcome)])} for what came"
    median, low, high = (QUANTITIES[row.target].said(value) for value in (row.median, row.low90, row.high90))
    return f"{median}, {low} to {high}"


def _known(value: float, written: Callable[[float], str]) -> str:
    return "-" if isnan(value) else written(value)


def _as_json(found: RunScore, run: Run) -> dict[str, Any]:
    def records(table: pd.DataFrame) -> Any:
        return table.astype(object).where(table.notna(), None).to_dict("records")

    return {
        **named(run),
        "targets": records(found.summary()),
        "observations": records(found.data),
        "not_used": [{"line": fault.line, "what": fault.what} for fault in found.faults],
    }
