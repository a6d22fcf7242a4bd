"""A choice of a seat: in history what is recorded, imposed and weighed; else drawn."""

from types import SimpleNamespace

import numpy as np
import pytest

from sim.seat import Seat

U = np.array([0.1, 0.5, 0.9])
CHANCE = np.array([0.2, 0.4, 0.95])
GIVEN = np.array([True, True, False])


def seated(history):
    """Return a seat in a month of history, or in one that is still to come."""
    seat = Seat()
    world = SimpleNamespace(
        members=3,
        tick=0,
        evidence={},
        facts=SimpleNamespace(on_record=lambda month, table: history),
        luck=SimpleNamespace(uniform=lambda stream, name: U),
    )
    seat.seat(world, "a seat")
    return seat


@pytest.mark.parametrize(("given", "taken"), [(None, [1, 0, 1]), (GIVEN, [1, 0, 0])])
@pytest.mark.parametrize(("history", "recorded"), [(True, None), (False, 1.0), (False, None)])
def test_what_no_record_says_is_drawn_and_weighs_nobody(history, recorded, given, taken):
    seat = seated(history)
    found = seat.choose("a step", CHANCE, recorded=recorded, given=given, evidence="steps")
    np.testing.assert_array_equal(found, taken)
    assert seat.world.evidence == {}


@pytest.mark.parametrize(("recorded", "chance"), [(1.0, CHANCE), (0.0, 1.0 - CHANCE), (2.0, CHANCE)])
def test_what_is_recorded_is_imposed_on_all_and_weighs_those_with_the_choice(recorded, chance):
    seat = seated(True)
    found = seat.choose("a step", CHANCE, recorded=recorded, given=GIVEN, evidence="steps")
    np.testing.assert_array_equal(found, recorded)
    np.testing.assert_allclose(seat.world.evidence["steps"], np.log(np.where(GIVEN, chance, 1.0)))


def test_an_incomplete_record_is_imposed_and_weighs_nobody():
    seat = seated(True)
    np.testing.assert_array_equal(seat.choose("a step", CHANCE, recorded=1.0), 1.0)
    assert seat.world.evidence == {}
