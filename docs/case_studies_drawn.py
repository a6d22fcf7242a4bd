"""The two figures of docs/case-studies.md: forecasts beside what came. `case_studies.py` saves them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from case_studies_measured import CHANCES, PERSISTENCE, REPORTED, TOLD, month_of
from drawn import bands, key, name_rows, sheet
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator, PercentFormatter

from sim.clock import FIRST_YEAR
from sim.plots.style import INK, PAPER, POSTURE, QUIET, RULE, SMALL, styled
from sim.record.cases import LEADS
from sim.verification.scorecard import GIVEN, MODEL, NO_INCENTIVES, NO_INCENTIVES_GIVEN
from sim.words import percent

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

_SEEN: dict[str, Any] = {"color": POSTURE["ally"], "marker": "D", "markersize": 5.0, "linestyle": ""}
_SEEN |= {"markeredgecolor": PAPER, "markeredgewidth": 0.8}
_TOLD = _SEEN | {"markeredgecolor": POSTURE["ally"], "markerfacecolor": PAPER}
_HELD: dict[str, Any] = {"color": QUIET, "marker": "o", "markersize": 4.0, "markerfacecolor": PAPER}


# --- the gas discount ---

_DISCOUNTS = (0.95, 0.9, 0.75, 0.5, 0.0, -1.0, -3.0, -7.0)
_LOWEST, _HIGHEST = -9.0, 0.965
_ASIDE = 0.14  # years by which persistence stands beside the model


@styled
def gas_figure(tables: Tables) -> Figure:
    """Draw per lead the model's and persistence's bands beside the discount by terms and the reported prices."""
    gas, terms = (tables[name].assign(year=tables[name]["month"].map(_year)) for name in ("gas", "terms"))
    figure, panels = sheet(
        "From no origin before 2022 did the model's bands hold the reported discounts of 2021 and 2022",
        "Discount on Russian gas, 1 \N{MINUS SIGN} contract price / market price; below 0 Serbia pays more than the "
        "market. Even in price over market; lines that reach the edge go on. Terms: by the contract's formula, with "
        "the stated range of its slope. Reported: told in the press.",
        [9.0] * len(LEADS),
        key_rows=3,
        sharex=True,
        sharey=True,
    )
    panels[0].set_ylim(_LOWEST, _HIGHEST)
    panels[0].set_yscale(
        "function", functions=(lambda d: -np.log(1.0 - d), lambda height: 1.0 - np.exp(-height))
    )
    for axes, lead in zip(panels, LEADS, strict=True):
        axes.set_title(f"{lead} months ahead", loc="left", fontsize=SMALL, weight="bold")
        axes.fill_between(terms["year"], terms["low"], terms["high"], color=RULE, linewidth=0)
        axes.plot(terms["year"], terms["discount"], color=INK, linewidth=1.0, label="by the terms on record")
        held, own = (
            gas[(gas["lead"] == lead) & (gas["forecaster"] == name)] for name in (PERSISTENCE, MODEL)
        )
        aside = held["year"] + _ASIDE
        axes.vlines(aside, held["low90"], held["high90"], color=QUIET, linewidth=0.9)
        axes.plot(aside, held["median"], linestyle="", label="persistence, 90 %", **_HELD)
        bands(axes, own["year"], own, whose="model, ", upright=True)
        for price in REPORTED:
            market = terms.loc[terms["month"].map(month_of).isin(price.months), ["year", "market"]].mean()
            ends = [1.0 - end / market["market"] for end in (price.high, price.low)]
            axes.vlines(market["year"] - _ASIDE, *ends, color=_SEEN["color"], linewidth=1.6)
            label = "reported price" if price is REPORTED[0] else None
            axes.plot(market["year"] - _ASIDE, np.mean(ends), label=label, **_SEEN)
        axes.grid(axis="y", color=RULE, linewidth=0.7)
        axes.axhline(0.0, color=QUIET, linewidth=0.7)
    axes.set_yticks(_DISCOUNTS)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set_xlim(2015.9, 2024.2)
    return key(figure)


def _year(month: str) -> float:
    """Return where a month's end stands among years."""
    return FIRST_YEAR + (month_of(month) + 1) / 12.0


