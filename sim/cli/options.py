"""How options are declared, and those that several commands take: each once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from sim.cli.runs import LATEST, RESULTS, scenarios_run


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
