"""The workers of a Dask cluster, and who of them may work."""

from __future__ import annotations

import logging
import os
import platform
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from sim.cluster.sharing import ClusterError, Sharing
from sim.contents import content_digest, software
from sim.workers import Done, Job, Progress, unheard

logger = logging.getLogger(__name__)

LOCAL = "local"
"""The address by which a cluster is asked for that begins and ends with the call, on this machine."""

_ANSWER = 5.0  # seconds in which a scheduler must answer


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

    def shared_out(
        self,
        work: Callable[[Job, Progress | None], Done],
        jobs: Iterable[Job],
        *,
        progress: Progress | None = None,
        finish: Callable[[Job, Done], object] | None = None,
        failed: dict[Job, str] | None = None,
    ) -> list[Done]:
        """Return what `work` makes of each job, in the order of the jobs; arguments as of `sim.workers.shared_out`.

        The job of a worker that ends goes to another, and workers that join meanwhile take part. When the call ends,
        whatever ends it, those that are still at work for it stop.

        Raises ClusterError if the scheduler ends, no worker is left, or one after another ends at the same job.
        """
        sharing = Sharing(self, work, list(jobs), progress=progress, finish=finish, failed=failed)
        try:
            return sharing.made()
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
