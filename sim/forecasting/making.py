"""Make a forecast: find the run that answers it, or simulate it, and write its folder."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sim.assimilation import DEFAULT_PARTICLES, assimilate, posterior_digest
from sim.cache import Cache, posteriors_folder
from sim.contents import content_digest
from sim.country import state_digest
from sim.facts import gather
from sim.forecasting.judgement import ranged
from sim.forecasting.precision import MOST_MEMBERS, MOST_PARTICLES, hold, reach
from sim.forecasting.provenance import provenance_of
from sim.forecasting.tables import Judged, table, table_text
from sim.locks import alone, sweep
from sim.manifest import find, write_text
from sim.observations import Record
from sim.progress import Progress, inside
from sim.randomness import valid_seed
from sim.recording import KEPT, Keep, keep_by_default
from sim.results import Held, Run
from sim.scenario import Scenario, read_scenario, to_toml
from sim.storing import TABLES, Store
from sim.workers import ON_ERROR, OnError, Workers

if TYPE_CHECKING:
    import xarray as xr

DEFAULT_MEMBERS = 4096
DEFAULT_SEED = 1


def run_folder(
    scenario: Scenario,
    *,
    members: int,
    seed: int,
    output: Path,
    learned: bool = True,
    particles: int | None = None,
    learning_seed: int | None = None,
    record: Record | None = None,
    keep: Keep | None = None,
    precision: float | None = None,
    text: str | None = None,
) -> Path:
    """Return where a run lies: ``<output>/<scenario>/<digest>``.

    The digest covers the resolved scenario, the seed, the number of members or the precision, what is kept of them,
    what was learned, and the content of code and record: the same call finds its folder, and any change that could move
    a number finds another. `text` is the resolved scenario as a run's folder has it, if it was read from there.
    """
    posterior = "prior"
    if learned:
        posterior = posterior_digest(
            scenario,
            particles=particles_of(particles),
            seed=seed if learning_seed is None else learning_seed,
            record=record,
        )
    kept = keep_by_default(members) if keep is None else keep
    made_of = [content_digest(), state_digest(scenario.state)]
    asked = [to_toml(scenario) if text is None else text, members, kept, seed, posterior, *made_of]
    if precision is not None:  # particles that are not given are as many as it takes
        asked.append({"precision": precision, "particles": particles})
    if record is not None:
        asked.append(record.digest())
    digest = hashlib.blake2b(json.dumps(asked).encode(), digest_size=6).hexdigest()
    return output / scenario.name / digest


def posterior_folder(
    scenario: Scenario,
    *,
    cache: Path | str | Literal[True] = True,
    particles: int | None = None,
    learning_seed: int = 1,
    record: Record | None = None,
) -> Path:
    """Return where the posterior lies that a learned run of the scenario goes on from."""
    digest = posterior_digest(scenario, particles=particles_of(particles), seed=learning_seed, record=record)
    return posteriors_folder(cache) / digest


def forecast(
    scenario: Scenario | str,
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
    members go on from there.

    Parameters
    ----------
    scenario: a scenario, or the name or path of one.
    members: ensemble members, 4,096 if not given; with `precision` the most there may be, 131,072 if not given.
    precision: go on until the interval that holds nine in ten, of members and of the filter, reaches at most so far
        either way for every question, as a probability: members are added, and where `particles` are not given these
        are doubled, to 32,768 at most. What was reached stands in the provenance, which says too where it was not; the
        numbers are those of a run with as many members and particles given outright.
    seed: of all draws.
    workers: as of `sim.ensemble.simulate`.
    output: folder under which run folders lie.
    learned: go on from the posterior; else from the priors, with facts imposed but nothing learned.
    particles: of the posterior, 4,096 if not given; see `sim.assimilation.assimilate`.
    learning_seed: of the filter; that of the run if not given, so that another seed is another luck in everything.
    given: let prices and the war go on as they happened, as far as the record tells, for a run held in memory.
    record: what is known, the shipped record if not given; a written run keeps the observations added to that.
    beyond_record: take an origin after the record's end too: what happened between is simulated, and shown as such.
    progress: True shows a bar of each kind of work; a function is called with the number of member-months simulated
        since the last call, see `sim.ensemble.simulate`.
    command: what was typed, for the provenance.
    keep: "all" keeps every recorded variable of the members; "outcomes" what answers, tables, comparisons and standard
        figures need, which is half. All of up to 20,000 members if not given, outcomes of more.
    save: write the run folder; else the run is held in memory, in half the time, and gone with the session.
    cache: where what was learned is kept: True for the user's cache folder, another one, or False for nowhere.
    on_error: "continue" simulates the other blocks of members where one fails, before it ends with BlocksError.

    Another call that makes the same folder is waited for, and named in a line.

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
    kept = keep_by_default(members) if keep is None else keep
    if on_error not in ON_ERROR:
        raise ValueError(f"on_error is {' or '.join(ON_ERROR)}, not {on_error!r}")
    if kept not in KEPT:
        raise ValueError(f"a run keeps {' or '.join(KEPT)} of its members, not {keep!r}")
    seed = valid_seed(seed)
    spec = read_scenario(scenario) if isinstance(scenario, str) else scenario
    hold(spec, precision)
    known = Record.load(spec.state) if record is None else record
    known.hold(spec.as_of, beyond=beyond_record)
    size, filter_seed = particles_of(particles), valid_seed(seed if learning_seed is None else learning_seed)
    folder = run_folder(
        spec,
        members=members,
        seed=seed,
        output=Path(output),
        learned=learned,
        particles=particles if precision is not None else size,
        learning_seed=filter_seed,
        record=record,
        keep=kept,
        precision=precision,
    )
    lock, searched = (folder.with_name(f".{folder.name}.{name}") for name in ("lock", "search"))
    if not given and (found := find(Run.load, folder)):
        sweep(lock)
        return found
    if save:  # an output that cannot be written is told before minutes of learning
        folder.parent.mkdir(parents=True, exist_ok=True)
    from sim.ensemble import simulate

    with alone(lock, str(folder)) if save else nullcontext() as waited:
        if waited and (found := find(Run.load, folder)):
            return found
        begun = time.perf_counter()
        learn = partial(
            assimilate,
            spec,
            seed=filter_seed,
            workers=workers,
            cache=cache,
            record=record,
            beyond_record=beyond_record,
            progress=inside(progress),
        )
        facts = gather(known, spec.as_of, surroundings=given)
        live = partial(simulate, spec, seed=seed, workers=workers, facts=facts, progress=progress)
        reached, posterior, most = None, None, members
        if precision is not None:
            reached, posterior = reach(
                spec,
                precision,
                seed=seed,
                most=most,
                particles=(size, MOST_PARTICLES if particles is None else size),
                learn=learn if learned else None,
                simulate=live,
                kept=searched if save else None,
            )
            members = reached.members
        elif learned:
            posterior = learn(particles=size)
        begin = None if posterior is None else partial(posterior.start, seed=seed)
        learnt, asked = time.perf_counter(), {"most_members": most, "asked_particles": particles}
        provenance = partial(
            provenance_of,
            spec,
            digest=folder.name,
            members=members,
            seed=seed,
            workers=workers,
            command=command,
            posterior=posterior,
            record=known,
            keep=kept,
            precision=None if reached is None else reached.told | asked,
        )
        lived = partial(live, members=members, begin=begin, keep=kept)
        ancestors = None if posterior is None else posterior.kept
        judge = partial(
            ranged, scenario=spec, seed=seed, record=known, facts=facts, progress=inside(progress)
        )
        if not save:
            data = lived() if ancestors is None else lived().assign(ancestors)
            made = provenance(
                seconds={"learning": learnt - begun, "simulating": time.perf_counter() - learnt}
            )
            rows_of = partial(table, data=data, scenario=spec, record=known, judged=judge(data))
            return Run(folder, made, Held(data, spec, rows_of, known))
        store = Store(folder, members)
        store.keep(spec, known, ancestors)
        data = lived(store=store, on_error=on_error)
        seconds = {"learning": learnt - begun, "simulating": time.perf_counter() - learnt}
        return _finished(
            store,
            data,
            spec,
            known,
            judge=judge,
            provenance=provenance,
            seconds=seconds,
            searched=searched,
        )


def _finished(
    store: Store,
    data: xr.Dataset,
    spec: Scenario,
    known: Record,
    *,
    judge: Callable[..., Judged],
    provenance: Callable[..., dict[str, Any]],
    seconds: dict[str, float],
    searched: Path,
) -> Run:
    """Judge what is simulated, write the tables, and finish the run's folder."""
    begun = time.perf_counter()
    judged = judge(data, left=store.judged, finish=store.judge)
    answered = time.perf_counter()
    for name in TABLES:
        write_text(store.folder / f"{name}.csv", table_text(name, data, spec, known, judged))
    seconds |= {"judgement": answered - begun, "tables": time.perf_counter() - answered}
    shutil.rmtree(
        searched, ignore_errors=True
    )  # before it is finished: who finds it so has nothing to clear away
    store.finish(provenance(seconds=seconds))
    return Run.load(store.folder)


def members_of(given: int | None, precision: float | None) -> int:
    """Return how many members there are: the default if none is given, or the most there may be for a precision."""
    return (DEFAULT_MEMBERS if precision is None else MOST_MEMBERS) if given is None else given


def particles_of(given: int | None) -> int:
    """Return how many particles learn: the default if none is given."""
    return DEFAULT_PARTICLES if given is None else given
