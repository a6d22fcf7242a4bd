"""What a panel shows of its runs, as HTML: pictures and the table of answers.

Pictures are drawn in the browser from quantiles: Matplotlib would take as long as the simulation. Shapes are SVG,
stretched to the room there is; words lie over them as text, of one size on a phone and on a desk.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from html import escape
from itertools import pairwise

import numpy as np

from sim import words
from sim.arrays import FloatArray
from sim.clock import FIRST_YEAR, MONTHS_PER_YEAR
from sim.plots.series import Series, label_of, series
from sim.plots.style import FORECAST, INK, PAST, POSTURE, QUIET, RULE
from sim.quantities.catalogue import QUANTITIES, askable
from sim.record.country import load_country
from sim.record.record_series import recorded
from sim.runs.results import Run
from sim.scenario import Scenario
from sim.widgets.levers import Lever, round_numbers
from sim.widgets.tuning import Tuning
from sim.world.incentives import LEDGER

Numbers = Iterable[float]

PAST_YEARS = 4
"""Years before the origin's that a picture shows (judgement: what is asked about lies ahead)."""

_OTHER = POSTURE["ally"]  # the colour of the reference
_REFERENCE = ("dashed", _OTHER, "median of the reference")
_BANDS = (
    ("line", FORECAST[2], "median"),
    ("box", FORECAST[1], "half of the histories"),
    ("box", FORECAST[0], "nine in ten"),
)
_SIDE = 1000.0  # of a drawing, in its own units
_APART = 75.0  # between the words of two ends, in the same


def drawable(scenario: Scenario) -> dict[str, str]:
    """Return the variables of which a fan can be drawn, by their name in words."""
    numbers = (name for name in askable() if QUANTITIES[name].kind not in ("binary", "category"))
    return {label_of(name, load_country(scenario.state)): name for name in numbers}


def fan(run: Run, variable: str, reference: Run | None = None) -> str:
    """Return a quantity over time: median, bands of half and nine in ten, the record, the reference's median."""
    subject, other = series(run, variable), _other(run, variable, reference)
    known = [point for point in recorded(variable, run.record) if point.known_on <= run.scenario.as_of]
    points = [(words.position(point.day) - subject.window / 2.0, point.value) for point in known]
    points = [point for point in points if point[0] >= _first(run)]
    chart = _Chart(run, *_reach(run, [subject, *other], [value for _, value in points]))
    chart.fan(subject, other)
    for month, value in points:
        chart.line([month, month], [value, value], INK, width=4.0 if len(points) > 3 * PAST_YEARS else 7.0)
    medians = [float(each.bands[2, -1]) for each in (subject, *other)]
    chart.ends((subject.say(end), end, colour) for end, colour in zip(medians, (INK, _OTHER), strict=False))
    keys = [*_BANDS, *[_REFERENCE] * len(other), *[("dot", INK, "on record, known then")] * bool(points)]
    said = f"{subject.label}: {subject.say_in_full(subject.bands[2, -1])} {subject.last_when} in the median history"
    return _figure(said, chart.html("tall"), keys)


def posture(run: Run, reference: Run | None = None) -> str:
    """Return the shares of members that are ally, balancer and opponent over time; dashed, those of the reference."""
    subject, other = series(run, "posture"), _other(run, "posture", reference)
    if not subject.last.size:
        return _figure("A posture is judged by twelve months: none comes out within the horizon", "", [])
    chart = _Chart(run, 0.0, 1.0, since=float(subject.months[0]))
    levels = np.cumsum(np.vstack([np.zeros(subject.months.size), subject.shares]), axis=0)
    for (low, high), name in zip(pairwise(levels), subject.categories, strict=True):
        chart.area(subject, low, high, (POSTURE[name] + "73", POSTURE[name]))
    for theirs in other:
        for level in np.cumsum(theirs.shares, axis=0)[:-1]:
            chart.line(theirs.places[theirs.ahead], level[theirs.ahead], INK, dashed=True)
    chart.axes(subject)
    names = subject.categories
    now = [f"{name} {words.percent(share)}" for name, share in zip(names, subject.shares[:, -1], strict=True)]
    middles = (levels[:-1, -1] + levels[1:, -1]) / 2.0
    chart.ends((name, float(at), INK) for name, at in zip(now, middles, strict=True))
    keys = [
        *(("box", POSTURE[name], name) for name in names),
        *[("dashed", INK, "the reference")] * len(other),
    ]
    said = f"Posture, by what {run.country.state} did in twelve months: {', '.join(now)} {subject.last_when}"
    return _figure(said, chart.html("tall"), keys)


