"""Simulate a scenario for many members: in blocks, on one or more processes, into memory or into a store.

Whatever the blocks and workers, member k is the same: its draws are found by its luck index alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from sim.arrays import FloatArray, IntArray
from sim.assimilation import Ancestors, Start
from sim.clock import month_start
from sim.draws.randomness import valid_seed
from sim.execution.progress import Progress, shown
from sim.execution.workers import BlocksError, OnError, Workers, shared_out
from sim.model.alignment import AlignmentModel
from sim.model.variables import KEPT, RECORDED, Keep, attributes, read
from sim.record.observations import Record
from sim.runs.members import ANCESTOR, PARAMETER
from sim.runs.results import Run
from sim.runs.storing import Chunks, Room, Store
from sim.scenario import Scenario, ScenarioLike, read_scenario
from sim.world.facts import Facts, gather

BLOCK = 32768
"""Members stepped together, twice as many where two threads do it all: what a month costs however few weighs little."""

SIMULATING = "simulating"

Begin = Callable[[IntArray], Start]
"""What tells how members begin, by their numbers: their parameters and the luck of their past."""

Values = Mapping[str, NDArray[Any]]


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
    parameters: dict[str, FloatArray]
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
    into: Values | None = None,
    progress: Callable[[int], None] | None = None,
) -> Block:
    """Step the members with these luck indices to the scenario's end, from the origin or from January 2012.

    Parameters
    ----------
    luck, rows: luck index and parameter row of each member, shape (members,); rows are the luck indices if not given.
    start: how the members begin if that was learned; else their parameters are drawn from the priors.
    keep: which variables are recorded. since: the first recorded month; if not given the origin's with `start`, else 0.
    into: where they are recorded, by name, shape (members, months); made if not given.
    progress: called after each month with the number of members.

    Raises FloatingPointError if a mechanism divides by zero, overflows or leaves the numbers; an underflow is no error.
    """
    since = _first_recorded(scenario, since, learned=start is not None)
    with np.errstate(divide="raise", invalid="raise", over="raise", under="ignore"):
        size = luck.size
        past, held = (None, None) if start is None else (start.past, start.parameters)
        model = AlignmentModel(
            scenario, members=size, seed=seed, luck=luck, past=past, rows=rows, parameters=held, facts=facts
        )
        months = scenario.last_month + 1
        # written month by month, and read so: members of a month lie side by side
        shape = (months - since, size)
        values = {
            v.name: np.empty(shape, dtype=np.float32).T if into is None else into[v.name] for v in KEPT[keep]
        }
        parameters = dict(model.parameters)
        if start is not None and start.states is not None:
            model.resume(start.states, scenario.first_month - 1)
        if since <= model.tick:
            raise ValueError(
                "these members begin at the origin; to record earlier months let them live again"
            )
        for month in range(model.tick + 1, months):
            model.step()
            for variable in KEPT[keep] if month >= since else ():
                values[variable.name][:, month - since] = read(variable, model)
            if progress is not None:
                progress(size)
        model.dismiss()
    return Block(int(luck[0]), since, values, parameters, start)


def simulate(
    scenario: ScenarioLike,
    *,
    members: int = 4096,
    seed: int = 1,
    workers: Workers = 1,
    block: int | None = None,
    begin: Begin | None = None,
    facts: Facts | None = None,
    keep: Keep = "all",
    since: int | None = None,
    store: Store | None = None,
    first: int = 0,
    progress: Progress = None,
    on_error: OnError = "stop",
) -> xr.Dataset:
    """Simulate an ensemble and return it as a data set on (member, month).

    Parameters
    ----------
    scenario: a scenario, or what `sim.read_scenario` reads.
    members: number of members. seed: the run's seed. block: members stepped together; if not given at most `BLOCK` and
        at least 2,048, so many that two processes have as much work each.
    workers: processes (a script that calls needs no ``if __name__ == "__main__"``), for few blocks threads, or
        `sim.execution.cluster.connected`.
    begin: tells how members begin, if that was learned; see `sim.assimilation.Posterior.start`.
    facts: recorded facts, if they were gathered before. keep, since: as of `simulate_block`.
    store: where blocks are written as they come, so that none is lost; blocks it holds already are not simulated.
    first: number of the first member, if only the last are to be simulated; not with a store.
    progress: True shows a bar; a function is called with the member-months done since the last call.
    on_error: "continue" goes on where blocks fail, notes it in the store, and then raises BlocksError.

    Returns
    -------
    The recorded variables (float32) and the members' parameters; where it was learned how they begin, instead of these
    the places of their ancestors among the particles: ``data.assign(posterior.kept)`` has them all. Of a store it is
    opened, and read when used.

    Raises ValueError if the seed is no whole number from 0 to 2**63 - 1, or there are no members.
    """
    scenario, seed = read_scenario(scenario), valid_seed(seed)
    if members < 1:
        raise ValueError(f"members are counted from 1, got {members}")
    if first and store is not None:
        raise ValueError("a store holds all members of a run: leave out `first`")
    facts = gather(Record.load(scenario.state), scenario.as_of) if facts is None else facts
    if block is None:  # by the members alone: an interrupted run goes on with any number of workers
        pairs = 1 if store is None and members <= 4 * BLOCK else -(-(members - first) // (2 * BLOCK))
        block = max(-(-(members - first) // (2 * pairs)), 2048)
    firsts = [number for number in range(first, members, block) if store is None or number not in store.done]
    # few blocks are done before a process has started
    threads = not isinstance(workers, int) or len(firsts) <= 2 * workers
    empty = _empty(scenario, facts, keep, since, learned=begin is not None)
    if store is not None:
        store.lay_out(empty, block)
    room = store.chunks if store else Room(empty, members, shared=not threads and workers != 1, begin=first)
    handed = store is None and not isinstance(workers, int)  # who shares no memory hands over what it makes
    work = _Work(scenario, members, block, seed, facts, begin, keep, since, None if handed else room)
    months = sum(work.size(number) for number in firsts) * months_lived(scenario, learned=begin is not None)
    with shown(progress, SIMULATING, months) as advance:
        finish: Callable[[int, Any], object] | None = room.write if handed else store.note if store else None
        failed: dict[int, str] | None = {} if on_error == "continue" else None
        shared_out(
            work, firsts, workers=workers, threads=threads, progress=advance, finish=finish, failed=failed
        )
    if failed:
        raise BlocksError(failed, len(firsts), store and store.fail(failed))
    return room.data()


@dataclass(frozen=True)
class _Work:
    """What is the same for all blocks of an ensemble: a worker gets it once, then each block's first member."""

    scenario: Scenario
    members: int
    block: int
    seed: int
    facts: Facts
    begin: Begin | None
    keep: Keep
    since: int | None
    room: Room | Chunks | None

    def size(self, first: int) -> int:
        """Return how many members a block has."""
        return min(self.block, self.members - first)

    def __call__(self, first: int, progress: Callable[[int], None] | None) -> Any:
        """Simulate a block and put it where it belongs; return the hashes of its files, or the block."""
        members = np.arange(first, first + self.size(first), dtype=np.int64)
        start = None if self.begin is None else self.begin(members)
        made = simulate_block(
            self.scenario,
            luck=members if start is None or start.luck is None else start.luck,
            seed=self.seed,
            facts=self.facts,
            start=start,
            keep=self.keep,
            since=self.since,
            into=self.room.of(first, members.size) if isinstance(self.room, Room) else None,
            progress=progress,
        )
        data = _dataset(made, self.scenario)
        return data if self.room is None else self.room.write(first, data)


