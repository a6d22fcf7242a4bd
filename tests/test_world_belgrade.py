"""Voters, Kosovo, elections, accession and the gas contract: each equation, all else held."""

import numpy as np
from hypothesis import given, strategies as st

from sim import AlignmentModel, read_scenario, with_settings
from sim.mechanisms.accession import opening_chance
from sim.mechanisms.patron import forward_chance, veto_worth
from sim.mechanisms.politics import (
    ELECTION_FACTOR,
    ELECTION_NEAR,
    election_near,
    media_shift,
    next_election,
    public_stake,
)
from sim.mechanisms.scales import logistic, reverting

MEMBERS = 3
SHARES = st.floats(0.0, 1.0)
LOGITS = st.floats(-15.0, 15.0)
WEIGHTS = st.floats(0.0, 5.0)
EFFORTS = st.floats(0.0, 10.0)
MONTHS = st.integers(-3, 60)


def full(value):
    return np.full(MEMBERS, float(value))


def pair(values):
    """Return a strategy of two values, the smaller first."""
    return st.tuples(values, values).map(sorted)


def rises(function, low, high, *, slack=1e-12):
    lower, higher = function(full(low)), function(full(high))
    assert lower.shape == higher.shape == (MEMBERS,)
    assert (lower <= higher + slack).all()


# ---------------------------------------------------------------- media and opinion


@given(pair(EFFORTS), SHARES, WEIGHTS, st.tuples(LOGITS, LOGITS), SHARES)
def test_a_curbed_medium_never_lowers_eu_support_nor_raises_affinity(effort, trust, weight, levels, pull):
    now, mean = levels

    def opinion(efforts, sign):
        anchor = full(mean) + sign * media_shift(efforts, trust, full(weight))
        return logistic(reverting(full(now), anchor, full(pull), full(0.1)))

    rises(lambda e: -opinion(e, -1.0), *effort)
    rises(lambda e: opinion(e, 1.0), *effort)


@given(EFFORTS, pair(SHARES), WEIGHTS)
def test_what_media_move_is_bounded_and_goes_by_trust(effort, trust, weight):
    little, much = (media_shift(full(effort), t, full(weight)) for t in trust)
    assert (np.abs(much) <= 2.0 * weight * trust[1] + 1e-12).all()
    assert (np.abs(little) <= np.abs(much)).all()
    assert (media_shift(full(effort), 0.0, full(weight)) == 0.0).all()
    assert (media_shift(full(1.0), trust[1], full(weight)) == 0.0).all()
    silence = media_shift(full(0.0), trust[1], full(weight))
    np.testing.assert_allclose(silence, -2.0 * weight * trust[1], atol=1e-12)
    assert (media_shift(full(1e12), trust[1], full(weight)) <= 2.0 * weight * trust[1] + 1e-9).all()


@given(pair(SHARES), pair(SHARES), st.integers(0, 1))
def test_the_public_pulls_to_the_eu_with_support_and_to_russia_with_affinity(support, affinity, near):
    rises(lambda s: public_stake(s, full(affinity[0]), full(near)), *support)
    rises(lambda a: -public_stake(full(support[0]), a, full(near)), *affinity)
    assert (np.abs(public_stake(full(support[0]), full(affinity[1]), full(near))) <= 1.5).all()


@given(SHARES, SHARES)
def test_an_election_near_makes_opinion_count_half_as_much_again_and_keeps_its_sign(support, affinity):
    quiet, near = (public_stake(full(support), full(affinity), full(n)) for n in (0.0, 1.0))
    np.testing.assert_allclose(near, ELECTION_FACTOR * quiet)
    assert ELECTION_FACTOR == 1.5


# ---------------------------------------------------------------- Kosovo


@given(pair(SHARES), pair(SHARES))
def test_closing_kosovos_status_or_trading_the_veto_never_raises_its_worth(normalisation, resolve):
    rises(lambda n: -veto_worth(full(resolve[1]), n), *normalisation)
    rises(lambda r: veto_worth(r, full(normalisation[0])), *resolve)
    assert (veto_worth(full(resolve[1]), full(1.0)) == 0.0).all()
    assert (veto_worth(full(0.0), full(normalisation[0])) == 0.0).all()
    worth = veto_worth(full(resolve[0]), full(normalisation[0]))
    assert ((worth >= 0.0) & (worth <= resolve[0])).all()


