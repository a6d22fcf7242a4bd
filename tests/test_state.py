"""States: one entry per member, replaced and never changed, and read by others through the events."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from sim.world.state import Reading, State, StateHolder, window_sum


class Holder(StateHolder):
    level = State("level", "logit")
    past = State("past levels", "logit", width=4)

    def __init__(self, members=3):
        self.members = members
        self.asked = []

    @Reading
    def price(self):
        """Price of something, USD."""
        return np.exp(self.level)

    def intervened(self, quantity, value):
        self.asked.append(quantity)
        return value + 100.0


class Heir(Holder):
    extra = State("something more", "count")


def held(**values):
    holder = Heir()
    for name, value in values.items():
        setattr(holder, name, np.array(value, dtype=float))
    return holder


def test_declared_states_are_listed_with_those_of_the_base_class():
    assert list(Heir.declared()) == ["extra", "level", "past"]
    assert list(Holder.declared()) == ["level", "past"]
    assert (Heir.level.meaning, Heir.level.unit, Heir.past.width) == ("level", "logit", 4)


def test_a_state_belongs_to_its_holder():
    one, other = held(level=[1, 2, 3]), held(level=[4, 5, 6])
    assert one.level.tolist() == [1, 2, 3]
    assert other.level.tolist() == [4, 5, 6]


def test_a_state_read_before_it_has_a_value_is_named():
    with pytest.raises(AttributeError, match=r"Heir\.extra was read before it was given a value"):
        _ = held().extra


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("level", 1.0),
        ("level", [1, 2]),
        ("level", [[1, 2, 3]]),
        ("past", [1, 2, 3]),
        ("past", np.zeros((4, 3))),
    ],
)
def test_a_wrong_shape_is_refused_in_words(name, value):
    with pytest.raises(ValueError, match=rf"Heir\.{name} holds one entry per member, shape \(3,"):
        held(**{name: value})


def test_what_a_reader_took_stays_what_it_was():
    holder = held(level=[1, 2, 3])
    taken = holder.level
    holder.level = np.array([7.0, 8.0, 9.0])
    assert taken.tolist() == [1, 2, 3]
    with pytest.raises(ValueError, match="read-only"):
        taken += 1.0


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_not_finite_is_named_with_its_member_and_month(wrong):
    holder = held(level=[1, 2, 3], extra=[0, 0, 0])
    holder.check_finite("2022-02")
    holder.extra = np.array([0.0, 0.0, wrong])
    with pytest.raises(FloatingPointError, match=r"Heir\.extra is .* in 2022-02 for member 2"):
        holder.check_finite("2022-02")
    window = np.zeros((3, 4))
    window[1, 3] = wrong
    with pytest.raises(FloatingPointError, match=r"Heir\.past is .* for member 1"):
        held(past=window).check_finite("2022-02")
    holder = held(past=np.zeros((3, 4)))
    holder.push("past", np.array([0.0, wrong, 0.0]))
    with pytest.raises(FloatingPointError, match=r"Heir\.past is .* for member 1"):
        holder.check_finite("2022-02")


def test_a_reading_goes_through_the_events_and_leaves_its_state_alone():
    holder = held(level=[0, 0, 0])
    assert holder.price.tolist() == [101.0, 101.0, 101.0]
    assert holder.asked == ["price"]
    assert holder.level.tolist() == [0, 0, 0]
    assert Heir.price.__doc__ == "Price of something, USD."


def test_a_holder_that_knows_no_events_says_so():
    with pytest.raises(NotImplementedError):
        StateHolder().intervened("price", np.zeros(3))


@given(st.integers(1, 4), st.integers(0, 80))
def test_a_window_holds_the_latest_months(members, months):
    holder = Holder(members)
    holder.past = np.zeros((members, 4))
    told, taken = [], []
    for month in range(1, months + 1):
        told.append(month + np.arange(members) / 8.0)
        holder.push("past", told[-1])
        taken.append(holder.past)
    padded = [np.zeros(members)] * 4 + told
    for month, window in enumerate(taken, start=1):  # what was taken earlier stays what it was
        np.testing.assert_array_equal(window, np.stack(padded[month : month + 4], axis=1))
    np.testing.assert_array_equal(window_sum(holder.past), sum(padded[-4:]))


@given(st.integers(1, 4), st.integers(0, 40), st.integers(0, 40))
def test_the_sum_of_a_window_moves_on_with_it(members, before, after):
    holder = Holder(members)
    holder.past = np.arange(4.0) + np.arange(members)[:, None]
    for month in range(before + after):
        if month >= before:  # from whenever someone first asks
            np.testing.assert_array_equal(holder.sum_of("past"), window_sum(holder.past))
        holder.push("past", np.arange(members) * (month % 7) + 1.0)
        np.testing.assert_array_equal(holder.month_of("past", 1), holder.past[:, -2])
    np.testing.assert_array_equal(holder.sum_of("past"), window_sum(holder.past))
    with pytest.raises(ValueError, match="read-only"):
        holder.month_of("past", 0)[:] = 1.0
    holder.past = np.ones((members, 4))
    assert holder.sum_of("past").tolist() == [4.0] * members


def test_what_is_kept_is_found_anew_where_an_array_was_replaced():
    holder, asked = held(level=[1, 2, 3]), []

    def double(*arrays):
        asked.append(arrays)
        return 2.0 * sum(arrays)

    other = np.ones(3)
    first = holder.kept("twice", double, holder.level, other)
    assert holder.kept("twice", double, holder.level, other) is first
    assert first.tolist() == [4.0, 6.0, 8.0]
    holder.level = np.array([5.0, 5.0, 5.0])
    assert holder.kept("twice", double, holder.level, other).tolist() == [12.0, 12.0, 12.0]
    assert holder.kept("once more", double, holder.level, other).tolist() == [12.0, 12.0, 12.0]
    assert len(asked) == 3
    assert holder.through(np.exp, "level") is holder.through(np.exp, "level")


def test_two_who_go_on_from_one_window_do_not_write_over_each_other():
    one, other = held(past=np.zeros((3, 4))), held()
    one.push("past", np.ones(3))
    other.past = one.past
    one.push("past", np.full(3, 2.0))
    other.push("past", np.full(3, 5.0))
    assert one.past.tolist() == [[0, 0, 1, 2]] * 3
    assert other.past.tolist() == [[0, 0, 1, 5]] * 3
    one.past = np.zeros((3, 4))
    one.push("past", np.ones(3))
    assert one.past.tolist() == [[0, 0, 0, 1]] * 3


def test_the_sum_of_a_window_is_that_of_the_member_alone():
    window = np.array([[1e16, 1.0, -1e16, 1.0], [0.1, 0.2, 0.3, 0.4], [1.0, 1e-16, 1e-16, 1e-16]])
    alone = [window_sum(window[k : k + 1])[0] for k in range(3)]
    assert window_sum(window).tolist() == alone
