"""What Russia makes of reports and denials: a belief, for it does not see the truth.

Source: Bayes' rule in log-odds; noisy public signals and denials as in the literature on plausible deniability, e.g.
Carnegie (2021), Annual Review of Political Science 24.
"""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray
from sim.mechanisms.scales import logistic


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
