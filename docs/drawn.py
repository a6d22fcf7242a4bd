"""What the figures of pages share: a sheet of panels below one another, and forecasts as bands."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.plots.style import FORECAST, INK, PAPER, QUIET, SMALL, TITLE

MARK: dict[str, Any] = {"color": FORECAST[2], "marker": "o", "linestyle": "", "markersize": 5.0}
HOLLOW = MARK | {"markerfacecolor": PAPER}
_WIDTH, _ROW, _HEAD, _TITLE, _LINE = 5.5, 0.18, 0.3, 0.23, 0.17
"""Inches: of the sheet; of a row of a panel, its heading, a line of the title, and of the key and the foot."""


def sheet(
    title: str, foot: str, rows: Sequence[float], *, key_rows: int = 2, **options: Any
) -> tuple[Figure, list[Axes]]:
    """Return a figure, and its panels from above; `rows` says how many rows high each is, and how many the key is."""
    above, below = textwrap.wrap(title, 50), textwrap.wrap(foot, 80)
    head, end = _TITLE * len(above) + _LINE * key_rows + 0.2, _LINE * len(below) + 0.1
    height = head + sum(rows) * _ROW + len(rows) * _HEAD + end
    figure = Figure(figsize=(_WIDTH, height), layout="constrained")
    figure.get_layout_engine().set(rect=(0.0, end / height, 1.0, 1.0 - (head + end) / height))
    figure.text(0.01, 1.0 - 0.05 / height, "\n".join(above), va="top", fontsize=TITLE, weight="bold")
    figure.text(0.01, 0.05 / height, "\n".join(below), va="bottom", fontsize=SMALL, color=QUIET)
    panels = figure.subplots(len(rows), 1, squeeze=False, height_ratios=rows, **options)[:, 0]
    for axes in panels:
        axes.spines[["top", "right", "bottom"]].set_visible(False)
        axes.tick_params(length=0, labelsize=SMALL, labelcolor=INK)
        axes.set_axisbelow(True)
    return figure, list(panels)


def name_rows(axes: Axes, names: Iterable[str], title: str = "") -> np.ndarray:
    """Head a panel and name its rows from above; return where they lie."""
    names = list(names)
    axes.set_title(title, loc="left", fontsize=SMALL, weight="bold")
    axes.set_yticks(range(len(names)), labels=names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    return np.arange(len(names))


def key(figure: Figure, columns: int = 2) -> Figure:
    """Set the key of what was drawn with a label below the title, and return the figure."""
    known = {
        label: handle
        for axes in figure.axes
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
    }
    _, low, _, high = figure.get_layout_engine().get()["rect"]
    place = {"loc": "lower left", "bbox_to_anchor": (0.0, low + high), "borderaxespad": 0.2}
    figure.legend(known.values(), known, ncols=columns, frameon=False, fontsize=SMALL, **place)
    return figure


def bands(axes: Axes, at: Any, rows: pd.DataFrame, *, whose: str = "", upright: bool = False) -> None:
    """Draw forecasts: bands of 90 and 50 per cent and the median, lying or upright."""
    lines, mark = (axes.vlines, "_") if upright else (axes.hlines, "|")
    lines(at, rows["low90"], rows["high90"], color=FORECAST[0], linewidth=2.6, label=f"{whose}90 %")
    lines(at, rows["low50"], rows["high50"], color=FORECAST[1], linewidth=5.0, label=f"{whose}50 %")
    middle = (at, rows["median"]) if upright else (rows["median"], at)
    axes.plot(*middle, mark, color=FORECAST[2], markersize=7, markeredgewidth=1.6, label=f"{whose}median")
