"""Work on several processes or threads, this one among them: progress while they run, nobody left behind."""

from __future__ import annotations

import os
import signal
import sys
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import active_children, get_context
from multiprocessing.connection import Connection
from threading import Event, Lock, Thread, current_thread, main_thread
from types import SimpleNamespace
from typing import Any, Generic, Literal, Protocol, TypeVar, get_args

Job = TypeVar("Job")
Done = TypeVar("Done")
Progress = Callable[[int], None]

OnError = Literal["stop", "continue"]
"""What happens to the rest when a part fails."""
ON_ERROR: tuple[OnError, ...] = get_args(OnError)


class Crew(Protocol):
    """Workers elsewhere than in processes of this machine, as `sim.execution.cluster.Cluster` has them."""

    def __len__(self) -> int: ...

    def share_out(self, work: Callable[[Job, Progress | None], Done], shared: Shared[Job, Done]) -> None:
        """Do all jobs that are shared."""


Workers = int | Crew
"""Who works: so many processes of this machine, or others."""

_LOOK = 0.2  # seconds between two looks at how far the others are, when there is nothing left to do here


class WorkerError(RuntimeError):
    """A worker was ended from outside; says what to do."""


_ENDED = "a worker process was ended from outside, as when memory runs out; take fewer workers"


class BlocksError(RuntimeError):
    """Blocks of members failed, of so many; the others are kept in a folder, if there is one."""

    def __init__(self, failed: dict[int, str], of: int, kept: object) -> None:
        told = "; ".join(f"members from {first} on ({why})" for first, why in sorted(failed.items()))
        rest = f"; the others are kept in {kept}, the same call makes these again" if kept else ""
        super().__init__(f"{len(failed)} of {of} blocks of members failed{rest}: {told}")


@dataclass
class Shared(Generic[Job, Done]):
    """Jobs shared out: who is still to do them, and what came of those that are done; arguments as of `shared_out`."""

    jobs: list[Job]
    progress: Progress | None
    finish: Callable[[Job, Done], object] | None
    failed: dict[Job, str] | None
    made: dict[int, Done] = field(default_factory=dict, init=False)  # by the place of the job

    def __post_init__(self) -> None:
        self.left = deque(range(len(self.jobs)))  # places of the jobs that nobody has yet

    def take(self, place: int, make: Callable[[], Done]) -> None:
        """Take what is made of a job, or note why it failed."""
        try:
            done = make()
        except Exception as error:  # noqa: BLE001  # what a job raises is for who shared it
            self.fail(place, error)
        else:
            self.note(place, done)

    def note(self, place: int, done: Done) -> None:
        """Note what came of a job."""
        self.made[place] = done
        if self.finish is not None:
            self.finish(self.jobs[place], done)

    def fail(self, place: int, error: Exception) -> None:
        """Note why a job failed; raise that where the rest is not to go on."""
        if self.failed is None:
            raise error
        self.failed[self.jobs[place]] = f"{type(error).__name__}: {error}"

    def advance(self, steps: int) -> None:
        """Tell steps that were done."""
        if self.progress is not None and steps > 0:
            self.progress(steps)


def shared_out(
    work: Callable[[Job, Progress | None], Done],
    jobs: Iterable[Job],
    *,
    workers: Workers,
    threads: bool = False,
    progress: Progress | None = None,
    finish: Callable[[Job, Done], object] | None = None,
    failed: dict[Job, str] | None = None,
) -> list[Done]:
    """Return what `work` makes of each job, in the order of the jobs; of those that failed nothing.

    This process is one of the workers, and at work while the others start, which takes them a second. They end with
    it, whatever ends it. They do not import the script that called: what they do stands in this package, so that a
    script needs no ``if __name__ == "__main__"``.

    Parameters
    ----------
    work: given a job and what to call, often, with the steps that it has done; sent once to each process.
    workers: processes at most, or a crew, which then does it all; this process only gives and takes.
    threads: let threads of this process work instead, which start at once; they gain where NumPy does the work.
    progress: called in this process with the steps done since the last call.
    finish: called in this process with each job that is done, and what came of it, as soon as it looks up.
    failed: takes why a job failed, and the rest goes on; if not given the first failure is raised.

    Raises WorkerError if a process is ended from outside, as a system does that runs out of memory.
    """
    shared = Shared(list(jobs), progress, finish, failed)
    if not isinstance(workers, int):
        workers.share_out(work, shared)
    elif (others := min(workers, len(shared.jobs)) - 1) > 0:
        with (_threads if threads else _processes)(work, others) as (pool, call, steps):
            _Helped(shared, pool, call, steps, others).do(work)
    else:
        while shared.left:
            place = shared.left.popleft()
            shared.take(place, partial(work, shared.jobs[place], progress))
    return [shared.made[place] for place in sorted(shared.made)]


