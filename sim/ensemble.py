"""Simulate a scenario for many members: in blocks, on one or more processes, into memory or into a store.

Whatever the blocks and workers, member k is the same: its draws are found by its luck index alone. Members that learned
record months from the origin on, others from January 2012.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from sim.assimilation import Ancestors, Start
from sim.clock import month_start
from sim.facts import Facts, gather
from sim.members import ANCESTOR, PARAMETER
from sim.model import AlignmentModel
from sim.observations import Record
from sim.progress import Progress, shown
from sim.randomness import valid_seed
from sim.recording import KEPT, RECORDED, Keep, attributes, read
from sim.results import Run, Store
from sim.scenario import Scenario
from sim.workers import in_turn

BLOCK = 16384
"""Members stepped together: what a month costs however few they are weighs little; more gain little and take room."""

SIMULATING = "simulating"

IntArray = NDArray[np.int64]
Begin = Callable[[IntArray], Start]
"""What tells how members begin, by their numbers: their parameters and the luck of their past."""

_Job = tuple[Scenario, IntArray, int, Facts, Start | None, Keep, int | None]


@dataclass(frozen=True)
class Block:
    """Some members of an ensemble.

    Attributes
    ----------
    first: number of the first member. since: the first recorded month.
    values: by variable, shape (members, months). parameters: by name, shape (members,). start: how they began.
    """

    first: int
    since: int
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
    keep: Keep = "all",
    since: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Block:
    """Step the members with these luck indices to the scenario's end, from the origin or from January 2012.

    Parameters
    ----------
    luck, rows: luck index and parameter row of each member, shape (members,); rows are the luck indices if not given.
    start: how the members begin if that was learned; else their parameters are drawn from the priors.
    keep: which variables are recorded. since: the first recorded month; if not given the origin's with `start`, else 0.
    progress: called after each month with the number of members.

    Raises
    ------
    FloatingPointError: if a mechanism divides by zero, overflows or leaves the numbers; an underflow is no error.
    """
    if since is None:
        since = 0 if start is None else scenario.first_month
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
        # written month by month, and read so: members of a month lie side by side
        values = {v.name: np.empty((months - since, luck.size), dtype=np.float32).T for v in KEPT[keep]}
        parameters = {name: np.array(value) for name, value in model.parameters.items()}
        if start is not None and start.states is not None:
            model.resume(start.states, scenario.first_month - 1)
        if since <= model.tick:
            raise ValueError(
                "these members begin at the origin; to record earlier months let them live them again"
            )
        for month in range(model.tick + 1, months):
            model.step()
            for variable in KEPT[keep] if month >= since else ():
                values[variable.name][:, month - since] = read(variable, model)
            if progress is not None:
                progress(luck.size)
        model.dismiss()
    return Block(int(luck[0]), since, values, parameters, start)


def simulate(
    scenario: Scenario,
    *,
    members: int = 4096,
    seed: int = 1,
    workers: int = 1,
    block: int | None = None,
    begin: Begin | None = None,
    facts: Facts | None = None,
    keep: Keep = "all",
    since: int | None = None,
    store: Store | None = None,
    progress: Progress = None,
) -> xr.Dataset:
    """Simulate an ensemble and return it as a data set on (member, month).

    Parameters
    ----------
    members: number of members. seed: the run's seed. block: members stepped together; if not
        given at most `BLOCK` and at least 2,048, so many that two processes have as much work each.
    workers: processes; the script that calls needs no ``if __name__ == "__main__"`` for them.
    begin: tells how members begin, if that was learned; see `sim.assimilation.Posterior.start`.
    facts: recorded facts, if they were gathered before. keep, since: as of `simulate_block`.
    store: where blocks are written as they come, so that none is lost; blocks it holds already are not simulated.
    progress: True shows a bar; a function is called with the number of member-months done since the last call; there
        are members times `months_lived` of them, less those that the store holds already.

    Returns
    -------
    The recorded variables (float32) and the members' parameters; where it was learned how they begin, instead of these
    the places of their ancestors among the particles: ``data.assign(posterior.kept)`` has them all. Opened lazily from
    the store if there is one.

    Raises
    ------
    ValueError: if the seed is no whole number from 0 to 2**63 - 1.
    """
    seed = valid_seed(seed)
    facts = gather(Record.load(), scenario.as_of) if facts is None else facts
    if block is None:  # by the members alone: an interrupted run goes on with any number of workers
        block = max(-(-members // (2 * -(-members // (2 * BLOCK)))), 2048)
    firsts = [first for first in range(0, members, block) if store is None or first not in store.done]
    numbers = [np.arange(first, min(first + block, members), dtype=np.int64) for first in firsts]
    jobs = (
        (scenario, luck, seed, facts, None if begin is None else begin(luck), keep, since) for luck in numbers
    )
    held: xr.Dataset | None = None
    months = sum(luck.size for luck in numbers) * months_lived(scenario, learned=begin is not None)
    with (
        shown(progress, SIMULATING, months) as advance,
        closing(in_turn(_run, jobs, workers=min(workers, len(numbers)), progress=advance)) as made,
    ):
        for done in made:
            block_of = _dataset(done, scenario)
            if store is not None:
                store.write(done.first, block_of)
                continue
            held = _room(block_of, members) if held is None else held
            for name, values in block_of.data_vars.items():
                held[name].to_numpy()[done.first : done.first + values.sizes["member"]] = values
    if store is not None:
        return store.open()
    if held is None:
        raise ValueError(f"members are counted from 1, got {members}")
    return held


def months_lived(scenario: Scenario, *, learned: bool) -> int:
    """Return the months that each member of a run lives: from the origin on if it learned, else from January 2012."""
    return scenario.last_month + 1 - (scenario.first_month if learned else 0)


def live_again(run: Run, member: int) -> dict[str, NDArray[np.float32]]:
    """Return everything of one member of a run from January 2012 on, simulated again: by variable, shape (months,)."""
    number = np.array([member], dtype=np.int64)
    begin = begin_again(run.data, again=True)
    block = simulate_block(
        run.scenario,
        luck=number,
        seed=run.provenance["seed"],
        facts=gather(run.record, run.scenario.as_of),
        start=None if begin is None else begin(number),
        since=0,
    )
    return {name: values[0] for name, values in block.values.items()}


def _run(job: _Job, progress: Callable[[int], None] | None = None) -> Block:
    scenario, luck, seed, facts, start, keep, since = job
    return simulate_block(
        scenario, luck=luck, seed=seed, facts=facts, start=start, keep=keep, since=since, progress=progress
    )


def _room(block: xr.Dataset, members: int) -> xr.Dataset:
    """Return a data set of so many members with the variables of one block, to be filled."""
    variables = {
        name: (values.dims, np.empty((members, *values.shape[1:]), values.dtype), values.attrs)
        for name, values in block.data_vars.items()
    }
    return xr.Dataset(variables, coords={"member": np.arange(members), "month": block["month"]})


def _dataset(block: Block, scenario: Scenario) -> xr.Dataset:
    size = next(iter(block.parameters.values())).size
    data: dict[str, tuple[tuple[str, ...], NDArray[Any], dict[str, str]]] = {
        name: (("member", "month"), values, attributes(RECORDED[name]))
        for name, values in block.values.items()
    }
    if block.start is None:
        table = scenario.parameter_set()
        for name, value in block.parameters.items():
            about = {"units": table[name].unit, "long_name": table[name].meaning}
            data[PARAMETER + name] = (("member",), value, about)
    else:
        about = {"long_name": "place of the particle from which the member descends"}
        data[ANCESTOR] = (("member",), block.start.ancestor.astype(np.int32), about)
    months = [month_start(number) for number in range(block.since, scenario.last_month + 1)]
    coords = {
        "member": np.arange(block.first, block.first + size),
        "month": np.array(months, dtype="datetime64[ns]"),
    }
    return xr.Dataset(data, coords=coords)


def begin_again(data: xr.Dataset, *, again: bool = False) -> Begin | None:
    """Return what tells how the members of a run began; None if nothing was learned and the priors tell it.

    They go on from the origin; if `again`, they live the past again.
    """
    if ANCESTOR not in data:
        return None
    ancestors = Ancestors(data.drop_dims("member"))

    def begin(members: IntArray) -> Start:
        ancestor = data[ANCESTOR].isel(member=members).to_numpy().astype(np.int64)
        return ancestors.start(ancestor, again=again)

    return begin
