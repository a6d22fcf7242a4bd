"""Quantities over time: bands of the ensemble with the record beside them, and those of every term of the ledger."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.plots import scales
from sim.plots.captions import before_the_origin, foot, on_record, outlook
from sim.plots.page import INSIDE, LEADING, Page, labelled
from sim.plots.scales import bands, clip, drawn_as, outline
from sim.plots.series import FigureError, Series, series
from sim.plots.style import BODY, INK, PAPER, PLAIN, POSTURE, SMALL, styled
from sim.quantities.catalogue import targets
from sim.record.record_series import Point
from sim.runs.gallery import shows
from sim.runs.results import Run
from sim.words import HELD, day_in_words, histories, position, sentence, signed, when
from sim.world.incentives import LEDGER

_DATE, _UNIT, _HEIGHT = 16.0, SMALL * LEADING, 190.0
"""Room for the origin's date, above that for the unit where there is one, the axes; points."""

_OTHER: dict[str, Any] = {"color": POSTURE["ally"], "linewidth": 1.8, "linestyle": (0.0, (2.5, 1.2))}
"""The median of the run that a fan is held against."""

_MARK: dict[str, Any] = {
    "color": INK,
    "marker": "o",
    "markersize": 5.0,
    "markeredgewidth": 1.1,
    "linestyle": "",
}
_NOTHING = "Nothing to see: all histories have one value throughout, and the record has none."
_DENSE = 60
"""Points known on the origin that are joined to a line if they are more (judgement: they would touch)."""


@styled
def fan(run: Run, variable: str = targets()[0], *, against: Run | None = None) -> Figure:
    """Draw a quantity over time: median, bands of 50 and 90 per cent, and the record's figures.

    Points known on the origin are filled, later ones hollow. What lies before the origin is paler.

    Parameters
    ----------
    variable: a target or a recorded variable.
    against: a run without what this one assumes; its median is drawn too, dashed.

    Raises FigureError if the run records no such variable, or one of 0 and 1 or of categories.
    """
    subject = series(run, variable)
    if subject.kind in ("binary", "category"):
        values = "0 or 1" if subject.kind == "binary" else "categories"
        instead = ", or the figure posture" if variable == "posture" else ""
        raise FigureError(f"{variable} has no bands, its values are {values}; draw its distribution{instead}")
    as_of, points = run.scenario.as_of, on_record(run, subject)
    known = [point for point in points if point.known_on <= as_of]
    later = [point for point in points if point.known_on > as_of]
    where = f"; each box is a {subject.span}, the dot in it is what was recorded" if subject.span else ""
    page = Page(
        title=outlook(run, subject),
        subtitle=f"{sentence(subject.meaning)}{where}",
        foot=foot(run, "" if shows(run, variable) else _NOTHING),
    )
    page.write(0.0, 0.0, subject.axis_unit)
    top = _DATE + (_UNIT if subject.axis_unit else 0.0)
    scale = scales.Values(*_limits(subject, points), subject.kind == "count", subject.as_percent)
    axes = page.axes(scale.left, top, INSIDE - scale.left - 4.0, _HEIGHT)
    scale.draw(axes)
    scales.years(axes, 0.0, run.scenario.last_month + 1.0)
    if subject.last.size:
        bands(axes, subject, position(as_of))
    if against is not None:
        other = series(against, variable)
        places, levels = outline(other, ahead=True)
        label = "median without what is assumed here"
        (line,) = axes.plot(places, levels[2], drawstyle=drawn_as(other), label=label, zorder=2.5, **_OTHER)
        if not other.window:
            clip(axes, [line], position(as_of), places[-1])
    if _shows_past(subject, known):
        bands(axes, subject, position(as_of), before=before_the_origin(run))
    _record(axes, subject, known, "on record, known then", INK)
    _record(axes, subject, later, f"became known after {day_in_words(as_of)}", PAPER)
    scales.origin(axes, run)
    return page.close()


def _shows_past(subject: Series, known: list[Point]) -> bool:
    """Return whether there is a simulated history to see: not where all members hold what is on record."""
    past = subject.bands[:, ~subject.ahead]
    return bool(past.size) and not (known and bool((past[0] == past[-1]).all()))


def _record(axes: Axes, subject: Series, points: list[Point], label: str, inside: str) -> None:
    """Draw recorded figures, known points joined to a line where they are many."""
    if not points:
        return
    days = [position(point.day) - subject.window / 2.0 for point in points]
    style = _MARK | {"markerfacecolor": inside}
    if inside == INK and len(points) > _DENSE:
        style = {"color": INK, "linewidth": 1.1, "drawstyle": drawn_as(subject)}
    elif len(days) > 1 and all(after - before < 1.5 for before, after in pairwise(days)):
        style["markersize"] = 3.2
    axes.plot(days, [point.value for point in points], zorder=3, label=label, **style)


