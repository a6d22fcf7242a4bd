"""What it costs in truth that blocks are accepted side by side: ``python benchmarks/exact_moves.py``.

The filter's moves propose all blocks at once and accept each by its own evidence. That is exact where a block touches
one kind of evidence; a cut block also moves Serbia's lean a little under the others, and families that were resampled
apart are judged by evidence of the histories that they came from. Here the same posterior is made by moves that take
no such liberty, many times as long: the terminal blocks together, then each cut block by itself, all lived again
before each. If the shorter way is good enough, its mean over seeds differs from the exact one by no more than the
seeds do. Quoted in docs/decisions/0011-moves-side-by-side.md.
"""

from __future__ import annotations

import sys
import time
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sim.assimilation.blocks import BLOCKS
from sim.assimilation.cloud import Cloud, World, live
from sim.assimilation.island import Island
from sim.assimilation.moves import Mover
from sim.facts import gather
from sim.observations import Record
from sim.scenario import read_scenario

PARTICLES = 2048
SPEC = read_scenario("baseline").model_copy(update={"as_of": date(2019, 7, 1), "events": (), "questions": ()})
OURS, EXACT = (1, 2, 3), (1, 2)  # seeds
WORST = 6


class OneAtATime(Mover):
    """Moves the terminal blocks together and each cut block by itself, and lives histories again before each."""

    def move_blocks(self, cloud: Cloud, weight: NDArray[np.float64], month: int) -> float:
        every, accepted = self._blocks, 0.0
        terminal = [name for name, block in BLOCKS.items() if not block.cut]
        for names in (terminal, *([name] for name, block in BLOCKS.items() if block.cut)):
            self._live_again(cloud, month)
            self._blocks = {name: every[name] for name in names}
            accepted += super().move_blocks(cloud, weight, month)
        self._blocks = every
        self._live_again(cloud, month)
        return accepted

    def _live_again(self, cloud: Cloud, month: int) -> None:
        model, cloud.evidence = live(self.world, cloud.z, cloud.luck, month)
        model.dismiss()


def learned(mover: type[Mover], seed: int) -> tuple[World, NDArray[np.float64]]:
    """Return the world and the coordinates that a filter ends with, shape (coordinates, particles)."""
    facts = gather(Record.load(), SPEC.as_of)
    world = World(SPEC, facts, SPEC.parameter_set(), seed, 0, PARTICLES)
    learning = Island(world, 0)
    learning._mover = mover(world, learning._rng)
    begun = time.perf_counter()
    with np.errstate(divide="raise", invalid="raise", over="raise", under="ignore"):
        learning.learn()
    print(f"{mover.__name__}, seed {seed}: {time.perf_counter() - begun:.0f} s", flush=True)
    return world, learning.cloud.z


def main() -> None:
    """Print how far apart the two are, beside what the seeds alone would make of it."""
    exact, ours = ([learned(way, s) for s in seeds] for way, seeds in ((OneAtATime, EXACT), (Mover, OURS)))
    world = ours[0][0]
    taught = [k for k, n in enumerate(world.names) if n in world.table and world.table[n].learned]
    means, sds = zip(
        *(
            (
                np.stack([z[taught].mean(axis=1) for _, z in several]),
                np.stack([z[taught].std(axis=1) for _, z in several]),
            )
            for several in (exact, ours)
        ),
        strict=True,
    )
    unit = sds[0].mean(axis=0)
    off = (means[1].mean(axis=0) - means[0].mean(axis=0)) / unit
    # one variance for all parameters: a few seeds are too few to tell that of each
    variance = [float(((m - m.mean(axis=0)) / unit).var(axis=0, ddof=1).mean()) for m in means]
    expected = np.sqrt(variance[0] / len(EXACT) + variance[1] / len(OURS))
    print(f"{len(taught)} learned parameters, in posterior standard deviations")
    print(f"  means of ours and of the exact, root mean square apart: {np.sqrt((off**2).mean()):.3f}")
    print(f"  what the seeds alone would make of it:                  {expected:.3f}")
    print(
        f"  spread of ours over the exact one's, mean:              {(sds[1].mean(axis=0) / unit).mean():.3f}"
    )
    for k in np.argsort(-np.abs(off))[:WORST]:
        print(f"  {world.names[taught[k]]}: {off[k]:+.2f}")


if __name__ == "__main__":
    main()
