"""Learn from the record, or find what was learned before.

A posterior is kept in the cache whole or not at all, whoever else learns the same meanwhile. Until all of it is
learned, the parts of it are kept beside it, stage by stage: an interrupted call goes on from there.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import time
import warnings
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from functools import lru_cache, partial
from itertools import accumulate
from pathlib import Path
from secrets import token_hex
from zipfile import BadZipFile

import numpy as np

from sim.assimilation.dataset import dataset
from sim.assimilation.filter import FINAL_ROUNDS, ParticleFilter, State, untold
from sim.assimilation.particles import Problem
from sim.assimilation.posterior import PARTS, Posterior
from sim.contents import PRESENTATION, content_digest
from sim.draws.randomness import valid_seed
from sim.execution.cache import Cache, evict, posteriors_folder, take_place, touch, unkept, writable
from sim.execution.locks import alone
from sim.execution.progress import Advance, Progress, shown
from sim.execution.workers import Workers, shared_out
from sim.record.country import state_digest
from sim.record.observations import Record
from sim.runs.manifest import UNREADABLE, draft_of, find, is_whole
from sim.scenario import Scenario, ScenarioLike, read_scenario
from sim.world.facts import gather

DEFAULT_PARTICLES = 4096
DEFAULT_SEED = 1
LEARNING = "learning from the record"
GROUP = 2048
"""Particles that live through history together, in one process; more particles are more groups."""

ISLANDS = 16
"""Islands of a posterior: enough to tell the filter's error from how far they lie apart (decision 14)."""

ENOUGH = 2048
"""Particles from which on none warns: an island has 128 then (judgement)."""

_FEWEST = 16  # particles on an island
_DIGEST = 16  # bytes in front of a part's arrays, over all of them

_LATER = (
    *PRESENTATION,
    "record/cases.py",
    "rivals",
    "forecasting",
    "verification",
)  # they only use what is learned

_Job = tuple[Problem, int, Path | None]


def posterior_digest(
    scenario: Scenario, *, particles: int, seed: int = DEFAULT_SEED, record: Record | None = None
) -> str:
    """Return what names a posterior: origin, beliefs, particles, seed, and the content of code and state."""
    beliefs = {name: entry.prior.describe() for name, entry in sorted(scenario.parameter_set().items())}
    known = "shipped" if record is None else record.digest()
    made_of = [content_digest(without=_LATER), state_digest(scenario.state)]
    asked = [str(scenario.as_of), beliefs, particles, seed, known, *made_of]
    return hashlib.blake2b(json.dumps(asked).encode(), digest_size=6).hexdigest()


def learning_steps(scenario: Scenario, particles: int) -> int:
    """Return the number of steps that `assimilate` reports as progress."""
    return len(_groups(particles)) * (scenario.first_month + FINAL_ROUNDS)


