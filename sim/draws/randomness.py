"""Draws that depend on their address alone.

A uniform number is found by (seed, stream, name, month, index): what is drawn, for whom, when, and with which luck.
It is computed by Philox at an exact counter, so a member alone draws what it draws among thousands, in any block and
in any process. Normals are made of such numbers two by two; `sim.draws.quantiles` makes counts of them.

Source: Salmon, Moraes, Dror & Shaw (2011), Parallel random numbers: as easy as 1, 2, 3. SC '11. Why this way and not
another is measured in docs/decisions/0001-addressed-randomness.md and 0019-normals-in-pairs.md.
"""

from __future__ import annotations

import operator
import threading
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.arrays import FloatArray, IntArray
from sim.draws.quantiles import of_pairs

_LANES = 4  # Philox 4x64 gives four words for each value of its counter
_TWELVE = np.uint64(12)
_ONE = np.float64(1.0).view(np.uint64)
_WIDEST_GAP = 4096  # luck indices further apart than this are drawn in separate stretches
_DENSE = 16  # a stretch is drawn whole if it is at most so many times longer than what is needed of it


def valid_seed(seed: int) -> int:
    """Return a seed as an int: one domain for all seeds, which every place that keeps one can hold.

    Raises ValueError: it is no whole number from 0 to 2**63 - 1.
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


class _Source(threading.local):
    """A Philox for each thread, set to a counter rather than made anew, which costs twenty times as much."""

    def __init__(self) -> None:
        self.philox = np.random.Philox(key=0)

    def words(self, key: tuple[int, int], counter: tuple[int, int], count: int) -> NDArray[np.uint64]:
        """Return `count` words of 64 bits, from a counter on."""
        state: Any = {  # numpy would rather have arrays here, and turns them into what stands here
            "bit_generator": "Philox",
            "state": {"counter": (*counter, 0, 0), "key": key},
            "buffer": (0,) * _LANES,
            "buffer_pos": _LANES,
            "has_uint32": 0,
            "uinteger": 0,
        }
        self.philox.state = state
        words: NDArray[np.uint64] = self.philox.random_raw(count)
        return words


_source = _Source()


def between_0_and_1(words: NDArray[np.uint64]) -> FloatArray:
    """Return the middle of the 2**-52 into which each word falls, in the open interval (0, 1); `words` are used up.

    52 bits and a half: with 53 the largest word would round to 1. As the fraction of a number from 1 to 2 they need
    no conversion, and what is subtracted leaves an exact result.
    """
    words >>= _TWELVE
    words |= _ONE
    u = words.view(np.float64)
    u -= 1.0 - 2.0**-53
    return u


class Places:
    """Where luck indices lie: the stretches of the generator that hold them, found once for all draws at them.

    Parameters
    ----------
    index: luck indices, shape (members,).

    Raises ValueError if an index is negative.
    """

    def __init__(self, index: IntArray) -> None:
        # place of each index in the stretches, unless they are all there is
        self._order: IntArray | None = None
        self._stretches: list[tuple[int, int]] = []  # first and last
        if index.size == 0:
            return
        lowest, highest = int(index.min()), int(index.max())
        if lowest < 0:
            raise ValueError(f"luck indices are counted from 0, got {lowest}")
        if highest - lowest < _DENSE * index.size:
            self._stretches = [(lowest, highest)]
            if highest - lowest + 1 != index.size or not bool(np.all(np.diff(index) == 1)):
                self._order = index - lowest
            return
        distinct, position = np.unique(index, return_inverse=True)
        parts = np.split(distinct, np.flatnonzero(np.diff(distinct) > _WIDEST_GAP) + 1)
        self._stretches = [(int(part[0]), int(part[-1])) for part in parts]
        before = np.cumsum([0] + [last - first + 1 for first, last in self._stretches[:-1]])
        within = [part - part[0] + start for part, start in zip(parts, before, strict=True)]
        self._order = np.concatenate(within)[position]

    def uniforms(self, key: tuple[int, int], month: int) -> FloatArray:
        """Return one uniform per index, shape (members,)."""
        return self._ordered([self._stretch(key, month, first, last) for first, last in self._stretches])

    def normals(self, key: tuple[int, int], month: int) -> FloatArray:
        """Return one standard normal per index, shape (members,): an even index and the next share their uniforms."""
        drawn = [of_pairs(self._stretch(key, month, first & ~1, last | 1)) for first, last in self._stretches]
        bounds = [slice(first & 1, (first & 1) + last - first + 1) for first, last in self._stretches]
        return self._ordered([z[within] for z, within in zip(drawn, bounds, strict=True)])

    def _ordered(self, drawn: list[FloatArray]) -> FloatArray:
        """Return what stretches hold, in the order of the indices."""
        found = drawn[0] if len(drawn) == 1 else np.concatenate([np.empty(0), *drawn])
        return found if self._order is None else found.take(self._order)

    @staticmethod
    def _stretch(key: tuple[int, int], month: int, first: int, last: int) -> FloatArray:
        """Return the uniforms of the luck indices first to last, both included."""
        skip = first % _LANES
        words = _source.words(key, (first // _LANES, month % 2**64), skip + last - first + 1)
        return between_0_and_1(words[skip:])


def uniforms(seed: int, stream: str, name: str, month: int, index: IntArray) -> FloatArray:
    """Return uniforms in the open interval (0, 1), one per luck index.

    Parameters
    ----------
    seed: the run's seed.
    stream: what is drawn, for example ``"sanctions"``.
    name: for whom, an agent's or a parameter's name.
    month: month number.
    index: luck indices, shape (members,), none negative; equal indices get equal numbers.

    Raises ValueError if an index is negative.
    """
    return Places(index).uniforms(_key(seed, stream, name), month)


def normals(seed: int, stream: str, name: str, month: int, index: IntArray) -> FloatArray:
    """Return standard normals, one per luck index; parameters and errors as of `uniforms`."""
    return Places(index).normals(_key(seed, stream, name), month)


class Pool:
    """The draws of consecutive luck indices, kept: whoever lives one history many times need not draw it many times.

    Parameters
    ----------
    seed: of the draws. first, size: the luck indices are `first` to `first + size - 1`.
    """

    def __init__(self, seed: int, first: int, size: int) -> None:
        self.seed, self.first = seed, first
        self._index = first + np.arange(size, dtype=np.int64)
        self._kept: dict[tuple[str, str, int, bool], FloatArray] = {}

    def draws(self, stream: str, name: str, month: int, places: IntArray, *, normal: bool) -> FloatArray:
        """Return uniforms, or standard normals, at places of the pool."""
        address = (stream, name, month, normal)
        kept = self._kept.get(address)
        if kept is None:
            draw = normals if normal else uniforms
            kept = self._kept[address] = draw(self.seed, stream, name, month, self._index)
        drawn: FloatArray = kept.take(places)
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


STRANDS = ("lean", "readiness", "ideal point", "support", "affinity", "declarations", "credibility")
"""Streams whose past luck the record tells something about, and which are therefore learned each by itself."""

_STRAND = {stream: place for place, stream in enumerate(STRANDS)}


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
        self._past, self._learned = past, 0 if past is None else past.months
        self._places = Places(self.index)
        self._used: set[tuple[str, str]] = set()
        self._pooled: dict[int, IntArray] = {}  # this month's places in the pool, by strand

    def begin(self, month: int) -> None:
        """Turn to the page of `month`."""
        self.month = month
        self._used.clear()
        self._pooled.clear()

    def uniform(self, stream: str, name: str) -> FloatArray:
        """Return this month's uniforms of one stream and name, shape (members,).

        Raises RuntimeError if the address was drawn before in this month; two choices would share their luck unseen.
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
        seed, places, past = self.seed, self._places, self._past
        if past is not None and self.month < self._learned:
            strand = _STRAND.get(stream, len(STRANDS))
            if past.pool is not None:
                at = self._pooled.get(strand)
                if at is None:
                    at = self._pooled[strand] = past.index[strand, self.month] - past.pool.first
                return past.pool.draws(stream, name, self.month, at, normal=normal)
            seed, places = past.seed, Places(past.index[strand, self.month])
        draw = places.normals if normal else places.uniforms
        return draw(_key(seed, stream, name), self.month)
