"""Make a forecast: find the run that answers it, or learn, simulate, judge, and write its folder."""

from __future__ import annotations

import platform
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import xarray as xr

from sim.assimilation import Posterior, assimilate, warn_of_few
from sim.contents import software
from sim.draws.randomness import valid_seed
from sim.execution.cache import Cache
from sim.execution.locks import alone, sweep
from sim.execution.progress import Progress, inside
from sim.execution.workers import ON_ERROR, OnError, Workers
from sim.forecasting.ensemble import simulate
from sim.forecasting.judgement import ranged
from sim.forecasting.options import DEFAULT_SEED, RunOptions, members_of, told_of
from sim.forecasting.precision import MOST_PARTICLES, hold, reach
from sim.forecasting.tables import table, table_text
from sim.model.variables import KEPT, Keep
from sim.record.country import content_of
from sim.record.observations import Record
from sim.runs.manifest import find, write_text
from sim.runs.results import Held, Run
from sim.runs.storing import TABLES, Store
from sim.scenario import Scenario, ScenarioLike, read_scenario
from sim.world.facts import gather

_LIBRARIES = ("mesa", "numpy", "scipy", "xarray", "zarr")


def forecast(
    scenario: ScenarioLike,
    *,
    members: int | None = None,
    precision: float | None = None,
    seed: int = DEFAULT_SEED,
    output: Path | str = "results",
    learned: bool = True,
    particles: int | None = None,
    learning_seed: int | None = None,
    given: bool = False,
    record: Record | None = None,
    beyond_record: bool = False,
    workers: Workers = 1,
    progress: Progress = None,
    command: str | None = None,
    keep: Keep | None = None,
    save: bool = True,
    cache: Cache = True,
    on_error: OnError = "stop",
) -> Run:
    """Forecast a scenario and return the run; one that exists is found and not made again, one begun is finished.

    What the record says up to the scenario's origin is learned first, or found if it was learned before, and the
    members go on from there. Another call that makes the same folder is waited for, and named in a line. What moves the
    numbers stands under Parameters, where they are kept and how they are computed under Other Parameters.

    Parameters
    ----------
    scenario: a scenario, or what `sim.read_scenario` reads.
    members: ensemble members, 4,096 if not given; with `precision` the most there may be, 131,072 if not given.
    precision: go on until the interval that holds nine in ten, of members and of the filter, reaches at most so far
        either way for every question, as a probability: members are added, and where `particles` are not given these
        are doubled, to 32,768 at most. What was reached stands in the provenance, which says too where it was not; the
        numbers are those of a run with as many members and particles given outright.
    seed: of all draws.
    learned: go on from the posterior; else from the priors, with facts imposed but nothing learned.
    particles: of the posterior, 4,096 if not given; see `sim.assimilation.assimilate`.
    learning_seed: of the filter; that of the run if not given, so that another seed is another luck in everything.
    record: what is known, the shipped record if not given; a written run keeps the observations added to that.
    beyond_record: take an origin after the record's end too: what happened between is simulated, and shown as such.
    given: let prices and the war go on as they happened, as far as the record tells, for a run held in memory.

    Other Parameters
    ----------------
    output: folder under which run folders lie.
    keep: "all" keeps every recorded variable of the members; "outcomes" what answers, tables, comparisons and standard
        figures need, which is half. All of up to 20,000 members if not given, outcomes of more.
    save: write the run folder; else the run is held in memory, in half the time, and gone with the session.
    cache: where what was learned is kept: True for the user's cache folder, another one, or False for nowhere.
    workers: as of `sim.forecasting.ensemble.simulate`.
    on_error: "continue" simulates the other blocks of members where one fails, before it ends with BlocksError.
    progress: True shows a bar of each kind of work; a function is called with the number of member-months simulated
        since the last call, see `sim.forecasting.ensemble.simulate`.
    command: what was typed, for the provenance.

    Raises
    ------
    sim.execution.workers.BlocksError: if blocks failed; the others are kept, and the same call makes these again.
    sim.scenario.ScenarioError: if the scenario file is not valid; nothing is written then.
    sim.record.observations.BeyondRecordError: if the origin lies after the record's end, without `beyond_record`.
    sim.assimilation.CollapseError: if no particle comes near what the record says.
    ValueError: if `members` or `workers` is below 1, `keep` is something else, a seed is no whole number from 0 to
        2**63 - 1, or `precision` is not above 0, or asked of a scenario without questions.
    """
    if given and save:
        raise ValueError("a run with given surroundings is a test, not a forecast: take it with save=False")
    members = members_of(members, precision)
    if members < 1 or (isinstance(workers, int) and workers < 1):
        raise ValueError(f"members and workers are counted from 1, got {members} and {workers}")
    if on_error not in ON_ERROR:
        raise ValueError(f"on_error is {' or '.join(ON_ERROR)}, not {on_error!r}")
    if keep not in (None, *KEPT):
        raise ValueError(f"a run keeps {' or '.join(KEPT)} of its members, not {keep!r}")
    filter_seed = valid_seed(seed if learning_seed is None else learning_seed)
    options = RunOptions(members, valid_seed(seed), precision, learned, particles, filter_seed, record, keep)
    spec = read_scenario(scenario)
    hold(spec, precision)
    known = Record.load(spec.state) if record is None else record
    known.hold(spec.as_of, beyond=beyond_record)
    folder = options.folder(spec, Path(output))
    lock = folder.with_name(f".{folder.name}.lock")
    if not given and (found := find(Run.load, folder)):
        sweep(lock)
        if found.learned:
            warn_of_few(found.provenance["posterior"]["particles"])
        return found
    make = partial(
        _made,
        spec,
        options,
        known,
        folder,
        save=save,
        given=given,
        beyond_record=beyond_record,
        workers=workers,
        progress=progress,
        cache=cache,
        on_error=on_error,
        command=command,
    )
    if not save:
        return make()
    # an output that cannot be written is told before minutes of learning
    folder.parent.mkdir(parents=True, exist_ok=True)
    with alone(lock, str(folder)) as waited:
        if waited and (found := find(Run.load, folder)):
            return found
        return make()


