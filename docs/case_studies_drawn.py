"""The two figures of docs/case-studies.md: forecasts beside what came. `case_studies.py` saves them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from case_studies_measured import PERSISTENCE, REPORTED, TOLD, month_of
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sim.cases import LEADS
from sim.clock import FIRST_YEAR
from sim.plots.page import INSIDE, LEADING, Page, labelled
from sim.plots.style import BODY, BOLD, FORECAST, INK, PAPER, POSTURE, QUIET, RULE, SMALL, styled
from sim.verification.scorecard import GIVEN, MODEL, NO_INCENTIVES, NO_INCENTIVES_GIVEN
from sim.words import minus, percent

Tables = dict[str, pd.DataFrame]

LABELS = {
    MODEL: "the model",
    NO_INCENTIVES: "incentives off",
    GIVEN: "the model, war given",
    NO_INCENTIVES_GIVEN: "incentives off, war given",
    "persistence": "persistence",
    "climatology": "climatology",
    "succession": "rule of succession",
}

_SEEN: dict[str, Any] = {
    "color": POSTURE["ally"],
    "marker": "D",
    "markeredgecolor": PAPER,
    "markeredgewidth": 0.8,
}
_HOLLOW: dict[str, Any] = {"color": POSTURE["ally"], "markerfacecolor": PAPER, "marker": "D", "markersize": 5}
_HELD: dict[str, Any] = {"color": QUIET, "marker": "o", "markerfacecolor": PAPER, "markersize": 4}
_WIDE, _HALF, _DARK = FORECAST
_THICK, _THIN = 5.0, 2.56


def _spans(axes: Axes, at: float, row: pd.Series, *, upright: bool, scale: Any = lambda x: x) -> None:
    """Draw a forecast: its bands of 90 and 50 per cent and its median, upright or lying."""
    middle = (at, scale(row["median"])) if upright else (scale(row["median"]), at)
    style: dict[str, Any] = {"color": _DARK, "markersize": 7, "markeredgewidth": 1.6}
    axes.plot(*middle, "_" if upright else "|", zorder=5, label="median", **style)
    for ends, width, colour, order in (("50", _THICK, _HALF, 4), ("90", _THIN, _WIDE, 3)):
        span, place = scale(row[[f"low{ends}", f"high{ends}"]]), [at, at]
        style = {"color": colour, "linewidth": width, "label": f"{ends} %"}
        axes.plot(*((place, span) if upright else (span, place)), zorder=order, **style)


# --- the gas discount ---

_PANEL, _PANEL_HEAD, _LEFT = 126.0, BODY * LEADING + 3.0, 40.0
_DISCOUNTS = (0.95, 0.9, 0.75, 0.5, 0.0, -1.0, -3.0, -7.0)
_LOWEST, _HIGHEST = -9.0, 0.965
_ASIDE = 0.14  # years by which persistence stands beside the model


@styled
def gas_figure(tables: Tables) -> Figure:
    """Draw per lead the model's and persistence's bands beside the discount by terms and the reported prices."""
    gas, terms = tables["gas"], tables["terms"]
    top = 0.0
    page = Page(
        title="From no origin before 2022 did the model's bands hold the reported discounts of 2021 and 2022",
        subtitle="Discount on Russian gas, 1 \N{MINUS SIGN} contract price / market price, forecast from origins "
        "6, 12 and 24 months before. The axis is even in price over market; below 0 Serbia pays more than the market.",
        foot=(
            "Terms: price by the contract's formula on record, with the stated range of its slope, over the market "
            "price. Reported: prices told in the press; the record has no others for these years.",
            f"Lines that reach the edge go on below \N{MINUS SIGN}{-100 * _LOWEST:.0f} %.",
        ),
    )
    for lead in LEADS:
        page.write(0.0, top, f"{lead} months ahead", **BOLD)
        axes = page.axes(_LEFT, top + _PANEL_HEAD, INSIDE - _LEFT, _PANEL - 24.0)
        _gas_panel(axes, gas[gas["lead"] == lead], terms)
        top += _PANEL_HEAD + _PANEL
    return page.close()


def _gas_panel(axes: Axes, gas: pd.DataFrame, terms: pd.DataFrame) -> None:
    for value in _DISCOUNTS:
        axes.axhline(_height(value), color=QUIET if value == 0.0 else RULE, linewidth=0.7, zorder=0)
    at = [_year(month) for month in terms["month"]]
    axes.fill_between(at, _height(terms["low"]), _height(terms["high"]), color=RULE, linewidth=0, zorder=1)
    came = "by the terms on record"
    axes.plot(at, _height(terms["discount"]), color=INK, linewidth=1.0, zorder=2, label=came)
    for _, row in gas.iterrows():
        x = _year(row["month"])
        if row["forecaster"] == PERSISTENCE:
            x += _ASIDE
            axes.plot([x, x], _height(row[["low90", "high90"]]), color=QUIET, linewidth=0.9, zorder=2.5)
            axes.plot(x, _height(row["median"]), zorder=2.6, label="by persistence: median, 90 %", **_HELD)
        else:
            _spans(axes, x, row, upright=True, scale=_height)
    market = dict(zip(terms["month"], terms["market"], strict=True))
    for price in REPORTED:
        months = [month for month in terms["month"] if month_of(month) in price.months]
        mean = float(np.mean([market[month] for month in months]))
        x = float(np.mean([_year(month) for month in months])) - _ASIDE
        ends = [1.0 - price.high / mean, 1.0 - price.low / mean]
        axes.plot([x, x], _height(ends), color=_SEEN["color"], linewidth=1.6, zorder=8)
        axes.plot(x, _height(float(np.mean(ends))), markersize=5.5, zorder=9, label="reported price", **_SEEN)
    axes.set_ylim(_height(_LOWEST), _height(_HIGHEST))
    axes.set_yticks([_height(value) for value in _DISCOUNTS])
    axes.set_yticklabels([minus(f"{100 * value:.0f} %") for value in _DISCOUNTS])
    axes.spines["left"].set_visible(True)
    axes.set_xlim(2015.9, 2024.2)
    axes.set_xticks(range(2016, 2025), labels=[])
    axes.set_xticks(np.arange(2016.5, 2024.0), labels=range(2016, 2024), minor=True)  # in a year's middle
    axes.tick_params(axis="x", which="major", length=4.0, color=QUIET)
    axes.tick_params(axis="x", which="minor", length=0.0, labelsize=SMALL)


def _height(discount: Any) -> Any:
    return -np.log(1.0 - np.asarray(discount, dtype=np.float64))


def _year(month: str) -> float:
    """Return where a month's end stands among years."""
    return FIRST_YEAR + (month_of(month) + 1) / 12.0


