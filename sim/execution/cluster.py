"""Work on a Dask cluster, where `sim.execution.workers` works on processes of this machine.

Who joins takes part, who ends is replaced, and who would not make the same bytes is refused. Dask pickles what it sends
between its processes, so that who reaches the scheduler may run anything there: a cluster belongs into a network that
is trusted, or behind TLS (``docs/cluster.md``). No file is unpickled.
"""

from __future__ import annotations

import logging
import os
import platform
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager
from queue import Empty, SimpleQueue
from typing import Any
from uuid import uuid4

from sim.contents import content_digest, software
from sim.execution.workers import Done, Job, Progress, Shared, WorkerError, unheard

logger = logging.getLogger(__name__)

LOCAL = "local"
"""The address by which a cluster is asked for that begins and ends with the call, on this machine."""

_ANSWER = 5.0  # seconds in which a scheduler must answer
_LOOK = 0.5  # seconds between two looks at which workers there are, and between two counts of a job
_FETCH = 120.0  # and in which what a job made must come
_PATIENCE = 60.0  # seconds without a worker after which none is waited for
_MOST_LOST = 3  # workers that end at one job before it is taken for the cause


class ClusterError(WorkerError):
    """A cluster that is not there, or has nobody who may work: says what to do."""


def alike() -> dict[str, str]:
    """Return what must be the same in two processes for them to make the same bytes."""
    return {
        "code": content_digest(without=("data",)),
        "record or tables": content_digest(),
        "Python": platform.python_version(),
        **software("mesa", "numpy", "scipy", "xarray", "zarr"),
        "machine": platform.machine(),
    }


class Cluster:
    """The workers of a Dask cluster, each with one job at a time; those that are not `alike` get none.

    Parameters
    ----------
    client: Dask's, connected. address: of the scheduler.
    """

    def __init__(self, client: Any, address: str) -> None:
        self.client, self.address = client, address
        self._wrong: dict[str, str] = {}  # by worker what is wrong with it: nothing is ""

    def __len__(self) -> int:
        return len(self.fit())

    def share_out(self, work: Callable[[Job, Progress | None], Done], shared: Shared[Job, Done]) -> None:
        """Do all jobs that are shared, as of `sim.execution.workers.shared_out`.

        The job of a worker that ends goes to another, and workers that join meanwhile take part. When the call ends,
        whatever ends it, those that are still at work for it stop.

        Raises ClusterError if the scheduler ends, no worker is left, or one after another ends at the same job.
        """
        sharing = _Sharing(self, work, shared)
        try:
            sharing.do()
        except Exception as error:
            if self.client.status == "running":
                raise
            raise ClusterError(self._silent()) from error
        finally:
            sharing.end()

    def fit(self) -> set[str]:
        """Return the addresses of the workers that may work; what is wrong with another is told once."""
        if self.client.status != "running":
            raise ClusterError(self._silent())
        there = set(self.client.nthreads())
        self._wrong = {worker: wrong for worker, wrong in self._wrong.items() if worker in there}
        if new := there - self._wrong.keys():
            mine = alike()
            for worker, theirs in self.client.run(alike, workers=[*new], on_error="return").items():
                if isinstance(theirs, OSError):  # it has gone meanwhile
                    continue
                self._wrong[worker] = wrong = _differing(mine, theirs)
                if wrong:
                    logger.warning("worker %s is refused: %s", worker, wrong)
        return {worker for worker, wrong in self._wrong.items() if not wrong}

    def hold(self) -> None:
        """Raise ClusterError if there is no worker that may work."""
        if not self.fit():
            none = "may take part, see above why; start others" if self._wrong else "is there; start some"
            raise ClusterError(f"no worker at {self.address} {none}, with `dask worker {self.address}`")

    def _silent(self) -> str:
        return f"the Dask scheduler at {self.address} no longer answers; what is finished is kept"


def _differing(mine: dict[str, str], theirs: dict[str, str] | Exception) -> str:
    if isinstance(theirs, Exception):
        return f"it has no serbia-sim of this version ({theirs})"
    name = next((name for name in mine if theirs.get(name) != mine[name]), None)
    return "" if name is None else f"its {name} is {theirs.get(name)}, here {mine[name]}"


@contextmanager
def connected(address: str, *, workers: int = 1) -> Iterator[Cluster]:
    """Give the cluster whose scheduler has this address while the block runs.

    Parameters
    ----------
    address: as ``tcp://host:8786``, or ``tls://host:8786`` with Dask's own settings of its certificates; `LOCAL` begins
        a cluster on this machine and ends it. workers: of that, as many as there are cores for 1.

    Raises ClusterError if Dask is not installed, no scheduler answers, or it has no worker that may work.
    """
    try:
        import dask

        quiet = dict.fromkeys(("distributed", "distributed.client"), "critical")
        with dask.config.set(logging=quiet):  # what goes wrong is told here, in words
            from distributed import Client, LocalCluster
    except ImportError:
        raise ClusterError("a cluster needs Dask: pip install 'serbia-sim[cluster]'") from None
    with ExitStack() as held:
        place: Any = address
        if address == LOCAL:
            several = (os.cpu_count() or 1) if workers == 1 else workers
            # Dask's own setting of malloc, by itself, has every array come fresh from the system: twice the time
            with (
                unheard(),
                dask.config.set({"distributed.nanny.pre-spawn-environ.MALLOC_MMAP_THRESHOLD_": 2**25}),
            ):
                local = LocalCluster(n_workers=several, threads_per_worker=1, dashboard_address="127.0.0.1:0")
            place, address = held.enter_context(local), local.scheduler_address
        try:
            client = held.enter_context(Client(place, timeout=_ANSWER, set_as_default=False))
        except (OSError, ValueError) as error:
            raise ClusterError(
                f"no Dask scheduler answers at {address} ({error}); start one with `dask scheduler` and workers with "
                f"`dask worker {address}`, or take --cluster {LOCAL}"
            ) from None
        found = Cluster(client, address)
        found.hold()
        yield found


