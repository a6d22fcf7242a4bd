"""One member's story: its lean and posture, what gas cost it, and what happened, on one timeline."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import groupby
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from sim.clock import MONTHS_PER_YEAR, month_number
from sim.mechanisms.posture import POSTURES, UNDEFINED
from sim.plots import scales
from sim.plots.findings import a
from sim.plots.happenings import SANCTIONS, Lane, Span, happenings, life
from sim.plots.lanes import EDGE, GUTTER, LANE, draw_lane, lane_height, strip
from sim.plots.notes import foot
from sim.plots.page import INSIDE, LEADING, Page, measure, open_page, wrap
from sim.plots.palette import FORECAST, INK, ON_POSTURE, POSTURE, QUIET, SMALL
from sim.plots.saving import styled
from sim.plots.series import FigureError
from sim.plots.words import day_in_words, month_in_words, position, when
from sim.recording import RECORDED
from sim.results import Run

FloatArray = NDArray[np.float64]

_ABOVE, _LEAN, _PRICE, _STRIP, _GAP, _YEARS = 16.0, 84.0, 84.0, 15.0, 12.0, 24.0
"""Room above the first axes, their heights, that of the strip, the gap between them, the years; points."""

_WORDS = 94.0
"""Width of words in the gutter beside the names of values, points."""

_BEFORE = 2 * MONTHS_PER_YEAR
"""Months before the origin with which the story begins."""

_CONTRACT: dict[str, Any] = {"color": FORECAST[2], "linewidth": 1.8}
_MARKET: dict[str, Any] = {"color": QUIET, "linewidth": 1.2, "linestyle": (0, (3, 1.2))}


@styled
def story(run: Run, member: int = 0, since: date | None = None) -> Figure:
    """Draw one member on a timeline: lean, posture, price of gas, and its events, lane by lane.

    Parameters
    ----------
    member: counted from 0. since: a day of the first month to show; two years before the origin if not given.

    Raises
    ------
    FigureError: if the run has no such member, or does not have the month of `since`.
    """
    members = int(run.provenance["members"])
    if not 0 <= member < members:
        raise FigureError(f"no member {member}; the run has members 0 to {members - 1}")
    window = _window(run, since)
    first, last = window
    values = life(run, member)
    postures = _postures(values["posture"], first)
    lanes, silent = happenings(run, values, first)
    height = _ABOVE + _LEAN + 4.0 + _STRIP + _GAP + _PRICE + _GAP + sum(map(lane_height, lanes)) + _YEARS
    page = open_page(
        title=_finding(run, member, postures, lanes),
        subtitle=f"One simulated history of {members:,}, as likely as any other of them",
        foot=foot(run, f"Not in the months shown: {', '.join(silent)}." if silent else ""),
        height=height,
    )
    top = _ABOVE
    _head(page, top, f"{run.country.state}'s lean", "up is towards the EU's line")
    _lean(_panel(page, top, _LEAN, window), values["lean"], first)
    top += _LEAN + 4.0
    page.write(0.0, top + _STRIP / 2.0, "posture", va="center_baseline", color=INK)
    strip(run, _panel(page, top, _STRIP, window), postures, POSTURE, ON_POSTURE)
    if not postures:
        page.write(GUTTER + 4.0, top + _STRIP / 2.0, "not defined yet", va="center_baseline")
    top += _STRIP + _GAP
    _prices(page, _panel(page, top, _PRICE, window), values, first, top)
    top += _PRICE + _GAP
    for lane in lanes:
        draw_lane(page, run, _panel(page, top + 1.5, LANE - 3.0, window), lane, top)
        top += lane_height(lane)
    foot_of_it = _panel(page, top, 2.0, window)
    foot_of_it.set_yticks([])
    foot_of_it.spines["left"].set_visible(False)
    scales.years(foot_of_it, first, last, INSIDE - GUTTER - EDGE)
    _origin(page, run, window, top)
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


def _panel(page: Page, top: float, height: float, window: tuple[int, int]) -> Axes:
    axes = page.axes(GUTTER, top, INSIDE - GUTTER - EDGE, height)
    axes.set_xlim(*window)
    axes.set_xticks([])
    return axes


def _scale(axes: Axes, values: list[FloatArray], *, least: float) -> None:
    """Fit an axis of values to what it shows, at least so high, with its grid."""
    seen = np.concatenate(values)
    low, high = scales.with_air(float(seen.min()), float(seen.max()), 0.06, least=least)
    axes.set_ylim(low, high)
    ticks = scales.value_ticks(low, high, count=4)
    scales.value_grid(axes, ticks, scales.value_names(ticks))


def _head(page: Page, top: float, name: str, unit: str) -> float:
    """Write in the gutter what a panel shows; return where the words end."""
    lines = [*wrap(name, SMALL, _WORDS, weight="bold")]
    page.write(0.0, top, "\n".join(lines), color=INK, weight="bold")
    below = top + len(lines) * SMALL * LEADING
    units = wrap(unit, SMALL, _WORDS)
    page.write(0.0, below, "\n".join(units))
    return below + len(units) * SMALL * LEADING + 3.0


def _lean(axes: Axes, lean: FloatArray, first: int) -> None:
    _scale(axes, [lean[first:]], least=0.5)
    axes.plot(np.arange(first, lean.size) + 1.0, lean[first:], color=FORECAST[2], linewidth=1.8)


def _prices(page: Page, axes: Axes, values: Mapping[str, FloatArray], first: int, top: float) -> None:
    contract, market = values["contract_price"][first:], values["market_price"][first:]
    below = _head(page, top, "price of gas", RECORDED["contract_price"].unit.replace("m3", "m\u00b3"))
    ends = np.arange(first, first + market.size) + 1.0
    axes.plot(ends, market, **_MARKET)
    axes.plot(ends, contract, **_CONTRACT)
    _scale(axes, [contract, market], least=100.0)
    rows = [[(Line2D([], [], **_CONTRACT), "contract")], [(Line2D([], [], **_MARKET), "market")]]
    page.key(below, rows)


def _origin(page: Page, run: Run, window: tuple[int, int], height: float) -> None:
    """Draw the line at the origin through all panels, and say which side of it is simulated."""
    axes = _panel(page, 0.0, height, window)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.patch.set_visible(False)
    first, last = window
    at = position(run.scenario.as_of)
    if not first <= at <= last:
        return
    axes.axvline(at, color=INK, linewidth=1.0)
    width = INSIDE - GUTTER - EDGE
    across = GUTTER + (at - first) / (last - first) * width
    day = day_in_words(run.scenario.as_of)
    before, after = f"facts on record up to {day}", f"simulated from {day} on"
    if measure(before, SMALL) <= across - 5.0:
        page.write(across - 5.0, 0.0, before, color=INK, ha="right")
    else:
        page.write(across + 5.0, 0.0, after, color=INK)


def _postures(posture: FloatArray, first: int) -> list[Span]:
    months = [
        (month, int(code)) for month, code in enumerate(posture) if month >= first and code != UNDEFINED
    ]
    stretches = [(code, [month for month, _ in of]) for code, of in groupby(months, key=lambda pair: pair[1])]
    return [Span(of[0], of[-1], POSTURES[code]) for code, of in stretches]


def _finding(run: Run, member: int, postures: list[Span], lanes: list[Lane]) -> str:
    """Return what became of the member: its posture at the beginning and at the end, and its sanctions."""
    state = run.country.state
    ends = when(run.scenario.last_month, "")
    imposed = [span for lane in lanes if lane.name == SANCTIONS for span in lane.spans]
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
