"""The commands on a finished run: plot, report and export hand it on, verify and replay make its numbers again."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

from sim.cli import options
from sim.cli.errors import drawing, fail, refuse, tell
from sim.cli.options import RESULTS, argument, day, flag, load_run, load_runs, option, run_folders, runs
from sim.cli.screen import say, wrapped

FIGURES = ("fan", "posture", "distribution", "sanctions", "questions", "ledger", "story")
"""The names of `sim.plots.FIGURES`, which loads Matplotlib: completion must not wait for it."""

_TOLD = 20


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
            show_default="a fan of cfsp_alignment, the distributions of all targets",
        ),
    ] = None,
    member: Annotated[int | None, option("K", "Which member a story is of, counted from 0.", min=0)] = None,
    save: Annotated[
        Path | None,
        option(
            "FILE",
            "Where to write it; the suffix says how: .png, .svg or .pdf.",
            show_default="PNG and SVG in the run's figures folder",
        ),
    ] = None,
    output: options.Output = RESULTS,
) -> None:
    """Draw one figure of a run and print where it was written."""
    from sim import plots
    from sim.runs.gallery import own_paths

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
        list[str], runs("A run, as folder or by scenario's name; or several, the first being the baseline.")
    ],
    save: Annotated[
        Path | None,
        option("FILE", "Where to write the page.", show_default="report.html in the first run's folder"),
    ] = None,
    question: Annotated[
        str | None,
        option(
            "ID",
            "Which of the first run's questions the page begins with.",
            show_default="the latest about an opponent",
            autocompletion=options.questions_run,
        ),
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
        day("Ask the first run's questions as of this earlier day too, and keep the answers; repeatable."),
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
    stand side by side, with paired differences where they share their luck. Where a scenario has several runs, the
    newest that do are taken. Scorecard and ledger are read from the folder of --output; where one is missing the page
    says so.

    With --earlier what the record says up to that day is learned first, as `run` does. The run is kept in the folder of
    --output, SCENARIO-as-of-DATE, and every later page of the same run tells how the answer changed from there, with
    what the record has in between. The scenario's events, which are assumed at its own origin, are left out then.
    """
    from sim.contrasts import refusals
    from sim.report import hold_asked, write_report
    from sim.report.past import ask_earlier

    found = load_runs(folders, output)
    hold_asked(found[0], question)
    for run in found[1:]:
        if reasons := refusals(run, found[0]):
            tell(f"{run.folder} is not compared history by history: {'; '.join(reasons)}")
    if save is not None and not save.parent.is_dir():
        refuse(f"{save}: there is no folder {save.parent}; make it first")
    try:
        for earlier_day in earlier or ():
            ask_earlier(found[0], earlier_day.date(), output, progress=True)
    except ValueError as error:
        refuse(f"--earlier: {error}")
    options_of_page = {"results": output, "question": question, "departures": not no_departures}
    print(write_report(found, save, **options_of_page, progress=True))


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


def verify(
    name: options.Run,
    members: Annotated[int, option("N", "Live at most this many members again.", min=1)] = 16,
    seed: Annotated[int, option("N", "Seed by which they are chosen.", min=0)] = 1,
    output: options.Output = RESULTS,
) -> None:
    """Hold a run against its hashes and make its numbers again; say which differ.

    Every file is held against the manifest; a sample of members is lived again; tables, digests and priors are computed
    again, so that what was changed together with its hash is found too. What was learned is compared where the cache
    still has it. Figures are not looked at.

    The status is 0 if all is whole, 1 if something differs, and 2 if it is no run, or other code made it.
    """
    from sim.contrasts.reproduction import verify as verified

    (folder,) = run_folders([name], output)
    found = verified(folder, members=members, seed=seed, progress=True)
    if found.differences:
        say([wrapped(f"{difference}.", more="    ") for difference in found.differences[:_TOLD]])
        more = len(found.differences) - _TOLD
        fail(f"{folder}: not as it was made" + (f"; {more:,} more differ" if more > 0 else ""))
    if not found.comparable:
        refuse(
            f"{folder}: all {found.files:,} files are as they were written, but other code or another record made this "
            "run; its numbers can be made again only with these"
        )
    learned = {
        None: "",
        True: " What was learned is what the cache holds.",
        False: " What was learned is not in the cache and was not compared.",
    }[found.posterior]
    say(
        f"{folder}: whole. {found.files:,} files are as they were written; {found.members:,} members lived again, "
        f"{found.numbers:,} numbers equal; {found.cells:,} cells of tables recomputed, all equal.{learned}"
    )


def replay(
    name: options.Run,
    member: Annotated[int, option("K", "Which member, counted from 0.", min=0)],
    trace: Annotated[bool, flag("--trace", "Tell its decisions month by month.")] = False,
    output: options.Output = RESULTS,
) -> None:
    """Simulate one member of a run again, alone, and compare it with what the run stored."""
    import numpy as np

    from sim.forecasting.ensemble import live_again
    from sim.model.narration import tell as told
    from sim.record.country import content_of

    run = load_run(name, output)
    members = run.provenance["members"]
    if member >= members:
        refuse(f"{run.folder}: no member {member}; the run has members 0 to {members - 1}")
    if run.provenance["content"] != content_of(run.scenario.state):
        tell("the code or the record has changed since this run was made; numbers may differ")
    again, stored = live_again(run, member), run.data.isel(member=member)
    kept = [name for name in again if name in stored]
    months = stored.sizes["month"]
    if trace:
        before = None
        for month in range(run.scenario.last_month + 1):
            values = {name: float(column[month]) for name, column in again.items()}
            narrated = told(values, before, month, run.country).splitlines()
            say([*(wrapped(line, more="    ") for line in narrated), [""]])
            before = values
    alike = {name: np.array_equal(again[name][-months:], stored[name], equal_nan=True) for name in kept}
    if differing := [name for name in kept if not alike[name]]:
        fail(f"member {member}: {', '.join(differing)} differ from what {run.folder} stored")
    place = run.folder / "members.zarr"
    say(f"member {member}: all {len(kept) * months:,} numbers equal to those stored in {place}")
