"""The outcome at the end: how the members' values are spread, alone or for all targets on one sheet."""

from __future__ import annotations

from matplotlib.figure import Figure

from sim.catalogue import targets
from sim.plots.bars import BAR, bars_of_categories, bars_of_numbers, is_named, left_out
from sim.plots.findings import finding
from sim.plots.notes import foot
from sim.plots.page import INSIDE, LEADING, LINE, Page, open_page, wrap
from sim.plots.palette import BODY, BOLD, PLAIN, SMALL
from sim.plots.saving import styled
from sim.plots.series import Series, series
from sim.results import Run
from sim.words import histories, sentence

_WORDS = 2 * LINE + 8.0
"""Room above the bars of numbers for the median and the interval in words, points."""

_VALUES = 19.0
"""Room below them for the values, points."""

_HIGH, _LOW = 170.0, 62.0
"""Height of the bars of numbers, alone and on the sheet, points."""

_GUTTER = 20.0

_READING = "Line: the median. Bracket and darker bars: nine histories in ten."
_WHOLE = "The bars add up to 100 per cent."


@styled
def distribution(run: Run, variable: str | None = None) -> Figure:
    """Draw how a target or recorded variable is spread over the members at the horizon's end.

    A histogram of a continuous variable, bars of a count or of categories; median and 90 per cent interval in words.
    Without a variable, a sheet of all targets. A windowed figure is the last that comes out in the horizon.

    Raises
    ------
    FigureError: if the run records no such variable.
    """
    return _sheet(run) if variable is None else _alone(run, series(run, variable))


def _alone(run: Run, subject: Series) -> Figure:
    page = open_page(
        title=finding(run, subject),
        subtitle=f"{sentence(subject.meaning)}: {histories(subject.members)}",
        foot=foot(run, "" if is_named(subject) else f"{_READING} {left_out(subject) or _WHOLE}"),
        height=_room(subject, bars=_HIGH),
    )
    _panel(page, subject, 0.0, 0.0, INSIDE, bars=_HIGH)
    return page.figure


def _sheet(run: Run) -> Figure:
    """Draw all targets, two abreast, those with named values first."""
    subjects = [series(run, name) for name in targets()]
    subjects.sort(key=lambda subject: (not is_named(subject), subject.name != "posture"))
    width = (INSIDE - _GUTTER) / 2.0
    names = [f"{each.label} {each.last_when}" if each.last.size else each.label for each in subjects]
    heads = [wrap(name, BODY, width, weight="bold") for name in names]
    rows = [range(first, min(first + 2, len(subjects))) for first in range(0, len(subjects), 2)]
    above = [max(len(heads[place]) for place in row) * LINE + 3.0 for row in rows]
    below = [max(_room(subjects[place], bars=_LOW) for place in row) for row in rows]
    beyond = any(left_out(subject) for subject in subjects if not is_named(subject))
    page = open_page(
        title=finding(run, subjects[0]),
        subtitle=f"Where {histories(subjects[0].members)} end, for each target of the forecast",
        foot=foot(run, f"{_READING} {'Up to two in a hundred lie beyond an axis.' if beyond else _WHOLE}"),
        height=sum(above) + sum(below) + _GUTTER * (len(rows) - 1),
    )
    top = 0.0
    for row, head, room in zip(rows, above, below, strict=True):
        for column, place in enumerate(row):
            left = column * (width + _GUTTER)
            page.write(left, top, "\n".join(heads[place]), **BOLD)
            _panel(page, subjects[place], left, top + head, width, bars=_LOW)
        top += head + room + _GUTTER
    return page.figure


def _room(subject: Series, *, bars: float) -> float:
    """Return the height of a panel whose bars of numbers are `bars` high, points."""
    if not subject.last.size:
        return LINE
    if is_named(subject):
        return BAR * len(subject.categories or ("no", "yes"))
    return _WORDS + bars + _VALUES + (SMALL * LEADING if subject.axis_unit else 0.0)


def _panel(page: Page, subject: Series, left: float, top: float, width: float, *, bars: float) -> None:
    """Draw one distribution from a place on, its bars of numbers `bars` high; all in points."""
    if not subject.last.size:
        page.write(left, top, "no figure comes out in the horizon")
        return
    if is_named(subject):
        bars_of_categories(page, subject, left, top, width)
        return
    low, _, median, _, high = subject.bands[:, -1]
    page.write(left, top, f"median {subject.say(median)}", **PLAIN)
    page.write(left, top + LINE, f"nine in ten: {subject.range_in_words(low, high)}", **PLAIN)
    # Half a value's name may stand out beyond either end of the axis.
    axes = page.axes(left + 12.0, top + _WORDS, width - 24.0, bars)
    bars_of_numbers(axes, subject, width - 24.0)
    page.write(left + width, top + _WORDS + bars + _VALUES, subject.axis_unit, ha="right")