def months_lived(scenario: Scenario, *, learned: bool) -> int:
    """Return the months that each member of a run lives: from the origin on if it learned, else from January 2012."""
    return scenario.last_month + 1 - (scenario.first_month if learned else 0)


def live_again(run: Run, member: int) -> dict[str, NDArray[np.float32]]:
    """Return everything of one member of a run from January 2012 on, simulated again: by variable, shape (months,)."""
    lives = block_again(run, np.array([member], dtype=np.int64)).values
    return {name: values[0] for name, values in lives.items()}


def block_again(run: Run, members: IntArray, keep: Keep = "all") -> Block:
    """Return some members of a run, simulated again from January 2012."""
    begin, facts = begin_again(run.data, again=True), gather(run.record, run.scenario.as_of)
    start, seed = None if begin is None else begin(members), run.provenance["seed"]
    return simulate_block(run.scenario, luck=members, seed=seed, facts=facts, start=start, keep=keep, since=0)


def _first_recorded(scenario: Scenario, since: int | None, *, learned: bool) -> int:
    return (scenario.first_month if learned else 0) if since is None else since


def _empty(scenario: Scenario, facts: Facts, keep: Keep, since: int | None, *, learned: bool) -> xr.Dataset:
    """Return the data set of no members."""
    since = _first_recorded(scenario, since, learned=learned)
    values = {v.name: np.empty((0, scenario.last_month + 1 - since), dtype=np.float32) for v in KEPT[keep]}
    parameters = {name: np.empty(0) for name in scenario.parameter_set(facts.reference_class)}
    start = Start(parameters, np.empty(0, dtype=np.int64)) if learned else None
    return _dataset(Block(0, since, values, parameters, start), scenario)


def _dataset(block: Block, scenario: Scenario) -> xr.Dataset:
    size = next(iter(block.parameters.values())).size
    data: dict[str, tuple[tuple[str, ...], NDArray[Any], dict[str, str]]] = {
        name: (("member", "month"), values, attributes(RECORDED[name], scenario.state))
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
    starts = [month_start(number) for number in range(block.since, scenario.last_month + 1)]
    members, months = np.arange(block.first, block.first + size), np.array(starts, dtype="datetime64[ns]")
    return xr.Dataset(data, coords={"member": members, "month": months})


def begin_again(data: xr.Dataset, *, again: bool = False, **held: FloatArray) -> Begin | None:
    """Return what tells how the members of a run began, from the origin or `again` from January 2012.

    None if nothing was learned and the priors tell it.

    Parameters
    ----------
    held: parameters that members are to have in place of their own, by name, each of shape (members,).
    """
    if ANCESTOR not in data:
        return None
    ancestors, own = Ancestors(data.drop_dims("member")), data[ANCESTOR].to_numpy().astype(np.int64)
    return partial(_begin_as, ancestors, own, held, again)


def _begin_as(
    ancestors: Ancestors, own: IntArray, held: Mapping[str, FloatArray], again: bool, members: IntArray
) -> Start:
    start = ancestors.start(own[members], again=again)
    changed = {name: values[members] for name, values in held.items()}
    return replace(start, parameters={**start.parameters, **changed})
