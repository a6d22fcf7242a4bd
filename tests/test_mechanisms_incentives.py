"""Incentives move Serbia the way they should, all else held: gas, accession, pressure, and what they lead to."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, strategies as st

from sim.draws.quantiles import poisson_quantile
from sim.mechanisms.accession import (
    accession_pull,
    closed_by_date,
    next_opening,
    opened_by_date,
    pressure_target,
    speed,
    still_moving,
)
from sim.mechanisms.choice import (
    join_probability,
    monthly_log_odds,
    sanctions_hazard,
    vote_chances,
    vote_probabilities,
)
from sim.mechanisms.energy import contract_price, discount, gas_stake, yearly_saving
from sim.mechanisms.scales import logistic, logit, reverting
from sim.world.incentives import LEDGER

MEMBERS = 3
SHARES = st.floats(0.0, 1.0)
LEANS = st.floats(-20.0, 20.0)
WEIGHTS = st.floats(0.0, 5.0)
PRICES = st.floats(1.0, 5000.0)
RATES = st.floats(1e-6, 5.0)
GDP = 6e10
ROUNDING = 1e-12


def full(value):
    return np.full(MEMBERS, float(value))


def pair(values):
    """Return a strategy of two values, the smaller first."""
    return st.tuples(values, values).map(sorted)


def rises(function, low, high):
    lower, higher = function(full(low)), function(full(high))
    assert lower.shape == higher.shape == (MEMBERS,)
    assert (lower <= higher).all()


@given(pair(st.floats(-2e9, 2e9)), st.tuples(WEIGHTS, WEIGHTS), RATES, LEANS, SHARES)
def test_a_larger_gas_saving_never_raises_the_chance_of_sanctions(saving, strengths, rate, lean, pull):
    weight, slope = strengths

    def chance_with_less(minus_saving):
        called_for = LEDGER["gas"].sign * full(weight) * (gas_stake(-minus_saving, GDP) - 0.1)
        moved = reverting(full(lean), called_for, full(pull), full(0.0))
        return sanctions_hazard(moved, full(0.0), full(slope), monthly_log_odds(full(rate)))

    rises(chance_with_less, *sorted((-saving[0], -saving[1])))


@given(pair(st.floats(0.0, 1e10)), st.floats(1e9, 1e12))
def test_the_gas_stake_keeps_its_sign_and_bounds(saving, gdp):
    low, high = gas_stake(full(saving[0]), gdp), gas_stake(full(saving[1]), gdp)
    assert (low >= 0.0).all()
    assert (high <= 1.0).all()
    assert (low <= high).all()
    np.testing.assert_array_equal(gas_stake(full(-saving[1]), gdp), -high)


def test_a_saving_of_one_per_cent_of_gdp_is_a_stake_of_tanh_1():
    np.testing.assert_allclose(gas_stake(full(0.01 * GDP), GDP), np.tanh(1.0))


@given(pair(PRICES), PRICES, st.floats(0.1, 5.0))
def test_a_dearer_market_never_lowers_the_saving_or_the_discount(market, contract, volume):
    rises(lambda m: yearly_saving(full(volume), m, full(contract)), *market)
    rises(lambda m: discount(full(contract), m), *market)


def test_the_saving_of_a_year_adds_up():
    # 2.4 bcm a year at 100 USD less per 1000 m3 are 240 million USD
    saving = yearly_saving(full(2.4), full(500.0), full(400.0))
    np.testing.assert_allclose(saving, 2.4e8)
    np.testing.assert_allclose(yearly_saving(full(0.2), full(500.0), full(600.0)), -2e7)


@given(pair(st.floats(1.0, 500.0)), st.floats(0.0, 10.0), PRICES)
def test_dearer_oil_never_lowers_an_oil_price_and_never_moves_a_fixed_one(brent, slope, fixed):
    rises(lambda b: contract_price(full(slope), b, full(0.0), full(fixed)), *brent)
    for oil in brent:
        assert (contract_price(full(slope), full(oil), full(1.0), full(fixed)) == fixed).all()


def test_each_member_has_its_own_contract():
    price = contract_price(np.array([4.0, 4.0, 2.0]), full(50.0), np.array([0.0, 1.0, 0.0]), full(270.0))
    assert price.tolist() == [200.0, 270.0, 100.0]


@given(pair(SHARES), SHARES, pair(st.integers(0, 40)))
def test_credibility_and_steps_never_lower_the_pull_of_accession(credibility, other, steps):
    rises(lambda c: accession_pull(c, full(steps[0])), *credibility)
    rises(lambda s: accession_pull(full(other), s), *steps)
    assert (speed(full(steps[1])) < 1.0).all()
    assert (speed(full(steps[0])) >= 0.0).all()
    assert (accession_pull(full(other), full(0.0)) == 0.0).all()


@given(st.booleans(), st.integers(0, 9))
def test_openings_lead_to_the_last_chapter_and_never_past_it(by_cluster, extra):
    brings = np.array([2, 1, 3, 2, 1, 1, 0])
    opened = np.arange(7.0)
    more = next_opening(opened, np.full(7, float(extra)), by_cluster=by_cluster, cluster_steps=brings)
    assert (opened + more <= 6.0).all()
    assert (more[:-1] >= 1.0).all()
    assert more[-1] == 0.0
    left = 6 - np.arange(7)
    expected = brings if by_cluster else np.minimum(1 + extra, left)
    assert more.tolist() == list(expected)


@given(st.floats(0.0, 33.0), pair(st.floats(0.001, 0.999)), st.integers(0, 35))
def test_better_luck_never_opens_fewer_chapters_and_the_last_is_the_last(mean, luck, opened):
    brings = np.arange(35, -1, -1)

    def chapters(u):
        return next_opening(
            full(opened), poisson_quantile(u, full(mean)), by_cluster=False, cluster_steps=brings
        )

    rises(chapters, *luck)
    assert (full(opened) + chapters(full(luck[1])) <= 35.0).all()


@given(pair(st.integers(2024, 2060)), st.integers(0, 34))
def test_a_nearer_year_calls_for_no_fewer_chapters_and_no_year_for_none(year, opened):
    late, soon, none = (
        opened_by_date(full(opened), full(y), month=150, chapters=35) for y in (year[1], year[0], 0)
    )
    assert late.shape == (MEMBERS,)
    assert ((late >= 1.0) & (late <= soon) & (soon <= 35.0 - opened)).all()
    assert (none == 0.0).all()


@given(st.integers(0, 600), st.integers(2013, 2060), st.integers(0, 35))
def test_chapters_close_once_all_are_open_until_the_year_that_is_named(month, year, opened):
    closed, none = (closed_by_date(full(opened), full(y), month=month, chapters=35) for y in (year, 0))
    assert (closed > 0.0).all() == (opened == 35 and month < 12 * (year - 2012))
    assert (none == 0.0).all()
    assert set(np.rint(36.0 * closed)) <= {0.0, 35.0}


@given(SHARES, pair(SHARES), SHARES, st.floats(0.0, 0.99), st.booleans())
def test_a_larger_stall_never_raises_the_chance_that_talks_move(moving, stall, resume, chance, opened):
    (often, after_often), (seldom, after_seldom) = (
        still_moving(full(moving), full(s), full(resume), chance=full(chance), opened=opened)
        for s in stall[::-1]
    )
    assert (often <= seldom).all()
    assert (after_often <= after_seldom + ROUNDING).all()


@given(SHARES, SHARES, SHARES, st.floats(0.0, 0.99))
def test_after_an_opening_talks_surely_moved_and_without_one_less_likely(moving, stall, resume, chance):
    before, after = still_moving(full(moving), full(stall), full(resume), chance=full(chance), opened=True)
    assert (after == 1.0).all()
    same, after = still_moving(full(moving), full(stall), full(resume), chance=full(chance), opened=False)
    np.testing.assert_array_equal(before, same)
    assert (after <= before + ROUNDING).all()
    assert ((after >= 0.0) & (before <= 1.0)).all()


@given(
    st.lists(st.booleans(), min_size=1, max_size=7),
    st.tuples(*[st.floats(0.02, 0.98)] * 3),
    st.floats(0.02, 0.98),
)
def test_talks_move_as_a_hidden_markov_chain_says(opened, rates, start):
    stall, resume, chance = rates
    moving, likelihood = full(start), 1.0
    for now in opened:
        before, moving = still_moving(moving, full(stall), full(resume), chance=full(chance), opened=now)
        likelihood = likelihood * (before * chance if now else 1.0 - before * chance)
    # every path of moving and still, one by one
    whole = ends_moving = 0.0
    for path in product((True, False), repeat=len(opened) + 1):
        weight = start if path[0] else 1.0 - start
        for last, here, now in zip(path[:-1], path[1:], opened, strict=True):
            move = 1.0 - stall if last else resume
            opens = chance if here else 0.0
            weight *= (move if here else 1.0 - move) * (opens if now else 1.0 - opens)
        whole, ends_moving = whole + weight, ends_moving + weight * path[-1]
    np.testing.assert_allclose(likelihood, whole, rtol=1e-9)
    np.testing.assert_allclose(moving, ends_moving / whole, rtol=1e-9)


@given(SHARES, st.integers(0, 60), st.data())
def test_pressure_never_rises_with_joins_and_is_a_share(war_level, issued, data):
    fewer, more = data.draw(pair(st.integers(0, issued)))
    low, high = (pressure_target(full(war_level), full(issued), full(joined)) for joined in (more, fewer))
    assert (low <= high).all()
    assert (low >= 0.0).all()
    assert (high <= war_level).all()
    if issued:
        worse = pressure_target(full(1.0), full(issued), full(fewer))
        assert (worse >= high).all()
        assert (pressure_target(full(war_level), full(issued), full(0)) == war_level).all()
        assert (pressure_target(full(war_level), full(issued), full(issued)) == 0.0).all()
    else:
        assert (high == 0.0).all()


@given(pair(LEANS), LEANS, SHARES)
def test_joining_is_likelier_with_more_lean_and_routine_under_sanctions(lean, cost, routine):
    rises(lambda x: join_probability(x, full(cost), full(0.0), full(routine)), *lean)
    rises(lambda x: 1.0 - join_probability(full(cost), x, full(0.0), full(routine)), *lean)
    assert (join_probability(full(lean[0]), full(cost), full(1.0), full(routine)) == routine).all()


@given(pair(LEANS), LEANS, WEIGHTS, pair(RATES))
def test_the_chance_of_sanctions_rises_with_lean_and_rate(lean, reference, slope, rate):
    rises(lambda x: sanctions_hazard(x, full(reference), full(slope), monthly_log_odds(full(rate[0]))), *lean)
    rises(lambda x: sanctions_hazard(full(lean[0]), full(reference), full(slope), monthly_log_odds(x)), *rate)
    chance = sanctions_hazard(full(lean[1]), full(reference), full(slope), monthly_log_odds(full(rate[1])))
    assert ((chance > 0.0) & (chance <= 1.0)).all()


@given(LEANS, WEIGHTS, RATES)
def test_at_the_reference_lean_a_year_holds_the_annual_rate(lean, slope, rate):
    chance = sanctions_hazard(full(lean), full(lean), full(slope), monthly_log_odds(full(rate)))
    np.testing.assert_allclose(1.0 - (1.0 - chance) ** 12, -np.expm1(-full(rate)), rtol=1e-8)


@given(pair(LEANS), LEANS, pair(st.floats(0.0, 10.0)))
def test_votes_follow_lean_and_severity_and_leave_room_for_abstention(lean, severity, width):
    with_low, against_low = vote_probabilities(full(lean[0]), full(severity), full(width[0]))
    with_high, against_high = vote_probabilities(full(lean[1]), full(severity), full(width[0]))
    assert (with_low >= with_high).all()
    assert (against_low <= against_high).all()
    assert (with_low + against_low <= 1.0 + 1e-12).all()
    assert (with_low >= 0.0).all()
    assert (against_low >= 0.0).all()
    wider = vote_probabilities(full(lean[0]), full(severity), full(width[1]))
    assert (wider[0] <= with_low).all()
    assert (wider[1] <= against_low).all()
    turned = vote_probabilities(full(-lean[0]), full(-severity), full(width[0]))
    np.testing.assert_allclose(turned, [against_low, with_low], rtol=1e-12)


VOTES = st.lists(st.sampled_from([0.0, 1.0, 2.0, 3.0]), min_size=MEMBERS, max_size=MEMBERS).map(np.array)


@given(LEANS, LEANS, st.floats(0.0, 10.0), SHARES, VOTES)
def test_chances_of_a_vote_are_shares_of_one_and_habit_adds_to_the_last_vote_alone(
    lean, severity, width, habit, last
):
    p_with, p_against = vote_probabilities(full(lean), full(severity), full(width))
    plain = np.array([p_with, 1.0 - p_with - p_against, p_against])
    found = np.array(vote_chances(full(lean), full(severity), full(width), habit=full(habit), last=last))
    np.testing.assert_allclose(found.sum(axis=0), 1.0)
    assert (found > -ROUNDING).all()
    for code, own in enumerate(found, start=1):
        assert (own >= plain[code - 1] - ROUNDING)[last == code].all()
        assert (own <= plain[code - 1] + ROUNDING)[last != code].all()
    np.testing.assert_allclose(found[:, last == 0.0], plain[:, last == 0.0])


@given(LEANS, LEANS, st.floats(0.0, 10.0), VOTES)
def test_without_habit_a_vote_is_the_ordered_logit_and_all_habit_repeats_the_last(
    lean, severity, width, last
):
    ways = full(lean), full(severity), full(width)
    free = vote_chances(*ways, habit=full(0.0), last=last)
    np.testing.assert_allclose((free[0], free[2]), vote_probabilities(*ways))
    bound = np.array(vote_chances(*ways, habit=full(1.0), last=last))
    for code, own in enumerate(bound, start=1):
        np.testing.assert_array_equal(own[last > 0.0], (last == code)[last > 0.0])


@given(st.floats(-600.0, 600.0))
def test_the_logistic_stays_a_share_and_the_logit_undoes_it(x):
    share = logistic(full(x))
    assert ((share >= 0.0) & (share <= 1.0)).all()
    np.testing.assert_allclose(share + logistic(full(-x)), 1.0)
    if abs(x) < 30.0:
        np.testing.assert_allclose(logit(share), x, rtol=1e-3, atol=1e-12)


@given(st.floats(-690.0, 30.0))
def test_small_shares_are_exact_to_the_last_digits(x):
    expected = x - np.log1p(np.exp(x)) if x < 0.0 else -np.log1p(np.exp(-x))
    np.testing.assert_allclose(np.log(logistic(full(x))), expected, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("x", [-1e300, -745.0, 745.0, 1e300])
def test_a_logit_however_far_has_a_share_with_a_reciprocal_and_a_log(x):
    with np.errstate(all="raise", under="ignore"):
        share = logistic(full(x))
        assert np.isfinite(1.0 / share).all()
        assert np.isfinite(np.log(share)).all()
    assert (share == (1.0 if x > 0.0 else logistic(full(-700.0)))).all()


@given(LEANS, LEANS, SHARES)
def test_reverting_closes_its_share_of_the_gap(value, anchor, pull):
    moved = reverting(full(value), full(anchor), full(pull), full(0.0))
    np.testing.assert_allclose(anchor - moved, (1.0 - pull) * (anchor - value), atol=1e-9)
    np.testing.assert_allclose(reverting(full(value), full(anchor), full(pull), full(0.5)) - moved, 0.5)