def ledger(run: Run, reference: Run | None = None) -> str:
    """Return what each incentive adds to the lean that it calls for, over time, all on one scale."""
    terms = [(term, series(run, term.variable)) for term in LEDGER.values()]
    reach, panels = _reach(run, [subject for _, subject in terms], []), []
    for term, subject in terms:
        chart = _Chart(run, *reach)
        chart.fan(subject, _other(run, term.variable, reference), named=False)
        head = f"<b>{escape(words.sentence(run.country.fill(term.phrase)))}</b> {words.signed(subject.bands[2, -1], 2)}"
        panels.append(f'<div class="term">{head}{chart.html("low")}</div>')
    said = f"How far each incentive moves {run.country.state}'s lean: "
    said += "up is towards the EU's line, +1 makes an even chance 73 %"
    keys = [*_BANDS, *[_REFERENCE] * (reference not in (None, run))]
    return _figure(said, f'<div class="terms">{"".join(panels)}</div>', keys)


def rows(panel: Tuning) -> list[tuple[str, str, str, str, str]]:
    """Return each question with its probability in the reference, now and by judgement, and the paired difference."""
    found = []
    for item in panel.shown.answers if panel.shown else ():
        ranged = words.judged(*panel.shown.ranges.get(item.id, (None, None))) if panel.shown else ""
        apart = panel.differences.get(item.id)
        before, changed = (
            (words.per_cent(apart.baseline), words.change_in_words(apart)) if apart else ("", "")
        )
        found.append((item.text, before, words.per_cent(item.probability, item.mcse), ranged, changed))
    return found


def as_text(panel: Tuning) -> str:
    """Return the questions as plain lines."""
    lines = [f"{before:>7} -> {now:>14} {ranged:>9}  {text}" for text, before, now, ranged, _ in rows(panel)]
    return "\n".join([held_against(panel), *lines]).replace(words.HELD, " ")


def as_html(panel: Tuning) -> str:
    """Return the questions as a table, with what its numbers are."""
    against = "as it is" if panel.reference is panel.before else "reference"
    names = ("Question", against, "now", "by judgement", "change, points")
    heads = "".join(f'<th scope="col">{head}</th>' for head in names)
    body = ""
    for text, *cells in rows(panel):
        body += f'<tr><th scope="row">{escape(text)}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'
    table = f'<table class="answers"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>'
    basis = panel.shown.run.basis if panel.shown else ""
    note = (
        f"{panel.members.members:,} histories, the same ones with the same luck on both sides, so that small "
        "differences show. ± is one standard error, the brackets hold the model's own difference nine times in "
        f"ten; {words.STAR}. By judgement: the range over what the record cannot settle, which comes a moment "
        f"later. The numbers rest on {'what is ' if panel.members.learned else ''}{basis}."
    )
    return f'<p>{escape(held_against(panel))}</p>{table}<p class="note">{escape(note)}</p>'


def held_against(panel: Tuning) -> str:
    """Return what is moved, and what it is held against."""
    if panel.shown is None or panel.reference is None:
        return "Nothing is simulated yet."
    now = "Nothing is moved" if panel.shown is panel.before else f"Moved: {panel.shown.said}"
    reference = panel.reference
    which = reference.scenario.title
    if reference.scenario.name == panel.base.name:
        which = f"the scenario {'' if reference is panel.before else 'with '}{reference.said}"
    return f"{now}. Held against: {which}."


