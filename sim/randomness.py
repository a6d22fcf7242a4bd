"""Draws that depend on their address alone, and the distributions the model turns them into.

A uniform number is found by (seed, stream, name, month, index): what is drawn, for whom, when, and with which luck.
It is computed by Philox at an exact counter, so a member alone draws what it draws among thousands, in any block and
in any process. Every other distribution is the inverse of its distribution function at such a uniform, which keeps
draws monotone in their parameters: the same luck under a higher rate never gives a lower count.

Source: Salmon, Moraes, Dror & Shaw (2011), Parallel random numbers: as easy as 1, 2, 3. SC '11.
Why this way and not another is measured in ``benchmarks/randomness.py``.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_LANES = 4  # Philox 4x64 gives four words for each value of its counter
# from about 745 on exp(-rate) is 0, and counting up from it would not end where it should
_LARGE_RATE = 500.0
_WIDEST_GAP = 4096  # luck indices further apart than this are drawn in separate stretches
_DENSE = 16  # a stretch is drawn whole if it is at most so many times longer than what is needed of it


def valid_seed(seed: int) -> int:
    """Return a seed as an int: one domain for all seeds, which every place that keeps one can hold.

    Raises
    ------
    ValueError: it is no whole number from 0 to 2**63 - 1.
    """
    try:
        number = operator.index(seed)
    except TypeError:
        number = -1
    if not 0 <= number < 2**63:
        raise ValueError(f"the seed is {seed!r}; allowed: a whole number from 0 to {2**63 - 1}")
    return number


@lru_cache(maxsize=4096)
def _key(seed: int, stream: str, name: str) -> tuple[int, int]:
    digest = blake2b(f"{seed}\0{stream}\0{name}".encode(), digest_size=16).digest()
    return int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")


def _stretch(key: tuple[int, int], month: int, first: int, last: int) -> FloatArray:
    """Return the uniforms of the luck indices first to last, both included."""
    skip = first % _LANES
    counter = np.array([first // _LANES, month % 2**64, 0, 0], dtype=np.uint64)
    bits = np.random.Philox(counter=counter, key=np.array(key, dtype=np.uint64))
    raw = bits.random_raw(skip + last - first + 1)[skip:]
    # 52 bits and a half: with 53 the largest word would round to 1
    return ((raw >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52


def uniforms(seed: int, stream: str, name: str, month: int, index: IntArray) -> FloatArray:
    """Return uniforms in the open interval (0, 1), one per luck index.

    Parameters
    ----------
    seed: the run's seed.
    stream: what is drawn, for example ``"sanctions"``.
    name: for whom, an agent's or a parameter's name.
    month: month number.
    index: luck indices, shape (members,), none negative; equal indices get equal numbers.

    Raises
    ------
    ValueError: if an index is negative.
    """
    if index.size == 0:
        return np.empty(0)
    if int(index.min()) < 0:
        raise ValueError(f"luck indices are counted from 0, got {int(index.min())}")
    key = _key(seed, stream, name)
    first, last = int(index[0]), int(index[-1])
    if last - first + 1 == index.size and bool(np.all(np.diff(index) == 1)):
        return _stretch(key, month, first, last)
    lowest, highest = int(index.min()), int(index.max())
    if highest - lowest < _DENSE * index.size:
        return _stretch(key, month, lowest, highest)[index - lowest]
    distinct, position = np.unique(index, return_inverse=True)
    breaks = np.flatnonzero(np.diff(distinct) > _WIDEST_GAP) + 1
    parts = [
        _stretch(key, month, int(part[0]), int(part[-1]))[part - part[0]]
        for part in np.split(distinct, breaks)
    ]
    return np.concatenate(parts)[position]


class Pool:
    """The draws of consecutive luck indices, kept: whoever lives one history many times need not draw it many times.

    Parameters
    ----------
    seed: of the draws. first, size: the luck indices are `first` to `first + size - 1`.
    """

    def __init__(self, seed: int, first: int, size: int) -> None:
        self.seed = seed
        self._index = first + np.arange(size, dtype=np.int64)
        self._kept: dict[tuple[str, str, int, bool], FloatArray] = {}

    def draws(self, stream: str, name: str, month: int, index: IntArray, *, normal: bool) -> FloatArray:
        """Return uniforms, or standard normals, at luck indices of the pool."""
        address = (stream, name, month, normal)
        if address not in self._kept:
            u = uniforms(self.seed, stream, name, month, self._index)
            self._kept[address] = normal_quantile(u) if normal else u
        drawn: FloatArray = self._kept[address][index - self._index[0]]
        return drawn


@dataclass(frozen=True)
class PastLuck:
    """The luck with which members came through the months before a forecast: learned, and different month by month.

    Parameters
    ----------
    seed: of these draws.
    index: luck index by strand, month and member, shape (strands, months, members). A strand is the luck of one kind of
        draw: those of `STRANDS` by name, and last all others together. Apart, each can be learned for itself.
    pool: where the draws are kept, if they will be needed again.
    """

    seed: int
    index: IntArray
    pool: Pool | None = None

    @property
    def months(self) -> int:
        """How many months it covers, from January 2012 on."""
        return int(self.index.shape[1])

    def of(self, members: IntArray) -> PastLuck:
        """Return the past luck of some members, by place."""
        return PastLuck(self.seed, self.index[:, :, members])


STRANDS = (
    "lean",
    "readiness",
    "ideal point",
    "support",
    "affinity",
    "declarations",
    "severity",
    "credibility",
)
"""Streams whose past luck the record tells something about, and which are therefore learned each by itself."""


class Luck:
    """The draws of one model: an address book that refuses to give one address twice.

    Parameters
    ----------
    seed: the run's seed.
    index: luck index of each member, shape (members,). It is apart from the parameter row, so that one can vary while
        the other is shared.
    past: the luck of the first months, if it was learned; `seed` and `index` hold after them.
    """

    def __init__(self, seed: int, index: IntArray, past: PastLuck | None = None) -> None:
        self.seed = seed
        self.index = np.asarray(index, dtype=np.int64)
        self.month = 0
        self._past = past
        self._used: set[tuple[str, str]] = set()

    def begin(self, month: int) -> None:
        """Turn to the page of `month`."""
        self.month = month
        self._used.clear()

    def uniform(self, stream: str, name: str) -> FloatArray:
        """Return this month's uniforms of one stream and name, shape (members,).

        Raises
        ------
        RuntimeError: if the address was drawn before in this month; two choices would share their luck unseen.
        """
        return self._drawn(stream, name, normal=False)

    def normal(self, stream: str, name: str) -> FloatArray:
        """Return this month's standard normals of one stream and name, shape (members,); errors as `uniform`."""
        return self._drawn(stream, name, normal=True)

    def _drawn(self, stream: str, name: str, *, normal: bool) -> FloatArray:
        address = (stream, name)
        if address in self._used:
            raise RuntimeError(
                f"the draw {stream!r} of {name!r} in month {self.month} was taken twice; give it its own stream name"
            )
        self._used.add(address)
        seed, index, past = self.seed, self.index, self._past
        if past is not None and self.month < past.months:
            strand = STRANDS.index(stream) if stream in STRANDS else len(STRANDS)
            seed, index = past.seed, past.index[strand, self.month]
            if past.pool is not None:
                return past.pool.draws(stream, name, self.month, index, normal=normal)
        u = uniforms(seed, stream, name, self.month, index)
        return normal_quantile(u) if normal else u


