"""The monthly grid: numbers and dates say the same."""

from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from sim.clock import calendar_month, month_end, month_label, month_number, month_start

DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))


@pytest.mark.parametrize(
    ("day", "number", "label"),
    [
        (date(2012, 1, 1), 0, "2012-01"),
        (date(2012, 1, 31), 0, "2012-01"),
        (date(2011, 12, 31), -1, "2011-12"),
        (date(2000, 1, 1), -144, "2000-01"),
        (date(2022, 2, 24), 121, "2022-02"),
        (date(2023, 3, 10), 134, "2023-03"),
    ],
)
def test_known_months(day, number, label):
    assert month_number(day) == number
    assert month_label(number) == label


@given(DAYS)
def test_a_day_lies_between_the_start_and_the_end_of_its_month(day):
    number = month_number(day)
    assert month_start(number) <= day <= month_end(number)
    assert month_start(number).day == 1
    assert month_end(number) + timedelta(days=1) == month_start(number + 1)
    assert calendar_month(number) == day.month
    assert month_number(month_start(number)) == month_number(month_end(number)) == number


def test_february_ends_as_the_year_has_it():
    assert month_end(month_number(date(2024, 2, 1))) == date(2024, 2, 29)
    assert month_end(month_number(date(2023, 2, 1))) == date(2023, 2, 28)
