"""Domestic politics: voters and media, what opinion makes of policy, elections, and coalitions that see otherwise.

Leader change with a new support coalition shifts foreign policy, change within one rarely does. Source: Mattes, Leeds &
Carroll (2015), International Studies Quarterly 59(2).
"""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray
from sim.mechanisms.scales import logistic

ELECTION_FACTOR = 1.5
"""How much more opinion counts when voters are about to be asked (judgement)."""

ELECTION_NEAR = 6
"""Months before a scheduled election within which it counts more (judgement)."""


def launch_chance(
    displeasure: FloatArray, affinity: FloatArray, cost: FloatArray, precision: FloatArray
) -> FloatArray:
    """Return the chance that Russia launches an outlet in the state this month, shape (members,).

    A patron speaks to the voters when their government displeases it, and when many of them are still to be won.

    Equation: ``logistic(precision * (displeasure + (1 - affinity) - cost))``, quantal response between launching and
    leaving it, which is worth 0.

    Parameters
    ----------
    displeasure: share. affinity: share of all voters who are well disposed to Russia.
    cost: of an outlet, in the same units: 1 is full displeasure, or all voters to be won.
    precision: of the choice, not negative. All of shape (members,).

    Why this form: an outlet is begun or not, on a day that can be dated. That both reasons weigh alike is judgement.
    Source of the form: McKelvey & Palfrey (1995).

    Examples
    --------
    >>> launch_chance(*np.array([[0.5], [0.5], [1.0], [3.0]]))
    array([0.5])
    """
    return logistic(precision * (displeasure + (1.0 - affinity) - cost))


def media_shift(effort: FloatArray, trust: float, weight: FloatArray) -> FloatArray:
    """Return how far friendly media move a bloc's level of affinity for Russia up, and of EU support down, logit.

    A state that speaks to those who trust the outlets that carry its message moves them; the rest hardly hear it.

    Equation: ``weight * trust * 2 (effort - 1) / (effort + 1)``: nothing at 1, the effort of January 2012; minus twice
    the weight in silence; never more than twice the weight, since nobody hears a message ten times.

    Parameters
    ----------
    effort: Russia's media effort, index, shape (members,), not negative.
    trust: how far the bloc trusts outlets that carry Russia's message, a share.
    weight: logit per index point at full trust, shape (members,), not negative.

    Why: exposure works through trusted sources. Source: Zaller (1992), The Nature and Origins of Mass Opinion,
    reception and acceptance; how it saturates is judgement.

    Examples
    --------
    >>> media_shift(np.array([0.0, 1.0]), 1.0, np.array([0.4, 0.4]))
    array([-0.8,  0. ])
    """
    return weight * trust * 2.0 * (effort - 1.0) / (effort + 1.0)


def public_stake(support: FloatArray, affinity: FloatArray, election_near: FloatArray) -> FloatArray:
    """Return the public incentive x: how much more of the public is for the EU than for Russia, between -1.5 and 1.5.

    A government reads the polls, and half as much again when voters are about to be asked.

    Equation: ``support - affinity``, times 1.5 from the month an election is called or within six months of a scheduled
    one.

    Parameters
    ----------
    support, affinity: shares of all voters, shape (members,). election_near: 0 or 1, shape (members,).

    Examples
    --------
    >>> public_stake(np.array([0.5, 0.5]), np.array([0.7, 0.7]), np.array([0.0, 1.0])).round(2)
    array([-0.2, -0.3])
    """
    return (support - affinity) * np.where(election_near > 0.0, ELECTION_FACTOR, 1.0)


def next_election(
    due_in: FloatArray, held: FloatArray, called: FloatArray, *, term: int, notice: int
) -> FloatArray:
    """Return the months to the next parliamentary election, shape (members,).

    One month less than before; a full term after an election; the notice once an early one is called.

    Parameters
    ----------
    due_in: months to the next election before this month. held, called: 0 or 1. All of shape (members,).
    term: months that a parliament sits. notice: months from calling an early election to holding it.

    Examples
    --------
    >>> held, called = np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])
    >>> next_election(np.array([1.0, 30.0, 30.0]), held, called, term=48, notice=2)
    array([48.,  2., 29.])
    """
    running = np.where((called > 0.0) & (due_in > notice), notice, due_in - 1.0)
    return np.where(held > 0.0, float(term), running)


def election_near(due_in: FloatArray) -> FloatArray:
    """Return 1 where an election is within six months, scheduled or called, else 0; shape (members,)."""
    return (due_in <= ELECTION_NEAR).astype(np.float64)
