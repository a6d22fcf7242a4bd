"""A scorecard in words: the skill of every variant of the model against every rival."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Any

import pandas as pd

from sim.cli.screen import row, width, wrapped
from sim.rivals import SHRUNK
from sim.verification.pooling import FEWEST, POOLED
from sim.verification.scorecard import NO_INCENTIVES_GIVEN, OURS, Scorecard
from sim.words import minus

_NAME, _CELL = 23, 19
_RIVALS = {NO_INCENTIVES_GIVEN: "incentives off, given"}
_SCORES = {"crps": "CRPS", "brier": "Brier score"}


def skill_lines(card: Scorecard) -> Iterator[str]:
    """Yield the skill of every variant of the model against every rival, pooled and by target, with intervals."""
    made = card.provenance
    dates = made["origins"]
    leads = ", ".join(map(str, made["leads"]))
    yield from wrapped(f"{len(dates)} origins from {dates[0]} to {dates[-1]}; leads {leads} months.")
    yield from wrapped(
        "Skill: 1 - score / rival's score, with its interval of 90 %; above zero the rival did worse. After a target: "
        f"outcomes; * under {FEWEST} at every lead, not pooled."
    )
    yield from _eras(card)
    found = card.skills()
    for own in (name for name in card.forecasters if name in OURS):
        for score, words in _SCORES.items():
            part = found[(found["forecaster"] == own) & (found["score"] == score)]
            if len(part):
                yield ""
                yield f"{own}: {words}"
                yield from _table(part)


def _eras(card: Scorecard) -> Iterator[str]:
    """Yield the pooled skill against shrunk persistence by the era of the origins."""
    found = card.skills_by_era()
    found = found[(found["rival"] == SHRUNK) & (found["score"] == "crps") & (found["target"] == POOLED)]
    if not len(found):
        return
    yield ""
    yield from wrapped(f"CRPS skill against {SHRUNK} by the era of the origin, with the number of outcomes:")
    at = {(each.era, each.forecaster): each for each in found.itertuples()}
    names = list(dict.fromkeys(found["forecaster"]))
    yield row("", names, _NAME, _CELL)
    for era in dict.fromkeys(found["era"]):
        n = max(int(each.n) for (when, _), each in at.items() if when == era)
        yield row(f"{era}, {n}", [_cell(at.get((era, name))) for name in names], _NAME, _CELL)


def _table(part: pd.DataFrame) -> Iterator[str]:
    targets = sorted(dict.fromkeys(part["target"]), key=lambda name: name != POOLED)
    at = {(each.rival, each.target): each for each in part.itertuples()}
    most = (width() - _NAME) // _CELL
    rivals = list(dict.fromkeys(part["rival"]))
    for begin in range(0, len(targets), most):
        abreast = targets[begin : begin + most]
        heads = [_head(name, [at[key] for key in at if key[1] == name]) for name in abreast]
        yield row("", heads, _NAME, _CELL)
        for rival in rivals:
            cells = [_cell(at.get((rival, name))) for name in abreast]
            yield row(_RIVALS.get(rival, rival), cells, _NAME, _CELL)


def _head(target: str, rows: list[Any]) -> str:
    mark = "" if rows[0].pooled else "*"
    short = {"chapter_within_year": "chapter", "sanctions_within_year": "sanctions"}
    return f"{short.get(target, target)} {rows[0].n}{mark}"


def _cell(of: Any) -> str:
    return "-" if of is None else f"{_short(of.skill)} [{_short(of.low)},{_short(of.high)}]"


def _short(skill: float) -> str:
    """Return a skill with its sign, to two figures: "+.31", "-1.2", "-14"; of none a question mark."""
    if not isfinite(skill):
        return "?"
    places = 2 if abs(skill) < 1.0 else 1 if abs(skill) < 10.0 else 0
    return minus(f"{skill:+.{places}f}".replace("+0.", "+.").replace("-0.", "-."))
