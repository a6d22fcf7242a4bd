"""Rivals for events and votes: the rule of succession, persistence, and persistence that leans on other states."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from sim.arrays import FloatArray
from sim.cases import (
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
from sim.clock import month_start
from sim.observations import Record

POSSIBLE_SINCE = {
    ALIGNMENT_HALF: date(2012, 1, 1),
    CHAPTER_WITHIN_YEAR: date(2014, 1, 1),
    SANCTIONS_WITHIN_YEAR: date(2014, 7, 1),
}
"""The first half-year's origin at which an event could have happened: the first accession conference was in January
2014, the EU's measures on Russia are of March 2014. Rivals count from there, not from the first scored origin."""


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
    if case.target == UN_VOTES:
        past = _texts(record, case)
        overall = _laplace([vote for _, vote in past], 3)
        same = np.bincount([vote for kind, vote in past if kind == case.text], minlength=3)
        return np.asarray((same + 3.0 * overall) / (same.sum() + 3.0))
    return _laplace(_outcomes(record, case), 2)


def persistence(record: Record, case: Case) -> FloatArray:
    """Return that the last outcome recurs, with the rule of succession's chance of that over the transitions so far.

    Votes: the last on a text of this kind, if there is one, else the last of all; the rest is shared evenly.
    """
    if case.target == UN_VOTES:
        past = _texts(record, case)
        outcomes = [vote for kind, vote in past if kind == case.text] or [vote for _, vote in past]
        return _recurs(outcomes, [vote for _, vote in past], 3)
    outcomes = _outcomes(record, case)
    return _recurs(outcomes, outcomes, 2)


def shrunk_persistence(record: Record, case: Case) -> FloatArray:
    """Return that the last outcome recurs, with a chance that leans on other states: see `recurrence`.

    Votes as in `persistence`, by transitions of all texts.
    """
    if case.target == UN_VOTES:
        past = _texts(record, case)
        outcomes = [vote for kind, vote in past if kind == case.text] or [vote for _, vote in past]
        return _last_again(outcomes, recurrence([vote for _, vote in past]), 3)
    outcomes = _outcomes(record, case)
    lag = 1 if case.target == ALIGNMENT_HALF else YEAR // EVERY  # origins until a year's outcome is known
    return _last_again(outcomes, recurrence(outcomes, lag, STAYS_OF.get(case.target, STAYS)), 2)


def recurrence(outcomes: Sequence[int], lag: int = 1, prior: Stays = STAYS) -> float:
    """Return the chance that an outcome is so again `lag` later: the mean of a Beta prior and of what was seen.

    Equation: ``(a + stayed / lag) / (a + b + pairs / lag)``: pairs of stretches `lag` long overlap, and count for so
    much less.
    """
    pairs = list(zip(outcomes[:-lag], outcomes[lag:], strict=True))
    stayed = sum(before == after for before, after in pairs)
    return (prior[0] + stayed / lag) / (sum(prior) + len(pairs) / lag)


def _recurs(outcomes: Sequence[int], chain: Sequence[int], classes: int) -> FloatArray:
    return _last_again(outcomes, recurrence(chain, prior=(1.0, 1.0)), classes)


def _last_again(outcomes: Sequence[int], chance: float, classes: int) -> FloatArray:
    if not outcomes:
        return np.full(classes, 1.0 / classes)
    found = np.full(classes, (1.0 - chance) / (classes - 1))
    found[outcomes[-1]] = chance
    return found


def _laplace(outcomes: Sequence[int], classes: int) -> FloatArray:
    counts = np.bincount(np.array(outcomes, dtype=np.int64), minlength=classes)
    return np.asarray((counts + 1.0) / (len(outcomes) + classes))


def _texts(record: Record, case: Case) -> list[tuple[str, int]]:
    seen = record.until(case.origin)
    return [(text.text, int(text.outcome)) for text in text_cases(seen, month_start(0), case.origin)]


def _outcomes(record: Record, case: Case) -> list[int]:
    """Return how the event came out at the origins before, as far as that was known at the case's own."""
    seen = record.until(case.origin)
    found, origin = [], POSSIBLE_SINCE[case.target]
    while origin < case.origin:
        before = event_case(seen, case.target, origin)
        if before is not None and before.end < case.origin:
            found.append(int(before.outcome))
        origin = later(origin, EVERY)
    return found