@given(pair(st.floats(-1.5, 1.5)), st.integers(0, 2), LOGITS, WEIGHTS)
def test_reward_pressure_and_opinion_never_make_a_step_back_likelier(x, which, bias, gain):
    def chance(value):
        weighed = [full(0.2), full(0.3), full(-0.1)]
        weighed[which] = value
        return forward_chance(*weighed, full(bias), full(gain))

    rises(chance, *x)
    assert ((chance(full(x[1])) >= 0.0) & (chance(full(x[1])) <= 1.0)).all()
    if gain == 0.0:
        np.testing.assert_allclose(chance(full(x[0])), logistic(full(bias)))


# ---------------------------------------------------------------- elections


@given(MONTHS, st.booleans(), st.booleans())
def test_the_next_election_is_a_term_away_once_held_and_two_months_once_called(due_in, held, called):
    after = next_election(full(due_in), full(held), full(called), term=48, notice=2)
    if held:
        assert (after == 48).all()
    elif called and due_in > 2:
        assert (after == 2).all()
    else:
        assert (after == due_in - 1.0).all()
    # a call never puts an election off, and no month passes without bringing it nearer
    assert held or (after <= max(due_in - 1.0, 2)).all()
    assert held or (after < due_in).all()


def test_each_member_has_its_own_election():
    months = next_election(
        np.array([1.0, 30.0, 2.0]), np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 1.0]), term=48, notice=2
    )
    assert months.tolist() == [48.0, 2.0, 1.0]


@given(pair(MONTHS))
def test_an_election_is_near_within_six_months(months):
    rises(lambda m: -election_near(m), *months)
    assert (election_near(full(ELECTION_NEAR)) == 1.0).all()
    assert (election_near(full(ELECTION_NEAR + 1)) == 0.0).all()
    assert set(election_near(full(months[0]))) <= {0.0, 1.0}


def test_left_alone_elections_come_every_48_months():
    due_in, held = full(1), []
    for month in range(200):
        now = (due_in <= 1.0).astype(float)
        held += [month] * bool(now[0])
        due_in = next_election(due_in, now, full(0), term=48, notice=2)
    assert held == [0, 48, 96, 144, 192]


# ---------------------------------------------------------------- accession


@given(pair(SHARES), pair(SHARES), LOGITS, WEIGHTS, WEIGHTS)
def test_the_chance_of_an_opening_rises_with_credibility_and_falls_with_pressure(
    credibility, pressure, base, reward, penalty
):
    rises(
        lambda c: opening_chance(c, full(pressure[0]), full(base), full(reward), full(penalty)), *credibility
    )
    rises(
        lambda p: -opening_chance(full(credibility[0]), p, full(base), full(reward), full(penalty)), *pressure
    )
    chance = opening_chance(full(credibility[1]), full(pressure[1]), full(base), full(reward), full(penalty))
    assert ((chance >= 0.0) & (chance <= 1.0)).all()


@given(LOGITS, pair(WEIGHTS))
def test_at_even_credibility_and_no_pressure_only_the_base_counts(base, weights):
    chance = opening_chance(full(0.5), full(0.0), full(base), full(weights[0]), full(weights[1]))
    np.testing.assert_allclose(chance, logistic(full(base)))


def test_on_the_way_to_a_year_that_is_named_the_offer_pulls_when_all_is_open_too():
    dated, undated = (
        AlignmentModel(with_settings(read_scenario("today"), settings), members=MEMBERS, seed=1)
        for settings in (
            ["accession_year=2032", "credibility=0.8"],
            ["chapters_opened=35", "credibility=0.8"],
        )
    )
    for model in (dated, undated):
        while model.running:
            model.step()
        assert (model.union.chapters_opened == 35.0).all()
    assert (dated.between.weighed["accession"] > 0.75).all()
    assert (undated.between.weighed["accession"] == 0.0).all()
