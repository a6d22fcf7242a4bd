"""The scorecard: skill against each rival, by target and pooled; whether bands hold what they say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.cases import CLASSES, FIGURES
from sim.catalogue import TARGETS
from sim.country import DEFAULT, load_country
from sim.plots.page import INSIDE, KEY_ROW, LEADING, LINE, KeyRow, Page, open_page
from sim.plots.series import FigureError
from sim.plots.style import BOLD, FORECAST, INK, PAPER, QUIET, RULE, SMALL, styled
from sim.rivals import POOLED as POOLED_FORECAST, SHRUNK
from sim.verification.pooling import FEWEST, POOLED, SINCE_2018, WHOLE
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

_NAMES, _POOLED, _VALUE = 112.0, 54.0, 28.0
_ROW, _SCALE, _GAP, _PANEL, _COVERAGE = 15.0, 20.0, 12.0, 92.0, 232.0
_HEAD, _COLUMN_HEAD = LINE + 4.0, 3 * SMALL * LEADING + 4.0
_PIT_BINS = 10
_REACH = 1.0
"""How far the scale of skill reaches to either side; what lies beyond is drawn as an arrow."""

_DOT: dict[str, Any] = {"color": FORECAST[2], "linewidth": 1.4, "markeredgewidth": 1.2, "clip_on": False}
_ELSEWHERE = _DOT | {"color": FORECAST[1]}
"""How the intervals of other seeds are drawn."""

_LABELS = {
    **{name: target.short for name, target in TARGETS.items()},
    "un_votes": "UN\nvotes",
    "chapter_within_year": "chapter in a year",
    "alignment_half": "half joined",
    "sanctions_within_year": "sanc-\ntions",
    POOLED: "pooled",
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
    published = POOLED_FORECAST if POOLED_FORECAST in card.forecasters else MODEL
    cards = (card, *others)
    found = _in_every_seed([each.skills() for each in cards])
    eras = _in_every_seed([_by_era(each) for each in cards])
    given = found[(found["forecaster"] == GIVEN) & found["rival"].isin([NO_INCENTIVES_GIVEN, MODEL])]
    blocks = [
        (title, rows, targets)
        for title, table, own, score, targets in (
            ("Pooled forecast of figures: skill by CRPS", found, POOLED_FORECAST, "crps", FIGURES),
            ("The same by era, against shrunk persistence", eras, POOLED_FORECAST, "crps", FIGURES),
            ("The model's own figures: skill by CRPS", found, MODEL, "crps", FIGURES),
            ("The same by era, against shrunk persistence", eras, MODEL, "crps", FIGURES),
            ("Events and votes, pooled: by Brier score", found, POOLED_FORECAST, "brier", CLASSES),
            ("Events and votes by the model: by Brier score", found, MODEL, "brier", CLASSES),
            ("War and prices given as they happened: by CRPS", given, GIVEN, "crps", FIGURES),
            ("War and prices given: by Brier score", given, GIVEN, "brier", CLASSES),
        )
        if len(rows := _of(table, own, score))
    ]
    heights = [_HEAD + _COLUMN_HEAD + _ROW * rows["rival"].nunique() + _SCALE for _, rows, _ in blocks]
    total = sum(heights) + _GAP * len(blocks) + 2 * KEY_ROW + _GAP + _HEAD + _PANEL + _SCALE + SMALL * LEADING
    page = open_page(
        title=_finding(found, published, len(cards)) + _since_2018(eras, published),
        subtitle=_shown(card),
        foot=_foot(card, others),
        height=total,
    )
    top = 0.0
    for (title, rows, targets), height in zip(blocks, heights, strict=True):
        _block(page, title, rows, targets, top)
        top += height + _GAP
    page.key(top, _key(others))
    top += 2 * KEY_ROW + _GAP
    _draw_coverage(page, card, published, top)
    _draw_pit(page, card, published, top)
    return page.figure


def _by_era(card: Scorecard) -> Any:
    """Return the skills against shrunk persistence, with the era in the place of the rival."""
    found = card.skills_by_era()
    found = found[found["rival"] == SHRUNK]
    return found.assign(rival=["all origins" if era == WHOLE else f"of {era}" for era in found["era"]])


def _in_every_seed(seeds: Sequence[Any]) -> Any:
    """Return the first seed's skills with the columns `clear` and `elsewhere`.

    `clear` is 1 if the interval lies above zero with every seed, -1 if below with every one, else 0; `elsewhere` holds
    the other seeds' intervals.
    """
    first, *others = (skills.set_index(["forecaster", "rival", "score", "target"]) for skills in seeds)
    ends = [
        [*zip(each["low"], each["high"], strict=True)]
        for each in (first, *(o.reindex(first.index) for o in others))
    ]
    every = list(zip(*ends, strict=True))
    clear = [
        int(all(low > 0.0 for low, _ in seen)) - int(all(high < 0.0 for _, high in seen)) for seen in every
    ]
    return first.assign(clear=clear, elsewhere=[seen[1:] for seen in every]).reset_index()


def _of(table: Any, own: str, score: str) -> Any:
    """Return a forecaster's skills by one score."""
    return table[(table["forecaster"] == own) & (table["score"] == score)]


