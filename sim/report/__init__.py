"""A run, or several beside one another, as one page to send: a file that loads nothing and runs no script."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sim.progress import Progress

if TYPE_CHECKING:
    from sim.results import Run

FILE = "report.html"
"""The page's name in the folder of its first run."""


def report(
    runs: Run | Sequence[Run],
    *,
    results: Path | str = "results",
    departures: bool = True,
    progress: Progress = None,
) -> str:
    """Return the page of a run, or of several with the first as baseline, as HTML.

    Parameters
    ----------
    results: the folder where the scorecard and the ledger of forecasts lie; without them the page says so.
    departures: of a single run, simulate the shipped scenarios that depart from its own, with the same members.
    progress: as of `sim.ensemble.simulate`: member-months simulated for what moves the answer.

    What moves the answer is simulated anew, so it is left out, with the reason, of a run that other code made.

    Raises ValueError if there is no run.
    """
    from sim.report.page import page
    from sim.results import Run

    given = [runs] if isinstance(runs, Run) else runs
    several = list({run.folder: run for run in given}.values())
    if not several:
        raise ValueError("a page needs a run at least")
    return page(several, Path(results), departures=departures, progress=progress)


def write_report(
    runs: Run | Sequence[Run],
    path: Path | str | None = None,
    *,
    results: Path | str = "results",
    departures: bool = True,
    progress: Progress = None,
) -> Path:
    """Write the page of `report` into a file, in the first run's folder if none is named, and return its path."""
    from sim.manifest import write_text
    from sim.results import Run

    first = runs if isinstance(runs, Run) else runs[0]
    if path is None and first.held is not None:
        raise ValueError("a run that is held in memory has no folder; name a file for its page")
    place = first.folder / FILE if path is None else Path(path)
    write_text(place, report(runs, results=results, departures=departures, progress=progress))
    return place
