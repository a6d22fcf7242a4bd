"""Covert arms through third countries: what flows, what it earns, what comes to light, and what Russia makes of that.

It does not see the truth: it believes. Source: Bayes' rule in log-odds; noisy public signals and denials as in the
literature on plausible deniability, e.g. Carnegie (2021), Annual Review of Political Science 24.
"""

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


def forgotten(belief: FloatArray, prior: FloatArray, forgetting: FloatArray) -> FloatArray:
    """Return the belief after a month in which nothing was heard, log-odds, shape (members,).

    The question is about the last twelve months; what was learned earlier fades towards the prior.

    Equation: ``belief + forgetting * (prior - belief)``.

    >>> forgotten(np.array([2.0]), np.array([-2.0]), np.array([0.25]))
    array([1.])
    """
    return belief + forgetting * (prior - belief)


def report_evidence(base: FloatArray, extra: FloatArray, weight: FloatArray) -> FloatArray:
    """Return what a report adds to the log-odds that the state delivers, shape (members,), not negative.

    Equation: ``weight * log((base + extra / 2) / base)``: how much likelier a report is at a middling flow
    than at none; documents weigh more than hearsay.

    Parameters
    ----------
    base, extra: reports a month without deliveries, and what many add; base above 0.
    weight: how far Moscow trusts the report, not negative. All of shape (members,).

    Examples
    --------
    >>> report_evidence(np.array([0.1]), np.array([0.0]), np.array([1.0]))
    array([0.])
    """
    return weight * np.log((base + 0.5 * extra) / base)


def denial_evidence(deniability: FloatArray, candour: FloatArray) -> FloatArray:
    """Return what a denial adds to the log-odds: below zero, and small, shape (members,).

    The guilty deny too, only a little less readily; and once caught denying, a state is believed no more.

    Equation: ``log(P(denial | guilty) / P(denial | innocent)) = log(1 - candour * deniability)``.

    Parameters
    ----------
    deniability: share. candour: how much less readily the guilty would deny, a share below 1.
    Both of shape (members,).

    Examples
    --------
    >>> denial_evidence(np.array([1.0]), np.array([0.4])).round(2)
    array([-0.51])
    """
    return np.log1p(-candour * deniability)


def denial_chance(deniability: FloatArray, gain: FloatArray, precision: FloatArray) -> FloatArray:
    """Return the chance that the state denies a report, shape (members,).

    A denial costs nothing at once and deniability later, so that silence is sometimes better: the less deniability is
    left, the less a denial can gain.

    Equation: ``logistic(precision * (gain * deniability - 1))``, quantal response with silence worth 1.

    Parameters
    ----------
    deniability: share. gain: worth of a fully credible denial in units of what keeping silent is worth.
    precision: of the choice, not negative. All of shape (members,).

    Examples
    --------
    >>> denial_chance(np.array([1.0]), np.array([1.0]), np.array([3.0]))
    array([0.5])
    """
    return logistic(precision * (gain * deniability - 1.0))


def deniability_after(
    deniability: FloatArray, exposed: FloatArray, loss: FloatArray, recovery: FloatArray
) -> FloatArray:
    """Return what is left of deniability, a share, shape (members,).

    It falls when documents follow a denial, and recovers slowly.

    Equation: ``deniability * (1 - loss)`` if exposed, else ``deniability + recovery * (1 - deniability)``.

    Parameters
    ----------
    exposed: 1 if a report with documents came out within a year of a denial. loss, recovery: shares.
    All of shape (members,).

    Examples
    --------
    >>> deniability_after(np.array([0.8]), np.array([1.0]), np.array([0.5]), np.array([0.1]))
    array([0.4])
    """
    return np.where(exposed > 0.0, deniability * (1.0 - loss), deniability + recovery * (1.0 - deniability))
