"""The ensemble over time: the median, and the bands of half and of nine in ten histories."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from sim.plots.palette import FORECAST, PAST
from sim.plots.series import Series

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
