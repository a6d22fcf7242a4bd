"""Make a forecast: find the run that answers it, or simulate it, and write its folder."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import platform
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from sim.forecasting.questions import answer, write_answers
from sim.forecasting.samples import published_variables
from sim.forecasting.summary import write_summary
from sim.forecasting.table import forecast_rows, write_rows
from sim.results import Held, Run, Store, is_finished
from sim.scenario import Scenario, read_scenario, to_toml

if TYPE_CHECKING:
    import xarray as xr

DEFAULT_MEMBERS = 4096
DEFAULT_SEED = 1

TABLES = ("forecast", "questions", "summary")
"""The tables of a run."""

_PACKAGE = Path(__file__).parents[1]
_CONTENT = (".py", ".toml", ".json", ".csv")
_LIBRARIES = ("mesa", "numpy", "scipy", "xarray", "zarr")


def run_folder(scenario: Scenario, *, members: int, seed: int, output: Path) -> Path:
    """Return where a run lies: ``<output>/<scenario>/<digest>``.

    The digest covers the resolved scenario, the seed, the number of members and the content of code and record: the
    same call finds its folder, and any change that could move a number finds another.
    """
    asked = json.dumps([to_toml(scenario), members, seed, content_digest()])
    return output / scenario.name / hashlib.blake2b(asked.encode(), digest_size=6).hexdigest()


def forecast(
    scenario: Scenario | str,
    *,
    members: int = DEFAULT_MEMBERS,
    seed: int = DEFAULT_SEED,
    output: Path | str = "results",
    workers: int = 1,
    resume: bool = False,
    progress: Callable[[int], None] | None = None,
    command: str | None = None,
    save: bool = True,
) -> Run:
    """Forecast a scenario and return the run; one that exists is found and not made again.

    Parameters
    ----------
    scenario: a scenario, or the name or path of one.
    members: ensemble members, at least 1. seed: of all draws. workers: processes.
    output: folder under which run folders lie.
    resume: go on with what an interrupted run left, instead of starting anew.
    progress: called with the number of member-months done since the last call, see `sim.ensemble.simulate`.
    command: what was typed, for the provenance.
    save: write the run folder; else the run is held in memory, in half the time, and gone with the session.

    Raises
    ------
    sim.scenario.ScenarioError: if the scenario file is not valid; nothing is written then.
    ValueError: if `members` or `workers` is below 1.
    """
    if members < 1 or workers < 1:
        raise ValueError(f"members and workers are counted from 1, got {members} and {workers}")
    spec = read_scenario(scenario) if isinstance(scenario, str) else scenario
    folder = run_folder(spec, members=members, seed=seed, output=Path(output))
    if is_finished(folder):
        return Run.load(folder)
    from sim.ensemble import simulate

    begun = time.perf_counter()
    provenance = partial(_provenance, spec, members=members, seed=seed, workers=workers, command=command)
    if not save:
        data = simulate(spec, members=members, seed=seed, workers=workers, progress=progress)
        made = provenance(seconds={"simulating": time.perf_counter() - begun})
        return Run(folder, made, Held(data, spec, partial(_table, data=data, scenario=spec)))
    store = Store(folder, members, resume=resume)
    (folder / "scenario.toml").write_text(to_toml(spec), encoding="utf-8")
    data = simulate(spec, members=members, seed=seed, workers=workers, store=store, progress=progress)
    simulated = time.perf_counter()
    _write_tables(data[published_variables()].load(), spec, folder)
    seconds = {"simulating": simulated - begun, "tables": time.perf_counter() - simulated}
    store.finish(provenance(seconds=seconds))
    return Run.load(folder)


@cache
def content_digest() -> str:
    """Return a digest of the package's code, tables and record."""
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*")):
        if path.suffix in _CONTENT and path.is_file():
            digest.update(path.relative_to(_PACKAGE).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _provenance(
    spec: Scenario, *, members: int, seed: int, workers: int, command: str | None, seconds: dict[str, float]
) -> dict[str, Any]:
    return {
        "software": {"serbia-sim": version("serbia-sim")} | {name: version(name) for name in _LIBRARIES},
        "environment": {"python": platform.python_version(), "system": platform.platform()},
        "command": command or "sim.forecasting.forecast",
        "content": content_digest(),
        "scenario": spec.name,
        "title": spec.title,
        "as_of": str(spec.as_of),
        "until": str(spec.until),
        "posterior": "none: priors, nothing learned from the record yet",
        "parameters": {name: entry.prior.describe() for name, entry in sorted(spec.parameter_set().items())},
        "members": members,
        "seed": seed,
        "workers": workers,
        "seconds": {task: round(taken, 2) for task, taken in seconds.items()},
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _write_tables(data: xr.Dataset, scenario: Scenario, folder: Path) -> None:
    for name in TABLES:
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            _write_table(name, data, scenario, file)


def _write_table(name: str, data: xr.Dataset, scenario: Scenario, file: TextIO) -> None:
    match name:
        case "forecast":
            write_rows(forecast_rows(data, scenario), file)
        case "questions":
            write_answers([answer(data, question, scenario) for question in scenario.questions], file)
        case "summary":
            write_summary(data, scenario, file)
        case _:
            raise ValueError(f"a run has no table {name!r}; it has {', '.join(TABLES)}")


def _table(name: str, *, data: xr.Dataset, scenario: Scenario) -> list[dict[str, str]]:
    """Return a table as it would be read from the run folder."""
    text = io.StringIO(newline="")
    _write_table(name, data, scenario, text)
    return list(csv.DictReader(io.StringIO(text.getvalue(), newline="")))
