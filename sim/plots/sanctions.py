"""Sanctions over time: how likely they have been imposed by each date, against the record of states like it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.arrays import FloatArray
from sim.clock import MONTHS_PER_YEAR, month_number
from sim.forecasting.errors import error_of_share, islands_of
from sim.forecasting.questions import IMPOSED, IN_FORCE
from sim.members import at
from sim.observations import reference_class_count
from sim.parameters import parameter_table, resolve
from sim.plots import scales
from sim.plots.captions import Range, foot, judged
from sim.plots.page import INSIDE, KEY_ROW, KeyRow, measure, open_page
from sim.plots.posture import name_lines
from sim.plots.style import BODY, BOLD, FORECAST, QUIET, styled
from sim.priors import Prior
from sim.results import Run
from sim.scenario import Question
from sim.words import day_in_words, histories, percent, position, when

_ABOVE, _HEIGHT, _YEARS = 6.0, 190.0, 24.0
"""Room above the axes, the axes, the years beneath them; points."""

_REFERENCE: dict[str, Any] = {"color": QUIET, "linewidth": 1.0, "linestyle": (0, (5, 2.5))}
_ASKED: dict[str, Any] = {"color": FORECAST[2], "linestyle": "", "marker": "o", "markersize": 5.5}


@dataclass(frozen=True)
class _Path:
    """Shares of members with sanctions imposed by each place in time, from the origin on; all of shape (months + 1,).

    `error` is the standard error of the last of them, `reference` the chance by the reference class alone, None before
    there was one; `ranges` are those over judgement.
    """

    places: FloatArray
    shares: FloatArray
    error: float
    reference: FloatArray | None
    ranges: list[Range]
    members: int

    @property
    def already(self) -> bool:
        """Whether sanctions were in force at the origin."""
        return bool(self.shares[0])


@styled
def sanctions(run: Run) -> Figure:
    """Draw the probability that sanctions on Russia have been imposed by each month's end from the origin on.

    Where they were in force at the origin, it is that they still are; no reference class tells of that.

    The band is the range over judgement that the record cannot settle, where the run has one. The thin line is what
    the reference class alone gives: with a yearly rate of Gamma(a, b), ``1 - (1 + t / b)^-a`` after t years. Dots stand
    at the last days of the scenario's questions whether sanctions are ever imposed. Months count whole, the origin's
    too.
    """
    path = _path(run)
    first, questions = run.scenario.first_month, run.scenario.questions
    asked = {
        question.last_month - first + 1 for question in questions if _asks(question) and not path.already
    }
    key = _key(path, bool(asked))
    below = _ABOVE + _HEIGHT + _YEARS
    page = open_page(
        title=_finding(run, path),
        subtitle=f"Share of {histories(path.members)} in which sanctions "
        + (
            "are in force at each month's end"
            if path.already
            else f"have been imposed between {day_in_words(run.scenario.as_of)} and each month's end"
        ),
        foot=foot(run, _class_in_words(run) if path.reference is not None else ""),
        height=below + len(key) * KEY_ROW,
    )
    ends = {"this forecast": path.shares[-1]}
    if path.reference is not None:
        ends["reference class"] = path.reference[-1]
    names = sorted(ends, key=lambda name: ends[name])
    ranges = {"this forecast": f"[{path.ranges[-1].in_words()}]"} if path.ranges else {}
    right = max(measure(name, BODY, weight="bold") for name in names) + 8.0
    high = _ceiling(path)
    scale = scales.Values(0.0, high, as_percent=True)
    width = INSIDE - right - scale.left
    axes = page.axes(scale.left, _ABOVE, width, _HEIGHT)
    scale.draw(axes)
    scales.years(axes, path.places[0], path.places[-1])
    _lines(axes, path)
    _dots(axes, path, asked, width)
    wanted = [_HEIGHT * (1.0 - ends[name] / high) for name in names]
    lines = [(name, percent(ends[name]), ranges.get(name, "")) for name in names]
    name_lines(page, lines, wanted, left=INSIDE - right + 6.0, top=_ABOVE, height=_HEIGHT)
    page.key(below, key)
    return page.figure


def _path(run: Run) -> _Path:
    first = run.scenario.first_month
    imposed, already = (
        at(run.data, "sanctions", range(first, run.scenario.last_month + 1)) > 0.0,
        _in_force(run),
    )
    if not already:
        imposed = np.maximum.accumulate(imposed, axis=1)
    members, months = imposed.shape
    return _Path(
        places=np.array([position(run.scenario.as_of), *range(first + 1, first + months + 1)]),
        # nothing is imposed on the origin itself, and this is no estimate
        shares=np.concatenate([[float(already)], imposed.mean(axis=0)]),
        error=error_of_share(imposed[:, -1], islands_of(run.data)),
        reference=None if already else _by_the_class(run, months),
        ranges=judged(run, "sanctions", IN_FORCE if already else IMPOSED),
        members=members,
    )


def _in_force(run: Run) -> bool:
    """Return whether sanctions were in force at the origin, by the record: then it is asked whether they stay."""
    joins = run.record.until(run.scenario.as_of).table("joins")
    imposed = [row["date"] for row in joins if row["joined"] and row["counts_as_sanctions"]]
    return any(month_number(day) < run.scenario.first_month for day in imposed)


def _by_the_class(run: Run, months: int) -> FloatArray | None:
    """Return the chance by the reference class alone, shape (months + 1,); None before any state was at risk."""
    as_of, record = run.scenario.as_of, run.record
    if not record.until(as_of).table("reference_class"):
        return None
    table = resolve(parameter_table(run.scenario.state), as_of, reference_class_count(as_of, record))
    prior = table["sanctions_rate"].prior
    if not isinstance(prior, Prior) or prior.family != "gamma":
        raise TypeError(f"the rate of sanctions has no gamma prior but {prior}")
    shape, rate = prior.numbers
    years = np.arange(months + 1) / MONTHS_PER_YEAR
    return 1.0 - (1.0 + years / rate) ** -shape


def _asks(question: Question) -> bool:
    """Return whether a question is whether sanctions are ever imposed."""
    ever = question.target == "sanctions" and question.ever_by is not None
    return ever and 1.0 in (question.at_least, question.equals)


def _ceiling(path: _Path) -> float:
    """Return the highest value to show: with some air, and so that a small chance looks small."""
    reference = 0.0 if path.reference is None else path.reference[-1]
    seen = max(float(path.shares.max()), float(reference), *(found.high for found in path.ranges))
    return min(1.0, max(1.1 * seen, 0.1))  # judgement: below a tenth the axis would dramatise


def _lines(axes: Axes, path: _Path) -> None:
    if path.ranges:
        ends = [path.places[0], *(found.month + 1.0 for found in path.ranges)]
        low, high = ([0.0, *(getattr(found, end) for found in path.ranges)] for end in ("low", "high"))
        axes.fill_between(ends, low, high, color=FORECAST[0], linewidth=0, zorder=0.3, label="judgement")
    axes.plot(path.places, path.shares, color=FORECAST[2], linewidth=1.8, zorder=3, label="forecast")
    if path.reference is not None:
        axes.plot(path.places, path.reference, zorder=2, label="reference class", **_REFERENCE)


def _dots(axes: Axes, path: _Path, months: set[int], width: float) -> None:
    """Mark the questions' last months, each with its probability unless it stands at the line's end or too near.

    `months` are counted from the origin's; `width` is the axes', points.
    """
    scale = width / (path.places[-1] - path.places[0])
    above = path.reference is None or path.shares[-1] >= path.reference[-1]
    beside: dict[str, Any] = {"xytext": (0.0, -5.0), "ha": "center", "va": "top"}
    beside = {"xytext": (-4.0, 5.0), "ha": "right", "va": "bottom"} if above else beside
    free = path.places[-1] - 12.0 / scale
    for month in sorted(months, reverse=True):
        place, share = path.places[month], path.shares[month]
        axes.plot([place], [share], zorder=4, clip_on=False, label="asked", **_ASKED)
        words = percent(share, of=path.members)
        room = measure(words, BODY, weight="bold") + 4.0
        if place > free or place - room / scale < path.places[0]:
            continue
        axes.annotate(words, (place, share), textcoords="offset points", **beside, **BOLD)
        free = place - (room + 6.0) / scale


def _key(path: _Path, asked: bool) -> list[KeyRow]:
    line = (
        Line2D([], [], color=FORECAST[2], linewidth=1.8),
        "in force" if path.already else "imposed by then",
    )
    band = (Patch(color=FORECAST[0]), "range over judgement, in brackets at the end")
    rows: list[KeyRow] = [[line, band] if path.ranges else [line]]
    if path.reference is not None:
        rows.append([(Line2D([], [], **_REFERENCE), "by the reference class's rate alone")])
    if asked:
        rows.append([(Line2D([], [], **_ASKED), "last day of a question of the scenario: imposed by then?")])
    return rows


def _finding(run: Run, path: _Path) -> str:
    country = run.country
    chance = percent(path.shares[-1], of=path.members)
    ends = when(run.scenario.last_month, "")
    by = f"still in force {ends}" if path.already else ends.replace("at", "by", 1)
    said = f"Sanctions on {country.patron} {by}: {chance}"
    if path.ranges:
        said += f", by other judgements {path.ranges[-1].in_words()}"
    if path.reference is None:
        return said
    difference = path.shares[-1] - path.reference[-1]
    beside = f"{percent(path.reference[-1])} for states like {country.state}"
    if path.ranges and path.ranges[-1].low <= path.reference[-1] <= path.ranges[-1].high:
        return f"{said}; {beside}"
    if abs(difference) > 2.0 * path.error:
        return f"{said}; {'above' if difference > 0.0 else 'below'} the {beside}"
    return f"{said}; {beside}, too near to tell apart"


def _class_in_words(run: Run) -> str:
    count = reference_class_count(run.scenario.as_of, run.record)
    return (
        f"Reference class: candidates that had not joined such sanctions by early 2014. As known on "
        f"{day_in_words(run.scenario.as_of)}, {count.adoptions} had since, in {count.state_years:.0f} state-years."
    )
