"""EU accession: how fast rewards come, and how much they pull.

The External Incentives Model holds that conditionality works through the size and speed of rewards and the
credibility of promise and threat. Source: Schimmelfennig & Sedelmeier (2004), Journal of European Public Policy 11(4).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.mechanisms.scales import logistic

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

STEP_MEMORY = 24
"""Months over which a step of the process still counts as progress (judgement)."""

STEPS_PER_RUNG = 2
"""Candidate status, the decision to open talks and the first conference count two steps each (judgement)."""


def speed(steps: FloatArray) -> FloatArray:
    """Return the felt speed of accession, a share: ``1 - exp(-steps / 4)`` of the steps in the last 24 months.

    Four steps feel like 63 % of full speed (judgement).

    >>> speed(np.array([0.0]))
    array([0.])
    """
    return 1.0 - np.exp(-steps / 4.0)


def accession_pull(credibility: FloatArray, steps: FloatArray) -> FloatArray:
    """Return the accession incentive x, a share: credibility of the offer times speed of its rewards."""
    return credibility * speed(steps)


def next_opening(opened: FloatArray, *, by_cluster: bool, cluster_steps: IntArray) -> FloatArray:
    """Return how many chapters a conference opens when it opens something, shape (members,).

    Until May 2021 two at a time; afterwards the next cluster with all of its unopened chapters (revised methodology).

    Parameters
    ----------
    opened: chapters opened so far.
    by_cluster: whether the revised methodology applies.
    cluster_steps: for each number of chapters opened, how many the next cluster brings; shape (chapters + 1,).
    """
    last = len(cluster_steps) - 1
    if by_cluster:
        return cluster_steps[opened.astype(np.int64)].astype(np.float64)
    return np.minimum(2.0, last - opened)


def opening_chance(
    credibility: FloatArray, pressure: FloatArray, base: FloatArray, reward: FloatArray, penalty: FloatArray
) -> FloatArray:
    """Return the chance that a half-year brings an opening, shape (members,).

    The Union opens what it still believes in, and less to a state that it presses to show its colours.

    Equation: ``logistic(base + reward * (credibility - 1/2) - penalty * pressure)``.

    Parameters
    ----------
    credibility, pressure: shares. base: logit. reward, penalty: logit per unit, not negative. All of shape (members,).

    Examples
    --------
    >>> zero = np.zeros(1)
    >>> opening_chance(zero + 0.5, zero, zero, zero, zero)
    array([0.5])
    """
    return logistic(base + reward * (credibility - 0.5) - penalty * pressure)