def assimilate(
    scenario: ScenarioLike,
    *,
    particles: int = DEFAULT_PARTICLES,
    seed: int = DEFAULT_SEED,
    workers: Workers = 1,
    cache: Cache = True,
    record: Record | None = None,
    beyond_record: bool = False,
    progress: Progress = None,
) -> Posterior:
    """Learn the parameters and the hidden history of a scenario from the record up to its origin.

    A particle filter over the one model from January 2012: facts imposed, members weighed by the probability they gave
    to recorded choices and published figures, resampled, and moved by Metropolis-Hastings on whole histories.

    Parameters
    ----------
    scenario: a scenario, or what `sim.read_scenario` reads; only its origin and its beliefs matter.
    particles: at least 16; they fall into 16 islands, or fewer of 16 particles each. Of fewer than 2,048 a UserWarning
        says that they are few.
    seed: of the filter. workers: as of `sim.forecasting.ensemble.simulate`; the numbers are the same with any.
    cache: where it is kept and found again, ``<folder>/<digest>``: True for the user's cache folder, a folder, or False
        to learn again and keep nothing. What is finished of it is kept too, so that an interrupted call goes on.
    record: the shipped record if not given. beyond_record: take an origin after the record's end too; what
        happened between is then simulated, and teaches nothing.
    progress: True shows a bar; a function is called with the steps done since the last call, `learning_steps` in all.

    Raises
    ------
    CollapseError: if no particle comes near what the record says.
    sim.record.observations.BeyondRecordError: if the origin lies after the record's end, without `beyond_record`.
    ValueError: if there are fewer than 16 particles, or the seed is no whole number from 0 to 2**63 - 1.
    """
    if particles < 16:
        raise ValueError(f"a filter needs at least 16 particles, got {particles}; take 4096 or more for use")
    warn_of_few(particles)
    seed = valid_seed(seed)
    spec = read_scenario(scenario)
    known = Record.load(spec.state) if record is None else record
    known.hold(spec.as_of, beyond=beyond_record)
    digest = posterior_digest(spec, particles=particles, seed=seed, record=record)
    found, folder = find_posterior(cache, digest)
    if found is not None:
        return found
    parts = None if folder is None else parts_folder(folder)
    with nullcontext() if parts is None else alone(parts / "lock", f"the posterior {digest}") as waited:
        if waited and (found := find_posterior(cache, digest)[0]):
            return found
        begun = time.perf_counter()
        facts = gather(known, spec.as_of)
        table = spec.parameter_set(facts.reference_class)
        groups = _groups(particles)
        firsts = accumulate((size for size, _ in groups), initial=0)
        problems = [
            Problem(spec, facts, table, seed, first, size, islands)
            for first, (size, islands) in zip(firsts, groups, strict=False)
        ]
        jobs = [(each, n, None if parts is None else parts / str(n)) for n, each in enumerate(problems)]
        with shown(progress, LEARNING, learning_steps(spec, particles)) as advance:
            done = shared_out(_run, jobs, workers=workers, progress=advance)
        data = dataset(done, problems)
        effective = data["stage_effective"].to_numpy()
        made = {
            "digest": digest,
            "as_of": str(spec.as_of),
            "beliefs": sorted(spec.parameters),
            "particles": particles,
            "islands": sum(islands for _, islands in groups),
            "seed": seed,
            "added": len(known.added),
            "stages": effective.size,
            "least_effective_share": float(effective.min(initial=1.0)),
            "log_evidence": [round(float(each), 3) for state in done for each in state["log_evidence"]],
            "seconds": round(time.perf_counter() - begun, 2),
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        posterior = Posterior(data, made)
        if folder is not None:
            keep_posterior(posterior, folder)
    return posterior


def warn_of_few(particles: int) -> None:
    """Warn that a posterior hangs on luck, if it has fewer particles than `ENOUGH`."""
    if particles < ENOUGH:
        _warn_of_few(particles)


@lru_cache  # told once, however often a hindcast learns
def _warn_of_few(particles: int) -> None:
    told = (
        f"{particles} particles are few: what is learned, and the error told beside it, hang on their luck; "
        f"take {ENOUGH:,} or more for use"
    )
    warnings.warn(told, stacklevel=4)


def _groups(particles: int) -> list[tuple[int, int]]:
    """Return the particles and the islands of each group."""
    count = max(1, -(-particles // GROUP))
    sizes = [particles // count + (place < particles % count) for place in range(count)]
    return [(size, max(1, min(-(-ISLANDS // count), size // _FEWEST))) for size in sizes]


def _run(job: _Job, progress: Advance | None) -> State:
    """Learn with a group of particles, from where an interrupted call left it."""
    problem, stream, part = job
    advance = progress or untold
    left = None if part is None else find_part(part)
    with np.errstate(divide="raise", invalid="raise", over="raise", under="ignore"):
        learning = ParticleFilter(problem, stream)
        if left is not None:
            try:
                if done := learning.resume(left):
                    advance(done)
            except UNREADABLE:  # a file of someone else
                learning = ParticleFilter(problem, stream)
        learning.learn(advance, untold if part is None else partial(keep_part, path=part))
    return learning.state()


def is_kept(folder: Path) -> bool:
    """Return whether a posterior is kept in this folder, whole."""
    try:
        return is_whole(folder, PARTS)
    except OSError:  # a folder that cannot be read keeps nothing for us
        return False


def find_posterior(cache: Cache, digest: str) -> tuple[Posterior | None, Path | None]:
    """Return the posterior that is kept, and the folder to keep it in if there is none; that is made sure of here.

    A cache that cannot be written is told in a line, and a folder that ends with this process takes its place.
    """
    if cache is False:
        return None, None
    store = posteriors_folder(cache)
    touch(store / digest)
    if found := _found(store / digest):
        # what a call left that ended before it could
        shutil.rmtree(parts_folder(store / digest), ignore_errors=True)
        return found, None
    other = writable(store)  # before minutes of learning
    if other is None or other == store:
        return None, other and other / digest
    return _found(other / digest), other / digest


def keep_posterior(posterior: Posterior, folder: Path) -> None:
    """Keep it in its folder; where that fails, as on a full disk, it is told in a line."""
    draft = draft_of(folder)
    draft = draft.with_name(f"{draft.name}.{token_hex(4)}")  # another thread may learn the same
    try:
        posterior.save(draft)
        if not is_kept(folder):  # else another process was first, and someone may be reading it
            take_place(draft, folder)
        shutil.rmtree(parts_folder(folder), ignore_errors=True)
    except OSError as error:  # minutes of work are not lost for want of a disk
        unkept(folder, error)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    if folder.parent == posteriors_folder():  # a folder that a user names keeps all
        with suppress(OSError):
            evict(folder.parent)


def _found(folder: Path) -> Posterior | None:
    try:
        return find(Posterior.load, folder)
    except OSError:
        return None


def parts_folder(folder: Path) -> Path:
    """Return where the parts of a posterior lie until it is whole."""
    return folder.with_name(f"{folder.name}.part")


def parts_kept(folder: Path) -> int:
    """Return how many parts of a posterior an interrupted call left, ended or to their last stage."""
    return sum(path.name.isdigit() for path in parts_folder(folder).glob("*"))


def keep_part(part: State, path: Path) -> None:
    """Write a part, whole or not at all; where it cannot be written, it is learned again after an interruption."""
    body = io.BytesIO()
    np.savez(body, **part)  # type: ignore[arg-type]  # names of arrays, none of savez's own
    text = body.getbuffer()
    draft = draft_of(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as file:
            file.write(hashlib.blake2b(text, digest_size=_DIGEST).digest())
            file.write(text)
        draft.replace(path)
    except OSError:
        with suppress(OSError):
            draft.unlink()  # the little room that there is


def find_part(path: Path) -> State | None:
    """Return a part as it was kept; None if there is none, or it is damaged."""
    try:
        told = path.read_bytes()
    except OSError:
        return None
    digest, body = told[:_DIGEST], told[_DIGEST:]
    if hashlib.blake2b(body, digest_size=_DIGEST).digest() != digest:
        return None
    with suppress(*UNREADABLE, BadZipFile), np.load(io.BytesIO(body), allow_pickle=False) as kept:
        return dict(kept)
    return None
