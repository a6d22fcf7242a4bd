"""How much inputs matter to an outcome: by designs of SALib, or from members as they are, of whatever distribution.

A design asks a function of uniforms, the model being one of them, at chosen points of the unit cube, all of them at
once. The last input may be chance: then points with equal values of it share their luck, and points with others have
luck of their own.

From given data, without a design and with nothing lived again, the first-order index of an input is the variance among
the mean outcomes of its bins, with what chance alone puts there taken off; the share of chance is the variance among
members that have parameters and past in common.

Sources: Plischke, Borgonovo & Smith (2013), Global sensitivity measures from given data, European Journal of
Operational Research 226(3); Searle, Casella & McCulloch (1992), Variance Components, for the one-way analysis.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from sim.arrays import FloatArray, IntArray
from sim.forecasting.errors import LEVEL, Z
from sim.quantities.catalogue import QUANTITIES
from sim.record.country import neutral
from sim.runs.members import ANCESTOR
from sim.sensitivity.lives import SensitivityError, library

Function = Callable[[FloatArray], FloatArray]
"""From points of the unit cube, shape (rows, inputs), to outcomes, shape (rows,)."""

STATE = " at the origin"
"""How the names of inputs end that are states of the model then, and no assumptions."""

CHANCE = "chance"
"""The name of the input that is luck: the draws of a history, apart from its parameters."""

FEWEST_SOBOL, FEWEST_MORRIS = 64, 10
"""The smallest designs, base rows and trajectories: judgement, and Campolongo, Cariboni & Saltelli (2007) for the
latter; what they leave open the errors tell."""

BINS = 16
FEWEST = 16 * BINS
"""Members that serve as given data: sixteen to a bin (judgement; what they leave open the errors tell)."""

RESAMPLES = 200
"""Bootstrap samples behind an error (judgement: an error within a twentieth of itself)."""

_FEWEST_REPEATED = 64  # members that share their particle with one before
_ERRORS = {"num_resamples": RESAMPLES, "conf_level": LEVEL}
_LEVELS = 4
_TINY = 2.0**-40
_EDGE = 0.05  # Morris moves between this quantile of a prior and its opposite: the ends lie at infinity


@dataclass(frozen=True)
class Importance:
    """How much an input matters, in a method's measures by their usual names; ``_conf`` is half an interval of 90 %.

    Sobol: ``ST``, the share of the outcome's variance that would stay if the input alone were not known, and ``S1``,
    the share that would go if it alone were; of given data ``S1``. Morris: ``mu_star`` and ``mu``, the mean size of the
    change of the outcome from the input's 5 % to its 95 % quantile, and the mean change; ``sigma``, its standard
    deviation.
    """

    name: str
    measures: Mapping[str, float]

    @property
    def in_words(self) -> str:
        """A parameter's name; of where something stands at the origin what it means."""
        entity, _, state = self.name.removesuffix(STATE).rpartition(".")
        if not entity:
            return self.name
        known = QUANTITIES.get(state)
        return f"{state.replace('_', ' ')}, {entity}" if known is None else neutral(known.meaning)

    @property
    def value(self) -> float:
        """The first measure, by which inputs are ordered."""
        return next(iter(self.measures.values()))

    @property
    def error(self) -> float:
        """Half the interval of the first measure."""
        return self.measures[f"{next(iter(self.measures))}_conf"]


