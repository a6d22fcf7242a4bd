"""The equations that docstrings state, told again in plain numbers: each mechanism at points that no symmetry helps."""

import math
from inspect import signature
from itertools import product

import numpy as np
import pytest

from sim.mechanisms import accession, arms, choice, conditions, energy, patron, politics, publication
from sim.mechanisms.conditions import PriceProcess
from sim.mechanisms.scales import logistic, logit, reverting


def share(x):
    return 1.0 / (1.0 + math.exp(-x))


def odds(p):
    return math.log(p / (1.0 - p))


def spread(share, trials):
    return 1.0 / (trials * share + 0.5) + 1.0 / (trials * (1.0 - share) + 0.5)


EQUATIONS = {
    logistic: share,
    logit: odds,
    reverting: lambda value, anchor, pull, shock: value + pull * (anchor - value) + shock,
    accession.speed: lambda steps: 1.0 - math.exp(-steps / 4.0),
    accession.accession_pull: lambda credibility, steps: credibility * (1.0 - math.exp(-steps / 4.0)),
    accession.opening_chance: lambda credibility, pressure, base, reward, penalty: share(
        base + reward * (credibility - 0.5) - penalty * pressure
    ),
    arms.let_through_chance: lambda worth, displeasure, retaliation, caution, precision: share(
        precision * (worth - caution * (displeasure + retaliation))
    ),
    arms.arms_level: lambda demand, trickle, let_through: demand * (trickle + (1.0 - trickle) * let_through),
    arms.arms_stake: lambda arms: math.log(1.0 + arms / 10.0),
    arms.report_chance: lambda arms, base, extra, half: (
        1.0 - math.exp(-(base + extra * arms / (arms + half)))
    ),
    arms.forgotten: lambda belief, prior, forgetting: (1.0 - forgetting) * belief + forgetting * prior,
    arms.report_evidence: lambda base, extra, weight: weight * math.log(1.0 + extra / (2.0 * base)),
    arms.denial_evidence: lambda deniability, candour: math.log(1.0 - candour * deniability),
    arms.denial_chance: lambda deniability, gain, precision: share(precision * (gain * deniability - 1.0)),
    arms.deniability_after: lambda deniability, exposed, loss, recovery: (
        deniability * (1.0 - loss) if exposed else deniability + recovery * (1.0 - deniability)
    ),
    choice.join_probability: lambda lean, cost, sanctions, with_sanctions: (
        with_sanctions if sanctions else share(lean - cost)
    ),
    choice.monthly_log_odds: lambda annual_rate: odds(1.0 - math.exp(-annual_rate / 12.0)),
    choice.sanctions_hazard: lambda lean, reference, slope, log_odds: share(
        log_odds + slope * (lean - reference)
    ),
    energy.discount: lambda contract, market: (market - contract) / market,
    energy.yearly_saving: lambda volume, market, contract: 1e6 * volume * (market - contract),
    energy.gas_stake: lambda saving, gdp: math.tanh(100.0 * saving / gdp),
    energy.supply_exposure: lambda months_left, displeasure, dependence: (
        dependence * (min(max(1.0 - months_left / 12.0, 0.0), 1.0) + displeasure)
    ),
    energy.diversification_chance: lambda stake, exposure, cost, precision: share(
        precision * (exposure - stake - cost)
    ),
    patron.veto_worth: lambda resolve, normalisation: resolve * (1.0 - normalisation),
    patron.veto_trade_chance: lambda worth, displeasure, standing, precision: share(
        -precision * (standing + (1.0 - displeasure) * worth)
    ),
    patron.forward_chance: lambda pull, pressure, public, bias, gain: share(
        bias + gain * (pull + pressure + public)
    ),
    politics.launch_chance: lambda displeasure, affinity, cost, precision: share(
        precision * (displeasure + 1.0 - affinity - cost)
    ),
    politics.media_shift: lambda effort, trust, weight: (
        2.0 * weight * trust * (effort - 1.0) / (effort + 1.0)
    ),
    politics.public_stake: lambda support, affinity, election_near: (
        (support - affinity) * (1.5 if election_near else 1.0)
    ),
    accession.pressure_target: lambda war_level, issued, joined: war_level * (1.0 - joined / issued),
    publication.published_alignment: lambda joined, issued, noise: share(
        odds((joined + 0.5) / (issued + 1.0)) + 4.0 * noise
    ),
    publication.count_variance: spread,
    publication.published_poll: lambda support, respondents, extra, luck: share(
        odds(support) + math.sqrt(spread(support, respondents) + extra**2) * luck
    ),
    patron.statement_chance: lambda belief, threshold, precision: share(precision * (belief - threshold)),
    patron.retaliation_stake: lambda displeasure, gas_stake, veto_worth: (
        displeasure * (max(gas_stake, 0.0) + veto_worth) / 2.0
    ),
}
"""By function its equation for one member."""

