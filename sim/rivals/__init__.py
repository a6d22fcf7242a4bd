"""Rivals: forecasters without a theory, on the same origins, with the same rows known; and the pooled forecast.

Each rival returns for a case what the model returns: a sample of the published figure, or a chance per class.

The pooled forecast is half the model, half a rival, member by member. A linear pool of two distributions is their
mixture. Here each member's published figure is moved so that the distribution over the members is the mixture, and
members keep their order: so a question may be put to the pooled forecast as to any members, and windows of one member
stay together.

Sources: Stone (1961), Annals of Mathematical Statistics 32(4), on the linear pool; Clark et al. (2004), Journal of
Hydrometeorology 5(1), on giving members a distribution and letting them keep their ranks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.record.cases import Case
from sim.record.observations import Record
from sim.rivals import events, figures, fitted
from sim.rivals.series import Past, known, with_other_houses

SHRUNK = "shrunk persistence"
"""The rival that pooled forecasts take, of figures and of classes."""

POOLED = "pooled forecast"
"""Its name in tables."""

OF_FIGURES: Mapping[str, Callable[[Past, Case], FloatArray]] = MappingProxyType(
    {
        "persistence": figures.persistence,
        "climatology": figures.climatology,
        "climatology since 2014": figures.climatology_since_2014,
        "random walk with drift": figures.drift,
        "local level": fitted.local_level,
        "ETS": fitted.smoothing,
        "ARIMA": fitted.arima,
        SHRUNK: figures.shrunk_persistence,
        "simple smoothing": figures.simple_smoothing,
        "mean reversion": figures.mean_reversion,
    }
)
"""Rivals for figures and counts, by name."""

WITH_HOUSES = frozenset({"random walk with drift", "local level", "ETS", "ARIMA"})
"""Those that also see the polls of other houses; the others are of the published series by their definition."""

OF_CLASSES: Mapping[str, Callable[[Record, Case], FloatArray]] = MappingProxyType(
    {"succession": events.succession, "persistence": events.persistence, SHRUNK: events.shrunk_persistence}
)
"""Rivals for events and votes, by name."""


def rival_forecasts(record: Record, case: Case, only: Collection[str] | None = None) -> dict[str, FloatArray]:
    """Return rivals' forecasts of a case: a sample, shape (1000,), or a chance per class; of all, or of `only` some.

    Whatever record is given, none sees a row with `known_on` after the case's origin, and none sees the outcome. Empty
    where nothing of the target was known yet.
    """
    asked = case.blind()
    if case.classes:
        classes = OF_CLASSES.items()
        return {name: rival(record, asked) for name, rival in classes if only is None or name in only}
    past = known(record, asked)
    if past is None:
        return {}
    filled = with_other_houses(record, past, case.origin)
    return {
        name: rival(filled if name in WITH_HOUSES else past, asked)
        for name, rival in OF_FIGURES.items()
        if only is None or name in only
    }


_SPREADING = 0.5 * (5.0**0.5 - 1.0)  # multiples of the golden ratio leave no large gap between 0 and 1


def pooled(values: FloatArray, rival: FloatArray, *, baseline: FloatArray | None = None) -> FloatArray:
    """Return members' values moved so that their distribution is half the model's and half the rival's.

    The member with r members below it goes to the quantile of the mixture at ``(r + 1/2) / members``. Members with one
    value are put in an order that is always the same and has nothing to do with where they stand.

    Parameters
    ----------
    values: shape (members,). rival: its sample, shape (size,), each value as likely.
    baseline: of the same members, shape (members,): values are moved as this ensemble's would be, so that a member
        whose value is the baseline's has the baseline's pooled value too. A value between two of the baseline's goes
        where the place between them goes; one beyond them all to the end of the mixture, if it is not beyond that.

    Returns
    -------
    shape (members,): as many values of either, none that occurs in neither but beyond a baseline.

    Raises ValueError if `baseline` is not of the same members.
    """
    own = values if baseline is None else baseline
    if own.shape != values.shape:
        raise ValueError(f"a baseline is of the same members; got {own.size} for {values.size}")
    n, size = own.size, rival.size
    both = np.concatenate([own, rival])
    ranked = np.argsort(both, kind="stable")
    # in whole numbers: a member weighs `size`, a value of the rival `n`, all together 2 * n * size
    weights = np.cumsum(np.where(ranked < n, size, n))
    at = np.searchsorted(weights, np.clip(_levels(values, own) * size, 1, weights[-1]))
    moved: FloatArray = both[ranked[at]]
    moved = np.where(values < own.min(), np.minimum(values, moved), moved)
    return np.where(values > own.max(), np.maximum(values, moved), moved)


def _levels(values: FloatArray, own: FloatArray) -> IntArray:
    """Return twice the place of each value among a baseline's, and one more for a value that the baseline has.

    Members with one value are told apart by their numbers' multiples of the golden ratio, less the whole part.
    """
    n = own.size
    order = np.argsort(np.argsort(np.arange(n) * _SPREADING % 1.0))
    ascending = np.sort(own)
    first, last = np.searchsorted(ascending, values, "left"), np.searchsorted(ascending, values, "right")
    keys = np.sort(np.searchsorted(ascending, own, "left") * (n + 1) + order)
    shared = last > first
    place = np.searchsorted(keys, first * (n + 1) + np.where(shared, order, -1))
    return np.where(shared, np.minimum(2 * place + 1, 2 * last - 1), 2 * place)
