"""What is printed, its noise included, and how probable it is given what members hold to be so.

A forecast is of the published figure. The log densities that weigh members are the counterpart of what is printed, with
the luck of the count integrated out: a member is weighed by the rates and chances it holds, not by the counts that it
happened to draw. That keeps apart what is known from what is chance, and many more members alive (Rao-Blackwell).
"""

from __future__ import annotations

from math import lgamma

import numpy as np

from sim.arrays import FloatArray
from sim.mechanisms.scales import logistic, logit

# A member that holds something to be impossible that happened is all but dropped, not divided by zero.
_LEAST_CHANCE = 1e-6
_LEAST_VARIANCE = 1e-8


def published_alignment(joined: FloatArray, issued: FloatArray, noise: FloatArray) -> FloatArray:
    """Return the published share of declarations joined, between 0 and 1.

    Sources count differently by two to four points. The noise is given in shares at a share of one half and applied
    on the logit, where it shrinks towards 0 and 1: ``logistic(logit((joined + 1/2) / (issued + 1)) + 4 * noise)``.
    The halves (Haldane 1956, Anscombe 1956) keep a full or empty count off the bounds.

    Parameters
    ----------
    joined, issued: counts in the window. noise: share, mean 0. All of shape (members,).
    """
    return logistic(logit((joined + 0.5) / (issued + 1.0)) + 4.0 * noise)


def published_poll(
    support: FloatArray, respondents: FloatArray, extra: FloatArray, luck: FloatArray
) -> FloatArray:
    """Return the share a pollster prints for a true share `support`.

    On the logit, noise of variance ``1 / (n p + 1/2) + 1 / (n (1 - p) + 1/2) + extra**2``: sampling (Haldane 1956,
    Anscombe 1956), and what fieldwork adds to it.

    Parameters
    ----------
    support: share, shape (members,). respondents: sample size. extra: logit. luck: standard normal, shape (members,).
    """
    return logistic(logit(support) + np.sqrt(count_variance(support, respondents) + extra * extra) * luck)


def count_variance(share: FloatArray, trials: FloatArray) -> FloatArray:
    """Return the variance of a counted share on the logit: ``1 / (n p + 1/2) + 1 / (n (1 - p) + 1/2)``.

    Parameters
    ----------
    share: true share p, shape (members,). trials: n, how many were asked or issued, shape (members,).

    Source: Haldane (1956), Anscombe (1956); the halves keep a full or empty count finite.
    """
    return 1.0 / (trials * share + 0.5) + 1.0 / (trials * (1.0 - share) + 0.5)


def inside(share: FloatArray) -> FloatArray:
    """Return shares or chances kept a millionth inside of 0 and 1, for the logarithm alone.

    >>> inside(np.array([0.0, 0.5]))
    array([1.e-06, 5.e-01])
    """
    return np.clip(share, _LEAST_CHANCE, 1.0 - _LEAST_CHANCE)


def normal_log_density(value: float | FloatArray, mean: FloatArray, variance: FloatArray) -> FloatArray:
    """Return the log density of a normal distribution at `value`, shape (members,).

    >>> normal_log_density(0.0, np.array([0.0]), np.array([1.0])).round(3)
    array([-0.919])
    """
    variance = np.maximum(variance, _LEAST_VARIANCE)
    return -0.5 * (np.log(2.0 * np.pi * variance) + (value - mean) ** 2 / variance)


def poisson_log_chance(count: int, rate: FloatArray) -> FloatArray:
    """Return the log probability of a Poisson count, shape (members,); a rate of 0 counts as all but 0.

    >>> poisson_log_chance(0, np.array([2.0]))
    array([-2.])
    """
    rate = np.maximum(rate, _LEAST_CHANCE)
    chance: FloatArray = count * np.log(rate) - rate - lgamma(count + 1.0)
    return chance


def binomial_log_chance(count: int, trials: int, chance: FloatArray) -> FloatArray:
    """Return the log probability of `count` successes in `trials`, shape (members,).

    >>> binomial_log_chance(1, 1, np.array([0.5])).round(3)
    array([-0.693])
    """
    chance = inside(chance)
    ways = lgamma(trials + 1.0) - lgamma(count + 1.0) - lgamma(trials - count + 1.0)
    log_chance: FloatArray = ways + count * np.log(chance) + (trials - count) * np.log1p(-chance)
    return log_chance


def poll_log_density(
    published: float, support: FloatArray, respondents: FloatArray, extra: FloatArray
) -> FloatArray:
    """Return the log density, on the logit, of the share that a pollster printed, shape (members,).

    Parameters
    ----------
    published: share for membership. support: true share. respondents: sample size. extra: logit, what fieldwork adds
    to the sampling error. All but `published` of shape (members,).
    """
    variance = count_variance(support, respondents) + extra * extra
    return normal_log_density(
        logit(_off_the_bounds(published, respondents)), logit(inside(support)), variance
    )


def alignment_log_density(
    published: FloatArray, share: FloatArray, issued: FloatArray, noise: FloatArray
) -> FloatArray:
    """Return the log density, on the logit, of a published share of declarations joined, shape (members,).

    Of declarations that come as Poisson streams, each joined with a chance of its own class, the number joined is
    binomial with the mean chance; the count's error adds to that of the source.

    Parameters
    ----------
    published: share, 0 to 1. share: mean chance of joining in the window. issued: declarations in it.
    noise: standard deviation of what the source adds, share at a share of one half. All of shape (members,).
    """
    share = inside(share)
    variance = count_variance(share, issued) + (4.0 * noise) ** 2
    return normal_log_density(logit(_off_the_bounds(published, issued)), logit(share), variance)


def second_half(
    year: float, first: float, issued: tuple[FloatArray, FloatArray], noise: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the share joined in a second half-year that two published figures imply, and the source's noise in it.

    Equation: ``(year * (n1 + n2) - first * n1) / n2``, kept half a declaration inside of 0 and 1; the two sources'
    errors add up: ``sqrt((n1 + n2)**2 + n1**2) / n2`` times the noise of one.

    Parameters
    ----------
    year, first: published shares of the year and of its first half. issued: (n1, n2), declarations in each half.
    noise: of one figure, share at one half. Arrays of shape (members,).
    """
    n1, n2 = issued[0], np.maximum(issued[1], 1.0)
    implied = (year * (n1 + n2) - first * n1) / n2
    edge = 0.5 / (n2 + 1.0)
    return np.clip(implied, edge, 1.0 - edge), noise * np.sqrt((n1 + n2) ** 2 + n1**2) / n2


def _off_the_bounds(published: float | FloatArray, count: FloatArray) -> FloatArray:
    """Return a published share, one of none or all as half of one off it: as a full count is printed by the model."""
    edge = 0.5 / (count + 1.0)
    return np.where(published <= 0.0, edge, np.where(published >= 1.0, 1.0 - edge, published))
