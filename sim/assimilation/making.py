"""Learn from the record, or find what was learned before."""

from __future__ import annotations

import hashlib
import json
import time
from contextlib import nullcontext
from dataclasses import fields
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.arrays import FloatArray, IntArray
from sim.assimilation.ancestors import STATES, packed_states
from sim.assimilation.island import FINAL_ROUNDS, Islands, Stage, State
from sim.assimilation.keeping import find_posterior, keep_posterior
from sim.assimilation.particles import OTHERS, Problem
from sim.assimilation.parts import find_part, keep_part, parts_folder
from sim.assimilation.past import BANDED, LEVELS, lived, past_of
from sim.assimilation.posterior import Posterior
from sim.cache import Cache, alone
from sim.contents import PRESENTATION, content_digest
from sim.country import state_digest
from sim.facts import gather
from sim.manifest import UNREADABLE
from sim.model import AlignmentModel
from sim.observations import Record
from sim.progress import Advance, Progress, shown
from sim.randomness import STRANDS, PastLuck, valid_seed
from sim.scenario import Scenario, read_scenario
from sim.workers import Workers, shared_out

if TYPE_CHECKING:
    import xarray as xr

DEFAULT_PARTICLES = 4096
DEFAULT_SEED = 1
LEARNING = "learning from the record"
GROUP = 2048
"""Particles that live through history together, in one process; more particles are more groups."""

ISLANDS = 16
"""Islands of a posterior: enough to tell the filter's error from how far they lie apart (decision 14)."""

_FEWEST = 16  # particles on an island

