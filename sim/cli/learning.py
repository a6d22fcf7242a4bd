"""`serbia-sim assimilate`: learn from the record; and what every command that learns has in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from sim.cli import options
from sim.cli.errors import interrupted, refuse, tell
from sim.cli.options import option
from sim.cli.scenarios import own_record, record_in_words, scenario_of
from sim.cli.screen import beside, say, say_json, width, wrapped
from sim.words import counted, day_in_words, minus, signed

if TYPE_CHECKING:
    from sim.assimilation import Posterior
    from sim.observations import Record
    from sim.scenario import Scenario
    from sim.workers import Workers

_SHOWN = 12  # parameters: a dozen fits a screen, --json has all
_ENOUGH = 2048  # judgement: from here on an island has 128 particles
_JSON = ("particles", "islands", "seed", "resamplings", "least_effective_share", "log_evidence", "seconds")
_OF_PARAMETERS = ["name", "unit", "prior", "median", "low", "high", "shift", "sd_ratio"]
_INDENT = 24


@contextmanager
def at_work(workers: int, cluster: str | None) -> Iterator[Workers]:
    """Give who works while the block runs: processes of this machine, or a cluster."""
    if cluster is None:
        yield workers
        return
    from sim.cluster import connected

    with connected(cluster, workers=workers) as crew:
        yield crew


def assimilate(
    scenario: Annotated[
        str,
        options.argument(
            "[SCENARIO]",
            "A scenario file, or the name of a shipped scenario: its origin and its beliefs count.",
            autocompletion=options.shipped_names,
        ),
    ] = "march-2023",
    until: Annotated[
        datetime | None,
        option(
            "DATE", "Learn what was known on this day.", default="the scenario's as_of", formats=options.DAY
        ),
    ] = None,
    particles: options.Particles = None,
    seed: Annotated[
        int,
        option(
            "N",
            "Seed of the learning: `run` takes the same with --seed, or --learning-seed.",
            "--seed",
            "--learning-seed",
            callback=options.checked_seed,
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
    from sim.assimilation import (
        assimilate as learn,  # only now: a wrong call is told at once
        is_kept,
    )
    from sim.forecasting import RunOptions

    own = own_record(record, spec.as_of, spec.state)
    options = RunOptions(seed=seed, particles=particles, record=own)
    warn_of_few(particles)
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
    if as_json:
        say_json(_in_json(posterior, spec, place))
    else:
        said = f"{'Found' if known else 'Kept'}: {place}" if place else "Not kept."
        say([*_in_words(posterior, spec, own), "", said])


def learning_interrupted(folder: Path | None) -> str:
    """Return what is left of learning that was interrupted before its posterior was whole."""
    from sim.assimilation import parts_kept

    kept = "it is kept to its last resampling, the same call goes on"
    if folder is None or not parts_kept(folder):
        kept = "nothing of it is kept yet, the same call starts it anew"
    return f"interrupted while learning from the record; {kept}"


def warn_of_few(particles: int | None) -> None:
    """Say on standard error that so few particles learn badly, if they do."""
    if particles is not None and particles < _ENOUGH:
        tell(
            f"{particles} particles are few: what is learned, and the error told beside it, hang on their luck; "
            f"take {_ENOUGH:,} or more for use"
        )


def _until(spec: Scenario, day: date) -> Scenario:
    from sim.scenario import ScenarioError

    try:  # what is asked and what happens after the origin teach nothing
        return replace(spec, as_of=day, until=day + timedelta(days=1), events=(), questions=())
    except ScenarioError as error:
        refuse(f"--until {day}: {error}")


def _in_words(posterior: Posterior, spec: Scenario, own: Record | None) -> Iterator[str]:
    made = posterior.provenance
    islands = counted(made["islands"], "island")
    told = {
        "particles": f"{made['particles']:,} in {islands}, seed {made['seed']}",
        "record": "" if own is None else record_in_words(own, spec.as_of),
        "resamplings": f"{made['stages']}, least effective share {made['least_effective_share']:.2f}",
        "log evidence by island": f"{min(made['log_evidence']):.1f} to {max(made['log_evidence']):.1f}",
        "seconds": f"{made['seconds']:,.0f}",
    }
    yield from wrapped(spec.title)
    yield from wrapped(f"What the record says of the model, as known on {day_in_words(spec.as_of)}.")
    yield ""
    for what, words in told.items():
        yield from beside(what, words, _INDENT) if words else ()
    moved = posterior.summary().query("sd_ratio > 0")
    yield ""
    yield from wrapped(
        f"What moved most of {len(moved)} parameters (--json has all). Shift of the mean and what is left of the "
        "standard deviation, in standard deviations of the prior."
    )
    # name, prior, median, range, shift, sd: what a narrow terminal has no room for is left out, the prior first
    widths = (_INDENT, 21 if width() >= 80 else 0, 7, 17 if width() >= 60 else 0, 6, 5)
    yield _cells(("", "prior", "median", "nine in ten", "shift", "sd"), widths)
    for row in moved.sort_values("information", ascending=False).head(_SHOWN).itertuples():
        within = f"{_number(row.low)} to {_number(row.high)}"
        shift, left = signed(row.shift, 1), f"{row.sd_ratio:.2f}"
        yield _cells((row.Index, row.prior, _number(row.median), within, shift, left), widths)
    controls = posterior.controls()
    yield ""
    yield from wrapped(
        f"Negative controls, on which nothing depends: sd {controls['sd'].min():.2f} to {controls['sd'].max():.2f}. "
        "It is 1 where particles suffice, and far below where they are too few."
    )


def _cells(texts: Iterable[str], widths: Iterable[int]) -> str:
    """Return a row: two columns of words, then numbers; a column without width is left out."""
    cells = [
        f"{_cut(text, size):<{size}}" if place < 2 else text.rjust(size)
        for place, (text, size) in enumerate(zip(texts, widths, strict=True))
        if size
    ]
    return "".join(cells)


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
        "posterior": folder and str(folder),
        **{name: made[name] for name in _JSON},
        "parameters": summary[_OF_PARAMETERS].to_dict("records"),
        "controls": posterior.controls().reset_index().rename(columns={"control": "name"}).to_dict("records"),
    }