# --- the break of March 2014 ---

_NAMES, _ROW, _GAP, _SCALE = 138.0, 12.5, 6.0, 20.0
_PANELS = (
    ("cfsp_alignment", "2014-H1", "First half of 2014"),
    ("cfsp_alignment", "2014-H2", "Second half of 2014"),
    ("cfsp_alignment", "2014", "The year 2014"),
    ("cfsp_alignment", "2015", "The year 2015"),
    ("un_votes", "2014-03-27", "UN vote of 27 March 2014: absent, counted as abstaining"),
    ("posture", "2014-12", "Posture at the end of 2014: balancer by the record"),
)
_LAST = 3  # panel of alignment, below which stand its scale and its key


@styled
def break_figure(tables: Tables) -> Figure:
    """Draw the alignment forecast on 1 March 2014, then the chances of the vote and of each posture."""
    table, head = tables["break"], BODY * LEADING + 4.0
    panels = [
        (words, table[(table["target"] == target) & (table["window"] == window)])
        for target, window, words in _PANELS
    ]
    page = Page(
        title="On 1 March 2014 nothing pointed to the fall in alignment; told of the war, the model expects one",
        subtitle="Share of EU declarations that Serbia joins, forecast on 1 March 2014, and what was published or told "
        "later; below, chances of the UN vote and of each posture.",
        foot=(
            "War given: the war and prices as they happened. The record has no figure for 2014: hollow marks are a "
            "minister's count of a hundred days, and \N{LEFT DOUBLE QUOTATION MARK}a little above 50 "
            "percent\N{RIGHT DOUBLE QUOTATION MARK} drawn as a range.",
        ),
    )
    top = 0.0
    for number, (words, rows) in enumerate(panels):
        page.write(0.0, top, words, **BOLD)
        axes = page.axes(
            _NAMES, top + head, INSIDE - _NAMES - 6.0, len(rows) * _ROW, ylim=(len(rows) - 0.5, -0.5)
        )
        axes.spines["left"].set_visible(True)
        axes.set_yticks(range(len(rows)), [LABELS[name] for name in rows["forecaster"]])
        if number <= _LAST:
            _alignment_panel(axes, rows, scale=number == _LAST)
        else:
            _chances_panel(axes, rows)
        top += head + len(rows) * _ROW + _GAP
        if number == _LAST:
            top = page.key(top + _SCALE, labelled(*page.figure.axes)) + 6.0
    return page.close(_CHANCES)


