"""Covert arms through third countries: what is let through, what flows, what it earns, and what comes to light."""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray
from sim.mechanisms.scales import logistic


def let_through_chance(
    worth: FloatArray,
    displeasure: FloatArray,
    retaliation: FloatArray,
    caution: FloatArray,
    precision: FloatArray,
) -> FloatArray:
    """Return the chance that the state lets this month's shipments to third countries through, shape (members,).

    Factories and Western credit speak for it, an angry Moscow and what it could still take away against it.

    Equation: ``logistic(precision * (worth - caution * (displeasure + retaliation)))``, quantal response between
    letting through and holding back, which is worth 0.

    Parameters
    ----------
    worth: revenue and Western credit of what the war asks for, on the scale of `arms_stake`.
    displeasure: share. retaliation: displeasure times what Moscow could take away, a share (`retaliation_stake`).
    caution: what a full measure of either costs, on the same scale as worth, not negative.
    precision: of the choice, not negative. All of shape (members,).

    Why this form: a licence is given or refused, and who refuses today may give next month; worth is measured as the
    ledger measures it, so that a larger order tempts more, each further million less. That displeasure and retaliation
    weigh alike is judgement. Source of the form: McKelvey & Palfrey (1995).

    Examples
    --------
    >>> even = let_through_chance(*np.array([[0.6], [0.4], [0.2], [1.0], [3.0]]))
    >>> even.round(2)
    array([0.5])
    """
    return logistic(precision * (worth - caution * (displeasure + retaliation)))


def arms_level(demand: FloatArray, trickle: FloatArray, let_through: FloatArray) -> FloatArray:
    """Return the flow towards which deliveries tend, EUR million a month, shape (members,).

    What the war asks for while the state lets it through, a small share of it while it holds shipments back.

    Equation: ``demand * (trickle + (1 - trickle) * let_through)``.

    Parameters
    ----------
    demand: what would flow if all were let through, EUR million a month. trickle: share that flows all the same.
    let_through: 0 or 1. All of shape (members,).

    Why this form: no government sees all that its firms send on.

    Examples
    --------
    >>> arms_level(np.array([20.0, 20.0]), np.array([0.1, 0.1]), np.array([1.0, 0.0]))
    array([20.,  2.])
    """
    return demand * (trickle + (1.0 - trickle) * let_through)


def arms_stake(arms: FloatArray) -> FloatArray:
    """Return the arms incentive x: revenue and Western credit, rising ever more slowly with the flow.

    Equation: ``log(1 + arms / 10)``, arms in EUR million a month; the ten are judgement.

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
