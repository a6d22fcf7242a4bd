"""The commands that make a run and step through it again: run, replay."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.errors import INTERRUPTED, WRONG_INPUT, fail
from sim.cli.headline import answers, headline
from sim.cli.learning import (
    INTERRUPTED_LEARNING,
    LEARNING,
    ParticlesOption,
    RecordOption,
    SeedOption,
    checked_seed,
    is_kept,
    own_record,
    warn_of_few,
)
from sim.cli.progress import progress, stages
from sim.cli.scenarios import ScenarioArgument, scenario_of

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
    seed: SeedOption = 1,
    output: Annotated[Path, typer.Option(help="Folder under which run folders are made.")] = Path("results"),
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="PARAM=VALUE",
            help="Hold a quantity or parameter at a value from the origin on; repeatable.",
        ),
    ] = None,
    particles: ParticlesOption = None,
    learning_seed: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            callback=checked_seed,
            help="Seed of the learning alone, as of `assimilate`.",
            show_default="that of --seed",
        ),
    ] = None,
    unlearned: Annotated[
        bool, typer.Option("--unlearned", help="Priors only: facts imposed, nothing learned.")
    ] = False,
    record: RecordOption = None,
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

    What the record says up to the scenario's origin is learned first; that takes minutes, once: it is kept under
    posteriors in the output folder, and every run of the same origin and beliefs goes on from it.

    The folder's name is a digest of scenario, settings, seed, members, what was learned, code and record: the same call
    finds its folder and does no work again.

    The JSON object has scenario, run, questions (id, probability, mcse; low and high are the range over what the record
    cannot settle, null if nothing was learned) and outcomes (median, low, high by target); with --against also against:
    the other's scenario and run, and what `compare --json` says of the two.
    """
    from sim.forecasting import forecast, run_folder
    from sim.results import is_finished, is_unfinished
    from sim.scenario import with_settings

    if unlearned and (particles is not None or learning_seed is not None):
        fail("--particles and --learning-seed learn, --unlearned does not; leave one out", status=WRONG_INPUT)
    spec = with_settings(scenario_of(scenario), settings or [])
    other = None if against is None else _comparable(scenario_of(against), spec, members)
    how: dict[str, Any] = {
        "particles": particles,
        "record": own_record(record, spec.as_of),
        "learning_seed": seed if learning_seed is None else learning_seed,
    }
    if not unlearned:
        warn_of_few(particles)
    asked = {"members": members, "seed": seed, "output": output, "learned": not unlearned, **how}
    known = is_finished(run_folder(spec, **asked))
    under_way = spec

    def make(wanted: Scenario) -> Run:
        nonlocal under_way
        under_way, place = wanted, run_folder(wanted, **asked)
        if is_unfinished(place) and not resume:
            print(f"{place} holds an interrupted run; starting anew (--resume would go on)", file=sys.stderr)
        with stages(*_work(wanted, asked)) as (learning, advance, judging):
            return forecast(
                wanted,
                **asked,
                workers=workers,
                resume=resume,
                progress=advance,
                learning=learning,
                judging=judging,
                command=shlex.join(["serbia-sim", *sys.argv[1:]]),
            )

    try:
        made = make(spec)
        compared = None if other is None else _compared(made, make(other))
        if not no_figures:
            _draw(made)
    except KeyboardInterrupt:
        fail(_interrupted(under_way, asked), status=INTERRUPTED)
    except OSError as error:
        fail(f"{error.filename or output}: {error.strerror or error}; choose another folder with --output")
    if as_json:
        print(json.dumps(answers(made, compared), indent=2))
    else:
        print(headline(made, compared, known=known))


def _work(wanted: Scenario, asked: dict[str, Any]) -> tuple[tuple[str, int], ...]:
    """Return what is to be done for a run, and how much of it: what was done before is nothing."""
    from sim.assimilation import learning_steps
    from sim.forecasting import judgement_steps, particles_of, run_folder
    from sim.results import is_finished

    members, learned = asked["members"], asked["learned"]
    steps = {LEARNING: 0, "simulating": 0, "asking what the record leaves open": 0}
    if not is_finished(run_folder(wanted, **asked)):
        if learned and not _learned_before(wanted, asked):
            steps[LEARNING] = learning_steps(wanted, particles_of(asked["particles"]))
        steps["simulating"] = members * (wanted.last_month + 1)
        steps["asking what the record leaves open"] = judgement_steps(wanted, members) if learned else 0
    return tuple(steps.items())


def _learned_before(wanted: Scenario, asked: dict[str, Any]) -> bool:
    from sim.forecasting import posterior_folder

    return is_kept(
        posterior_folder(
            wanted, **{name: asked[name] for name in ("output", "particles", "record", "learning_seed")}
        )
    )


def _interrupted(wanted: Scenario, asked: dict[str, Any]) -> str:
    from sim.forecasting import run_folder

    if asked["learned"] and not _learned_before(wanted, asked):
        return INTERRUPTED_LEARNING
    return f"interrupted; what is finished is kept in {run_folder(wanted, **asked)}, go on with --resume"


def replay(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.", show_default=False)],
    member: Annotated[int, typer.Option(min=0, help="Which member, counted from 0.")],
    trace: Annotated[bool, typer.Option("--trace", help="Tell its decisions month by month.")] = False,
) -> None:
    """Simulate one member of a run again, alone, and compare it with what the run stored."""
    import numpy as np

    from sim.contents import content_digest
    from sim.ensemble import begin_again, simulate_block
    from sim.facts import gather
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
        facts=gather(stored_run.record, stored_run.scenario.as_of),
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
