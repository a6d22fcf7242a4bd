"""Predictive samples without random numbers: quantiles of Student's t, wide where little is known."""

from __future__ import annotations

from math import sqrt

import numpy as np
from scipy.special import stdtrit

from sim.arrays import FloatArray

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