class _Sharing:
    """Jobs shared out between the workers of a cluster."""

    def __init__(self, cluster: Cluster, work: Any, shared: Shared[Any, Any]) -> None:
        self._cluster, self._client, self._work, self._shared = cluster, cluster.client, work, shared
        self._steps: Counter[int] = Counter()  # by the job's place, as far as they were told
        self._lost: Counter[int] = Counter()  # and how many workers ended at it
        self._given: dict[str, Any] = {}  # by worker the work, which goes to it once
        self._busy: dict[str, tuple[int, Any]] = {}  # and its job, with Dask's future of it
        self._heard: SimpleQueue[tuple[int, Any]] = SimpleQueue()
        self._looked = -_LOOK
        self._topic = f"serbia-sim-{uuid4().hex}"
        self._client.subscribe_topic(self._topic, lambda event: self._heard.put(tuple(event[1])))

    def do(self) -> None:
        """Give each worker a job after another, until all are done."""
        shared, seen, workers = self._shared, time.monotonic(), set[str]()
        while len(shared.made) + len(shared.failed or ()) < len(shared.jobs):
            if (now := time.monotonic()) - self._looked >= _LOOK:
                self._looked, workers = now, self._cluster.fit()
                for worker in self._busy.keys() - workers:
                    self._lose(worker)
                seen = now if workers else seen
                if now - seen > _PATIENCE:
                    raise ClusterError(
                        "no worker is left; what is finished is kept: start some, and call again"
                    )
            for worker in workers - self._busy.keys():
                self._give(worker)
            try:
                self._hear(*self._heard.get(timeout=_LOOK))
            except Empty:
                continue

    def end(self) -> None:
        """Let go of what is not finished, and of the work."""
        if self._client.status == "running":
            self._client.unsubscribe_topic(self._topic)
            self._client.cancel([future for _, future in self._busy.values()], force=True)

    def _give(self, worker: str) -> None:
        """Give a worker the next job: Dask's own choice would know nobody who joins later."""
        shared = self._shared
        if not shared.left:
            return
        try:
            if worker not in self._given:
                self._given[worker] = self._client.scatter(self._work, hash=False, workers=[worker])
        except (OSError, KeyError):  # it has gone since we looked
            return
        place = shared.left.popleft()
        told = self._given[worker], shared.jobs[place], self._topic, place
        future = self._client.submit(_call, *told, pure=False, workers=[worker])
        self._busy[worker] = place, future
        future.add_done_callback(lambda done: self._heard.put((place, done)))

    def _hear(self, place: int, told: Any) -> None:
        """Take the steps that a job has done so far, or what came of it."""
        if isinstance(told, int):
            self._advance(place, told)
            return
        worker = next((name for name, busy in self._busy.items() if busy == (place, told)), None)
        if worker is None or told.status not in ("finished", "error"):
            return  # it was with a worker that is gone
        try:
            made, steps = told.result(timeout=_FETCH)
        except (TimeoutError, CancelledError):  # it ended with what it made
            self._lose(worker)
            return
        except Exception as error:  # noqa: BLE001  # what a job raises is for who shared it
            del self._busy[worker]
            self._shared.fail(place, error)
            return
        del self._busy[worker]
        self._advance(place, steps)
        self._shared.note(place, made)

    def _advance(self, place: int, steps: int) -> None:
        more = steps - self._steps[place]
        if more > 0:  # a job that is done again tells nothing until it is further than before
            self._steps[place] = steps
            self._shared.advance(more)

    def _lose(self, worker: str) -> None:
        """Take back the job of a worker that is gone."""
        place, future = self._busy.pop(worker)
        self._given.pop(worker, None)
        self._client.cancel([future], force=True)
        self._shared.left.appendleft(place)
        self._lost[place] += 1
        self._looked = -_LOOK
        if self._lost[place] >= _MOST_LOST:
            raise ClusterError(
                f"{_MOST_LOST} workers ended at the same job, as when memory runs out; give each more memory"
            )


class _UnwantedError(Exception):
    """Nobody waits for what a job makes."""


def _call(work: Any, job: Any, topic: str, place: int) -> tuple[Any, int]:
    """Do a job on a worker; return what it made and how many steps that took."""
    from distributed import get_worker

    worker = get_worker()
    task = worker.state.tasks[worker.get_current_task()]
    steps, told = 0, time.monotonic()

    def count(more: int) -> None:
        nonlocal steps, told
        steps += more
        if time.monotonic() - told >= _LOOK:
            told = time.monotonic()
            if task.state == "cancelled":
                raise _UnwantedError
            worker.log_event(topic, [place, steps])

    return work(job, count), steps
