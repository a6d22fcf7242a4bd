"""The commands that hand a run on: plot, report, export; and the one that opens a panel, tune."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

from sim.cli import options
from sim.cli.errors import drawing, refuse
from sim.cli.options import RESULTS, argument, flag, load_run, option
from sim.cli.scenarios import scenario_of

FIGURES = ("fan", "posture", "distribution", "sanctions", "questions", "ledger", "story")
"""The names of `sim.plots.FIGURES`, which loads Matplotlib: completion must not wait for it."""


def plot(
    name: options.Run,
    figure: Annotated[
        str,
        argument(
            "FIGURE", f"{', '.join(FIGURES[:-1])} or {FIGURES[-1]}.", autocompletion=lambda: list(FIGURES)
        ),
    ],
    variable: Annotated[
        str | None,
        option(
            "V",
            "What a fan or distribution is of: a target or a recorded variable.",
            default="a fan of cfsp_alignment, the distributions of all targets",
        ),
    ] = None,
    member: Annotated[int | None, option("K", "Which member a story is of, counted from 0.", min=0)] = None,
    save: Annotated[
        Path | None,
        option(
            "FILE",
            "Where to write it; the suffix says how: .png, .svg or .pdf.",
            default="PNG and SVG in the run's figures folder",
        ),
    ] = None,
    output: options.Output = RESULTS,
) -> None:
    """Draw one figure of a run and print where it was written."""
    from sim import plots
    from sim.gallery import own_paths

    run = load_run(name, output)
    with drawing():
        drawn = plots.draw(run, figure, variable, member)
        paths = [save] if save else own_paths(run, figure, variable, member)
        for path in paths:
            if not save:
                path.parent.mkdir(exist_ok=True)
            plots.save(drawn, path)
    print(*paths, sep="\n")


def report(
    folders: Annotated[
        list[str],
        argument(
            "RUN",
            "A run, as folder or by scenario's name; or several, the first being the baseline.",
            autocompletion=options.run_names,
        ),
    ],
    save: Annotated[
        Path | None,
        option("FILE", "Where to write the page.", default="report.html in the first run's folder"),
    ] = None,
    no_departures: Annotated[
        bool,
        flag(
            "--no-departures",
            "Of a single run: do not simulate the shipped scenarios that depart from its own.",
        ),
    ] = False,
    earlier: Annotated[
        list[datetime] | None,
        option(
            "DATE",
            "Ask the first run's questions as of this earlier day too, and keep the answers; repeatable.",
            formats=options.DAY,
        ),
    ] = None,
    output: options.Output = RESULTS,
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
    from sim.report.past import ask_earlier

    runs = [load_run(folder, output) for folder in folders]
    if save is not None and not save.parent.is_dir():
        refuse(f"{save}: there is no folder {save.parent}; make it first")
    try:
        for day in earlier or ():
            ask_earlier(runs[0], day.date(), output, progress=True)
    except ValueError as error:
        refuse(f"--earlier: {error}")
    print(write_report(runs, save, results=output, departures=not no_departures, progress=True))


def export(
    name: options.Run,
    what: Annotated[
        list[str] | None,
        argument(
            "[NAME]...", "Recorded quantities and parameters, of every member; or one of the run's tables."
        ),
    ] = None,
    save: Annotated[
        Path | None,
        option("FILE", "Write it here; the suffix says how: .csv or .parquet. Else CSV is printed."),
    ] = None,
    hub: Annotated[
        Path | None,
        option("DIR", "Write the forecasts as a hub of the Hubverse instead, or add them to one made so."),
    ] = None,
    output: options.Output = RESULTS,
) -> None:
    """Export what a run says for other programs: values of its members, a table, or its forecasts as a hub.

    Values have a row for each member and month, a table (forecast, questions, ranges, summary) its own rows. Text that
    a spreadsheet would take for a formula begins with an apostrophe in CSV. Parquet needs the extra `parquet`.

    A hub is a folder by the Hubverse's schemas, version 6.0.0: its configuration, this model's and the pooled
    forecasts, and what came by the record.
    """
    from sim.exports import as_csv, values_of, write, write_hub

    if (hub is None) == (not what) or (hub is not None and save is not None):
        refuse("name what to export, with --save FILE for a file; or --hub DIR alone")
    run = load_run(name, output)
    if hub is not None:
        print(*write_hub(run, hub), sep="\n")
    elif save is not None:
        write(values_of(run, what or []), save)
        print(save)
    else:
        print(as_csv(values_of(run, what or [])), end="")


def tune(
    scenario: options.Scenario = "today",
    members: Annotated[int, option("N", "Possible histories: more answer later.", min=2, max=20_000)] = 2000,
    particles: options.Particles = None,
    seed: options.Seed = 1,
    unlearned: Annotated[bool, flag("--unlearned", "Priors only: a belief too is answered at once.")] = False,
    port: Annotated[int, option(None, "Port on this machine; 0 takes a free one.", min=0, max=65535)] = 8765,
    no_browser: Annotated[bool, flag("--no-browser", "Open no page, print its address only.")] = False,
) -> None:
    """Open the tuning panel: move interventions, beliefs and events in the browser, and see what changes.

    It needs the extra `panel`. The page is served to this machine alone, until Ctrl-C.
    """
    spec = scenario_of(scenario)
    try:
        from sim.widgets import serve

        serve(
            port,
            browser=not no_browser,
            scenario=spec,
            members=members,
            particles=particles,
            seed=seed,
            learned=not unlearned,
        )
    except ModuleNotFoundError as error:
        if error.name != "solara":
            raise
        refuse(str(error))
