"""Numbers and dates as a reader says them."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from sim.clock import calendar_month, month_number, month_start

HELD = "\N{NO-BREAK SPACE}"
"""A space at which no line breaks."""


def number(value: float, places: int = 0) -> str:
    """Return a number, shortly where it is large.

    >>> number(1234.5, 1), number(-402983.0, 2), number(2.5e6), number(3e30)
    ('1,234.5', '\N{MINUS SIGN}403k', '2.5M', '3e30')
    """
    size = abs(value)
    if size >= 1e15:
        return minus(f"{value:.2g}".replace("e+", "e"))
    for scale, name in ((1e12, "tn"), (1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if size >= max(scale, 1e5):
            short = f"{value / scale:.{1 if size < 100.0 * scale else 0}f}"
            return minus(short.removesuffix(".0")) + name
    return minus(f"{value:,.{places}f}")


def signed(value: float, places: int) -> str:
    """Return a number with its sign, and none where it is written as zero.

    >>> signed(0.304, 2), signed(-0.001, 2), signed(-1.0, 1)
    ('+0.30', '0.00', '\N{MINUS SIGN}1.0')
    """
    written = number(value, places)
    return f"+{written}" if value > 0.0 and written.strip("0.") else written


def percent(share: float, *, of: int | None = None) -> str:
    """Return a share as per cent; with `of` members, a share of none or all of them as what was counted.

    >>> percent(0.4614).replace(HELD, " "), percent(0.0034).replace(HELD, " "), percent(0.0, of=300)
    ('46 %', '0.3 %', '0 of 300')
    """
    if of is not None and share in (0.0, 1.0):
        return f"{share * of:,.0f} of {of:,}"
    places = 1 if 0.0 < abs(share) < 0.0095 or 0.9905 < share < 1.0 else 0
    return f"{number(100.0 * share, places)}{HELD}%"


def between(low: str, high: str) -> str:
    """Return a range of two numbers that are written already: one where they read alike, and "%" once.

    >>> between("15 %", "90 %"), between("3", "3")
    ('15 to 90 %', '3')
    """
    return low if low == high else f"{low.removesuffix('%').rstrip()} to {high}"


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


def histories(members: int) -> str:
    """Return how many histories were simulated.

    >>> histories(1), histories(4096)
    ('1 simulated history', '4,096 simulated histories')
    """
    return "1 simulated history" if members == 1 else f"{members:,} simulated histories"


def position(day: date) -> float:
    """Return where a day's end stands on an axis of months since January 2012; a month's end is a whole number.

    >>> position(date(2012, 1, 31)), position(date(2012, 2, 29))
    (1.0, 2.0)
    """
    return month_number(day) + day.day / monthrange(day.year, day.month)[1]


def sentence(words: str) -> str:
    """Return words with a capital at their beginning."""
    return words[:1].upper() + words[1:]
