"""Axes: years below, values at the left, and the line at which knowledge ends."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import ceil

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from sim.clock import FIRST_YEAR, MONTHS_PER_YEAR
from sim.plots.page import Page, measure, width_of
from sim.plots.style import INK, QUIET, RULE, SMALL
from sim.results import Run
from sim.words import HELD, day_in_words, number, position

TICK = SMALL


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
    short = measure("2025", TICK) > room
    every = max(1, ceil(measure("\N{RIGHT SINGLE QUOTATION MARK}25", TICK) / room)) if short else 1
    seen = [(max(first, month), min(last, month + MONTHS_PER_YEAR), month) for month in begins]
    least = min(_LEAST_YEAR, 0.9 * MONTHS_PER_YEAR * scale)  # a whole year is named however narrow it is
    wide = [(start, end, month) for start, end, month in seen if (end - start) * scale > least]
    named = wide[::-1][::every][::-1]
    numbers = [str(FIRST_YEAR + month // MONTHS_PER_YEAR) for *_, month in named]
    if short:
        numbers = [f"\N{RIGHT SINGLE QUOTATION MARK}{number[2:]}" for number in numbers]
    middles = [(start + end) / 2.0 for start, end, _ in named]
    axes.set_xticks(middles, labels=numbers, minor=True, fontsize=TICK, color=INK)
    axes.tick_params(axis="x", which="minor", length=0, pad=6)
    axes.spines["bottom"].set_visible(True)


_BETWEEN_YEARS = 4.0
"""Room between the names of two years, points."""

_LEAST_YEAR = 12.0
"""Width of a part of a year that is still named, points (judgement)."""


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
        found = MaxNLocator(nbins=self.count, steps=steps, integer=self.whole).tick_values(
            self.low, self.high
        )
        slack = 1e-9 * (self.high - self.low)
        inside = [float(tick) for tick in found if self.low - slack <= tick <= self.high + slack]
        return [tick for tick in inside if not self.whole or tick.is_integer()]

    @cached_property
    def names(self) -> list[str]:
        """The ticks' names, all to the same number of places."""
        scale, unit = (100.0, f"{HELD}%") if self.as_percent else (1.0, "")
        values = [tick * scale for tick in self.ticks]
        names: list[str] = []
        for places in range(4):
            names = [number(value, places) for value in values]
            exact = all(abs(float(f"{value:.{places}f}") - value) < 1e-6 for value in values)
            if exact and len(set(names)) == len(names):
                break
        return [name + unit for name in names]

    @property
    def left(self) -> float:
        """The room that the names take at the left of axes, points."""
        return max(measure(name, TICK) for name in self.names) + 6.0

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
    begins = position(run.record_ends)
    if run.days_beyond_record:
        axes.axvspan(begins, position(run.scenario.as_of), color=QUIET, alpha=0.3, linewidth=0.0, zorder=2.8)
    return begins


def origin(page: Page, axes: Axes, run: Run) -> None:
    """Draw the line at the run's origin, and above the axes say what lies on either side of it."""
    at = position(run.scenario.as_of)
    first, last = axes.get_xlim()
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
    words = f"what was known on {day_in_words(run.scenario.as_of)}"
    before = across - 5.0 > measure(words, SMALL)  # else there is room on the other side
    style = {"va": "bottom", "color": INK, "ha": "right" if before else "left"}
    page.write(across + (-5.0 if before else 5.0), top - 3.0, words, **style)
