"""`serbia-sim report`: a run, or several beside one another, as one page to send."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.errors import WRONG_INPUT, fail
from sim.cli.runs import RESULTS, OutputOption, load_run, run_names


def report(
    folders: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN",
            help="A run, as folder or by scenario's name; or several, the first being the baseline.",
            autocompletion=run_names,
            show_default=False,
        ),
    ],
    save: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Where to write the page.",
            show_default="report.html in the first run's folder",
        ),
    ] = None,
    no_departures: Annotated[
        bool,
        typer.Option(
            "--no-departures",
            help="Of a single run: do not simulate the shipped scenarios that depart from its own.",
        ),
    ] = False,
    earlier: Annotated[
        list[datetime] | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            metavar="DATE",
            help="Ask the first run's questions as of this earlier day too, and keep the answers; repeatable.",
        ),
    ] = None,
    output: OutputOption = RESULTS,
) -> None:
    """Write one HTML page of a run that can be sent and read by itself; print where it is.

    The page has the answer in words and odds, the picture, a hundred single histories as dots with the story of each,
    what would raise and lower the answer, how the forecast changed, how good such forecasts were with the last misses
    first, what is not claimed, the assumptions with their sources, and how to make it again. Every chart and table has
    its source and its numbers to download. It loads nothing from elsewhere, runs no script, and prints.

    What moves the answer is simulated with the run's own members: each incentive switched off, and of a single run the
    shipped departures from its scenario, some seconds each. Of several runs the later ones are the departures; they
    stand side by side, with paired differences where they share their luck. Scorecard and ledger are read from the
    folder of --output; where one is missing the page says so.

    With --earlier what the record says up to that day is learned first, as `run` does. The run is kept in the folder of
    --output, SCENARIO-as-of-DATE, and every later page of the same run tells how the answer changed from there, with
    what the record has in between. The scenario's events, which are assumed at its own origin, are left out then.
    """
    from sim.report import write_report
    from sim.report.earlier import ask_earlier

    runs = [load_run(folder, output) for folder in folders]
    if save is not None and not save.parent.is_dir():
        fail(f"{save}: there is no folder {save.parent}; make it first", status=WRONG_INPUT)
    try:
        for day in earlier or ():
            ask_earlier(runs[0], day.date(), output, progress=True)
    except ValueError as error:
        fail(f"--earlier: {error}", status=WRONG_INPUT)
    print(write_report(runs, save, results=output, departures=not no_departures, progress=True))
