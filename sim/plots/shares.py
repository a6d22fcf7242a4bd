"""Shares of histories over time: in each posture, above the record's; with sanctions, beside those of like states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sim.arrays import FloatArray
from sim.clock import MONTHS_PER_YEAR, month_end, month_number
from sim.forecasting.errors import error_of_share, islands_of
from sim.forecasting.questions import IMPOSED, IN_FORCE
from sim.mechanisms.choice import WINDOW
from sim.names import Row
from sim.parameters.priors import Prior
from sim.parameters.table import parameter_table, resolve
from sim.plots import scales
from sim.plots.captions import before_the_origin, foot, judged, posture_finding, range_in_words, shares
from sim.plots.page import INSIDE, Page, measure, name_ends, size_of, widest
from sim.plots.scales import HATCH, clip, spans, strip
from sim.plots.series import Series, series
from sim.plots.style import BODY, BOLD, FORECAST, INK, PAPER, POSTURE, QUIET, SMALL, styled
from sim.record.observations import Record, reference_class_count
from sim.record.record_series import recorded_labels
from sim.runs.members import at
from sim.runs.results import Run
from sim.scenario import Question
from sim.words import day_in_words, histories, month_in_words, percent, position, sentence, when

_ABOVE, _HEIGHT, _STRIP, _GAP = 16.0, 190.0, 16.0, 5.0
"""Room for the origin's date, the axes, the strip of the record, the gap above it; points."""

_AIR = 6.0
"""Room above the axes of sanctions, points."""

PALER = 0.45
"""How much of its colour a share keeps before the origin: in grey print no other posture's colour after it."""

_VOTED = 0.5
"""UN texts in a month, of the mean of members, from which on there was a vote."""

_RANGE = "In brackets: the range over judgement that the record cannot settle."

_LEAP = 0.1
"""A change of the share of allies in a month that a note explains (judgement)."""


@styled
def posture(run: Run) -> Figure:
    """Draw the shares of members that are ally, balancer and opponent over time, above the recorded labels.

    What lies before the origin is paler. Recorded labels of the origin's month and later were not known then: hatched.
    """
    subject = series(run, "posture")
    title = posture_finding(run, subject)
    if not subject.last.size:
        return Page(title=title, subtitle=sentence(subject.meaning), foot=foot(run)).close()
    judgement = {name: judged(run, "posture", name) for name in subject.categories}
    ranges = {name: f"[{range_in_words(found[-1])}]" for name, found in judgement.items() if found}
    page = Page(
        title=title,
        subtitle=f"Share of {histories(subject.members)} in each posture, by what {run.country.state} "
        "did in the twelve months before",
        foot=foot(run, _RANGE if ranges else "", _leap(run, subject)),
    )
    names = widest(subject.categories, BODY, weight="bold"), widest([*ranges.values(), "on record"], SMALL)
    right = INSIDE - 8.0 - max(names)
    scale = scales.Values(0.0, 1.0, as_percent=True, count=4)
    axes = page.axes(scale.left, _ABOVE, right - scale.left, _HEIGHT)
    axes.set_yticks(scale.ticks, labels=scale.names)
    _stack(axes, subject, position(run.scenario.as_of))
    now = shares(subject.last, subject.categories)
    tops = dict(zip(now, np.cumsum([*now.values()]), strict=True))
    ends = [(name, tops[name] - now[name] / 2.0, percent(now[name]), ranges.get(name, "")) for name in now]
    name_ends(axes, ends)
    scales.origin(axes, run)
    beneath = _ABOVE + _HEIGHT + _GAP
    page.write(right + 6.0, beneath + _STRIP / 2.0, "on record", va="center_baseline", color=INK)
    axes = page.axes(scale.left, beneath, right - scale.left, _STRIP, xlim=axes.get_xlim())
    labels = [(label.month, label.posture) for label in recorded_labels(Record.load(run.scenario.state))]
    labels = [label for label in labels if label[0] <= subject.months[-1]]
    later = [label for label in labels if label[0] >= subject.first_month]
    strip(run, axes, spans(label for label in labels if label not in later))
    strip(run, axes, spans(later), hatched=True)
    scales.years(axes, *axes.get_xlim())
    before = [Patch(color=POSTURE[name], alpha=PALER) for name in subject.categories]
    key: dict[str, Any] = {before_the_origin(run): before}
    if later:
        key[f"on record up to {month_end(later[-1][0]):%B %Y}, not known at the origin"] = (
            Patch(facecolor=POSTURE[later[-1][1]], edgecolor=PAPER, hatch=HATCH, linewidth=0.0),
            Patch(facecolor="none", edgecolor=INK, linewidth=0.8),
        )
    return page.close(key)