def _limits(subject: Series, points: list[Point]) -> tuple[float, float]:
    """Return the lowest and highest value to show: the bands and the record, with some air, within what can be."""
    seen = np.array([*subject.bands.ravel(), *(point.value for point in points)])
    if not seen.size:
        return 0.0, 1.0
    least, most = float(seen.min()), float(seen.max())
    low, high = scales.with_air(least, most)
    if subject.as_percent and most <= 1.0:
        high = min(high, 1.05)
    return (0.0 if low < 0.0 <= least else low), high


_TERMS = sorted(LEDGER.values(), key=lambda term: -term.sign)
"""The terms in the order in which they are drawn: first those that draw towards the EU's line."""

_ROWS = (len(_TERMS) + 2) // 2
"""Rows of panels in two columns; the key takes the place after the last term."""

_HEAD, _PANEL, _GAP, _GUTTER, _PANEL_YEARS = 17.0, 62.0, 9.0, 14.0, 22.0
"""Height of a panel's name, of its axes, the gaps beneath and between the columns, the years; points."""

_LEAST = 0.005
"""The least median that is not written as zero, logit."""


@styled
def ledger(run: Run) -> Figure:
    """Draw each term of the ledger over time, on one scale: median and bands; paler and without the outer band before.

    A term is a weight times how far its incentive stands from where it stood in January 2012, in logits of lean. The
    record says little about the weights, so the bands are mostly what is not known about them.
    """
    terms = {run.country.fill(term.phrase): series(run, term.variable) for term in _TERMS}
    seen = [subject.bands[:, subject.ahead] for subject in terms.values()]
    seen += [subject.bands[1:4] for subject in terms.values()]
    low, high = min(-0.1, *map(np.min, seen)), max(0.1, *map(np.max, seen))
    scale = scales.Values(*scales.with_air(float(low), float(high), 0.04), count=4)
    width = (INSIDE - scale.left - _GUTTER) / 2.0 - 2.0
    ends = when(run.scenario.last_month, "")
    page = Page(
        title=_strongest_terms(run, terms),
        subtitle=f"How far each incentive moves the lean that is called for, against January{HELD}2012. Up is towards "
        f"the EU's line: +1 turns an even chance of joining a declaration into 73{HELD}%. "
        f"{sentence(histories(next(iter(terms.values())).members))}",
        foot=foot(run, f"Bold: the median {ends}."),
    )
    at, step, head = position(run.scenario.as_of), _HEAD + _PANEL + _GAP, PLAIN | {"va": "baseline"}
    for place, (term, subject) in enumerate(terms.items()):
        column, row = divmod(place, _ROWS)
        x, y = scale.left + column * (width + _GUTTER), row * step
        axes = page.axes(x, y + _HEAD, width, _PANEL)
        scale.draw(axes, named=column == 0)
        scales.years(axes, 0.0, run.scenario.last_month + 1.0)
        if place not in (_ROWS - 1, len(terms) - 1):
            axes.tick_params(axis="x", which="both", length=0, labelbottom=False)
            axes.spines["bottom"].set_visible(False)
        bands(axes, subject, at)
        bands(axes, subject, at, before="before: median, half; not a fit", outer=False)
        axes.axvline(at, color=INK, linewidth=1.0, zorder=4, label=day_in_words(run.scenario.as_of))
        scales.beyond_record(axes, run)
        page.write(x, y + BODY + 2.0, sentence(term), **head)
        median = signed(subject.bands[2, -1], 2)
        page.write(x + width, y + BODY + 2.0, median, weight="bold", ha="right", **head)
    below = (len(terms) - _ROWS) * step + _PANEL_YEARS
    page.key(below, labelled(*page.figure.axes), left=scale.left + width + _GUTTER, width=width)
    return page.close({})


def _strongest_terms(run: Run, terms: dict[str, Series]) -> str:
    """Return which incentive draws most and which holds back most at the horizon's end, by the median."""
    draws, holds = _strongest(terms, 1.0), _strongest(terms, -1.0)
    state, then = run.country.state, f"in January{HELD}2012"
    first = f"{draws} {'draw' if ' and ' in draws else 'draws'} {state} most"
    second = f"{holds} {'hold' if ' and ' in holds else 'holds'} it back most"
    if not holds:
        second = f"none holds it back more than {then if draws else 'then'}"
    if not draws:
        first = f"no incentive draws {state} more than {then}"
    return sentence(f"{first}, {second}, {when(run.scenario.last_month, '')}")


def _strongest(terms: dict[str, Series], sign: float) -> str:
    """Return the incentive whose median lies farthest to one side, or the two that luck may have put in order.

    The second is named too unless the first exceeds it in more than half of the members, by two standard errors of
    that share. Nothing where no median is beyond the rounding of the figure.
    """
    ends = {term: sign * subject.bands[2, -1] for term, subject in terms.items()}
    first, second = sorted(ends, key=lambda term: -ends[term])[:2]
    if ends[first] < _LEAST:
        return ""
    ahead = float((sign * (terms[first].last - terms[second].last) > 0.0).mean())
    sure = ahead - 0.5 > 2.0 * 0.5 / terms[first].members ** 0.5
    return first if sure or ends[second] < _LEAST else f"{first} and {second}"
