"""The command that opens the panel: tune."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.cli.errors import WRONG_INPUT, fail
from sim.cli.learning import ParticlesOption, SeedOption
from sim.cli.scenarios import scenario_of, shipped_names


def tune(
    scenario: Annotated[
        str,
        typer.Argument(
            metavar="SCENARIO",
            help="A scenario file, or the name of a shipped scenario.",
            autocompletion=shipped_names,
        ),
    ] = "today",
    members: Annotated[
        int, typer.Option(min=2, max=20_000, metavar="N", help="Possible histories: more answer later.")
    ] = 2000,
    particles: ParticlesOption = None,
    seed: SeedOption = 1,
    unlearned: Annotated[
        bool, typer.Option("--unlearned", help="Priors only: a belief too is answered at once.")
    ] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port on this machine; 0 takes a free one.")
    ] = 8765,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Open no page, print its address only.")
    ] = False,
) -> None:
    """Open the tuning panel: move interventions, beliefs and events in the browser, and see what changes.

    It needs the extra `panel`. The page is served to this machine alone, until Ctrl-C.
    """
    spec = scenario_of(scenario)
    try:
        from sim.widgets.serving import serve

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
        fail(str(error), status=WRONG_INPUT)
