"""Link scales: bounded quantities move on an unbounded scale, so that no value is ever clipped."""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray

_FAINTEST = 700.0  # logits below its negative count as it: their share, 1e-304, still has a log


def logistic(x: FloatArray) -> FloatArray:
    """Return 1 / (1 + exp(-x)), a share from a logit, elementwise; small shares are exact to the last digits too.

    >>> logistic(np.array([0.0]))
    array([0.5])
    """
    # all else in its place: to make room costs as much as to reckon
    share: FloatArray = np.asarray(np.negative(x))
    np.minimum(share, _FAINTEST, out=share)
    np.exp(share, out=share)  # NumPy's own: several members at a time
    share += 1.0
    return np.divide(1.0, share, out=share)


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
    moved: FloatArray = anchor - value
    moved *= pull
    moved += value
    moved += shock
    return moved
