"""Answers, each in words above its line: probabilities of a run's questions, and what is otherwise in another run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import sqrt
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from sim.arrays import FloatArray
from sim.clock import month_number
from sim.contrasts import Contrast, Difference
from sim.forecasting.errors import Z
from sim.names import Row
from sim.plots import scales
from sim.plots.captions import foot, named, of_run
from sim.plots.page import INSIDE, Page, widest
from sim.plots.scales import Values
from sim.plots.series import label_of
from sim.plots.style import BODY, BOLD, CAME, FORECAST, INK, PAPER, PLAIN, QUIET, RULE, styled
from sim.quantities.catalogue import targets
from sim.registry.truth import answers_of
from sim.runs.results import Run
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
        return Page(
            title="The scenario asks no question", subtitle=run.scenario.title, foot=foot(run)
        ).close()
    page = Page(title=_likelier(rows), subtitle="Probability of yes to each question", foot=foot(run))
    scale = Values(0.0, 1.0, as_percent=True, count=4)
    lines = [(row["text"], _chance(row), True) for row in rows]
    axes, at = _lines(page, 0.0, lines, scale, _room(map(_chance, rows)), gap=12.0)
    axes.plot(*np.meshgrid(scale.ticks, at), "|", color=QUIET, markersize=6.5, markeredgewidth=0.8)
    found = pd.DataFrame(rows, columns=["probability", "mcse", "low", "high", "pooled"]).astype(float)
    model, either_way, pooled = found["probability"], 2.0 * found["mcse"], found["pooled"]
    axes.plot(pooled.fillna(model), at, label="probability", zorder=3.1, **_DOT)
    if pooled.notna().any():
        alone = "that of the model alone, where it is pooled with persistence"
        axes.plot(model.where(pooled.notna()), at, label=alone, zorder=3, **_HOLLOW)
    luck = f"two standard errors of the computation either way, {100.0 * either_way.max():.2g} points at most"
    _intervals(axes, at, np.clip([model - either_way, model + either_way], 0.0, 1.0), luck)
    if found["low"].notna().any():
        _judgement(axes, at, found[["low", "high"]].T, "what judgement alone could make of it")
    came = {each.question.id: {"no": 0.0, "yes": 1.0}.get(each.came) for each in answers_of(run)}
    ends = np.array([came[row["id"]] for row in rows], dtype=float)
    if np.isfinite(ends).any():
        words = f"what came, by the record: no at 0{HELD}%, yes at 100{HELD}%"
        axes.plot(ends, at, label=words, clip_on=False, zorder=4, **CAME)
    return page.close()


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
    room = _room(_change(row, compared) for rows in blocks.values() for row in rows)
    top = 0.0
    for name, rows in blocks.items():
        if rows:
            page.write(0.0, top, name, **BOLD)
            _draw(page, rows, compared, top + 18.0, room)
            top = page.end() + 14.0
    return page.close()


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


def _draw(page: Page, rows: Sequence[Difference], compared: Contrast, top: float, room: float) -> None:
    """Draw differences on one scale, each with its line and its number."""
    over = np.array([_over(row, compared) for row in rows])
    value, *ends = np.array([(row.difference, row.low, row.high) for row in rows]).T / over
    judged = np.array([_judged(row) for row in rows]).T / over
    limits = scales.with_air(min(0.0, np.nanmin([*ends, *judged])), max(0.0, np.nanmax([*ends, *judged])))
    scale = Values(*limits, count=4, with_sign=True)
    clear = np.array([_is_clear(row) for row in rows])
    words = [_text(row, compared) + _means(row) for row in rows]
    lines = [*zip(words, (_change(row, compared) for row in rows), clear, strict=True)]
    axes, at = _lines(page, top, lines, scale, room, gap=4.0)
    axes.vlines(np.zeros(len(at)), at - 7.0, at + 7.0, color=INK, linewidth=1.0, zorder=1.5)
    for which, style, told in (
        (clear, _DOT, "away from zero"),
        (~clear, _HOLLOW, "cannot be told from zero"),
    ):
        axes.plot(value[which], at[which], label=told, zorder=3, **style)
    _intervals(axes, at, ends, "")
    if np.isfinite(judged).any():
        _judgement(axes, at, judged, "range of the difference over judgement")
    axes.set_xlabel("percentage points" if rows[0].unit == _CHANCE else _SD, loc="left")


def _judged(row: Difference) -> tuple[float, float]:
    """Return the ends of a difference's range over judgement; not a number where it has none."""
    if row.judged_low is None or row.judged_high is None:
        return np.nan, np.nan
    return row.judged_low, row.judged_high


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


_EDGE, _LINE = 5.0, 14.0
"""Room for half a mark at either end of a line, and height of a line, points."""

_MARK: dict[str, Any] = {"color": FORECAST[2], "linewidth": 1.4, "markeredgewidth": 1.4, "clip_on": False}
_DOT = _MARK | {"marker": "o", "markersize": 5.5, "linestyle": ""}
_HOLLOW = _DOT | {"markerfacecolor": PAPER}


def _room(values: Iterable[str]) -> float:
    """Return the width that is left for lines beside their values, points."""
    return INSIDE - 6.0 - 2 * _EDGE - widest(values, BODY, weight="bold")


def _lines(
    page: Page, top: float, lines: Sequence[tuple[str, str, bool]], scale: Values, width: float, *, gap: float
) -> tuple[Axes, FloatArray]:
    """Set answers one below the other: what it is of, and beneath that a line to draw on, with its value beside it.

    Return axes that hold all lines, and where each stands there, in points from above.

    Parameters
    ----------
    lines: what each is of, its value, and whether that is bold. width: of the lines. gap: beneath each.
    """
    at, end = [], top
    for words, value, bold in lines:
        end = page.write(0.0, end, words, **PLAIN) + _LINE
        at.append(end - _LINE / 2.0)
        page.write(INSIDE, at[-1], value, va="center", ha="right", **(BOLD if bold else {"fontsize": BODY}))
        end += gap
    axes = page.axes(_EDGE, top, width, end - gap - top, xlim=(scale.low, scale.high), ylim=(end - gap, top))
    axes.hlines(at, scale.low, scale.high, color=RULE, linewidth=1.0, zorder=1)
    axes.set_xticks(scale.ticks, labels=scale.names)
    axes.tick_params(labelcolor=QUIET)
    return axes, np.array(at)


def _intervals(axes: Axes, at: FloatArray, ends: ArrayLike, label: str) -> None:
    axes.plot(np.asarray(ends), [at, at], "|-", markersize=7.0, zorder=2, label=label, **_MARK)


def _judgement(axes: Axes, at: FloatArray, ends: ArrayLike, label: str) -> None:
    style: dict[str, Any] = {"color": FORECAST[1], "linewidth": 6.0, "solid_capstyle": "butt"}
    axes.plot(np.asarray(ends), [at, at], zorder=1.2, label=label, **style)
