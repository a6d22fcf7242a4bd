"""The page: what is said of the runs, put into the template."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from sim import __version__, plots
from sim.clock import month_label
from sim.contrasts import ContrastError, attribute, contrast
from sim.contrasts.departures import Departure, depart, departed_months, shipped_departures
from sim.contrasts.replays import replayed_months
from sim.names import printable
from sim.plots.captions import posture_finding
from sim.plots.series import series
from sim.plots.style import drawn
from sim.progress import Progress, shown
from sim.report.answers import (
    Answer,
    answers_of,
    decided_table,
    main_answer,
    question_table,
    side_by_side,
)
from sim.report.earlier import earlier_table
from sim.report.histories import SHOWN, histories_of
from sim.report.past import eras_table, ledger_in_words, ledger_table, misses_table, origins_table
from sim.report.reasons import (
    assumed_in_words,
    assumptions_table,
    departures_table,
    incentives_table,
    limits_of,
    moved,
    parameters_table,
    repeated,
)
from sim.report.tables import Table
from sim.verification import Scorecard, scorecard_folder
from sim.words import POOLED, day_in_words, histories, when

if TYPE_CHECKING:
    from sim.results import Run

_MOST_MONTHS = 24_000
"""Months of single histories that a page tells, of all its runs."""

_NO_SCORECARD = (
    "No scorecard lies beside the runs, in results/scorecard. An installed package ships none: `serbia-sim hindcast` "
    "makes it, and the project's own stands in its repository."
)


def page(runs: Sequence[Run], results: Path, *, departures: bool, progress: Progress) -> str:
    """Return the page of a run, or of several against the first, as HTML."""
    first = runs[0]
    names = _names(runs)
    given, refused = _compared(runs)
    of_runs = [answers_of(run) for run in runs]
    answers = of_runs[0]
    main = main_answer(answers)
    cards, card = scorecard_folder(results, first.scenario.state), None
    with suppress(FileNotFoundError):
        card = Scorecard.load(cards)
    shown = _dots(runs)
    told = [_told(*each, shown) for each in zip(runs, names, of_runs, strict=True)]
    for item, found, why in zip(told[1:], given, refused, strict=True):
        item |= {"assumed": assumed_in_words(found, first) if found else "", "apart": why}
    alone = departures and len(runs) == 1
    reasons, unexplained = _reasons(first, main, [each for each in given if each], alone, progress)
    style = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
    said = {
        "version": __version__,
        "title": " \N{EN DASH} ".join(names),
        "style": style,
        "state": first.country.state,
        "style_digest": b64encode(sha256(style.encode()).digest()).decode(),
        "standing": _standing(first),
        "several": len(runs) > 1,
        "runs": told,
        "reading": _reading(first, answers),
        "pooled": POOLED if any(each.pooled for each in answers) else "",
        "questions": question_table(first, answers) if answers else None,
        "side_by_side": side_by_side(runs, names, of_runs, given) if len(runs) > 1 else None,
        "main_question": main.question.text if main else "",
        "reasons": reasons,
        "unexplained": unexplained,
        "limits": limits_of(first),
        **_changes(first, main, results, card),
        **_track(results, cards, card),
    }
    made = Environment(
        loader=PackageLoader("sim.report", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        finalize=lambda value: printable(value) if type(value) is str else value,
    )
    return made.get_template("page.html.jinja").render(said, counter=count(1).__next__)


def _names(runs: Sequence[Run]) -> list[str]:
    """Return what each run is called: its title, with its digest where two have one title."""
    titles = [str(run.provenance["title"]) for run in runs]
    return [
        f"{title} ({run.provenance['digest']})" if titles.count(title) > 1 else title
        for title, run in zip(titles, runs, strict=True)
    ]


def _standing(run: Run) -> str:
    spec, members = run.scenario, run.provenance["members"]
    return (
        f"As known on {day_in_words(spec.as_of)}; {histories(members)} to {day_in_words(spec.until)}, {run.basis}. "
        f"Made on {run.provenance['made'][:10]}."
    )


def _reading(run: Run, answers: Sequence[Answer]) -> list[str]:
    """Return what the numbers beside the answer mean."""
    of = "members and of particles" if run.learned else "members"
    said = [
        f"\N{PLUS-MINUS SIGN} is the error of the computation, of {of}; it does not say that the model is right."
    ]
    if any(each.range for each in answers):
        said.append(
            "By judgement: the least and the greatest answer of who believes otherwise about what makes "
            f"{run.country.state} join sanctions, which the record cannot settle. These beliefs stand under What it "
            "rests on."
        )
    return said if answers else []


def _compared(runs: Sequence[Run]) -> tuple[list[Departure | None], list[str]]:
    """Return each run after the first compared with it, None with the reason where they share no luck."""
    found: list[Departure | None] = []
    refused = []
    for run in runs[1:]:
        try:
            each = contrast(run, runs[0])
            found.append(Departure(run.scenario, each.members, each.assumed, each.questions))
            refused.append("")
        except ContrastError as error:
            found.append(None)
            refused.append("; ".join(line.strip() for line in str(error).splitlines()[1:]))
    return found, refused


def _dots(runs: Sequence[Run]) -> int:
    """Return how many histories are shown of each run, a hundred where their stories leave the page below 5 MB."""
    months = sum(run.scenario.last_month + 1 - run.scenario.first_month for run in runs)
    return max(min(SHOWN, _MOST_MONTHS // months // 10 * 10), 10)


def _told(run: Run, name: str, answers: Sequence[Answer], shown: int) -> dict[str, Any]:
    """Return what is said of one run by itself."""
    subject, figure = series(run, "posture"), plots.posture(run)
    across, down = figure.get_size_inches()
    made, found = run.provenance, posture_finding(run, subject)
    source = f"members.zarr of run {made['digest']}"
    shares = [
        [month_label(int(month)), *map(float, of_month)]
        for month, of_month in zip(subject.months, subject.shares.T, strict=True)
    ]
    groups = histories_of(run, shown)
    every = [history for group in groups.values() for history in group]
    heads = ("member", "posture_at_end", "sanctions_from", "lean_at_end")
    dots = [[each.member, each.posture, each.sanctions, each.lean] for each in every]
    what = "Shares of histories that are ally, balancer and opponent, month by month, above the postures on record."
    order = "ordered by posture, sanctions and lean, one in the middle of each equal part"
    return {
        "name": name,
        "main": main_answer(answers),
        "finding": found,
        "picture": f"data:image/svg+xml;base64,{b64encode(drawn(figure, '.svg')).decode()}",
        "alt": f"{what} {found}.",
        "height": round(528 * down / across),
        "shares": Table(
            f"Shares in each posture, {name}",
            (),
            (),
            source,
            "posture.csv",
            [["month", *subject.categories], *shares],
        ),
        "groups": groups,
        "shown": len(every),
        "told": any(each.months for each in every),
        "ends": when(run.scenario.last_month, ""),
        "call": made["scenario"],
        "dots": Table(
            f"Single histories, {name}",
            heads,
            (),
            f"{len(every)} of {histories(made['members'])} in {source}: {order}",
            "histories.csv",
            [heads, *dots],
        ),
        "description": run.scenario.description,
        "assumptions": assumptions_table(run),
        "parameters": parameters_table(run),
        "decided": decided_table(run),
        "repeated": repeated(run),
        "assumed": "",
        "apart": "",
    }


def _reasons(
    run: Run, main: Answer | None, given: Sequence[Departure], departures: bool, progress: Progress
) -> tuple[list[tuple[Table, str]], list[str]]:
    """Return the tables of what moves the answer, each with a sentence, and why one is missing."""
    others = shipped_departures(run.scenario) if departures and main else []
    work = replayed_months(run) + departed_months(run, others)
    try:
        with shown(progress, "asking what moves the answer", work) as advance:
            found = list(depart(run, others, progress=advance)) if others else []
            effects = attribute(run, progress=advance)
    except ContrastError as error:
        why = str(error).partition(": ")[2]  # without the folder, which is nobody else's business
        return [], [f"What moves the answer cannot be told: {why}"]
    found += given
    incentives = incentives_table(run, effects)
    tables = [(incentives, f"What drives it in the model, to be an opponent at the end. {moved(incentives)}")]
    if found and main:
        table = departures_table(run, found, main.question)
        tables.insert(0, (table, f"What could come, and what it would do to the chance. {moved(table)}"))
    why = "No departure from this scenario is shown; name a run of one after this run, and it stands here."
    return tables, [] if found or not main else [why]


def _changes(run: Run, main: Answer | None, results: Path, card: Scorecard | None) -> dict[str, Any]:
    """Return how the forecast changed: by the ledger, and from earlier dates."""
    ledger = ledger_table(run, main, results / "ledger") if main else None
    earlier = earlier_table(run, main, results) if main else None
    earlier = earlier or (origins_table(run, card) if card else None)
    no_ledger = "The ledger of forecasts has no line on this question: none was registered."
    no_dates = _NO_SCORECARD if card is None else "The scorecard has no earlier date than this run's."
    return {"changes": [ledger or (None, no_ledger), earlier or (None, no_dates)]}


def _track(results: Path, cards: Path, card: Scorecard | None) -> dict[str, Any]:
    """Return how good such forecasts were, last misses first, then by era, then what the ledger says."""
    ledger = ledger_in_words(results / "ledger")
    if card is None:
        return {"record_tables": [], "record_words": [_NO_SCORECARD, ledger]}
    last, missed = misses_table(card)
    eras, by_era = eras_table(cards, card)
    return {"record_tables": [last, eras], "record_words": [missed, by_era, ledger]}
