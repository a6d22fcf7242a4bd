"""A quantity over time: bands of the ensemble, and the record beside them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.catalogue import targets
from sim.clock import month_number
from sim.plots import scales
from sim.plots.bands import bands, drawn_as
from sim.plots.findings import known_points, outlook
from sim.plots.notes import before_the_origin, foot
from sim.plots.page import INSIDE, KEY_ROW, LEADING, KeyRow, Page, measure, open_page
from sim.plots.palette import FORECAST, INK, PAPER, PAST, POSTURE, SMALL
from sim.plots.saving import styled
from sim.plots.series import FigureError, Series, series
from sim.plots.words import day_in_words, position, sentence
from sim.recorded import Point
from sim.results import Run

_HEIGHT = 190.0
_DATE = 16.0
"""Room above the axes for the origin's date, points."""
_UNIT = SMALL * LEADING
"""Room above that for the unit, where there is one, points."""
_YEARS = 24.0
"""Room below the axes for the years, points."""
_OTHER: dict[str, Any] = {"color": POSTURE["ally"], "linewidth": 1.8, "linestyle": (0.0, (2.5, 1.2))}
"""The median of the run that a fan is held against."""
_DENSE = 60
"""More recorded points than these are joined to a line (judgement: they would touch)."""


@styled
def fan(run: Run, variable: str = targets()[0], *, against: Run | None = None) -> Figure:
    """Draw a quantity over time: median, bands of 50 and 90 per cent, and the record's figures.

    Points known on the origin are filled, later ones hollow. What lies before the origin is paler.

    Parameters
    ----------
    variable: a target or a recorded variable.
    against: a run without what this one assumes; its median is drawn too, dashed.

    Raises
    ------
    FigureError: if the run records no such variable, or one of 0 and 1 or of categories.
    """
    subject = series(run, variable)
    if subject.kind in ("binary", "category"):
        values = "0 or 1" if subject.kind == "binary" else "categories"
        instead = ", or the figure posture" if variable == "posture" else ""
        raise FigureError(f"{variable} has no bands, its values are {values}; draw its distribution{instead}")
    as_of, last = run.scenario.as_of, run.scenario.last_month
    points = [point for point in known_points(subject) if month_number(point.day) <= last]
    known = [point for point in points if point.known_on <= as_of]
    later = [point for point in points if point.known_on > as_of]
    other = series(against, variable) if against is not None else None
    key = _key(run, subject, known, later, other)
    above = _DATE + (_UNIT if scales.unit_in_words(subject) else 0.0)
    below = above + _HEIGHT + _YEARS
    page = open_page(
        title=outlook(run, subject, points),
        subtitle=_shown(subject),
        foot=foot(run),
        height=below + len(key) * KEY_ROW,
    )
    axes = _draw(page, run, subject, known, later, above=above)
    if other is not None:
        _other(axes, other)
    page.key(below, key)
    return page.figure


def _draw(
    page: Page, run: Run, subject: Series, known: list[Point], later: list[Point], *, above: float
) -> Axes:
    low, high = _limits(subject, [*known, *later])
    ticks = scales.value_ticks(low, high, whole=subject.kind == "count")
    names = scales.value_names(ticks, as_percent=subject.as_percent)
    left = max(measure(name, scales.TICK) for name in names) + 6.0
    width = INSIDE - left - 4.0
    axes = page.axes(left, above, width, _HEIGHT)
    axes.set_ylim(low, high)
    scales.value_grid(axes, ticks, names)
    scales.years(axes, 0.0, float(run.scenario.last_month + 1), width)
    page.write(0.0, 0.0, scales.unit_in_words(subject))
    at = position(run.scenario.as_of)
    if _shows_past(subject, known):
        bands(axes, subject, at, ahead=False)
    if subject.last.size:
        bands(axes, subject, at, ahead=True)
    _record(axes, subject, known, filled=True)
    _record(axes, subject, later, filled=False)
    scales.origin(page, axes, run, top=above, left=left, width=width)
    return axes


def _other(axes: Axes, other: Series) -> None:
    """Draw the median of the run that this one is held against, in the forecast."""
    places, median = other.places[other.ahead], other.bands[2][other.ahead]
    half = other.window / 2.0
    if half:
        axes.hlines(median, places - half, places + half, zorder=2.5, **_OTHER)
    else:
        axes.plot(places, median, drawstyle=drawn_as(other), zorder=2.5, **_OTHER)


def _shows_past(subject: Series, known: list[Point]) -> bool:
    """Return whether there is a simulated history to see: not where all members hold what is on record."""
    past = subject.bands[:, ~subject.ahead]
    return bool(past.size) and not (known and bool((past[0] == past[-1]).all()))


def _record(axes: Axes, subject: Series, points: list[Point], *, filled: bool) -> None:
    days = [position(point.day) - subject.window / 2.0 for point in points]
    values = [point.value for point in points]
    label = "recorded, known" if filled else "recorded, later"
    if filled and _dense(points):
        axes.plot(days, values, color=INK, linewidth=1.1, drawstyle=drawn_as(subject), zorder=3, label=label)
        return
    monthly = len(days) > 1 and all(after - before < 1.5 for before, after in pairwise(days))
    axes.plot(days, values, "o", **_mark(filled, 3.2 if monthly else 5.0), zorder=3, label=label)


def _dense(points: list[Point]) -> bool:
    return len(points) > _DENSE


def _mark(filled: bool, size: float = 5.0) -> dict[str, Any]:
    return {
        "color": INK,
        "markersize": size,
        "markerfacecolor": INK if filled else PAPER,
        "markeredgewidth": 1.1,
    }


def _key(
    run: Run, subject: Series, known: list[Point], later: list[Point], other: Series | None
) -> list[KeyRow]:
    wide, narrow, middle = FORECAST
    rows: list[KeyRow] = []
    if subject.last.size:
        rows.append(
            [
                (Line2D([], [], color=middle, linewidth=1.8), "median"),
                (Patch(color=narrow), "half of the histories"),
                (Patch(color=wide), "nine in ten"),
            ]
        )
    if other is not None:
        rows.append([(Line2D([], [], **_OTHER), "median without what is assumed here")])
    if _shows_past(subject, known):
        paler = (Patch(color=PAST[0]), Line2D([], [], color=PAST[2], linewidth=1.8))
        rows.append([(paler, before_the_origin(run))])
    marks: list[tuple[Artist | tuple[Artist, ...], str]] = []
    if known:
        line = Line2D([], [], color=INK, linewidth=1.1)
        dots = Line2D([], [], linestyle="", marker="o", **_mark(True))
        marks.append((line if _dense(known) else dots, "on record, known then"))
    if later:
        dots = Line2D([], [], linestyle="", marker="o", **_mark(False))
        marks.append((dots, f"became known after {day_in_words(run.scenario.as_of)}"))
    return [*rows, marks] if marks else rows


def _limits(subject: Series, points: list[Point]) -> tuple[float, float]:
    """Return the lowest and highest value to show: the bands and the record, with some air, within what can be."""
    seen = np.array([*subject.bands.ravel(), *(point.value for point in points)])
    if not seen.size:
        return 0.0, 1.0
    least, most = float(seen.min()), float(seen.max())
    low, high = scales.with_air(least, most)
    if subject.as_percent and most <= 1.0:
        high = min(high, 1.05)
    return (0.0 if low < 0.0 <= least else low), high


def _shown(subject: Series) -> str:
    where = f"; each box is a {subject.span}, the dot in it is what was recorded" if subject.span else ""
    return f"{sentence(subject.meaning)}{where}"
