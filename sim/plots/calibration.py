"""Whether bands hold what they say: how often they held the figure, and where in the forecast it fell."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.cases import FIGURES
from sim.catalogue import TARGETS
from sim.plots.page import INSIDE, LEADING, Page
from sim.plots.palette import BODY, FORECAST, INK, PAPER, QUIET
from sim.plots.words import percent
from sim.verification.scorecard import ALL, Scorecard

HEAD = BODY * LEADING + 4.0
PANEL = 92.0
DOT: dict[str, Any] = {"color": FORECAST[2], "linewidth": 1.4, "markeredgewidth": 1.2, "clip_on": False}

_COVERAGE_WIDTH, _PIT_BINS = 232.0, 10
_NAMES = {**{name: target.short for name, target in TARGETS.items()}, ALL: "all"}


def draw_coverage(page: Page, card: Scorecard, own: str, top: float) -> None:
    """Draw how often the bands held the figure, by target and of all, with intervals."""
    page.write(0.0, top, "How often the bands held", fontsize=BODY, color=INK, weight="bold")
    found = card.coverage()
    found = found[found["forecaster"] == own]
    names = [name for name in (ALL, *FIGURES) if (found["target"] == name).any()]
    left, across = 118.0, _COVERAGE_WIDTH - 118.0
    axes = page.axes(left, top + HEAD, across, PANEL)
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    step = PANEL / len(names)
    for share, mark in ((0.5, "o"), (0.9, "s")):
        axes.axvline(share, color=QUIET, linewidth=0.9, linestyle=(0, (3, 2)), zorder=0.5)
        words = percent(share)
        page.write(left + share * across, top + HEAD + PANEL + 2.0, words, ha="center")
        part = found[found["band"] == share].set_index("target").loc[names]
        for place, row in enumerate(part.itertuples()):
            at = place + (-0.16 if share == 0.5 else 0.16)
            style = DOT | ({} if share == 0.5 else {"color": FORECAST[1]})
            axes.plot([row.low, row.high], [at, at], "-", zorder=2, **style)
            axes.plot([row.coverage], [at], mark, markersize=4.5, zorder=3, **style)
    for place, name in enumerate(names):
        n = int(found.loc[found["target"] == name, "n"].iloc[0])
        words = f"{_NAMES[name]}, n{chr(0xA0)}{n}"
        page.write(0.0, top + HEAD + step * (place + 0.5), words, va="center", color=INK)


def draw_pit(page: Page, card: Scorecard, own: str, top: float) -> None:
    """Draw the histogram of the PIT beside the even one that it should be."""
    values = card.data.loc[(card.data["forecaster"] == own) & card.data["pit"].notna(), "pit"]
    left = _COVERAGE_WIDTH + 28.0
    across = INSIDE - left - 6.0
    page.write(left, top, f"PIT, n{chr(0xA0)}{len(values)}", fontsize=BODY, color=INK, weight="bold")
    axes = page.axes(left, top + HEAD, across, PANEL)
    shares, edges = np.histogram(values, bins=_PIT_BINS, range=(0.0, 1.0))
    heights = shares / max(len(values), 1)
    axes.bar(
        edges[:-1],
        heights,
        width=1.0 / _PIT_BINS,
        align="edge",
        color=FORECAST[1],
        edgecolor=PAPER,
        linewidth=0.8,
    )
    axes.axhline(1.0 / _PIT_BINS, color=INK, linewidth=1.0, linestyle=(0, (3, 2)))
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(0.0, max(float(heights.max()) * 1.05, 1.5 / _PIT_BINS))
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_visible(True)
    for at, words in ((0.0, "0"), (0.5, ".5"), (1.0, "1")):
        page.write(left + at * across, top + HEAD + PANEL + 2.0, words, ha="center")
