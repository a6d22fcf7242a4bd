"""The outcome at the end: how the members' values are spread, alone or for all targets on one sheet."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.arrays import FloatArray
from sim.plots import scales
from sim.plots.captions import finding, foot, shares
from sim.plots.page import INSIDE, LINE, Page, size_of, widest
from sim.plots.series import Series, series
from sim.plots.style import BODY, BOLD, FORECAST, PLAIN, POSTURE, QUIET, TRACK, styled
from sim.quantities.catalogue import targets
from sim.runs.gallery import shows
from sim.runs.results import Run
from sim.words import histories, percent, sentence

_WORDS = 2 * LINE + 8.0
"""Room above the bars of numbers for the median and the interval in words, points."""

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
    if variable is None:
        return _sheet(run)
    subject = series(run, variable)
    page = Page(
        title=finding(run, subject),
        subtitle=f"{sentence(subject.meaning)}: {histories(subject.members)}",
        foot=foot(run, "" if subject.names else f"{_READING} {_left_out(subject) or _WHOLE}"),
    )
    _panel(page, subject, 0.0, 0.0, INSIDE, bars=_HIGH)
    return page.close()


def _sheet(run: Run) -> Figure:
    """Draw all targets, two abreast, those with named values first."""
    subjects = [series(run, name) for name in targets() if shows(run, name)]
    subjects.sort(key=lambda subject: (not subject.names, subject.name != "posture"))
    beyond = any(_left_out(subject) for subject in subjects if not subject.names)
    page = Page(
        title=finding(run, subjects[0]),
        subtitle=f"Where {histories(subjects[0].members)} end, for each target of the forecast",
        foot=foot(run, f"{_READING} {'Up to two in a hundred lie beyond an axis.' if beyond else _WHOLE}"),
    )
    width, top = (INSIDE - _GUTTER) / 2.0, 0.0
    for row in range(0, len(subjects), 2):
        pair = [*zip((0.0, width + _GUTTER), subjects[row : row + 2], strict=False)]
        below = max(page.write(left, top, _named(subject), width, **BOLD) for left, subject in pair)
        for left, subject in pair:
            _panel(page, subject, left, below + 3.0, width, bars=_LOW)
        top = page.end() + _GUTTER
    return page.close()


def _named(subject: Series) -> str:
    return f"{subject.label} {subject.last_when}" if subject.last.size else subject.label


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
    axes.set_xlabel(subject.axis_unit, loc="right")


def _left_out(subject: Series) -> str:
    """Return what to say of the values beyond a histogram's axis, or nothing if all are shown."""
    if not subject.last.size:
        return ""
    first, *_, last = _edges(subject)
    beyond = float(((subject.last < first) | (subject.last > last)).mean())
    return f"{percent(beyond)} of the histories lie beyond the axis." if beyond else ""


def _edges(subject: Series) -> FloatArray:
    """Return the edges of the bars: one for each value of a count, unless they are too many; else of equal width."""
    values = subject.last
    first, last = float(values.min()), float(values.max())
    if subject.kind == "count" and last - first < _MOST and max(abs(first), abs(last)) < _LARGE:
        more = 2.0 if last - first < _FEWEST - 1 else 0.0
        return np.arange(first - more - 0.5, last + more + 1.0)
    tails = (1.0 - _KEPT) / 2.0
    # the values themselves, not places between them: of two members both are shown
    low = float(np.quantile(values, tails, method="lower"))
    high = float(np.quantile(values, 1.0 - tails, method="higher"))
    return np.linspace(*scales.with_air(low, high, 0.0), _BINS + 1)


def _bars_of_numbers(axes: Axes, subject: Series) -> None:
    """Draw a histogram, or a bar for each value of a count.

    What lies within the 90 per cent interval is darker. A line marks the median, a bracket the interval.
    """
    values = subject.last
    low, _, median, _, high = subject.bands[:, -1]
    edges = _edges(subject)
    heights, _ = np.histogram(values, bins=edges)
    middles = (edges[:-1] + edges[1:]) / 2.0
    inside = (middles >= low) & (middles <= high)
    # though the interval be narrower than a bar; the last bar holds its right end too
    inside[min(int(np.searchsorted(edges, median, side="right")), len(heights)) - 1] = True
    wide, narrow, _ = FORECAST
    width = edges[1] - edges[0]
    share = 0.8 if subject.kind == "count" and width == 1.0 else 1.0  # a gap between bars of single values
    colours = np.where(inside, narrow, wide)
    axes.bar(middles, heights / len(values), width * share, color=colours, linewidth=0)
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(0.0, float(heights.max()) / len(values) * 1.02)
    count = max(2, int(size_of(axes)[0] / 45.0))
    scale = scales.Values(edges[0], edges[-1], subject.kind == "count", subject.as_percent, count)
    axes.set_xticks(scale.ticks, labels=scale.names)
    axes.tick_params(axis="x", length=4, color=QUIET)
    axes.spines["bottom"].set_visible(True)
    across = axes.get_xaxis_transform()
    axes.plot([median, median], [0.0, 1.05], linewidth=1.8, transform=across, **_MARK)
    axes.plot([low, low, high, high], [1.02, 1.05, 1.05, 1.02], linewidth=1.0, transform=across, **_MARK)


def _bars_of_categories(page: Page, subject: Series, left: float, top: float, width: float) -> None:
    """Draw a bar for each category, named at the left, its share at its end."""
    found = {name.replace("_", " "): share for name, share in shares(subject.last, subject.names).items()}
    chances = [percent(share, of=subject.members) for share in found.values()]
    before = widest(found, BODY) + 8.0
    across = width - before - widest(chances, BODY, weight="bold") - 8.0
    rows = len(found)
    axes = page.axes(left + before, top, across, _BAR * rows, ylim=(rows - 0.5, -0.5))
    track = axes.barh(range(rows), 1.0, height=0.66, color=TRACK, linewidth=0)
    colours = [POSTURE.get(name, FORECAST[1]) for name in found]
    axes.barh(range(rows), list(found.values()), height=0.66, color=colours, linewidth=0)
    axes.set_yticks(range(rows), labels=found, fontsize=BODY)
    axes.bar_label(track, chances, padding=6, **BOLD)
