"""The commands that make a run and step through it again: run, replay."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.errors import WRONG_INPUT, fail
from sim.cli.scenarios import ScenarioArgument

if TYPE_CHECKING:
    from sim.results import Run

_MOST_MEMBERS = 1_000_000  # beyond it a run no longer fits a usual disk: about 20 kB a member


def run(
    scenario: ScenarioArgument,
    members: Annotated[
        int, typer.Option(min=1, max=_MOST_MEMBERS, help="Ensemble members: possible histories to simulate.")
    ] = 4096,
    seed: Annotated[int, typer.Option(help="Seed of all draws; the same seed gives the same numbers.")] = 1,
    output: Annotated[Path, typer.Option(help="Folder under which run folders are made.")] = Path("results"),
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="PARAM=VALUE",
            help="Hold a quantity or parameter at a value from the origin on; repeatable.",
        ),
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, help="Processes; the numbers are the same with any number.")
    ] = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an interrupted run.")] = False,
    no_figures: Annotated[bool, typer.Option("--no-figures", help="Draw nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of words.")] = False,
) -> None:
    """Forecast a scenario: write a run folder, print the headline answer and the folder's path.

    The folder's name is a digest of scenario, settings, seed, members, code and record: the same call finds its folder
    and does no work again.
    """
    from sim.forecasting import forecast, run_folder
    from sim.results import is_finished, is_unfinished
    from sim.scenario import read_scenario, with_settings

    spec = with_settings(read_scenario(scenario), settings or [])
    folder = run_folder(spec, members=members, seed=seed, output=output)
    if is_unfinished(folder) and not resume:
        print(f"{folder} holds an interrupted run; starting anew (--resume would go on)", file=sys.stderr)
    known = is_finished(folder)
    try:
        with _progress(members * (spec.last_month + 1), "simulating", hidden=known) as advance:
            made = forecast(
                spec,
                members=members,
                seed=seed,
                output=output,
                workers=workers,
                resume=resume,
                progress=advance,
                command=" ".join(["serbia-sim", *sys.argv[1:]]),
            )
        if not no_figures and not (made.folder / "figures").exists():
            _draw(made)
    except KeyboardInterrupt:
        fail(f"interrupted; what is finished is kept in {folder}, go on with --resume", status=130)
    except OSError as error:
        fail(f"{error.filename or output}: {error.strerror or error}; choose another folder with --output")
    print(json.dumps(_as_json(made), indent=2) if as_json else _headline(made, known=known))


def replay(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.", show_default=False)],
    member: Annotated[int, typer.Option(min=0, help="Which member, counted from 0.")],
    trace: Annotated[bool, typer.Option("--trace", help="Tell its decisions month by month.")] = False,
) -> None:
    """Simulate one member of a run again, alone, and compare it with what the run stored."""
    import numpy as np

    from sim.ensemble import simulate_block
    from sim.forecasting import content_digest
    from sim.narration import tell
    from sim.results import Run

    try:
        stored_run = Run.load(folder)
    except FileNotFoundError as error:
        fail(str(error), status=WRONG_INPUT)
    members = stored_run.provenance["members"]
    if member >= members:
        fail(f"{folder}: no member {member}; the run has members 0 to {members - 1}", status=WRONG_INPUT)
    if stored_run.provenance["content"] != content_digest():
        print(
            "the code or the record has changed since this run was made; numbers may differ", file=sys.stderr
        )
    again = simulate_block(
        stored_run.scenario, luck=np.array([member], dtype=np.int64), seed=stored_run.provenance["seed"]
    )
    stored = stored_run.data.isel(member=member)
    differing = [
        name
        for name, values in again.values.items()
        if not np.array_equal(values[0], stored[name].to_numpy(), equal_nan=True)
    ]
    if trace:
        before = None
        for month in range(stored_run.scenario.last_month + 1):
            values = {name: float(column[0, month]) for name, column in again.values.items()}
            print(tell(values, before, month), end="\n\n")
            before = values
    compared = sum(values.size for values in again.values.values())
    if differing:
        fail(f"member {member}: {', '.join(differing)} differ from what {folder} stored")
    print(f"member {member}: all {compared:,} numbers equal to those stored in {folder / 'members.zarr'}")


@contextmanager
def _progress(total: int, what: str, *, hidden: bool) -> Iterator[Callable[[int], None]]:
    """Show a bar on a terminal, on standard error; nothing in a pipe."""
    if hidden or not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.advance(task, done)


def _draw(made: Run) -> None:
    from sim.plots import write_figures

    with _progress(1, "drawing", hidden=False) as advance:
        write_figures(made)
        advance(1)


def _headline(made: Run, *, known: bool) -> str:
    """Return the answer in words: the scenario's questions with probability and Monte Carlo error."""
    import textwrap

    spec = made.scenario
    lines = [
        spec.title,
        f"As known on {spec.as_of:%-d %B %Y}; {made.provenance['members']:,} simulated histories to "
        f"{spec.until:%-d %B %Y}, seed {made.provenance['seed']}.",
        "Nothing is learned from the record yet: these are prior probabilities, with their Monte Carlo error.",
        "",
    ]
    for row in made.table("questions"):
        probability = _percent(float(row["probability"]), float(row["mcse"]))
        text = textwrap.wrap(row["text"], 78 - 20)
        lines.append(f"{probability:<20}{text[0]}")
        lines += [" " * 20 + more for more in text[1:]]
    if not spec.questions:
        lines += [f"{row['target']} {row['category']}".ljust(28) + _outcome(row) for row in _last(made)]
    return "\n".join([*lines, "", f"{'Found' if known else 'Written'}: {made.folder}"])


def _percent(probability: float, mcse: float) -> str:
    return f"{100 * probability:5.1f} % \u00b1 {100 * mcse:.1f}"


def _last(made: Run) -> list[dict[str, str]]:
    rows = made.table("summary")
    return [row for row in rows if row["date"] == rows[-1]["date"]]


def _outcome(row: dict[str, str]) -> str:
    if not row["median"]:
        return _percent(float(row["mean"]), float(row["mcse"]))
    return f"{float(row['median']):.3g}, nine in ten from {float(row['low']):.3g} to {float(row['high']):.3g}"


def _as_json(made: Run) -> dict[str, Any]:
    def number(text: str) -> float | None:
        return float(text) if text else None

    return {
        "scenario": made.provenance["scenario"],
        "run": str(made.folder),
        "questions": [
            {"id": row["id"], **{key: number(row[key]) for key in ("probability", "mcse", "low", "high")}}
            for row in made.table("questions")
        ],
        "outcomes": {
            row["target"]: {key: number(row[key]) for key in ("median", "low", "high")}
            for row in _last(made)
            if row["median"]
        },
    }
