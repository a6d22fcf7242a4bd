"""Talks and votes remember: in history as far as the record tells, later each member for itself."""

from datetime import date

import numpy as np
import pytest

from sim.clock import calendar_month, month_number
from sim.mechanisms.choice import TEXT_KINDS, VOTES
from sim.mechanisms.conditions import FULL_SCALE
from sim.model.alignment import AlignmentModel
from sim.record.observations import Record
from sim.scenario import read_scenario, with_beliefs
from sim.world.facts import gather

SPEC = read_scenario("march-2023")
FACTS = gather(Record.load(), SPEC.as_of)
MEMBERS = 60


def months(**beliefs):
    """Yield the model after each month of history and of four years, with these beliefs."""
    spec = with_beliefs(SPEC, beliefs, source="judgement")
    model = AlignmentModel(spec, seed=1, members=MEMBERS, facts=FACTS)
    while model.tick < SPEC.first_month + 47:
        model.step()
        yield model


def test_in_history_moving_is_a_probability_and_in_the_forecast_a_state():
    due = 0
    for model in months():
        moving = model.union.moving
        assert ((moving >= 0.0) & (moving <= 1.0)).all()
        if calendar_month(model.tick) not in (6, 12):
            continue
        due += 1
        if model.tick >= SPEC.first_month:
            assert np.isin(moving, (0.0, 1.0)).all()
            assert (moving[model.union.opening > 0.0] == 1.0).all(), "only what moves opens"
        elif sum(FACTS.opened_in_half(model.tick)):
            assert (moving == 1.0).all()
        else:
            assert (moving < 1.0).all()
            assert moving.std() > 0.0, "as each member's own chances have it"
    assert due > 20


@pytest.mark.parametrize(("stall", "resume", "opens"), [(1.0, 0.0, False), (0.0, 1.0, True)])
def test_talks_that_stand_still_open_nothing_and_talks_that_move_do(stall, resume, opens):
    opened = np.zeros(MEMBERS)
    for model in months(opening_stall=stall, opening_resume=resume, opening_base=15.0):
        if model.tick >= SPEC.first_month:
            opened += model.union.opening
    assert (opened > 0.0).all() if opens else (opened == 0.0).all()


def test_with_all_habit_the_last_vote_is_repeated_for_ever():
    last = {
        kind: max(month for month, seen in FACTS.texts.items() if any(k == kind for k, _ in seen))
        for kind in TEXT_KINDS
    }
    votes = 0.0
    for model in months(vote_habit=1.0):
        between = model.between
        for kind, month in last.items():
            if model.tick < month:
                continue
            (way,) = {way for k, way in FACTS.texts[month] if k == kind}
            assert (getattr(between, f"voted_{kind}") == 1.0 + VOTES.index(way)).all(), kind
        if model.tick >= SPEC.first_month:
            votes = votes + between.votes
            expected = sum(
                getattr(model.conditions, f"texts_{kind}") * (getattr(between, f"voted_{kind}") == 1.0)
                for kind in TEXT_KINDS
            )
            np.testing.assert_array_equal(between.votes_with, expected)
    assert (votes > 0.0).any()


def test_the_first_vote_in_full_scale_war_owes_nothing_to_habit():
    chances = {}
    for habit in (0.0, 1.0):
        first = True
        for model in months(vote_habit=habit):
            if (
                first
                and (model.conditions.war == FULL_SCALE).all()
                and (model.between.voted_crimea > 0.0).all()
            ):
                chances[habit], first = model.between.vote_chances["vote_with_chance_crimea"], False
        assert not first
    np.testing.assert_array_equal(chances[0.0], chances[1.0])
    assert ((chances[0.0] > 0.0) & (chances[0.0] < 1.0)).all()


def test_a_vote_on_another_text_lays_no_habit():
    """That of March 2014, on territorial integrity, binds no vote on the yearly text that began in December 2016."""
    first_yearly = month_number(date(2016, 12, 1))
    assert FACTS.apart == {(month_number(date(2014, 3, 1)), "crimea")}
    for model in months(vote_habit=1.0):
        if model.tick == first_yearly - 1:
            assert (model.between.voted_crimea == 0.0).all()
        if model.tick == first_yearly:
            assert (model.between.voted_crimea == 1.0).all(), "it was cast with Russia, and lays one"
            return


def test_without_habit_members_part_on_texts_of_one_kind():
    cast = []
    for model in months(vote_habit=0.0):
        if model.tick >= SPEC.first_month and (model.conditions.texts_crimea > 0.0).all():
            cast.append(model.between.voted_crimea)
    assert len(cast) >= 3
    assert len(np.unique(cast[-1])) > 1
    assert (np.array(cast[1:]) != np.array(cast[:-1])).any(axis=0).mean() > 0.2


def test_texts_of_one_kind_in_one_month_get_one_vote():
    several = False
    for model in months(texts_first_year=30.0, texts_later=30.0, texts_aggression_share=0.0):
        if model.tick >= SPEC.first_month:
            emergency, between = model.conditions.texts_emergency, model.between
            alone = (emergency > 1.0) & (between.votes == emergency)
            several |= bool(alone.any())
            for cast in (between.votes_with, between.votes_against):
                assert np.isin(cast[alone] / emergency[alone], (0.0, 1.0)).all()
    assert several
