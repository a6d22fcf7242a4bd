"""A scorecard in words, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from textwrap import wrap
from typing import Any

import pandas as pd

from sim.rivals import SHRUNK
from sim.verification.pooling import FEWEST, POOLED
from sim.verification.scorecard import OURS, Scorecard

_NAME = 23
_CELL = 19

_RIVALS = {"incentives off, surroundings given": "incentives off, given"}

SCORES = {"crps": "CRPS", "brier": "Brier score"}


def skill_lines(card: Scorecard, width: int = 80) -> Iterator[str]:
    """Yield the skill of every variant of the model against every rival, pooled and by target, with intervals."""
    made = card.provenance
    dates = made["origins"]
    leads = ", ".join(map(str, made["leads"]))
    yield from wrap(f"{len(dates)} origins from {dates[0]} to {dates[-1]}; leads {leads} months.", width)
    yield from wrap(
        "Skill: 1 - score / rival's score, with its interval of 90 %; above zero the rival did worse. After a target: "
        f"outcomes; * under {FEWEST} at every lead, not pooled.",
        width,
    )
    yield from _eras(card, width)
    found = card.skills()
    for own in (name for name in card.forecasters if name in OURS):
        for score, words in SCORES.items():
            part = found[(found["forecaster"] == own) & (found["score"] == score)]
            if len(part):
                yield ""
                yield f"{own}: {words}"
                yield from _table(part, (width - _NAME) // _CELL)


def _eras(card: Scorecard, width: int) -> Iterator[str]:
    """Yield the pooled skill against shrunk persistence by the era of the origins."""
    found = card.skills_by_era()
    found = found[(found["rival"] == SHRUNK) & (found["score"] == "crps") & (found["target"] == POOLED)]
    if not len(found):
        return
    yield ""
    about = f"CRPS skill against {SHRUNK} by the era of the origin, with the number of outcomes:"
    yield from wrap(about, width)
    at = {(row.era, row.forecaster): row for row in found.itertuples()}
    names = list(dict.fromkeys(found["forecaster"]))
    yield _row("", names)
    for era in dict.fromkeys(found["era"]):
        n = max(int(row.n) for (when, _), row in at.items() if when == era)
        yield _row(f"{era}, {n}", [_cell(at.get((era, name))) for name in names])


def _table(part: pd.DataFrame, most: int) -> Iterator[str]:
    targets = sorted(dict.fromkeys(part["target"]), key=lambda name: name != POOLED)
    at = {(row.rival, row.target): row for row in part.itertuples()}
    rivals = list(dict.fromkeys(part["rival"]))
    for begin in range(0, len(targets), most):
        abreast = targets[begin : begin + most]
        heads = [_head(name, [at[key] for key in at if key[1] == name]) for name in abreast]
        yield _row("", heads)
        for rival in rivals:
            yield _row(_RIVALS.get(rival, rival), [_cell(at.get((rival, name))) for name in abreast])


def _row(head: str, cells: list[str]) -> str:
    return f"{head:<{_NAME}}" + "".join(cell.rjust(_CELL) for cell in cells)


def _head(target: str, rows: list[Any]) -> str:
    mark = "" if rows[0].pooled else "*"
    short = {"chapter_within_year": "chapter", "sanctions_within_year": "sanctions"}
    return f"{short.get(target, target)} {rows[0].n}{mark}"


def _cell(row: Any) -> str:
    return "-" if row is None else f"{_short(row.skill)} [{_short(row.low)},{_short(row.high)}]"


def _short(skill: float) -> str:
    """Return a skill with its sign, to two figures: "+.31", "-1.2", "-14"; of none a question mark."""
    if not isfinite(skill):
        return "?"
    places = 2 if abs(skill) < 1.0 else 1 if abs(skill) < 10.0 else 0
    return f"{skill:+.{places}f}".replace("+0.", "+.").replace("-0.", "-.")
