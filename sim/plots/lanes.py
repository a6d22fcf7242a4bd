"""Lanes of a timeline: marks of one kind of event, and strips of what held for a while."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from sim.plots.happenings import CROSS, DOWN, FILLED, HOLLOW, UP, Lane, Span
from sim.plots.page import INSIDE, Page, measure
from sim.plots.palette import INK, PAPER, POSTURE, QUIET, RULE, SMALL, TRACK
from sim.plots.words import position
from sim.results import Run

LANE = 16.0
"""Height of a lane, points."""

_SIGNS = 14.0
"""Room beneath a lane's name for its signs, points."""

GUTTER, EDGE = 132.0, 6.0
"""Room for words at the left, and for half a mark at the right, points."""

_MARKS: dict[str, dict[str, Any]] = {
    FILLED: {"marker": "o", "color": INK, "markersize": 5.5},
    HOLLOW: {"marker": "o", "color": INK, "markerfacecolor": PAPER, "markersize": 5.5},
    UP: {"marker": "^", "color": INK, "markersize": 6.0},
    DOWN: {"marker": "v", "color": INK, "markerfacecolor": PAPER, "markersize": 6.0},
    CROSS: {"marker": "x", "color": INK, "markersize": 5.5, "markeredgewidth": 1.6},
}

_SPANS = {
    "peace": TRACK,
    "frozen": RULE,
    "full-scale war": QUIET,
    "ceasefire": RULE,
    "in force": POSTURE["opponent"],
}
_SHORT = {"full-scale war": "war"}
_ON_SPANS = {name: PAPER if name == "full-scale war" else INK for name in _SPANS}


def strip(
    run: Run, axes: Axes, spans: Iterable[Span], colours: Mapping[str, str], words: Mapping[str, str]
) -> None:
    """Draw spans as a strip, each named where its name fits, on the wider side of the origin's line."""
    axes.set_ylim(0.0, 1.0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    begin, end = axes.get_xlim()
    scale = (INSIDE - GUTTER - EDGE) / (end - begin)
    at = position(run.scenario.as_of)
    for span in spans:
        first, last = float(span.first), span.last + 1.0
        box = Rectangle(
            (first, 0.0), last - first, 1.0, facecolor=colours[span.name], edgecolor=PAPER, linewidth=0.8
        )
        axes.add_patch(box)
        if first < at < last:
            first, last = (first, at) if at - first > last - at else (at, last)
        fitting = [
            name
            for name in (span.name, _SHORT.get(span.name, span.name))
            if measure(name, SMALL) + 4.0 < (last - first) * scale
        ]
        if fitting:
            style: dict[str, Any] = {
                "ha": "center",
                "va": "center",
                "fontsize": SMALL,
                "color": words[span.name],
            }
            axes.text((first + last) / 2.0, 0.47, fitting[0], **style)


def draw_lane(page: Page, run: Run, axes: Axes, lane: Lane, top: float) -> None:
    """Draw what happened of one kind, under its name."""
    page.write(0.0, top + LANE / 2.0, lane.name, va="center_baseline", color=INK)
    if lane.signs:
        page.write(0.0, top + LANE / 2.0 + _SIGNS - 2.0, lane.signs, va="center_baseline")
    if lane.spans:
        strip(run, axes, lane.spans, _SPANS, _ON_SPANS)
        return
    axes.set_ylim(-1.0, 1.0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.axhline(0.0, color=RULE, linewidth=0.8, zorder=1)
    for month, sign in lane.marks:
        axes.plot([month + 0.5], [0.0], linestyle="", clip_on=False, zorder=3, **_MARKS[sign])


def lane_height(lane: Lane) -> float:
    """Return the height of a lane with what stands beneath its name, points."""
    return LANE + _SIGNS if lane.signs else LANE
