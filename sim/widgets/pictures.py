"""The pictures of a panel: drawn in the browser from quantiles, since Matplotlib takes longer than the simulation.

Shapes are SVG, stretched to the room there is; words lie over them as text, at one size on a phone and on a desk.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from html import escape
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sim.catalogue import QUANTITIES
from sim.clock import FIRST_YEAR, MONTHS_PER_YEAR
from sim.incentives import LEDGER
from sim.plots.palette import FORECAST, INK, ON_POSTURE, PAPER, PAST, POSTURE, QUIET, RULE
from sim.plots.series import Series, label_of, series
from sim.plots.words import day_in_words, percent, position, sentence
from sim.recorded import recorded
from sim.recording import KEPT
from sim.results import Run
from sim.widgets.levers import Lever, round_numbers

FloatArray = NDArray[np.float64]

PAST_YEARS = 4
"""Years before the origin that a picture shows (judgement: what is asked about lies ahead)."""

_SIDE = 1000.0  # of a drawing, in its own units; it is stretched to its room
_TICKS = 4  # lines of values, about


def drawable() -> dict[str, str]:
    """Return the variables of which a fan can be drawn, by their name in words."""
    kept = [quantity.name for quantity in KEPT["outcomes"]]
    names = [
        name for name in QUANTITIES if name in kept or name in ("cfsp_alignment", "un_position", "eu_support")
    ]
    numbers = [name for name in names if QUANTITIES[name].kind not in ("binary", "category")]
    return {label_of(name): name for name in numbers if QUANTITIES[name].askable}


def fan(run: Run, variable: str, reference: Run | None = None) -> str:
    """Return a quantity over time: median, bands of half and nine in ten, the record, the reference's median."""
    subject = series(run, variable)
    other = None if reference is None or reference is run else series(reference, variable)
    points = [
        (position(point.day) - subject.window / 2.0, point.value)
        for point in recorded(variable, run.record)
        if point.known_on <= run.scenario.as_of
    ]
    first = _first(run)
    inside = [value for place, value in points if place >= first]
    chart = _Chart(first, run.scenario.last_month + 1.0, *_reach([subject, other], first, inside))
    chart.years()
    chart.values(subject)
    chart.bands(subject)
    if other is not None:
        chart.median(other, POSTURE["ally"], dashed=True)
    chart.dots([(place, value) for place, value in points if place >= first])
    chart.origin(run)
    ends = [(float(subject.bands[2, -1]), INK)] + (
        [(float(other.bands[2, -1]), POSTURE["ally"])] if other is not None else []
    )
    chart.ends([(subject.say(value), value, colour) for value, colour in ends])
    said = f"{subject.label}: {subject.say_in_full(ends[0][0])} {subject.last_when} in the median history"
    keys = [
        _line(FORECAST[2], "median"),
        _box(FORECAST[1], "half of the histories"),
        _box(FORECAST[0], "nine in ten"),
    ]
    keys += [_line(POSTURE["ally"], "median of the reference", dashed=True)] if other is not None else []
    keys += [_dot("on record, known then")] if inside else []
    return _figure(said, chart.html("tall"), keys)


def posture(run: Run, reference: Run | None = None) -> str:
    """Return the shares of members that are ally, balancer and opponent over time; dashed, those of the reference."""
    subject = series(run, "posture")
    if not subject.months.size:
        return _figure(
            "A posture is judged by twelve months: none comes out before the horizon's end.", "", []
        )
    first = max(_first(run), float(subject.months[0]))
    chart = _Chart(first, run.scenario.last_month + 1.0, 0.0, 1.0)
    levels = np.vstack([np.zeros(subject.months.size), np.cumsum(subject.shares, axis=0)])
    for (low, high), name in zip(pairwise(levels), subject.categories, strict=True):
        for ahead, strength in ((False, 0.45), (True, 1.0)):
            chart.area(subject, low, high, POSTURE[name], ahead=ahead, strength=strength)
    if reference is not None and reference is not run:
        theirs = series(reference, "posture")
        for level in np.cumsum(theirs.shares, axis=0)[:-1]:
            chart.line(theirs.months[theirs.ahead] + 1.0, level[theirs.ahead], INK, dashed=True)
    chart.years()
    chart.values(subject)
    chart.origin(run)
    names = zip(subject.categories, pairwise(levels[:, -1]), strict=True)
    chart.ends([(f"{name} {percent(high - low)}", (low + high) / 2.0, INK) for name, (low, high) in names])
    said = "Posture towards Moscow, by what Serbia did in the twelve months before: " + ", ".join(
        f"{name} {percent(float(share))}"
        for name, share in zip(subject.categories, subject.shares[:, -1], strict=True)
    )
    keys = [_box(POSTURE[name], name, ON_POSTURE[name]) for name in reversed(subject.categories)]
    keys += (
        [_line(INK, "the reference", dashed=True)] if reference is not None and reference is not run else []
    )
    return _figure(said, chart.html("tall"), keys)


