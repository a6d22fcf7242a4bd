"""Link scales: bounded quantities move on an unbounded scale, so that no value is ever clipped."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


_FAINTEST = (
    700.0  # logits below its negative count as it: their share, 1e-304, still has a reciprocal and a log
)


def logistic(x: FloatArray) -> FloatArray:
    """Return 1 / (1 + exp(-x)), a share from a logit, elementwise; small shares are exact to the last digits too.

    >>> logistic(np.array([0.0]))
    array([0.5])
    """
    odds_against: FloatArray = np.exp(np.minimum(-x, _FAINTEST))  # NumPy's own: several members at a time
    odds_against += 1.0
    return 1.0 / odds_against


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
