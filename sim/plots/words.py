"""Numbers and dates as a reader says them."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from sim.clock import calendar_month, month_number, month_start

HELD = "\N{NO-BREAK SPACE}"
"""A space at which no line breaks."""


def percent(share: float, *, of: int | None = None) -> str:
    """Return a share as per cent; with `of` members, a share of none or all of them as what was counted.

    >>> percent(0.4614).replace(HELD, " "), percent(0.0034).replace(HELD, " "), percent(0.0, of=300)
    ('46 %', '0.3 %', '0 of 300')
    """
    if of is not None and share in (0.0, 1.0):
        return f"{share * of:,.0f} of {of:,}"
    places = 1 if 0.0 < abs(share) < 0.0095 or 0.9905 < share < 1.0 else 0
    return minus(f"{100.0 * share:.{places}f}") + f"{HELD}%"


def minus(number: str) -> str:
    """Return a number's text with a true minus sign, and none before a zero."""
    if number.startswith("-") and not number.strip("-0.,"):
        return number.removeprefix("-")
    return number.replace("-", "\N{MINUS SIGN}")


def day_in_words(day: date) -> str:
    """Return a date, for example "10 March 2023"."""
    return f"{day.day}{HELD}{day:%B}{HELD}{day.year}"


def month_in_words(month: int) -> str:
    """Return a month number, for example "March 2023"."""
    return f"{month_start(month):%B}{HELD}{month_start(month).year}"


def when(month: int, span: str) -> str:
    """Return the time that a figure of `month` is about, for example "in 2025" or "at the end of 2025".

    Parameters
    ----------
    month: the last month. span: "year", "half-year", or nothing for a value at the month's end.
    """
    year = month_start(month).year
    if span == "year":
        return f"in{HELD}{year}"
    if span == "half-year":
        half = "first" if calendar_month(month) == 6 else "second"
        return f"in the {half} half of{HELD}{year}"
    if calendar_month(month) == 12:
        return f"at the end of{HELD}{year}"
    return f"at the end of {month_in_words(month)}"


def position(day: date) -> float:
    """Return where a day's end stands on an axis of months since January 2012; a month's end is a whole number.

    >>> position(date(2012, 1, 31)), position(date(2012, 2, 29))
    (1.0, 2.0)
    """
    return month_number(day) + day.day / monthrange(day.year, day.month)[1]


def sentence(words: str) -> str:
    """Return words with a capital at their beginning."""
    return words[:1].upper() + words[1:]
