"""What stands on axes of months and values: ticks, the origin's line, the ensemble's bands, strips of what held."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from math import ceil
from typing import Any, Literal

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from sim.arrays import FloatArray
from sim.clock import FIRST_YEAR, MONTHS_PER_YEAR, month_number
from sim.plots.page import MARGIN, POINTS_PER_INCH, measure, size_of, widest
from sim.plots.series import Series
from sim.plots.style import CAME, FORECAST, INK, PAPER, PAST, POSTURE, QUIET, RULE, SMALL, TRACK
from sim.record.observations import Record
from sim.runs.results import Run
from sim.words import HELD, day_in_words, month_in_words, number, position, signed

_KNOWN = "what was known on {}"

_BANDS = ("median", "half of the histories", "nine in ten")
"""What the key says of the median and the bands of the forecast."""

_OF_A_WINDOW = 0.8
"""Width of a box, in its window."""

_BETWEEN_YEARS = 4.0
"""Room between the names of two years, points."""

_SHORT_YEAR = "\N{RIGHT SINGLE QUOTATION MARK}"
"""What stands for the century where the axis is narrow."""

_LEAST_YEAR = 12.0
"""Width of a part of a year that is still named, points (judgement)."""


def years(axes: Axes, first: float, last: float) -> None:
    """Mark the years from month `first` to `last` on an axis: a line at each turn of the year.

    Each year is named in the middle of its own stretch, shortly where the axis is narrow; where even that does not fit,
    every second or third, counted back from the last, which a forecast is about.
    """
    axes.set_xlim(first, last)
    begins = range(int(first // MONTHS_PER_YEAR) * MONTHS_PER_YEAR, ceil(last), MONTHS_PER_YEAR)
    turns = [month for month in (*begins, begins[-1] + MONTHS_PER_YEAR) if first <= month <= last]
    axes.set_xticks(turns, labels=[])
    axes.tick_params(axis="x", which="major", length=4, color=QUIET)
    axes.grid(axis="x", linewidth=0.5)
    scale = size_of(axes)[0] / (last - first)
    room = MONTHS_PER_YEAR * scale - _BETWEEN_YEARS
    short = measure("2025", SMALL) > room
    every = max(1, ceil(measure(f"{_SHORT_YEAR}25", SMALL) / room)) if short else 1
    least = min(_LEAST_YEAR, 0.9 * MONTHS_PER_YEAR * scale)  # a whole year is named however narrow it is
    parts = [(max(first, month), min(last, month + MONTHS_PER_YEAR)) for month in begins]
    wide = [(start, end) for start, end in parts if (end - start) * scale > least]
    named = wide[(len(wide) - 1) % every :: every]
    numbers = [str(FIRST_YEAR + int(start) // MONTHS_PER_YEAR) for start, _ in named]
    if short:
        numbers = [_SHORT_YEAR + year[2:] for year in numbers]
    middles = [(start + end) / 2.0 for start, end in named]
    axes.set_xticks(middles, labels=numbers, minor=True)
    axes.tick_params(axis="x", which="minor", pad=6)
    axes.spines["bottom"].set_visible(True)


@dataclass(frozen=True)
class Values:
    """An axis of values from `low` to `high`, with about `count` round ticks; of a count, `whole` ones."""

    low: float
    high: float
    whole: bool = False
    as_percent: bool = False
    count: int = 5
    with_sign: bool = False

    @cached_property
    def ticks(self) -> list[float]:
        """The values at which to draw a line."""
        steps = [1, 2, 5, 10] if self.whole else [1, 2, 2.5, 5, 10]
        locator = MaxNLocator(nbins=self.count, steps=steps, integer=self.whole)
        slack = 1e-9 * (self.high - self.low)
        return [
            float(tick)
            for tick in locator.tick_values(self.low, self.high)
            if self.low - slack <= tick <= self.high + slack and (not self.whole or float(tick).is_integer())
        ]

    @cached_property
    def names(self) -> list[str]:
        """The ticks' names, all to the same number of places."""
        scale, unit = (100.0, f"{HELD}%") if self.as_percent else (1.0, "")
        values = [tick * scale for tick in self.ticks]
        names: list[str] = []
        for places in range(4):
            names = [(signed if self.with_sign else number)(value, places) for value in values]
            exact = all(abs(round(value, places) - value) < 1e-6 for value in values)
            if exact and len(set(names)) == len(names):
                break
        return [name + unit for name in names]

    @property
    def left(self) -> float:
        """The room that the names take at the left of axes, points."""
        return widest(self.names, SMALL) + 6.0

    def draw(self, axes: Axes, *, named: bool = True) -> None:
        """Draw light lines at the ticks, a firmer one at zero, and their names at the left."""
        axes.set_ylim(self.low, self.high)
        axes.set_yticks(self.ticks, labels=self.names if named else [])
        axes.grid(axis="y")
        if 0.0 in self.ticks:
            axes.axhline(0.0, color=QUIET, linewidth=0.8, zorder=0.9)


