"""Axes: years below, values at the left, and the line at which knowledge ends."""

from __future__ import annotations

from math import ceil

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from sim.clock import FIRST_YEAR, MONTHS_PER_YEAR
from sim.plots.page import POINTS_PER_INCH, Page, measure
from sim.plots.palette import INK, QUIET, RULE, SMALL
from sim.plots.series import Series
from sim.plots.words import day_in_words, position
from sim.results import Run

TICK = SMALL + 0.5


def years(axes: Axes, first: float, last: float, width: float) -> None:
    """Mark the years from month `first` to `last` on an axis `width` points wide, each named at its middle."""
    axes.set_xlim(first, last)
    turns = [
        month for month in range(ceil(first), ceil(last) + MONTHS_PER_YEAR) if month % MONTHS_PER_YEAR == 0
    ]
    axes.set_xticks([month for month in turns if first <= month <= last], labels=[])
    axes.tick_params(axis="x", which="major", length=4, color=QUIET)
    room = (measure("2025", TICK) + 8.0) * (last - first) / width
    seen = [(max(first, month - MONTHS_PER_YEAR), min(last, month)) for month in turns]
    wide = [(start, end) for start, end in seen if end - start > min(room, MONTHS_PER_YEAR) / 2.0]
    every = ceil(room / MONTHS_PER_YEAR)
    named = wide[::-1][::every][::-1]  # counted back from the last year, which a forecast is about
    middles = [(start + end) / 2.0 for start, end in named]
    names = [str(FIRST_YEAR + int(start // MONTHS_PER_YEAR)) for start, _ in named]
    axes.set_xticks(middles, labels=names, minor=True, fontsize=TICK, color=INK)
    axes.tick_params(axis="x", which="minor", length=0, pad=6)
    axes.spines["bottom"].set_visible(True)


def value_ticks(low: float, high: float, *, whole: bool = False, count: int = 5) -> list[float]:
    """Return about `count` round values from `low` to `high` at which to draw a line; of a count, `whole` ones."""
    steps = [1, 2, 5, 10] if whole else [1, 2, 2.5, 5, 10]
    found = MaxNLocator(nbins=count, steps=steps, integer=whole).tick_values(low, high)
    slack = 1e-9 * (high - low)
    inside = [float(tick) for tick in found if low - slack <= tick <= high + slack]
    return [tick for tick in inside if not whole or tick.is_integer()]


def value_names(ticks: list[float], *, as_percent: bool = False) -> list[str]:
    """Return the ticks' names, all to the same number of places."""
    scale, unit = (100.0, "\N{NO-BREAK SPACE}%") if as_percent else (1.0, "")
    for places in range(4):
        names = [f"{tick * scale:,.{places}f}" for tick in ticks]
        if len(set(names)) == len(names) and all(
            abs(float(name.replace(",", "")) - tick * scale) < 1e-6
            for name, tick in zip(names, ticks, strict=True)
        ):
            break
    names = [name.removeprefix("-") if not name.strip("-0.,") else name for name in names]
    return [name.replace("-", "\N{MINUS SIGN}") + unit for name in names]


def unit_in_words(subject: Series) -> str:
    """Return the unit of an axis of values; nothing where its values are written as per cent."""
    return "" if subject.as_percent else subject.unit.replace("m3", "m³")


def value_grid(axes: Axes, ticks: list[float], names: list[str]) -> None:
    """Draw light lines at the ticks, a firmer one at zero, and their names at the left."""
    axes.set_yticks(ticks, labels=names)
    for tick in ticks:
        axes.axhline(tick, color=QUIET if tick == 0.0 else RULE, linewidth=0.8, zorder=0.5)
    axes.spines["left"].set_visible(False)


def origin(page: Page, axes: Axes, run: Run, *, top: float, left: float, width: float) -> None:
    """Draw the line at the run's origin, and above the axes say what lies on either side of it.

    Parameters
    ----------
    top: where the axes begin in the drawing. left, width: of the axes; all in points.
    """
    at = position(run.scenario.as_of)
    height = axes.get_position().height * page.figure.get_figheight() * POINTS_PER_INCH
    axes.axvline(at, ymax=1.0 + 14.0 / height, color=INK, linewidth=1.0, zorder=4, clip_on=False)
    first, last = axes.get_xlim()
    across = left + (at - first) / (last - first) * width
    words = f"what was known on {day_in_words(run.scenario.as_of)}"
    before = across - 5.0 > measure(words, SMALL)  # else there is room on the other side
    style = {"va": "bottom", "color": INK, "ha": "right" if before else "left"}
    page.write(across + (-5.0 if before else 5.0), top - 3.0, words, **style)
