"""The scenario's questions, each with its probability."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.names import Row
from sim.plots.captions import foot
from sim.plots.page import INSIDE, LINE, measure, open_page, wrap
from sim.plots.style import BODY, BOLD, FORECAST, PAPER, PLAIN, QUIET, RULE, styled
from sim.results import Run
from sim.words import percent

_TRACK, _GAP, _SCALE = 16.0, 9.0, 18.0
"""Height of the line that a probability stands on, the gap beneath it, the scale beneath the last; points."""

_EDGE = 5.0
"""Room for half a dot at either end of the line, points."""

_QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)


@styled
def questions(run: Run) -> Figure:
    """Draw each question of the run with its probability, in the file's order.

    A dot is the published probability. Where that is pooled, the model's own is a ring. The bar through what the model
    says is two standard errors of the computation either way; the wide bar behind it, where it is known, the range over
    the judgement that the record cannot settle.
    """
    rows = run.table("questions")
    if not rows:
        title = "The scenario asks no question"
        return open_page(title=title, subtitle=run.scenario.title, foot=foot(run), height=0.0).figure
    texts = [wrap(row["text"], BODY, INSIDE) for row in rows]
    height = sum(len(text) * LINE + _TRACK + _GAP for text in texts) + _SCALE
    page = open_page(title=_finding(rows), subtitle=_shown(rows), foot=foot(run), height=height)
    right = max(measure(_chance(row), BODY, weight="bold") for row in rows) + 6.0
    width = INSIDE - right - 2 * _EDGE
    top = 0.0
    for text, row in zip(texts, rows, strict=True):
        page.write(0.0, top, "\n".join(text), **PLAIN)
        top += len(text) * LINE
        _line(page.axes(_EDGE, top, width, _TRACK, xlim=(0.0, 1.0), ylim=(0.0, 1.0)), row)
        page.write(INSIDE, top + _TRACK / 2, _chance(row), va="center", ha="right", **BOLD)
        top += _TRACK + _GAP
    for quarter in _QUARTERS:
        left, align = _EDGE + quarter * width, "center"
        if quarter in (0.0, 1.0):
            left, align = (0.0, "left") if quarter == 0.0 else (width + 2 * _EDGE, "right")
        page.write(left, top, percent(quarter), ha=align)
    return page.figure


def _line(axes: Axes, row: Row) -> None:
    """Draw one probability on its line."""
    chance, error = row["probability"], row["mcse"]
    _, narrow, dark = FORECAST
    axes.axhline(0.5, color=RULE, linewidth=1.0)
    for quarter in _QUARTERS:
        axes.plot([quarter, quarter], [0.3, 0.7], color=QUIET, linewidth=0.8, clip_on=False)
    if row["low"] is not None:
        ends = [row["low"], row["high"]]
        axes.plot(ends, [0.5, 0.5], color=narrow, linewidth=6.0, solid_capstyle="butt")
    style: dict[str, Any] = {"color": dark, "clip_on": False}
    ends = [max(0.0, chance - 2.0 * error), min(1.0, chance + 2.0 * error)]
    axes.plot(ends, [0.5, 0.5], "|-", linewidth=1.4, markersize=7.0, markeredgewidth=1.4, **style)
    model = dark if row["pooled"] is None else PAPER
    axes.plot([chance], [0.5], "o", markerfacecolor=model, markersize=5.0, **style)
    axes.plot([_published(row)], [0.5], "o", markersize=5.0, **style)


def _published(row: Row) -> float:
    """Return the probability that is given where one number is: the pooled one, if there is one."""
    chance: float = row["probability"] if row["pooled"] is None else row["pooled"]
    return chance


def _chance(row: Row) -> str:
    return percent(_published(row), of=row["members"] if row["pooled"] is None else None)


def _finding(rows: list[Row]) -> str:
    """Return how many answers are likelier yes than no, beyond what luck can do."""
    if len(rows) == 1:
        return f"{_chance(rows[0])}: {rows[0]['text']}"
    yes = sum(_published(row) - 2.0 * row["mcse"] > 0.5 for row in rows)
    no = sum(_published(row) + 2.0 * row["mcse"] < 0.5 for row in rows)
    open_ = len(rows) - yes - no
    even = f"; {open_} too close to call" if open_ else ""
    return f"{yes} of {len(rows)} questions {'is' if yes == 1 else 'are'} likelier yes than no{even}"


def _shown(rows: list[Row]) -> str:
    worst = max(row["mcse"] for row in rows)
    words = (
        f"Probability of yes. The narrow bar is two standard errors of the computation either way (at most "
        f"{200.0 * worst:.2g} points)"
    )
    if any(row["low"] is not None for row in rows):
        words += "; the wide bar, what judgement alone could make of it"
    if any(row["pooled"] is not None for row in rows):
        words += (
            ". A ring is the model alone, where the published number, the dot, is pooled with persistence"
        )
    return words
