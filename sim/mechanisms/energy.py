"""The gas contract: what it costs against the market, and what Serbia would lose without it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

TERAJOULE_PER_BCM = 37_800.0
"""Gross calorific terajoules in a billion cubic metres of gas."""

SAVING_HORIZON = 12
"""Months ahead over which Belgrade counts the saving."""


def contract_price(
    slope: FloatArray, lagged_brent: FloatArray, fixed: FloatArray, fixed_price: FloatArray
) -> FloatArray:
    """Return what a thousand cubic metres cost under the contract, USD, shape (members,).

    An oil-formula contract follows the oil price of nine months ago, ``slope * brent(t - 9)``; a fixed one does not
    move (`fixed` is 1).

    >>> contract_price(np.array([3.4]), np.array([50.0]), np.array([0.0]), np.array([270.0]))
    array([170.])
    """
    return np.where(fixed > 0.0, fixed_price, slope * lagged_brent)


def discount(contract: FloatArray, market: FloatArray) -> FloatArray:
    """Return the gas discount, 1 - contract price / market price: a share, negative when the contract is dearer."""
    return 1.0 - contract / market


def yearly_saving(volume: FloatArray, market: list[FloatArray], contract: list[FloatArray]) -> FloatArray:
    """Return what the contract saves Serbia over the months ahead, USD.

    Equation: ``sum over h of volume / 12 * 1e6 * (market(h) - contract(h))``; a billion cubic metres are a million
    times a thousand.

    Parameters
    ----------
    volume: deliveries, billion cubic metres a year, shape (members,).
    market, contract: expected prices of the coming months, USD per 1000 m3, each of shape (members,).
    """
    total = np.zeros_like(volume)
    for at_market, at_contract in zip(market, contract, strict=True):
        total = total + volume / 12.0 * 1e6 * (at_market - at_contract)
    return total


def gas_stake(saving: FloatArray, gdp: float) -> FloatArray:
    """Return the gas incentive x: how much a year's saving weighs in Belgrade, between -1 and 1.

    Equation: ``tanh(saving / (1 % of GDP))``: gains count less the larger they already are; that one per cent is the
    measure is judgement. A dear contract gives a negative stake: leaving it would pay.

    Parameters
    ----------
    saving: USD over twelve months, shape (members,).
    gdp: gross domestic product last published, USD.
    """
    return np.tanh(saving / (0.01 * gdp))
