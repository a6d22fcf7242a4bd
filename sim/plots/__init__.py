"""Figures: one function each, from a run to a Matplotlib figure whose title says what was found.

The functions share nothing with Matplotlib's `pyplot`: a figure is an object that the caller shows or saves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from matplotlib.figure import Figure

from sim.names import unknown
from sim.plots.answers import contrast as contrast, questions as questions
from sim.plots.distribution import distribution as distribution
from sim.plots.fan import fan as fan, ledger as ledger
from sim.plots.parameters import learned as learned, tornado as tornado
from sim.plots.scorecard import scorecard as scorecard
from sim.plots.series import FigureError as FigureError
from sim.plots.shares import posture as posture, sanctions as sanctions
from sim.plots.story import story as story
from sim.plots.style import FORMATS as FORMATS, save as save
from sim.runs.gallery import Choice, default_figures, own_paths
from sim.runs.results import Run

_OF_A_RUN = (fan, posture, distribution, sanctions, questions, ledger, story)

FIGURES: Mapping[str, Callable[..., Figure]] = MappingProxyType({each.__name__: each for each in _OF_A_RUN})
"""Every figure of a run by the name that the command knows."""

OF_A_VARIABLE = frozenset({"fan", "distribution"})
"""The figures that take a variable as their second argument."""

OF_A_MEMBER = frozenset({"story"})
"""The figures that need a member as their second argument."""


def draw(run: Run, name: str, variable: str | None = None, member: int | None = None) -> Figure:
    """Return a figure by its name, of a variable where it takes one, of a member where it needs one.

    Raises FigureError if there is no such figure, variable or member, or the figure takes none.
    """
    if name not in FIGURES:
        raise FigureError(unknown("figure", name, sorted(FIGURES)))
    for kind, given, of in (("variable", variable, OF_A_VARIABLE), ("member", member, OF_A_MEMBER)):
        if given is not None and name not in of:
            raise FigureError(f"{name} takes no {kind}; these do: {', '.join(sorted(of))}")
    if name in OF_A_MEMBER and member is None:
        last = run.provenance["members"] - 1
        raise FigureError(f"{name} is of one member: say which, --member 0 to {last}")
    chosen = [argument for argument in (variable, member) if argument is not None]
    return FIGURES[name](run, *chosen)


def write_figures(run: Run, chosen: Sequence[Choice] | None = None) -> list[Path]:
    """Draw figures into the run's folder, as PNG and SVG, and return the paths.

    Parameters
    ----------
    chosen: figures with their variables; the set that every run folder has if not given.
    """
    written = []
    for name, variable in default_figures(run) if chosen is None else chosen:
        figure = draw(run, name, variable)
        for path in own_paths(run, name, variable):
            path.parent.mkdir(exist_ok=True)
            save(figure, path)
            written.append(path)
    return written
