"""Two ways of drawing addressed normals, timed side by side.

The model needs draws that depend only on an address (seed, stream, name, month, luck index), so that a member
alone equals the same member among thousands. Two ways offer that:

* counter: Philox at an exact counter, uniforms turned into normals by the inverse distribution function;
* block:   a fresh generator per fixed block of members, ziggurat normals, one member draws its whole block.

Run with ``python benchmarks/randomness.py``; the decision it led to is in docs/decisions/0001-addressed-randomness.md.
"""

from __future__ import annotations

import time

import numpy as np
from scipy.special import ndtri

BLOCK = 1024
KEY = np.array([0x243F6A8885A308D3, 0x13198A2E03707344], dtype=np.uint64)


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
    """Return the median over five rounds of the seconds that one call takes."""
    rounds = []
    for _ in range(5):
        start = time.perf_counter()
        for month in range(calls):
            draw(month, 0, count)
        rounds.append((time.perf_counter() - start) / calls)
    return sorted(rounds)[2]


def main() -> None:
    """Print nanoseconds per normal and the ratio, for one member, a block and ten thousand members."""
    print(f"{'members':>8}  {'counter':>14}  {'block':>14}  counter / block")
    for count, calls in ((1, 2000), (BLOCK, 1000), (10_000, 200)):
        a, b = (seconds_per_call(draw, count, calls) for draw in (counter_normals, block_normals))
        print(f"{count:>8}  {a / count * 1e9:>11.1f} ns  {b / count * 1e9:>11.1f} ns  {a / b:.2f}")


if __name__ == "__main__":
    main()
