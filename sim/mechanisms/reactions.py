"""Russia's displeasure, and what it does about it."""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray
from sim.mechanisms.scales import logistic

RENEWALS = ("long", "short", "market")
"""What Russia may offer when a contract ends: the old terms for years, for half a year, or the market price."""


def displeasure_called_for(
    belief: FloatArray,
    votes_against: FloatArray,
    sanctions: FloatArray,
    weights: tuple[FloatArray, FloatArray, FloatArray],
) -> FloatArray:
    """Return the displeasure that the state's conduct calls for, a share, shape (members,).

    Equation: ``1 - (1 - w1 belief) (1 - w2 votes_against) (1 - w3 sanctions)``: each cause alone displeases by its
    weight, together they never pass 1.

    Parameters
    ----------
    belief: how far Moscow believes in deliveries beyond what it always suspected, a share.
    votes_against: share of the last twelve months' UN votes cast against it. sanctions: 0 or 1.
    weights: of the three, shares. All of shape (members,).

    Examples
    --------
    >>> one = np.array([1.0])
    >>> displeasure_called_for(0.0 * one, 0.0 * one, 0.0 * one, (one, one, one))
    array([0.])
    """
    first, second, third = weights
    calm = (1.0 - first * belief) * (1.0 - second * votes_against) * (1.0 - third * sanctions)
    return 1.0 - calm


def statement_chance(belief: FloatArray, threshold: FloatArray, precision: FloatArray) -> FloatArray:
    """Return the chance that Moscow declares its deep concern on a report, shape (members,).

    Equation: ``logistic(precision * (belief - threshold))``, quantal response; belief in log-odds.

    >>> statement_chance(np.array([0.0]), np.array([0.0]), np.array([2.0]))
    array([0.5])
    """
    return logistic(precision * (belief - threshold))


def renewal(
    u: FloatArray, displeasure: FloatArray, goodwill: FloatArray, precision: FloatArray
) -> FloatArray:
    """Return what Russia offers at renewal: 0 long, 1 short, 2 the market price; shape (members,).

    A pleased patron binds with a long contract, a wary one keeps it on a short lead, an angry one sends the bill.

    Equation: quantal response over utilities ``goodwill - displeasure`` (long), 0 (short) and
    ``displeasure - goodwill`` (market), each times `precision`: chances ``exp(precision * utility) / sum``.

    Parameters
    ----------
    u: uniforms. displeasure: share. goodwill: displeasure at which all three are as likely, a share.
    precision: not negative. All of shape (members,).

    Source of the form: McKelvey & Palfrey (1995); the utilities are judgement.

    Examples
    --------
    >>> renewal(np.array([0.5]), np.array([0.0]), np.array([0.5]), np.array([20.0]))
    array([0.])
    """
    long, short = renewal_chances(displeasure, goodwill, precision)
    return np.where(u < long, 0.0, np.where(u < long + short, 1.0, 2.0))


def renewal_chances(
    displeasure: FloatArray, goodwill: FloatArray, precision: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the chances that Russia offers a long contract, and a short one; see `renewal`.

    >>> long, short = renewal_chances(np.array([0.5]), np.array([0.5]), np.array([20.0]))
    >>> (3.0 * long).round(6), (3.0 * short).round(6)
    (array([1.]), array([1.]))
    """
    angry = precision * (displeasure - goodwill)
    calm = np.exp(-angry)
    total = calm + 1.0 + np.exp(angry)
    return calm / total, 1.0 / total


def retaliation_stake(displeasure: FloatArray, gas_stake: FloatArray, veto_worth: FloatArray) -> FloatArray:
    """Return the retaliation incentive x: what an angry Moscow could still take away, a share, shape (members,).

    Threats work only where there is something to lose.

    Equation: ``displeasure * (max(gas stake, 0) + veto worth) / 2``: both weigh alike (judgement).

    >>> retaliation_stake(np.array([1.0]), np.array([-0.3]), np.array([0.0]))
    array([0.])
    """
    return displeasure * 0.5 * (np.maximum(gas_stake, 0.0) + veto_worth)
