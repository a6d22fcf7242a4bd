"""Covert arms through third countries: what flows, what it earns, and what comes to light."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def arms_level(demand: FloatArray, caution: FloatArray, displeasure: FloatArray) -> FloatArray:
    """Return the flow towards which deliveries tend, EUR million a month, shape (members,).

    Belgrade lets factories sell to third countries what the war asks for, less of it the angrier Moscow is.

    Equation: ``demand * exp(-caution * displeasure)``.

    Parameters
    ----------
    demand: what would flow with Moscow indifferent, EUR million a month. caution: not negative.
    displeasure: share. All of shape (members,).

    Examples
    --------
    >>> arms_level(np.array([20.0]), np.array([1.0]), np.array([0.0]))
    array([20.])
    """
    return demand * np.exp(-caution * displeasure)


def arms_stake(arms: FloatArray) -> FloatArray:
    """Return the arms incentive x: revenue and Western credit, rising ever more slowly with the flow.

    Equation: ``log(1 + arms / 10)``, arms in EUR million a month; the ten are judgement.

    Examples
    --------
    >>> arms_stake(np.array([0.0]))
    array([0.])
    """
    return np.log1p(arms / 10.0)


def report_chance(arms: FloatArray, base: FloatArray, extra: FloatArray, half: FloatArray) -> FloatArray:
    """Return the chance that a report of deliveries comes out this month, shape (members,).

    Rumour needs no deliveries, but deliveries feed it.

    Equation: ``1 - exp(-(base + extra * arms / (arms + half)))``: a Poisson rate that saturates with the flow.

    Parameters
    ----------
    arms: flow, EUR million a month. base, extra: reports a month without deliveries, and what many add.
    half: flow at which half of that is added, EUR million a month. All of shape (members,).

    Examples
    --------
    >>> report_chance(np.array([0.0]), np.array([0.0]), np.array([0.3]), np.array([10.0]))
    array([0.])
    """
    return -np.expm1(-(base + extra * arms / (arms + half)))
