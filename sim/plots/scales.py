"""What stands on axes of months and values: ticks, the origin's line, the ensemble's bands, strips of what held."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from math import ceil
from typing import Any, Literal

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from sim.clock import FIRST_YEAR, MONTHS_PER_YEAR, month_number
from sim.observations import Record
from sim.plots.page import KeyRow, Page, measure, widest, width_of
from sim.plots.series import Series
from sim.plots.style import CAME, FORECAST, INK, PAPER, PAST, POSTURE, QUIET, RULE, SMALL, TRACK
from sim.results import Run
from sim.words import HELD, day_in_words, month_in_words, number, position

_KNOWN = "what was known on {}"

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
    for turn in turns:
        axes.axvline(turn, color=RULE, linewidth=0.5, zorder=0.4)
    scale = width_of(axes) / (last - first)
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
    axes.set_xticks(middles, labels=numbers, minor=True, fontsize=SMALL, color=INK)
    axes.tick_params(axis="x", which="minor", length=0, pad=6)
    axes.spines["bottom"].set_visible(True)


@dataclass(frozen=True)
class Values:
    """An axis of values from `low` to `high`, with about `count` round ticks; of a count, `whole` ones."""

    low: float
    high: float
    whole: bool = False
    as_percent: bool = False
    count: int = 5

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
            names = [number(value, places) for value in values]
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
        for tick in self.ticks:
            axes.axhline(tick, color=QUIET if tick == 0.0 else RULE, linewidth=0.8, zorder=0.5)


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


def origin(page: Page, axes: Axes, run: Run, before: str = _KNOWN, after: str = _KNOWN) -> None:
    """Draw the line at the run's origin, and above the axes say what lies on one side of it, where there is room.

    Parameters
    ----------
    before, after: what to say at the left of the line, and at its right, of the origin's day.
    """
    at = position(run.scenario.as_of)
    first, last = axes.get_xlim()
    if not first <= at <= last:
        return
    left, top, width, height = page.box(axes)
    scale = width / (last - first)
    begins = beyond_record(axes, run)
    if run.days_beyond_record:  # in it where there is room, else before it
        inside = measure("the record", SMALL) + 4.0 < (at - begins) * scale
        place = (begins + at) / 2.0 if inside else begins - 3.0 / scale
        style = {"ha": "center" if inside else "right", "color": INK}
        page.write(left + (place - first) * scale, top + 3.0, "beyond\nthe record", **style)
    axes.axvline(at, ymax=1.0 + 14.0 / height, color=INK, linewidth=1.0, zorder=4, clip_on=False)
    across = left + (at - first) * scale
    day = day_in_words(run.scenario.as_of)
    place, words, side = across - 5.0, before.format(day), "right"
    if measure(words, SMALL) >= place:
        place, words, side = across + 5.0, after.format(day), "left"
    page.write(place, top - 3.0, words, va="bottom", ha=side, color=INK)


BAND_KEY: KeyRow = (
    ({"color": FORECAST[2], "linewidth": 1.8}, "median"),
    (FORECAST[1], "half of the histories"),
    (FORECAST[0], "nine in ten"),
)
"""The key of the forecast's bands."""


def bands(axes: Axes, subject: Series, origin: float, *, ahead: bool, outer: bool = True) -> None:
    """Draw the bands and the median, on an axis of months, before the origin or `ahead` of it.

    A figure of a year or half-year is a box over its window: in the forecast if it comes out there.

    Parameters
    ----------
    origin: where it stands on the axis. outer: whether to draw the band of 90 per cent.
    """
    wide, narrow, middle = FORECAST if ahead else PAST
    if subject.span:
        which = subject.ahead == ahead
        middles, width = subject.places[which], _OF_A_WINDOW * subject.window
        low, lower, median, upper, high = subject.bands[:, which]
        axes.bar(middles, high - low, width, low, color=wide, linewidth=0, zorder=1)
        axes.bar(middles, upper - lower, width, lower, color=narrow, linewidth=0, zorder=1.1)
        axes.hlines(
            median, middles - width / 2.0, middles + width / 2.0, color=middle, linewidth=1.8, zorder=2
        )
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


def imposed(axes: Axes, run: Run) -> KeyRow:
    """Mark when sanctions came, or that none did as far as the shipped record tells; return what the key says of it."""
    record, spec = Record.load(run.scenario.state), run.scenario
    known = min(record.complete_until("joins"), spec.last_month)
    came = [day for day in record.sanctions() if spec.first_month <= month_number(day) <= known]
    if known < spec.first_month:
        return []
    style = CAME | {"linestyle": "-", "linewidth": 1.4, "markevery": [1], "clip_on": False}
    if came:
        axes.plot([position(came[0])] * 2, axes.get_ylim(), **style)
    else:
        axes.plot([position(spec.as_of), known + 1.0], [0.0, 0.0], **style)
    said = f"imposed on {day_in_words(came[0])}" if came else f"none up to {month_in_words(known)}"
    return [(style, f"what came, by the record: {said}")]


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
    scale, at = width_of(axes) / (end - begin), position(run.scenario.as_of)
    for span in held:
        first, last = float(span.first), span.last + 1.0
        if first < at < last:
            first, last = (first, at) if at - first > last - at else (at, last)
        room = (last - first) * scale - 4.0
        names = (span.name, _SHORT.get(span.name, ""))
        words = next((name for name in names if measure(name, SMALL) < room), "")
        colour = PAPER if span.name in _DARK else INK
        axes.text((first + last) / 2.0, 0.47, words, ha="center", va="center", fontsize=SMALL, color=colour)
