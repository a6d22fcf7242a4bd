"""The scorecard: skill against each rival, by target and pooled; whether bands hold what they say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.plots.page import INSIDE, LEADING, LINE, Key, Page
from sim.plots.series import FigureError
from sim.plots.style import BOLD, FORECAST, INK, PAPER, QUIET, RULE, SMALL, styled
from sim.quantities.catalogue import TARGETS
from sim.record.cases import CLASSES, FIGURES
from sim.rivals import POOLED, SHRUNK
from sim.verification.pooling import ALL_TARGETS, FEWEST, SINCE_2018, WHOLE
from sim.verification.scorecard import (
    ALL,
    GIVEN,
    MODEL,
    NO_INCENTIVES,
    NO_INCENTIVES_GIVEN,
    UNLEARNED,
    Scorecard,
)
from sim.words import HELD, minus, percent, signed

_NAMES, _POOLED, _VALUE, _BESIDE = 112.0, 54.0, 28.0, 14.0
"""Width of the rows' names, of the pooled skills' column, of its numbers, and the gap beside a column; points."""

_ROW, _GAP, _PANEL, _COVERAGE = 13.5, 12.0, 92.0, 232.0
_HEAD, _COLUMN_HEAD = LINE + 4.0, 3 * SMALL * LEADING + 24.0
_PIT_BINS = 10
_REACH = 1.0
"""How far the scale of skill reaches to either side; what lies beyond is drawn as an arrow."""

_DOT: dict[str, Any] = {"color": FORECAST[2], "linewidth": 1.4, "markeredgewidth": 1.2, "clip_on": False}
_ELSEWHERE = _DOT | {"color": FORECAST[1]}
"""How the intervals of other seeds are drawn."""

_ASIDE = 4.5
"""How far below its own row the last of them lies, points."""

_OVER = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.0}
"""The ground of words that lie over the lines of columns."""

_NAMED = 2
"""Rivals that a title names; more are counted."""

_ERAS = "the same by era, against shrunk persistence"
_GIVEN = "the model, given war and prices as they happened"

_LABELS = {
    **{name: target.short for name, target in TARGETS.items()},
    "un_votes": "UN\nvotes",
    "chapter_within_year": "chapter in a year",
    "alignment_half": "half joined",
    "sanctions_within_year": "sanc-\ntions",
    ALL_TARGETS: "pooled",
    UNLEARNED: "before learning",
    NO_INCENTIVES_GIVEN: NO_INCENTIVES,
}


@styled
def scorecard(card: Scorecard, others: Sequence[Scorecard] = ()) -> Figure:
    """Draw a scorecard: CRPS and Brier skill with intervals, coverage of the bands, the PIT.

    A row is a rival, a column a target with its number of outcomes; the first pools the targets that have enough.

    Parameters
    ----------
    others: of the same cases with other seeds: a skill is told from none only if every seed's interval leaves out zero.

    Raises FigureError if the model is not among the forecasters.
    """
    if MODEL not in card.forecasters:
        raise FigureError(f"the scorecard has no {MODEL!r}; it has {', '.join(card.forecasters)}")
    published = POOLED if POOLED in card.forecasters else MODEL
    cards = (card, *others)
    found = _in_every_seed([each.skills() for each in cards])
    eras = _in_every_seed([_by_era(each) for each in cards])
    given = found[(found["forecaster"] == GIVEN) & found["rival"].isin([NO_INCENTIVES_GIVEN, MODEL])]
    of_figures = (
        ("pooled forecast", found, POOLED),
        (_ERAS, eras, POOLED),
        ("the model by itself", found, MODEL),
        (_ERAS, eras, MODEL),
        (_GIVEN, given, GIVEN),
    )
    of_classes = [group for group in of_figures if group[0] != _ERAS]
    dates, leads = sorted(card.data["origin"].unique()), ", ".join(map(str, card.provenance["leads"]))
    page = Page(
        title=_finding(found, eras, published, len(cards)),
        subtitle="Skill = 1 \N{MINUS SIGN} score / rival's score, right of zero the rival did worse; "
        f"{len(dates)} origins from {dates[0]} to {dates[-1]}, {leads} months ahead",
        foot=_foot(card, others),
    )
    top = 0.0
    for title, score, targets, groups in (
        ("Figures: skill by CRPS", "crps", FIGURES, of_figures),
        ("Events and votes: by Brier score", "brier", CLASSES, of_classes),
    ):
        parts = [(name, _of(table, own, score)) for name, table, own in groups]
        if parts := [(name, rows) for name, rows in parts if len(rows)]:
            _table(page, title, parts, targets, top)
            top = page.end() + _GAP
    top = page.key(top, _key(others)) + _GAP
    _draw_coverage(page, card, published, top)
    _draw_pit(page, card, published, top)
    return page.close({})


def _by_era(card: Scorecard) -> Any:
    """Return the skills against shrunk persistence in each era, with the era in the place of the rival."""
    found = card.skills_by_era()
    found = found[(found["rival"] == SHRUNK) & (found["era"] != WHOLE)]
    return found.assign(rival="of " + found["era"])


def _in_every_seed(seeds: Sequence[Any]) -> Any:
    """Return the first seed's skills with the columns `clear` and `elsewhere`.

    `clear` is 1 if the interval lies above zero with every seed, -1 if below with every one, else 0; `elsewhere` holds
    the other seeds' intervals.
    """
    first, *others = (skills.set_index(["forecaster", "rival", "score", "target"]) for skills in seeds)
    ends = np.array([each.reindex(first.index)[["low", "high"]] for each in (first, *others)])
    clear = (ends[..., 0] > 0.0).all(axis=0).astype(int) - (ends[..., 1] < 0.0).all(axis=0)
    return first.assign(clear=clear, elsewhere=[*ends[1:].swapaxes(0, 1)]).reset_index()


def _of(table: Any, own: str, score: str) -> Any:
    """Return a forecaster's skills by one score."""
    return table[(table["forecaster"] == own) & (table["score"] == score)]


