"""Whether bands hold what they say: how often they held the figure, and where in the forecast it fell."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.cases import FIGURES
from sim.catalogue import TARGETS
from sim.plots.page import INSIDE, LINE, Page
from sim.plots.style import BOLD, FORECAST, INK, PAPER, QUIET
from sim.verification.scorecard import ALL, Scorecard
from sim.words import HELD, percent

HEAD = LINE + 4.0
PANEL = 92.0
DOT: dict[str, Any] = {"color": FORECAST[2], "linewidth": 1.4, "markeredgewidth": 1.2, "clip_on": False}

_COVERAGE_WIDTH, _PIT_BINS = 232.0, 10
_NAMES = {**{name: target.short for name, target in TARGETS.items()}, ALL: "all"}


def draw_coverage(page: Page, card: Scorecard, own: str, top: float) -> None:
    """Draw how often the bands held the figure, by target and of all, with intervals."""
    page.write(0.0, top, "How often the bands held", **BOLD)
    found = card.coverage()
    found = found[found["forecaster"] == own]
    names = [name for name in (ALL, *FIGURES) if (found["target"] == name).any()]
    left, across = 118.0, _COVERAGE_WIDTH - 118.0
    limits = {"xlim": (0.0, 1.0), "ylim": (len(names) - 0.5, -0.5)}
    axes = page.axes(left, top + HEAD, across, PANEL, **limits)
    step = PANEL / len(names)
    for share, mark, aside, colour in ((0.5, "o", -0.16, FORECAST[2]), (0.9, "s", 0.16, FORECAST[1])):
        axes.axvline(share, color=QUIET, linewidth=0.9, linestyle=(0, (3, 2)), zorder=0.5)
        page.write(left + share * across, top + HEAD + PANEL + 2.0, percent(share), ha="center")
        part = found[found["band"] == share].set_index("target").loc[names]
        mark_style = DOT | {"color": colour}
        for place, row in enumerate(part.itertuples()):
            at = place + aside
            axes.plot([row.low, row.high], [at, at], "-", zorder=2, **mark_style)
            axes.plot([row.coverage], [at], mark, markersize=4.5, zorder=3, **mark_style)
    counts = found.groupby("target")["n"].first()
    for place, name in enumerate(names):
        words = f"{_NAMES[name]}, n{HELD}{counts[name]}"
        page.write(0.0, top + HEAD + step * (place + 0.5), words, va="center", color=INK)


def draw_pit(page: Page, card: Scorecard, own: str, top: float) -> None:
    """Draw the histogram of the PIT beside the even one that it should be."""
    values = card.data.loc[(card.data["forecaster"] == own) & card.data["pit"].notna(), "pit"]
    left = _COVERAGE_WIDTH + 28.0
    across = INSIDE - left - 6.0
    page.write(left, top, f"PIT, n{HELD}{len(values)}", **BOLD)
    counts, edges = np.histogram(values, bins=_PIT_BINS, range=(0.0, 1.0))
    heights, even = counts / max(len(values), 1), 1.0 / _PIT_BINS
    limits = {"xlim": (0.0, 1.0), "ylim": (0.0, max(float(heights.max()) * 1.05, 1.5 * even))}
    axes = page.axes(left, top + HEAD, across, PANEL, **limits)
    style: dict[str, Any] = {"color": FORECAST[1], "edgecolor": PAPER, "linewidth": 0.8}
    axes.bar(edges[:-1], heights, width=even, align="edge", **style)
    axes.axhline(even, color=INK, linewidth=1.0, linestyle=(0, (3, 2)))
    axes.spines["bottom"].set_visible(True)
    for value, words in ((0.0, "0"), (0.5, ".5"), (1.0, "1")):
        page.write(left + value * across, top + HEAD + PANEL + 2.0, words, ha="center")
