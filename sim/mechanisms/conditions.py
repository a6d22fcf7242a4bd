"""What no agent decides: gas and oil prices, and the war's four regimes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.arrays import FloatArray

MMBTU_PER_1000_M3 = 35.83
"""Million British thermal units in a thousand cubic metres of gas, within 4 per cent (heating values differ)."""

FIT_MONTHS = 96
"""Months up to the origin that the process is fitted to (judgement): before about 2010 the European price was a border
price that hardly moved, and a longer window would give that calm and this turmoil one law."""

PULL_KEPT = 0.5
"""Share kept of the fitted pulls. Short series look more mean-reverting than they are (Kendall 1954, Biometrika 41):
on European gas from 2006 to 2015 half the pull forecast best a year and two ahead (docs/elsewhere.md)."""

_LEAST_FREEDOM = 3.0  # judgement: with fewer degrees of freedom the shocks have no variance to speak of

REGIMES = ("none", "frozen", "full_scale", "ceasefire")
"""The regime of code 0, 1, 2 and 3."""

NONE, FROZEN, FULL_SCALE, CEASEFIRE = 0.0, 1.0, 2.0, 3.0


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

    def median_path(self, which: int, log_price: FloatArray, months: int) -> Iterator[FloatArray]:
        """Yield the median price `months` ahead, month 0 (now) first: each of shape (members,), in the price's unit.

        Where all members have one price, as in history, each is of shape (1,), which stands for all of them.

        The median of a log-linear process with symmetric shocks is the path without shocks:
        ``exp(level + (1 - pull)**h * (x - level))``.
        """
        if (log_price == log_price[0]).all():
            log_price = log_price[:1]
        gap = log_price - self.level[which]
        for h in range(months):
            price: FloatArray = (1.0 - self.pull[which]) ** h * gap
            price += self.level[which]
            yield np.exp(price, out=price)


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
    from scipy.special import loggamma

    if gas.size < 60:
        raise ValueError(f"the price process needs at least 60 months of prices, got {gas.size}")
    x = np.log(np.stack([gas, brent]))
    now, moves = x[:, :-1], np.diff(x, axis=1)

    def loss(theta: NDArray[np.complexfloating[Any, Any]]) -> complex:
        """Return minus the log likelihood; defined for complex `theta` too, for the sake of its derivatives."""
        pull, scale = 1.0 / (1.0 + np.exp(-theta[2:4])), np.exp(theta[4:6])
        correlation, freedom = np.tanh(theta[6]), _LEAST_FREEDOM + np.exp(theta[7])
        z = [(moves[i] - pull[i] * (theta[i] - now[i])) / scale[i] for i in (0, 1)]
        rest = 1.0 - correlation**2
        distance = (z[0] ** 2 - 2.0 * correlation * z[0] * z[1] + z[1] ** 2) / rest
        constant = (
            loggamma(freedom / 2.0 + 1.0) - loggamma(freedom / 2.0) - np.log(freedom * np.pi)
            - np.log(scale[0] * scale[1]) - 0.5 * np.log(rest)
        )  # fmt: skip
        log_density = constant - (freedom / 2.0 + 1.0) * np.log(1.0 + distance / freedom)
        return -complex(log_density.sum())

    def value_and_slope(theta: FloatArray) -> tuple[float, FloatArray]:
        # derivatives by the complex step are exact to the last digits, so that every machine finds the same point
        steps = theta + 1e-30j * np.eye(theta.size)
        return loss(theta + 0j).real, np.array([loss(step).imag / 1e-30 for step in steps])

    start = np.concatenate([x.mean(axis=1), [-3.0, -3.0], np.log(moves.std(axis=1)) - 0.3, [0.2, 1.0]])
    limits = {"maxiter": 2000, "maxfun": 20000, "ftol": 0.0, "gtol": 1e-8}
    found = minimize(value_and_slope, start, method="L-BFGS-B", jac=True, options=limits)
    # at the bottom no step gains a digit any more: the line search then gives up where the slope is as good as level
    if not found.success and np.abs(found.jac).max() > 1e-4:
        raise RuntimeError(f"the price process could not be fitted to {gas.size} months: {found.message}")
    theta = found.x
    return PriceProcess(
        level=(float(theta[0]), float(theta[1])),
        pull=(PULL_KEPT / (1.0 + np.exp(-theta[2])), PULL_KEPT / (1.0 + np.exp(-theta[3]))),
        scale=(float(np.exp(theta[4])), float(np.exp(theta[5]))),
        correlation=float(np.tanh(theta[6])),
        freedom=_LEAST_FREEDOM + float(np.exp(theta[7])),
        months=moves.shape[1],
    )


def next_regime(
    regime: FloatArray,
    u: FloatArray,
    *,
    onset: FloatArray,
    escalation: FloatArray,
    truce: FloatArray,
    relapse: FloatArray,
    settling: FloatArray,
) -> FloatArray:
    """Return next month's regime for each member.

    None may turn frozen (`onset`), frozen full-scale (`escalation`), full-scale into a ceasefire (`truce`), and a
    ceasefire back to full-scale (`relapse`) or on to frozen (`settling`). Peace does not return within a forecast.

    Parameters
    ----------
    regime: codes as in `REGIMES`. u: uniforms. The rest: monthly probabilities. All of shape (members,).
    """
    moved = np.where(u < relapse, FULL_SCALE, np.where(u < relapse + settling, FROZEN, CEASEFIRE))
    moved = np.where(regime == FULL_SCALE, np.where(u < truce, CEASEFIRE, FULL_SCALE), moved)
    moved = np.where(regime == FROZEN, np.where(u < escalation, FULL_SCALE, FROZEN), moved)
    return np.where(regime == NONE, np.where(u < onset, FROZEN, NONE), moved)


def by_regime(regime: FloatArray, levels: tuple[FloatArray | float, ...]) -> FloatArray:
    """Return the level of each member's regime; `levels` in the order of `REGIMES`."""
    if (regime == regime[0]).all():  # as in history, where the regime is recorded
        return np.zeros_like(regime) + levels[int(regime[0])]
    result = np.zeros_like(regime)
    for code, level in enumerate(levels):
        if isinstance(level, float) and level == 0.0:
            continue
        result += (regime == code) * level  # one for each member; to pick it costs several times as much
    return result