def ledger(run: Run, reference: Run | None = None) -> str:
    """Return what each incentive adds to the lean that it calls for, over time, all on one scale."""
    terms = {term.phrase: series(run, term.variable) for term in LEDGER.values()}
    first = _first(run)
    low, high = _reach(list(terms.values()), first, [])
    panels = []
    for (phrase, subject), term in zip(terms.items(), LEDGER.values(), strict=True):
        chart = _Chart(first, run.scenario.last_month + 1.0, low, high)
        chart.years(named=False)
        chart.values(subject)
        chart.bands(subject)
        if reference is not None and reference is not run:
            chart.median(series(reference, term.variable), POSTURE["ally"], dashed=True)
        chart.origin(run, named=False)
        head = f"<b>{escape(sentence(phrase))}</b> {subject.bands[2, -1]:+.2f}"
        panels.append(f'<div class="term"><div>{head}</div>{chart.html("low")}</div>')
    said = "How far each incentive moves Serbia's lean: up is towards the EU's line, +1 makes an even chance 73 %"
    keys = [
        _line(FORECAST[2], "median"),
        _box(FORECAST[1], "half of the histories"),
        _box(FORECAST[0], "nine in ten"),
    ]
    return _figure(said, f'<div class="terms">{"".join(panels)}</div>', keys)


@lru_cache(maxsize=256)
def strip(lever: Lever) -> str:
    """Return what lies behind a lever: where its quantity comes to be by itself, or what was learned over its prior."""
    most = max(*lever.spread, *lever.prior, 1e-9)
    step = _SIDE / (len(lever.stops) - 1)
    width = min(0.84 * step, 60.0)  # of a bar over its stop, the first and the last half beyond the ends
    bars = "".join(
        f'<rect x="{place * step - width / 2.0:.1f}" width="{width:.1f}" y="{_SIDE * (1.0 - share / most):.0f}" '
        f'height="{_SIDE * share / most:.0f}" fill="{FORECAST[1]}"/>'
        for place, share in enumerate(lever.spread)
    )
    path = " ".join(
        f"{place * step:.1f},{_SIDE * (1.0 - share / most):.0f}" for place, share in enumerate(lever.prior)
    )
    prior = f'<polyline points="{path}" fill="none" stroke="{INK}" stroke-width="1"/>' if path else ""
    return _svg(bars + prior)