def _leap(run: Run, subject: Series) -> str:
    """Return why the share of allies leaps, where it does as votes come into the posture's window or leave it.

    An ally votes with Russia half of the time, in twelve months that at first are the record's.
    """
    share = subject.shares[subject.categories.index("ally")]
    after = np.flatnonzero(subject.ahead[1:]) + 1
    if not after.size:
        return ""
    most = after[np.argmax(np.abs(share[after] - share[after - 1]))]
    month = int(subject.months[most])
    if abs(share[most] - share[most - 1]) < _LEAP:
        return ""
    came, left = (m >= 0 and at(run.data, "votes", m).mean() >= _VOTED for m in (month, month - WINDOW))
    why = [f"the UN votes of {month_in_words(month - WINDOW)} leave them"] if left else []
    why += ["a UN vote comes in"] if came else []
    leap = f"In {month_in_words(month)} ally goes from {percent(share[most - 1])} to {percent(share[most])}"
    return f"{leap}: a posture is judged over twelve months, and {' and '.join(why)}." if why else ""


def _stack(axes: Axes, subject: Series, at: float) -> None:
    """Stack the shares from the first month that has a posture."""
    # The first month's shares stand for all of it, as a label on the strip does.
    ends = np.array([subject.months[0], *(subject.months + 1)], dtype=float)
    by_category = [np.array([share[0], *share]) for share in subject.shares]
    axes.set_ylim(0.0, 1.0)
    axes.set_xlim(ends[0], ends[-1])
    for which, strength in ((ends <= at + 1.0, PALER), (ends >= at - 1.0, 1.0)):
        if which.any():
            colours = [POSTURE[name] for name in subject.categories]
            parts = [share[which] for share in by_category]
            drawn = axes.stackplot(ends[which], parts, colors=colours, alpha=strength, linewidth=0)
            clip(axes, drawn, *((ends[0], at) if strength < 1.0 else (at, ends[-1])))


_FORECAST: dict[str, Any] = {"color": FORECAST[2], "linewidth": 1.8}
_REFERENCE: dict[str, Any] = {"color": QUIET, "linewidth": 1.0, "linestyle": (0, (5, 2.5))}
_LAST_DAY = "last day of a question of the scenario: imposed by then?"
_ASKED: dict[str, Any] = {"color": FORECAST[2], "linestyle": "", "marker": "o", "markersize": 5.5}


@dataclass(frozen=True)
class _Path:
    """Shares of members with sanctions imposed by each place in time, from the origin on; all of shape (months + 1,).

    `already` says whether they were in force at the origin: then these are the shares in which they still are. `error`
    is the standard error of the last of them, `reference` the chance by the reference class alone, None before there
    was one; `ranges` are those over judgement.
    """

    places: FloatArray
    shares: FloatArray
    already: bool
    error: float
    reference: FloatArray | None
    ranges: list[Row]
    members: int


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
    since = f"have been imposed between {day_in_words(run.scenario.as_of)} and each month's end"
    shown = "are in force at each month's end" if path.already else since
    page = Page(
        title=_finding(run, path),
        subtitle=f"Share of {histories(path.members)} in which sanctions {shown}",
        foot=foot(run, "" if path.reference is None else _class_in_words(run)),
    )
    ends = {"this forecast": path.shares[-1]}
    if path.reference is not None:
        ends["reference class"] = path.reference[-1]
    seen = max(path.shares.max(), *ends.values(), *(found["high"] for found in path.ranges))
    high = min(1.0, max(1.1 * seen, 0.1))  # judgement: below a tenth the axis would dramatise
    scale = scales.Values(0.0, high, as_percent=True)
    right = INSIDE - 8.0 - widest(ends, BODY, weight="bold")
    axes = page.axes(scale.left, _AIR, right - scale.left, _HEIGHT)
    scale.draw(axes)
    scales.years(axes, path.places[0], path.places[-1])
    label = "in force" if path.already else "imposed by then"
    axes.plot(path.places, path.shares, zorder=3, label=label, **_FORECAST)
    if path.ranges:
        months = [path.places[0], *(month_number(found["date"]) + 1.0 for found in path.ranges)]
        lows, highs = ([0.0, *(found[end] for found in path.ranges)] for end in ("low", "high"))
        label = "range over judgement, in brackets at the end"
        axes.fill_between(months, lows, highs, color=FORECAST[0], linewidth=0, zorder=0.3, label=label)
    if path.reference is not None:
        label = "by the reference class's rate alone"
        axes.plot(path.places, path.reference, zorder=2, label=label, **_REFERENCE)
    if not path.already:
        scales.imposed(axes, run)
        asked = {question.last_month for question in run.scenario.questions if _asks(question)}
        _dots(axes, path, [month + 1 - run.scenario.first_month for month in asked])
    ranges = {"this forecast": f"[{range_in_words(path.ranges[-1])}]"} if path.ranges else {}
    named = sorted(ends.items(), key=lambda end: end[1])
    name_ends(axes, [(name, end, percent(end), ranges.get(name, "")) for name, end in named])
    return page.close()


