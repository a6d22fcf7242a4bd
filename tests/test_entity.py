"""A choice of an entity: in history what is recorded, imposed and weighed; else drawn."""

from types import SimpleNamespace

import numpy as np
import pytest

from sim.world.entity import Entity

U = np.array([0.1, 0.5, 0.9])
CHANCE = np.array([0.2, 0.4, 0.95])
GIVEN = np.array([True, True, False])


def entered(history):
    """Return an entity in a month of history, or in one that is still to come."""
    entity = Entity()
    world = SimpleNamespace(
        members=3,
        tick=0,
        evidence={},
        facts=SimpleNamespace(on_record=lambda month, table: history),
        luck=SimpleNamespace(uniform=lambda stream, name: U),
    )
    entity.enter(world, "an entity")
    return entity


@pytest.mark.parametrize(("given", "taken"), [(None, [1, 0, 1]), (GIVEN, [1, 0, 0])])
@pytest.mark.parametrize(("history", "recorded"), [(True, None), (False, 1.0), (False, None)])
def test_what_no_record_says_is_drawn_and_weighs_nobody(history, recorded, given, taken):
    entity = entered(history)
    found = entity.choose("a step", CHANCE, recorded=recorded, given=given, evidence="steps")
    np.testing.assert_array_equal(found, taken)
    assert entity.world.evidence == {}


@pytest.mark.parametrize(("recorded", "chance"), [(1.0, CHANCE), (0.0, 1.0 - CHANCE), (2.0, CHANCE)])
def test_what_is_recorded_is_imposed_on_all_and_weighs_those_with_the_choice(recorded, chance):
    entity = entered(True)
    found = entity.choose("a step", CHANCE, recorded=recorded, given=GIVEN, evidence="steps")
    np.testing.assert_array_equal(found, recorded)
    np.testing.assert_allclose(entity.world.evidence["steps"], np.log(np.where(GIVEN, chance, 1.0)))


def test_an_incomplete_record_is_imposed_and_weighs_nobody():
    entity = entered(True)
    np.testing.assert_array_equal(entity.choose("a step", CHANCE, recorded=1.0), 1.0)
    assert entity.world.evidence == {}
