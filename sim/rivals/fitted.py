"""Rivals fitted by statsmodels: local level, exponential smoothing, ARIMA.

Series are short (five to thirty figures) and have gaps, so that all three are state-space models, which take them.
Where one cannot be fitted, because too few figures are known or they are all alike, a plainer rival stands in.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from itertools import product
from typing import Any

import numpy as np

from sim.arrays import FloatArray
from sim.record.cases import Case
from sim.rivals.figures import drift, persistence, student
from sim.rivals.series import Past

FEWEST_LEVEL = 4
FEWEST_SMOOTHING = 5
FEWEST_ARIMA = 6
"""Figures below which a rival is not fitted (judgement)."""

_Fits = Iterator[tuple[Callable[[], Any], int, int]]
"""Calls that fit models, with the parameters of each, and the figures by which its AIC is divided."""


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
    fits: Callable[[FloatArray, float], _Fits],
    fewest: int,
    instead: Callable[[Past, Case], FloatArray],
) -> FloatArray:
    if past.values.size < fewest or np.ptp(past.values) < 1e-9:
        return instead(past, case)
    mean, size = float(past.values.mean()), float(past.values.std())
    grid = np.full(past.slots[-1] - past.slots[0] + 1, np.nan)
    grid[past.slots - past.slots[0]] = (past.values - mean) / size
    found = _best(fits, tuple(grid.tolist()), past.noise / size)
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


@lru_cache(maxsize=768)
def _best(
    fits: Callable[[FloatArray, float], _Fits], values: tuple[float, ...], noise: float
) -> tuple[Any, int] | None:
    """Return the fit that AIC prefers and its parameters; None where the optimiser found no finite likelihood."""
    found = []
    with _quiet():
        for fit, parameters, used in fits(np.array(values), noise):
            try:
                result = fit()
            except (ValueError, np.linalg.LinAlgError, FloatingPointError, IndexError):
                continue
            if np.isfinite(result.llf):
                found.append((result.aic / used, result, parameters))
    return min(found, key=lambda item: item[0])[1:] if found else None


def _level(values: FloatArray, noise: float) -> _Fits:
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    model = UnobservedComponents(values, level="llevel")
    yield partial(model.fit_constrained, {"sigma2.irregular": noise**2}, disp=False, cov_type="none"), 1, 1


def _smoothing(values: FloatArray, noise: float) -> _Fits:
    from statsmodels.tsa.statespace.exponential_smoothing import ExponentialSmoothing

    for trend in (False, True):
        model = ExponentialSmoothing(
            values, trend=trend, damped_trend=trend, initialization_method="estimated"
        )
        yield partial(model.fit, disp=False, cov_type="none"), 2 + 2 * trend, 1


def _arima(values: FloatArray, noise: float) -> _Fits:
    from statsmodels.tsa.arima.model import ARIMA

    used = int(np.isfinite(values).sum())
    for p, d, q in product(range(3), range(2), range(3)):
        if p + q <= 2:
            model = ARIMA(values, order=(p, d, q), trend="c" if d == 0 else "t")
            yield partial(model.fit, cov_type="none"), p + q + 1, used - d


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
