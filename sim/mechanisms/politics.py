"""Domestic politics: elections come due or are called, and a new coalition may see things differently.

Leader change with a new support coalition shifts foreign policy, change within one rarely does. Source: Mattes, Leeds &
Carroll (2015), International Studies Quarterly 59(2).
"""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray
from sim.mechanisms.opinion import ELECTION_NEAR


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
