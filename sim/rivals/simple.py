"""Rivals of one line each: persistence, climatology, random walk with drift; and how wide a forecast is.

Predictive samples are quantiles of Student's t, without random numbers, wide where little is known.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
from scipy.special import stdtrit

from sim.arrays import FloatArray
from sim.cases import Case
from sim.catalogue import QUANTITIES
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
