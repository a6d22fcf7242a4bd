"""`serbia-sim plot`: one figure of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.errors import WRONG_INPUT, fail


def figure_names() -> list[str]:
    """Return the figures' names, for the completion of arguments."""
    from sim.plots import FIGURES

    return list(FIGURES)


def plot(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.", show_default=False)],
    figure: Annotated[
        str,
        typer.Argument(
            metavar="FIGURE",
            help="fan, posture, distribution, sanctions, questions, ledger or story.",
            autocompletion=figure_names,
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
) -> None:
    """Draw one figure of a run and print where it was written."""
    from sim import plots
    from sim.gallery import own_paths
    from sim.results import Run

    try:
        run = Run.load(folder)
        drawn = plots.draw(run, figure, variable, member)
        paths = [save] if save else own_paths(run, figure, variable, member)
        for path in paths:
            if not save:
                path.parent.mkdir(exist_ok=True)
            plots.save(drawn, path)
    except (FileNotFoundError, plots.FigureError) as error:
        fail(str(error), status=WRONG_INPUT)
    print(*paths, sep="\n")
