"""What a Dask cluster costs and gives, on the loopback: the figures of docs/cluster.md.

Run by hand, with the extra `cluster`: ``python benchmarks/cluster.py [MEMBERS] [ROUNDS]``. One worker
and two take turns; elapsed times are the best of the rounds, processor times those of the workers.
"""

from __future__ import annotations

import os
import pickle
import sys
import time
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import dask
from distributed import LocalCluster

from sim import read_scenario
from sim.assimilation import assimilate
from sim.cluster import Cluster, connected
from sim.ensemble import BLOCK, months_lived, simulate
from sim.storing import MEMBERS, Store
from sim.workers import shared_out

SPEC = read_scenario("today")


def made(members: int, begin: Any, workers: int | Cluster, folder: Path) -> tuple[float, float, Store]:
    """Simulate into a store; return the seconds elapsed, the workers' processor seconds, and the store."""
    store = Store(folder, members)
    before = spent(workers)
    begun = time.perf_counter()
    simulate(SPEC, members=members, begin=begin, keep="outcomes", store=store, workers=workers)
    return time.perf_counter() - begun, spent(workers) - before, store


def spent(workers: int | Cluster) -> float:
    return (
        time.process_time()
        if isinstance(workers, int)
        else sum(workers.client.run(time.process_time).values())
    )


def nothing(job: int, progress: Any) -> int:
    return job


def main(members: int, rounds: int) -> None:
    posterior = assimilate(SPEC, workers=2)
    begin = partial(posterior.start, seed=1)
    months = members * months_lived(SPEC, learned=True)
    best: dict[str, list[tuple[float, float]]] = {"alone": [], "one": [], "two": []}
    malloc = {
        "distributed.nanny.pre-spawn-environ.MALLOC_MMAP_THRESHOLD_": 2**25
    }  # as docs/cluster.md advises
    with (
        dask.config.set(malloc),
        TemporaryDirectory() as place,
        LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0") as single,
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as double,
        connected(single.scheduler_address) as one,
        connected(double.scheduler_address) as two,
    ):
        for crew in (one, two):  # they import, and get the work
            shared_out(nothing, range(4), workers=crew)
            made(4096, begin, crew, Path(place) / f"first-{len(crew)}")
        for number in range(rounds):
            for name, workers in (("alone", 1), ("one", one), ("two", two)):
                elapsed, busy, store = made(members, begin, workers, Path(place) / f"{name}-{number}")
                best[name].append((elapsed, busy))
                print(f"round {number}, {name}: {elapsed:.1f} s, processor {busy:.1f} s", file=sys.stderr)
        size = sum(path.stat().st_size for path in (store.folder / MEMBERS).rglob("*") if path.is_file())
        marker = (store.folder / "unfinished.json").stat().st_size / len(store.done)
        begun = time.perf_counter()
        shared_out(nothing, range(200), workers=one)
        job = (time.perf_counter() - begun) / 200
    alone, single_, double_ = (min(elapsed for elapsed, _ in best[name]) for name in best)
    busy = min(of for _, of in best["one"]) / months
    print(
        f"{members:,} members of `today`, --keep outcomes, {months / members:.0f} months each, best of {rounds}"
    )
    print(f"two workers to one, in speed: {single_ / double_:.2f}")
    print(f"one worker to this process alone, in time: {single_ / alone:.2f}")
    print(f"processor time of a member-month: {1e6 * busy:.2f} microseconds")
    print(f"on disk: {size / members:.0f} bytes a member, {size / months:.1f} a member-month")
    print(f"a job that does nothing: {1e3 * job:.1f} ms")
    print(f"the work, sent to each worker once: {len(pickle.dumps(begin)) / 1e6:.1f} MB")
    print(f"unfinished.json: {marker / 1e3:.1f} kB a block")
    print(
        f"blocks: {len(store.done)} of at most {BLOCK:,}; load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores"
    )


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:]]
    main(*(given + [65536, 3][len(given) :]))
