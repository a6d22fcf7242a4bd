"""Rivals fitted by statsmodels: local level, exponential smoothing, ARIMA.

Series are short (five to thirty figures) and have gaps, so that all three are state-space models, which take them.
Where one cannot be fitted, because too few figures are known or they are all alike, a plainer rival stands in.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np

from sim.arrays import FloatArray
from sim.cases import Case
from sim.rivals.series import Past
from sim.rivals.simple import drift, persistence
from sim.rivals.spread import student

FEWEST_LEVEL = 4
FEWEST_SMOOTHING = 5
FEWEST_ARIMA = 6
"""Figures below which a rival is not fitted (judgement)."""

_Key = tuple[tuple[float, ...], float]
_Fit = tuple[Any, int]


def local_level(past: Past, case: Case) -> FloatArray:
    """Return a random walk seen through the model's own publication noise; the walk's size by maximum likelihood."""
    return _predict(past, case, _level, FEWEST_LEVEL, persistence)


def smoothing(past: Past, case: Case) -> FloatArray:
    """Return exponential smoothing (ETS): level alone, or with a damped trend if AIC prefers it."""
    return _predict(past, case, _smoothing, FEWEST_SMOOTHING, drift)


def arima(past: Past, case: Case) -> FloatArray:
    """Return ARIMA(p, d, q) with a constant or drift, p + q at most 2, d 0 or 1, by AIC per figure used.

    A difference uses up a figure, so that AIC of different d are compared per figure.
    """
    return _predict(past, case, _arima, FEWEST_ARIMA, drift)


def _predict(
    past: Past,
    case: Case,
    fit: Callable[[_Key], _Fit | None],
    fewest: int,
    instead: Callable[[Past, Case], FloatArray],
) -> FloatArray:
    if past.values.size < fewest or np.ptp(past.values) < 1e-9:
        return instead(past, case)
    mean, size = float(past.values.mean()), float(past.values.std())
    grid = np.full(past.slots[-1] - past.slots[0] + 1, np.nan)
    grid[past.slots - past.slots[0]] = (past.values - mean) / size
    found = fit((tuple(grid.tolist()), past.noise / size))
    if found is None:
        return instead(past, case)
    fitted, parameters = found
    with _quiet():
        ahead = fitted.get_forecast(past.steps_to(case))
        centre = float(np.asarray(ahead.predicted_mean)[-1])
        scale = float(np.asarray(ahead.se_mean)[-1])
    if not np.isfinite([centre, scale]).all():
        return instead(past, case)
    freedom = past.values.size - parameters
    return past.published(case, student(mean + size * centre, max(size * scale, past.noise), freedom))


@lru_cache(maxsize=256)
def _level(key: _Key) -> _Fit | None:
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    values, noise = np.array(key[0]), key[1]

    def fit() -> Any:
        model = UnobservedComponents(values, level="llevel")
        return model.fit_constrained({"sigma2.irregular": noise**2}, disp=False, cov_type="none")

    found = _tried(fit)
    return None if found is None else (found, 1)


@lru_cache(maxsize=256)
def _smoothing(key: _Key) -> _Fit | None:
    from statsmodels.tsa.statespace.exponential_smoothing import ExponentialSmoothing

    values = np.array(key[0])

    def fit(trend: bool) -> Any:
        return ExponentialSmoothing(
            values, trend=trend, damped_trend=trend, initialization_method="estimated"
        ).fit(disp=False, cov_type="none")

    found = [(result, 2 + 2 * trend) for trend in (False, True) if (result := _tried(fit, trend)) is not None]
    return min(found, key=lambda pair: pair[0].aic) if found else None


@lru_cache(maxsize=256)
def _arima(key: _Key) -> _Fit | None:
    from statsmodels.tsa.arima.model import ARIMA

    values = np.array(key[0])
    used = int(np.isfinite(values).sum())

    def fit(p: int, d: int, q: int) -> Any:
        return ARIMA(values, order=(p, d, q), trend="c" if d == 0 else "t").fit(cov_type="none")

    found = [
        (result.aic / (used - d), result, p + q + 1)
        for p, d, q in product(range(3), range(2), range(3))
        if p + q <= 2 and (result := _tried(fit, p, d, q)) is not None
    ]
    if not found:
        return None
    _, result, parameters = min(found, key=lambda item: item[0])
    return result, parameters


def _tried(fit: Callable[..., Any], *arguments: Any) -> Any:
    """Return a fit, or None where the optimiser found none with finite likelihood."""
    with _quiet():
        try:
            found = fit(*arguments)
        except (ValueError, np.linalg.LinAlgError, FloatingPointError, IndexError):
            return None
        return found if np.isfinite(found.llf) else None


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence what statsmodels says of short series, and the invalid numbers that its optimiser passes through.

    A start that is not stationary is replaced by statsmodels itself; of a search that did not converge the best point
    is taken, as an analyst would who fits a few figures; a result that is not finite is not used. One thread: the
    matrices are of size 1 to 4, and threads that wait for one another made a fit a hundred times slower.
    """
    from statsmodels.tools.sm_exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    with warnings.catch_warnings(), np.errstate(all="ignore"), threadpool_limits(1):
        warnings.filterwarnings("ignore", category=ConvergenceWarning)
        for start in ("Non-stationary starting", "Non-invertible starting", "Too few observations"):
            warnings.filterwarnings("ignore", message=start, category=UserWarning)
        yield
