"""The commands that hold forecasts against what came: hindcast, score."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from math import isfinite, isnan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from sim.cli import options
from sim.cli.errors import draw_all, fail, interrupted, refuse, tell
from sim.cli.learning import at_work
from sim.cli.options import RESULTS, day, load_run, option
from sim.cli.screen import Part, answer, named, say, table
from sim.quantities.catalogue import QUANTITIES
from sim.record.country import DEFAULT
from sim.words import counted, histories, minus, per_cent, signed

if TYPE_CHECKING:
    import pandas as pd

    from sim.runs.results import Run
    from sim.verification import RunScore, Scorecard


def hindcast(
    state: options.State = DEFAULT,
    first: Annotated[
        datetime,
        day("The first origin, a first of a month.  [default: 2016-01-01]", "--from", show_default=False),
    ] = datetime(2016, 1, 1),
    last: Annotated[
        datetime | None, day("No origin after this day.", "--to", show_default="the last that can be scored")
    ] = None,
    every: Annotated[int, option("MONTHS", "Months from one origin to the next.", min=1)] = 6,
    leads: Annotated[str, option("LIST", "Months ahead, separated by commas.")] = "6,12,24",
    members: Annotated[int, option("N", "Ensemble members of each forecast.", min=1)] = 4096,
    particles: Annotated[int, option("N", "Particles that learn from the record.", min=16)] = 4096,
    seed: options.Seed = 1,
    workers: options.Workers = 1,
    cluster: options.Cluster = None,
    no_cache: options.NoCache = False,
    on_error: options.Failing = "stop",
    output: Annotated[
        Path | None,
        option(
            "DIR",
            "Folder of the scorecard.",
            show_default="results/scorecard, of another state results/scorecard/STATE",
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
    from sim.record.observations import Record
    from sim.verification import hindcast as make, origins, scorecard_folder

    record = Record.load(state)
    try:
        ahead = tuple(sorted({int(part) for part in leads.split(",")}))
    except ValueError:
        refuse(f"--leads {leads}: months ahead are whole numbers separated by commas, as in 6,12,24")
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
                on_error=on_error,
            )
        card.save(output)
    except KeyboardInterrupt as error:
        interrupted(error, f"interrupted; finished origins are kept in {output}, the same call goes on")
    say(*skills_in_words(card), [[f"Written: {output}"]])
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
    answer(as_json, _score_in_json(found, run), _score_in_words(found))


def _draw(card: Scorecard, output: Path) -> None:
    from sim.plots import save, scorecard

    figure = scorecard(card)
    for suffix in (".png", ".svg"):
        save(figure, output / f"scorecard{suffix}")


def skills_in_words(card: Scorecard) -> Iterator[Part]:
    """Yield the skill of every variant of the model against every rival, pooled and by target, with intervals."""
    from sim.rivals import SHRUNK
    from sim.verification.pooling import ALL_TARGETS, FEWEST
    from sim.verification.scorecard import NO_INCENTIVES_GIVEN, OURS

    short = {
        NO_INCENTIVES_GIVEN: "incentives off, given",
        "chapter_within_year": "chapter",
        "sanctions_within_year": "sanctions",
    }
    dates, leads = card.provenance["origins"], ", ".join(map(str, card.provenance["leads"]))
    yield [
        f"{len(dates)} origins from {dates[0]} to {dates[-1]}; leads {leads} months.",
        "Skill: 1 - score / rival's score, with its interval of 90 %; above zero the rival did worse. After a target: "
        f"outcomes; * under {FEWEST} at every lead, not pooled.",
    ]
    found = card.skills_by_era()
    found = found[(found["rival"] == SHRUNK) & (found["score"] == "crps") & (found["target"] == ALL_TARGETS)]
    if len(found):
        sizes = found.groupby("era", sort=False)["n"].max()
        eras = {era: f"{era}, {n}" for era, n in sizes.items()}
        names = {name: name for name in found["forecaster"].unique()}
        words = f"CRPS skill against {SHRUNK} by the era of the origin, with the number of outcomes:"
        yield [words, _skill_table(found, ("era", eras), ("forecaster", names))]
    found = card.skills()
    for own in (name for name in card.forecasters if name in OURS):
        for score, words in (("crps", "CRPS"), ("brier", "Brier score")):
            part = found[(found["forecaster"] == own) & (found["score"] == score)]
            first = sorted(
                part.drop_duplicates("target").itertuples(), key=lambda row: row.target != ALL_TARGETS
            )
            heads = {
                row.target: f"{short.get(row.target, row.target)} {row.n}{'' if row.pooled else '*'}"
                for row in first
            }
            rivals = {rival: short.get(rival, rival) for rival in part["rival"].unique()}
            if heads:
                yield [[f"{own}: {words}", *_skill_table(part, ("rival", rivals), ("target", heads))]]


def _skill_table(
    found: pd.DataFrame, rows: tuple[str, dict[str, str]], heads: tuple[str, dict[str, str]]
) -> list[str]:
    """Return skills as a table: of rows and heads the column of `found` that tells them apart, and how each is told."""
    (down, lines), (across, columns) = rows, heads
    at = {(getattr(each, down), getattr(each, across)): _skill(each) for each in found.itertuples()}
    told = ((line, *(at.get((name, column), "-") for column in columns)) for name, line in lines.items())
    return table([("", *columns.values()), *told])


def _skill(row: Any) -> str:
    """Return a skill with its interval, to two figures: "+.31 [-1.2,+14]"; of none a question mark.

    Below -99 it is no more told how far: a rival was all but exactly right.
    """

    def told(skill: float) -> str:
        if not isfinite(skill):
            return "?"
        if skill < -99.0:
            return minus("<-99")
        places = 2 if abs(skill) < 1.0 else 1 if abs(skill) < 10.0 else 0
        return minus(f"{skill:+.{places}f}".replace("+0.", "+.").replace("-0.", "-."))

    return f"{told(row.skill)} [{told(row.low)},{told(row.high)}]"


def _score_in_words(found: RunScore) -> Iterator[Part]:
    made = found.provenance
    yield [
        made["title"],
        f"{counted(found.used, 'observation')} scored; origin {made['as_of']}, {histories(made['members'])}.",
    ]
    rows = [("target", "end", "observed", "forecast: median, nine in ten; or chance")]
    for row in found.data[found.data["forecaster"] == "run"].itertuples():
        observed = QUANTITIES[row.target].said(row.outcome)
        rows.append((row.target, f"{row.end!s}", observed, _forecast_in_words(row)))
    yield [table(rows, "<<><", prose=True)]
    scores = [
        ("", "", "", "", "skill against", "against", "within", "within"),
        ("target", "n", "CRPS", "Brier", "persistence", "climatology", "50 %", "90 %"),
    ]
    for row in found.summary().itertuples():
        values = ((getattr(row, name), written) for name, written in _WRITTEN.items())
        scores.append((row.target, *("-" if isnan(value) else written(value) for value, written in values)))
    yield [table(scores)]


_WRITTEN: dict[str, Callable[[float], str]] = {
    "n": str,
    **dict.fromkeys(("crps", "brier"), "{:.3f}".format),
    **dict.fromkeys(("skill_persistence", "skill_climatology"), partial(signed, places=2)),
    **dict.fromkeys(("within50", "within90"), "{:.0%}".format),
}


def _forecast_in_words(row: Any) -> str:
    if row.kind == "event":
        return f"{per_cent(row.chance1)} for 1"
    if row.kind == "category":
        chances = (row.chance0, row.chance1, row.chance2)
        return f"{per_cent(chances[int(row.outcome)])} for what came"
    median, low, high = (QUANTITIES[row.target].said(value) for value in (row.median, row.low90, row.high90))
    return f"{median}, {low} to {high}"


def _score_in_json(found: RunScore, run: Run) -> dict[str, Any]:
    def records(table: pd.DataFrame) -> Any:
        return table.astype(object).where(table.notna(), None).to_dict("records")

    return {
        **named(run),
        "targets": records(found.summary()),
        "observations": records(found.data),
        "not_used": [{"line": fault.line, "what": fault.what} for fault in found.faults],
    }
