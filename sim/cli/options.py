"""What commands are told: which run one is about, and the options that several take, each declared once."""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.errors import READ, refuse, tell
from sim.names import nearest

if TYPE_CHECKING:
    from sim import results

LATEST = "latest"
RESULTS = Path("results")


def load_run(name: str, output: Path) -> results.Run:
    """Return the run that is meant, or end the command; which of several it is is told on standard error."""
    from sim.results import Run

    run = Run.load(run_folder_of(name, output))
    READ.append(run.folder)
    return run


def run_folder_of(name: str, output: Path) -> Path:
    """Return the folder that is meant, whether or not it is a run; ends the command if there is none of the name."""
    given = Path(name)
    if (given / "provenance.json").exists():
        return given
    # a scenario's file stands for its runs
    named = output / (given.stem if given.suffix == ".toml" else name)
    for place in (given, named, *([output] if name == LATEST else [])):
        if runs := finished(place):
            if len(runs) > 1:
                tell(f"{runs[0]}, the newest of {len(runs)} runs")
            return runs[0]
    if unfinished := [path.parent for place in (given, named) for path in place.glob("*/unfinished.json")]:
        return unfinished[0]
    if not given.is_dir() and len(given.parts) == 1:
        known = scenarios_run(output)
        if near := nearest(name, known):
            todo = f"did you mean {near!r}?"
        else:
            todo = f"there are runs of {', '.join(known)}" if known else "`serbia-sim run` makes one"
        refuse(f"{name}: neither a run folder nor a scenario with a run in {output}; {todo}")
    return given  # reading it tells what it lacks


def finished(folder: Path) -> list[Path]:
    """Return the finished runs in a folder, of a scenario or of several, the newest first."""
    found = [path.parent for depth in ("*", "*/*") for path in folder.glob(f"{depth}/provenance.json")]
    # what former versions learned lies in folders of that name
    return newest_first(
        path for path in found if path.parent.name != "posteriors" and not (path / "unfinished.json").exists()
    )


def newest_first(folders: Iterable[Path]) -> list[Path]:
    """Return run folders by when they were made, the newest first."""
    return sorted(folders, key=_made, reverse=True)


def _made(folder: Path) -> tuple[str, float]:
    """Return when a run was made: by its provenance, and within a millisecond by the file's time."""
    path = folder / "provenance.json"
    try:
        made = str(json.loads(path.read_text(encoding="utf-8"))["made"])
    except (ValueError, KeyError, TypeError):
        made = ""
    return made, path.stat().st_mtime


def scenarios_run(output: Path) -> list[str]:
    """Return the scenarios that have runs in a folder."""
    return sorted({path.parent.name for path in finished(output)})


def option(metavar: str | None, words: str, *names: str, default: str = "", **more: Any) -> Any:
    """Return an option that takes a value; `default` says in words what stands where it is not given."""
    if default:
        more["show_default"] = default
    return typer.Option(*names, metavar=metavar, help=words, **more)


def flag(name: str, words: str) -> Any:
    """Return an option that is there or not."""
    return typer.Option(name, help=words)


def argument(metavar: str, words: str, **more: Any) -> Any:
    """Return an argument."""
    return typer.Argument(metavar=metavar, help=words, **more)


def run_names(ctx: typer.Context) -> list[str]:
    """Return the scenarios that have runs, for the completion of arguments."""
    return [*scenarios_run(ctx.params.get("output") or RESULTS), LATEST]


def shipped_names() -> list[str]:
    """Return the shipped scenarios' names, for the completion of arguments."""
    from sim.scenario import shipped_scenarios

    return list(shipped_scenarios())


def checked_seed(given: int | None) -> int | None:
    """Return a seed as it was given, or end the command if it can be none."""
    from sim.randomness import valid_seed

    try:
        return given if given is None else valid_seed(given)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


class OnError(StrEnum):
    """What happens to the rest when a part fails, as of `sim.workers.OnError`."""

    STOP = "stop"
    CONTINUE = "continue"


DAY = ["%Y-%m-%d"]
"""How a day is written."""

Run = Annotated[
    str,
    argument(
        "RUN", "A run folder; or a scenario's name, for its newest run; or latest.", autocompletion=run_names
    ),
]
Scenario = Annotated[
    str,
    argument("SCENARIO", "A scenario file, or the name of a shipped scenario.", autocompletion=shipped_names),
]
Output = Annotated[
    Path, option("DIR", "Folder under which runs are found by name.", "--output", is_eager=True)
]
Ledger = Annotated[Path, option("DIR", "Folder of the ledger.", "--ledger")]
Json = Annotated[bool, flag("--json", "Print one JSON object instead of words.")]
NoFigures = Annotated[bool, flag("--no-figures", "Draw nothing.")]
Particles = Annotated[
    int | None, option("N", "Particles that learn from the record.", default="4096", min=16)
]
Seed = Annotated[
    int,
    option("N", "Seed of all draws, from 0 on; the same seed gives the same numbers.", callback=checked_seed),
]
Workers = Annotated[
    int, option("N", "Workers, each on a core; the numbers are the same with any number.", min=1)
]
Cluster = Annotated[
    str | None,
    option(
        "ADDRESS",
        "Work on the Dask cluster with this scheduler, as tcp://host:8786, or on one of this machine: local.",
    ),
]
NoCache = Annotated[bool, flag("--no-cache", "Learn again, and keep nothing of what is learned.")]
Failing = Annotated[
    OnError,
    option(
        None,
        "Where a block of members, or an origin, fails: stop, or continue with the others and tell in the end.",
    ),
]
Record = Annotated[
    Path | None,
    option(
        "DIR",
        "Folder of CSV files that add to the shipped record: observations, or facts by table (docs/data.md).",
    ),
]
State = Annotated[
    str, option("STATE", "Whose record: a shipped state, or the path of a state's folder.", "--state")
]
BeyondRecord = Annotated[
    bool,
    flag(
        "--beyond-record",
        "Take an origin after the record's end: what happened between is simulated, and shown grey.",
    ),
]
