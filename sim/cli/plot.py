"""`serbia-sim plot`: one figure of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.drawing import drawing
from sim.cli.runs import RESULTS, OutputOption, RunArgument, load_run

FIGURES = ("fan", "posture", "distribution", "sanctions", "questions", "ledger", "story")
"""The names of `sim.plots.FIGURES`, which loads Matplotlib: completion must not wait for it."""


def plot(
    name: RunArgument,
    figure: Annotated[
        str,
        typer.Argument(
            metavar="FIGURE",
            help=f"{', '.join(FIGURES[:-1])} or {FIGURES[-1]}.",
            autocompletion=lambda: list(FIGURES),
            show_default=False,
        ),
    ],
    variable: Annotated[
        str | None,
        typer.Option(
            metavar="V",
            help="What a fan or distribution is of: a target or a recorded variable.",
            show_default="a fan of cfsp_alignment, the distributions of all targets",
        ),
    ] = None,
    member: Annotated[
        int | None,
        typer.Option(
            min=0,
            metavar="K",
            help="Which member a story is of, counted from 0.",
            show_default=False,
        ),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Where to write it; the suffix says how: .png, .svg or .pdf.",
            show_default="PNG and SVG in the run's figures folder",
        ),
    ] = None,
    output: OutputOption = RESULTS,
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
