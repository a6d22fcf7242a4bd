"""Simulate a scenario for many members: in blocks, on one or more processes, into memory or into a store.

Whatever the blocks and workers, member k is the same: its draws are found by its luck index alone.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from sim.assimilation import Start
from sim.clock import month_start
from sim.facts import Facts, gather
from sim.model import AlignmentModel
from sim.observations import Record
from sim.progress import Advance, shown
from sim.randomness import PastLuck, valid_seed
from sim.recording import VARIABLES, attributes, read
from sim.results import Store
from sim.scenario import Scenario
from sim.workers import in_turn

BLOCK = 2048
"""Members stepped together; about where the arrays of one month still fit a processor's cache."""

IntArray = NDArray[np.int64]
Begin = Callable[[IntArray], Start]
"""What tells how members begin, by their numbers: their parameters and the luck of their past."""

_Job = tuple[Scenario, IntArray, int, Facts, Start | None]


@dataclass(frozen=True)
class Block:
    """Some members of an ensemble: values by variable, shape (members, months), their parameters, how they began."""

    first: int
    values: dict[str, NDArray[np.float32]]
    parameters: dict[str, NDArray[np.float64]]
    start: Start | None = None


def simulate_block(
    scenario: Scenario,
    *,
    luck: IntArray,
    rows: IntArray | None = None,
    seed: int = 1,
    facts: Facts | None = None,
    start: Start | None = None,
    progress: Callable[[int], None] | None = None,
) -> Block:
    """Step the members with these luck indices from January 2012 to the scenario's end.

    Parameters
    ----------
    luck, rows: luck index and parameter row of each member, shape (members,); rows are the luck indices if not given.
    start: how the members begin if that was learned; else their parameters are drawn from the priors.
    progress: called after each month with the number of members.

    Raises
    ------
    FloatingPointError: if a mechanism divides by zero, overflows or leaves the numbers; an underflow is no error.
    """
    with np.errstate(divide="raise", invalid="raise", over="raise", under="ignore"):
        model = AlignmentModel(
            scenario,
            members=luck.size,
            seed=seed,
            luck=luck,
            past=None if start is None else start.past,
            rows=rows,
            parameters=None if start is None else start.parameters,
            facts=facts,
        )
        months = scenario.last_month + 1
        values = {v.name: np.empty((luck.size, months), dtype=np.float32) for v in VARIABLES}
        parameters = {name: np.array(value) for name, value in model.parameters.items()}
        for month in range(months):
            model.step()
            for variable in VARIABLES:
                values[variable.name][:, month] = read(variable, model)
            if progress is not None:
                progress(luck.size)
        model.dismiss()
    return Block(int(luck[0]), values, parameters, start)


def simulate(
    scenario: Scenario,
    *,
    members: int = 4096,
    seed: int = 1,
    workers: int = 1,
    block: int = BLOCK,
    begin: Begin | None = None,
    facts: Facts | None = None,
    store: Store | None = None,
    progress: Advance | bool | None = None,
) -> xr.Dataset:
    """Simulate an ensemble and return it as a data set on (member, month).

    Parameters
    ----------
    members: number of members. seed: the run's seed. block: members stepped together.
    workers: processes; the script that calls needs no ``if __name__ == "__main__"`` for them.
    begin: tells how members begin, if that was learned; see `sim.assimilation.Posterior.start`.
    facts: recorded facts, if they were gathered before.
    store: where blocks are written as they come, so that none is lost; blocks it holds already are not simulated.
    progress: True shows a bar; a function is called with the number of member-months done since the last call; there
        are members times (scenario.last_month + 1) of them, less those that the store holds already.

    Returns
    -------
    The recorded variables (float32) and the members' parameters; opened lazily from the store if there is one.

    Raises
    ------
    ValueError: if the seed is no whole number from 0 to 2**63 - 1.
    """
    seed = valid_seed(seed)
    facts = gather(Record.load(), scenario.as_of) if facts is None else facts
    firsts = [first for first in range(0, members, block) if store is None or first not in store.done]
    numbers = [np.arange(first, min(first + block, members), dtype=np.int64) for first in firsts]
    jobs = ((scenario, luck, seed, facts, None if begin is None else begin(luck)) for luck in numbers)
    blocks = []
    months = sum(luck.size for luck in numbers) * (scenario.last_month + 1)
    with (
        shown(progress, "simulating", months) as advance,
        closing(in_turn(_run, jobs, workers=min(workers, len(numbers)), progress=advance)) as made,
    ):
        for done in made:
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


def _run(job: _Job, progress: Callable[[int], None] | None = None) -> Block:
    scenario, luck, seed, facts, start = job
    return simulate_block(scenario, luck=luck, seed=seed, facts=facts, start=start, progress=progress)


def _dataset(block: Block, scenario: Scenario) -> xr.Dataset:
    table = scenario.parameter_set()
    size = next(iter(block.parameters.values())).size
    data = {v.name: (("member", "month"), block.values[v.name], attributes(v)) for v in VARIABLES}
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
    past: dict[str, tuple[tuple[str, ...], NDArray[Any], dict[str, object]]] = {}
    if block.start is not None:
        about = {"long_name": "luck index of each month of history", "seed": block.start.past.seed}
        index = np.moveaxis(block.start.past.index, 2, 0).astype(np.int32)
        past[PAST] = (("member", "strand", "past"), index, about)
        about = {"long_name": "island of the posterior from which the member descends"}
        past[ISLAND] = (("member",), block.start.island.astype(np.int32), about)
    return xr.Dataset({**data, **kept, **past}, coords=coords)


PAST = "past_luck"
"""The variable of a run that holds its members' past luck, if their past was learned."""

ISLAND = "island"
"""The variable of a run that says from which island of the posterior a member descends, if it was learned."""


def begin_again(data: xr.Dataset) -> Begin | None:
    """Return what tells how the members of a run began; None if nothing was learned and the priors tell it."""
    if PAST not in data:
        return None
    seed = int(data[PAST].attrs["seed"])

    def begin(members: IntArray) -> Start:
        kept = data.isel(member=members)
        parameters = {
            str(name).removeprefix("parameter_"): kept[name].to_numpy()
            for name in kept.data_vars
            if str(name).startswith("parameter_")
        }
        index = np.moveaxis(kept[PAST].to_numpy(), 0, 2).astype(np.int64)
        return Start(parameters, PastLuck(seed, index), kept[ISLAND].to_numpy())

    return begin
