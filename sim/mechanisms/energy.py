"""The gas contract: its price against the market, what the state would lose without it, when it looks elsewhere."""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray
from sim.mechanisms.scales import logistic

TERAJOULE_PER_BCM = 37_800.0
"""Gross calorific terajoules in a billion cubic metres of gas."""

SAVING_HORIZON = 12
"""Months ahead over which the state counts the saving."""

LONGEST_LAG = 12
"""Months by which a contract's price may follow Brent, at most (judgement: nine on record)."""


def contract_price(
    slope: FloatArray, lagged_brent: FloatArray, fixed: FloatArray, fixed_price: FloatArray
) -> FloatArray:
    """Return what a thousand cubic metres cost under the contract, USD, shape (members,).

    An oil-formula contract follows the oil price of `lag` months ago, ``slope * brent(t - lag)``, nine in those on
    record; a fixed one does not move (`fixed` is 1).

    >>> contract_price(np.array([3.4]), np.array([50.0]), np.array([0.0]), np.array([270.0]))
    array([170.])
    """
    moving = slope * lagged_brent
    # to choose costs more than the price
    return np.where(fixed > 0.0, fixed_price, moving) if fixed.any() else moving


def discount(contract: FloatArray, market: FloatArray) -> FloatArray:
    """Return the gas discount, 1 - contract price / market price: a share, negative when the contract is dearer."""
    return 1.0 - contract / market


def yearly_saving(volume: FloatArray, market: FloatArray, contract: FloatArray) -> FloatArray:
    """Return what the contract saves the state over a year, USD, shape (members,).

    Equation: ``1e6 * volume * (market - contract)``; a billion cubic metres are a million times a thousand, and each
    month of the year takes a twelfth of them.

    Parameters
    ----------
    volume: deliveries, billion cubic metres a year, shape (members,).
    market, contract: expected prices, means over the months ahead, USD per 1000 m3, shape (members,).
    """
    saving: FloatArray = market - contract
    saving *= volume
    saving *= 1e6
    return saving


def gas_stake(saving: FloatArray, gdp: float) -> FloatArray:
    """Return the gas incentive x: how much a year's saving weighs in the state, between -1 and 1.

    Equation: ``tanh(saving / (1 % of GDP))``: gains count less the larger they already are; that one per cent is the
    measure is judgement. A dear contract gives a negative stake: leaving it would pay.

    Parameters
    ----------
    saving: USD over twelve months, shape (members,).
    gdp: gross domestic product last published, USD.
    """
    return np.tanh(saving / (0.01 * gdp))


def supply_exposure(months_left: FloatArray, displeasure: FloatArray, dependence: FloatArray) -> FloatArray:
    """Return how exposed the state's gas supply is, between 0 and 2, shape (members,).

    A state that hangs on one seller is exposed when its contract runs out, and when the seller is angry.

    Equation: ``dependence * (uncovered + displeasure)``, where the share of the coming year for which no contract
    stands is ``uncovered = min(max(1 - months_left / 12, 0), 1)``.

    Parameters
    ----------
    months_left: months until the contract's last one; below 0 after a lapse.
    displeasure: Moscow's, a share. dependence: Russian share of gas supply. All of shape (members,).

    Why this form: each deal elsewhere leaves less to fear for, so that a state does not go on for ever; that both
    dangers weigh alike is judgement. Dependence as leverage: Hirschman (1945).

    Examples
    --------
    >>> supply_exposure(np.array([30.0, 6.0, -2.0]), np.array([0.0, 0.5, 1.0]), np.array([0.8, 0.8, 0.8]))
    array([0. , 0.8, 1.6])
    """
    uncovered = np.minimum(np.maximum(1.0 - months_left / SAVING_HORIZON, 0.0), 1.0)
    return dependence * (uncovered + displeasure)


def diversification_chance(
    stake: FloatArray, exposure: FloatArray, cost: FloatArray, precision: FloatArray
) -> FloatArray:
    """Return the chance that the state signs for gas from elsewhere this month, where such gas can come in.

    A state looks elsewhere when its contract is dear, and when its supply is exposed.

    Equation: ``logistic(precision * (exposure - stake - cost))``, quantal response between signing and waiting, which
    is worth 0.

    Parameters
    ----------
    stake: gas incentive, between -1 and 1, below 0 when the contract is dear (`gas_stake`).
    exposure: of supply, between 0 and 2 (`supply_exposure`).
    cost: of signing elsewhere, in full swings of the gas stake. precision: of the choice, not negative.
    All of shape (members,).

    Why this form: gas from elsewhere comes by deals, each of which can be dated, and not by a drift. That price and
    exposure weigh alike is judgement. Source of the form: McKelvey & Palfrey (1995).

    Examples
    --------
    >>> diversification_chance(*np.array([[-0.5], [1.5], [2.0], [3.0]]))
    array([0.5])
    """
    return logistic(precision * (exposure - stake - cost))