def _block(page: Page, title: str, rows: Any, targets: Sequence[str], top: float) -> None:
    """Draw skills as a table of dots: rivals down, the pooled skill and the targets across."""
    page.write(0.0, top, title, **BOLD)
    rivals = list(dict.fromkeys(rows["rival"]))
    width = (INSIDE - _NAMES - _POOLED - _VALUE) / len(targets)
    begin, height = top + _HEAD + _COLUMN_HEAD, _ROW * len(rivals)
    middles = [begin + _ROW * (place + 0.5) for place in range(len(rivals))]
    for name, middle in zip(rivals, middles, strict=True):
        given = name == MODEL and (rows["forecaster"] == GIVEN).all()
        words = "model not given them" if given else _LABELS.get(name, name)
        page.write(0.0, middle, words, va="center", color=INK)
    for name in (POOLED, *targets):
        if not (rows["target"] == name).any():
            continue
        left, across = _NAMES, _POOLED - 14.0
        if name != POOLED:
            left, across = _NAMES + _POOLED + _VALUE + width * targets.index(name) + 10.0, width - 14.0
        part = rows[rows["target"] == name].set_index("rival").reindex(rivals)
        star = "" if part["pooled"].fillna(False).any() else "*"
        label = _LABELS[name].replace(" ", "\n", 1) + f"\nn{HELD}{int(part['n'].max())}{star}"
        page.write(left + across / 2, begin - 4.0, label, ha="center", va="bottom")
        limits = {"xlim": (-_REACH, _REACH), "ylim": (len(rivals) - 0.5, -0.5)}
        _column(page.axes(left, begin, across, height, **limits), part)
        for place, words in ((0.0, minus("-1")), (0.5, "0"), (1.0, "1")):
            page.write(left + place * across, begin + height + 2.0, words, ha="center")
        skills = part["skill"] if name == POOLED else ()
        for skill, middle in zip(skills, middles, strict=False):
            words = signed(skill, 2) if np.isfinite(skill) else ""
            page.write(left + across + 8.0, middle, words, va="center", color=INK, weight="bold")


def _column(axes: Axes, part: Any) -> None:
    for at in (-0.5, 0.5):
        axes.axvline(at, color=RULE, linewidth=0.8, zorder=0.5)
    axes.axvline(0.0, color=INK, linewidth=0.9, zorder=1)
    for place, row in enumerate(part.itertuples()):
        if not np.isfinite(row.skill):
            continue
        for number, ends in enumerate([(row.low, row.high), *row.elsewhere]):
            at = place + 0.3 * number / max(len(row.elsewhere), 1)  # the other seeds' a little lower
            style = _ELSEWHERE if number else _DOT
            axes.plot(np.clip(ends, -_REACH, _REACH), [at, at], "-", zorder=2, **style)
        for beyond, at, mark in ((row.low < -_REACH, -_REACH, "<"), (row.high > _REACH, _REACH, ">")):
            if beyond:
                axes.plot([at], [place], mark, markersize=4.0, zorder=2, **_DOT)
        if abs(row.skill) <= _REACH:
            inside = FORECAST[2] if row.pooled and row.clear else PAPER
            axes.plot([row.skill], [place], "o", markersize=5.0, markerfacecolor=inside, zorder=3, **_DOT)


def _key(others: Sequence[Scorecard]) -> list[KeyRow]:
    full = Line2D([], [], marker="o", markersize=5.0, **_DOT)
    hollow = Line2D([], [], marker="o", markersize=5.0, markerfacecolor=PAPER, **_DOT)
    second = [(hollow, "does not, or is not pooled")]
    if not others:
        return [[(full, "interval of 90 % leaves out zero")], second]
    seeds = " and ".join(str(other.provenance["seed"]) for other in others)
    second.append((Line2D([], [], **_ELSEWHERE), f"all again with seed {seeds}"))
    return [[(full, "interval of 90 % leaves out zero with every seed")], second]


def _finding(found: Any, own: str, seeds: int) -> str:
    """Return which rivals are beaten on figures with every seed, and which are not told from what is published."""
    pooled = _of(found[found["target"] == POOLED], own, "crps")
    if pooled.empty:
        return f"Too few outcomes to pool: no target has {FEWEST} at any lead"
    plain = pooled[~pooled["rival"].isin([MODEL, UNLEARNED, NO_INCENTIVES])]
    beaten, losing = int((plain["clear"] > 0).sum()), int((plain["clear"] < 0).sum())
    drawn = "the one seed drawn" if seeds == 1 else f"each of {seeds} seeds"
    words = f"On figures, with {drawn}, the {own} is clearly better than {beaten} of {len(plain)} rivals"
    if losing:
        words += f", clearly worse than {losing}"
    alike = list(plain.loc[plain["clear"] == 0, "rival"])
    named = alike if len(alike) <= _NAMED else [f"{len(alike)} others"]
    if (pooled.loc[pooled["rival"] == NO_INCENTIVES, "clear"] == 0).any():
        named = [*named, "itself without incentives"]
    return f"{words}; not told from {', nor from '.join(named)}" if named else words