Others = tuple[Executor, Callable[[Any], Any], Any]
"""Who works beside this thread: their pool, what they are called with, and what counts their steps, as `value`."""


@contextmanager
def _processes(work: Callable[..., Any], others: int) -> Iterator[Others]:
    """Have so many processes at hand, which end at once if this one fails."""
    # started afresh: a forked copy of a process with threads may hang, and Mesa sets the method when imported
    context = get_context("spawn")
    steps = context.Value("q", 0)
    watched, held = context.Pipe(duplex=False)
    before = set(active_children())
    with ProcessPoolExecutor(others, context, _begin, (steps, watched, work)) as pool:
        try:
            yield pool, _call, steps.get_obj()
        except BaseException as error:
            pool.shutdown(wait=False, cancel_futures=True)
            held.close()  # which ends the workers at once, but for those that have not begun
            for worker in set(active_children()) - before:
                worker.kill()
            if isinstance(error, BrokenProcessPool):
                raise WorkerError(_ENDED) from error
            raise
    held.close()


@contextmanager
def _threads(work: Callable[..., Any], others: int) -> Iterator[Others]:
    """Have so many threads at hand, which end with their next step if this one fails."""
    steps, ended, lock = SimpleNamespace(value=0), Event(), Lock()

    def count(done: int) -> None:
        if ended.is_set():
            raise WorkerError("the work was given up")
        with lock:
            steps.value += done

    with ThreadPoolExecutor(others) as pool:
        try:
            yield pool, partial(work, progress=count), steps
        except BaseException:
            ended.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


class _Helped(Generic[Job, Done]):
    """Shared jobs that this thread does, and so many others in a pool beside it; arguments as of `Others`."""

    def __init__(
        self, shared: Shared[Job, Done], pool: Executor, call: Callable[[Job], Done], steps: Any, others: int
    ) -> None:
        self._shared, self._pool, self._call, self._steps, self._others = shared, pool, call, steps, others
        self._told, self._alone = 0, False
        self._elsewhere: dict[Future[Done], int] = {}  # places of the jobs that others have

    def do(self, work: Callable[[Job, Progress], Done]) -> None:
        """Do what the others leave, and wait for them."""
        shared = self._shared
        self._attend()
        while shared.left:
            place = shared.left.popleft()
            shared.take(place, partial(work, shared.jobs[place], self._attend))
            self._attend()
        while self._elsewhere:
            wait(self._elsewhere, timeout=_LOOK, return_when=FIRST_COMPLETED)
            self._attend()

    def _attend(self, own: int = 0) -> None:
        """Tell the steps done, `own` of them here; take what the others made, and give them more to do."""
        shared = self._shared
        done = self._steps.value  # without its lock: a worker that was killed may hold it for ever
        shared.advance(own + done - self._told)
        self._told = done
        for future in [future for future in self._elsewhere if future.done()]:
            shared.take(self._elsewhere.pop(future), partial(self._result, future))
        # one more than they work on, so that none waits for this process to look up; not in the end, so that all end
        # together
        most = self._others * (2 if len(shared.left) > 2 * (self._others + 1) else 1)
        while shared.left and len(self._elsewhere) < most and not self._alone:
            place = shared.left.popleft()
            with unheard():
                self._elsewhere[self._pool.submit(self._call, shared.jobs[place])] = place

    def _result(self, future: Future[Done]) -> Done:
        try:
            return future.result()
        except BrokenProcessPool as error:  # which takes the other processes along
            self._alone = True
            raise WorkerError(_ENDED) from error


_steps: Any = None  # in a worker: where it counts its steps
_work: Any = None  # and what it does


def _begin(steps: Any, watched: Connection, work: Any) -> None:
    """Begin a worker's life."""
    global _steps, _work  # the pool gives a worker nothing else to keep it in
    _steps, _work = steps, work
    # who shares jobs out does some, and is warned of the same
    warnings.filterwarnings("ignore", category=UserWarning, module=r"sim\.")
    Thread(target=_end_with_parent, args=(watched,), daemon=True).start()


def _end_with_parent(watched: Connection) -> None:
    """Wait until the other end of the pipe is closed, by the parent or by its death, and end the process."""
    watched.poll(None)
    os._exit(1)


def _call(job: Any) -> Any:
    return _work(job, _count)


def _count(done: int) -> None:
    with _steps.get_lock():
        _steps.value += done


@contextmanager
def unheard() -> Iterator[None]:
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