# --- the break of March 2014 ---

_PANELS = (
    ("cfsp_alignment", "2014-H1", "First half of 2014"),
    ("cfsp_alignment", "2014-H2", "Second half of 2014"),
    ("cfsp_alignment", "2014", "The year 2014"),
    ("cfsp_alignment", "2015", "The year 2015"),
    ("un_votes", "2014-03-27", "UN vote of 27 March 2014: absent, so abstaining"),
    ("posture", "2014-12", "Posture at the end of 2014: balancer by the record"),
)
_CHOICES = {
    "with Russia / ally": POSTURE["ally"],
    "abstains / balancer": POSTURE["balancer"],
    "against it / opponent": POSTURE["opponent"],
    "no war, so no posture": PAPER,
}


@styled
def break_figure(tables: Tables) -> Figure:
    """Draw the alignment forecast on 1 March 2014, then the chances of the vote and of each posture."""
    of = tables["break"].groupby(["target", "window"])
    told = [of.get_group((target, window)) for target, window, _ in _PANELS]
    figure, panels = sheet(
        "On 1 March 2014 nothing pointed to the fall in alignment; told of the war, the model expects one",
        "Share of EU declarations that Serbia joins, forecast on 1 March 2014, and what was published or told later; "
        "below, chances of the UN vote and of each posture. War given: the war and prices as they happened. Told: a "
        "minister's count of a hundred days, and \N{LEFT DOUBLE QUOTATION MARK}a little above 50 percent"
        "\N{RIGHT DOUBLE QUOTATION MARK} as a range.",
        [len(rows) for rows in told],
        key_rows=5,
    )
    for axes, rows, (target, window, words) in zip(panels, told, _PANELS, strict=True):
        at = name_rows(axes, rows["forecaster"].map(LABELS), words)
        if target == "cfsp_alignment":
            _alignment(axes, at, rows, window)
        else:
            _chances(axes, rows)
    return key(figure)


def _alignment(axes: Axes, at: np.ndarray, rows: pd.DataFrame, window: str) -> None:
    bands(axes, at, rows)
    middle, line = at[-1] / 2.0, {"color": _SEEN["color"], "linewidth": 1.0}
    axes.axvline(rows["outcome"].iloc[0], **line)
    axes.plot(rows["outcome"].iloc[0], middle, label="published later", **_SEEN)
    for entry in TOLD["told"]:
        if entry["window"] == window:
            ends = entry["low"], entry["high"]
            axes.axvspan(*ends, color=RULE, linewidth=0, zorder=0)
            axes.vlines(ends, -0.5, at[-1] + 0.5, linestyle=(0, (2, 1.5)), **line)
            axes.plot(np.mean(ends), middle, label="told, not on record", **_TOLD)
    axes.set_xlim(0.3, 1.0)
    axes.grid(axis="x", color=RULE, linewidth=0.6)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))


def _chances(axes: Axes, rows: pd.DataFrame) -> None:
    left = np.zeros(len(rows))
    for column, (words, colour) in zip(CHANCES, _CHOICES.items(), strict=True):
        shares = rows[column].fillna(0.0).to_numpy()
        bars = axes.barh(
            range(len(rows)), shares, 0.76, left, color=colour, edgecolor=QUIET, linewidth=0.5, label=words
        )
        said = [percent(share) if share >= 0.09 and colour != PAPER else "" for share in shares]
        ink = PAPER if colour == POSTURE["ally"] else INK
        axes.bar_label(bars, said, label_type="center", color=ink, fontsize=SMALL - 0.5)
        left += shares
    axes.set_xlim(0.0, 1.0)
    axes.set_xticks([])
