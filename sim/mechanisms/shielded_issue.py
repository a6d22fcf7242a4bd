"""The issue that the patron shields: the worth of Moscow's veto, and the dialogue that may make it worthless."""

from __future__ import annotations

import numpy as np  # noqa: F401  # the examples name it

from sim.arrays import FloatArray
from sim.mechanisms.scales import logistic


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
