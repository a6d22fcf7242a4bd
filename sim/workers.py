"""Work on several processes: results in the order of the jobs, progress while they run, nobody left behind."""

from __future__ import annotations

import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from threading import Thread, current_thread, main_thread
from typing import Any, TypeVar

Job = TypeVar("Job")
Done = TypeVar("Done")
Progress = Callable[[int], None]

_LOOK = 0.2  # seconds between two looks at how far the workers are
_AHEAD = 2  # jobs handed out for each worker: enough that none waits, and few results wait in memory


class WorkerError(RuntimeError):
    """A worker process was ended from outside."""


def in_turn(
    work: Callable[[Job, Progress | None], Done],
    jobs: Iterable[Job],
    *,
    workers: int,
    progress: Progress | None = None,
) -> Generator[Done]:
    """Yield what `work` makes of each job, in the order of the jobs; with one worker in this process, one by one.

    The processes end with this one, whatever ends it. They do not import the script that called: what they do stands in
    this package, so that a script needs no ``if __name__ == "__main__"``. Close the iterator if it is left early.

    Parameters
    ----------
    work: a function of a module, given a job and what to call with the steps that it has done.
    workers: processes at most. progress: called in this process with the steps done since the last call.

    Raises
    ------
    WorkerError: if a process is ended from outside, as a system does that runs out of memory.
    """
    if workers <= 1:
        for job in jobs:
            yield work(job, progress)
        return
    # started afresh: a forked copy of a process with threads may hang, and Mesa sets the method when imported
    context = get_context("spawn")
    steps = context.Value("q", 0)
    watched, held = context.Pipe(duplex=False)
    told = 0

    def tell() -> None:
        nonlocal told
        done = steps.get_obj().value  # without the lock: a worker that was killed may hold it for ever
        if progress is not None and done > told:
            progress(done - told)
        told = done

    with ProcessPoolExecutor(workers, context, _begin, (steps, watched)) as pool:
        left = iter(jobs)
        handed: deque[Future[Done]] = deque()

        def hand_out(count: int) -> None:
            for job in islice(left, count):
                with _unheard():
                    handed.append(pool.submit(_call, work, job))

        try:
            hand_out(_AHEAD * workers)
            while handed:
                first = handed.popleft()
                while not wait([first], timeout=_LOOK).done:
                    tell()
                tell()
                yield first.result()
                hand_out(1)
        except BaseException as error:
            pool.shutdown(wait=False, cancel_futures=True)
            held.close()  # which ends the workers at once
            if isinstance(error, BrokenProcessPool):
                raise WorkerError(
                    "a worker process was ended from outside, as when memory runs out; take fewer workers"
                ) from error
            raise
    held.close()


_steps: Any = None  # in a worker: where it counts its steps


def _begin(steps: Any, watched: Connection) -> None:
    """Begin a worker's life."""
    global _steps  # noqa: PLW0603  -- the pool gives a worker nothing else to keep it in
    _steps = steps
    Thread(target=_end_with_parent, args=(watched,), daemon=True).start()


def _end_with_parent(watched: Connection) -> None:
    """Wait until the other end of the pipe is closed, by the parent or by its death, and end the process."""
    watched.poll(None)
    os._exit(1)


def _call(work: Callable[[Job, Progress], Done], job: Job) -> Done:
    return work(job, _count)


def _count(done: int) -> None:
    with _steps.get_lock():
        _steps.value += done


@contextmanager
def _unheard() -> Iterator[None]:
    """Let the processes that start here hear no Ctrl-C, which is for their parent, and not import its script.

    A terminal sends Ctrl-C to parent and workers alike, and each worker would print a traceback. They would run the
    script again that started them, to find functions that are not there: without a guard it would start workers too.
    """
    script = sys.modules["__main__"]
    known = {name: getattr(script, name) for name in ("__spec__", "__file__") if hasattr(script, name)}
    before = None
    if hasattr(signal, "pthread_sigmask") and current_thread() is main_thread():
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # inherited by who starts now
    try:
        for name in known:
            setattr(script, name, None)
        yield
    finally:
        for name, value in known.items():
            setattr(script, name, value)
        if before is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
