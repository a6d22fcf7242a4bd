"""`serbia-sim assimilate` and `cache`: learning, and what is kept of it; what all commands that learn share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from sim.cli import options
from sim.cli.errors import interrupted, refuse
from sim.cli.options import day, flag, shipped
from sim.cli.scenarios import own_record, record_in_words, scenario_of
from sim.cli.screen import Part, answer, picked, table
from sim.words import counted, day_in_words, minus, signed

if TYPE_CHECKING:
    import pandas as pd

    from sim.assimilation import Posterior
    from sim.execution.cache import Entry
    from sim.execution.workers import Workers
    from sim.record.observations import Record
    from sim.scenario import Scenario

_SHOWN = 12  # parameters: a dozen fits a screen, --json has all
_JSON = ("particles", "islands", "seed", "resamplings", "least_effective_share", "log_evidence", "seconds")
_OF_PARAMETERS = ["name", "unit", "prior", "median", "low", "high", "shift", "sd_ratio"]
_NAME, _PRIOR = 23, 21  # columns of a parameter's name and prior


@contextmanager
def at_work(workers: int, cluster: str | None) -> Iterator[Workers]:
    """Give who works while the block runs: processes of this machine, or a cluster."""
    if cluster is None:
        yield workers
        return
    from sim.execution.cluster import connected

    with connected(cluster, workers=workers) as crew:
        yield crew


def assimilate(
    scenario: Annotated[
        str,
        shipped(
            "A scenario file, or the name of a shipped scenario: its origin and its beliefs count.",
            "[SCENARIO]",
        ),
    ] = "march-2023",
    until: Annotated[
        datetime | None, day("Learn what was known on this day.", show_default="the scenario's as_of")
    ] = None,
    particles: options.Particles = None,
    seed: Annotated[
        int,
        options.seed(
            "Seed of the learning: `run` takes the same with --seed, or --learning-seed.",
            "--seed",
            "--learning-seed",
        ),
    ] = 1,
    record: options.Record = None,
    beyond_record: options.BeyondRecord = False,
    workers: options.Workers = 1,
    cluster: options.Cluster = None,
    no_cache: options.NoCache = False,
    as_json: options.Json = False,
) -> None:
    """Learn from the record up to a scenario's origin, and keep what was learned: `run` goes on from it.

    It lies in the user's cache folder (`serbia-sim cache`), in a folder named by a digest of origin, beliefs,
    particles, seed, code and record: the same call finds it and does no work again.

    The JSON object has scenario, as_of, posterior (its folder, null if it is not kept), particles, islands, seed,
    resamplings, least_effective_share, log_evidence (by island), seconds, parameters (name, unit, prior, median, low,
    high, shift and sd_ratio: by how many prior standard deviations the mean moved, and what is left of one) and
    controls (name, mean, sd).
    """
    spec = scenario_of(scenario)
    if until is not None:
        spec = _until(spec, until.date())
    from sim.assimilation import assimilate as learn, is_kept  # only now: a wrong call is told at once
    from sim.forecasting import RunOptions

    own = own_record(record, spec.as_of, spec.state)
    options = RunOptions(seed=seed, particles=particles, record=own)
    folder = options.posterior_folder(spec)
    known = not no_cache and is_kept(folder)
    try:
        with at_work(workers, None if known else cluster) as crew:
            posterior = learn(
                spec,
                particles=options.size,
                seed=seed,
                workers=crew,
                cache=not no_cache,
                record=own,
                beyond_record=beyond_record,
                progress=True,
            )
    except KeyboardInterrupt as error:
        interrupted(error, learning_interrupted(None if no_cache else folder))
    place = folder if not no_cache and is_kept(folder) else None
    said = f"{'Found' if known else 'Kept'}: {place}" if place else "Not kept."
    answer(as_json, _in_json(posterior, spec, place), [*_in_words(posterior, spec, own), [[said]]])


def learning_interrupted(folder: Path | None) -> str:
    """Return what is left of learning that was interrupted before its posterior was whole."""
    from sim.assimilation import parts_kept

    kept = "it is kept to its last resampling, the same call goes on"
    if folder is None or not parts_kept(folder):
        kept = "nothing of it is kept yet, the same call starts it anew"
    return f"interrupted while learning from the record; {kept}"


def _until(spec: Scenario, day: date) -> Scenario:
    from sim.scenario import ScenarioError

    try:  # what is asked and what happens after the origin teach nothing
        return replace(spec, as_of=day, until=day + timedelta(days=1), events=(), questions=())
    except ScenarioError as error:
        refuse(f"--until {day}: {error}")


def _in_words(posterior: Posterior, spec: Scenario, own: Record | None) -> Iterator[Part]:
    moved, controls = posterior.summary().query("sd_ratio > 0"), posterior.controls()
    made = posterior.provenance
    islands = counted(made["islands"], "island")
    told = {
        "particles": f"{made['particles']:,} in {islands}, seed {made['seed']}",
        "record": "" if own is None else record_in_words(own, spec.as_of),
        "resamplings": f"{made['stages']}, least effective share {made['least_effective_share']:.2f}",
        "log evidence by island": f"{min(made['log_evidence']):.1f} to {max(made['log_evidence']):.1f}",
        "seconds": f"{made['seconds']:,.0f}",
    }
    yield [spec.title, f"What the record says of the model, as known on {day_in_words(spec.as_of)}."]
    yield [table(((what, words) for what, words in told.items() if words), prose=True)]
    yield [
        f"What moved most of {len(moved)} parameters (--json has all). Shift of the mean and what is left of the "
        "standard deviation, in standard deviations of the prior.",
        _table(moved.sort_values("information", ascending=False).head(_SHOWN)),
    ]
    yield (
        f"Negative controls, on which nothing depends: sd {controls['sd'].min():.2f} to {controls['sd'].max():.2f}. "
        "It is 1 where particles suffice, and far below where they are too few."
    )


def _table(moved: pd.DataFrame) -> list[str]:
    rows = [("", "prior", "median", "nine in ten", "shift", "sd")]
    for row in moved.itertuples():
        within = f"{_number(row.low)} to {_number(row.high)}"
        name, prior = _cut(row.Index, _NAME), _cut(row.prior, _PRIOR)
        rows.append((name, prior, _number(row.median), within, signed(row.shift, 1), f"{row.sd_ratio:.2f}"))
    return table(rows, "<<>", gap=" ")


def _number(value: float) -> str:
    """Return a number of three digits, or of two if it is small, so that it is at most seven signs wide."""
    return minus(f"{value:.2g}" if abs(value) < 0.1 else f"{value:.3g}")


def _cut(text: str, width: int) -> str:
    return text if len(text) < width else text[: width - 2] + "\N{HORIZONTAL ELLIPSIS}"


def _in_json(posterior: Posterior, spec: Scenario, folder: Path | None) -> dict[str, Any]:
    made = {**posterior.provenance, "resamplings": posterior.provenance["stages"]}
    summary = posterior.summary().reset_index().rename(columns={"parameter": "name"})
    return {
        "scenario": spec.name,
        "as_of": spec.as_of,
        "posterior": folder,
        **picked(made, *_JSON),
        "parameters": summary[_OF_PARAMETERS].to_dict("records"),
        "controls": posterior.controls().reset_index().rename(columns={"control": "name"}).to_dict("records"),
    }


def cache(
    clear: Annotated[bool, flag("--clear", "Remove all of it.")] = False,
    as_json: options.Json = False,
) -> None:
    """Show what was learned and is kept in the cache folder, with its size; --clear removes it.

    The environment variable SERBIA_SIM_CACHE names another folder, SERBIA_SIM_CACHE_GB how many gigabytes it may hold
    (5 if not given): what is longest unused goes then. What is removed is learned again at need; run folders are whole
    without it.

    The JSON object has folder, bytes, most_bytes, cleared and posteriors (digest, bytes, as_of, particles, seed, made,
    beliefs; null but for the first two where learning was interrupted).
    """
    from sim.execution.cache import clear as remove, entries, most_bytes, posteriors_folder

    folder = posteriors_folder(True)
    found = entries(folder)
    if clear:
        remove(folder)
    size, most = sum(each.size for each in found), most_bytes()
    keys = ("as_of", "particles", "seed", "made", "beliefs")
    told = [
        {"digest": each.digest, "bytes": each.size, **{key: (each.provenance or {}).get(key) for key in keys}}
        for each in found
    ]
    said = f"{len(found)} {'removed from' if clear else 'in'} {folder}, {size / 1e6:.1f} MB"
    said += "" if clear else f" of at most {most / 1e6:,.0f} MB"
    json = {"folder": folder, "bytes": size, "most_bytes": most, "cleared": clear, "posteriors": told}
    rows = [_HEADS, *map(_entry, found)] if found and not clear else []
    answer(as_json, json, [[table(rows, "<<>>><", prose=True)], said])


_HEADS = ("learned", "origin", "particles", "seed", "size", "made", "")


def _entry(entry: Entry) -> tuple[str, ...]:
    size = f"{entry.size / 1e6:.1f} MB"
    if entry.provenance is None:
        return entry.digest, "not finished", "", "", size, "", ""
    made = {"made": "", **entry.provenance}
    others = f"believing otherwise: {', '.join(made['beliefs'])}" if made["beliefs"] else ""
    origin, numbers = f"{made['as_of']}", (f"{made['particles']:,}", f"{made['seed']}", size)
    return entry.digest, origin, *numbers, f"{made['made']!s:.10}", others