_EDGE: dict[str, Any] = {"edgecolor": QUIET, "linewidth": 0.5}
_CHANCES = {
    "with Russia / ally": Patch(facecolor=POSTURE["ally"]),
    "abstains / balancer": Patch(facecolor=POSTURE["balancer"], **_EDGE),
    "against it / opponent": Patch(facecolor=POSTURE["opponent"]),
    "no war, so no posture": Patch(facecolor=PAPER, **_EDGE),
}


def _alignment_panel(axes: Axes, rows: pd.DataFrame, *, scale: bool) -> None:
    for at, (_, row) in enumerate(rows.iterrows()):
        _spans(axes, at, row, upright=False)
    middle, window, outcome = (len(rows) - 1) / 2.0, rows["window"].iloc[0], rows["outcome"].iloc[0]
    mark: dict[str, Any] = {"ymin": -0.5, "ymax": len(rows) - 0.5, "color": _SEEN["color"], "linewidth": 1.0}
    if np.isfinite(outcome):
        axes.vlines(outcome, zorder=6, **mark)
        axes.plot(outcome, middle, markersize=6, zorder=7, label="published later", **_SEEN)
    for entry in TOLD["told"]:
        if entry["window"] == window:
            low, high = entry["low"], entry["high"]
            if high > low:
                axes.axvspan(low, high, color=RULE, linewidth=0, zorder=1)
            axes.vlines([*{low, high}], linestyle=(0, (2, 1.5)), zorder=2, **mark)
            axes.plot((low + high) / 2.0, middle, zorder=7, label="told, not on record", **_HOLLOW)
    ticks = np.arange(0.3, 1.01, 0.1)
    axes.set_xlim(0.3, 1.0)
    axes.set_xticks(ticks, labels=map(percent, ticks) if scale else [])
    axes.grid(axis="x", color=RULE, linewidth=0.6, zorder=0)


def _chances_panel(axes: Axes, rows: pd.DataFrame) -> None:
    colours = (POSTURE["ally"], POSTURE["balancer"], POSTURE["opponent"], PAPER)
    for at, (_, row) in enumerate(rows.iterrows()):
        left = 0.0
        for number, colour in enumerate(colours):
            share, none = row[f"chance{number}"], colour == PAPER
            if not np.isfinite(share):
                continue
            axes.barh(at, share, 0.76, left, color=colour, edgecolor=QUIET if none else PAPER, linewidth=0.5)
            if share >= 0.09 and not none:
                style = {"color": PAPER if number == 0 else INK, "fontsize": SMALL - 0.5}
                axes.text(left + share / 2.0, at, percent(share), ha="center", va="center", **style)
            left += share