def _path(run: Run) -> _Path:
    first, already = run.scenario.first_month, _in_force(run)
    imposed = at(run.data, "sanctions", range(first, run.scenario.last_month + 1)) > 0.0
    if not already:
        imposed = np.maximum.accumulate(imposed, axis=1)
    members, months = imposed.shape
    return _Path(
        places=np.array([position(run.scenario.as_of), *range(first + 1, first + months + 1)]),
        # nothing is imposed on the origin itself, and this is no estimate
        shares=np.concatenate([[float(already)], imposed.mean(axis=0)]),
        already=already,
        error=error_of_share(imposed[:, -1], islands_of(run.data)),
        reference=None if already else _by_the_class(run, months),
        ranges=judged(run, "sanctions", IN_FORCE if already else IMPOSED),
        members=members,
    )


def _in_force(run: Run) -> bool:
    """Return whether sanctions were in force at the origin, by the record: then it is asked whether they stay."""
    days = run.record.until(run.scenario.as_of).sanctions()
    return any(month_number(day) < run.scenario.first_month for day in days)


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


def _dots(axes: Axes, path: _Path, months: list[int]) -> None:
    """Mark the questions' last months, each with its probability unless it stands at the line's end or too near.

    `months` are counted from the origin's.
    """
    scale = size_of(axes)[0] / (path.places[-1] - path.places[0])
    beside: dict[str, Any] = {"xytext": (0.0, -5.0), "ha": "center", "va": "top"}
    if path.reference is None or path.shares[-1] >= path.reference[-1]:
        beside = {"xytext": (-4.0, 5.0), "ha": "right", "va": "bottom"}
    free = path.places[-1] - 12.0 / scale
    for month in sorted(months, reverse=True):
        place, share = path.places[month], path.shares[month]
        axes.plot([place], [share], zorder=4, clip_on=False, label=_LAST_DAY, **_ASKED)
        words = percent(share, of=path.members)
        room = measure(words, BODY, weight="bold") + 4.0
        if place <= free and place - room / scale >= path.places[0]:
            axes.annotate(words, (place, share), textcoords="offset points", **beside, **BOLD)
            free = place - (room + 6.0) / scale


def _finding(run: Run, path: _Path) -> str:
    country, ends = run.country, when(run.scenario.last_month, "")
    by = f"still in force {ends}" if path.already else ends.replace("at", "by", 1)
    said = f"Sanctions on {country.patron} {by}: {percent(path.shares[-1], of=path.members)}"
    if path.ranges:
        said += f", by other judgements {range_in_words(path.ranges[-1])}"
    if path.reference is None:
        return said
    beside = f"{percent(path.reference[-1])} for states like {country.state}"
    if path.ranges and path.ranges[-1]["low"] <= path.reference[-1] <= path.ranges[-1]["high"]:
        return f"{said}; {beside}"
    difference = path.shares[-1] - path.reference[-1]
    if abs(difference) > 2.0 * path.error:
        return f"{said}; {'above' if difference > 0.0 else 'below'} the {beside}"
    return f"{said}; {beside}, too near to tell apart"


def _class_in_words(run: Run) -> str:
    count = reference_class_count(run.scenario.as_of, run.record)
    return (
        f"Reference class: candidates that had not joined such sanctions by early 2014. As known on "
        f"{day_in_words(run.scenario.as_of)}, {count.adoptions} had since, in {count.state_years:.0f} state-years."
    )
