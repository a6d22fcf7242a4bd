"""Rivals for figures and counts that are reckoned in a few lines; and how wide a forecast is.

Persistence, climatology and the random walk know the state's own past alone. Where that is short, the others lean on
what other states did, and no constant is fitted to her series: constants are from yearly UN ideal points of twelve
other states, no great powers, in figures known before 2016 (`git show 54f087d:benchmarks/rival_constants.py` counts
them), and from the chapters that Turkey and Montenegro opened; that they hold for other targets too is judgement.

Predictive samples are quantiles of Student's t, without random numbers, wide where little is known.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import numpy as np
from scipy.special import stdtrit

from sim.arrays import FloatArray, IntArray
from sim.quantities.catalogue import QUANTITIES
from sim.record.cases import Case
from sim.rivals.events import recurrence
from sim.rivals.series import Past

SIZE = 1000
"""Values of a predictive sample, of rivals and of the model alike, so that all are scored on one footing."""

LEVELS: FloatArray = (np.arange(SIZE) + 0.5) / SIZE

FEWEST = 3
"""Figures or changes below which their spread is not trusted alone."""

_HEAVIEST = 2.0


def student(mean: float, scale: float, freedom: float) -> FloatArray:
    """Return quantiles of ``mean + scale * t``, t with `freedom` degrees, at least 2; shape (SIZE,), ascending."""
    quantiles: FloatArray = stdtrit(max(freedom, _HEAVIEST), LEVELS)
    return mean + scale * quantiles


def spread_of(deviations: FloatArray, *, fitted: int, usual: float, noise: float) -> tuple[float, float]:
    """Return scale and degrees of freedom of what deviates from a fit.

    The scale is ``sqrt(sum of squares / (n - fitted))``. Rule for few: with fewer than three deviations it is not below
    `usual`, what judgement expects, and the degrees are 2. It is never below `noise`, that of publication.
    """
    n, freedom = deviations.size, deviations.size - fitted
    scale = sqrt(float(np.sum(deviations**2)) / freedom) if freedom > 0 else 0.0
    if n < FEWEST:
        scale, freedom = max(scale, usual), 2
    return max(scale, noise), float(freedom)


BREAK_YEAR = 2014
"""The war began: climatology since then is a rival of its own."""


def persistence(past: Past, case: Case) -> FloatArray:
    """Return the last published figure, with the spread of past changes over as many steps.

    With fewer than three such changes, those from one figure to the next are taken, scaled by the root of the steps.
    """
    steps = past.steps_to(case)
    changes = changes_over(past, steps)
    if changes.size < FEWEST:
        changes = np.diff(past.values) / np.sqrt(np.diff(past.slots)) * sqrt(steps)
    scale, freedom = spread_of(changes, fitted=0, usual=past.usual(steps), noise=past.noise)
    return past.published(case, student(past.last, scale, freedom))


def climatology(past: Past, case: Case) -> FloatArray:
    """Return the spread of all figures known; of a count that only grows, of its changes over as many steps."""
    steps = past.steps_to(case)
    if QUANTITIES[past.target].kind == "count":
        return past.published(case, past.last + _around_mean(changes_over(past, steps), past, steps))
    return past.published(case, _around_mean(past.values, past, STEPS_UNKNOWN))


def climatology_since_2014(past: Past, case: Case) -> FloatArray:
    """Return the climatology of 2014 and later, of figures of the same half where at least three are known."""
    recent = past.since(BREAK_YEAR)
    same = recent.halves == case.half_year
    if QUANTITIES[past.target].window == "half-year" and same.sum() >= FEWEST:
        return past.published(case, _around_mean(recent.values[same], past, STEPS_UNKNOWN))
    return climatology(recent, case)


def drift(past: Past, case: Case) -> FloatArray:
    """Return a random walk with drift: the mean step so far, its error and the steps to come.

    Variance ``s^2 k (1 + k / K)`` for k steps ahead and K steps seen.
    """
    steps, seen = past.steps_to(case), int(past.slots[-1] - past.slots[0])
    if seen == 0:
        scale, freedom = spread_of(np.empty(0), fitted=0, usual=past.usual(steps), noise=past.noise)
        return past.published(case, student(past.last, scale, freedom))
    step = (past.last - float(past.values[0])) / seen
    gaps = np.diff(past.slots)
    left = (np.diff(past.values) - step * gaps) / np.sqrt(gaps)
    scale, freedom = spread_of(left, fitted=1, usual=past.usual(1), noise=0.0)
    wide = max(scale * sqrt(steps * (1.0 + steps / seen)), past.noise)
    return past.published(case, student(past.last + step * steps, wide, freedom))


def changes_over(past: Past, steps: int) -> FloatArray:
    """Return all changes between figures so many steps apart."""
    at = dict(zip(past.slots.tolist(), past.values.tolist(), strict=True))
    return np.array([at[place + steps] - value for place, value in at.items() if place + steps in at])


STEPS_UNKNOWN = 4
"""Steps over which judgement says how far figures lie apart where fewer than three are known."""


def _around_mean(values: FloatArray, past: Past, steps: int) -> FloatArray:
    mean = float(values.mean()) if values.size else 0.0
    scale, freedom = spread_of(values - mean, fitted=1, usual=past.usual(steps), noise=past.noise)
    return student(mean, scale * sqrt(1.0 + 1.0 / max(values.size, 1)), freedom)


WORTH = 4.5
"""Past changes that the usual change counts for. The mean squared changes of twelve states differ among them as if
drawn from a scaled inverse chi-square law with 4.5 degrees of freedom; the root of them all is .093, and .1 is the
usual change of a UN position."""

WEIGHT = 0.8
"""Of the newest figure in simple smoothing, for each step since the one before. On those twelve states .9 errs least a
year ahead and .8 by a hundredth more; .8 since figures of other targets are noisier (judgement)."""

KEPT = 0.82
"""Share of the distance to its mean that a figure keeps over a year: the autoregression of those twelve around their
own means, .69, less the bias of short series, ``phi - (1 + phi) / T`` (Nickell 1981, Econometrica 49(6))."""

CHAPTERS_IN_MOVING_YEAR = 3.0
"""Chapters opened in a year in which any is: Turkey and Montenegro opened 37 in eleven such years to 2015."""


def shrunk_persistence(past: Past, case: Case) -> FloatArray:
    """Return the last published figure, with the spread of past changes over as many steps shrunk to the usual one.

    Student's t with ``nu + n`` degrees of freedom and variance ``(nu s^2 + n mean square change) / (nu + n)``, the
    predictive law under a scaled inverse chi-square prior (Gelman et al. 2013, Bayesian Data Analysis, 2.6): nu is
    `WORTH`, ``s^2 = (nu - 2) / nu`` times the usual change squared, n the changes over the steps; of k steps, which
    overlap, a kth of their number. A count that only grows stays or moves, see `_moving`.
    """
    steps = past.steps_to(case)
    if QUANTITIES[past.target].kind == "count":
        return past.published(case, _moving(past, steps))
    return past.published(case, _spread(past.last, changes_over(past, steps), past, steps))


def simple_smoothing(past: Past, case: Case) -> FloatArray:
    """Return the exponentially weighted mean of the figures, each step's weight being `WEIGHT` of what is left.

    Of a count that only grows its steps are smoothed. The spread is that of its own past errors, shrunk as in
    `shrunk_persistence`.
    """
    return _ahead(past, case, _smoothed)


def mean_reversion(past: Past, case: Case) -> FloatArray:
    """Return the mean of the figures so far and what is left of the last one's distance to it, `KEPT` a year.

    Of a count that only grows its steps revert. The spread is that of its own past errors, shrunk as in
    `shrunk_persistence`.
    """
    return _ahead(past, case, _reverted)


def shrunk_scale(changes: FloatArray, *, overlap: float, usual: float) -> tuple[float, float]:
    """Return scale and degrees of freedom of changes shrunk to the usual one; of n that overlap, n / overlap count."""
    count = changes.size / overlap
    mean_square = float(np.mean(changes**2)) if changes.size else 0.0
    prior = (WORTH - 2.0) / WORTH * usual**2
    return sqrt((WORTH * prior + count * mean_square) / (WORTH + count)), WORTH + count


def _spread(centre: float, errors: FloatArray, past: Past, steps: int) -> FloatArray:
    scale, freedom = shrunk_scale(errors, overlap=steps, usual=past.usual(steps))
    return student(centre, max(scale, past.noise), freedom)


def _moving(past: Past, steps: int) -> FloatArray:
    """Return a count that stays as it is, with the chance that a state of staying or moving recurs, or moves.

    States are those of stretches of `steps`, the last one being the present state. How far it moves is geometric from
    1 on, its mean that of past moves shrunk to the usual one, which counts for `WORTH` moves.
    """
    changes = changes_over(past, steps)
    moved = changes > 0.0
    again = recurrence(moved.astype(np.int64).tolist(), steps)
    still = 0.5 if not moved.size else 1.0 - again if moved[-1] else again
    usual = 1.0 + (CHAPTERS_IN_MOVING_YEAR - 1.0) * steps / past.scored.steps
    moves = changes[moved]
    mean = (WORTH * usual + float(moves.sum()) / steps) / (WORTH + moves.size / steps)
    # of those that move, the share that moves farther
    farther = np.minimum((1.0 - LEVELS) / (1.0 - still), 1.0)
    sizes = 1.0 + np.floor(np.log(farther) / np.log1p(-1.0 / mean))
    return past.current + np.where(still > LEVELS, 0.0, sizes)


def _ahead(past: Past, case: Case, mean: Callable[[FloatArray, IntArray, int, float], float]) -> FloatArray:
    """Return the forecast of a mean that figures known so far give, with the spread of the errors it made before."""
    steps = past.steps_to(case)
    count = QUANTITIES[past.target].kind == "count"
    values, slots = (np.diff(past.values), past.slots[1:]) if count else (past.values, past.slots)
    kept = KEPT ** (1.0 / past.scored.steps)

    def centre(known: int) -> float:
        if not count:
            return mean(values[:known], slots[:known], steps, kept)
        ahead = (mean(values[:known], slots[:known], k, kept) for k in range(1, steps + 1)) if known else ()
        return float(past.values[known]) + sum(ahead)

    at = dict(zip(past.slots.tolist(), past.values.tolist(), strict=True))
    errors = [
        at[due] - centre(known)
        for known in range(1, values.size + 1)
        if (due := int(slots[known - 1]) + steps) in at
    ]
    return past.published(case, _spread(centre(values.size), np.array(errors), past, steps))


def _smoothed(values: FloatArray, slots: IntArray, steps: int, kept: float) -> float:
    level = float(values[0])
    for value, gap in zip(values[1:].tolist(), np.diff(slots).tolist(), strict=True):
        level += (1.0 - (1.0 - WEIGHT) ** gap) * (value - level)
    return level


def _reverted(values: FloatArray, slots: IntArray, steps: int, kept: float) -> float:
    mean = float(values.mean())
    return mean + kept**steps * (float(values[-1]) - mean)
