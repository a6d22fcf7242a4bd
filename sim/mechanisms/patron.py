"""Russia: its displeasure, what it does about it, and the issue that it shields: its veto's worth, the dialogue."""

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


def veto_worth(resolve: FloatArray, normalisation: FloatArray) -> FloatArray:
    """Return the incentive x: what Moscow's veto in the Security Council is worth to the state, a share.

    Equation: ``resolve * (1 - normalisation)``: a veto that may be traded away, or that keeps open what is settled,
    binds nobody.

    Parameters
    ----------
    resolve: how surely Moscow would use it, a share. normalisation: share of the way to a settled issue.
    Both of shape (members,).

    Examples
    --------
    >>> veto_worth(np.array([0.9]), np.array([1.0]))
    array([0.])
    """
    return resolve * (1.0 - normalisation)


def veto_trade_chance(
    worth: FloatArray, displeasure: FloatArray, standing: FloatArray, precision: FloatArray
) -> FloatArray:
    """Return the chance that Moscow trades its veto on the issue away this month, shape (members,).

    It keeps the veto as a hold on the state, and for its name as a friend that keeps its word; the more it is
    displeased, the less the hold is worth beside what others would give for it.

    Equation: ``logistic(-precision * (standing + (1 - displeasure) * worth))``, quantal response: keeping is worth
    standing + worth, trading brings displeasure times worth.

    Parameters
    ----------
    worth: of the veto, a share (`veto_worth`). displeasure: share.
    standing: what breaking its word would cost Moscow everywhere, in units of a fully worthy veto.
    precision: of the choice, not negative. All of shape (members,).

    Why this form: what is sold is what is held, so that both sides scale with the veto's worth; standing keeps a trade
    rare even when Moscow is at its angriest, or when the veto is worth little. Source of the form: McKelvey & Palfrey
    (1995); the utilities are judgement.

    Examples
    --------
    >>> veto_trade_chance(*np.array([[0.8, 0.8], [0.0, 1.0], [1.4, 1.4], [4.0, 4.0]])).round(4)
    array([0.0002, 0.0037])
    """
    return logistic(-precision * (standing + (1.0 - displeasure) * worth))


def forward_chance(
    pull: FloatArray, pressure: FloatArray, public: FloatArray, bias: FloatArray, gain: FloatArray
) -> FloatArray:
    """Return the chance that a round of the dialogue ends in a step forward rather than back, shape (members,).

    The state moves for a credible reward or under pressure, and not against its voters; the other side's part is luck.

    Equation: ``logistic(bias + gain * (pull + pressure + public))``, quantal response.

    Parameters
    ----------
    pull: accession incentive, a share. pressure: a share. public: public incentive, between -1.5 and 1.5.
    bias: logit. gain: logit per unit, not negative. All of shape (members,).

    Examples
    --------
    >>> zero = np.zeros(1)
    >>> forward_chance(zero, zero, zero, zero, zero)
    array([0.5])
    """
    return logistic(bias + gain * (pull + pressure + public))