def _made(
    spec: Scenario,
    options: RunOptions,
    record: Record,
    folder: Path,
    *,
    save: bool,
    given: bool,
    beyond_record: bool,
    workers: Workers,
    progress: Progress,
    cache: Cache,
    on_error: OnError,
    command: str | None,
) -> Run:
    """Make a run that is not there yet: write its folder, going on with what an interrupted call left, or hold it.

    Parameters are those of `forecast`, but the record whole.
    """
    seconds: dict[str, float] = {}  # by step
    facts = gather(record, spec.as_of, surroundings=given)
    search = folder.with_name(f".{folder.name}.search")
    live = partial(simulate, spec, seed=options.seed, workers=workers, facts=facts, progress=progress)
    learn = partial(
        assimilate,
        spec,
        seed=options.filter_seed,
        workers=workers,
        cache=cache,
        record=options.record,
        beyond_record=beyond_record,
        progress=inside(progress),
    )
    with _timed(seconds, "learning"):
        members, posterior, reached = _learned(spec, options, learn, live, search if save else None)
    begin = None if posterior is None else partial(posterior.start, seed=options.seed)
    particles = None if posterior is None else posterior.kept
    with _timed(seconds, "simulating"):
        store = Store(folder, members) if save else None
        if store is not None:
            store.keep(spec, record, particles)
        data = live(members=members, begin=begin, keep=options.kept, store=store, on_error=on_error)
    if store is None and particles is not None:
        data = data.assign(particles)
    with _timed(seconds, "judgement"):
        going_on: dict[str, Any] = {} if store is None else {"left": store.judged, "finish": store.judge}
        judged = ranged(
            data,
            spec,
            seed=options.seed,
            record=record,
            facts=facts,
            progress=inside(progress),
            **going_on,
        )
    made = {
        **told_of(spec, record),
        "digest": folder.name,
        "software": software(*_LIBRARIES),
        "environment": {"python": platform.python_version(), "system": platform.platform()},
        "command": command or "sim.forecasting.forecast",
        "content": content_of(spec.state),
        "posterior": None if posterior is None else posterior.provenance,
        "members": members,
        "keep": options.kept,
        "seed": options.seed,
        **reached,
        "workers": workers if isinstance(workers, int) else len(workers),
        "seconds": seconds,
        "made": datetime.now(UTC).isoformat(timespec="milliseconds"),
    }
    if store is None:
        rows_of = partial(table, data=data, scenario=spec, record=record, judged=judged)
        return Run(folder, made, Held(data, spec, rows_of, record))
    with _timed(seconds, "tables"):
        for name in TABLES:
            write_text(folder / f"{name}.csv", table_text(name, data, spec, record, judged))
    # before it is finished: who finds it so has nothing to clear away
    shutil.rmtree(search, ignore_errors=True)
    store.finish(made)
    return Run.load(folder)


def _learned(
    spec: Scenario,
    options: RunOptions,
    learn: Callable[..., Posterior],
    live: Callable[..., xr.Dataset],
    search: Path | None,
) -> tuple[int, Posterior | None, dict[str, Any]]:
    """Return how many members there are, what they go on from, and what the provenance says of a wanted precision.

    For a precision these are found by how many it takes; `search` keeps what was found so far.
    """
    if options.precision is None:
        return options.members, learn(particles=options.size) if options.learned else None, {}
    reached, posterior = reach(
        spec,
        options.precision,
        seed=options.seed,
        most=options.members,
        particles=(options.size, MOST_PARTICLES if options.particles is None else options.size),
        learn=learn if options.learned else None,
        simulate=live,
        kept=search,
    )
    asked = {"most_members": options.members, "asked_particles": options.particles}
    return reached.members, posterior, {"precision": reached.told | asked}


@contextmanager
def _timed(seconds: dict[str, float], step: str) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    seconds[step] = round(time.perf_counter() - begun, 2)
