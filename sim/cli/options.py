"""What commands are told: which run one is about, and the options that several take, each declared once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from sim.cli.errors import READ, refuse, tell
from sim.names import InputError, nearest, rows_of

if TYPE_CHECKING:
    from sim.runs import results

LATEST = "latest"
RESULTS = Path("results")


def load_run(name: str, output: Path) -> results.Run:
    """Return the run that is meant, or end the command; which of several it is is told on standard error."""
    return load_runs([name], output)[0]


def load_runs(names: Sequence[str], output: Path) -> list[results.Run]:
    """Return the runs that are meant, the first as baseline of the others, as `run_folders` finds them."""
    from sim.runs.results import Run

    found = [Run.load(folder) for folder in run_folders(names, output)]
    READ.extend(run.folder for run in found)
    return found


def run_folders(names: Sequence[str], output: Path) -> list[Path]:
    """Return the folders that are meant, whether or not they are runs; ends the command if a name has none.

    Of several runs of a name it is the newest that can be compared with the others member by member, or the newest if
    none can; which it is is told on standard error.
    """
    known = [_known_as(name, output) for name in names]
    # whoever says the latest means no other
    taken = _paired(
        [found[:1] if name == LATEST else found for name, found in zip(names, known, strict=True)]
    )
    for folder, folders in zip(taken, known, strict=True):
        if len(folders) > 1:
            which = (
                "the newest" if folder == folders[0] else "the newest that can be compared member by member,"
            )
            tell(f"{folder}, {which} of {len(folders)} runs")
    return taken


def _paired(known: Sequence[Sequence[Path]]) -> list[Path]:
    """Return one of each name's folders: the first that can be compared with most others, and of these the newest."""
    if len(known) == 1 or max(map(len, known)) == 1:
        return [folders[0] for folders in known]
    from sim.contrasts import refusals
    from sim.runs.results import Run

    look = cache(Run.unchecked)

    def partner(folders: Sequence[Path], first: Path) -> Path | None:
        for folder in folders:
            with suppress(InputError, OSError):  # what is no run is told when it is taken
                if not refusals(look(folder), look(first)):
                    return folder
        return None

    firsts, *others = known
    first = max(firsts, key=lambda each: sum(partner(folders, each) is not None for folders in others))
    return [first, *(partner(folders, first) or folders[0] for folders in others)]


def _known_as(name: str, output: Path) -> list[Path]:
    """Return the folders that a name may stand for, the newest first; ends the command if there is none."""
    given = Path(name)
    if (given / "provenance.json").exists():
        return [given]
    # a scenario's file stands for its runs
    named = output / (given.stem if given.suffix == ".toml" else name)
    for place in (given, named, *([output] if name == LATEST else [])):
        if runs := finished(place):
            return runs
    if unfinished := [path.parent for place in (given, named) for path in place.glob("*/unfinished.json")]:
        return unfinished[:1]
    if not given.is_dir() and len(given.parts) == 1:
        known = scenarios_run(output)
        if near := nearest(name, known):
            todo = f"did you mean {near!r}?"
        else:
            todo = "`serbia-sim run` makes one" + (f"; there are runs of {', '.join(known)}" if known else "")
        refuse(f"{name}: neither a run folder nor a scenario with a run in {output}; {todo}")
    return [given]  # reading it tells what it lacks


def finished(folder: Path) -> list[Path]:
    """Return the finished runs in a folder, of a scenario or of several, the newest first."""
    found = [path.parent for depth in ("*", "*/*") for path in folder.glob(f"{depth}/provenance.json")]
    # a scorecard has a provenance too, and what was learned
    made = (path for path in found if (path / "scenario.toml").exists())
    return newest_first(path for path in made if not (path / "unfinished.json").exists())


def newest_first(folders: Iterable[Path]) -> list[Path]:
    """Return run folders, the newest first: by their provenance, and within a millisecond by its file's time."""

    def made(folder: Path) -> tuple[str, float]:
        path = folder / "provenance.json"
        try:
            when = str(json.loads(path.read_text(encoding="utf-8"))["made"])
        except (ValueError, KeyError, TypeError):
            when = ""
        return when, path.stat().st_mtime

    return sorted(folders, key=made, reverse=True)


def scenarios_run(output: Path) -> list[str]:
    """Return the scenarios that have runs in a folder."""
    return sorted({path.parent.name for path in finished(output)})


def option(metavar: str | None, words: str, *names: str, **more: Any) -> Any:
    """Return an option that takes a value; `show_default` may say in words what stands where none is given."""
    return typer.Option(*names, metavar=metavar, help=words, **more)


def day(words: str, *names: str, **more: Any) -> Any:
    """Return an option that takes a date."""
    return option("DATE", words, *names, formats=["%Y-%m-%d"], **more)


def seed(words: str, *names: str, **more: Any) -> Any:
    """Return an option that takes a seed."""
    return option("N", words, *names, callback=_checked_seed, **more)


def flag(name: str, words: str) -> Any:
    """Return an option that is there or not."""
    return typer.Option(name, help=words)


def argument(metavar: str, words: str, **more: Any) -> Any:
    """Return an argument."""
    return typer.Argument(metavar=metavar, help=words, **more)


def runs(words: str, metavar: str = "RUN") -> Any:
    """Return an argument that names runs; the scenarios that have some are completed."""
    return argument(metavar, words, autocompletion=_run_names)


def shipped(words: str, metavar: str = "SCENARIO") -> Any:
    """Return an argument that names scenarios; the shipped ones are completed."""
    return argument(metavar, words, autocompletion=shipped_names)


def _run_names(ctx: typer.Context) -> list[str]:
    return [*scenarios_run(ctx.params.get("output") or RESULTS), LATEST]


def questions_run(ctx: typer.Context) -> list[str]:
    """Return the ids of the questions of the first run named, or of the latest, for the completion of options."""
    output = ctx.params.get("output") or RESULTS
    name = next(iter(ctx.params.get("folders") or ctx.args), LATEST)
    for folder in (Path(name), *finished(output if name == LATEST else output / name)):
        if (folder / "questions.csv").exists():
            with (folder / "questions.csv").open(encoding="utf-8", newline="") as file:
                return [row["id"] for row in rows_of(file)]
    return []


def shipped_names() -> list[str]:
    """Return the shipped scenarios' names, for the completion of arguments."""
    from sim.scenario import shipped_scenarios

    return list(shipped_scenarios())


def _checked_seed(given: int | None) -> int | None:
    from sim.draws.randomness import valid_seed

    try:
        return given if given is None else valid_seed(given)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


Run = Annotated[str, runs("A run folder; or a scenario's name, for its newest run; or latest.")]
Scenario = Annotated[str, shipped("A scenario file, or the name of a shipped scenario.")]
Output = Annotated[
    Path, option("DIR", "Folder under which runs are found by name.", "--output", is_eager=True)
]
Ledger = Annotated[Path, option("DIR", "Folder of the ledger.", "--ledger")]
Json = Annotated[bool, flag("--json", "Print one JSON object instead of words.")]
NoFigures = Annotated[bool, flag("--no-figures", "Draw nothing.")]
Particles = Annotated[
    int | None, option("N", "Particles that learn from the record.", show_default="4096", min=16)
]
Seed = Annotated[int, seed("Seed of all draws, from 0 on; the same seed gives the same numbers.")]
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
    Literal["stop", "continue"],
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
