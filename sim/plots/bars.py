"""Bars of a distribution: of numbers in a histogram, of categories one beneath the other."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from sim.plots import scales
from sim.plots.findings import shares
from sim.plots.page import Page, measure
from sim.plots.palette import BODY, BOLD, FORECAST, PLAIN, POSTURE, QUIET, TRACK
from sim.plots.series import Series
from sim.words import percent

BAR = 22.0
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


def is_named(subject: Series) -> bool:
    """Return whether its values are named rather than numbers: categories, or yes and no."""
    return subject.kind in ("category", "binary")


def left_out(subject: Series) -> str:
    """Return what to say of the values beyond a histogram's axis, or nothing if all are shown."""
    if not subject.last.size or _by_value(subject):
        return ""
    low, high = _extent(subject)
    beyond = float(((subject.last < low) | (subject.last > high)).mean())
    return f"{percent(beyond)} of the histories lie beyond the axis." if beyond else ""


def _by_value(subject: Series) -> bool:
    """Return whether each value has a bar of its own: those of a count, unless they are too many."""
    return subject.discrete and float(np.ptp(subject.last)) < _MOST and np.abs(subject.last).max() < _LARGE


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


def bars_of_numbers(axes: Axes, subject: Series, width: float) -> None:
    """Draw a histogram, or a bar for each value of a count, on axes `width` points wide.

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
    count = max(2, int(width / 45.0))
    scale = scales.Values(edges[0], edges[-1], subject.kind == "count", subject.as_percent, count)
    axes.set_xticks(scale.ticks, labels=scale.names)
    axes.tick_params(axis="x", length=4, color=QUIET)
    axes.spines["bottom"].set_visible(True)
    across = axes.get_xaxis_transform()
    axes.plot([median, median], [0.0, 1.05], linewidth=1.8, transform=across, **_MARK)
    axes.plot([low, low, high, high], [1.02, 1.05, 1.05, 1.02], linewidth=1.0, transform=across, **_MARK)


def bars_of_categories(page: Page, subject: Series, left: float, top: float, width: float) -> None:
    """Draw a bar for each category, named at the left, its share at its end."""
    found = shares(subject.last, subject.categories or ("no", "yes"))
    words = [name.replace("_", " ") for name in found]
    chances = [percent(share, of=subject.members) for share in found.values()]
    before = max(measure(word, BODY) for word in words) + 8.0
    across = width - before - max(measure(chance, BODY, weight="bold") for chance in chances) - 8.0
    height = len(found)
    limits = {"xlim": (0.0, 1.0), "ylim": (height - 0.5, -0.5)}
    axes = page.axes(left + before, top, across, BAR * height, **limits)
    for row, (name, share) in enumerate(found.items()):
        axes.barh(row, 1.0, height=0.66, color=TRACK, linewidth=0)
        axes.barh(row, share, height=0.66, color=POSTURE.get(name, FORECAST[1]), linewidth=0)
        middle = top + BAR * (row + 0.5)
        page.write(left + before - 6.0, middle, words[row], ha="right", va="center_baseline", **PLAIN)
        page.write(left + before + across + 6.0, middle, chances[row], va="center_baseline", **BOLD)
