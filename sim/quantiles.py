"""The distributions of the model: each the inverse of its distribution function at a uniform.

That keeps draws monotone in their parameters: the same luck under a higher rate never gives a lower count.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

# from about 745 on exp(-rate) is 0, and counting up from it would not end where it should
_LARGE_RATE = 500.0
_TOP = 1.0 - 1e-12
_FEW = 512  # members below which it costs more to leave some out than to take all along


def student_scale(u: FloatArray, freedom: float) -> FloatArray:
    """Return sqrt(freedom / chi-square quantile of u): times a normal vector it gives Student's t, elementwise."""
    from scipy.special import gammaincinv

    result: FloatArray = np.sqrt(freedom / (2.0 * gammaincinv(freedom / 2.0, u)))
    return result


def poisson_quantile(u: FloatArray, rate: FloatArray) -> FloatArray:
    """Return the Poisson count at `u`: the least k with P(count <= k) >= u, elementwise.

    Rates are per draw, shape (members,), not negative; a rate of 0 gives 0.
    """
    large = rate > _LARGE_RATE
    if np.count_nonzero(large):
        from scipy.special import pdtrik

        few = poisson_quantile(u, np.where(large, 0.0, rate))
        return np.where(large, np.ceil(pdtrik(u, np.where(large, rate, 1.0))), few)

    def grow(chance: FloatArray, k: int, rate: FloatArray) -> None:
        chance *= rate / k

    return _counted(u, np.exp(-rate), grow, rate)


def binomial_quantile(u: FloatArray, trials: FloatArray, probability: FloatArray) -> FloatArray:
    """Return the binomial count at `u`: the least k with P(count <= k) >= u, elementwise.

    The rarer of success and failure is counted, so that no starting term underflows; the count stays monotone in
    `u`, `trials` and `probability`.
    """
    tried = np.flatnonzero(trials)
    if 2 * tried.size < u.size:  # there is nothing to count for most
        count = np.zeros_like(u)
        count[tried] = binomial_quantile(u[tried], trials[tried], probability[tried])
        return count
    flip = probability > 0.5
    rare = np.where(flip, 1.0 - probability, probability)
    # the least k with P <= k reaches u; for failures the mirror: the least k with P(fewer than or k) > 1 - u
    level = np.where(flip, np.nextafter(1.0 - u, 2.0), u)

    def grow(chance: FloatArray, k: int, trials: FloatArray, odds: FloatArray) -> None:
        chance *= (trials - (k - 1)) / k  # 0 from the last trial on
        chance *= odds

    count = _counted(level, (1.0 - rare) ** trials, grow, trials, rare / (1.0 - rare))
    return np.where(flip, trials - count, count)


def _counted(
    level: FloatArray, chance: FloatArray, grow: Callable[..., None], *numbers: FloatArray
) -> FloatArray:
    """Return the least k at which the chances of 0 to k add up to `level`, elementwise.

    Parameters
    ----------
    chance: of 0, shape (members,); used up. grow: turns the chance of k - 1, in place, into that of k, given k and the
    `numbers`, each of shape (members,).
    """
    # by rounding a sum of many chances may stay a little short of 1
    level = np.minimum(level, _TOP)
    count = at_hand = np.zeros_like(level)
    places, below, k = np.arange(0), chance.copy(), 0
    while still := np.count_nonzero(open_ := level > below):
        if _FEW < at_hand.size > 3 * still:  # go on with those alone that are not yet counted
            kept = np.flatnonzero(open_)
            if at_hand is not count:
                count[places] = at_hand
            places = kept if at_hand is count else places[kept]
            level, chance, below, open_ = level[kept], chance[kept], below[kept], open_[kept]
            at_hand, numbers = at_hand[kept], tuple(each[kept] for each in numbers)
        k += 1
        at_hand += open_
        grow(chance, k, *numbers)
        below += chance
    if at_hand is not count:
        count[places] = at_hand
    return count
