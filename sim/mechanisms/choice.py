"""The state's choices: what it joins, how it votes, the one decision that is hard to take back; its posture.

Every choice is a quantal response: a better option is likelier, none is certain. Source: McKelvey & Palfrey (1995),
Games and Economic Behavior 10(1). The posture towards Russia, ally, balancer or opponent, is defined on behaviour over
twelve months.
"""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray
from sim.mechanisms.scales import logistic

TEXT_KINDS = ("crimea", "aggression", "emergency")
"""Kinds of UN texts that count; procedural ballots do not."""

VOTES = ("with", "abstain", "against")
"""How a vote counts: "no" is with Russia, "yes" against it, absence counts as abstention."""

VOTE_OF = {"no": "with", "abstain": "abstain", "absent": "abstain", "yes": "against"}
"""What a recorded vote counts as, among `VOTES`."""

POSTURES = ("ally", "balancer", "opponent")
"""The posture of code 0, 1 and 2."""

ALLY, BALANCER, OPPONENT = 0.0, 1.0, 2.0
UNDEFINED = -1.0
"""Before the first Russia-related declarations (in the record: before March 2014) there is no posture."""

WINDOW = 12
"""Months of behaviour that a posture rests on."""

# judgement, as all that defines a posture: below these a share says little
_ENOUGH_TO_OPPOSE = 5
_ENOUGH_FOR_A_TENTH = 20


def join_probability(
    lean: FloatArray, cost: FloatArray, sanctions: FloatArray, with_sanctions: FloatArray
) -> FloatArray:
    """Return the chance that the state joins a Russia-related declaration.

    Equation: ``logistic(lean - cost)`` without sanctions; once sanctions are in force joining is routine and its
    chance a number of its own.

    Parameters
    ----------
    lean: the state's lean, logit. cost: what joining costs, logit. sanctions: 0 or 1. with_sanctions: probability.
    All of shape (members,).
    """
    return np.where(sanctions > 0.0, with_sanctions, logistic(lean - cost))


def monthly_log_odds(annual_rate: FloatArray) -> FloatArray:
    """Return the logit of the chance that what happens so often a year happens in a month, shape (members,).

    Equation: the logit of ``1 - exp(-annual_rate / 12)``, whose odds are ``exp(annual_rate / 12) - 1``; without end
    below 0 at a rate of 0.
    """
    possible = annual_rate > 0.0
    return np.where(possible, np.log(np.expm1(np.where(possible, annual_rate, 1.0) / 12.0)), -np.inf)


def sanctions_hazard(
    lean: FloatArray, reference: FloatArray, slope: FloatArray, log_odds: FloatArray
) -> FloatArray:
    """Return the chance that the state imposes sanctions on Russia in this month.

    Equation: ``logistic(log_odds + slope * (lean - reference))``: at the reference lean the state is as likely to move
    as others were.

    Parameters
    ----------
    lean: logit. reference: the lean at which the rate holds, logit. slope: logit per logit, not negative.
    log_odds: `monthly_log_odds` of the rate at which they are adopted. All of shape (members,).
    """
    return np.where(log_odds > -np.inf, logistic(log_odds + slope * (lean - reference)), 0.0)


def vote_probabilities(
    lean: FloatArray, severity: FloatArray, width: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the chances of a vote with Russia and of one against it on a UN text; the rest abstains or stays away.

    Equation: ordered logit, ``P(against) = logistic(lean - severity - width)`` and
    ``P(with) = logistic(severity - lean - width)``.

    Parameters
    ----------
    lean: logit. severity: the lean at which the text splits the state evenly, logit. width: half the width of
    abstention, logit, not negative. All of shape (members,).
    """
    return logistic(severity - lean - width), logistic(lean - severity - width)


def vote_chances(
    lean: FloatArray, severity: FloatArray, width: FloatArray, *, habit: FloatArray, last: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the chances of a vote with Russia, an abstention and a vote against it, where states vote as they did.

    Equation: ``habit * [the last vote was this] + (1 - habit) * p``, p of `vote_probabilities`; p alone before the
    first vote on such a text, and on the first in full-scale war.

    Parameters
    ----------
    lean, severity, width: as there. habit: probability. last: the last vote on a text of this kind: 0 none, 1 with
    Russia, 2 abstained or absent, 3 against it. All of shape (members,).
    """
    with_russia, against = vote_probabilities(lean, severity, width)
    weighed = np.where(last > 0.0, 1.0 - habit, 1.0)
    first, second, third = (
        weighed * p + np.where(last == code, habit, 0.0)
        for code, p in ((1.0, with_russia), (2.0, 1.0 - with_russia - against), (3.0, against))
    )
    return first, second, third


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