def normal_quantile(u: FloatArray) -> FloatArray:
    """Return the standard normal quantile of `u`, elementwise."""
    from scipy.special import ndtri

    result: FloatArray = ndtri(u)
    return result


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
    if large.any():
        from scipy.special import pdtrik

        few = poisson_quantile(u, np.where(large, 0.0, rate))
        return np.where(large, np.ceil(pdtrik(u, np.where(large, rate, 1.0))), few)
    count = np.zeros_like(u)
    chance = np.exp(-rate)
    below = chance.copy()
    k = 0
    open_ = u > below
    while open_.any():
        k += 1
        count += open_
        chance = chance * (rate / k)
        below = below + chance
        # once the terms vanish the sum can stay short of u by rounding alone: stop there
        open_ = (u > below) & ((chance > 1e-18) | (k < rate))
    return count


def binomial_quantile(u: FloatArray, trials: FloatArray, probability: FloatArray) -> FloatArray:
    """Return the binomial count at `u`: the least k with P(count <= k) >= u, elementwise.

    The rarer of success and failure is counted, so that no starting term underflows; the count stays monotone in
    `u`, `trials` and `probability`.
    """
    flip = probability > 0.5
    rare = np.where(flip, 1.0 - probability, probability)
    level = np.where(flip, 1.0 - u, u)
    chance = (1.0 - rare) ** trials
    odds = rare / (1.0 - rare)
    below = chance.copy()
    count = np.zeros_like(u)
    for k in range(int(trials.max(initial=0.0))):
        # the least k with P <= k reaches u; for failures the mirror: the least k with P(fewer than or k) > 1 - u
        open_ = np.where(flip, level >= below, level > below) & (count == k) & (k < trials)
        if not open_.any():
            break
        count += open_
        chance = chance * ((trials - k).clip(0.0) / (k + 1.0)) * odds
        below = below + chance
    return np.where(flip, trials - count, count)
