"""The error of what finitely many members and particles say, as one number: members' luck and the filter's together.

Members of a learned run descend from the islands of its posterior. Islands know next to nothing of one another, so that
how far their members' means lie apart holds both errors: of finitely many members, and of a filter that with other luck
would have learned a little otherwise. So members of an island are a cluster, and the error is that of clustered data.

Sources: Verge, Dubarry, Del Moral & Moulines (2015), On parallel implementation of sequential Monte Carlo methods: the
island particle model, Statistics and Computing 25(2); Cameron & Miller (2015), A practitioner's guide to cluster-robust
inference, Journal of Human Resources 50(2).
"""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

import numpy as np
import xarray as xr

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.runs.members import ISLAND, of_members

LEVEL = 0.9
"""Coverage of every interval of the computation."""

Z = NormalDist().inv_cdf(0.5 + LEVEL / 2.0)
"""How many standard errors it reaches either way, where members' luck is all."""


def islands_of(data: xr.Dataset) -> IntArray | None:
    """Return each member's island, shape (members,); None if nothing was learned, or on one island alone."""
    if ISLAND not in data:
        return None
    islands: IntArray = of_members(data, ISLAND).astype(np.int64)
    return islands if islands.min() < islands.max() else None


def standard_error(
    values: FloatArray, islands: IntArray | None = None, *, spread: float | None = None
) -> float:
    """Return the standard error of the mean of `values`, of members and of the filter.

    Equation: the greater of ``s / sqrt(n)`` and ``sqrt(k / (k - 1) * sum over islands (sum of deviations)**2) / n``,
    with n members and k islands. The second estimates both errors, with k - 1 degrees of freedom; the first is there
    since members' luck alone cannot do less.

    Parameters
    ----------
    values: shape (members,). islands: each member's, shape (members,); None leaves members' luck alone.
    spread: s, the standard deviation of a value; that of `values` if not given.
    """
    members = (float(values.std()) if spread is None else spread) / sqrt(values.size)
    return members if islands is None else max(members, _between(values, islands))


def error_of_share(hits: BoolArray, islands: IntArray | None = None) -> float:
    """Return the standard error of the share of members in which something came true.

    As `standard_error`, with ``s = sqrt(p (1 - p))`` at ``p = (hits + 1/2) / (members + 1)``, so that it is never 0: no
    hit among 4,096 members does not prove a chance of nothing.

    Parameters
    ----------
    hits: shape (members,). islands: as in `standard_error`.
    """
    shrunk = (float(hits.sum()) + 0.5) / (hits.size + 1.0)
    return standard_error(hits.astype(np.float64), islands, spread=(shrunk * (1.0 - shrunk)) ** 0.5)


def inflation(values: FloatArray, islands: IntArray | None) -> float:
    """Return how many times wider than of members' luck alone the error of the mean is: 1 where there is no filter."""
    alone = standard_error(values)
    return standard_error(values, islands) / alone if alone > 0.0 else 1.0


def half_width(error: float, islands: IntArray | None = None) -> float:
    """Return half the width of the interval that holds nine in ten, given the standard error."""
    return error * t_quantile(np.inf if islands is None else np.unique(islands).size - 1.0)


def t_quantile(freedom: float) -> float:
    """Return the quantile of Student's t that `LEVEL` leaves outside on one side; the normal one without end."""
    if freedom == np.inf:
        return Z
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.5 + LEVEL / 2.0))


def _between(values: FloatArray, islands: IntArray) -> float:
    sums = np.bincount(islands, weights=values - values.mean())
    count = np.count_nonzero(np.bincount(islands))
    return float(np.sqrt(count / (count - 1.0) * (sums**2).sum())) / values.size
