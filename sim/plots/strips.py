"""Strips on an axis of months: what held for a while, named where its name fits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from sim.plots.page import measure, width_of
from sim.plots.palette import INK, PAPER, POSTURE, QUIET, RULE, SMALL, TRACK
from sim.results import Run
from sim.words import position

HATCH = "////"

_COLOURS = POSTURE | {
    "peace": TRACK,
    "frozen": RULE,
    "full-scale war": QUIET,
    "ceasefire": RULE,
    "in force": POSTURE["opponent"],
}
_DARK = ("ally", "full-scale war")
_SHORT = {"full-scale war": "war"}


@dataclass(frozen=True)
class Span:
    """A stretch of months, the last one included, in which something held."""

    first: int
    last: int
    name: str


def spans(months: Iterable[tuple[int, str]]) -> list[Span]:
    """Return the stretches of (month, name) that have one name; those without a name are left out."""
    stretches = [(name, [month for month, _ in of]) for name, of in groupby(months, key=lambda each: each[1])]
    return [Span(of[0], of[-1], name) for name, of in stretches if name]


def strip(run: Run, axes: Axes, held: Iterable[Span], *, hatched: bool = False) -> None:
    """Draw spans as a strip, each named where its name fits, on the wider side of the origin's line.

    Parameters
    ----------
    hatched: as what was not known at the origin; without names.
    """
    begin, end = axes.get_xlim()
    scale = width_of(axes) / (end - begin)
    at = position(run.scenario.as_of)
    for span in held:
        first, last = float(span.first), span.last + 1.0
        style: dict[str, Any] = {"facecolor": _COLOURS[span.name], "edgecolor": PAPER, "linewidth": 0.8}
        box = Rectangle((first, 0.0), last - first, 1.0, hatch=HATCH if hatched else None, **style)
        axes.add_patch(box)
        if hatched:
            outline = {"facecolor": "none", "edgecolor": INK}
            axes.add_patch(Rectangle((first, 0.0), last - first, 1.0, **style | outline))
            continue
        if first < at < last:
            first, last = (first, at) if at - first > last - at else (at, last)
        names = (span.name, _SHORT.get(span.name, span.name))
        if fitting := [name for name in names if measure(name, SMALL) + 4.0 < (last - first) * scale]:
            words = axes.text(
                (first + last) / 2.0, 0.47, fitting[0], ha="center", va="center", fontsize=SMALL
            )
            words.set_color(PAPER if span.name in _DARK else INK)
