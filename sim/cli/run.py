"""`serbia-sim run`: from a scenario to a run folder and the answer."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from sim.cli import options
from sim.cli.errors import READ, draw_all, fail, interrupted, refuse, tell
from sim.cli.headline import headline, headline_in_json
from sim.cli.learning import at_work, learning_interrupted
from sim.cli.options import RESULTS, flag, option
from sim.cli.scenarios import own_record, scenario_of
from sim.cli.screen import answer, picked

if TYPE_CHECKING:
    from sim.execution.cache import Cache
    from sim.execution.workers import Workers
    from sim.forecasting import RunOptions
    from sim.runs.results import Run
    from sim.scenario import Scenario

_MOST_MEMBERS = 1_000_000  # beyond it a run no longer fits a usual disk: about 2 kB a member


def run(
    scenario: options.Scenario,
    members: Annotated[
        int | None,
        option(
            "N",
            "Ensemble members: possible histories to simulate; with --precision at most so many.",
            show_default="4096; 131072",
            min=1,
            max=_MOST_MEMBERS,
        ),
    ] = None,
    precision: Annotated[
        float | None,
        option(
            "P",
            "Go on until every question's interval, nine in ten, reaches at most P either way (0.01: one point).",
            min=0.001,
            max=0.5,
        ),
    ] = None,
    seed: options.Seed = 1,
    output: Annotated[Path, option(None, "Folder under which run folders are made.")] = RESULTS,
    settings: Annotated[
        list[str] | None,
        option(
            "PARAM=VALUE", "Hold a quantity or parameter at a value from the origin on; repeatable.", "--set"
        ),
    ] = None,
    particles: options.Particles = None,
    learning_seed: Annotated[
        int | None,
        options.seed("Seed of the learning alone, as of `assimilate`.", show_default="that of --seed"),
    ] = None,
    unlearned: Annotated[bool, flag("--unlearned", "Priors only: facts imposed, nothing learned.")] = False,
    record: options.Record = None,
    beyond_record: options.BeyondRecord = False,
    workers: options.Workers = 1,
    cluster: options.Cluster = None,
    no_cache: options.NoCache = False,
    against: Annotated[
        str | None,
        option("SCENARIO", "Compare with this one, run with the same members and seed but without --set."),
    ] = None,
    keep: Annotated[
        Literal["outcomes", "all"] | None,
        option(
            "outcomes|all",
            "Keep every recorded variable of the members, or those of answers, tables and figures.",
            show_default="all of up to 20,000 members, outcomes of more",
        ),
    ] = None,
    on_error: options.Failing = "stop",
    no_figures: options.NoFigures = False,
    as_json: options.Json = False,
) -> None:
    """Forecast a scenario: write a run folder, print the headline answer and the folder's path.

    What the record says up to the scenario's origin is learned first; that takes half a minute or more, once: it is
    kept in the user's cache folder (`serbia-sim cache`), and every run of the same origin and beliefs goes on from it.

    The folder's name is a digest of scenario, settings, seed, members, what was learned, code and record: the same call
    finds its folder and does no work again; after an interruption it goes on with what was finished; of two at once one
    waits. A figure that cannot be drawn is told on standard error; the answers stand, and the status is 0. If blocks
    failed with --on-error continue, it is told which and why, and the status is 1.

    With --precision members are added until it is reached, and particles doubled if --particles does not fix them;
    where neither will do, the answers are given, standard error says how near they came, and the status is 1.

    The JSON object has scenario, run, days_beyond_record (from the record's end to the origin), questions (id,
    probability, mcse; low and high are the range over what the record cannot settle, null if nothing was learned;
    pooled is the pooled forecast's probability, null where it has none) and
    outcomes (median, low, high by target); with --against also against: the other's scenario and run, and what
    `compare --json` says of the two.
    """
    from sim.execution.cache import lasting
    from sim.scenario import with_settings

    if unlearned and (particles is not None or learning_seed is not None):
        refuse("--particles and --learning-seed learn, --unlearned does not; leave one out")
    spec = with_settings(scenario_of(scenario), settings or [])
    other = None if against is None else _comparable(scenario_of(against), spec, members)
    if precision is not None and not spec.questions:
        refuse(f"--precision: {spec.name} asks no question that it could be of")
    from sim.contrasts import contrast
    from sim.forecasting import RunOptions, forecast, members_of  # only now: a wrong call is told at once
    from sim.runs.results import is_finished

    asked = RunOptions(
        members=members_of(members, precision),
        seed=seed,
        precision=precision,
        learned=not unlearned,
        particles=particles,
        learning_seed=learning_seed,
        record=own_record(record, spec.as_of, spec.state),
        keep=keep,
    )
    if keep is None and asked.kept == "outcomes":
        kept = "kept are the variables of answers, tables and figures; --keep all keeps every one"
        tell(f"{asked.members:,} members: {kept}")
    known = is_finished(asked.folder(spec, output))
    under_way = spec

    def make(wanted: Scenario, cache: Cache, crew: Workers) -> Run:
        nonlocal under_way
        under_way = wanted
        return forecast(
            wanted,
            **vars(asked),
            output=output,
            beyond_record=beyond_record,
            workers=crew,
            cache=cache,
            on_error=on_error,
            progress=True,
            command=shlex.join(["serbia-sim", *sys.argv[1:]]),
        )

    try:
        with (
            lasting(not no_cache) as cache,
            at_work(workers, None if known and not other else cluster) as crew,
        ):
            made = make(spec, cache, crew)
            READ.append(made.folder)
            if precision is not None:  # what it took is taken for both: as many members, learned from as much
                took = made.provenance["precision"]
                asked = replace(
                    asked, **picked(took, "members", "particles"), precision=None, keep=asked.kept
                )
            compared = None if other is None else contrast(made, make(other, cache, crew))
    except KeyboardInterrupt as error:
        interrupted(error, _interrupted(under_way, asked, output, kept=not no_cache))
    except OSError as error:
        fail(f"{error.filename or output}: {error.strerror or error}; choose another folder with --output")
    answer(as_json, headline_in_json(made, compared), headline(made, compared, known=known))
    if not no_figures:
        _draw(made)
    if precision is not None and not (reached := made.provenance["precision"])["met"]:
        fail(_short_of(reached))


def _short_of(reached: dict[str, Any]) -> str:
    """Return how near a precision came that was not reached, and what would bring it nearer."""
    wanted, found, of_filter = (f"{100 * reached[name]:.2g}" for name in ("wanted", "reached", "of_filter"))
    filters = (
        f", of which {of_filter} are the filter's with {reached['particles']:,} particles: more --particles lessen "
        "that, more members do not"
        if reached["of_filter"] > 0.5 * reached["reached"]
        else "; allow more --members"
    )
    return (
        f"a precision of {wanted} points is not reached: the interval of {reached['question']} reaches {found} points "
        f"either way with {reached['members']:,} members{filters}"
    )


def _interrupted(wanted: Scenario, asked: RunOptions, output: Path, *, kept: bool) -> str:
    from sim.assimilation import is_kept
    from sim.runs.storing import is_unfinished

    place = asked.folder(wanted, output)
    if asked.learned and not is_unfinished(place):
        folder = asked.posterior_folder(wanted)
        if not kept or not is_kept(folder):
            return learning_interrupted(folder if kept else None)
    return f"interrupted; what is finished is kept in {place}, the same call goes on with it"


def _draw(made: Run) -> None:
    """Draw what the run folder lacks of its figures; Matplotlib is loaded only if it lacks any."""
    from sim.runs.gallery import Choice, missing_figures

    def draw(figure: Choice) -> None:
        from sim.plots import write_figures

        write_figures(made, [figure])

    try:
        draw_all({" of ".join(filter(None, each)): partial(draw, each) for each in missing_figures(made)})
    except KeyboardInterrupt as error:
        interrupted(error, "interrupted while drawing; the run is whole, and the same call draws the rest")


def _comparable(other: Scenario, spec: Scenario, members: int | None) -> Scenario:
    """Return the other scenario, or end the command if the two could not be compared; nothing is simulated then."""
    if other.as_of != spec.as_of:
        refuse(
            f"--against {other.name}: its origin is {other.as_of}, that of {spec.name} {spec.as_of}; "
            "compare scenarios with one origin"
        )
    if members == 1:
        refuse("--against: an interval needs --members 2 at least")
    return other


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
