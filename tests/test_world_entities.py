"""What every entity of the world owes: a value in every state, luck and the record in their place."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from sim.clock import month_number
from sim.model.alignment import AlignmentModel
from sim.record.observations import Record
from sim.scenario import read_scenario
from sim.world.entity import Entity
from sim.world.facts import gather

SPEC = read_scenario("march-2023")
RECORD = Record.load()
FACTS = gather(RECORD, SPEC.as_of)
MEMBERS = 5
DECEMBER = date(2022, 12, 10)


def lived(months, facts=FACTS, members=MEMBERS):
    model = AlignmentModel(SPEC, seed=1, members=members, facts=facts)
    while model.tick < months:
        model.step()
    return model


def states(model):
    return {(entity.name, name): values for entity in model.entities for name, values in entity.states()}


def test_every_seat_gives_every_state_it_declares_a_value():
    model = AlignmentModel(SPEC, seed=1, members=MEMBERS, facts=FACTS)
    model.step()
    declared = {(entity.name, name) for entity in model.entities for name in entity.declared()}
    assert declared == states(model).keys()
    assert len({entity.name for entity in model.entities}) == len(model.entities), (
        "luck goes by the entity's name"
    )
    assert {entity.name for entity in model.entities} >= {
        "gas contract", "politics", "arms trade", "dialogue", "conduct", "conditions", "Russia", "EU", "Serbia",
    }  # fmt: skip


def test_whoever_is_part_of_the_model_is_among_its_seats():
    """One left out is neither kept nor resumed, and no page lists its states."""
    model = AlignmentModel(SPEC, seed=1, members=MEMBERS, facts=FACTS)
    left_out = {
        name for name, each in vars(model).items() if isinstance(each, Entity) and each not in model.entities
    }
    assert left_out == set(), (
        "name it in AlignmentModel.actors, or among the affairs of AlignmentModel.entities"
    )


def test_a_history_goes_on_from_its_states_alone():
    """An attribute that lasts and is no `State` would be lost where a forecast goes on from what was learned."""
    lived_on = lived(SPEC.first_month - 1)
    taken_up = AlignmentModel(SPEC, seed=1, members=MEMBERS, facts=FACTS)
    names = [entity.name for entity in taken_up.entities]
    assert len(set(names)) == len(names), "a name is the address of luck and states"
    taken_up.resume(lived_on.states(), lived_on.tick)
    for _ in range(3):
        lived_on.step()
        taken_up.step()
    again = taken_up.states()
    for name, values in lived_on.states().items():
        np.testing.assert_array_equal(values, again[name], err_msg=name)


# ---------------------------------------------------------------- recorded turns

# a kind, a value that would be seen at once, the state in which it would be, and what it is as evidence: "" if it is
# imposed and teaches nothing
TURNS = {
    "issue": (3, ("dialogue", "step"), "steps on the issue"),
    "report": (2, ("arms trade", "report"), "reports of deliveries"),
    "denial": (1, ("arms trade", "denied"), "denials"),
    "statement": (1, ("Russia", "statement"), "statements of concern"),
    "halt": (1, ("arms trade", "halted"), ""),
    "media": (5, ("Russia", "log_effort"), ""),
    "coalition": (1, ("politics", "changed"), "coalition"),
    "interconnector": (1, ("gas contract", "interconnector"), ""),
}


def planted(kind, day, known_on, value=1):
    """Return the record with one more turn, or an election, on a day."""
    table = "elections" if kind == "election" else "turns"
    held = RECORD.resources[table]
    row = {**held.rows[-1], "date": day, "known_on": known_on, "value": value}
    row["kind"] = "parliamentary" if kind == "election" else kind
    rows = tuple(sorted((*held.rows, row), key=lambda r: r["date"]))
    return replace(RECORD, resources={**RECORD.resources, table: replace(held, rows=rows)})


@settings(max_examples=15)
@given(
    st.sampled_from([*TURNS, "election"]),
    st.dates(date(2012, 2, 1), date(2024, 6, 30)),
    st.integers(0, 900),
    st.integers(1, 400),
)
def test_a_turn_known_after_the_origin_changes_no_fact(kind, as_of, earlier, later):
    day = max(as_of - timedelta(days=earlier), date(2012, 1, 1))
    other = gather(planted(kind, day, as_of + timedelta(days=later)), as_of)
    assert other == gather(RECORD, as_of)
    month = month_number(day)
    if month < month_number(as_of):
        told = gather(planted(kind, day, as_of), as_of)
        before = gather(RECORD, as_of).turn(kind, month)  # steps on Kosovo add up, so that two may cancel
        expected = before + 1 if kind == "issue" else max(before, 1)
        assert month in told.elections if kind == "election" else told.turn(kind, month) == expected


def test_every_kind_of_turn_on_record_is_looked_at():
    assert {row["kind"] for row in RECORD.table("turns")} == TURNS.keys()


@pytest.mark.parametrize("kind", [*TURNS, "election"])
def test_a_recorded_turn_acts_in_its_month_and_not_before(kind):
    value, (entity, name), evidence = TURNS.get(kind, (1, ("politics", "election"), "elections"))
    facts = gather(planted(kind, DECEMBER, DECEMBER, value), SPEC.as_of)
    month = month_number(DECEMBER)
    # an early election counts as called two months before, when opinion begins to count more
    first = month - 2 if kind == "election" else month
    plain, other = lived(first - 1), lived(first - 1, facts)
    before, after = states(plain), states(other)
    for key in before:
        np.testing.assert_array_equal(before[key], after[key], err_msg=str(key))
    while plain.tick < month:
        plain.step()
        other.step()
    before, after = states(plain)[entity, name], states(other)[entity, name]
    assert (before != after).all()
    if kind not in {"media"}:
        assert (after == value).all()
    assert not evidence or evidence in other.evidence, "pass `evidence`, else the record teaches nothing"


@pytest.mark.parametrize("kind", [*TURNS, "election"])
def test_a_turn_not_yet_known_is_not_lived(kind):
    facts = gather(planted(kind, DECEMBER, SPEC.as_of + timedelta(days=1)), SPEC.as_of)
    plain, other = states(lived(SPEC.first_month)), states(lived(SPEC.first_month, facts))
    for key in plain:
        np.testing.assert_array_equal(plain[key], other[key], err_msg=str(key))


def test_two_reports_by_hearsay_in_a_month_are_no_documents():
    facts = gather(planted("report", date(2023, 3, 20), date(2023, 3, 20)), date(2023, 4, 15))
    model = AlignmentModel(replace(SPEC, as_of=date(2023, 4, 15)), seed=1, members=1, facts=facts)
    while model.tick < month_number(date(2023, 3, 1)):
        model.step()
    assert model.arms_trade.report.tolist() == [1.0]