_LATER = (
    *PRESENTATION,
    "cases.py",
    "rivals",
    "forecasting",
    "verification",
)  # modules that only use what is learned

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
    scenario: Scenario | str,
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
    scenario: a scenario, or the name or path of one; only its origin and its beliefs matter.
    particles: at least 16; they fall into 16 islands, or fewer of 16 particles each.
    seed: of the filter. workers: as of `sim.ensemble.simulate`; the numbers are the same with any.
    cache: where it is kept and found again, ``<folder>/<digest>``: True for the user's cache folder, a folder, or False
        to learn again and keep nothing. What is finished of it is kept too, so that an interrupted call goes on.
    record: the shipped record if not given. beyond_record: take an origin after the record's end too; what
        happened between is then simulated, and teaches nothing.
    progress: True shows a bar; a function is called with the steps done since the last call, `learning_steps` in all.

    Raises
    ------
    CollapseError: if no particle comes near what the record says.
    sim.observations.BeyondRecordError: if the origin lies after the record's end, and not `beyond_record` is said.
    ValueError: if there are fewer than 16 particles, or the seed is no whole number from 0 to 2**63 - 1.
    """
    if particles < 16:
        raise ValueError(f"a filter needs at least 16 particles, got {particles}; take 4096 or more for use")
    seed = valid_seed(seed)
    spec = read_scenario(scenario) if isinstance(scenario, str) else scenario
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
        firsts = np.concatenate([[0], np.cumsum([size for size, _ in groups])[:-1]])
        jobs = [
            (
                Problem(spec, facts, table, seed, int(first), size, islands),
                stream,
                None if parts is None else parts / str(stream),
            )
            for stream, (first, (size, islands)) in enumerate(zip(firsts, groups, strict=True))
        ]
        with shown(progress, LEARNING, learning_steps(spec, particles)) as advance:
            done = _run_all(jobs, workers, advance)
        data = _dataset(done, [problem for problem, *_ in jobs])
        effective = data["stage_effective"].to_numpy()
        posterior = Posterior(
            data,
            {
                "digest": digest,
                "as_of": str(spec.as_of),
                "beliefs": sorted(spec.parameters),
                "particles": particles,
                "islands": sum(islands for _, islands in groups),
                "seed": seed,
                "added": len(known.added),
                "stages": effective.size,
                "least_effective_share": float(effective.min(initial=1.0)),
                "log_evidence": [
                    round(float(island), 3) for state in done for island in state["log_evidence"]
                ],
                "seconds": round(time.perf_counter() - begun, 2),
                "made": datetime.now(UTC).isoformat(timespec="seconds"),
            },
        )
        if folder is not None:
            keep_posterior(posterior, folder)
    return posterior


def _groups(particles: int) -> list[tuple[int, int]]:
    """Return the particles and the islands of each group."""
    count = max(1, -(-particles // GROUP))
    sizes = [particles // count + (place < particles % count) for place in range(count)]
    return [(size, max(1, min(-(-ISLANDS // count), size // _FEWEST))) for size in sizes]


def _run_all(jobs: list[_Job], workers: Workers, progress: Advance | None) -> list[State]:
    return shared_out(_run, jobs, workers=workers, progress=progress)


def _run(job: _Job, progress: Advance | None = None) -> State:
    problem, stream, part = job
    left = None if part is None else find_part(part)
    with np.errstate(divide="raise", invalid="raise", over="raise", under="ignore"):
        learning = Islands(problem, stream)
        done = 0
        if left is not None:
            try:
                done = learning.resume(left)
            except UNREADABLE:  # a file of someone else
                learning = Islands(problem, stream)
        if done and progress is not None:
            progress(done)
        learning.learn(progress, None if part is None else partial(keep_part, path=part))
    return learning.state()


def _dataset(done: list[State], problems: list[Problem]) -> xr.Dataset:
    import xarray as xr

    problem = problems[0]
    z = np.concatenate([state["z"] for state in done], axis=1)
    values = problem.parameters(z)
    data: dict[str, tuple[tuple[str, ...], NDArray[Any], dict[str, Any]]] = {}
    for name, entry in problem.table.items():
        about = {
            "units": entry.unit,
            "long_name": entry.meaning,
            "prior": entry.prior.describe(),
            "learned": int(entry.learned),
            "parameter": 1,
        }
        data[name] = (("particle",), values[name], about)
    about = {"long_name": "coordinates on which priors are standard normal; controls depend on nothing"}
    data["z"] = (("coordinate", "particle"), z, about)
    luck = np.concatenate(
        [
            state["luck"].astype(np.int32) + problem.first
            for problem, state in zip(problems, done, strict=True)
        ],
        axis=2,
    )
    data["luck"] = (
        ("strand", "month", "particle"),
        luck,
        {"long_name": "luck index of each month of history"},
    )
    told, total, states = _lived(problem, values, luck.astype(np.int64))
    data["log_probability"] = (("particle",), total, {"long_name": "log probability given to the record"})
    sizes = [own.size for each in problems for own in np.array_split(np.arange(each.size), each.islands)]
    island = np.repeat(np.arange(len(sizes)), sizes)
    data["island"] = (("particle",), island, {"long_name": "island of the filter"})
    data |= past_of(told) | {STATES: packed_states(states)}
    for field, column in zip(
        fields(Stage), np.concatenate([state["stages"] for state in done]).T, strict=True
    ):
        told_of = column.astype(np.int64) if field.name == "month" else column
        data[f"stage_{field.name}"] = (("stage",), told_of, {"long_name": f"{field.name} of a resampling"})
    group = np.repeat(np.arange(len(done)), [len(state["stages"]) for state in done])
    data["stage_group"] = (("stage",), group, {"long_name": "its group of islands"})
    coords = {"strand": [*STRANDS, OTHERS], "coordinate": list(problem.names)}
    return xr.Dataset(data, coords={**coords, "quantity": list(BANDED), "level": list(LEVELS)})


def _lived(
    problem: Problem, parameters: dict[str, FloatArray], luck: IntArray
) -> tuple[dict[str, NDArray[np.float32]], FloatArray, dict[str, FloatArray]]:
    """Live the particles' past once more, all of them together.

    Returns
    -------
    What is recorded of it; the log probability of the record; the states at the origin.
    """
    model = AlignmentModel(
        problem.scenario,
        members=luck.shape[2],
        seed=problem.seed,
        past=PastLuck(problem.seed, luck),
        parameters=parameters,
        facts=problem.facts,
    )
    with np.errstate(divide="raise", invalid="raise", over="raise", under="ignore"):
        told, total = lived(model, problem.months)
    states = model.states()
    model.dismiss()
    return told, total, states