def sobol(names: Sequence[str], function: Function, *, members: int, seed: int) -> tuple[Importance, ...]:
    """Return Sobol indices, total and first order, from a design of at most `members` rows.

    Equation: ``S1 = V(E[Y | x_i]) / V(Y)`` and ``ST = E[V(Y | all but x_i)] / V(Y)``. With chance as an input its
    ``ST`` is the share of the variance that stays chance though every parameter be known: the law of total variance,
    by pairs of rows with equal parameters and luck apart.

    Sources: Saltelli et al. (2010), Computer Physics Communications 181(2); design by Owen's scrambled Sobol sequence.

    Raises SensitivityError if the design is too small, the outcome is the same everywhere, or SALib is not installed.
    """
    rows = len(names) + 2
    base = 1 << max(members // rows, 1).bit_length() - 1
    _enough(base, FEWEST_SOBOL, rows, members)
    sample, analyze = library("SALib.sample.sobol").sample, library("SALib.analyze.sobol").analyze
    problem = _problem(names, 0.0)
    u = sample(problem, base, calc_second_order=False, seed=seed)
    y = varying(function(np.clip(u, _TINY, 1.0 - _TINY)))
    found = analyze(problem, y, calc_second_order=False, **_ERRORS, seed=seed + 1)
    return _importances(names, found, ("ST", "ST_conf", "S1", "S1_conf"))


def morris(names: Sequence[str], function: Function, *, members: int, seed: int) -> tuple[Importance, ...]:
    """Return elementary effects by Morris, from trajectories of `members` rows in all, at most.

    A trajectory changes one input at a time; if the last input is chance, each has its own luck and changes it once.

    Sources: Morris (1991), Technometrics 33(2); Campolongo, Cariboni & Saltelli (2007), Environmental Modelling &
    Software 22(10).

    Raises SensitivityError: as `sobol`.
    """
    rows = len(names) + 1
    trajectories = members // rows
    _enough(trajectories, FEWEST_MORRIS, rows, members)
    sample, analyze = library("SALib.sample.morris").sample, library("SALib.analyze.morris").analyze
    problem = _problem(names, _EDGE)
    u = sample(problem, trajectories, num_levels=_LEVELS, seed=seed)
    asked = u.copy()
    if names[-1] == CHANCE:
        asked[:, -1] = (np.arange(len(u)) // rows + 0.25 + 0.5 * (u[:, -1] > 0.5)) / trajectories
    y = varying(function(asked))
    found = analyze(problem, u, y, num_levels=_LEVELS, **_ERRORS, seed=seed + 1)
    return _importances(names, found, ("mu_star", "mu_star_conf", "mu", "sigma"))


def importances(
    inputs: Mapping[str, FloatArray], y: FloatArray, islands: IntArray | None, *, seed: int
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
    clusters, times = _resampled(y, islands, seed)
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
        size = times @ counts.sum(1)
        variance = times @ squares / size - (times @ sums.sum(1) / size) ** 2
        again = _between(times @ counts, times @ sums) / variance
        value = float(_between(counts.sum(0), sums.sum(0)) - _by_chance(counts, sums))
        yield Importance(name, {"S1": value, "S1_conf": Z * float(again.std(ddof=1))})


def chance(
    data: xr.Dataset, y: FloatArray, islands: IntArray | None, *, seed: int
) -> tuple[float, float] | None:
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
    clusters, times = _resampled(y, islands, seed)
    y = y - y.mean()
    within = np.bincount(clusters, (y - (np.bincount(own, y) / number)[own]) ** 2)
    freedom = np.bincount(clusters, 1.0 - 1.0 / number[own])
    size, sums, squares = (np.bincount(clusters, values) for values in (np.ones(y.size), y, y * y))

    def share(t: FloatArray) -> FloatArray:
        variance = t @ squares / (t @ size) - (t @ sums / (t @ size)) ** 2
        return np.asarray((t @ within) / (t @ freedom) / variance)

    return float(share(np.ones(size.size))), Z * float(share(times).std(ddof=1))


def _problem(names: Sequence[str], edge: float) -> dict[str, Any]:
    return {"num_vars": len(names), "names": list(names), "bounds": [[edge, 1.0 - edge]] * len(names)}


def varying(y: FloatArray, what: str = "histories") -> FloatArray:
    """Return an outcome as it is; raises SensitivityError if it is the same everywhere."""
    if np.ptp(y) == 0.0:
        raise SensitivityError(f"the outcome is {y[0]:g} in all {y.size:,} {what}: nothing to explain")
    return y


def _importances(
    names: Sequence[str], found: Mapping[str, Any], wanted: Sequence[str]
) -> tuple[Importance, ...]:
    return tuple(
        Importance(name, {measure: float(found[measure][place]) for measure in wanted})
        for place, name in enumerate(names)
    )


def _enough(size: int, fewest: int, rows: int, members: int) -> None:
    if size < fewest:
        raise SensitivityError(f"members: {members:,}; the smallest design that serves has {fewest * rows:,}")


def _resampled(y: FloatArray, islands: IntArray | None, seed: int) -> tuple[IntArray, FloatArray]:
    """Return each member's cluster, and how often each cluster is drawn in each bootstrap sample.

    Shapes (members,) and (samples, clusters).
    """
    clusters = np.arange(y.size) if islands is None else np.unique(islands, return_inverse=True)[1]
    count = int(clusters.max()) + 1
    random = np.random.default_rng(seed)
    return clusters, random.multinomial(count, np.full(count, 1.0 / count), RESAMPLES).astype(float)


def _between(counts: FloatArray, sums: FloatArray) -> FloatArray:
    """Return the variance among the bins' means; bins are the last axis."""
    total = counts.sum(-1, keepdims=True)
    middle = sums.sum(-1, keepdims=True) / total
    distance = sums / np.maximum(counts, 1.0) - middle
    return np.asarray((counts * distance**2).sum(-1) / total[..., 0])


def _by_chance(counts: FloatArray, sums: FloatArray) -> float:
    """Return what `_between` is expected to be without any effect: the error of each bin's distance, by clusters."""
    n, size, clusters = counts.sum(0), counts.sum(), len(counts)
    own = (sums - counts * (sums.sum(0) / n)) / n
    all_ = (sums.sum(1) - counts.sum(1) * (sums.sum() / size)) / size
    variance = ((own - all_[:, None]) ** 2).sum(0) * clusters / (clusters - 1.0)
    return float((n * variance).sum() / size)
