"""Make a forecast: find the run that answers it, or simulate it, and write its folder."""

from __future__ import annotations

import hashlib
import json
import platform
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from sim.forecasting.questions import answer, write_answers
from sim.forecasting.samples import published_variables
from sim.forecasting.summary import write_summary
from sim.forecasting.table import forecast_rows, write_rows
from sim.results import Run, Store, is_finished
from sim.scenario import Scenario, read_scenario, to_toml

if TYPE_CHECKING:
    import xarray as xr

DEFAULT_MEMBERS = 4096
DEFAULT_SEED = 1

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
    store = Store(folder, members, resume=resume)
    (folder / "scenario.toml").write_text(to_toml(spec), encoding="utf-8")
    data = simulate(spec, members=members, seed=seed, workers=workers, store=store, progress=progress)
    simulated = time.perf_counter()
    _write_tables(data[published_variables()].load(), spec, folder)
    store.finish(
        {
            "software": {"serbia-sim": version("serbia-sim")} | {name: version(name) for name in _LIBRARIES},
            "environment": {"python": platform.python_version(), "system": platform.platform()},
            "command": command or "sim.forecasting.forecast",
            "content": content_digest(),
            "scenario": spec.name,
            "title": spec.title,
            "as_of": str(spec.as_of),
            "until": str(spec.until),
            "posterior": "none: priors, nothing learned from the record yet",
            "parameters": {
                name: entry.prior.describe() for name, entry in sorted(spec.parameter_set().items())
            },
            "members": members,
            "seed": seed,
            "workers": workers,
            "seconds": {
                "simulating": round(simulated - begun, 2),
                "tables": round(time.perf_counter() - simulated, 2),
            },
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
        }
    )
    return Run.load(folder)


@cache
def content_digest() -> str:
    """Return a digest of the package's code, tables and record."""
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*")):
        if path.suffix in _CONTENT and path.is_file():
            digest.update(path.relative_to(_PACKAGE).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _write_tables(data: xr.Dataset, scenario: Scenario, folder: Path) -> None:
    write_rows(forecast_rows(data, scenario), folder / "forecast.csv")
    answers = [answer(data, question, scenario) for question in scenario.questions]
    write_answers(answers, folder / "questions.csv")
    write_summary(data, scenario, folder / "summary.csv")