class _Chart:
    """Axes of months and values, on which shapes and words are put."""

    def __init__(self, first: float, last: float, low: float, high: float) -> None:
        self._first, self._last, self._low, self._high = first, last, low, high
        self._shapes: list[str] = []
        self._words: list[str] = []

    def html(self, height: str) -> str:
        return f'<div class="chart {height}">{_svg("".join(self._shapes))}{"".join(self._words)}</div>'

    def years(self, *, named: bool = True) -> None:
        begins = range(
            int(self._first) // MONTHS_PER_YEAR * MONTHS_PER_YEAR, int(self._last) + 1, MONTHS_PER_YEAR
        )
        for month in begins:
            if month > self._first:
                self.line([month, month], [self._low, self._high], RULE, width=0.6)
            middle = (max(month, self._first) + min(month + MONTHS_PER_YEAR, self._last)) / 2.0
            if (
                named
                and min(month + MONTHS_PER_YEAR, self._last) - max(month, self._first) > MONTHS_PER_YEAR / 2
            ):
                year = str(FIRST_YEAR + month // MONTHS_PER_YEAR)
                self._write(self._x(middle), _SIDE, f"<i>{year[:2]}</i>{year[2:]}", "year")

    def values(self, subject: Series) -> None:
        for tick in round_numbers(self._low, self._high, _TICKS):
            if self._low <= tick <= self._high:
                self.line([self._first, self._last], [tick, tick], QUIET if tick == 0.0 else RULE, width=0.8)
                name = percent(tick) if subject.as_percent or subject.kind == "category" else f"{tick:g}"
                self._write(0.0, self._y(tick), escape(name), "value")

    def bands(self, subject: Series) -> None:
        for ahead, (wide, narrow, middle) in ((False, PAST), (True, FORECAST)):
            low, lower, _, upper, high = subject.bands
            self.area(subject, low, high, wide, ahead=ahead)
            self.area(subject, lower, upper, narrow, ahead=ahead)
            self.median(subject, middle, ahead=ahead)

    def median(self, subject: Series, colour: str, *, ahead: bool = True, dashed: bool = False) -> None:
        which = (subject.ahead == ahead) & (subject.months >= self._first)
        places, values = subject.places[which], subject.bands[2][which]
        if subject.window:
            for place, value in zip(places, values, strict=True):
                half = 0.4 * subject.window
                self.line([place - half, place + half], [value, value], colour, width=2.0, dashed=dashed)
        elif places.size:
            self.line(places, values, colour, width=2.0, dashed=dashed)

    def area(
        self,
        subject: Series,
        low: FloatArray,
        high: FloatArray,
        colour: str,
        *,
        ahead: bool,
        strength: float = 1.0,
    ) -> None:
        which = (subject.ahead == ahead) & (subject.months >= self._first)
        if not which.any():
            return
        places, below, above = subject.places[which], low[which], high[which]
        half = 0.4 * subject.window
        boxes = (
            [
                ([place - half, place + half], [a, a], [b, b])
                for place, a, b in zip(places, below, above, strict=True)
            ]
            if subject.window
            else [(places, below, above)]
        )
        for x, a, b in boxes:
            outline = [*zip(x, b, strict=True), *reversed([*zip(x, a, strict=True)])]
            points = " ".join(f"{self._x(month):.1f},{self._y(value):.1f}" for month, value in outline)
            self._shapes.append(f'<polygon points="{points}" fill="{colour}" fill-opacity="{strength:g}"/>')

    def line(
        self,
        months: Sequence[float] | FloatArray,
        values: Sequence[float] | FloatArray,
        colour: str,
        *,
        width: float = 1.4,
        dashed: bool = False,
    ) -> None:
        points = " ".join(f"{self._x(m):.1f},{self._y(v):.1f}" for m, v in zip(months, values, strict=True))
        dash = ' stroke-dasharray="5 3"' if dashed else ""
        self._shapes.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{width:g}"{dash}/>'
        )

    def dots(self, points: Sequence[tuple[float, float]]) -> None:
        for month, value in points:  # a line of no length with round ends stays round however it is stretched
            x, y = self._x(month), self._y(value)
            size = 4.0 if len(points) > 2 * PAST_YEARS else 7.0
            self._shapes.append(
                f'<path d="M{x:.1f} {y:.1f}h0" stroke="{INK}" stroke-width="{size:g}" stroke-linecap="round"/>'
            )

    def origin(self, run: Run, *, named: bool = True) -> None:
        at = position(run.scenario.as_of)
        self.line([at, at], [self._low, self._high], INK, width=1.0)
        if named:
            self._write(self._x(at), 0.0, f"known on {day_in_words(run.scenario.as_of)}", "origin")

    def ends(self, named: Sequence[tuple[str, float, str]]) -> None:
        """Write what ends at the right, from below upwards, each apart from the last."""
        above = _SIDE * 1.05
        for words, value, colour in sorted(named, key=lambda each: each[1]):
            above = min(self._y(value), above - 75.0)
            self._write(_SIDE, above, f'<b style="color:{colour}">{escape(words)}</b>', "end")

    def _write(self, x: float, y: float, html: str, kind: str) -> None:
        self._words.append(f'<span class="{kind}" style="left:{x / 10:.2f}%;top:{y / 10:.2f}%">{html}</span>')

    def _x(self, month: float) -> float:
        return _SIDE * (month - self._first) / (self._last - self._first)

    def _y(self, value: float) -> float:
        return _SIDE * (self._high - value) / (self._high - self._low)


def _first(run: Run) -> float:
    year = run.scenario.first_month // MONTHS_PER_YEAR - PAST_YEARS
    return float(max(year * MONTHS_PER_YEAR, 0))


def _reach(drawn: Sequence[Series | None], first: float, points: Sequence[float]) -> tuple[float, float]:
    """Return the lowest and highest value to show, with some air, within what shares can be."""
    bands = [subject.bands[:, subject.months >= first].ravel() for subject in drawn if subject is not None]
    seen = np.concatenate([*bands, points])
    if not seen.size:
        return 0.0, 1.0
    low, high = float(seen.min()), float(seen.max())
    air = 0.06 * (high - low) or 0.05 * abs(high) or 1.0
    return (0.0 if 0.0 <= low < air else low - air), (1.0 if 1.0 - air < high <= 1.0 else high + air)


def _svg(shapes: str) -> str:
    return f'<svg viewBox="0 0 1000 1000" preserveAspectRatio="none" aria-hidden="true">{shapes}</svg>'


def _figure(said: str, drawing: str, keys: Sequence[str]) -> str:
    return f'<figure><figcaption>{escape(said)}</figcaption>{drawing}<div class="keys">{"".join(keys)}</div></figure>'


def _line(colour: str, words: str, *, dashed: bool = False) -> str:
    style = f"border-top:2px {'dashed' if dashed else 'solid'} {colour};height:0"
    return f'<span><s style="{style}"></s>{words}</span>'


def _box(colour: str, words: str, edge: str = PAPER) -> str:
    return f'<span><s style="background:{colour};outline:1px solid {edge}22"></s>{words}</span>'


def _dot(words: str) -> str:
    return f'<span><s style="background:{INK};width:7px;height:7px;border-radius:50%"></s>{words}</span>'
