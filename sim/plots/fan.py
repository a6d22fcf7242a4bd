"""A quantity over time: bands of the ensemble, and the record beside them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.catalogue import targets
from sim.clock import month_number
from sim.plots import scales
from sim.plots.bands import band_key, bands, drawn_as
from sim.plots.captions import before_the_origin, foot, known_points, outlook
from sim.plots.page import INSIDE, KEY_ROW, LEADING, KeyRow, open_page
from sim.plots.series import FigureError, Series, series
from sim.plots.style import INK, PAPER, PAST, POSTURE, SMALL, styled
from sim.recorded import Point
from sim.results import Run
from sim.words import day_in_words, position, sentence

_HEIGHT = 190.0
_DATE = 16.0
"""Room above the axes for the origin's date, points."""
_UNIT = SMALL * LEADING
"""Room above that for the unit, where there is one, points."""
_YEARS = 24.0
"""Room below the axes for the years, points."""
_OTHER: dict[str, Any] = {"color": POSTURE["ally"], "linewidth": 1.8, "linestyle": (0.0, (2.5, 1.2))}
"""The median of the run that a fan is held against."""
_KNOWN: dict[str, Any] = {"color": INK, "markersize": 5.0, "markerfacecolor": INK, "markeredgewidth": 1.1}
_LATER = _KNOWN | {"markerfacecolor": PAPER}
_JOINED: dict[str, Any] = {"color": INK, "linewidth": 1.1}
"""Recorded figures: those known on the origin, later ones, and many joined to a line."""
_DENSE = 60
"""More recorded points than these are joined (judgement: they would touch)."""


@styled
def fan(run: Run, variable: str = targets()[0], *, against: Run | None = None) -> Figure:
    """Draw a quantity over time: median, bands of 50 and 90 per cent, and the record's figures.

    Points known on the origin are filled, later ones hollow. What lies before the origin is paler.

    Parameters
    ----------
    variable: a target or a recorded variable.
    against: a run without what this one assumes; its median is drawn too, dashed.

    Raises FigureError if the run records no such variable, or one of 0 and 1 or of categories.
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
    above = _DATE + (_UNIT if subject.axis_unit else 0.0)
    below = above + _HEIGHT + _YEARS
    where = f"; each box is a {subject.span}, the dot in it is what was recorded" if subject.span else ""
    page = open_page(
        title=outlook(run, subject, points),
        subtitle=f"{sentence(subject.meaning)}{where}",
        foot=foot(run),
        height=below + len(key) * KEY_ROW,
    )
    low, high = _limits(subject, [*known, *later])
    scale = scales.Values(low, high, subject.kind == "count", subject.as_percent)
    width = INSIDE - scale.left - 4.0
    axes = page.axes(scale.left, above, width, _HEIGHT)
    scale.draw(axes)
    scales.years(axes, 0.0, float(last + 1))
    page.write(0.0, 0.0, subject.axis_unit)
    if _shows_past(subject, known):
        bands(axes, subject, position(as_of), ahead=False)
    if subject.last.size:
        bands(axes, subject, position(as_of), ahead=True)
    _record(axes, subject, known, "recorded, known")
    _record(axes, subject, later, "recorded, later")
    scales.origin(page, axes, run)
    if other is not None:
        _other(axes, other)
    page.key(below, key)
    return page.figure


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


def _record(axes: Axes, subject: Series, points: list[Point], label: str) -> None:
    days = [position(point.day) - subject.window / 2.0 for point in points]
    values = [point.value for point in points]
    style: dict[str, Any] = {"zorder": 3, "label": label}
    if label == "recorded, known" and len(points) > _DENSE:
        axes.plot(days, values, drawstyle=drawn_as(subject), **_JOINED, **style)
        return
    monthly = len(days) > 1 and all(after - before < 1.5 for before, after in pairwise(days))
    mark = _KNOWN if label == "recorded, known" else _LATER
    axes.plot(days, values, "o", **mark | ({"markersize": 3.2} if monthly else {}), **style)


def _key(
    run: Run, subject: Series, known: list[Point], later: list[Point], other: Series | None
) -> list[KeyRow]:
    rows: list[KeyRow] = [band_key()] if subject.last.size else []
    if other is not None:
        rows.append([(Line2D([], [], **_OTHER), "median without what is assumed here")])
    if _shows_past(subject, known):
        paler = (Patch(color=PAST[0]), Line2D([], [], color=PAST[2], linewidth=1.8))
        rows.append([(paler, before_the_origin(run))])
    line = Line2D([], [], **_JOINED)
    full, hollow = (Line2D([], [], linestyle="", marker="o", **mark) for mark in (_KNOWN, _LATER))
    marks = [(line if len(known) > _DENSE else full, "on record, known then")] if known else []
    marks += [(hollow, f"became known after {day_in_words(run.scenario.as_of)}")] if later else []
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
