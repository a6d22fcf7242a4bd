"""Jobs shared out between the workers of a cluster: who joins takes part, who ends is replaced."""

from __future__ import annotations

import time
from collections import Counter, deque
from concurrent.futures import CancelledError
from queue import Empty, SimpleQueue
from typing import Any
from uuid import uuid4

from sim.workers import Progress, WorkerError

_LOOK = 0.5  # seconds between two looks at which workers there are, and between two counts of a job
_FETCH = 120.0  # and in which what a job made must come
_PATIENCE = 60.0  # seconds without a worker after which none is waited for
_MOST_LOST = 3  # workers that end at one job before it is taken for the cause


class ClusterError(WorkerError):
    """A cluster that is not there, or has nobody who may work: says what to do."""


class Sharing:
    """Jobs shared out between the workers of a cluster; arguments as of its `shared_out`."""

    def __init__(
        self,
        cluster: Any,
        work: Any,
        jobs: list[Any],
        *,
        progress: Progress | None,
        finish: Any,
        failed: dict[Any, str] | None,
    ) -> None:
        self._cluster, self._client = cluster, cluster.client
        self._work, self._jobs, self._progress, self._finish, self._failed = (
            work,
            jobs,
            progress,
            finish,
            failed,
        )
        self._left = deque(range(len(jobs)))  # places of the jobs that nobody has
        self._made: dict[int, Any] = {}
        self._steps: Counter[int] = Counter()  # by place, as far as they were told
        self._lost: Counter[int] = Counter()  # and how many workers ended at it
        self._given: dict[str, Any] = {}  # by worker the work, which goes to it once
        self._busy: dict[str, tuple[int, Any]] = {}  # and its job, with Dask's future of it
        self._heard: SimpleQueue[tuple[int, Any]] = SimpleQueue()
        self._looked = -_LOOK
        self._topic = f"serbia-sim-{uuid4().hex}"
        self._client.subscribe_topic(self._topic, lambda event: self._heard.put(tuple(event[1])))

    def made(self) -> list[Any]:
        """Return what came of each job."""
        seen, workers = time.monotonic(), set[str]()
        while len(self._made) + len(self._failed or ()) < len(self._jobs):
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
        return [self._made[place] for place in sorted(self._made)]

    def end(self) -> None:
        """Let go of what is not finished, and of the work."""
        if self._client.status == "running":
            self._client.unsubscribe_topic(self._topic)
            self._client.cancel([future for _, future in self._busy.values()], force=True)

    def _give(self, worker: str) -> None:
        """Give a worker the next job: Dask's own choice would know nobody who joins later."""
        if not self._left:
            return
        try:
            if worker not in self._given:
                self._given[worker] = self._client.scatter(self._work, hash=False, workers=[worker])
        except (OSError, KeyError):  # it has gone since we looked
            return
        place = self._left.popleft()
        told = self._given[worker], self._jobs[place], self._topic, place
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
        except Exception as error:
            if self._failed is None:
                raise
            del self._busy[worker]
            self._failed[self._jobs[place]] = f"{type(error).__name__}: {error}"
            return
        del self._busy[worker]
        self._advance(place, steps)
        self._made[place] = made
        if self._finish is not None:
            self._finish(self._jobs[place], made)

    def _advance(self, place: int, steps: int) -> None:
        more = steps - self._steps[place]
        if more > 0:  # a job that is done again tells nothing until it is further than before
            self._steps[place] = steps
            if self._progress is not None:
                self._progress(more)

    def _lose(self, worker: str) -> None:
        """Take back the job of a worker that is gone."""
        place, future = self._busy.pop(worker)
        self._given.pop(worker, None)
        self._client.cancel([future], force=True)
        self._left.appendleft(place)
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
