"""Kosovo: the worth of Moscow's veto, and the dialogue that may make it worthless."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.mechanisms.scales import logistic

FloatArray = NDArray[np.float64]


def veto_worth(resolve: FloatArray, normalisation: FloatArray) -> FloatArray:
    """Return the Kosovo incentive x: what Moscow's veto in the Security Council is worth to Belgrade, a share.

    Equation: ``resolve * (1 - normalisation)``: a veto that may be traded away, or that keeps open what is settled,
    binds nobody.

    Parameters
    ----------
    resolve: how surely Moscow would use it, a share. normalisation: share of the way to a settled Kosovo.
    Both of shape (members,).

    Examples
    --------
    >>> veto_worth(np.array([0.9]), np.array([1.0]))
    array([0.])
    """
    return resolve * (1.0 - normalisation)


def forward_chance(
    pull: FloatArray, pressure: FloatArray, public: FloatArray, bias: FloatArray, gain: FloatArray
) -> FloatArray:
    """Return the chance that a round of the dialogue ends in a step forward rather than back, shape (members,).

    Belgrade moves for a credible reward or under pressure, and not against its voters; Pristina's part is luck.

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
