"""What gas and oil cost: a pair that returns to its level, moves together and sometimes leaps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

MMBTU_PER_1000_M3 = 35.83
"""Million British thermal units in a thousand cubic metres of gas, within 4 per cent (heating values differ)."""

FIT_MONTHS = 96
"""Months up to the origin that the process is fitted to (judgement): before about 2010 the European price was a border
price that hardly moved, and a longer window would give that calm and this turmoil one law."""

_LEAST_FREEDOM = 3.0  # judgement: with fewer degrees of freedom the shocks have no variance to speak of


@dataclass(frozen=True)
class PriceProcess:
    """A pair of log prices (gas, Brent), each drawn back to its level, with correlated Student-t shocks.

    Equation, per month: ``x' = x + pull * (level - x) + scale * t``, t bivariate Student with `freedom` degrees and
    correlation `correlation`.

    Attributes
    ----------
    level: log price to which each returns, (gas in USD per 1000 m3, Brent in USD per barrel).
    pull: share of the gap closed in a month, each in (0, 1).
    scale: scale of the monthly shock of each log price (not its standard deviation: the tails are fat).
    correlation: of the two shocks, in (-1, 1).
    freedom: degrees of freedom of the shocks, above 3.
    months: number of monthly moves it was fitted to.
    """

    level: tuple[float, float]
    pull: tuple[float, float]
    scale: tuple[float, float]
    correlation: float
    freedom: float
    months: int

    def step(
        self, gas: FloatArray, brent: FloatArray, shocks: tuple[FloatArray, FloatArray]
    ) -> tuple[FloatArray, FloatArray]:
        """Return next month's log prices; `shocks` are two independent Student-t shocks with a common tail."""
        first, second = shocks
        rho = self.correlation
        moved = (first, rho * first + (1.0 - rho * rho) ** 0.5 * second)
        gas, brent = (
            x + self.pull[i] * (self.level[i] - x) + self.scale[i] * moved[i]
            for i, x in enumerate((gas, brent))
        )
        return gas, brent

    def median_path(self, which: int, log_price: FloatArray, months: int) -> list[FloatArray]:
        """Return the median price `months` ahead, month 0 (now) first: each of shape (members,), in the price's unit.

        The median of a log-linear process with symmetric shocks is the path without shocks:
        ``exp(level + (1 - pull)**h * (x - level))``.
        """
        gap = log_price - self.level[which]
        return [np.exp(self.level[which] + (1.0 - self.pull[which]) ** h * gap) for h in range(months)]


def fit(gas: FloatArray, brent: FloatArray) -> PriceProcess:
    """Fit the pair to monthly prices by maximum likelihood.

    Parameters
    ----------
    gas, brent: consecutive monthly prices, shape (months,), positive, at least 60 of them.

    Returns
    -------
    The most likely `PriceProcess`. Its own uncertainty is not carried: the level and pull of a slow process are known
    only loosely from eight years, so long-run bands are somewhat too narrow.

    Raises
    ------
    ValueError: with fewer than 60 months.
    RuntimeError: if the search does not converge.

    Source: the bivariate Student-t density, e.g. Kotz & Nadarajah (2004), Multivariate t Distributions, eq. 1.1.
    """
    from scipy.optimize import minimize
    from scipy.special import gammaln

    if gas.size < 60:
        raise ValueError(f"the price process needs at least 60 months of prices, got {gas.size}")
    x = np.log(np.stack([gas, brent]))
    now, moves = x[:, :-1], np.diff(x, axis=1)

    def unpack(theta: FloatArray) -> PriceProcess:
        pull = 1.0 / (1.0 + np.exp(-theta[2:4]))
        scale = np.exp(theta[4:6])
        return PriceProcess(
            level=(float(theta[0]), float(theta[1])),
            pull=(float(pull[0]), float(pull[1])),
            scale=(float(scale[0]), float(scale[1])),
            correlation=float(np.tanh(theta[6])),
            freedom=_LEAST_FREEDOM + float(np.exp(theta[7])),
            months=moves.shape[1],
        )

    def loss(theta: FloatArray) -> float:
        p = unpack(theta)
        z = [(moves[i] - p.pull[i] * (p.level[i] - now[i])) / p.scale[i] for i in (0, 1)]
        rest = 1.0 - p.correlation**2
        distance = (z[0] ** 2 - 2.0 * p.correlation * z[0] * z[1] + z[1] ** 2) / rest
        constant = (
            gammaln(p.freedom / 2.0 + 1.0) - gammaln(p.freedom / 2.0) - np.log(p.freedom * np.pi)
            - np.log(p.scale[0] * p.scale[1]) - 0.5 * np.log(rest)
        )  # fmt: skip
        log_density = constant - (p.freedom / 2.0 + 1.0) * np.log1p(distance / p.freedom)
        return -float(log_density.sum())

    start = np.concatenate([x.mean(axis=1), [-3.0, -3.0], np.log(moves.std(axis=1)) - 0.3, [0.2, 1.0]])
    found = minimize(loss, start, method="L-BFGS-B", options={"maxiter": 2000, "ftol": 1e-12})
    if not found.success:
        raise RuntimeError(f"the price process could not be fitted to {gas.size} months: {found.message}")
    return unpack(found.x)
