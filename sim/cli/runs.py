"""Which run a command is about: a folder, the newest run of a scenario, or the newest of all."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.errors import READ, refuse, tell
from sim.names import nearest

if TYPE_CHECKING:
    from sim.results import Run

LATEST = "latest"
RESULTS = Path("results")


def load_run(name: str, output: Path) -> Run:
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