@lru_cache(maxsize=256)
def strip(lever: Lever) -> str:
    """Return what lies behind a lever: bars of what its quantity comes to be or of what was learned, over the prior."""
    most, step = max(*lever.spread, *lever.prior, 1e-9), _SIDE / (len(lever.stops) - 1)
    width = min(0.84 * step, 60.0)  # of a bar over its stop, the first and the last half beyond the ends
    tops = [(place * step, _SIDE * (1.0 - share / most)) for place, share in enumerate(lever.spread)]
    bars = (f"M{x - width / 2:.1f} {_SIDE:.0f}V{y:.0f}h{width:.1f}V{_SIDE:.0f}z" for x, y in tops)
    ends = (f"{place * step:.1f},{_SIDE * (1 - share / most):.0f}" for place, share in enumerate(lever.prior))
    line = f'<polyline points="{" ".join(ends)}" fill="none" stroke="{INK}"/>'
    return _svg(f'<path d="{"".join(bars)}" fill="{FORECAST[1]}"/>{line}')


class _Chart:
    """Axes of months and values, on which shapes and words are put."""

    def __init__(self, run: Run, low: float, high: float, *, since: float = 0.0) -> None:
        self._run, self._low, self._high = run, low, high
        self._first, self._last = max(_first(run), since), run.scenario.last_month + 1.0
        self._shapes: list[str] = []
        self._words: list[str] = []

    def html(self, height: str) -> str:
        return f'<div class="chart {height}">{_svg("".join(self._shapes))}{"".join(self._words)}</div>'

    def fan(self, subject: Series, other: Sequence[Series], *, named: bool = True) -> None:
        self.axes(subject, named=named)
        low, lower, _, upper, high = subject.bands
        self.area(subject, low, high, (PAST[0], FORECAST[0]))
        self.area(subject, lower, upper, (PAST[1], FORECAST[1]))
        medians = [(subject, False, PAST[2]), (subject, True, FORECAST[2])]
        for drawn, ahead, colour in (*medians, *((each, True, _OTHER) for each in other)):
            for places, (values,) in self._pieces(drawn, [drawn.bands[2]], ahead=ahead):
                self.line(places, values, colour, width=2.0, dashed=colour == _OTHER)

    def axes(self, subject: Series, *, named: bool = True) -> None:
        year = int(self._first) // MONTHS_PER_YEAR
        for month in range(year * MONTHS_PER_YEAR, int(self._last), MONTHS_PER_YEAR):
            self.line([month, month], [self._low, self._high], RULE, width=0.6)
            start, end = max(month, self._first), min(month + MONTHS_PER_YEAR, self._last)
            if named and end - start > MONTHS_PER_YEAR / 2:
                century, year = divmod(FIRST_YEAR + month // MONTHS_PER_YEAR, 100)
                self._write((start + end) / 2.0, self._low, f"<i>{century}</i>{year:02d}", "year")
        for tick in round_numbers(self._low, self._high, 4):
            if self._low <= tick <= self._high:
                self.line([self._first, self._last], [tick, tick], QUIET if tick == 0.0 else RULE, width=0.8)
                share = subject.as_percent or subject.kind == "category"
                self._write(
                    self._first, tick, words.percent(tick) if share else words.minus(f"{tick:g}"), "value"
                )
        at = words.position(self._run.scenario.as_of)
        self.line([at, at], [self._low, self._high], INK, width=1.0)
        if named:
            self._write(at, self._high, f"known on {words.day_in_words(self._run.scenario.as_of)}", "origin")

    def area(self, subject: Series, low: FloatArray, high: FloatArray, colours: tuple[str, str]) -> None:
        for ahead, colour in zip((False, True), colours, strict=True):
            for places, (below, above) in self._pieces(subject, [low, high], ahead=ahead):
                outline = self._points([*places, *places[::-1]], [*above, *below[::-1]])
                self._shapes.append(f'<polygon points="{outline}" fill="{colour}"/>')

    def line(
        self, months: Numbers, values: Numbers, colour: str, *, width: float = 1.4, dashed: bool = False
    ) -> None:
        dash = ' stroke-dasharray="5 3"' if dashed else ' stroke-linecap="round"'  # of no length it is a dot
        stroke = f'fill="none" stroke="{colour}" stroke-width="{width:g}"{dash}'
        self._shapes.append(f'<polyline points="{self._points(months, values)}" {stroke}/>')

    def ends(self, named: Iterable[tuple[str, float, str]]) -> None:
        """Write what ends at the right, from below upwards, each apart from the last."""
        above = _SIDE + _APART
        for text, value, colour in sorted(named, key=lambda each: each[1]):
            above = min(self._y(value), above - _APART)
            style = f"color:{colour};left:100%;top:{above / 10:.1f}%"
            self._words.append(f'<b class="end" style="{style}">{escape(text)}</b>')

    def _pieces(
        self, subject: Series, rows: Sequence[FloatArray], *, ahead: bool
    ) -> Iterable[tuple[FloatArray, list[FloatArray]]]:
        """Yield places and values to draw together: all that are shown, or each by itself over its window."""
        which = (subject.ahead == ahead) & (subject.months >= self._first)
        places, shown, half = subject.places[which], [row[which] for row in rows], 0.4 * subject.window
        if places.size and not half:
            yield places, shown
        for number, place in enumerate(places if half else ()):
            yield np.array([place - half, place + half]), [row[[number, number]] for row in shown]

    def _points(self, months: Numbers, values: Numbers) -> str:
        return " ".join(f"{self._x(m):.1f},{self._y(v):.1f}" for m, v in zip(months, values, strict=True))

    def _write(self, month: float, value: float, html: str, kind: str) -> None:
        place = f"left:{self._x(month) / 10:.1f}%;top:{self._y(value) / 10:.1f}%"
        self._words.append(f'<span class="{kind}" style="{place}">{html}</span>')

    def _x(self, month: float) -> float:
        return _SIDE * (month - self._first) / (self._last - self._first)

    def _y(self, value: float) -> float:
        return _SIDE * (self._high - value) / (self._high - self._low)


def _other(run: Run, variable: str, reference: Run | None) -> list[Series]:
    return [] if reference is None or reference is run else [series(reference, variable)]


def _first(run: Run) -> float:
    year = run.scenario.first_month // MONTHS_PER_YEAR - PAST_YEARS
    return float(max(year * MONTHS_PER_YEAR, 0))


def _reach(run: Run, drawn: Sequence[Series], points: Sequence[float]) -> tuple[float, float]:
    """Return the lowest and highest value to show, with some air, within what shares can be."""
    shown = (subject.bands[:, subject.months >= _first(run)] for subject in drawn)
    seen = np.concatenate([*map(np.ravel, shown), points])
    low, high = (float(seen.min()), float(seen.max())) if seen.size else (0.0, 1.0)
    air = 0.06 * (high - low) or 0.05 * abs(high) or 1.0
    return (0.0 if 0.0 <= low < air else low - air), (1.0 if 1.0 - air < high <= 1.0 else high + air)


def _svg(shapes: str) -> str:
    return f'<svg viewBox="0 0 1000 1000" preserveAspectRatio="none" aria-hidden="true">{shapes}</svg>'


def _figure(said: str, drawing: str, keys: Sequence[tuple[str, str, str]]) -> str:
    samples = (f'<s class="{kind}" style="color:{colour}"></s>{name}' for kind, colour, name in keys)
    key = "".join(f"<span>{sample}</span>" for sample in samples)
    return f'<figure><figcaption>{escape(said)}</figcaption>{drawing}<div class="keys">{key}</div></figure>'
