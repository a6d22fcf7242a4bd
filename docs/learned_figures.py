"""The figures of docs/learned.md that are drawn from its tables: `learned.py` saves them in docs/images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from learned_checks import EXTREME, side
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.plots.page import INSIDE, KEY_ROW, LEADING, Page, measure
from sim.plots.style import BODY, FORECAST, INK, PAPER, PAST, QUIET, RULE, SMALL, styled
from sim.words import percent

_ROW, _CHECK_ROW = 19.0, 13.0
_DARK: dict[str, Any] = {"color": FORECAST[2], "clip_on": False}
_NAME: dict[str, Any] = {"ha": "right", "va": "center", "color": INK}
TARGETS = {
    "cfsp_alignment": "EU declarations joined",
    "un_position": "UN ideal point",
    "eu_support": "support for the EU",
    "un_votes": "votes on UN texts",
    "chapters_opened": "chapters opened",
    "events": "what else happened",
}


def label(question: str) -> str:
    """Return a question's name in words.

    >>> label("un-position-half-in-2025"), label("ally-at-end-2025")
    ('UN position half in 2025', 'ally at the end of 2025')
    """
    words = [{"un": "UN", "eu": "EU", "end": "the end of"}.get(word, word) for word in question.split("-")]
    return " ".join(words)


@styled
def answers_figure(table: pd.DataFrame, made: Mapping[str, Any]) -> Figure:
    """Draw each question's answer before and after learning, under every learning seed, and its range."""
    names = [label(name) for name in table["id"]]
    left = max(measure(name, SMALL) for name in names) + 10.0
    after = measure("100", SMALL) + 4.0
    top, height = 2 * KEY_ROW + 6.0, _ROW * len(table)
    first = table.iloc[0]
    wider = first["high"] - first["low"] > first["seeds_max"] - first["seeds_min"]
    page = Page(
        title=f"Learning takes {label(first['id'])} from {percent(first['before'])} to {percent(first['learned'])}; "
        f"judgement moves that {'further' if wider else 'no further'} than another learning seed",
        subtitle="The scenario's questions, chance in per cent, before and after learning from the record",
        foot=[_foot(made)],
    )
    ends = Line2D([], [], marker="|", linestyle="", markersize=8, **_DARK)
    ranges = [
        (Patch(color=FORECAST[0]), "range over judgement"),
        (ends, "least and greatest of the learning seeds"),
    ]
    answers = [(_mark(PAPER), "before learning"), (_mark(FORECAST[2]), "learned, the first seed")]
    page.key(0.0, [ranges, answers])
    axes = page.axes(left, top, INSIDE - left - after, height, ylim=(len(table), 0))
    axes.tick_params(labelcolor=QUIET)
    axes.set_xticks([0.0, 0.25, 0.5, 0.75, 1.0], labels=["0", "25", "50", "75", "100 %"])
    for at in (0.0, 0.25, 0.5, 0.75, 1.0):
        axes.axvline(at, color=RULE, linewidth=0.8, zorder=0)
    for place, row in enumerate(table.itertuples()):
        middle = place + 0.5
        axes.barh(middle, max(row.high - row.low, 0.002), 0.62, row.low, color=FORECAST[0], zorder=1)
        axes.plot([row.seeds_min, row.seeds_max], [middle] * 2, "-", linewidth=1.2, zorder=3, **_DARK)
        axes.plot([row.seeds_min, row.seeds_max], [middle] * 2, "|", markersize=8, zorder=3, **_DARK)
        axes.plot([row.before], [middle], "o", markerfacecolor=PAPER, markersize=5.5, zorder=2, **_DARK)
        axes.plot([row.learned], [middle], "o", markersize=5.5, zorder=4, **_DARK)
        page.write(left - 8.0, top + _ROW * middle, names[place], **_NAME)
    return page.close(top + height + 22.0)


@styled
def checks_figure(table: pd.DataFrame, made: Mapping[str, Any]) -> Figure:
    """Draw the p-value of every check, with the least and the greatest of all learning seeds."""
    groups = [(target, table[table["target"] == target]) for target in dict.fromkeys(table["target"])]
    left = max(measure(words, SMALL) for words in table["statistic"]) + 10.0
    head, gap = BODY * LEADING + 5.0, 7.0
    top = 2 * KEY_ROW + 8.0
    extreme = sum(side(p) != "" for p in table["p"])
    page = Page(
        title=f"{extreme} of {len(table)} statistics of the record {'lies' if extreme == 1 else 'lie'} where fewer "
        "than one in twenty learned histories do",
        subtitle="Share of replicated histories in which the statistic is lower than on record (ties half): "
        "near 0 the record is lower than the model expects, near 1 higher",
        foot=[_foot(made), f"Shaded: below {EXTREME:.2f} or above {1 - EXTREME:.2f}, a misfit (judgement)."],
    )
    first = [(_mark(PAPER), "first seed"), (_mark(FORECAST[2]), "the same, a misfit")]
    others = [(Line2D([], [], linewidth=1.2, **_DARK), "least to greatest of all learning seeds")]
    page.key(0.0, [first, others])
    for number, (target, rows) in enumerate(groups):
        page.write(0.0, top, TARGETS.get(target, target), fontsize=BODY, color=INK, weight="bold")
        top += head
        axes = page.axes(left, top, INSIDE - left - 8.0, _CHECK_ROW * len(rows), ylim=(len(rows), 0))
        axes.tick_params(labelcolor=QUIET)
        for low in (0.0, 1.0 - EXTREME):
            axes.axvspan(low, low + EXTREME, color=PAST[1], linewidth=0, zorder=0)
        axes.axvline(0.5, color=RULE, linewidth=0.8, zorder=0)
        last = number == len(groups) - 1
        axes.set_xticks([0.0, 0.5, 1.0] if last else [], labels=["0", "0.5", "1"] if last else [])
        for place, row in enumerate(rows.itertuples()):
            middle = place + 0.5
            axes.plot([row.p_min, row.p_max], [middle] * 2, "-", linewidth=1.2, zorder=2, **_DARK)
            inside = FORECAST[2] if side(row.p) else PAPER
            axes.plot([row.p], [middle], "o", markerfacecolor=inside, markersize=4.5, zorder=3, **_DARK)
            page.write(left - 8.0, top + _CHECK_ROW * middle, row.statistic, **_NAME)
        top += _CHECK_ROW * len(rows) + gap
    return page.close(top + 22.0)


def _mark(inside: str) -> Line2D:
    return Line2D([], [], marker="o", linestyle="", markerfacecolor=inside, markersize=5.5, **_DARK)


def _foot(made: Mapping[str, Any]) -> str:
    return (
        f"Scenario {made['scenario']}; {made['particles']:,} particles for each of {len(made['learning_seeds'])} "
        f"learning seeds, {made['members']:,} members, {made['members_of_checks']:,} for "
        "checks. Tables: results/learned"
    )
