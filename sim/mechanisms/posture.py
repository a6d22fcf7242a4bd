"""Ally, balancer, opponent: the state's posture towards Russia, defined on behaviour over twelve months."""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray

POSTURES = ("ally", "balancer", "opponent")
"""The posture of code 0, 1 and 2."""

ALLY, BALANCER, OPPONENT = 0.0, 1.0, 2.0
UNDEFINED = -1.0
"""Before the first Russia-related declarations (in the record: before March 2014) there is no posture."""

WINDOW = 12
"""Months of behaviour that a posture rests on."""

# judgement, as all of the definition: below these a share says little
_ENOUGH_TO_OPPOSE = 5
_ENOUGH_FOR_A_TENTH = 20


def classify(
    sanctions: FloatArray, issued: FloatArray, joined: FloatArray, votes_with: FloatArray, votes: FloatArray
) -> FloatArray:
    """Return the posture's code for each member, shape (members,).

    *Opponent*: sanctions in force, or at least five Russia-related declarations issued and half or more joined.
    Otherwise *ally*: fewer than a tenth joined (with fewer than twenty issued: at most one) and at least half of the
    votes with Russia. Otherwise *balancer*.

    Parameters
    ----------
    sanctions: 0 or 1 at the month's end.
    issued, joined: Russia-related declarations of the twelve months.
    votes_with, votes: votes on Ukraine and Crimea texts, with Russia and in all, in the last window that had one;
        with no vote yet on record nothing speaks against ally.
    """
    opponent = (sanctions > 0.0) | ((issued >= _ENOUGH_TO_OPPOSE) & (2.0 * joined >= issued))
    stays_out = np.where(issued < _ENOUGH_FOR_A_TENTH, joined <= 1.0, 10.0 * joined < issued)
    ally = stays_out & (2.0 * votes_with >= votes)
    return np.where(opponent, OPPONENT, np.where(ally, ALLY, BALANCER))
