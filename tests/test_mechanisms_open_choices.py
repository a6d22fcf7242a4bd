"""Choices that stand open every month: arms let through, gas from elsewhere, the veto, an outlet; all else held."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from sim.mechanisms.arms import arms_level, arms_stake, let_through_chance
from sim.mechanisms.energy import diversification_chance, gas_stake, supply_exposure
from sim.mechanisms.patron import retaliation_stake, veto_trade_chance, veto_worth
from sim.mechanisms.politics import launch_chance

MEMBERS = 3
SHARES = st.floats(0.0, 1.0)
STAKES = st.floats(-1.0, 1.0)
COSTS = st.floats(0.0, 50.0)
PRECISIONS = st.floats(0.0, 50.0)
ROUNDING = 1e-12
GDP = 6e10

# each choice, what it is weighed by, and which way more of it moves the chance; cost and precision come last
CHOICES = {
    let_through_chance: ((SHARES, 1), (SHARES, -1), (SHARES, -1), (COSTS, -1)),
    diversification_chance: ((STAKES, -1), (st.floats(0.0, 2.0), 1), (COSTS, -1)),
    veto_trade_chance: ((SHARES, -1), (SHARES, 1), (COSTS, -1)),
    launch_chance: ((SHARES, 1), (SHARES, -1), (COSTS, -1)),
}
CASES = [(choice, place) for choice, weighed in CHOICES.items() for place in range(len(weighed))]


def full(value):
    return np.full(MEMBERS, float(value))


def pair(values):
    """Return a strategy of two values, the smaller first."""
    return st.tuples(values, values).map(sorted)


@pytest.mark.parametrize(("choice", "place"), CASES, ids=[f"{c.__name__}-{p}" for c, p in CASES])
@given(data=st.data())
def test_each_reason_moves_the_chance_its_way_and_it_stays_a_chance(choice, place, data):
    weighed = CHOICES[choice]
    others = [data.draw(values) for values, _ in weighed]
    precision = data.draw(PRECISIONS)
    chances = []
    for value in data.draw(pair(weighed[place][0])):
        given_values = [full(value if i == place else other) for i, other in enumerate(others)]
        chances.append(choice(*given_values, full(precision)))
        assert chances[-1].shape == (MEMBERS,)
        assert ((chances[-1] >= 0.0) & (chances[-1] <= 1.0)).all()
    assert (weighed[place][1] * (chances[1] - chances[0]) >= -ROUNDING).all()


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice.__name__)
@given(data=st.data())
def test_without_precision_a_choice_is_even_and_more_of_it_makes_the_better_side_likelier(choice, data):
    values = [full(data.draw(values)) for values, _ in CHOICES[choice]]
    assert (choice(*values, full(0.0)) == 0.5).all()
    vague, sharp = (np.abs(choice(*values, full(p)) - 0.5) for p in data.draw(pair(PRECISIONS)))
    assert (sharp >= vague - ROUNDING).all()


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice.__name__)
def test_each_member_chooses_by_its_own_reasons(choice):
    values = [np.array([0.1, 0.5, 0.9]) for _ in CHOICES[choice]]
    together = choice(*values, full(2.0))
    for member in range(MEMBERS):
        alone = choice(*(v[member : member + 1] for v in values), np.array([2.0]))
        assert together[member] == alone[0]


# ---------------------------------------------------------------- arms


@given(pair(SHARES), st.tuples(STAKES, SHARES), st.floats(0.001, 1000.0), COSTS, PRECISIONS)
def test_an_angrier_moscow_never_makes_belgrade_let_more_through(
    displeasure, to_lose, demand, caution, precision
):
    def chance(anger):
        threat = retaliation_stake(full(anger), *(full(part) for part in to_lose))
        worth = arms_stake(full(demand))
        return let_through_chance(worth, full(anger), threat, full(caution), full(precision))

    assert (chance(displeasure[1]) <= chance(displeasure[0]) + ROUNDING).all()


@given(pair(st.floats(0.001, 1000.0)), SHARES, SHARES)
def test_what_flows_is_all_the_war_asks_for_or_a_share_of_it(demand, trickle, between):
    for let_through, share in ((1.0, 1.0), (0.0, trickle)):
        flows = [arms_level(full(d), full(trickle), full(let_through)) for d in demand]
        np.testing.assert_allclose(flows, [full(d * share) for d in demand], rtol=1e-12)
        assert (flows[0] <= flows[1]).all()
    assert (arms_level(full(demand[0]), full(trickle), full(between)) <= demand[0] * (1 + ROUNDING)).all()


# ---------------------------------------------------------------- gas


@given(pair(st.floats(-5e9, 5e9)), pair(st.floats(-24.0, 60.0)), st.tuples(SHARES, SHARES), COSTS, PRECISIONS)
def test_a_dearer_contract_and_a_nearer_end_never_make_a_deal_elsewhere_less_likely(
    saving, left, exposed, cost, precision
):
    def chance(of_saving, months_left):
        exposure = supply_exposure(full(months_left), *(full(part) for part in exposed))
        return diversification_chance(gas_stake(full(of_saving), GDP), exposure, full(cost), full(precision))

    assert (chance(saving[0], left[0]) >= chance(saving[1], left[0]) - ROUNDING).all()
    assert (chance(saving[0], left[0]) >= chance(saving[0], left[1]) - ROUNDING).all()


@given(pair(st.floats(-24.0, 60.0)), pair(SHARES), pair(SHARES))
def test_supply_is_the_more_exposed_the_angrier_the_seller_and_the_more_comes_from_him(
    left, displeasure, dependence
):
    least = supply_exposure(full(left[1]), full(displeasure[0]), full(dependence[0]))
    most = supply_exposure(full(left[0]), full(displeasure[1]), full(dependence[1]))
    assert (least <= most + ROUNDING).all()
    assert ((most >= 0.0) & (most <= 2.0)).all()
    assert (supply_exposure(full(left[0]), full(displeasure[1]), full(0.0)) == 0.0).all()


def test_a_contract_covers_the_year_ahead_until_its_last_twelve_months():
    left = np.array([40.0, 12.0, 9.0, 3.0, 0.0, -1.0, -40.0])
    exposed = supply_exposure(left, np.zeros(7), np.ones(7))
    assert exposed.tolist() == [0.0, 0.0, 0.25, 0.75, 1.0, 1.0, 1.0]


# ---------------------------------------------------------------- the veto


@given(pair(SHARES), SHARES, COSTS, PRECISIONS)
def test_a_veto_that_keeps_less_open_is_never_less_likely_to_be_traded(
    normalisation, displeasure, standing, precision
):
    early, late = (
        veto_trade_chance(veto_worth(full(0.9), full(n)), full(displeasure), full(standing), full(precision))
        for n in normalisation
    )
    assert (early <= late + ROUNDING).all()


@given(SHARES, SHARES, COSTS, PRECISIONS)
def test_standing_alone_holds_back_a_moscow_at_its_angriest_or_with_nothing_left_to_sell(
    worth, displeasure, standing, precision
):
    def chance(of_worth, of_displeasure):
        return veto_trade_chance(full(of_worth), full(of_displeasure), full(standing), full(precision))

    np.testing.assert_array_equal(chance(worth, 1.0), chance(0.0, displeasure))
    assert (chance(worth, displeasure) <= 0.5).all()
