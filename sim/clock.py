"""The monthly grid: months are numbered from January 2012, which is month 0."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

FIRST_YEAR = 2012
"""The model's history begins in January of this year."""

MONTHS_PER_YEAR = 12

WINDOWS = {"half-year": (((1, 1), (6, 30)), ((7, 1), (12, 31))), "year": (((1, 1), (12, 31)),)}
"""Stretches of the calendar that published figures are of: first and last (month, day)."""


def month_number(day: date) -> int:
    """Return the number of the month that contains `day` (January 2012 is 0, earlier months are negative)."""
    return (day.year - FIRST_YEAR) * MONTHS_PER_YEAR + day.month - 1


def month_start(number: int) -> date:
    """Return the first day of month `number`."""
    years, month = divmod(number, MONTHS_PER_YEAR)
    return date(FIRST_YEAR + years, month + 1, 1)


def month_end(number: int) -> date:
    """Return the last day of month `number`."""
    first = month_start(number)
    return first.replace(day=monthrange(first.year, first.month)[1])


def last_ended(day: date) -> int:
    """Return the number of the last month that has ended when `day` ends.

    >>> last_ended(date(2012, 2, 29)), last_ended(date(2012, 2, 28))
    (1, 0)
    """
    ends = day.day == monthrange(day.year, day.month)[1]
    return month_number(day) - (0 if ends else 1)


def is_half_year(start: date | None, end: date) -> bool:
    """Return whether a window is a half-year, of what is published by half-years and years."""
    return start is not None and month_number(end) - month_number(start) + 1 == MONTHS_PER_YEAR // 2


def month_label(number: int) -> str:
    """Return month `number` as text, for example ``2023-03``."""
    return f"{month_start(number):%Y-%m}"


def calendar_month(number: int) -> int:
    """Return the month of the year, 1 for January to 12 for December."""
    return number % MONTHS_PER_YEAR + 1
