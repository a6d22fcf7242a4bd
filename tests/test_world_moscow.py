"""Arms, what Moscow makes of reports and denials, and what it does about it: each equation, all else held."""

import numpy as np
from hypothesis import assume, example, given, strategies as st

from sim.mechanisms.arms import (
    arms_stake,
    deniability_after,
    denial_chance,
    denial_evidence,
    forgotten,
    report_chance,
    report_evidence,
)
from sim.mechanisms.patron import (
    RENEWALS,
    displeasure_called_for,
    renewal,
    retaliation_stake,
    statement_chance,
)

MEMBERS = 3
SHARES = st.floats(0.0, 1.0)
LOGITS = st.floats(-15.0, 15.0)
FLOWS = st.floats(0.0, 500.0)
RATES = st.floats(1e-4, 3.0)
WEIGHTS = st.floats(0.0, 5.0)
PRECISIONS = st.floats(0.0, 50.0)
LUCK = st.floats(1e-9, 1.0 - 1e-9)
ROUNDING = 1e-9


def full(value):
    return np.full(MEMBERS, float(value))


def pair(values):
    """Return a strategy of two values, the smaller first."""
    return st.tuples(values, values).map(sorted)


def rises(function, low, high, *, slack=1e-12):
    lower, higher = function(full(low)), function(full(high))
    assert lower.shape == higher.shape == (MEMBERS,)
    assert (lower <= higher + slack).all()


def is_share(values):
    return ((values >= 0.0) & (values <= 1.0)).all()


# ---------------------------------------------------------------- arms


@given(pair(FLOWS))
def test_arms_earn_more_the_more_flow_but_each_million_less_than_the_last(flow):
    rises(arms_stake, *flow)
    assert (arms_stake(full(0.0)) == 0.0).all()
    first, second = (arms_stake(full(f) + 1.0) - arms_stake(full(f)) for f in flow)
    assert (first >= second - ROUNDING).all()


@given(pair(FLOWS), RATES, st.floats(0.0, 3.0), st.floats(0.001, 100.0))
def test_a_larger_flow_never_makes_a_report_less_likely(flow, base, extra, half):
    def chance(arms):
        return report_chance(arms, full(base), full(extra), full(half))

    rises(chance, *flow)
    assert is_share(chance(full(flow[1])))
    np.testing.assert_allclose(chance(full(0.0)), -np.expm1(-base), rtol=1e-12)
    assert (chance(full(flow[1])) <= -np.expm1(-(base + extra)) + ROUNDING).all()


# ---------------------------------------------------------------- reports, denials and belief


@given(LOGITS, LOGITS, SHARES, st.integers(1, 40))
def test_with_no_reports_belief_moves_towards_its_prior_and_never_past_it(belief, prior, forgetting, months):
    heard = full(belief)
    for _ in range(months):
        later = forgotten(heard, full(prior), full(forgetting))
        assert (np.abs(later - prior) <= np.abs(heard - prior) + ROUNDING).all()
        assert ((later - prior) * (heard - prior) >= -ROUNDING).all()
        heard = later


@given(LOGITS, LOGITS, pair(SHARES))
def test_a_more_forgetful_moscow_is_never_further_from_its_prior(belief, prior, forgetting):
    slow, fast = (np.abs(forgotten(full(belief), full(prior), full(f)) - prior) for f in forgetting)
    assert (fast <= slow + ROUNDING).all()


@given(LOGITS, RATES, pair(st.floats(0.0, 3.0)), pair(WEIGHTS))
def test_a_report_never_lowers_belief_and_one_trusted_more_raises_it_no_less(belief, base, extra, weight):
    def heard(trust):
        return full(belief) + report_evidence(full(base), full(extra[1]), trust)

    rises(heard, *weight)
    assert (heard(full(weight[0])) >= belief).all()
    rises(lambda e: report_evidence(full(base), e, full(weight[1])), *extra)
    assert (report_evidence(full(base), full(0.0), full(weight[1])) == 0.0).all()


@given(LOGITS, RATES, st.floats(0.0, 3.0), WEIGHTS, st.tuples(pair(SHARES), st.floats(0.0, 0.99)))
def test_a_denial_never_raises_belief_above_what_the_report_alone_gave(belief, base, extra, trust, denial):
    deniability, candour = denial
    heard = full(belief) + report_evidence(full(base), full(extra), full(trust))
    less, more = (heard + denial_evidence(full(d), full(candour)) for d in deniability)
    assert (more <= heard).all()
    assert (less <= heard).all()
    # the less deniability is left, the less a denial matters
    assert (heard - less <= heard - more).all()
    assert (denial_evidence(full(0.0), full(candour)) == 0.0).all()
    assert (denial_evidence(full(deniability[1]), full(0.0)) == 0.0).all()


@given(pair(SHARES), st.floats(0.0, 10.0), PRECISIONS)
def test_the_less_deniability_is_left_the_less_likely_is_a_denial(deniability, gain, precision):
    rises(lambda d: denial_chance(d, full(gain), full(precision)), *deniability)
    assert is_share(denial_chance(full(deniability[0]), full(gain), full(precision)))
    assert (denial_chance(full(deniability[0]), full(gain), full(0.0)) == 0.5).all()


