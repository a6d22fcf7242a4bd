"""Link scales: bounded quantities move on an unbounded scale, so that no value is ever clipped."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def logistic(x: FloatArray) -> FloatArray:
    """Return 1 / (1 + exp(-x)), a share from a logit, elementwise.

    >>> logistic(np.array([0.0]))
    array([0.5])
    """
    share: FloatArray = _expit()(x)
    return share


@cache  # looked up once: to import it at each call costs more than what it does to a few members
def _expit() -> np.ufunc:
    from scipy.special import expit

    found: np.ufunc = expit
    return found


def logit(share: FloatArray) -> FloatArray:
    """Return log(share / (1 - share)), elementwise; shares lie strictly between 0 and 1.

    >>> logit(np.array([0.5]))
    array([0.])
    """
    return np.log(share) - np.log1p(-share)


def reverting(value: FloatArray, anchor: FloatArray, pull: FloatArray, shock: FloatArray) -> FloatArray:
    """Move a value a share `pull` of the way to its anchor and add this month's shock.

    Equation: ``value + pull * (anchor - value) + shock``, all on the value's own unbounded scale, shape (members,).
    """
    return value + pull * (anchor - value) + shock
