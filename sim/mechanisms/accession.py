"""EU accession: how fast rewards come, how much they pull, and how hard the EU asks the state to show its colours.

The External Incentives Model holds that conditionality works through the size and speed of rewards and the
credibility of promise and threat. Source: Schimmelfennig & Sedelmeier (2004), Journal of European Public Policy 11(4).
"""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.clock import FIRST_YEAR, MONTHS_PER_YEAR
from sim.mechanisms.scales import logistic

STEP_MEMORY = 24
"""Months over which a step of the process still counts as progress (judgement)."""

STEPS_PER_RUNG = 2
"""Candidate status, the decision to open talks and the first conference count two steps each (judgement)."""

FROM_LAST_OPENING = 36
"""Months from the last chapter's opening to joining, as in Croatia: June 2010 to July 2013."""

_TINY = np.finfo(np.float64).tiny


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


def next_opening(
    opened: FloatArray, extra: FloatArray, *, by_cluster: bool, cluster_steps: IntArray
) -> FloatArray:
    """Return how many chapters a half-year opens when it opens something, shape (members,).

    Until May 2021 one and some more; afterwards the next cluster with all of its unopened chapters (revised
    methodology).

    Parameters
    ----------
    opened: chapters opened so far. extra: chapters beyond the first, before clusters.
    by_cluster: whether the revised methodology applies.
    cluster_steps: for each number of chapters opened, how many the next cluster brings; shape (chapters + 1,).
    """
    last = len(cluster_steps) - 1
    if by_cluster:
        return cluster_steps[opened.astype(np.int64)].astype(np.float64)
    return np.minimum(1.0 + extra, last - opened)


def opened_by_date(opened: FloatArray, year: FloatArray, *, month: int, chapters: int) -> FloatArray:
    """Return how many chapters a half-year must open for the state to join in a year that is named, shape (members,).

    All are to be open three years before, in equal steps: ``ceil((chapters - opened) / half-years left)``, of which one
    at least is left. Nothing where no year is named.

    Parameters
    ----------
    opened: chapters opened so far. year: in which it is to join, 0 where none is named. Both of shape (members,).
    month: number of the half-year's last month. chapters: of the negotiations.

    Examples
    --------
    >>> opened_by_date(np.full(3, 22.0), np.array([0.0, 2032.0, 2028.0]), month=179, chapters=35)
    array([ 0.,  3., 13.])
    """
    last = (year - FIRST_YEAR) * MONTHS_PER_YEAR - FROM_LAST_OPENING
    left = np.maximum(np.floor((last - month) / 6.0) + 1.0, 1.0)
    return np.where(year > 0.0, np.ceil((chapters - opened) / left), 0.0)


def closed_by_date(opened: FloatArray, year: FloatArray, *, month: int, chapters: int) -> FloatArray:
    """Return how many chapters are closed in a month on the way to a year of joining that is named, shape (members,).

    Once all are open they close in equal steps to the day of joining, ``chapters / 36`` a month, and count as steps as
    openings do. Nothing where no year is named: how fast talks close then, no record here tells.

    Parameters
    ----------
    opened, year, month, chapters: as of `opened_by_date`, `opened` with this month's.

    That closing and ratifying go evenly is judgement: Croatia closed the last chapter a year after it opened the last.

    Examples
    --------
    >>> closed_by_date(np.array([35.0, 35.0, 34.0]), np.array([0.0, 2030.0, 2030.0]), month=200, chapters=35).round(2)
    array([0.  , 0.97, 0.  ])
    """
    on_the_way = (opened >= chapters) & (month < (year - FIRST_YEAR) * MONTHS_PER_YEAR)
    return np.where(on_the_way, chapters / FROM_LAST_OPENING, 0.0)


def still_moving(
    moving: FloatArray, stall: FloatArray, resume: FloatArray, *, chance: FloatArray, opened: bool
) -> tuple[FloatArray, FloatArray]:
    """Return how likely talks move in a half-year before it is known what it opened, and after, each (members,).

    Talks move or stand still, half-year by half-year, and only what moves can open: a government's refusal, once
    voiced, lasts. The filter of a hidden two-state Markov chain (Hamilton 1989, Econometrica 57(2)).

    Equation: ``before = moving * (1 - stall) + (1 - moving) * resume``; after an opening 1, else
    ``before * (1 - chance) / (1 - before * chance)``.

    Parameters
    ----------
    moving: the same after the last half-year, a probability, or 0 or 1 where it is known. stall, resume: chances of
    passing from one state to the other. chance: of an opening in a half-year that moves. All of shape (members,).
    opened: whether something was opened.

    Examples
    --------
    >>> one = np.ones(1)
    >>> still_moving(one, 0.2 * one, one, chance=0.5 * one, opened=False)
    (array([0.8]), array([0.66666667]))
    """
    before = moving * (1.0 - stall) + (1.0 - moving) * resume
    never = 1.0 - before * chance
    after = np.ones_like(before) if opened else before * (1.0 - chance) / np.maximum(never, _TINY)
    return before, after


def opening_chance(
    credibility: FloatArray, pressure: FloatArray, base: FloatArray, reward: FloatArray, penalty: FloatArray
) -> FloatArray:
    """Return the chance that a half-year in which talks move brings an opening, shape (members,).

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


def pressure_target(war_level: FloatArray, issued: FloatArray, joined: FloatArray) -> FloatArray:
    """Return the pressure that the last twelve months would call for, a share.

    Equation: ``war level * (1 - joined / issued)`` of the Russia-related declarations; 0 if none was issued. The EU
    presses those who stay out, and presses harder the worse the war.

    Parameters
    ----------
    war_level: how much the state of the war makes it matter, a share, shape (members,).
    issued, joined: Russia-related declarations of the last twelve months, shape (members,).
    """
    return np.where(issued > 0.0, war_level * (1.0 - joined / np.maximum(issued, 1.0)), 0.0)
