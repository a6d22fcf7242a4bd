"""Arms, reports and conduct over the years: what may happen when, in every member."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from scipy.special import logit

from sim.clock import month_number
from sim.forecasting.ensemble import simulate_block
from sim.mechanisms.conditions import FULL_SCALE
from sim.record.observations import Record
from sim.scenario import Change, Event, read_scenario
from sim.world.facts import gather

SPEC = replace(read_scenario("baseline"), until=date(2028, 12, 31), questions=())
FACTS = gather(Record.load(), SPEC.as_of)
MEMBERS = 400
WAR = month_number(date(2022, 2, 1))
HALT = month_number(date(2023, 7, 1))
LAUNCH = month_number(date(2022, 11, 1))
MARCH, APRIL = month_number(date(2023, 3, 1)), month_number(date(2023, 4, 1))


@pytest.fixture(scope="module")
def block():
    return simulate_block(SPEC, luck=np.arange(MEMBERS), facts=FACTS)


@pytest.fixture(scope="module")
def run(block):
    """Return what each member lived, by variable: shape (members, months)."""
    return block.values


def test_no_arms_flow_before_full_scale_war_nor_while_halted_nor_under_a_ceasefire(run):
    assert (run["arms"][:, :WAR] == 0.0).all()
    assert (run["arms"][:, HALT] == 0.0).all()
    assert (run["arms"][:, [WAR, HALT - 1, HALT + 1]] > 0.0).all()
    assert (run["arms"][run["war"] != FULL_SCALE] == 0.0).all()
    assert (run["war"][:, -1] != FULL_SCALE).any(), "else the line above says nothing"
    flowing = run["war"] == FULL_SCALE
    flowing[:, HALT] = False
    assert (run["arms"][flowing] > 0.0).all()


def test_recorded_choices_are_imposed_and_no_others(run):
    for name, told in (
        ("arms_report", {MARCH: 1.0, APRIL: 2.0}),
        ("statement", {MARCH: 1.0}),
        ("denied", {MARCH: 1.0, APRIL: 1.0}),
        ("media_launched", {LAUNCH: 1.0}),
        ("veto_traded", {}),
    ):
        for month in range(SPEC.first_month):
            assert (run[name][:, month] == told.get(month, 0.0)).all(), (name, month)


def test_what_no_record_tells_is_chosen_in_history_too_and_not_always_the_same(run):
    let_through = run["arms_let_through"][:, : SPEC.first_month]
    assert 0.5 < let_through.mean() < 0.95
    assert (let_through.std(axis=1) > 0.0).mean() > 0.9
    assert not run["gas_elsewhere"][:, : month_number(date(2023, 12, 1)) + 1].any()
    assert 0.01 < run["gas_elsewhere"][:, SPEC.first_month :].mean() < 0.3


def test_outlets_and_trades_of_the_veto_are_rare_in_simulated_months(run):
    after = slice(SPEC.first_month, None)
    assert 0.002 < run["media_launched"][:, after].mean() < 0.05
    assert 0.0 < run["veto_traded"][:, after].mean() < 0.01


def test_in_simulated_months_concern_and_denial_follow_a_report_and_not_always(run):
    after = slice(SPEC.first_month, None)
    reported = run["arms_report"][:, after] > 0
    for name in ("statement", "denied"):
        answered = run[name][:, after] > 0
        assert not (answered & ~reported).any()
        assert 0.05 < answered[reported].mean() < 0.95, name
    assert 0.005 < reported.mean() < 0.3
    assert 0.1 < (run["arms_report"][:, after][reported] == 2.0).mean() < 0.9


def test_before_full_scale_war_there_is_no_story_to_tell():
    early = replace(SPEC, as_of=date(2012, 2, 1), until=date(2021, 12, 31))
    lived = simulate_block(early, luck=np.arange(MEMBERS)).values
    ever = np.maximum.accumulate(lived["war"] == FULL_SCALE, axis=1)
    assert not lived["arms_report"][~ever].any()
    assert ever[:, -1].any()
    assert lived["arms_report"][ever].any()


def test_more_arms_never_unsay_a_report():
    reports = []
    for flow in (0.0, 5.0, 100.0):
        held = Event(
            date=SPEC.as_of, changes=(Change(quantity="arms", how="set", value=flow),), source="test"
        )
        lived = simulate_block(replace(SPEC, events=(held,)), luck=np.arange(100), facts=FACTS)
        reports.append(lived.values["arms_report"])
    assert (reports[0] <= reports[1]).all()
    assert (reports[1] <= reports[2]).all()
    assert reports[0][:, SPEC.first_month :].sum() < reports[2][:, SPEC.first_month :].sum()


def test_deniability_falls_only_when_documents_follow_a_denial_within_a_year(run):
    falls = np.diff(run["deniability"], axis=1) < 0.0
    for month in range(1, SPEC.last_month + 1):
        lately = run["denied"][:, max(0, month - 12) : month].any(axis=1)
        exposed = (run["arms_report"][:, month] == 2.0) & lately
        np.testing.assert_array_equal(falls[:, month - 1], exposed & (run["deniability"][:, month - 1] > 0))
    assert (run["deniability"][:, :APRIL] == 1.0).all()
    assert falls[:, APRIL - 1].all()


def test_in_months_without_a_report_belief_draws_nearer_to_its_prior(block):
    belief = logit(np.clip(block.values["belief"].astype(float), 1e-6, 1.0 - 1e-6))  # stored in seven digits
    distance = np.abs(belief - block.parameters["belief_prior"][:, np.newaxis])
    quiet = block.values["arms_report"][:, 1:] == 0.0
    assert (np.diff(distance, axis=1)[quiet] <= 1e-4).all()
    loud = block.values["arms_report"] > 0.0
    assert (block.values["statement_belief"] >= block.values["belief"] - 1e-7)[loud].all()
    silent = loud & (block.values["denied"] == 0.0)
    np.testing.assert_array_equal(block.values["statement_belief"][silent], block.values["belief"][silent])


def test_an_angrier_moscow_lets_less_flow_in_the_years_after():
    flows = []
    for anger in (0.0, 1.0):
        held = Event(
            date=SPEC.as_of, changes=(Change(quantity="displeasure", how="set", value=anger),), source="test"
        )
        lived = simulate_block(replace(SPEC, events=(held,)), luck=np.arange(100), facts=FACTS)
        flows.append(lived.values["arms"])
    assert (flows[1] <= flows[0] * (1 + 1e-6)).all()
    assert flows[1][:, -1].sum() < 0.7 * flows[0][:, -1].sum()


# ---------------------------------------------------------------- conduct


def test_posture_follows_from_the_twelve_months_and_from_nothing_else(run):
    """The definition again, in plain loops, from what was recorded of each month."""
    names = ("sanctions", "issued_russia", "joined_russia", "votes", "votes_with", "war", "posture")
    for member in range(0, MEMBERS, 8):
        lived = {name: run[name][member] for name in names}
        held = (0.0, 0.0)
        for month in range(SPEC.last_month + 1):
            year = slice(max(0, month - 11), month + 1)
            issued, joined, votes, with_russia = (lived[name][year].sum() for name in names[1:5])
            held = (votes, with_russia) if votes else held
            few = joined <= 1 if issued < 20 else joined < issued / 10
            if not lived["war"][: month + 1].any():
                expected = -1
            elif lived["sanctions"][month] or (issued >= 5 and joined >= issued / 2):
                expected = 2
            else:
                expected = 0 if few and held[1] >= held[0] / 2 else 1
            assert lived["posture"][month] == expected, (member, month)
    assert set(np.unique(run["posture"])) == {-1.0, 0.0, 1.0, 2.0}


def test_votes_and_joins_never_pass_what_there_was(run):
    assert (run["joined_russia"] <= run["issued_russia"]).all()
    assert (run["joined_other"] <= run["issued_other"]).all()
    assert (run["votes_with"] + run["votes_against"] <= run["votes"]).all()