FLAGS = {"exposed", "sanctions", "election_near", "let_through"}
RANGES = {
    "issued": (30.0, 40.0),
    "joined": (1.0, 25.0),
    "steps": (0.5, 9.0),
    "arms": (1.0, 60.0),
    "months_left": (-6.0, 20.0),
    "respondents": (300.0, 2000.0),
    "trials": (5.0, 400.0),
    "gdp": (3e10, 9e10),
    "saving": (-2e9, 2e9),
    "market": (100.0, 900.0),
    "contract": (100.0, 900.0),
    "volume": (1.0, 3.0),
    "effort": (0.1, 4.0),
    "x": (-3.0, 3.0),
    "lean": (-2.0, 2.0),
    "reference": (-2.0, 2.0),
    "gas_stake": (-1.0, 1.0),
    "stake": (-1.0, 1.0),
    "belief": (-2.0, 2.0),
    "public": (-1.0, 1.0),
    "luck": (-2.0, 2.0),
    "noise": (-0.05, 0.05),
    "shock": (-1.0, 1.0),
    "bias": (-1.0, 1.0),
    "base": (0.05, 0.5),
    "weight": (0.2, 3.0),
    "precision": (0.5, 4.0),
    "extra": (0.02, 0.9),
}
"""Of parameters that are no shares."""


@pytest.mark.parametrize("mechanism", EQUATIONS, ids=lambda mechanism: mechanism.__name__)
def test_a_mechanism_is_the_equation_that_its_docstring_states(mechanism):
    random, names, members = np.random.default_rng(7), list(signature(mechanism).parameters), 40
    drawn = {
        name: random.integers(0, 2, members).astype(float)
        if name in FLAGS
        else random.uniform(*RANGES.get(name, (0.1, 0.9)), members)
        for name in names
    }
    if mechanism is energy.gas_stake:
        drawn["gdp"] = float(drawn["gdp"][0])
    found = mechanism(*drawn.values())
    told = [
        EQUATIONS[mechanism](*(np.broadcast_to(values, members)[k].item() for values in drawn.values()))
        for k in range(members)
    ]
    np.testing.assert_allclose(found, told, rtol=1e-9)


def test_displeasure_is_what_no_cause_leaves_calm():
    causes, weights = (0.7, 0.4, 1.0), (0.3, 0.6, 0.8)
    calm = math.prod(1.0 - w * x for w, x in zip(weights, causes, strict=True))
    columns = [np.array([x]) for x in (*causes, *weights)]
    assert patron.displeasure_called_for(*columns[:3], tuple(columns[3:])) == pytest.approx(1.0 - calm)


def test_a_contract_is_renewed_by_a_quantal_response_over_three_offers():
    displeasure, goodwill, precision = 0.7, 0.4, 2.5
    powers = [
        math.exp(precision * utility) for utility in (goodwill - displeasure, 0.0, displeasure - goodwill)
    ]
    long, short, _ = (power / sum(powers) for power in powers)
    asked = [np.array([x]) for x in (displeasure, goodwill, precision)]
    assert patron.renewal_chances(*asked) == pytest.approx((long, short))
    for u, offer in (
        (0.99 * long, 0.0),
        (1.01 * long, 1.0),
        (long + 0.99 * short, 1.0),
        (long + 1.01 * short, 2.0),
    ):
        assert patron.renewal(np.array([u]), *asked) == offer


def test_war_passes_from_each_regime_at_its_own_chance_and_at_no_other():
    chances = {"onset": 0.1, "escalation": 0.2, "truce": 0.3, "relapse": 0.15, "settling": 0.35}
    passes = {
        conditions.NONE: [(0.1, conditions.FROZEN), (1.0, conditions.NONE)],
        conditions.FROZEN: [(0.2, conditions.FULL_SCALE), (1.0, conditions.FROZEN)],
        conditions.FULL_SCALE: [(0.3, conditions.CEASEFIRE), (1.0, conditions.FULL_SCALE)],
        conditions.CEASEFIRE: [
            (0.15, conditions.FULL_SCALE),
            (0.5, conditions.FROZEN),
            (1.0, conditions.CEASEFIRE),
        ],
    }
    for regime, u in product(passes, np.linspace(0.005, 0.995, 100)):
        expected = next(after for bound, after in passes[regime] if u < bound)
        full = {name: np.array([chance]) for name, chance in chances.items()}
        assert conditions.next_regime(np.array([regime]), np.array([u]), **full) == expected


