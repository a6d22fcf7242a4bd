"""Figures: one function each, from a run to a Matplotlib figure whose title says what was found.

The functions share nothing with Matplotlib's `pyplot`: a figure is an object that the caller shows or saves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from matplotlib.figure import Figure

from sim.catalogue import targets
from sim.plots.distribution import distribution
from sim.plots.fan import fan
from sim.plots.posture import posture
from sim.plots.questions import questions
from sim.plots.saving import FORMATS, save
from sim.plots.series import FigureError, unknown
from sim.results import Run

__all__ = [
    "FIGURES",
    "FORMATS",
    "OF_A_VARIABLE",
    "FigureError",
    "distribution",
    "draw",
    "fan",
    "own_paths",
    "posture",
    "questions",
    "save",
    "write_figures",
]

FIGURES: Mapping[str, Callable[..., Figure]] = MappingProxyType(
    {"fan": fan, "posture": posture, "distribution": distribution, "questions": questions}
)
"""Every figure by the name that the command knows."""

OF_A_VARIABLE = frozenset({"fan", "distribution"})
"""The figures that take a variable as their second argument."""

_DEFAULT: tuple[tuple[str, str | None], ...] = (
    ("fan", "cfsp_alignment"),
    ("fan", "un_position"),
    ("fan", "eu_support"),
    ("fan", "chapters_opened"),
    ("fan", "gas_discount"),
    ("posture", None),
    ("distribution", None),
    ("questions", None),
)


def draw(run: Run, name: str, variable: str | None = None) -> Figure:
    """Return a figure by its name, of a variable where it takes one.

    Raises
    ------
    FigureError: if there is no such figure or variable, or the figure takes no variable.
    """
    if name not in FIGURES:
        raise FigureError(unknown("figure", name, FIGURES))
    if variable is None:
        return FIGURES[name](run)
    if name not in OF_A_VARIABLE:
        raise FigureError(f"{name} takes no variable; these do: {', '.join(sorted(OF_A_VARIABLE))}")
    return FIGURES[name](run, variable)


def own_paths(run: Run, name: str, variable: str | None = None) -> list[Path]:
    """Return where a figure lies in the run's own folder, as PNG and SVG; the folder is made if need be."""
    folder = run.folder / "figures"
    folder.mkdir(exist_ok=True)
    if name == "fan" and variable is None:
        variable = targets()[0]
    stem = name if variable is None else f"{name}-{variable}"
    return [folder / f"{stem}.png", folder / f"{stem}.svg"]


def write_figures(run: Run) -> list[Path]:
    """Draw the default set into the run's folder, as PNG and SVG, and return the paths.

    Without questions there is no figure of them.
    """
    asked = bool(run.scenario.questions)
    chosen = [(name, variable) for name, variable in _DEFAULT if asked or name != "questions"]
    drawn = [draw(run, name, variable) for name, variable in chosen]
    written = []
    for figure, (name, variable) in zip(drawn, chosen, strict=True):
        for path in own_paths(run, name, variable):
            save(figure, path)
            written.append(path)
    return written
