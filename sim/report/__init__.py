"""A run, or several beside one another, as one page to send: a file that loads nothing and runs no script.

What is found of the runs is put here into the words of the template `page.html.jinja`.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from sim import __version__, plots, rivals, words
from sim.clock import month_label
from sim.contrasts import Contrast, ContrastError, attribute, contrast, refusals
from sim.contrasts.replays import depart, departed_months, replayed_months, shipped_departures
from sim.execution.progress import Progress, shown
from sim.names import InputError, printable, unknown
from sim.plots.captions import posture_finding
from sim.plots.series import series
from sim.plots.style import drawn
from sim.registry.truth import Answer, answers_of
from sim.report.histories import SHOWN, histories_of
from sim.report.past import earlier_table, origins_table
from sim.report.reasons import (
    assumed_in_words,
    assumptions_table,
    departures_table,
    incentives_table,
    parameters_table,
)
from sim.report.tables import Table, decided_table, main_answer, question_table, side_by_side
from sim.report.track import eras_table, ledger_in_words, ledger_table, misses_table, without_incentives
from sim.runs.manifest import write_text
from sim.runs.results import Run
from sim.verification import Scorecard, scorecard_folder

FILE = "report.html"
"""The page's name in the folder of its first run."""

_MOST_MONTHS = 24_000
"""Months of single histories that a page tells, of all its runs."""