def with_air(low: float, high: float, part: float = 0.05, *, least: float = 0.0) -> tuple[float, float]:
    """Return the ends of an axis around values: a part of their span as air, more where they are all but the same.

    Parameters
    ----------
    least: that the axis spans, in the values' unit.
    """
    span, size = high - low, max(abs(low), abs(high))
    air = part * span + max(0.0, least - span) / 2.0
    if span <= 1e-6 * size:
        air = max(air, 0.05 * size or 1.0)
    return low - air, high + air


def beyond_record(axes: Axes, run: Run) -> float:
    """Lay grey over the time between the record's end and the origin; return where that begins on the axis."""
    begins = max(position(run.record_ends), axes.get_xlim()[0])
    if run.days_beyond_record:
        axes.axvspan(begins, position(run.scenario.as_of), color=QUIET, alpha=0.3, linewidth=0.0, zorder=2.8)
    return begins


def origin(axes: Axes, run: Run, before: str = _KNOWN, after: str = _KNOWN) -> None:
    """Draw the line at the run's origin, and above the axes say what lies on one side of it, where there is room.

    Parameters
    ----------
    before, after: what to say at the left of the line, and at its right, of the origin's day.
    """
    at = position(run.scenario.as_of)
    first, last = axes.get_xlim()
    if not first <= at <= last:
        return
    (width, height), from_top = size_of(axes), axes.get_xaxis_transform()
    scale, begins = width / (last - first), beyond_record(axes, run)
    if run.days_beyond_record:  # in it where there is room, else before it
        inside = measure("the record", SMALL) + 4.0 < (at - begins) * scale
        place, side = ((begins + at) / 2.0, "center") if inside else (begins - 3.0 / scale, "right")
        axes.text(place, 0.985, "beyond\nthe record", ha=side, va="top", transform=from_top)
    axes.axvline(at, ymax=1.0 + 14.0 / height, color=INK, linewidth=1.0, zorder=4, clip_on=False)
    day = day_in_words(run.scenario.as_of)
    words, away, side = before.format(day), -5.0, "right"
    on_page = float(from_top.transform((at, 1.0))[0] / axes.figure.dpi * POINTS_PER_INCH) - MARGIN
    if measure(words, SMALL) >= on_page - 5.0:
        words, away, side = after.format(day), 5.0, "left"
    axes.annotate(words, (at, 1.0), (away, 3.0), from_top, "offset points", ha=side, va="bottom")