def _table(
    page: Page, title: str, groups: Sequence[tuple[str, Any]], targets: Sequence[str], top: float
) -> None:
    """Draw skills as a table of dots, rivals in groups down, the targets across."""
    page.write(0.0, top, title, **BOLD)
    begin = end = top + _COLUMN_HEAD
    placed = []
    for group, found in groups:
        page.write(0.0, end + 1.0, group, color=INK, weight="bold", zorder=4, bbox=_OVER)
        rivals = found["rival"].unique()
        at = dict(zip(rivals, end + _ROW * (np.arange(len(rivals)) + 1.5), strict=True))
        for name, middle in at.items():
            not_given = name == MODEL and (found["forecaster"] == GIVEN).all()
            words = "the same, not given them" if not_given else _LABELS.get(name) or str(name)
            page.write(0.0, middle, words, va="center", color=INK)
        placed.append(found.assign(at=found["rival"].map(at)))
        end += _ROW * (len(rivals) + 1) + 4.0
    rows = pd.concat(placed)
    width = (INSIDE - _NAMES - _POOLED - _VALUE) / len(targets)
    for name in (ALL_TARGETS, *targets):
        part = rows[rows["target"] == name]
        if part.empty:
            continue
        left, across = _NAMES, _POOLED - _BESIDE
        if name != ALL_TARGETS:
            left, across = _NAMES + _POOLED + _VALUE + width * targets.index(name) + 10.0, width - _BESIDE
        axes = page.axes(left, begin, across, end - begin, xlim=(-_REACH, _REACH), ylim=(end, begin))
        shown = part[np.isfinite(part["skill"])]
        _column(axes, shown)
        star = "" if part["pooled"].any() else "*"
        label = _LABELS[name].replace(" ", "\n", 1) + f"\nn{HELD}{int(part['n'].max())}{star}"
        axes.set_title(label, fontsize=SMALL, color=QUIET, linespacing=LEADING)
        if name == ALL_TARGETS:
            axes.yaxis.tick_right()
            axes.set_yticks(shown["at"], [signed(skill, 2) for skill in shown["skill"]], weight="bold")


def _column(axes: Axes, part: Any) -> None:
    for at in (-0.5, 0.5):
        axes.axvline(at, color=RULE, linewidth=0.8, zorder=0.5)
    axes.axvline(0.0, color=INK, linewidth=0.9, zorder=1)
    axes.set_xticks([-1.0, 0.0, 1.0], labels=[minus("-1"), "0", "1"])
    axes.tick_params(axis="x", labeltop=True, labelcolor=QUIET)
    for row in part.itertuples():
        for number, ends in enumerate([(row.low, row.high), *row.elsewhere]):
            at = row.at + _ASIDE * number / max(len(row.elsewhere), 1)  # the other seeds' a little lower
            style = _ELSEWHERE if number else _DOT
            axes.plot(np.clip(ends, -_REACH, _REACH), [at, at], "-", zorder=2, **style)
        for beyond, at, mark in ((row.low < -_REACH, -_REACH, "<"), (row.high > _REACH, _REACH, ">")):
            if beyond:
                axes.plot([at], [row.at], mark, markersize=4.0, zorder=2, **_DOT)
        if abs(row.skill) <= _REACH:
            inside = FORECAST[2] if row.pooled and row.clear else PAPER
            axes.plot([row.skill], [row.at], "o", markersize=5.0, markerfacecolor=inside, zorder=3, **_DOT)


def _key(others: Sequence[Scorecard]) -> Key:
    full = _DOT | {"marker": "o", "markersize": 5.0}
    seeds, every = " and ".join(str(other.provenance["seed"]) for other in others), " with every seed"
    drawn = {
        f"interval of 90 % leaves out zero{every if others else ''}": full,
        "does not, or is not pooled": full | {"markerfacecolor": PAPER},
        **({f"all again with seed {seeds}": _ELSEWHERE} if others else {}),
    }
    return {words: Line2D([], [], **style) for words, style in drawn.items()}


