"""One member's story: its lean and posture, what gas cost it, and what happened, on one timeline."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.arrays import FloatArray
from sim.clock import MONTHS_PER_YEAR, month_number
from sim.mechanisms.choice import POSTURES
from sim.plots import scales
from sim.plots.bands import Span, strip
from sim.plots.captions import foot
from sim.plots.member_events import CROSS, DOWN, FILLED, HOLLOW, SANCTIONS, UP, Events, events_of, held, life
from sim.plots.page import INSIDE, LEADING, Page, measure, open_page, wrap
from sim.plots.series import FigureError
from sim.plots.style import FORECAST, INK, PAPER, QUIET, RULE, SMALL, styled
from sim.recording import RECORDED
from sim.results import Run
from sim.words import a, day_in_words, month_in_words, position, when

_ABOVE, _LEAN, _PRICE, _STRIP, _GAP, _YEARS = 16.0, 84.0, 84.0, 15.0, 12.0, 24.0
"""Room above the first axes, their heights, that of the strip, the gap between them, the years; points."""

_ROW, _SIGNS = 16.0, 14.0
"""Height of a row of events, and of what their signs mean beneath their name; points."""

_LEFT, _EDGE, _WORDS = 132.0, 6.0, 94.0
"""Room for words at the left, for half a mark at the right, and for words beside the names of values; points."""

_WIDTH = INSIDE - _LEFT - _EDGE

_BEFORE = 2 * MONTHS_PER_YEAR
"""Months before the origin with which the story begins."""

_CONTRACT: dict[str, Any] = {"color": FORECAST[2], "linewidth": 1.8}
_MARKET: dict[str, Any] = {"color": QUIET, "linewidth": 1.2, "linestyle": (0, (3, 1.2))}

_MARKS: dict[str, dict[str, Any]] = {
    FILLED: {"color": INK, "marker": "o", "markersize": 5.5},
    HOLLOW: {"color": INK, "marker": "o", "markersize": 5.5, "markerfacecolor": PAPER},
    UP: {"color": INK, "marker": "^", "markersize": 6.0},
    DOWN: {"color": INK, "marker": "v", "markersize": 6.0, "markerfacecolor": PAPER},
    CROSS: {"color": INK, "marker": "x", "markersize": 5.5, "markeredgewidth": 1.6},
}


@styled
def story(run: Run, member: int = 0, since: date | None = None) -> Figure:
    """Draw one member on a timeline: lean, posture, price of gas, and its events, kind by kind.

    Parameters
    ----------
    member: counted from 0. since: a day of the first month to show; two years before the origin if not given.

    Raises FigureError if the run has no such member, or does not have the month of `since`.
    """
    members = int(run.provenance["members"])
    if not 0 <= member < members:
        raise FigureError(f"no member {member}; the run has members 0 to {members - 1}")
    first, last = _window(run, since)
    values = life(run, member)
    postures = held(values["posture"], first, POSTURES)
    events, silent = events_of(run, values, first)
    heights = [_ROW + (_SIGNS if kind.signs else 0.0) for kind in events]
    page = open_page(
        title=_finding(run, member, postures, events),
        subtitle=f"One simulated history of {members:,}, as likely as any other of them",
        foot=foot(run, f"Not in the months shown: {', '.join(silent)}." if silent else ""),
        height=_ABOVE + _LEAN + 4.0 + _STRIP + _GAP + _PRICE + _GAP + sum(heights) + _YEARS,
    )

    def panel(top: float, height: float, **limits: tuple[float, float]) -> Axes:
        return page.axes(_LEFT, top, _WIDTH, height, xlim=(first, last), **limits)

    top = _ABOVE
    months = np.arange(first, last) + 1.0
    lean, contract, market = (values[name][first:] for name in ("lean", "contract_price", "market_price"))
    _head(page, top, f"{run.country.state}'s lean", "up is towards the EU's line")
    axes = panel(top, _LEAN)
    _fit(axes, lean, least=0.5)
    axes.plot(months, lean, color=FORECAST[2], linewidth=1.8)
    top += _LEAN + 4.0
    page.write(0.0, top + _STRIP / 2.0, "posture", va="center_baseline", color=INK)
    strip(run, panel(top, _STRIP), postures)
    if not postures:
        page.write(_LEFT + 4.0, top + _STRIP / 2.0, "not defined yet", va="center_baseline")
    top += _STRIP + _GAP
    below = _head(page, top, "price of gas", RECORDED["contract_price"].unit.replace("m3", "m\u00b3"))
    axes = panel(top, _PRICE)
    axes.plot(months, market, **_MARKET)
    axes.plot(months, contract, **_CONTRACT)
    _fit(axes, np.concatenate([contract, market]), least=100.0)
    page.key(below, [[(Line2D([], [], **_CONTRACT), "contract")], [(Line2D([], [], **_MARKET), "market")]])
    top += _PRICE + _GAP
    for kind, height in zip(events, heights, strict=True):
        page.write(0.0, top + _ROW / 2.0, kind.name, va="center_baseline", color=INK)
        page.write(0.0, top + _ROW / 2.0 + _SIGNS - 2.0, kind.signs, va="center_baseline")
        axes = panel(top + 1.5, _ROW - 3.0, ylim=(-1.0, 1.0) if kind.marks else (0.0, 1.0))
        strip(run, axes, kind.spans)
        if kind.marks:
            axes.axhline(0.0, color=RULE, linewidth=0.8, zorder=1)
        for month, sign in kind.marks:
            axes.plot([month + 0.5], [0.0], linestyle="", clip_on=False, zorder=3, **_MARKS[sign])
        top += height
    scales.years(panel(top, 2.0), first, last)
    axes = panel(0.0, top)
    axes.patch.set_visible(False)
    _origin(page, axes, run)
    return page.figure


def _window(run: Run, since: date | None) -> tuple[int, int]:
    """Return the first month to show, and the month after the last."""
    scenario = run.scenario
    first = scenario.first_month - _BEFORE if since is None else month_number(since)
    if since is not None and not 0 <= first <= scenario.last_month:
        raise FigureError(
            f"the story begins {since}; the run has the months from {month_in_words(0)} to "
            f"{month_in_words(scenario.last_month)}"
        )
    return max(first, 0), scenario.last_month + 1


def _fit(axes: Axes, values: FloatArray, *, least: float) -> None:
    """Fit an axis of values to what it shows, at least so high, with its grid."""
    ends = scales.with_air(float(values.min()), float(values.max()), 0.06, least=least)
    scales.Values(*ends, count=4).draw(axes)


def _head(page: Page, top: float, name: str, unit: str) -> float:
    """Write at the left what a panel shows; return where the words end."""
    lines = wrap(name, SMALL, _WORDS, weight="bold")
    page.write(0.0, top, "\n".join(lines), color=INK, weight="bold")
    below = top + len(lines) * SMALL * LEADING
    units = wrap(unit, SMALL, _WORDS)
    page.write(0.0, below, "\n".join(units))
    return below + len(units) * SMALL * LEADING + 3.0


def _origin(page: Page, axes: Axes, run: Run) -> None:
    """Draw the line at the origin through all panels, and say which side of it is simulated."""
    first, last = axes.get_xlim()
    at = position(run.scenario.as_of)
    if not first <= at <= last:
        return
    axes.axvline(at, color=INK, linewidth=1.0)
    across = _LEFT + (at - first) / (last - first) * _WIDTH
    day = day_in_words(run.scenario.as_of)
    before, after = f"facts on record up to {day}", f"simulated from {day} on"
    if measure(before, SMALL) <= across - 5.0:
        page.write(across - 5.0, 0.0, before, color=INK, ha="right")
    else:
        page.write(across + 5.0, 0.0, after, color=INK)


def _finding(run: Run, member: int, postures: list[Span], events: list[Events]) -> str:
    """Return what became of the member: its posture at the beginning and at the end, and its sanctions."""
    state = run.country.state
    ends = when(run.scenario.last_month, "")
    imposed = [span for kind in events if kind.name == SANCTIONS for span in kind.spans]
    with_ = "without sanctions"
    if imposed:
        with_ = f"with sanctions from {month_in_words(imposed[0].first)}"
        if imposed[0].last < run.scenario.last_month:
            with_ += f" to {month_in_words(imposed[0].last)}"
    if not postures:
        return f"History {member}: {state} has no posture yet {ends}, {with_}"
    before, after = postures[0].name, postures[-1].name
    if before != after:
        return f"History {member}: {state} goes from {before} to {after}, {with_}"
    return f"History {member}: {state} is {a(after)} {ends} as at the beginning, {with_}"