def bands(axes: Axes, subject: Series, origin: float, *, before: str = "", outer: bool = True) -> None:
    """Draw the median and the bands, on an axis of months: ahead of the origin, or what lies before it.

    A figure of a year or half-year is a box over its window: in the forecast if it comes out there.

    Parameters
    ----------
    origin: where it stands on the axis. before: what the key says of the past, where that is to be drawn. outer:
    whether to draw the band of 90 per cent.
    """
    wide, narrow, middle = PAST if before else FORECAST
    of_median, of_half, of_most = (before, before, "") if before else _BANDS
    places, (low, lower, median, upper, high) = outline(subject, ahead=not before)
    step: Literal["pre"] | None = "pre" if subject.kind == "count" else None
    style: dict[str, Any] = {"linewidth": 0, "step": step}
    line: dict[str, Any] = {"color": middle, "linewidth": 1.8, "drawstyle": drawn_as(subject)}
    drawn: list[Artist] = [
        *axes.plot(places, median, label=of_median, solid_capstyle="butt", zorder=2, **line),
        axes.fill_between(places, lower, upper, color=narrow, label=of_half, zorder=1.1, **style),
    ]
    if outer:
        drawn.append(axes.fill_between(places, low, high, color=wide, label=of_most, zorder=1, **style))
    if not subject.window:
        clip(axes, drawn, *((0.0, origin) if before else (origin, places[-1])))


def outline(subject: Series, *, ahead: bool) -> tuple[FloatArray, FloatArray]:
    """Return where bands stand on an axis of months, and their levels there, shape (5, places).

    A figure at a month's end is at its place, also on the other side of the origin, where lines meet. One of a window
    stands at both ends of its box, after which there is a gap.
    """
    if not subject.window:
        return subject.places, subject.bands
    which, half = subject.ahead == ahead, _OF_A_WINDOW * subject.window / 2.0
    places = subject.places[which, np.newaxis] + np.array([-half, half, np.nan])
    return places.ravel(), np.repeat(subject.bands[:, which], 3, axis=1)


def imposed(axes: Axes, run: Run) -> None:
    """Mark when sanctions came, or that none did as far as the shipped record tells."""
    record, spec = Record.load(run.scenario.state), run.scenario
    known = min(record.complete_until("joins"), spec.last_month)
    came = [day for day in record.sanctions() if spec.first_month <= month_number(day) <= known]
    if known < spec.first_month:
        return
    said = f"imposed on {day_in_words(came[0])}" if came else f"none up to {month_in_words(known)}"
    line = [position(came[0])] * 2 if came else [position(spec.as_of), known + 1.0]
    style = CAME | {"linestyle": "-", "linewidth": 1.4, "markevery": [1], "clip_on": False}
    label = f"what came, by the record: {said}"
    axes.plot(line, axes.get_ylim() if came else [0.0, 0.0], label=label, **style)


def clip(axes: Axes, drawn: Iterable[Artist], first: float, last: float) -> None:
    """Leave of artists what lies between two places on the axis of months."""
    window = Rectangle((first, 0.0), last - first, 1.0, transform=axes.get_xaxis_transform())
    for artist in drawn:
        artist.set_clip_path(window)


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
    held = list(held)
    lefts, widths = [span.first for span in held], [span.last + 1 - span.first for span in held]
    style: dict[str, Any] = {"left": lefts, "height": 1.0, "linewidth": 0.8}
    colours, hatch = [_COLOURS[span.name] for span in held], HATCH if hatched else None
    axes.barh([0.5] * len(held), widths, color=colours, edgecolor=PAPER, hatch=hatch, **style)
    if hatched:
        axes.barh([0.5] * len(held), widths, color="none", edgecolor=INK, **style)
        return
    begin, end = axes.get_xlim()
    scale, at = size_of(axes)[0] / (end - begin), position(run.scenario.as_of)
    for span in held:
        first, last = float(span.first), span.last + 1.0
        if first < at < last:
            first, last = (first, at) if at - first > last - at else (at, last)
        room = (last - first) * scale - 4.0
        names = (span.name, _SHORT.get(span.name, ""))
        words = next((name for name in names if measure(name, SMALL) < room), "")
        colour = PAPER if span.name in _DARK else INK
        axes.text((first + last) / 2.0, 0.47, words, ha="center", va="center", color=colour)