def _finding(found: Any, eras: Any, own: str, seeds: int) -> str:
    """Return how many rivals are beaten on figures with every seed, how many win, and which are not told apart.

    Besides, what there is to say of the years since 2018, where rivals knew as much as they know today.
    """
    pooled = _of(found[found["target"] == ALL_TARGETS], own, "crps")
    if pooled.empty:
        return f"Too few outcomes to pool: no target has {FEWEST} at any lead"
    plain = pooled[~pooled["rival"].isin([MODEL, UNLEARNED, NO_INCENTIVES])]
    counts = {"better": int((plain["clear"] > 0).sum()), "worse": int((plain["clear"] < 0).sum())}
    most, least = sorted(counts, key=lambda side: -counts[side])
    drawn = "one seed" if seeds == 1 else f"each of {seeds} seeds"
    words = f"On figures, with {drawn}, the {own} is clearly {most} than {counts[most] or 'none'} of "
    words += f"{len(plain)} rivals"
    if counts["worse"]:
        words += f" and {least} than {counts[least] or 'none'}"
    alike = list(plain.loc[plain["clear"] == 0, "rival"])
    named = alike if len(alike) <= _NAMED else [f"the other {len(alike)}"]
    if (pooled.loc[pooled["rival"] == NO_INCENTIVES, "clear"] == 0).any():
        named = [*named, "itself without incentives"]
    words += f"; not told from {', nor from '.join(named)}" if named else ""
    late = _of(
        eras[(eras["target"] == ALL_TARGETS) & (eras["rival"] == f"of {SINCE_2018.name}")], own, "crps"
    )
    if late.empty or late["clear"].iloc[0] > 0:
        return words
    verdict = "no better than" if late["clear"].iloc[0] == 0 else "worse than"
    return f"{words}; from 2018 on it is {verdict} {SHRUNK}"


def _foot(card: Scorecard, others: Sequence[Scorecard]) -> list[str]:
    made = card.provenance
    seeds = " and ".join(str(one.provenance["seed"]) for one in (card, *others))
    return [
        "Pseudo-real-time, and a development sample: those who wrote the model knew these years. Intervals of 90 per "
        "cent from resampled pairs of consecutive origins, the same for all. An arrow: beyond the scale. Dashed: what "
        "it should be. PIT: where the outcome fell in the forecast's distribution.",
        f"n: outcomes, the most of any row. *: fewer than {FEWEST} at every lead, not pooled.",
        f"Record of {card.country.state}. "
        f"{made['members']:,} members, {made['particles']:,} particles, seed{'s' if others else ''} {seeds}. "
        "Rules declared before the first score: docs/declared.md.",
    ]


def _draw_coverage(page: Page, card: Scorecard, own: str, top: float) -> None:
    """Draw how often the bands held the figure, by target and of all, with intervals."""
    page.write(0.0, top, "How often the bands held", **BOLD)
    found = card.coverage()
    found = found[found["forecaster"] == own]
    names = [name for name in (ALL, *FIGURES) if (found["target"] == name).any()]
    axes = page.axes(118.0, top + _HEAD, _COVERAGE - 118.0, _PANEL, ylim=(len(names) - 0.5, -0.5))
    axes.set_xticks([0.5, 0.9], labels=[percent(0.5), percent(0.9)])
    for share, mark, aside, colour in ((0.5, "o", -0.16, FORECAST[2]), (0.9, "s", 0.16, FORECAST[1])):
        axes.axvline(share, color=QUIET, linewidth=0.9, linestyle=(0, (3, 2)), zorder=0.5)
        part = found[found["band"] == share].set_index("target").loc[names]
        mark_style = _DOT | {"color": colour}
        at = np.arange(len(names)) + aside
        axes.plot([part["low"], part["high"]], [at, at], "-", zorder=2, **mark_style)
        axes.plot(part["coverage"], at, mark, markersize=4.5, zorder=3, **mark_style)
    counts = found.groupby("target")["n"].first()
    words = [f"{'all' if name == ALL else TARGETS[name].short}, n{HELD}{counts[name]}" for name in names]
    axes.set_yticks(range(len(names)), words)
    axes.tick_params(axis="x", labelcolor=QUIET)


def _draw_pit(page: Page, card: Scorecard, own: str, top: float) -> None:
    """Draw the histogram of the PIT beside the even one that it should be."""
    values = card.data.loc[(card.data["forecaster"] == own) & card.data["pit"].notna(), "pit"]
    left = _COVERAGE + 28.0
    page.write(left, top, f"PIT, n{HELD}{len(values)}", **BOLD)
    counts, edges = np.histogram(values, bins=_PIT_BINS, range=(0.0, 1.0))
    heights, even = counts / max(len(values), 1), 1.0 / _PIT_BINS
    high = max(float(heights.max()) * 1.05, 1.5 * even)
    axes = page.axes(left, top + _HEAD, INSIDE - left - 6.0, _PANEL, ylim=(0.0, high))
    axes.bar(edges[:-1], heights, even, align="edge", color=FORECAST[1], edgecolor=PAPER, linewidth=0.8)
    axes.axhline(even, color=INK, linewidth=1.0, linestyle=(0, (3, 2)))
    axes.spines["bottom"].set_visible(True)
    axes.set_xticks([0.0, 0.5, 1.0], labels=["0", ".5", "1"])
    axes.tick_params(labelcolor=QUIET)
