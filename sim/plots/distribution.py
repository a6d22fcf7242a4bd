"""The outcome at the end: how the members' values are spread, alone or for all targets on one sheet."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.catalogue import targets
from sim.plots import scales
from sim.plots.captions import finding, foot, shares
from sim.plots.page import INSIDE, LEADING, LINE, Page, measure, open_page, width_of, wrap
from sim.plots.series import Series, series
from sim.plots.style import BODY, BOLD, FORECAST, PLAIN, POSTURE, QUIET, SMALL, TRACK, styled
from sim.results import Run
from sim.words import histories, percent, sentence

_WORDS = 2 * LINE + 8.0
"""Room above the bars of numbers for the median and the interval in words, points."""

_VALUES = 19.0
"""Room below them for the values, points."""

_HIGH, _LOW = 170.0, 62.0
"""Height of the bars of numbers, alone and on the sheet, points."""

_GUTTER = 20.0

_READING = "Line: the median. Bracket and darker bars: nine histories in ten."
_WHOLE = "The bars add up to 100 per cent."

_BAR = 22.0
"""Height of a category's bar with its gap, points."""

_BINS = 31
"""Of a histogram; odd, so that a value that all members share stands in the middle."""

_FEWEST = 5
"""Values of a count that an axis shows at least, so that a single one is no wall."""

_MOST, _LARGE = 200, 1e9
"""Values of a count beyond which they share bars."""

_KEPT = 0.98
"""Central share of the values that the axis of a histogram shows; judgement: the rest would flatten it."""

_MARK: dict[str, Any] = {"color": FORECAST[2], "clip_on": False}


@styled
def distribution(run: Run, variable: str | None = None) -> Figure:
    """Draw how a target or recorded variable is spread over the members at the horizon's end.

    A histogram of a continuous variable, bars of a count or of categories; median and 90 per cent interval in words.
    Without a variable, a sheet of all targets. A windowed figure is the last that comes out in the horizon.

    Raises FigureError if the run records no such variable.
    """
    return _sheet(run) if variable is None else _alone(run, series(run, variable))


def _alone(run: Run, subject: Series) -> Figure:
    page = open_page(
        title=finding(run, subject),
        subtitle=f"{sentence(subject.meaning)}: {histories(subject.members)}",
        foot=foot(run, "" if subject.names else f"{_READING} {_left_out(subject) or _WHOLE}"),
        height=_room(subject, bars=_HIGH),
    )
    _panel(page, subject, 0.0, 0.0, INSIDE, bars=_HIGH)
    return page.figure


def _sheet(run: Run) -> Figure:
    """Draw all targets, two abreast, those with named values first."""
    subjects = [series(run, name) for name in targets()]
    subjects.sort(key=lambda subject: (not subject.names, subject.name != "posture"))
    width = (INSIDE - _GUTTER) / 2.0
    names = [f"{each.label} {each.last_when}" if each.last.size else each.label for each in subjects]
    heads = [wrap(name, BODY, width, weight="bold") for name in names]
    rows = [range(first, min(first + 2, len(subjects))) for first in range(0, len(subjects), 2)]
    above = [max(len(heads[place]) for place in row) * LINE + 3.0 for row in rows]
    below = [max(_room(subjects[place], bars=_LOW) for place in row) for row in rows]
    beyond = any(_left_out(subject) for subject in subjects if not subject.names)
    page = open_page(
        title=finding(run, subjects[0]),
        subtitle=f"Where {histories(subjects[0].members)} end, for each target of the forecast",
        foot=foot(run, f"{_READING} {'Up to two in a hundred lie beyond an axis.' if beyond else _WHOLE}"),
        height=sum(above) + sum(below) + _GUTTER * (len(rows) - 1),
    )
    top = 0.0
    for row, head, room in zip(rows, above, below, strict=True):
        for column, place in enumerate(row):
            left = column * (width + _GUTTER)
            page.write(left, top, "\n".join(heads[place]), **BOLD)
            _panel(page, subjects[place], left, top + head, width, bars=_LOW)
        top += head + room + _GUTTER
    return page.figure


def _room(subject: Series, *, bars: float) -> float:
    """Return the height of a panel whose bars of numbers are `bars` high, points."""
    if not subject.last.size:
        return LINE
    if subject.names:
        return _BAR * len(subject.names)
    return _WORDS + bars + _VALUES + (SMALL * LEADING if subject.axis_unit else 0.0)


