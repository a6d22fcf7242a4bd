"""Three ways of drawing addressed normals, timed side by side.

The model needs draws that depend only on an address (seed, stream, name, month, luck index), so that a member
alone equals the same member among thousands. Three ways offer that:

* pairs:   Philox at an exact counter, normals made of two uniforms by Box and Muller, as the model does now;
* counter: Philox at an exact counter, uniforms turned into normals by the inverse distribution function;
* block:   a fresh generator per fixed block of members, ziggurat normals, one member draws its whole block.

Run with ``python benchmarks/randomness.py``, some seconds; the decisions it led to are 0001 and 0017 in docs/decisions.
"""

from __future__ import annotations

import time
from functools import lru_cache

import numpy as np
from scipy.special import ndtri

from sim.randomness import Places

BLOCK = 1024
KEY = np.array([0x243F6A8885A308D3, 0x13198A2E03707344], dtype=np.uint64)


def pair_normals(month: int, first: int, count: int) -> np.ndarray:
    """Return normals for luck indices first .. first + count - 1 as the model draws them."""
    return places(first, count).normals((int(KEY[0]), int(KEY[1])), month)


@lru_cache
def places(first: int, count: int) -> Places:
    """Return where they lie, found once as in the model."""
    return Places(np.arange(first, first + count))


def counter_normals(month: int, first: int, count: int) -> np.ndarray:
    """Return normals for luck indices first .. first + count - 1 by Philox at an exact counter."""
    skip = first % 4
    bits = np.random.Philox(counter=[first // 4, month, 0, 0], key=KEY)
    raw = bits.random_raw(skip + count)[skip:]
    return ndtri(((raw >> np.uint64(11)) + 0.5) * 2.0**-53)


def block_normals(month: int, first: int, count: int) -> np.ndarray:
    """Return the same number of normals from whole blocks of BLOCK members, ziggurat method."""
    blocks = range(first // BLOCK, (first + count - 1) // BLOCK + 1)
    parts = [np.random.Generator(np.random.SFC64([1, 2, month, b])).standard_normal(BLOCK) for b in blocks]
    start = first - blocks[0] * BLOCK
    return np.concatenate(parts)[start : start + count]


def seconds_per_call(draw, count: int, calls: int) -> float:
    """Return the median over five rounds of the processor seconds that one call takes."""
    rounds = []
    for _ in range(5):
        start = time.process_time()
        for month in range(calls):
            draw(month, 0, count)
        rounds.append((time.process_time() - start) / calls)
    return sorted(rounds)[2]


def main() -> None:
    """Print nanoseconds per normal and the ratio, for one member, a block and ten thousand members."""
    print(f"{'members':>8}  {'pairs':>14}  {'counter':>14}  {'block':>14}  pairs / counter")
    for count, calls in ((1, 2000), (BLOCK, 1000), (10_000, 200)):
        each = [
            seconds_per_call(draw, count, calls) for draw in (pair_normals, counter_normals, block_normals)
        ]
        told = "  ".join(f"{spent / count * 1e9:>11.1f} ns" for spent in each)
        print(f"{count:>8}  {told}  {each[0] / each[1]:.2f}")


if __name__ == "__main__":
    main()