def _since_2018(eras: Any, own: str) -> str:
    """Return what the title adds on the years since 2018, where rivals knew as much as they know today."""
    row = _of(eras[eras["target"] == POOLED], own, "crps")
    clear = row.loc[row["rival"] == f"of {SINCE_2018.name}", "clear"]
    if clear.empty or clear.iloc[0] > 0:
        return ""
    return f"; from 2018 on it is {'no better than' if clear.iloc[0] == 0 else 'worse than'} {SHRUNK}"


_NAMED = 2
"""Rivals that a title names; more are counted."""


def _shown(card: Scorecard) -> str:
    dates = sorted(card.data["origin"].unique())
    leads = ", ".join(str(lead) for lead in card.provenance["leads"])
    return (
        f"Skill = 1 \N{MINUS SIGN} score / rival's score, right of zero the rival did worse; {len(dates)} origins from "
        f"{dates[0]} to {dates[-1]}, {leads} months ahead"
    )


def _foot(card: Scorecard, others: Sequence[Scorecard]) -> list[str]:
    made = card.provenance
    seeds = " and ".join(str(one.provenance["seed"]) for one in (card, *others))
    state = made.get("state", DEFAULT)
    return [
        "Pseudo-real-time, and a development sample: those who wrote the model knew these years. Intervals of 90 per "
        "cent from resampled pairs of consecutive origins, the same for all. An arrow: beyond the scale. Dashed: what "
        "it should be. PIT: where the outcome fell in the forecast's distribution.",
        f"n: outcomes. *: fewer than {FEWEST} at every lead, not pooled.",
        f"{'' if state == DEFAULT else f'Record of {load_country(state).state}. '}"
        f"{made['members']:,} members, {made['particles']:,} particles, seed{'s' if others else ''} {seeds}. "
        "Rules declared before the first score: docs/declared.md.",
    ]


def _draw_coverage(page: Page, card: Scorecard, own: str, top: float) -> None:
    """Draw how often the bands held the figure, by target and of all, with intervals."""
    page.write(0.0, top, "How often the bands held", **BOLD)
    found = card.coverage()
    found = found[found["forecaster"] == own]
    names = [name for name in (ALL, *FIGURES) if (found["target"] == name).any()]
    left, across = 118.0, _COVERAGE - 118.0
    limits = {"xlim": (0.0, 1.0), "ylim": (len(names) - 0.5, -0.5)}
    axes = page.axes(left, top + _HEAD, across, _PANEL, **limits)
    step = _PANEL / len(names)
    for share, mark, aside, colour in ((0.5, "o", -0.16, FORECAST[2]), (0.9, "s", 0.16, FORECAST[1])):
        axes.axvline(share, color=QUIET, linewidth=0.9, linestyle=(0, (3, 2)), zorder=0.5)
        page.write(left + share * across, top + _HEAD + _PANEL + 2.0, percent(share), ha="center")
        part = found[found["band"] == share].set_index("target").loc[names]
        mark_style = _DOT | {"color": colour}
        for place, row in enumerate(part.itertuples()):
            at = place + aside
            axes.plot([row.low, row.high], [at, at], "-", zorder=2, **mark_style)
            axes.plot([row.coverage], [at], mark, markersize=4.5, zorder=3, **mark_style)
    counts = found.groupby("target")["n"].first()
    for place, name in enumerate(names):
        words = f"{'all' if name == ALL else TARGETS[name].short}, n{HELD}{counts[name]}"
        page.write(0.0, top + _HEAD + step * (place + 0.5), words, va="center", color=INK)


def _draw_pit(page: Page, card: Scorecard, own: str, top: float) -> None:
    """Draw the histogram of the PIT beside the even one that it should be."""
    values = card.data.loc[(card.data["forecaster"] == own) & card.data["pit"].notna(), "pit"]
    left = _COVERAGE + 28.0
    across = INSIDE - left - 6.0
    page.write(left, top, f"PIT, n{HELD}{len(values)}", **BOLD)
    counts, edges = np.histogram(values, bins=_PIT_BINS, range=(0.0, 1.0))
    heights, even = counts / max(len(values), 1), 1.0 / _PIT_BINS
    limits = {"xlim": (0.0, 1.0), "ylim": (0.0, max(float(heights.max()) * 1.05, 1.5 * even))}
    axes = page.axes(left, top + _HEAD, across, _PANEL, **limits)
    style: dict[str, Any] = {"color": FORECAST[1], "edgecolor": PAPER, "linewidth": 0.8}
    axes.bar(edges[:-1], heights, width=even, align="edge", **style)
    axes.axhline(even, color=INK, linewidth=1.0, linestyle=(0, (3, 2)))
    axes.spines["bottom"].set_visible(True)
    for value, words in ((0.0, "0"), (0.5, ".5"), (1.0, "1")):
        page.write(left + value * across, top + _HEAD + _PANEL + 2.0, words, ha="center")
