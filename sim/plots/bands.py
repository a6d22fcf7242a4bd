"""What is drawn over months: the ensemble's median and bands, and strips of what held for a while."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from sim.plots.page import measure, width_of
from sim.plots.series import Series
from sim.plots.style import FORECAST, INK, PAPER, PAST, POSTURE, QUIET, RULE, SMALL, TRACK
from sim.results import Run
from sim.words import position

_OF_A_WINDOW = 0.8
"""Width of a box, in its window."""


def band_key() -> list[tuple[Artist, str]]:
    """Return the key of the forecast's bands: each sample with its words."""
    wide, narrow, middle = FORECAST
    return [
        (Line2D([], [], color=middle, linewidth=1.8), "median"),
        (Patch(color=narrow), "half of the histories"),
        (Patch(color=wide), "nine in ten"),
    ]


def bands(axes: Axes, subject: Series, origin: float, *, ahead: bool, outer: bool = True) -> None:
    """Draw the bands and the median, on an axis of months, before the origin or `ahead` of it.

    A figure of a year or half-year is a box over its window: in the forecast if it comes out there.

    Parameters
    ----------
    origin: where it stands on the axis. outer: whether to draw the band of 90 per cent.
    """
    wide, narrow, middle = FORECAST if ahead else PAST
    if subject.span:
        _boxes(axes, subject, ahead=ahead)
        return
    ends = subject.months + 1.0
    low, lower, median, upper, high = subject.bands
    step: Literal["pre"] | None = "pre" if subject.kind == "count" else None
    drawn: list[Artist] = [
        axes.fill_between(ends, lower, upper, color=narrow, linewidth=0, step=step, zorder=1.1),
        *axes.plot(ends, median, color=middle, linewidth=1.8, drawstyle=drawn_as(subject), zorder=2),
    ]
    if outer:
        drawn.append(axes.fill_between(ends, low, high, color=wide, linewidth=0, step=step, zorder=1))
    clip(axes, drawn, *((origin, ends[-1]) if ahead else (0.0, origin)))


def clip(axes: Axes, drawn: Iterable[Artist], first: float, last: float) -> None:
    """Leave of artists what lies between two places on the axis of months."""
    bottom, top = axes.get_ylim()
    window = Rectangle((first, bottom), last - first, top - bottom, transform=axes.transData)
    for artist in drawn:
        artist.set_clip_path(window)


def _boxes(axes: Axes, subject: Series, *, ahead: bool) -> None:
    which = subject.ahead == ahead
    middles, width = subject.places[which], _OF_A_WINDOW * subject.window
    low, lower, median, upper, high = subject.bands[:, which]
    wide, narrow, line = FORECAST if ahead else PAST
    axes.bar(middles, high - low, width, low, color=wide, linewidth=0, zorder=1)
    axes.bar(middles, upper - lower, width, lower, color=narrow, linewidth=0, zorder=1.1)
    axes.hlines(median, middles - width / 2.0, middles + width / 2.0, color=line, linewidth=1.8, zorder=2)


def drawn_as(subject: Series) -> Literal["steps-pre", "default"]:
    """Return how a line of this quantity goes from month to month: a count in steps."""
    return "steps-pre" if subject.kind == "count" else "default"


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
