"""The commands that make a run and step through it again: run, replay."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.compare import in_json, in_words, named
from sim.cli.errors import WRONG_INPUT, fail
from sim.cli.progress import progress
from sim.cli.scenarios import ScenarioArgument

if TYPE_CHECKING:
    from sim.contrasts import Contrast
    from sim.results import Run
    from sim.scenario import Scenario

_FEWEST_COMPARED = 2  # members: one alone has no interval
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
    against: Annotated[
        str | None,
        typer.Option(
            metavar="SCENARIO",
            help="Compare with this one, run with the same members and seed but without --set.",
            show_default=False,
        ),
    ] = None,
    no_figures: Annotated[bool, typer.Option("--no-figures", help="Draw nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of words.")] = False,
) -> None:
    """Forecast a scenario: write a run folder, print the headline answer and the folder's path.

    The folder's name is a digest of scenario, settings, seed, members, code and record: the same call finds its folder
    and does no work again.

    The JSON object has scenario, run, questions (id, probability, mcse, low, high) and outcomes (median, low, high by
    target); with --against also against: the other's scenario and run, and what `compare --json` says of the two.
    """
    from sim.forecasting import forecast, run_folder
    from sim.results import is_finished, is_unfinished
    from sim.scenario import read_scenario, with_settings

    spec = with_settings(read_scenario(scenario), settings or [])
    other = None if against is None else _comparable(read_scenario(against), spec, members)
    folder = run_folder(spec, members=members, seed=seed, output=output)
    known = is_finished(folder)

    def make(wanted: Scenario) -> Run:
        place = run_folder(wanted, members=members, seed=seed, output=output)
        if is_unfinished(place) and not resume:
            print(f"{place} holds an interrupted run; starting anew (--resume would go on)", file=sys.stderr)
        with progress(members * (wanted.last_month + 1), "simulating", hidden=is_finished(place)) as advance:
            return forecast(
                wanted,
                members=members,
                seed=seed,
                output=output,
                workers=workers,
                resume=resume,
                progress=advance,
                command=" ".join(["serbia-sim", *sys.argv[1:]]),
            )

    try:
        made = make(spec)
        compared = None if other is None else _compared(made, make(other))
        if not no_figures:
            _draw(made)
    except KeyboardInterrupt:
        fail(f"interrupted; what is finished is kept in {folder}, go on with --resume", status=130)
    except OSError as error:
        fail(f"{error.filename or output}: {error.strerror or error}; choose another folder with --output")
    if as_json:
        print(json.dumps(_as_json(made, compared), indent=2))
    else:
        print(_headline(made, compared, known=known))


def replay(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.", show_default=False)],
    member: Annotated[int, typer.Option(min=0, help="Which member, counted from 0.")],
    trace: Annotated[bool, typer.Option("--trace", help="Tell its decisions month by month.")] = False,
) -> None:
    """Simulate one member of a run again, alone, and compare it with what the run stored."""
    import numpy as np

    from sim.contents import content_digest
    from sim.ensemble import begin_again, simulate_block
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
    number = np.array([member], dtype=np.int64)
    begin = begin_again(stored_run.data)
    again = simulate_block(
        stored_run.scenario,
        luck=number,
        seed=stored_run.provenance["seed"],
        start=None if begin is None else begin(number),
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


def _draw(made: Run) -> None:
    """Draw what the run folder lacks of its figures; Matplotlib is loaded only if it lacks any."""
    from sim.gallery import missing_figures

    missing = missing_figures(made)
    if not missing:
        return
    from sim.plots import write_figures

    with progress(len(missing), "drawing", hidden=False) as advance:
        for figure in missing:
            write_figures(made, [figure])
            advance(1)


def _comparable(other: Scenario, spec: Scenario, members: int) -> Scenario:
    """Return the other scenario, or end the command if the two could not be compared; nothing is simulated then."""
    if other.as_of != spec.as_of:
        fail(
            f"--against {other.name}: its origin is {other.as_of}, that of {spec.name} {spec.as_of}; "
            "compare scenarios with one origin",
            status=WRONG_INPUT,
        )
    if members < _FEWEST_COMPARED:
        fail("--against: an interval needs --members 2 at least", status=WRONG_INPUT)
    return other


def _compared(made: Run, baseline: Run) -> Contrast:
    from sim.contrasts import contrast

    return contrast(made, baseline)


def _headline(made: Run, compared: Contrast | None, *, known: bool) -> str:
    """Return the answer in words: the scenario's questions with probability and Monte Carlo error."""
    import textwrap

    from sim.scenario.words import event_in_words

    spec = made.scenario
    lines = [
        spec.title,
        f"As known on {spec.as_of:%-d %B %Y}; {made.provenance['members']:,} simulated histories to "
        f"{spec.until:%-d %B %Y}, seed {made.provenance['seed']}.",
        "Nothing is learned from the record yet: these are prior probabilities, with their Monte Carlo error.",
    ]
    # what --against shows in full need not stand here too
    if compared is None:
        lines += [f"Assumed {event_in_words(event)} ({event.source})." for event in spec.events]
    lines.append("")
    for row in made.table("questions"):
        probability = _percent(float(row["probability"]), float(row["mcse"]))
        text = textwrap.wrap(row["text"], 78 - 20)
        lines.append(f"{probability:<20}{text[0]}")
        lines += [" " * 20 + more for more in text[1:]]
    if not spec.questions:
        lines += [f"{row['target']} {row['category']}".ljust(28) + _outcome(row) for row in _last(made)]
    if compared is not None:
        lines += ["", in_words(compared), "", f"Compared with: {compared.baseline.folder}"]
    else:
        lines.append("")
    return "\n".join([*lines, f"{'Found' if known else 'Written'}: {made.folder}"])


def _percent(probability: float, mcse: float) -> str:
    return f"{100 * probability:5.1f} % \u00b1 {100 * mcse:.1f}"


def _last(made: Run) -> list[dict[str, str]]:
    rows = made.table("summary")
    return [row for row in rows if row["date"] == rows[-1]["date"]]


def _outcome(row: dict[str, str]) -> str:
    if not row["median"]:
        return _percent(float(row["mean"]), float(row["mcse"]))
    return f"{float(row['median']):.3g}, nine in ten from {float(row['low']):.3g} to {float(row['high']):.3g}"


def _as_json(made: Run, compared: Contrast | None) -> dict[str, Any]:
    def number(text: str) -> float | None:
        return float(text) if text else None

    more = {}
    if compared is not None:
        more["against"] = {**named(compared.baseline), **in_json(compared)}
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
        **more,
    }
