"""Two runs compared: what an assumption changes in the answers, and whether the difference can be told from none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.catalogue import targets
from sim.clock import month_number
from sim.contrasts import Contrast, Difference
from sim.forecasting.errors import LEVEL
from sim.plots import scales
from sim.plots.captions import named, of_run
from sim.plots.page import INSIDE, KEY_ROW, LEADING, LINE, KeyRow, Page, measure, open_page, wrap
from sim.plots.series import label_of
from sim.plots.style import BODY, BOLD, FORECAST, INK, PAPER, PLAIN, RULE, SMALL, styled
from sim.words import HELD, judged_in_words, number, sentence, signed, unchanged, when

_TRACK, _GAP, _SCALE, _HEAD = 14.0, 4.0, 32.0, 18.0
"""Height of the line of a difference, the gap beneath it, the scale of a block, its name; points."""

_EDGE = 5.0
"""Room for half a mark at either end of a line, points."""

_OUTCOMES = (*targets(), "lean")

_CHANCE, _SD = "probability", "standard deviations (SD) of the outcome over histories"


@dataclass(frozen=True)
class _Block:
    """Differences on one scale: what it is called, and what a difference is divided by to stand on it."""

    name: str
    unit: str
    short: str
    rows: Sequence[Difference]
    over: Callable[[Difference], float]

    def span(self) -> tuple[float, float]:
        """Return the ends of the scale: all intervals and zero, with some air."""
        ends = [end / self.over(row) for row in self.rows for end in (0.0, row.low, row.high, *_judged(row))]
        return scales.with_air(min(ends), max(ends))


@styled
def contrast(compared: Contrast) -> Figure:
    """Draw what a run's assumptions change against a baseline: paired differences with intervals of 90 per cent.

    Probabilities stand on a scale of percentage points, first of the questions, then of the outcomes. Means of the
    other outcomes stand in standard deviations of the outcome over members, with both means in their own unit in words.
    Hollow: the interval holds zero, or too few members differ to tell. A wide bar behind: the range over judgement.
    """
    blocks = [block for block in _blocks(compared) if block.rows]
    words = [
        [wrap(_text(row, compared) + _means(row), BODY, INSIDE) for row in block.rows] for block in blocks
    ]
    heights = [_HEAD + sum(len(text) * LINE + _TRACK + _GAP for text in texts) + _SCALE for texts in words]
    total = sum(heights)
    page = open_page(
        title=_finding(compared),
        subtitle=f"Paired differences, {compared.members:,} histories with the same luck, from "
        f"\N{LEFT DOUBLE QUOTATION MARK}{compared.baseline.scenario.title}\N{RIGHT DOUBLE QUOTATION MARK}",
        foot=_foot(compared),
        height=total + 2 * KEY_ROW,
    )
    changes = [_change(row, block) for block in blocks for row in block.rows]
    right = max((measure(change, BODY, weight="bold") for change in changes), default=0.0)
    width = INSIDE - right - 10.0 - 2 * _EDGE
    top = 0.0
    for block, texts, height in zip(blocks, words, heights, strict=True):
        _draw(page, block, texts, top, width)
        top += height
    dot: dict[str, Any] = {"color": FORECAST[2], "marker": "o", "markersize": 5.5, "linewidth": 1.4}
    full, hollow = Line2D([], [], **dot), Line2D([], [], **dot, markerfacecolor=PAPER)
    key: list[KeyRow] = [[(full, "away from zero"), (hollow, "cannot be told from zero")]]
    if any(_judged(row) for row in compared.differences):
        key.append([(Patch(color=FORECAST[0]), "range of the difference over judgement")])
    page.key(total, key)
    return page.figure


def _blocks(compared: Contrast) -> list[_Block]:
    ends = _at_the_end(compared)
    chances = [row for row in ends if row.unit == _CHANCE]
    means = [row for row in ends if row.unit != _CHANCE and row.variance_ratio is not None]
    points, at = "percentage points", when(month_number(compared.until), "")
    return [
        _Block("Questions: change of probability", points, "", compared.questions, lambda _: 0.01),
        _Block(f"Outcomes {at}: change of probability", points, "", chances, lambda _: 0.01),
        _Block("Outcomes: change of the mean", _SD, f"{HELD}SD", means, lambda row: _spread(row, compared)),
    ]


def _at_the_end(compared: Contrast) -> list[Difference]:
    """Return the differences of the main outcomes, each where it comes out last."""
    by_date = sorted(compared.outcomes, key=lambda row: row.date)
    ends = {(row.name, row.category): row for row in by_date if row.name in _OUTCOMES}
    return [row for _, row in sorted(ends.items(), key=lambda item: _OUTCOMES.index(item[0][0]))]


def _spread(row: Difference, compared: Contrast) -> float:
    """Return the outcome's standard deviation over members, from the width that an unpaired interval would have."""
    z = NormalDist().inv_cdf(0.5 + LEVEL / 2.0)
    return row.unpaired_width * sqrt(compared.members / 2.0) / (2.0 * z)


