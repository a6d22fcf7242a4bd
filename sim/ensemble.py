"""Simulate a scenario for many members: in blocks, on one or more processes, into memory or into a store.

Whatever the blocks and workers, member k is the same: its draws are found by its luck index alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from multiprocessing import get_context

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from sim.clock import month_start
from sim.facts import Facts, gather
from sim.model import AlignmentModel
from sim.observations import Record
from sim.recording import VARIABLES
from sim.results import Store
from sim.scenario import Scenario

BLOCK = 2048
"""Members stepped together; about where the arrays of one month still fit a processor's cache."""

IntArray = NDArray[np.int64]
_Job = tuple[Scenario, IntArray, int, Facts]


@dataclass(frozen=True)
class Block:
    """Some members of an ensemble: values by variable, shape (members, months), and their parameters."""

    first: int
    values: dict[str, NDArray[np.float32]]
    parameters: dict[str, NDArray[np.float64]]


def simulate_block(
    scenario: Scenario,
    *,
    luck: IntArray,
    rows: IntArray | None = None,
    seed: int = 1,
    facts: Facts | None = None,
    progress: Callable[[int], None] | None = None,
) -> Block:
    """Step the members with these luck indices from January 2012 to the scenario's end.

    Parameters
    ----------
    luck, rows: luck index and parameter row of each member, shape (members,); rows are the luck indices if not given.
    progress: called after each month with the number of members.

    Raises
    ------
    FloatingPointError: if a mechanism divides by zero, overflows or leaves the numbers; an underflow is no error.
    """
    with np.errstate(divide="raise", invalid="raise", over="raise", under="ignore"):
        model = AlignmentModel(scenario, members=luck.size, seed=seed, luck=luck, rows=rows, facts=facts)
        months = scenario.last_month + 1
        values = {v.name: np.empty((luck.size, months), dtype=np.float32) for v in VARIABLES}
        parameters = {name: np.array(value) for name, value in model.parameters.items()}
        for month in range(months):
            model.step()
            for variable in VARIABLES:
                values[variable.name][:, month] = variable.read(model)
            if progress is not None:
                progress(luck.size)
        model.remove_all_agents()
    return Block(first=int(luck[0]), values=values, parameters=parameters)


def simulate(
    scenario: Scenario,
    *,
    members: int = 4096,
    seed: int = 1,
    workers: int = 1,
    block: int = BLOCK,
    store: Store | None = None,
    progress: Callable[[int], None] | None = None,
) -> xr.Dataset:
    """Simulate an ensemble and return it as a data set on (member, month).

    Parameters
    ----------
    members: number of members. seed: the run's seed. workers: processes. block: members stepped together.
    store: where blocks are written as they come, so that none is lost; blocks it holds already are not simulated.
    progress: called with the number of member-months done since the last call; there are members times
        (scenario.last_month + 1) of them, less those that the store holds already.

    Returns
    -------
    The recorded variables (float32) and the members' parameters; opened lazily from the store if there is one.
    """
    facts = gather(Record.load(), scenario.as_of)
    firsts = [first for first in range(0, members, block) if store is None or first not in store.done]
    jobs = [
        (scenario, np.arange(first, min(first + block, members), dtype=np.int64), seed, facts)
        for first in firsts
    ]
    blocks = []
    for done in _in_turn(jobs, workers, progress):
        if store is None:
            blocks.append(done)
        else:
            store.write(done.first, _dataset(done, scenario))
    if store is not None:
        return store.open()
    return xr.concat([_dataset(done, scenario) for done in blocks], dim="member")


def months_of(scenario: Scenario) -> list[date]:
    """Return the first day of every month of a run, from January 2012."""
    return [month_start(number) for number in range(scenario.last_month + 1)]


def _in_turn(jobs: list[_Job], workers: int, progress: Callable[[int], None] | None) -> Iterator[Block]:
    if workers <= 1 or len(jobs) <= 1:
        for job in jobs:
            yield _run(job, progress)
        return
    # started afresh: a forked copy of a process with threads may hang, and Mesa sets the method when imported
    with ProcessPoolExecutor(min(workers, len(jobs)), mp_context=get_context("spawn")) as pool:
        try:
            for block in pool.map(_run, jobs):
                if progress is not None:
                    progress(next(iter(block.values.values())).size)
                yield block
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _run(job: _Job, progress: Callable[[int], None] | None = None) -> Block:
    scenario, luck, seed, facts = job
    return simulate_block(scenario, luck=luck, seed=seed, facts=facts, progress=progress)


def _dataset(block: Block, scenario: Scenario) -> xr.Dataset:
    table = scenario.parameter_set()
    size = next(iter(block.parameters.values())).size
    data = {
        v.name: (("member", "month"), block.values[v.name], {"units": v.unit, "long_name": v.meaning})
        for v in VARIABLES
    }
    kept = {
        f"parameter_{name}": (
            ("member",),
            value,
            {"units": table[name].unit, "long_name": table[name].meaning},
        )
        for name, value in block.parameters.items()
    }
    coords = {
        "member": np.arange(block.first, block.first + size),
        "month": np.array(months_of(scenario), dtype="datetime64[ns]"),
    }
    return xr.Dataset({**data, **kept}, coords=coords)
