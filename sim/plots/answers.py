"""Answers, each in words above its line: probabilities of a run's questions, and what is otherwise in another run."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.catalogue import targets
from sim.clock import month_number
from sim.contrasts import Contrast, Difference
from sim.forecasting.errors import Z
from sim.names import Row
from sim.plots import scales
from sim.plots.captions import foot, named, of_run
from sim.plots.page import INSIDE, LEADING, KeyRow, Limits, Page, widest
from sim.plots.series import label_of
from sim.plots.style import BODY, BOLD, CAME, FORECAST, INK, PAPER, PLAIN, QUIET, RULE, SMALL, styled
from sim.registry.truth import answers_of
from sim.results import Run
from sim.words import HELD, judged_in_words, number, percent, sentence, signed, unchanged, when


@styled
def questions(run: Run) -> Figure:
    """Draw each question of the run with its probability, in the file's order.

    A dot is the published probability. Where that is pooled, the model's own is a ring. The bar through what the model
    says is two standard errors of the computation either way; the wide bar behind it, where it is known, the range over
    the judgement that the record cannot settle. A diamond at either end is what came since, by the shipped record.
    """
    rows = run.table("questions")
    if not rows:
        return Page(title="The scenario asks no question", subtitle=run.scenario.title, foot=foot(run)).close(
            0.0
        )
    page = Page(title=_likelier(rows), subtitle=_shown(rows), foot=foot(run))
    width = INSIDE - 6.0 - 2 * _EDGE - widest(map(_chance, rows), BODY, weight="bold")
    scale = scales.Values(0.0, 1.0, as_percent=True, count=4)
    top, came = 0.0, {each.question.id: each.came for each in answers_of(run)}
    for row in rows:
        words = row["text"], _chance(row)
        axes, top = _line(page, top, words, (width, 16.0), (0.0, 1.0), bold=True)
        for quarter in scale.ticks:
            axes.plot([quarter, quarter], [0.3, 0.7], color=QUIET, linewidth=0.8, clip_on=False)
        if row["low"] is not None:
            ends = [row["low"], row["high"]]
            axes.plot(ends, [0.5, 0.5], color=FORECAST[1], linewidth=6.0, solid_capstyle="butt")
        chance, either_way = row["probability"], 2.0 * row["mcse"]
        _interval(axes, max(0.0, chance - either_way), min(1.0, chance + either_way))
        _dot(axes, chance, full=row["pooled"] is None)
        _dot(axes, _published(row), full=True)
        if came[row["id"]]:
            axes.plot([float(came[row["id"]] == "yes")], [0.5], clip_on=False, zorder=4, **CAME)
        top += 9.0
    last = page.figure.axes[-1]
    last.set_xticks(scale.ticks, labels=scale.names)
    last.tick_params(pad=9, labelcolor=QUIET)
    key: list[KeyRow] = [[(CAME, f"what came, by the record: no at 0{HELD}%, yes at 100{HELD}%")]]
    return page.close(page.key(top + 20.0, key) if any(came.values()) else top + 18.0)


def _published(row: Row) -> float:
    """Return the probability that is given where one number is: the pooled one, if there is one."""
    chance: float = row["probability"] if row["pooled"] is None else row["pooled"]
    return chance


def _chance(row: Row) -> str:
    return percent(_published(row), of=row["members"] if row["pooled"] is None else None)


def _likelier(rows: list[Row]) -> str:
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


_CHANCE, _SD = "probability", "standard deviations (SD) of the outcome over histories"
_OUTCOMES = (*targets(), "lean")


@styled
def contrast(compared: Contrast) -> Figure:
    """Draw what a run's assumptions change against a baseline: paired differences with intervals of 90 per cent.

    Probabilities stand on a scale of percentage points, first of the questions, then of the outcomes. Means of the
    other outcomes stand in standard deviations of the outcome over members, with both means in their own unit in words.
    Hollow: the interval holds zero, or too few members differ to tell. A wide bar behind: the range over judgement.
    """
    page = Page(
        title=_finding(compared),
        subtitle=f"Paired differences, {compared.members:,} histories with the same luck, from "
        f"\N{LEFT DOUBLE QUOTATION MARK}{compared.baseline.scenario.title}\N{RIGHT DOUBLE QUOTATION MARK}",
        foot=_foot(compared),
    )
    ends = _at_the_end(compared)
    chances = [row for row in ends if row.unit == _CHANCE]
    means = [row for row in ends if row.unit != _CHANCE and row.variance_ratio is not None]
    blocks = {
        "Questions: change of probability": compared.questions,
        f"Outcomes {when(month_number(compared.until), '')}: change of probability": chances,
        "Outcomes: change of the mean": means,
    }
    changes = [_change(row, compared) for rows in blocks.values() for row in rows]
    width = INSIDE - 10.0 - 2 * _EDGE - widest(changes, BODY, weight="bold")
    top = 0.0
    for name, rows in blocks.items():
        if rows:
            page.write(0.0, top, name, **BOLD)
            top = _draw(page, rows, compared, top + 18.0, width)
    hollow = _DOT | {"markerfacecolor": PAPER}
    key: list[KeyRow] = [[(_DOT, "away from zero"), (hollow, "cannot be told from zero")]]
    if any(_judged(row) for row in compared.differences):
        key.append([(FORECAST[0], "range of the difference over judgement")])
    return page.close(page.key(top, key))


def _at_the_end(compared: Contrast) -> list[Difference]:
    """Return the differences of the main outcomes, each where it comes out last."""
    by_date = sorted(compared.outcomes, key=lambda row: row.date)
    ends = {(row.name, row.category): row for row in by_date if row.name in _OUTCOMES}
    return sorted(ends.values(), key=lambda row: _OUTCOMES.index(row.name))


def _over(row: Difference, compared: Contrast) -> float:
    """Return what a difference is divided by to stand on its scale: a percentage point, of a chance.

    Else the outcome's standard deviation over members, from the width that an unpaired interval would have.
    """
    return 0.01 if row.unit == _CHANCE else row.unpaired_width * sqrt(compared.members / 2.0) / (2.0 * Z)


def _draw(page: Page, rows: Sequence[Difference], compared: Contrast, top: float, width: float) -> float:
    """Draw differences on one scale, each with its line and its number, and the scale; return where it ends."""
    ends = [(end, row) for row in rows for end in (0.0, row.low, row.high, *_judged(row))]
    seen = [end / _over(row, compared) for end, row in ends]
    limits = scales.with_air(min(seen), max(seen))
    for row in rows:
        over = _over(row, compared)
        words = _text(row, compared) + _means(row), _change(row, compared)
        axes, top = _line(page, top, words, (width, 14.0), limits, bold=_is_clear(row))
        axes.axvline(0.0, color=INK, linewidth=1.0, zorder=1.5)
        if judged := _judged(row):
            low, high = (end / over for end in judged)
            axes.barh(0.5, high - low, 0.6, low, color=FORECAST[0], linewidth=0, zorder=1.2)
        _interval(axes, row.low / over, row.high / over)
        _dot(axes, row.difference / over, full=_is_clear(row))
        top += 4.0
    scale = scales.Values(*limits, count=4)
    names = [f"+{name}" if tick > 0.0 else name for tick, name in zip(scale.ticks, scale.names, strict=True)]
    last = page.figure.axes[-1]
    last.set_xticks(scale.ticks, labels=names)
    last.tick_params(pad=2, labelcolor=QUIET)
    page.write(0.0, top - 2.0 + SMALL * LEADING, "percentage points" if rows[0].unit == _CHANCE else _SD)
    return top + 32.0


def _judged(row: Difference) -> tuple[float, ...]:
    """Return the ends of a difference's range over judgement; nothing where it has none."""
    return () if row.judged_low is None or row.judged_high is None else (row.judged_low, row.judged_high)


