"""What it costs to simulate an ensemble, against a plain loop over models of one member.

Run with ``python benchmarks/members_as_an_axis.py``. One process, March 2023, no figures, nothing written.
"""

from __future__ import annotations

import os
import time

for pool in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(pool, "1")

import numpy as np  # noqa: E402  the thread pools must be set before

from sim.ensemble import simulate, simulate_block  # noqa: E402
from sim.facts import gather  # noqa: E402
from sim.observations import Record  # noqa: E402
from sim.scenario import read_scenario  # noqa: E402

MEMBERS = 10_000
ALONE = 20


def seconds(work) -> float:
    """Return the median of three timings."""
    rounds = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        rounds.append(time.perf_counter() - start)
    return sorted(rounds)[1]


def main() -> None:
    """Print both costs and their ratio."""
    spec = read_scenario("march-2023")
    facts = gather(Record.load(), spec.as_of)
    simulate(spec, members=2)
    together = seconds(lambda: simulate(spec, members=MEMBERS))
    alone = seconds(lambda: [simulate_block(spec, luck=np.array([k]), facts=facts) for k in range(ALONE)])
    loop = alone / ALONE * MEMBERS
    print(f"{MEMBERS:,} members as an axis: {together:.2f} s")
    print(f"one model of one member:   {alone / ALONE:.4f} s, so a loop over {MEMBERS:,}: {loop:.0f} s")
    print(f"ratio: {loop / together:.0f}")


if __name__ == "__main__":
    main()
