"""The ensemble over time: the median, and the bands of half and of nine in ten histories."""

from __future__ import annotations

from typing import Any, Literal

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from sim.plots.series import Series


def bands(
    axes: Axes,
    subject: Series,
    colours: tuple[str, str, str],
    between: tuple[float, float],
    *,
    outer: bool = True,
) -> None:
    """Draw the bands and the median as far as they lie between two places on the axis of months.

    Parameters
    ----------
    colours: of the band of 90 per cent, the band of 50, the median. outer: whether to draw the band of 90.
    """
    ends = subject.months + 1.0
    low, lower, median, upper, high = subject.bands
    step: Literal["pre"] | None = "pre" if subject.kind == "count" else None
    wide, narrow, middle = colours
    marker: dict[str, Any] = {"marker": "_", "markersize": 7, "markeredgewidth": 1.8} if subject.span else {}
    drawn: list[Artist] = [
        axes.fill_between(ends, lower, upper, color=narrow, linewidth=0, step=step, zorder=1.1),
        *axes.plot(
            ends, median, color=middle, linewidth=1.8, drawstyle=drawn_as(subject), zorder=2, **marker
        ),
    ]
    if outer:
        drawn.append(axes.fill_between(ends, low, high, color=wide, linewidth=0, step=step, zorder=1))
    bottom, top = axes.get_ylim()
    window = Rectangle((between[0], bottom), between[1] - between[0], top - bottom, transform=axes.transData)
    for artist in drawn:
        artist.set_clip_path(window)


def drawn_as(subject: Series) -> Literal["steps-pre", "default"]:
    """Return how a line of this quantity goes from month to month: a count in steps."""
    return "steps-pre" if subject.kind == "count" else "default"
