"""What events make of a reading, a state and a parameter, month by month."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, strategies as st

from sim.clock import month_number
from sim.model.conditions import Interventions
from sim.quantities.catalogue import QUANTITIES, settable
from sim.scenario import Change, Event

JUNE, SEPTEMBER = date(2024, 6, 15), date(2024, 9, 30)
START, END = month_number(JUNE), month_number(SEPTEMBER)
PATH = np.array([10.0, 20.0, 30.0])


def event(*changes, day=JUNE, until=None):
    made = tuple(Change(quantity=name, how=how, value=value) for name, how, value in changes)
    return Event(date=day, until=until, changes=made, source="test")


def applied(quantity, month, *events):
    return Interventions(events).apply(quantity, PATH, month).tolist()


@pytest.mark.parametrize(
    ("how", "value", "expected"),
    [("set", 5.0, [5, 5, 5]), ("add", 5.0, [15, 25, 35]), ("multiply", 0.5, [5, 10, 15])],
)
def test_a_reading_is_overlaid_from_its_month_to_the_end(how, value, expected):
    events = event(("brent", how, value))
    assert applied("brent", START - 1, events) == PATH.tolist()
    assert applied("brent", START, events) == expected
    assert applied("brent", START + 500, events) == expected
    assert applied("market_price", START, events) == PATH.tolist()


def test_until_names_the_first_month_without_it():
    events = event(("brent", "set", 5.0), until=SEPTEMBER)
    assert applied("brent", END - 1, events) == [5, 5, 5]
    assert applied("brent", END, events) == PATH.tolist()


@pytest.mark.parametrize("name", [name for name in settable() if QUANTITIES[name].discrete])
def test_a_state_is_changed_in_its_month_and_held_only_if_until_says_so(name):
    value = QUANTITIES[name].categories[1] if QUANTITIES[name].categories else 1.0
    once = Interventions([event((name, "set", value))])
    assert [once.holding(name, month) for month in (START - 1, START, START + 1)] == [False, True, False]
    held = Interventions([event((name, "set", value), until=SEPTEMBER)])
    assert [held.holding(name, month) for month in (START, END - 1, END)] == [True, True, False]


@pytest.mark.parametrize("name", [name for name in settable() if not QUANTITIES[name].discrete])
def test_a_reading_is_held_to_the_end(name):
    low = QUANTITIES[name].low
    held = Interventions([event((name, "set", max(0.5, low)))])
    assert [held.holding(name, month) for month in (START - 1, START, START + 99)] == [False, True, True]


@pytest.mark.parametrize(("code", "regime"), list(enumerate(QUANTITIES["war"].categories)))
def test_a_category_is_read_as_its_code(code, regime):
    assert applied("war", START, event(("war", "set", regime))) == [code] * 3


def test_events_apply_in_file_order_whatever_their_dates():
    double = event(("brent", "multiply", 2.0), day=date(2024, 1, 1))
    add = event(("brent", "add", 1.0), day=date(2023, 1, 1))
    put = event(("brent", "set", 7.0), day=date(2022, 1, 1))
    assert applied("brent", START, double, add) == [21, 41, 61]
    assert applied("brent", START, add, double) == [22, 42, 62]
    assert applied("brent", START, double, put, add) == [8, 8, 8]


@given(st.lists(st.tuples(st.sampled_from(["set", "add", "multiply"]), st.floats(1.0, 100.0)), max_size=5))
def test_events_follow_one_another_and_keep_a_path_within_its_bounds(changes):
    expected = PATH
    for how, value in changes:
        expected = {"set": PATH * 0.0 + value, "add": expected + value, "multiply": expected * value}[how]
        expected = np.clip(expected, QUANTITIES["brent"].low, QUANTITIES["brent"].high)
    events = [event(("brent", how, value)) for how, value in changes]
    assert applied("brent", START, *events) == expected.tolist()


def test_a_parameter_is_held_from_its_month_and_the_last_event_counts():
    events = (
        event(("gas_weight", "set", 1.0), until=SEPTEMBER),
        event(("gas_weight", "set", 2.0), ("brent", "set", 5.0), day=date(2024, 7, 1), until=SEPTEMBER),
    )
    held = Interventions(events)
    found = [held.on_parameters(["gas_weight", "join_cost"], month) for month in range(START - 1, END + 1)]
    weights = [{}, {"gas_weight": 1.0}, {"gas_weight": 2.0}, {"gas_weight": 2.0}, {}]
    assert found == weights


def test_what_was_read_is_not_changed_in_place():
    before = PATH.copy()
    applied("brent", START, event(("brent", "set", 5.0)), event(("brent", "add", 1.0)))
    np.testing.assert_array_equal(before, PATH)


def test_no_events_change_nothing():
    assert applied("brent", START) == PATH.tolist()
    assert not Interventions(()).holding("brent", START)
    assert Interventions(()).on_parameters(["gas_weight"], START) == {}
