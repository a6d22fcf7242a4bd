"""Make a forecast: find the run that answers it, or learn, simulate, judge, and write its folder."""

from __future__ import annotations

import platform
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import xarray as xr

from sim.assimilation import Posterior, assimilate, warn_of_few
from sim.cache import Cache
from sim.contents import software
from sim.country import content_of
from sim.ensemble import simulate
from sim.facts import Facts, gather
from sim.forecasting.judgement import ranged
from sim.forecasting.options import DEFAULT_SEED, RunOptions, members_of, told_of
from sim.forecasting.precision import MOST_PARTICLES, Precision, hold, reach
from sim.forecasting.tables import Judged, table, table_text
from sim.locks import alone, sweep
from sim.manifest import find, write_text
from sim.observations import Record
from sim.progress import Progress, inside
from sim.randomness import valid_seed
from sim.results import Held, Run
from sim.scenario import Scenario, ScenarioLike, read_scenario
from sim.storing import TABLES, Store
from sim.variables import KEPT, Keep
from sim.workers import ON_ERROR, OnError, Workers

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
    workers: as of `sim.ensemble.simulate`.
    on_error: "continue" simulates the other blocks of members where one fails, before it ends with BlocksError.
    progress: True shows a bar of each kind of work; a function is called with the number of member-months simulated
        since the last call, see `sim.ensemble.simulate`.
    command: what was typed, for the provenance.

    Raises
    ------
    sim.workers.BlocksError: if blocks failed; the others are kept, and the same call makes these again.
    sim.scenario.ScenarioError: if the scenario file is not valid; nothing is written then.
    sim.observations.BeyondRecordError: if the origin lies after the record's end, and not `beyond_record` is said.
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
    making = _Making(
        spec,
        options,
        known,
        folder,
        given=given,
        beyond_record=beyond_record,
        workers=workers,
        progress=progress,
        cache=cache,
        on_error=on_error,
        command=command,
    )
    lock = folder.with_name(f".{folder.name}.lock")
    if not given and (found := find(Run.load, folder)):
        sweep(lock)
        if found.learned:
            warn_of_few(found.provenance["posterior"]["particles"])
        return found
    if not save:
        return making.held()
    # an output that cannot be written is told before minutes of learning
    folder.parent.mkdir(parents=True, exist_ok=True)
    with alone(lock, str(folder)) as waited:
        if waited and (found := find(Run.load, folder)):
            return found
        return making.written()


@dataclass(frozen=True)
class _Learned:
    """What members go on from, and how many they are: as were asked for, or as it takes for a precision."""

    members: int
    posterior: Posterior | None = None
    precision: Precision | None = None


@dataclass(frozen=True)
class _Making:
    """The steps of a run that is not there yet; its attributes as `forecast` takes them, but the record whole."""

    spec: Scenario
    options: RunOptions
    record: Record
    folder: Path
    given: bool
    beyond_record: bool
    workers: Workers
    progress: Progress
    cache: Cache
    on_error: OnError
    command: str | None
    _seconds: dict[str, float] = field(default_factory=dict, init=False)  # by step

    def held(self) -> Run:
        """Return the run held in memory."""
        with self._timed("learning"):
            learned = self._learn(None)
        with self._timed("simulating"):
            data = self._simulate(learned)
        if learned.posterior is not None:
            data = data.assign(learned.posterior.kept)
        made = self._provenance(learned)
        judged = self._judge(data)
        rows_of = partial(table, data=data, scenario=self.spec, record=self.record, judged=judged)
        return Run(self.folder, made, Held(data, self.spec, rows_of, self.record))

    def written(self) -> Run:
        """Write the run's folder, going on with what an interrupted call left in it, and return the run."""
        search = self.folder.with_name(f".{self.folder.name}.search")
        with self._timed("learning"):
            learned = self._learn(search)
        with self._timed("simulating"):
            store = Store(self.folder, learned.members)
            store.keep(self.spec, self.record, None if learned.posterior is None else learned.posterior.kept)
            data = self._simulate(learned, store=store, on_error=self.on_error)
        with self._timed("judgement"):
            judged = self._judge(data, left=store.judged, finish=store.judge)
        with self._timed("tables"):
            for name in TABLES:
                text = table_text(name, data, self.spec, self.record, judged)
                write_text(self.folder / f"{name}.csv", text)
        # before it is finished: who finds it so has nothing to clear away
        shutil.rmtree(search, ignore_errors=True)
        store.finish(self._provenance(learned))
        return Run.load(self.folder)

    @contextmanager
    def _timed(self, step: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self._seconds[step] = round(time.perf_counter() - begun, 2)

    @cached_property
    def _facts(self) -> Facts:
        return gather(self.record, self.spec.as_of, surroundings=self.given)

    def _learn(self, search: Path | None) -> _Learned:
        """Learn, if that is asked; for a precision find how many members it takes, from what `search` kept of it."""
        options = self.options
        learn = partial(
            assimilate,
            self.spec,
            seed=options.filter_seed,
            workers=self.workers,
            cache=self.cache,
            record=options.record,
            beyond_record=self.beyond_record,
            progress=inside(self.progress),
        )
        if options.precision is None:
            return _Learned(options.members, learn(particles=options.size) if options.learned else None)
        reached, posterior = reach(
            self.spec,
            options.precision,
            seed=options.seed,
            most=options.members,
            particles=(options.size, MOST_PARTICLES if options.particles is None else options.size),
            learn=learn if options.learned else None,
            simulate=self._live,
            kept=search,
        )
        return _Learned(reached.members, posterior, reached)

    def _live(self, **how: Any) -> xr.Dataset:
        return simulate(
            self.spec,
            seed=self.options.seed,
            workers=self.workers,
            facts=self._facts,
            progress=self.progress,
            **how,
        )

    def _simulate(self, learned: _Learned, **storing: Any) -> xr.Dataset:
        """Simulate all members from what was learned, shape (member, month)."""
        posterior, options = learned.posterior, self.options
        begin = None if posterior is None else partial(posterior.start, seed=options.seed)
        return self._live(members=learned.members, begin=begin, keep=options.kept, **storing)

    def _judge(self, data: xr.Dataset, **storing: Any) -> Judged:
        """Answer the questions, and say what is said month by month, under every judgement."""
        return ranged(
            data,
            self.spec,
            seed=self.options.seed,
            record=self.record,
            facts=self._facts,
            progress=inside(self.progress),
            **storing,
        )

    def _provenance(self, learned: _Learned) -> dict[str, Any]:
        """Return what was asked, of what, with which software, and how long each step took."""
        options, workers, precision = self.options, self.workers, {}
        if learned.precision is not None:
            asked = {"most_members": options.members, "asked_particles": options.particles}
            precision = {"precision": learned.precision.told | asked}
        return {
            **told_of(self.spec, self.record),
            "digest": self.folder.name,
            "software": software(*_LIBRARIES),
            "environment": {"python": platform.python_version(), "system": platform.platform()},
            "command": self.command or "sim.forecasting.forecast",
            "content": content_of(self.spec.state),
            "posterior": None if learned.posterior is None else learned.posterior.provenance,
            "members": learned.members,
            "keep": options.kept,
            "seed": options.seed,
            **precision,
            "workers": workers if isinstance(workers, int) else len(workers),
            "seconds": {**self._seconds},
            "made": datetime.now(UTC).isoformat(timespec="milliseconds"),
        }