@given(SHARES, st.lists(st.booleans(), max_size=30), SHARES, SHARES)
def test_deniability_stays_a_share_and_falls_on_exposure_only(start, exposures, loss, recovery):
    left = full(start)
    for exposed in exposures:
        after = deniability_after(left, full(exposed), full(loss), full(recovery))
        assert is_share(after)
        assert (after <= left).all() if exposed else (after >= left - ROUNDING).all()
        left = after


@given(SHARES, pair(SHARES), pair(SHARES))
def test_what_is_lost_and_what_returns_follow_their_rates(deniability, loss, recovery):
    rises(lambda x: -deniability_after(full(deniability), full(1), x, full(0.5)), *loss)
    rises(lambda x: deniability_after(full(deniability), full(0), full(0.5), x), *recovery, slack=ROUNDING)
    assert (deniability_after(full(deniability), full(1), full(0), full(1)) == deniability).all()
    np.testing.assert_allclose(deniability_after(full(deniability), full(0), full(1), full(1)), 1.0)


def test_each_member_loses_and_regains_its_own_deniability():
    after = deniability_after(np.array([0.8, 0.8, 0.2]), np.array([1.0, 0.0, 0.0]), full(0.5), full(0.25))
    np.testing.assert_allclose(after, [0.4, 0.85, 0.4])


# ---------------------------------------------------------------- displeasure and reactions


@given(*([pair(SHARES)] * 3), st.tuples(SHARES, SHARES, SHARES), st.integers(0, 2))
def test_displeasure_is_a_share_and_rises_with_each_cause(belief, votes, sanctions, weights, cause):
    causes = [belief, votes, sanctions]
    strengths = tuple(full(w) for w in weights)

    def called_for(value):
        given_causes = [full(c[0]) for c in causes]
        given_causes[cause] = value
        return displeasure_called_for(*given_causes, strengths)

    rises(called_for, *causes[cause], slack=ROUNDING)
    assert is_share(called_for(full(causes[cause][1])))
    assert (displeasure_called_for(full(0), full(0), full(0), strengths) == 0.0).all()
    alone = [full(float(place == cause)) for place in range(3)]
    np.testing.assert_allclose(
        displeasure_called_for(*alone, strengths), strengths[cause], rtol=0, atol=ROUNDING
    )


@given(pair(LOGITS), pair(LOGITS), PRECISIONS)
def test_concern_is_likelier_the_more_is_believed_and_the_lower_the_threshold(belief, threshold, precision):
    rises(lambda b: statement_chance(b, full(threshold[0]), full(precision)), *belief)
    rises(lambda t: -statement_chance(full(belief[0]), t, full(precision)), *threshold)
    assert is_share(statement_chance(full(belief[1]), full(threshold[0]), full(precision)))
    assert (statement_chance(full(belief[0]), full(belief[0]), full(precision)) == 0.5).all()


@given(LUCK, pair(SHARES), SHARES, st.floats(0.0, 100.0))
@example(0.5, [0.0, 1.0], 0.5, 100.0)
def test_more_displeasure_never_brings_a_longer_contract_with_the_same_luck(
    u, displeasure, goodwill, precision
):
    rises(lambda d: renewal(full(u), d, full(goodwill), full(precision)), *displeasure)
    rises(lambda g: -renewal(full(u), full(displeasure[1]), g, full(precision)), *sorted((goodwill, 0.5)))


@given(pair(SHARES), SHARES, st.floats(0.0, 30.0))
def test_over_luck_displeasure_takes_from_the_long_contract_and_gives_to_the_market(
    displeasure, goodwill, precision
):
    u = (np.arange(2000.0) + 0.5) / 2000.0
    calm, angry = (
        np.bincount(
            renewal(u, 0 * u + d, 0 * u + goodwill, 0 * u + precision).astype(int), minlength=len(RENEWALS)
        )
        for d in displeasure
    )
    assert angry[0] <= calm[0]
    assert angry[2] >= calm[2]


@given(SHARES, st.floats(0.0, 100.0))
def test_at_the_displeasure_of_goodwill_all_three_offers_are_as_likely(goodwill, precision):
    u = (np.arange(3000.0) + 0.5) / 3000.0
    offers = renewal(u, 0 * u + goodwill, 0 * u + goodwill, 0 * u + precision)
    assert np.bincount(offers.astype(int)).tolist() == [1000, 1000, 1000]


@given(pair(SHARES), st.floats(-1.0, 1.0), SHARES, SHARES)
def test_retaliation_needs_displeasure_and_something_to_lose(displeasure, gas, veto, other):
    assert (retaliation_stake(full(displeasure[1]), full(-abs(gas)), full(0.0)) == 0.0).all()
    assert (retaliation_stake(full(0.0), full(gas), full(veto)) == 0.0).all()
    assert is_share(retaliation_stake(full(displeasure[1]), full(gas), full(veto)))
    rises(lambda d: retaliation_stake(d, full(gas), full(veto)), *displeasure)
    rises(lambda v: retaliation_stake(full(displeasure[1]), full(gas), v), *sorted((veto, other)))
    rises(lambda g: retaliation_stake(full(displeasure[1]), g, full(veto)), *sorted((gas, other)))


@given(SHARES, SHARES, SHARES)
def test_something_to_lose_and_displeasure_do_make_a_threat(displeasure, gas, veto):
    assume(displeasure > 0.01 and gas + veto > 0.01)
    assert (retaliation_stake(full(displeasure), full(gas), full(veto)) > 0.0).all()