def _is_clear(row: Difference) -> bool:
    return row.verdict in ("higher", "lower")


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


def _change(row: Difference, compared: Contrast) -> str:
    """Return a difference on its scale, of a chance with what it starts from: for example "+4.1 from 29 %"."""
    if same := unchanged(row):
        return same
    change = row.difference / _over(row, compared)
    if row.unit == _CHANCE:
        return f"{signed(change, 1)} from {number(100.0 * row.baseline)}{HELD}%"
    return f"{signed(change, 2)}{HELD}SD"


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


_EDGE = 5.0
"""Room for half a mark at either end of a line, points."""

_MARK: dict[str, Any] = {"color": FORECAST[2], "linewidth": 1.4, "markeredgewidth": 1.4, "clip_on": False}
_DOT = _MARK | {"marker": "o", "markersize": 5.5}


def _line(
    page: Page, top: float, words: tuple[str, str], size: Limits, limits: Limits, *, bold: bool
) -> tuple[Axes, float]:
    """Write what an answer is of, above its line, and its value beside it; return the line's axes, and where it ends.

    Parameters
    ----------
    words: what it is of, and its value. size: of the line, across and down, points. limits: the ends of its scale.
    """
    width, height = size
    top = page.paragraph(0.0, top, words[0], **PLAIN)
    style = BOLD if bold else {"fontsize": BODY}
    page.write(INSIDE, top + height / 2.0, words[1], va="center", ha="right", **style)
    axes = page.axes(_EDGE, top, width, height, xlim=limits)
    axes.axhline(0.5, color=RULE, linewidth=1.0)
    return axes, top + height


def _interval(axes: Axes, low: float, high: float) -> None:
    axes.plot([low, high], [0.5, 0.5], "|-", markersize=7.0, zorder=2, **_MARK)


def _dot(axes: Axes, value: float, *, full: bool) -> None:
    inside = FORECAST[2] if full else PAPER
    axes.plot([value], [0.5], markerfacecolor=inside, zorder=3, **_DOT)
