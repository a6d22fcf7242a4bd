"""What was said before: how the forecast changed, with dated facts beside it, and what went wrong, by era."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cases import ALIGNMENT_HALF, CHAPTER_WITHIN_YEAR, SANCTIONS_WITHIN_YEAR, UN_VOTES, Case
from sim.catalogue import TARGETS
from sim.clock import month_end, month_number
from sim.country import load_country
from sim.registry import ChainError, Standing, read_ledger
from sim.report.tables import Cell, Row, Table, marks
from sim.rivals import POOLED, SHRUNK
from sim.verification import Scorecard
from sim.verification.misses import PUBLISHED, UNLIKELY, Miss, misses
from sim.verification.pooling import ERAS, POOLED as ALL_TARGETS, SINCE_2018, WHOLE
from sim.verification.scorecard import ALL, BRIER, BY_ERA, COVERAGE, MODEL
from sim.verification.variants import run_forecast
from sim.words import HELD, day_in_words, month_in_words, per_cent, signed

if TYPE_CHECKING:
    from sim.observations import Record
    from sim.report.answers import Answer
    from sim.results import Run

_LAST = 12
"""Misses that are shown; the file has all (judgement)."""

_YEAR = 12


def ledger_table(run: Run, answer: Answer, folder: Path) -> tuple[Table, str] | None:
    """Return what the ledger of forecasts says of a question, and how that changed; None if it says nothing."""
    made, question = run.provenance, answer.question
    found = [
        (said.registered, said.probability, said)
        for said in (each.forecast for each in _standings(folder))
        if (said.scenario, said.id) == (made["scenario"], question.id) and said.probability is not None
    ]
    if not found:
        return None
    found.sort(key=lambda each: each[0])
    rows: list[Row] = []
    for registered, probability, said in found:
        chance = per_cent(probability, said.mcse if probability == said.model_probability else None)
        which = Cell(said.run, "this run" if said.run == made["digest"] else "")
        rows.append([day_in_words(registered), day_in_words(said.as_of), chance, which])
    first, then, _ = found[0]
    now = per_cent(answer.probability)
    words = f"First registered on {day_in_words(first)} with {per_cent(then)}; this page says {now}."
    caption = f"In the ledger of forecasts: {question.text}"
    heads = ("Registered", "As known on", "Probability", "Run")
    source = "results/ledger, of which no line can be changed unseen"
    return Table(caption, heads, rows, source, "ledger.csv"), words


def ledger_in_words(folder: Path) -> str:
    """Return how many registered forecasts have come due, and how those did that were scored."""
    found = [each for each in _standings(folder) if not each.forecast.hindcast]
    if not found:
        return f"No forecast is registered in {folder}."
    scored = [each.resolution for each in found if each.resolution is not None]
    due = sum(each.state != "open" for each in found)
    first = min(each.forecast.due for each in found)
    said = f"Of {len(found)} forecasts in the ledger, {due or 'none'} {'has' if due < 2 else 'have'} come due"
    said += f"; the first does on {day_in_words(first)}." if not due else f", and {len(scored)} are scored."
    pairs = [(each.brier, each.persistence_score) for each in scored if each.brier is not None]
    if not pairs:
        return said
    own, rival = (sum(filter(None, column)) / len(pairs) for column in zip(*pairs, strict=True))
    return (
        f"{said} Their mean Brier score is {own:.3f}, that of persistence {rival:.3f}; the lower the better."
    )


def _standings(folder: Path) -> Sequence[Standing]:
    try:
        return read_ledger(folder)[1]
    except ChainError:  # the command `ledger` says what is wrong with it
        return ()


def origins_table(run: Run, card: Scorecard) -> tuple[Table, str] | None:
    """Return what the model says of sanctions within a year at each earlier origin, with what came; and in words."""
    data, as_of = card.data, run.scenario.as_of
    said = data[(data["target"] == SANCTIONS_WITHIN_YEAR) & (data["forecaster"] == MODEL)]
    said = said[said["origin"] < as_of]
    found = [(row.origin, float(row.chance1), int(row.outcome)) for row in said.itertuples()]
    if not found:
        return None
    own = _within_a_year(run)
    chances = [(day, chance, "they came" if came else "none came") for day, chance, came in found]
    chances += [] if own is None else [(as_of, own, "this run")]
    least, most = (pick(found, key=lambda each: each[1]) for pick in (min, max))
    words = (
        "At earlier dates nothing was published; this is what the present model says of them, told no more than was "
        f"known then. Its chance of sanctions within a year was lowest on {day_in_words(least[0])}, "
        f"{per_cent(least[1])}, and highest on {day_in_words(most[0])}, {per_cent(most[1])}."
    )
    if not any(came for *_, came in found):
        words += " None came: no score can tell whether 1 % or 5 % a year was right."
    table = Table(
        "The model's chance of sanctions on Russia within a year, from each earlier date",
        ("As known on", "Chance", "What the record has from then on, to the next date"),
        told_by_origin(run, chances),
        "scores.csv of the scorecard; the facts are from the record (serbia-sim data)",
        "earlier.csv",
        [["origin", "chance", "came"], *([str(day), chance, came] for day, chance, came in chances)],
    )
    return table, words


def told_by_origin(run: Run, said: Sequence[tuple[date, float, str]]) -> list[Row]:
    """Return a row for each origin: its chance with a note, and what the record has from then on to the next."""
    drawn = marks([(0.0, chance, chance, True) for _, chance, _ in said])
    days = [*(day for day, *_ in said), date.max]
    record = run.record.until(run.scenario.as_of)
    rows: list[Row] = []
    for (day, chance, note), mark, (since, until) in zip(said, drawn, pairwise(days), strict=True):
        facts = [fact for _, fact in facts_between(record, since, until)]
        rows.append([day_in_words(day), Cell(per_cent(chance), note, mark), "; ".join(facts)])
    return rows


def _within_a_year(run: Run) -> float | None:
    last = run.scenario.first_month + _YEAR - 1
    if last > run.scenario.last_month:
        return None
    case = Case(SANCTIONS_WITHIN_YEAR, "event", run.scenario.as_of, _YEAR, None, month_end(last), 0.0)
    return float(run_forecast(run.data, case)[1])


_TURNS = {"coalition", "issue", "halt", "interconnector"}
"""Turns of the record that are told; reports and statements about arms are not (judgement)."""


def facts_between(record: Record, since: date, until: date) -> list[tuple[date, str]]:
    """Return what the record has from one day to the day before another, by day: each fact with its date in words."""
    within = sorted({fact for fact in _facts(record) if since <= fact[0] < until})
    return [(day, f"{when or day_in_words(day)}: {what}") for day, when, what in within]


def _facts(record: Record) -> Iterator[tuple[date, str, str]]:
    """Yield day, the time in words where it is no day, and what happened."""
    for before, now in pairwise(record.table("war")):
        if before["regime"] != now["regime"]:
            month = month_in_words(month_number(now["month"]))
            yield now["month"], month, f"war in Ukraine, {now['regime'].replace('_', ' ')}"
    for row in record.table("elections"):
        if row["kind"] == "parliamentary":
            yield row["date"], "", f"parliamentary election, {(row['result'] or 'result open').split(';')[0]}"
    opened = [row for row in record.table("accession") if row["kind"] == "opened"]
    for day, rows in groupby(opened, key=lambda row: row["date"]):
        chapters = [str(row["chapter"]) for row in rows]
        yield day, "", f"the EU opens chapter{'s' * (len(chapters) > 1)} {', '.join(chapters)}"
    for row in record.table("turns"):
        if row["kind"] in _TURNS and row["reason"]:
            about = f"{load_country(record.state).issue}, " if row["kind"] == "issue" else ""
            yield row["date"], "", about + row["reason"].rstrip(".")
    for row in record.table("contracts"):
        if row["signed_on"]:
            yield row["signed_on"], "", f"gas contract with Russia to {day_in_words(row['contract_end'])}"


def misses_table(card: Scorecard) -> tuple[Table, str]:
    """Return the last forecasts that missed, and how many of how many did."""
    found, asked = misses(card)
    days = [(day_in_words(m.ended), day_in_words(m.origin)) for m in found]
    told = [[*when, _asked(m), m.came, m.said, m.alone] for when, m in zip(days, found, strict=True)]
    heads = ("Ended", "Asked on", "Of what", "What came", "Forecast", "The model alone")
    words = (
        f"{len(found)} of {asked} forecasts from past dates missed: what came lay beyond the band of 90 %, or had been "
        f"given less than {100 * UNLIKELY:.0f} %."
    )
    caption, source = f"The last {min(_LAST, len(found))} misses", "scores.csv of the scorecard"
    return Table(caption, heads, told[:_LAST], source, "misses.csv", [heads, *told]), words


_EVENTS = {
    UN_VOTES: "a vote in the UN",
    CHAPTER_WITHIN_YEAR: "a chapter opened within a year",
    ALIGNMENT_HALF: "half of the EU's declarations joined",
    SANCTIONS_WITHIN_YEAR: "sanctions within a year",
}

_TEXTS = {
    "crimea": "on Crimea",
    "aggression": "against invasion or annexation",
    "emergency": "in an emergency session",
}


def _asked(miss: Miss) -> str:
    """Return what a forecast was of, in words."""
    about = _EVENTS[miss.target] if miss.target in _EVENTS else TARGETS[miss.target].short
    return f"{about}, {_TEXTS.get(miss.text, miss.text)}" if miss.text else about


def eras_table(folder: Path, card: Scorecard) -> tuple[Table, str]:
    """Return by era, the last first, how the published forecast and its bands did; and that in words."""
    published = next(name for name in PUBLISHED if name in card.forecasters)
    found, bands, events = (_read(folder / name) for name in (BY_ERA, COVERAGE, BRIER))
    rows: list[Row] = []
    verdicts: dict[str, dict[str, list[str]]] = {}
    for era in (*(era.name for era in reversed(ERAS)), SINCE_2018.name, WHOLE):
        at = {"era": era, "forecaster": published}
        at_all = at | {"score": "crps", "target": ALL_TARGETS}
        skills = {rival: _first(found, **at_all, rival=rival) for rival in _RIVALS}
        if not any(skills.values()):
            continue
        for rival, skill in skills.items():
            if skill and era not in (SINCE_2018.name, WHOLE):
                verdicts.setdefault(rival, {}).setdefault(_against(skill), []).append(era)
        band = _first(bands, **at, target=ALL, band="0.9")
        votes = [
            _first(events, **at | {"forecaster": name}, target=UN_VOTES)
            for name in (published, "persistence")
        ]
        cells = [_skill(skill) for skill in skills.values()]
        cells += [f"{float(band['coverage']):.2f}" if band else ""]
        cells += [" against ".join(f"{float(vote['brier']):.2f}" for vote in votes if vote)]
        rows.append([Cell(era, f"{next(filter(None, skills.values()))['n']} figures"), *cells])
    heads = ("Made in", "Skill against persistence", f"Skill against {SHRUNK}", "90 % bands that held")
    table = Table(
        f"How the {'pooled ' if published == POOLED else ''}forecast did, by era",
        (*heads, "Brier score of UN votes, against persistence"),
        rows,
        "eras.csv, coverage.csv and brier.csv of the scorecard. Skill: by how much the mean error (CRPS) is less than "
        "the rival's, 1 at most; in brackets nine in ten block resamples",
        "eras.csv",
        [list(found[0]), *(list(row.values()) for row in found)] if found else [],
    )
    words = []
    for rival, told in verdicts.items():
        parts = [f"{verdict} when made in {', '.join(eras)}" for verdict, eras in told.items()]
        words.append(f"Against {_RIVALS[rival]}, forecasts of figures were {'; '.join(parts)}.")
    return table, " ".join(words)


_RIVALS = {
    "persistence": "persistence, which says that the last figure stays",
    SHRUNK: f"{SHRUNK}, which adds the usual spread of changes",
}


def _skill(skill: dict[str, str]) -> str:
    if not skill:
        return ""
    middle, low, high = (signed(float(skill[name]), 2) for name in ("skill", "low", "high"))
    return f"{middle} [{low}, {high}]".replace(" ", HELD)


def _against(skill: dict[str, str]) -> str:
    if float(skill["low"]) > 0.0:
        return "better"
    return "worse" if float(skill["high"]) < 0.0 else "level"


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _first(rows: Sequence[dict[str, str]], **at: str) -> dict[str, str]:
    return next((row for row in rows if all(row[name] == value for name, value in at.items())), {})