def report(
    runs: Run | Sequence[Run],
    *,
    results: Path | str = "results",
    question: str | None = None,
    departures: bool = True,
    progress: Progress = None,
) -> str:
    """Return the page of a run, or of several with the first as baseline, as HTML.

    Parameters
    ----------
    results: the folder where the scorecard and the ledger of forecasts lie; without them the page says so.
    question: the id of the question with which the page begins; if none is named, the last that asks whether the state
        will be an opponent. A later run that does not ask it begins with its own last.
    departures: of a single run, simulate the shipped scenarios that depart from its own, with the same members.
    progress: as of `sim.forecasting.ensemble.simulate`: member-months simulated for what moves the answer.

    What moves the answer is simulated anew, so it is left out, with the reason, of a run that other code made.

    Raises ValueError if there is no run. sim.names.InputError: if the first run does not ask the question.
    """
    several = list({run.folder: run for run in ([runs] if isinstance(runs, Run) else runs)}.values())
    if not several:
        raise ValueError("a page needs a run at least")
    hold_asked(several[0], question)
    style = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
    made = Environment(
        loader=PackageLoader("sim.report", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        finalize=lambda value: printable(value) if type(value) is str else value,
    )
    made.globals |= {"words": words, "rivals": rivals}
    return made.get_template("page.html.jinja").render(
        _found(several, Path(results), question, departures, progress),
        counter=count(1).__next__,
        style=style,
        style_digest=b64encode(sha256(style.encode()).digest()).decode(),
        version=__version__,
    )


def write_report(runs: Run | Sequence[Run], path: Path | str | None = None, **options: Any) -> Path:
    """Write a page into a file, in the first run's folder if none is named, and return its path.

    Options are those of `report`.
    """
    first = runs if isinstance(runs, Run) else runs[0]
    if path is None and first.held is not None:
        raise ValueError("a run that is held in memory has no folder; name a file for its page")
    place = first.folder / FILE if path is None else Path(path)
    write_text(place, report(runs, **options))
    return place


def hold_asked(run: Run, question: str | None) -> None:
    """Raise InputError, which names the nearest id, if a question is named that a run does not ask."""
    asked = [each.id for each in run.scenario.questions]
    if question is not None and question not in asked:
        raise InputError(unknown("question", question, asked))


def _found(
    runs: Sequence[Run], results: Path, question: str | None, departures: bool, progress: Progress
) -> dict[str, Any]:
    """Return what the template tells of, by the names that it has there."""
    first, several, names = runs[0], len(runs) > 1, _names(runs)
    given, refused = zip(*(_compared(run, first) for run in runs), strict=True)
    answers = [answers_of(run) for run in runs]
    main = main_answer(answers[0], question)
    cards, card = scorecard_folder(results, first.scenario.state), None
    with suppress(FileNotFoundError, InputError):
        found = Scorecard.load(cards)
        card = found if found.country == first.country else None
    # a hundred histories where their stories leave the page below 5 MB
    months = sum(run.scenario.last_month + 1 - run.scenario.first_month for run in runs)
    dots = max(min(SHOWN, _MOST_MONTHS // months // 10 * 10), 10)
    told = [
        {**_told(run, name, dots), "main": main_answer(own, question), "apart": why}
        | {"assumed": assumed_in_words(departure, first) if departure else ""}
        for run, name, own, departure, why in zip(runs, names, answers, given, refused, strict=True)
    ]
    compared = [each for each in given if each]
    reasons = _reasons(first, main, compared, departures and not several, progress)
    return {
        "several": several,
        "runs": told,
        "pooled": any(each.pooled for each in answers[0]),
        "ranged": any(each.range for each in answers[0]),
        "came": any(each.came for each in answers[0]),
        "questions": question_table(answers[0]) if answers[0] else None,
        "side_by_side": side_by_side(runs, answers, given) if several else None,
        "paired": any(each.questions for each in compared),
        **reasons,
        "registered": ledger_table(first, main, results / "ledger") if main else None,
        "earlier": earlier_table(first, main, results) if main else None,
        "origins": origins_table(first, card) if card else None,
        "card": card,
        "missed": misses_table(card) if card else None,
        "eras": eras_table(cards, card) if card else None,
        "without": without_incentives(cards) if card else "",
        "ledger": ledger_in_words(results / "ledger", first),
    }


def _names(runs: Sequence[Run]) -> list[str]:
    """Return what each run is called: its title, with its digest where two have one title."""
    titles = [str(run.provenance["title"]) for run in runs]
    return [
        f"{title} ({run.provenance['digest']})" if titles.count(title) > 1 else title
        for title, run in zip(titles, runs, strict=True)
    ]


def _compared(run: Run, first: Run) -> tuple[Contrast | None, str]:
    """Return a run compared with the first, or why it cannot be; of the first itself neither."""
    if run is first:
        return None, ""
    if reasons := refusals(run, first):
        return None, "; ".join(reasons)
    return contrast(run, first), ""


def _told(run: Run, name: str, dots: int) -> dict[str, Any]:
    """Return what is told of one run by itself, so many of its histories."""
    subject, figure = series(run, "posture"), plots.posture(run)
    across, down = figure.get_size_inches()
    groups = histories_of(run, dots)
    every = [history for group in groups.values() for history in group]
    return {
        "of": run,
        "name": name,
        "finding": posture_finding(run, subject),
        "picture": f"data:image/svg+xml;base64,{b64encode(drawn(figure, '.svg')).decode()}",
        "height": round(528 * down / across),
        "shares": Table(
            [
                [month_label(int(month)), *map(str, map(float, of))]
                for month, of in zip(subject.months, subject.shares.T, strict=True)
            ]
        ),
        "categories": subject.categories,
        "groups": groups,
        "shown": len(every),
        "stories": any(each.months for each in every),
        "dots": Table([[str(each.member), each.posture, each.sanctions, str(each.lean)] for each in every]),
        "assumptions": assumptions_table(run),
        "parameters": parameters_table(run),
        "decided": decided_table(run),
    }


def _reasons(
    run: Run, main: Answer | None, given: Sequence[Contrast], departures: bool, progress: Progress
) -> dict[str, Any]:
    """Return the tables of what moves the answer, and of how many histories; or why it cannot be told."""
    others = shipped_departures(run.scenario) if departures and main else []
    work = replayed_months(run) + departed_months(run, others)
    try:
        with shown(progress, "asking what moves the answer", work) as advance:
            found = [*depart(run, others, progress=advance), *given]
            effects = attribute(run, progress=advance)
    except ContrastError as error:
        # without the folder, which is nobody else's business
        return {"untold": str(error).partition(": ")[2], "departures": None, "incentives": None}
    return {
        "untold": "",
        "departures": departures_table(run, found, main.question) if found and main else None,
        "departing": found[0].members if found else 0,
        "incentives": incentives_table(run, effects),
    }
