"""How good such forecasts were: what the ledger registered, what the scorecard missed, and how it did by era."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from sim.quantities.catalogue import TARGETS
from sim.record.cases import ALIGNMENT_HALF, CHAPTER_WITHIN_YEAR, SANCTIONS_WITHIN_YEAR, UN_VOTES
from sim.registry import ChainError, Standing, read_ledger
from sim.registry.truth import Answer
from sim.report.tables import Cell, Row, Table
from sim.rivals import SHRUNK
from sim.runs.results import Run
from sim.verification import Scorecard
from sim.verification.misses import PUBLISHED, UNLIKELY, Miss, misses
from sim.verification.pooling import ALL_TARGETS, ERAS, SINCE_2018, WHOLE
from sim.verification.scorecard import ALL, BRIER, BY_ERA, COVERAGE, MODEL, NO_INCENTIVES, SUMMARY
from sim.words import HELD, day_in_words, per_cent, signed

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
_PARTS = {"figures": "crps", "votes and events": "brier"}
_RIVALS = {
    "persistence": "persistence, which says that the last figure stays",
    SHRUNK: f"{SHRUNK}, which adds the usual spread of changes",
}


def ledger_table(run: Run, answer: Answer, folder: Path) -> Table | None:
    """Return what the ledger of forecasts says of a question, and how that changed; None if it says nothing."""
    made, question = run.provenance, answer.question
    asked = [
        each.forecast
        for each in _standings(folder)
        if (each.forecast.scenario, each.forecast.id) == (made["scenario"], question.id)
    ]
    found = [(said, probability) for said in asked if (probability := said.probability) is not None]
    if not found:
        return None
    found.sort(key=lambda each: each[0].registered)
    rows: list[Row] = []
    for said, probability in found:
        chance = per_cent(probability, said.mcse if probability == said.model_probability else None)
        which = Cell(said.run, "this run" if said.run == made["digest"] else "")
        rows.append([day_in_words(said.registered), day_in_words(said.as_of), chance, which])
    first, then = found[0]
    now = per_cent(answer.probability)
    words = (
        f"First registered on {day_in_words(first.registered)} with {per_cent(then)}; this page says {now}."
    )
    return Table(rows, words=words)


def ledger_in_words(folder: Path, run: Run) -> str:
    """Return how many registered forecasts of a run's state have come due, and how those did that were scored."""
    about, name = run.scenario.state, run.country.state
    found = [e for e in _standings(folder) if not e.forecast.hindcast and e.forecast.state == about]
    if not found:
        return f"No forecast of {name} is registered in {folder}."
    scored = [each.resolution for each in found if each.resolution is not None]
    due = sum(each.state != "open" for each in found)
    first = min(each.forecast.due for each in found)
    said = f"Of {len(found)} forecasts of {name} in the ledger, {due or 'none'} {'has' if due < 2 else 'have'} come due"
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


def misses_table(card: Scorecard) -> Table:
    """Return the forecasts that missed, the last first, and how many of how many did."""
    (found, asked), state = misses(card), card.country.state
    told = [
        (day_in_words(miss.ended), day_in_words(miss.origin), _asked(miss), miss.came, miss.said, miss.alone)
        for miss in found
    ]
    return Table(
        told,
        words=f"{len(found)} of {asked} forecasts of {state} from past dates missed: what came lay beyond the band of "
        f"90{HELD}%, or had been given less than {100 * UNLIKELY:.0f}{HELD}%.",
    )


def _asked(miss: Miss) -> str:
    """Return what a forecast was of, in words."""
    about = _EVENTS[miss.target] if miss.target in _EVENTS else TARGETS[miss.target].short
    return f"{about}, {_TEXTS.get(miss.text, miss.text)}" if miss.text else about


def eras_table(folder: Path, card: Scorecard) -> Table:
    """Return by era, the last first, how the published forecast and its bands did."""
    published = next(name for name in PUBLISHED if name in card.forecasters)
    found, bands, events = (_read(folder / name) for name in (BY_ERA, COVERAGE, BRIER))
    rows: list[Row] = []
    verdicts: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for era in (*(era.name for era in reversed(ERAS)), SINCE_2018.name, WHOLE):
        at = {"era": era, "forecaster": published}
        at_all = at | {"score": "crps", "target": ALL_TARGETS}
        skills = {rival: _first(found, **at_all, rival=rival) for rival in _RIVALS}
        if not any(skills.values()):
            continue
        for rival, skill in skills.items():
            if skill and era not in (SINCE_2018.name, WHOLE):
                verdicts[rival][_against(skill)].append(era)
        band = _first(bands, **at, target=ALL, band="0.9")
        told = (published, "persistence")
        votes = [_first(events, **at | {"forecaster": name}, target=UN_VOTES) for name in told]
        cells = [_skill(skill) for skill in skills.values()]
        cells += [f"{float(band['coverage']):.2f}" if band else ""]
        cells += [" against ".join(f"{float(vote['brier']):.2f}" for vote in votes if vote)]
        rows.append([Cell(era, f"{next(filter(None, skills.values()))['n']} figures"), *cells])
    words = []
    for rival, told_of in verdicts.items():
        parts = "; ".join(
            f"{verdict} when made in {', '.join(sorted(eras))}" for verdict, eras in told_of.items()
        )
        words.append(f"Against {_RIVALS[rival]}, forecasts of figures were {parts}.")
    return Table(rows, found, " ".join(words))


def without_incentives(folder: Path) -> str:
    """Return how the model without incentives did in the hindcast against the model, by figures and by events."""
    rows, at = _read(folder / SUMMARY), {"forecaster": MODEL, "rival": NO_INCENTIVES, "target": ALL_TARGETS}
    did = {"better": "worse", "level": "as well", "worse": "better"}
    found = {what: _first(rows, **at, score=score) for what, score in _PARTS.items()}
    return " and ".join(f"{did[_against(skill)]} on {what}" for what, skill in found.items() if skill)


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
