"""Rivals for events and votes: the rule of succession, persistence, and persistence that leans on other states."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from sim.arrays import FloatArray
from sim.clock import month_start
from sim.record.cases import (
    ALIGNMENT_HALF,
    CHAPTER_WITHIN_YEAR,
    EVERY,
    SANCTIONS_WITHIN_YEAR,
    UN_VOTES,
    YEAR,
    Case,
    event_case,
    later,
    text_cases,
)
from sim.record.country import load_country
from sim.record.observations import Record

_POSSIBLE_SINCE = {ALIGNMENT_HALF: date(2012, 1, 1), SANCTIONS_WITHIN_YEAR: date(2014, 7, 1)}


def possible_since(target: str, state: str) -> date:
    """Return the first half-year's origin at which an event could have happened; rivals count from there.

    Chapters open once talks have begun, which is a date of the state's; the EU's measures on Russia are of March 2014.
    """
    return load_country(state).talks_from if target == CHAPTER_WITHIN_YEAR else _POSSIBLE_SINCE[target]


Stays = tuple[float, float]

STAYS: Stays = (3.0, 1.0)
"""Beta prior of the chance that what was so is so again: in 18 of 25 years Turkey and Montenegro opened chapters, or
opened none, as in the year before; that it counts for four and holds for other events is judgement."""

STAYS_OF = {SANCTIONS_WITHIN_YEAR: (9.5, 0.5)}
"""Other priors of that: none of five candidates joined the EU's measures in nine state-years to the end of 2015 (table
`reference_class` of the record), with half a case more of each."""


def succession(record: Record, case: Case) -> FloatArray:
    """Return ``(k + 1) / (n + 2)`` for k of n origins so far; for votes ``(k + 1) / (n + 3)`` over the texts so far.

    Votes on texts of the same kind count once more against that share, which stands for three of them (judgement), so
    that this rival too knows the kinds apart.
    """
    alike, every = _history(record, case)
    overall = (np.bincount(every, minlength=case.classes) + 1.0) / (len(every) + case.classes)
    if case.target != UN_VOTES:
        return np.asarray(overall)
    same = np.bincount(alike, minlength=3)
    return np.asarray((same + 3.0 * overall) / (same.sum() + 3.0))


def persistence(record: Record, case: Case) -> FloatArray:
    """Return that the last outcome recurs, with the rule of succession's chance of that over the transitions so far.

    Votes: the last on a text of this kind, if there is one, else the last of all; the rest is shared evenly.
    """
    alike, every = _history(record, case)
    return _last_again(alike or every, recurrence(every, prior=(1.0, 1.0)), case.classes)


def shrunk_persistence(record: Record, case: Case) -> FloatArray:
    """Return that the last outcome recurs, with a chance that leans on other states: see `recurrence`.

    Votes as in `persistence`, by transitions of all texts.
    """
    alike, every = _history(record, case)
    # origins until a year's outcome is known
    lag = YEAR // EVERY if case.target in (CHAPTER_WITHIN_YEAR, SANCTIONS_WITHIN_YEAR) else 1
    chance = recurrence(every, lag, STAYS_OF.get(case.target, STAYS))
    return _last_again(alike or every, chance, case.classes)


def recurrence(outcomes: Sequence[int], lag: int = 1, prior: Stays = STAYS) -> float:
    """Return the chance that an outcome is so again `lag` later: the mean of a Beta prior and of what was seen.

    Equation: ``(a + stayed / lag) / (a + b + pairs / lag)``: pairs of stretches `lag` long overlap, and count for so
    much less.
    """
    pairs = list(zip(outcomes[:-lag], outcomes[lag:], strict=True))
    stayed = sum(before == after for before, after in pairs)
    return (prior[0] + stayed / lag) / (sum(prior) + len(pairs) / lag)


def _last_again(outcomes: Sequence[int], chance: float, classes: int) -> FloatArray:
    if not outcomes:
        return np.full(classes, 1.0 / classes)
    found = np.full(classes, (1.0 - chance) / (classes - 1))
    found[outcomes[-1]] = chance
    return found


def _history(record: Record, case: Case) -> tuple[list[int], list[int]]:
    """Return the outcomes so far, as far as they were known at the case's origin: of the same kind, and all.

    They are the votes, those on texts of the case's kind; or how the event came out at the origins before, all alike.
    """
    seen = record.until(case.origin)
    if case.target == UN_VOTES:
        texts = list(text_cases(seen, month_start(0), case.origin))
        return (
            [int(text.outcome) for text in texts if text.text == case.text],
            [int(text.outcome) for text in texts],
        )
    found, origin = [], possible_since(case.target, record.state)
    while origin < case.origin:
        before = event_case(seen, case.target, origin)
        if before is not None and before.end < case.origin:
            found.append(int(before.outcome))
        origin = later(origin, EVERY)
    return found, found