def _draw(page: Page, block: _Block, texts: list[list[str]], top: float, width: float) -> None:
    """Draw a block of differences: each in words, its line, its number; beneath them the scale."""
    page.write(0.0, top, block.name, **BOLD)
    low, high = block.span()
    top += _HEAD
    for row, text in zip(block.rows, texts, strict=True):
        page.write(0.0, top, "\n".join(text), **PLAIN)
        top += len(text) * LINE
        axes = page.axes(_EDGE, top, width, _TRACK, xlim=(low, high), ylim=(0.0, 1.0))
        _line(axes, row, block.over(row))
        style = BOLD if _is_clear(row) else {"fontsize": BODY}
        page.write(INSIDE, top + _TRACK / 2, _change(row, block), va="center", ha="right", **style)
        top += _TRACK + _GAP
    scale = scales.Values(low, high, count=4)
    for tick, name in zip(scale.ticks, scale.names, strict=True):
        words = f"+{name}" if tick > 0.0 else name
        place, half = _EDGE + (tick - low) / (high - low) * width, measure(words, SMALL) / 2.0
        page.write(min(max(place, half), width + 2 * _EDGE - half), top - 2.0, words, ha="center")
    page.write(0.0, top - 2.0 + SMALL * LEADING, block.unit)


def _judged(row: Difference) -> tuple[float, ...]:
    """Return the ends of a difference's range over judgement; nothing where it has none."""
    return () if row.judged_low is None or row.judged_high is None else (row.judged_low, row.judged_high)


def _is_clear(row: Difference) -> bool:
    return row.verdict in ("higher", "lower")


def _line(axes: Axes, row: Difference, over: float) -> None:
    axes.axhline(0.5, color=RULE, linewidth=1.0)
    axes.axvline(0.0, color=INK, linewidth=1.0, zorder=1.5)
    if judged := _judged(row):
        low, high = (end / over for end in judged)
        axes.barh(0.5, high - low, 0.6, low, color=FORECAST[0], linewidth=0, zorder=1.2)
    style: dict[str, Any] = {"color": FORECAST[2], "linewidth": 1.4, "markeredgewidth": 1.4, "clip_on": False}
    axes.plot([row.low / over, row.high / over], [0.5, 0.5], "|-", markersize=7.0, zorder=2, **style)
    inside = FORECAST[2] if _is_clear(row) else PAPER
    axes.plot([row.difference / over], [0.5], "o", markersize=5.5, markerfacecolor=inside, zorder=3, **style)


def _text(row: Difference, compared: Contrast) -> str:
    """Return what a difference is of, in words."""
    if row.kind == "question":
        return row.text
    of = f": {row.category.replace('_', ' ')}" if row.category else ""
    return f"{label_of(row.name, compared.run.country)}{of}"


def _means(row: Difference) -> str:
    """Return the means of an outcome before and after in words, as they go beside its name; nothing of a chance."""
    if row.unit == _CHANCE:
        return ""
    scale, places, unit = (100.0, 0, f"{HELD}%") if row.unit == "share" else (1.0, 2, "")
    return f": mean {number(scale * row.baseline, places)}{unit} to {number(scale * row.value, places)}{unit}"


def _change(row: Difference, block: _Block) -> str:
    """Return a difference on its block's scale, of a chance with what it starts from: for example "+4.1 from 29 %"."""
    if same := unchanged(row):
        return same
    change = signed(row.difference / block.over(row), 2 if block.short else 1) + block.short
    return change if block.short else f"{change} from {number(100.0 * row.baseline)}{HELD}%"


def _finding(compared: Contrast) -> str:
    """Return how many answers change, and by how much the one that changes most."""
    what, rows = "answers", list(compared.questions)
    if not rows:
        what, rows = "chances", [row for row in _at_the_end(compared) if row.unit == _CHANCE]
    name = compared.run.scenario.title.rstrip("?")
    moved = [row for row in rows if _is_clear(row)]
    if all(row.verdict == "same" for row in compared.differences):
        return f"{name}: no difference in any history"
    if not moved:
        return f"{name}: no change of the {what} can be told from none"
    most = max(moved, key=lambda row: abs(row.difference))
    points = f"{signed(100.0 * most.difference, 1)} points"
    if ends := judged_in_words(most.judged_low, most.judged_high, after=" by other judgements"):
        points += f" ({ends})"
    if len(rows) == 1:
        before, after = (f"{number(100.0 * value)}{HELD}%" for value in (most.baseline, most.value))
        return f"{name}: {points}, from {before} to {after}"
    by = f"by {points}" if len(moved) == 1 else f"the largest by {points}"
    verb = "changes" if len(moved) == 1 else "change"
    return f"{name}: {len(moved)} of {len(rows)} {what} {verb}, {by}"


def _foot(compared: Contrast) -> list[str]:
    what = f"{compared.run.scenario.name} against {compared.baseline.scenario.name}"
    means = [row for row in _at_the_end(compared) if row.unit != _CHANCE]
    # what varies in neither run and yet differs has no spread to be measured in
    fixed = [row for row in means if row.variance_ratio is None and row.difference]
    lines = [sentence(line) for line in compared.assumed]
    return [
        "Bars: intervals of 90 per cent; they do not say whether the model is right, and one in ten is expected to "
        "miss.",
        *(f"{_text(row, compared)}{_means(row)}, the same in all histories of either run." for row in fixed),
        f"Assumed otherwise: {named(lines)}." if lines else "Nothing is assumed otherwise.",
        of_run(what, compared.run, f"{compared.members:,} members each"),
    ]
