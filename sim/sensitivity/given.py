"""Indices of members as they are, of whatever distribution: no design, nothing lived again.

The first-order index of an input is the variance among the mean outcomes of its bins, with what chance alone puts there
taken off; the share of chance is the variance among members that have parameters and past in common.

Sources: Plischke, Borgonovo & Smith (2013), Global sensitivity measures from given data, European Journal of
Operational Research 226(3); Searle, Casella & McCulloch (1992), Variance Components, for the one-way analysis.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import xarray as xr

from sim.arrays import FloatArray, IntArray
from sim.forecasting.errors import Z
from sim.members import ANCESTOR
from sim.sensitivity.designs import RESAMPLES, Importance, varying
from sim.sensitivity.lives import SensitivityError

Islands = IntArray | None

BINS = 16
FEWEST = 16 * BINS
"""Members that serve: sixteen to a bin (judgement; what they leave open the errors tell)."""

_FEWEST_REPEATED = 64  # members that share their particle with one before


def importances(
    inputs: Mapping[str, FloatArray], y: FloatArray, islands: Islands, *, seed: int
) -> Iterator[Importance]:
    """Yield the first-order index of each input that varies, ``S1 = V(E[y | bin]) / V(y)``, and its ``S1_conf``.

    Bins hold equally many members, by rank. A bin's own error is taken off its squared distance from the mean, so that
    an input without effect has an index about zero, below it as often as above.

    Parameters
    ----------
    inputs: by name, each of shape (members,). y: the outcome, shape (members,). islands: of the posterior, each
        member's, which hold its error (decision 14); each member is a cluster of its own without them.

    Raises SensitivityError if there are too few members, or the outcome is the same in all of them.
    """
    if y.size < FEWEST:
        raise SensitivityError(f"members: {y.size:,}; the smallest run that serves has {FEWEST:,}")
    varying(y, "members")
    clusters = _clusters(y, islands)
    times = _resamples(clusters, seed)
    y = (y - y.mean()) / y.std()
    squares = np.bincount(clusters, y * y).astype(np.float64)
    rng = np.random.default_rng(seed)
    for name, x in inputs.items():
        if np.ptp(x) == 0.0:
            continue
        order = np.lexsort((rng.random(x.size), x))
        bins = np.empty(x.size, dtype=np.int64)
        bins[order] = np.arange(x.size) * BINS // x.size
        cells = clusters * BINS + bins
        shape = (squares.size, BINS)
        counts, sums = (
            np.bincount(cells, values, minlength=squares.size * BINS).reshape(shape).astype(np.float64)
            for values in (np.ones(y.size), y)
        )
        again = _between(times @ counts, times @ sums) / _variance(times, counts, sums, squares)
        value = float(_between(counts.sum(0), sums.sum(0)) - _by_chance(counts, sums))
        yield Importance(name, {"S1": value, "S1_conf": Z * float(again.std(ddof=1))})


def chance(data: xr.Dataset, y: FloatArray, islands: Islands, *, seed: int) -> tuple[float, float] | None:
    """Return the share of the outcome's variance that stays chance whatever is known now, and half its interval.

    Equation: ``E[V(y | particle)] / V(y)``, the numerator as the mean square within particles: members of one have
    parameters and past in common, and luck of their own from the origin on. None where nothing was learned or hardly
    any particle has two members.
    """
    if ANCESTOR not in data:
        return None
    _, own = np.unique(data[ANCESTOR].to_numpy(), return_inverse=True)
    number = np.bincount(own)
    if y.size - number.size < _FEWEST_REPEATED:
        return None
    clusters = _clusters(y, islands)
    times = _resamples(clusters, seed)
    y = y - y.mean()
    within = np.bincount(clusters, (y - (np.bincount(own, y) / number)[own]) ** 2)
    freedom = np.bincount(clusters, 1.0 - 1.0 / number[own])
    size, sums, squares = (np.bincount(clusters, values) for values in (np.ones(y.size), y, y * y))

    def share(t: FloatArray) -> FloatArray:
        variance = t @ squares / (t @ size) - (t @ sums / (t @ size)) ** 2
        return np.asarray((t @ within) / (t @ freedom) / variance)

    return float(share(np.ones(size.size))), Z * float(share(times).std(ddof=1))


def _clusters(y: FloatArray, islands: Islands) -> IntArray:
    return np.arange(y.size) if islands is None else np.unique(islands, return_inverse=True)[1]


def _resamples(clusters: IntArray, seed: int) -> FloatArray:
    """Return how often each cluster is drawn in each bootstrap sample, shape (samples, clusters)."""
    count = int(clusters.max()) + 1
    random = np.random.default_rng(seed)
    return random.multinomial(count, np.full(count, 1.0 / count), RESAMPLES).astype(float)


def _between(counts: FloatArray, sums: FloatArray) -> FloatArray:
    """Return the variance among the bins' means; bins are the last axis."""
    total = counts.sum(-1, keepdims=True)
    middle = sums.sum(-1, keepdims=True) / total
    distance = sums / np.maximum(counts, 1.0) - middle
    return np.asarray((counts * distance**2).sum(-1) / total[..., 0])


def _variance(times: FloatArray, counts: FloatArray, sums: FloatArray, squares: FloatArray) -> FloatArray:
    size = times @ counts.sum(1)
    return np.asarray(times @ squares / size - (times @ sums.sum(1) / size) ** 2)


def _by_chance(counts: FloatArray, sums: FloatArray) -> float:
    """Return what `_between` is expected to be without any effect: the error of each bin's distance, by clusters."""
    n, size, clusters = counts.sum(0), counts.sum(), len(counts)
    own = (sums - counts * (sums.sum(0) / n)) / n
    all_ = (sums.sum(1) - counts.sum(1) * (sums.sum() / size)) / size
    variance = ((own - all_[:, None]) ** 2).sum(0) * clusters / (clusters - 1.0)
    return float((n * variance).sum() / size)
