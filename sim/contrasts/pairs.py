"""Paired differences: what the same members, with the same luck, do otherwise.

Intervals hold 90 per cent and are of the computation: how far finitely many members, and the particles that they come
from, may mislead about what the model says. They are no statement on whether the model is right.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, sqrt
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.forecasting.errors import LEVEL, Z, inflation, t_quantile

Verdict = Literal["same", "unclear", "higher", "lower"]

_FEWEST = 5  # members that differ: 2 * 0.5 ** 5 is the first below 1 - LEVEL
_HALVINGS = 60  # of an interval no wider than 2: beyond the precision of a float


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """A mean or probability under two assumptions, from the same members.

    Attributes
    ----------
    baseline, value: the mean over members, or the share of them, in the baseline and in the other run.
    difference: value less baseline. low, high: its interval, from the differences member by member.
    unpaired_width: width that the interval would have if the two runs shared no luck.
    variance_ratio: variance of the members' differences over the sum of both variances, about what the interval of
        independent runs would be made of; below 1 pairing helps. None where nothing varies.
    discordant: number of members that differ.
    chance: of a difference as great or greater, were there none: two-sided.
    together: how many differences are judged together with this one.
    """

    baseline: float
    value: float
    difference: float
    low: float
    high: float
    unpaired_width: float
    variance_ratio: float | None
    discordant: int
    chance: float
    together: int = 1

    @property
    def verdict(self) -> Verdict:
        """Whether no member differs, the difference may be chance, or on which side of zero it lies.

        All that are judged together have one chance in ten, and no more, that any of them is called a difference where
        there is none (Bonferroni). It stays unclear where fewer than five members differ: even if all agreed, a sign
        test would not tell them from chance.
        """
        if self.discordant == 0:
            return "same"
        if self.chance > (1.0 - LEVEL) / self.together or self.discordant < _FEWEST:
            return "unclear"
        return "higher" if self.difference > 0.0 else "lower"


def paired_mean(value: FloatArray, baseline: FloatArray, islands: IntArray | None = None) -> Pairs:
    """Return the paired difference of means, both of shape (members,), at least two members.

    Equation: ``mean(d) +- z sd(d) / sqrt(members)`` with d the members' differences and z = 1.645. Where all
    differences are equal the interval has no width.

    Parameters
    ----------
    islands: of the posterior, each member's, shape (members,): the interval is then wider by as much as the islands'
        mean differences lie apart beyond that, with Student's t in the place of z (`sim.forecasting.errors`). Runs that
        go on from one posterior, and runs whose posteriors were learned apart, are both told rightly by it.

    A normal approximation: it is not good where few members differ, or a few of them by very much. The count
    `discordant` tells; below about twenty the interval is too narrow.
    """
    differences = value - baseline
    error = float(differences.std(ddof=1)) / sqrt(differences.size)
    middle = float(differences.mean())
    score = middle / error if error > 0.0 else np.inf
    return _pairs(value, baseline, (middle - Z * error, middle + Z * error), score, islands)


def paired_chance(
    hits: BoolArray, baseline: BoolArray, islands: IntArray | None = None, *, same: bool = False
) -> Pairs:
    """Return the paired difference of the shares that came true, both of shape (members,), at least two members.

    Parameters
    ----------
    islands: as in `paired_mean`.
    same: nothing can differ, since the runs are one and the same up to then: the interval has no width. Else it has
        one even where no member differs, since among more members some might.

    The interval is the score interval of `score_interval`, which is good for few discordant members too.
    """
    gained, lost = int((hits & ~baseline).sum()), int((baseline & ~hits).sum())
    bounds = (0.0, 0.0) if same and gained + lost == 0 else score_interval(gained, lost, hits.size)
    score = (gained - lost) / sqrt(max(gained + lost, 1))  # of the test that the interval inverts, at zero
    return _pairs(hits.astype(np.float64), baseline.astype(np.float64), bounds, score, islands)


def paired(
    value: NDArray[Any], baseline: NDArray[Any], islands: IntArray | None = None, *, same: bool = False
) -> Pairs:
    """Return `paired_chance` where values say whether something came true, by their type, and else `paired_mean`."""
    if value.dtype == bool:
        return paired_chance(value, baseline, islands, same=same)
    return paired_mean(value, baseline, islands)


def score_interval(gained: int, lost: int, members: int) -> tuple[float, float]:
    """Return the score interval of a difference of paired proportions.

    It holds every difference that a score test on the discordant pairs does not reject: those for which
    ``|gained - lost - n d| <= z sqrt(n (2 q + d (1 - d)))``, with q the likeliest share of lost pairs if the difference
    is d, the larger root of ``2 n q^2 + ((2 n - gained + lost) d - gained - lost) q - lost d (1 - d) = 0``.
    With many discordant pairs it is the usual interval; with none it is ``+- z^2 / (n + z^2)``.

    Parameters
    ----------
    gained: members in which the event came true in the run only. lost: in the baseline only. members: all of them.

    Source: Tango (1998), Statistics in Medicine 17(8), 891-908.

    Examples
    --------
    >>> [round(bound, 4) for bound in score_interval(0, 0, 1000)]
    [-0.0027, 0.0027]
    """
    # mirrored: the upper bound of a difference is the lower one of its opposite
    return _lower_bound(gained, lost, members), -_lower_bound(lost, gained, members)


def _lower_bound(gained: int, lost: int, n: int) -> float:
    low, high = -1.0, (gained - lost) / n
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        slope = (2 * n - gained + lost) * middle - gained - lost
        root = sqrt(max(slope * slope + 8.0 * n * lost * middle * (1.0 - middle), 0.0))
        q = (root - slope) / (4.0 * n)
        spread = sqrt(max(n * (2.0 * q + middle * (1.0 - middle)), 0.0))
        rejected = gained - lost - n * middle > Z * spread
        low, high = (middle, high) if rejected else (low, middle)
    return low


def _pairs(
    value: FloatArray,
    baseline: FloatArray,
    bounds: tuple[float, float],
    score: float,
    islands: IntArray | None,
) -> Pairs:
    """Return the pairs, the interval of members' luck and its test widened by the filter's part."""
    differences = value - baseline
    middle = float(differences.mean())
    wider = inflation(differences, islands)
    freedom = np.inf if islands is None else np.unique(islands).size - 1.0
    reach = wider * t_quantile(freedom) / Z
    low, high = (middle + reach * (bound - middle) for bound in bounds)
    both = float(value.var(ddof=1) + baseline.var(ddof=1))
    return Pairs(
        baseline=float(baseline.mean()),
        value=float(value.mean()),
        difference=middle,
        low=low,
        high=high,
        unpaired_width=2.0 * Z * sqrt(both / differences.size),
        variance_ratio=float(differences.var(ddof=1)) / both if both > 0.0 else None,
        discordant=int(np.count_nonzero(differences)),
        chance=_two_sided(abs(score) / wider, freedom),
    )


def _two_sided(score: float, freedom: float) -> float:
    """Return the chance that Student's t, or a normal value, lies farther from zero than `score`."""
    if freedom == np.inf:
        return erfc(score / sqrt(2.0))
    from scipy.special import stdtr

    return float(2.0 * stdtr(freedom, -score))
