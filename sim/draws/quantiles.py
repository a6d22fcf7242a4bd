"""Draws made of uniforms: standard normals, and counts and tails by the inverse of their distribution function."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache

import numpy as np

from sim.arrays import FloatArray, IntArray


def of_pairs(u: FloatArray) -> FloatArray:
    """Return independent standard normals made of uniforms two by two, shape (even,); none is beyond 8.6.

    Equation: of a pair (u, v), ``sqrt(-2 log u)`` times the cosine and the sine of ``2 pi (v - 1/2)``, both by the
    tangent t of half the angle: ``(1 - t^2) / (1 + t^2)`` and ``2 t / (1 + t^2)``. NumPy has logarithm and tangent for
    several numbers at a time, unlike cosine, sine and the normal quantile: a third of the time.

    Source: Box & Muller (1958), A note on the generation of random normal deviates. Annals of Mathematical Statistics.
    """
    twice, tangent = np.ascontiguousarray(u.reshape(-1, 2).T)
    np.log(twice, out=twice)
    twice *= -8.0
    np.sqrt(twice, out=twice)  # the radius, doubled
    tangent -= 0.5
    tangent *= np.pi
    np.tan(tangent, out=tangent)
    part = tangent * tangent
    part += 1.0
    np.divide(twice, part, out=part)
    normals = np.empty((twice.size, 2))
    np.multiply(part, tangent, out=normals[:, 1])
    twice *= 0.5
    np.subtract(part, twice, out=normals[:, 0])
    return normals.reshape(-1)


def normal_quantile(u: FloatArray) -> FloatArray:
    """Return the standard normal quantile of `u`, elementwise."""
    result: FloatArray = _ndtri()(u)
    return result


@cache  # looked up once: to import it at each call costs more than what it does to a few members
def _ndtri() -> np.ufunc:
    from scipy.special import ndtri

    found: np.ufunc = ndtri
    return found


# the chance of nothing at all, exp(-rate) or (1 - p)**trials, is 0 from about 745 or 1,075 on: to count up from it
# would not end where it should, or not at all
_LARGE_RATE = 500.0
_MANY_TRIALS = 500.0
_TOP = 1.0 - 1e-12
_FARTHEST = 9  # standard deviations: no uniform of 52 bits lies further out
_CELLS = 256  # of a table, to each of them
_FEW = 512  # members below which it costs more to leave some out than to take all along
_FAR, _AT_ONCE = 16, 4096  # from where on so few count several steps at a time, and how many, of all together


def student_scale(u: FloatArray, freedom: float) -> FloatArray:
    """Return sqrt(freedom / chi-square quantile of u): times a normal vector it gives Student's t, elementwise.

    Read from a table of its logarithm over the normal quantile of `u`, which holds it to twelve digits: to invert the
    chi-square law for each member would be the dearest draw of a month.
    """
    at = (normal_quantile(u) + _FARTHEST) * _CELLS
    cell = at.astype(np.int64)
    at -= cell
    first, *others = (row.take(cell) for row in _log_scale(freedom))
    for coefficient in others:
        first *= at
        first += coefficient
    scale: FloatArray = np.exp(first, out=first)
    return scale


@lru_cache(maxsize=8)
def _log_scale(freedom: float) -> FloatArray:
    """Return coefficients of the cubics through four neighbours, highest power first: shape (4, cells)."""
    from scipy.special import gammainccinv, gammaincinv, ndtr

    z = np.arange(-1, 2 * _FARTHEST * _CELLS + 2) / _CELLS - _FARTHEST
    half = 0.5 * freedom
    x = np.where(z < 0.0, gammaincinv(half, ndtr(z)), gammainccinv(half, ndtr(-z)))
    y = 0.5 * np.log(half / x)
    before, here, after, beyond = y[:-3], y[1:-2], y[2:-1], y[3:]
    return np.stack(
        [
            (beyond - before) / 6.0 + (here - after) / 2.0,
            (before + after) / 2.0 - here,
            after - here / 2.0 - before / 3.0 - beyond / 6.0,
            here,
        ]
    )


def poisson_quantile(u: FloatArray, rate: FloatArray) -> FloatArray:
    """Return the Poisson count at `u`: the least k with P(count <= k) >= u, elementwise.

    Rates are per draw, shape (members,), not negative; a rate of 0 gives 0.
    """
    large = np.flatnonzero(rate > _LARGE_RATE)
    if large.size:
        from scipy.special import pdtrik

        count = poisson_quantile(u, np.where(rate > _LARGE_RATE, 0.0, rate))
        count[large] = np.ceil(pdtrik(u[large], rate[large]))
        return count

    def growth(k: int | IntArray, rate: FloatArray) -> tuple[FloatArray, ...]:
        return (rate / k,)

    return _counted(u, np.exp(-rate), growth, rate)


def binomial_quantile(u: FloatArray, trials: FloatArray, probability: FloatArray) -> FloatArray:
    """Return the binomial count at `u`: the least k with P(count <= k) >= u, elementwise.

    The rarer of success and failure is counted, so that no starting term underflows, and of many trials the inverse of
    SciPy is taken; the count stays monotone in `u`, `trials` and `probability`.
    """
    if 2 * np.count_nonzero(trials) < u.size:  # there is nothing to count for most
        count, tried = np.zeros_like(u), np.flatnonzero(trials != 0.0)
        if tried.size:
            count[tried] = binomial_quantile(u[tried], trials[tried], probability[tried])
        return count
    many = np.flatnonzero(trials > _MANY_TRIALS)
    if many.size:
        from scipy.special import bdtrik

        count = binomial_quantile(u, np.where(trials > _MANY_TRIALS, 0.0, trials), probability)
        at, most, chance = u[many], trials[many], probability[many]
        # of what is next to impossible SciPy knows no number
        counted = np.where(at <= (1.0 - chance) ** most, 0.0, np.ceil(bdtrik(at, most, chance)))
        count[many] = np.clip(counted, 0.0, most)
        return count
    flip = probability > 0.5
    rare = np.minimum(probability, 1.0 - probability)
    # the least k with P <= k reaches u; for failures the mirror: the least k with P(fewer than or k) > 1 - u
    level = np.where(flip, _next(1.0 - u), u) if flip.any() else u

    def growth(k: int | IntArray, trials: FloatArray, odds: FloatArray) -> tuple[FloatArray, ...]:
        return (trials - (k - 1)) / k, odds  # 0 from the last trial on

    count = _counted(level, (1.0 - rare) ** trials, growth, trials, rare / (1.0 - rare))
    return np.where(flip, trials - count, count) if level is not u else count


def _next(u: FloatArray) -> FloatArray:
    """Return the next larger number to each: of a number above 0 that with the next pattern of bits."""
    return (u.view(np.int64) + 1).view(np.float64)


def _counted(
    level: FloatArray,
    chance: FloatArray,
    growth: Callable[..., tuple[FloatArray, ...]],
    *numbers: FloatArray,
) -> FloatArray:
    """Return the least k at which the chances of 0 to k add up to `level`, elementwise.

    Parameters
    ----------
    chance: of 0, shape (members,); used up. growth: given k, or several as a column, and the `numbers`, each of shape
    (members,), returns what the chance of k - 1 is multiplied with, one after another, to be that of k.
    """
    # by rounding a sum of many chances may stay a little short of 1
    level = np.minimum(level, _TOP)
    count = at_hand = np.zeros(level.shape, np.int16)
    places, below, k = np.arange(0), chance.copy(), 0
    while still := np.count_nonzero(open_ := level > below):
        least = _FEW if k < _FAR else 0
        if at_hand.size > max(least, 3 * int(still)):  # go on with those alone that are not yet counted
            kept = np.flatnonzero(open_)
            if at_hand is not count:
                count[places] = at_hand
            places = kept if at_hand is count else places[kept]
            level, chance, below, open_ = level[kept], chance[kept], below[kept], open_[kept]
            at_hand, numbers = at_hand[kept], tuple(each[kept] for each in numbers)
        if k < _FAR or at_hand.size > _FEW:
            k += 1
            at_hand += open_
            for factor in growth(k, *numbers):
                chance *= factor
            below += chance
        else:  # the long tail of a few: many steps at a time, since each costs what its calls cost
            steps = np.arange(k + 1, k + 2 + _AT_ONCE // at_hand.size)[:, np.newaxis]
            chances, sums = _accumulated(chance, below, growth(steps, *numbers))
            at_hand += open_ + np.count_nonzero(level > sums[:-1], axis=0)
            k, chance, below = k + len(steps), chances[-1], sums[-1]
    if at_hand is not count:
        count[places] = at_hand
    return count.astype(np.float64)


def _accumulated(
    chance: FloatArray, below: FloatArray, factors: tuple[FloatArray, ...]
) -> tuple[FloatArray, FloatArray]:
    """Return the chances of the coming steps and their sums with what lies below, each of shape (steps, members).

    In the order of multiplying and adding step by step, so that the last digits are the same.
    """
    steps = len(factors[0])
    table = np.empty((steps, len(factors), chance.size))
    for place, factor in enumerate(factors):
        table[:, place] = factor
    table[0, 0] *= chance
    chances = np.multiply.accumulate(table.reshape(-1, chance.size))[len(factors) - 1 :: len(factors)]
    sums = chances.copy()
    sums[0] += below
    return chances, np.add.accumulate(sums)