@pytest.mark.parametrize("regimes", [[2.0, 2.0, 2.0], [0.0, 2.0, 3.0], [1.0, 0.0, 1.0]])
def test_each_member_has_the_level_of_its_regime(regimes):
    levels = (0.0, np.array([0.3, 0.4, 0.5]), 0.7, np.array([1.1, 1.2, 1.3]))
    told = [np.broadcast_to(levels[int(regime)], 3)[k] for k, regime in enumerate(regimes)]
    assert conditions.by_regime(np.array(regimes), levels).tolist() == told


def test_each_vote_is_habit_or_lean():
    lean, severity, width, habit = 0.4, -0.3, 0.6, 0.25
    chances = {1.0: share(severity - lean - width), 3.0: share(lean - severity - width)}
    chances[2.0] = 1.0 - sum(chances.values())
    for last in (0.0, 1.0, 2.0, 3.0):
        found = choice.vote_chances(
            *(np.array([x]) for x in (lean, severity, width)), habit=np.array([habit]), last=np.array([last])
        )
        for code, chance in zip((1.0, 2.0, 3.0), found, strict=True):
            told = chances[code] if last == 0.0 else habit * (last == code) + (1.0 - habit) * chances[code]
            assert chance == pytest.approx(told)


def test_a_hazard_of_no_rate_is_none():
    lean, reference, slope, rate = (np.array([x]) for x in (3.0, 0.0, 1.0, 0.0))
    none = choice.sanctions_hazard(lean, reference, slope, choice.monthly_log_odds(rate))
    assert none == 0.0


def test_a_fixed_contract_does_not_move_and_another_follows_oil():
    asked = [np.array([3.0, 3.0]), np.array([80.0, 80.0]), np.array([1.0, 0.0]), np.array([270.0, 270.0])]
    assert energy.contract_price(*asked).tolist() == [270.0, 240.0]


def test_prices_move_a_share_of_the_gap_and_by_shocks_that_go_together():
    process = PriceProcess((5.5, 4.3), (0.1, 0.2), (0.3, 0.4), 0.6, 5.0, 95)
    gas, brent = process.step(np.array([6.0]), np.array([4.0]), (np.array([1.5]), np.array([-0.5])))
    assert gas == pytest.approx(6.0 + 0.1 * (5.5 - 6.0) + 0.3 * 1.5)
    assert brent == pytest.approx(4.0 + 0.2 * (4.3 - 4.0) + 0.4 * (0.6 * 1.5 + 0.8 * -0.5))
    ahead = list(process.median_path(1, np.array([4.0, 4.1]), 4))
    for h, price in enumerate(ahead):
        assert price == pytest.approx(np.exp(4.3 + 0.8**h * (np.array([4.0, 4.1]) - 4.3)))


def test_posture_at_every_edge():
    cases = {  # sanctions, issued, joined, with Russia, votes: posture
        (1.0, 0.0, 0.0, 0.0, 0.0): choice.OPPONENT,
        (0.0, 5.0, 2.5, 0.0, 4.0): choice.OPPONENT,
        (0.0, 5.0, 2.0, 2.0, 4.0): choice.BALANCER,
        (0.0, 4.0, 4.0, 0.0, 4.0): choice.BALANCER,
        (0.0, 19.0, 1.0, 2.0, 4.0): choice.ALLY,
        (0.0, 19.0, 2.0, 2.0, 4.0): choice.BALANCER,
        (0.0, 20.0, 1.0, 2.0, 4.0): choice.ALLY,
        (0.0, 20.0, 2.0, 2.0, 4.0): choice.BALANCER,
        (0.0, 40.0, 3.0, 1.0, 4.0): choice.BALANCER,
        (0.0, 0.0, 0.0, 0.0, 0.0): choice.ALLY,
    }
    for case, code in cases.items():
        assert choice.classify(*(np.array([x]) for x in case)) == code, case
