"""From what is to what is printed: a forecast is of the published figure, its noise included."""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray
from sim.mechanisms.scales import logistic, logit


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