def _panel(page: Page, subject: Series, left: float, top: float, width: float, *, bars: float) -> None:
    """Draw one distribution from a place on, its bars of numbers `bars` high; all in points."""
    if not subject.last.size:
        page.write(left, top, "no figure comes out in the horizon")
        return
    if subject.names:
        _bars_of_categories(page, subject, left, top, width)
        return
    low, _, median, _, high = subject.bands[:, -1]
    page.write(left, top, f"median {subject.say(median)}", **PLAIN)
    page.write(left, top + LINE, f"nine in ten: {subject.range_in_words(low, high)}", **PLAIN)
    # Half a value's name may stand out beyond either end of the axis.
    axes = page.axes(left + 12.0, top + _WORDS, width - 24.0, bars)
    _bars_of_numbers(axes, subject)
    page.write(left + width, top + _WORDS + bars + _VALUES, subject.axis_unit, ha="right")


def _left_out(subject: Series) -> str:
    """Return what to say of the values beyond a histogram's axis, or nothing if all are shown."""
    if not subject.last.size or _by_value(subject):
        return ""
    low, high = _extent(subject)
    beyond = float(((subject.last < low) | (subject.last > high)).mean())
    return f"{percent(beyond)} of the histories lie beyond the axis." if beyond else ""


def _by_value(subject: Series) -> bool:
    """Return whether each value has a bar of its own: those of a count, unless they are too many."""
    return (
        subject.kind == "count"
        and float(np.ptp(subject.last)) < _MOST
        and np.abs(subject.last).max() < _LARGE
    )


def _extent(subject: Series) -> tuple[float, float]:
    """Return the least and the greatest value that the axis shows."""
    values = subject.last
    if _by_value(subject):
        first, last = float(values.min()), float(values.max())
        return (first, last) if last - first >= _FEWEST - 1 else (first - 2.0, last + 2.0)
    tails = (1.0 - _KEPT) / 2.0
    # the values themselves, not places between them: of two members both are shown
    low = float(np.quantile(values, tails, method="lower"))
    high = float(np.quantile(values, 1.0 - tails, method="higher"))
    return scales.with_air(low, high, 0.0)


def _bars_of_numbers(axes: Axes, subject: Series) -> None:
    """Draw a histogram, or a bar for each value of a count.

    What lies within the 90 per cent interval is darker. A line marks the median, a bracket the interval.
    """
    values = subject.last
    low, _, median, _, high = subject.bands[:, -1]
    first, last = _extent(subject)
    single = _by_value(subject)
    edges = np.arange(first - 0.5, last + 1.0) if single else np.linspace(first, last, _BINS + 1)
    heights, _ = np.histogram(values, bins=edges)
    middles = (edges[:-1] + edges[1:]) / 2.0
    inside = (middles >= low) & (middles <= high)
    # though the interval be narrower than a bar; the last bar holds its right end too
    inside[min(int(np.searchsorted(edges, median, side="right")), len(heights)) - 1] = True
    wide, narrow, _ = FORECAST
    share = 0.8 if single else 1.0
    colours = np.where(inside, narrow, wide)
    axes.bar(middles, heights / len(values), (edges[1] - edges[0]) * share, color=colours, linewidth=0)
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(0.0, float(heights.max()) / len(values) * 1.02)
    count = max(2, int(width_of(axes) / 45.0))
    scale = scales.Values(edges[0], edges[-1], subject.kind == "count", subject.as_percent, count)
    axes.set_xticks(scale.ticks, labels=scale.names)
    axes.tick_params(axis="x", length=4, color=QUIET)
    axes.spines["bottom"].set_visible(True)
    across = axes.get_xaxis_transform()
    axes.plot([median, median], [0.0, 1.05], linewidth=1.8, transform=across, **_MARK)
    axes.plot([low, low, high, high], [1.02, 1.05, 1.05, 1.02], linewidth=1.0, transform=across, **_MARK)


def _bars_of_categories(page: Page, subject: Series, left: float, top: float, width: float) -> None:
    """Draw a bar for each category, named at the left, its share at its end."""
    found = shares(subject.last, subject.names)
    words = [name.replace("_", " ") for name in found]
    chances = [percent(share, of=subject.members) for share in found.values()]
    before = max(measure(word, BODY) for word in words) + 8.0
    across = width - before - max(measure(chance, BODY, weight="bold") for chance in chances) - 8.0
    height = len(found)
    limits = {"xlim": (0.0, 1.0), "ylim": (height - 0.5, -0.5)}
    axes = page.axes(left + before, top, across, _BAR * height, **limits)
    for row, (name, share) in enumerate(found.items()):
        axes.barh(row, 1.0, height=0.66, color=TRACK, linewidth=0)
        axes.barh(row, share, height=0.66, color=POSTURE.get(name, FORECAST[1]), linewidth=0)
        middle = top + _BAR * (row + 0.5)
        page.write(left + before - 6.0, middle, words[row], ha="right", va="center_baseline", **PLAIN)
        page.write(left + before + across + 6.0, middle, chances[row], va="center_baseline", **BOLD)
