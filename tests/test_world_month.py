"""One month of the whole world, all else held: each incentive moves Serbia its way, and by its own term."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from sim.model.alignment import AlignmentModel
from sim.model.conditions import Interventions
from sim.parameters.table import parameter_table
from sim.record.country import states
from sim.record.observations import Record
from sim.scenario import Change, Event, read_scenario
from sim.world.facts import gather
from sim.world.incentives import LEDGER

SPEC = read_scenario("march-2023")
FACTS = gather(Record.load(), SPEC.as_of)
MEMBERS = 30
SHARES = st.floats(0.0, 1.0)
ROUNDING = 1e-12


class World:
    """A world that stands before its first simulated month, and can be put back there."""

    def __init__(self):
        self.model = AlignmentModel(SPEC, seed=1, members=MEMBERS, facts=FACTS)
        while self.model.tick < SPEC.first_month - 1:
            self.model.step()
        self.start = [dict(entity.states()) for entity in self.model.entities]

    def live(self, months, states=(), **held):
        """Return the model after some months in which these quantities are held, and at first these states."""
        for entity, states_then in zip(self.model.entities, self.start, strict=True):
            for name, values in states_then.items():
                setattr(entity, name, values)
        for entity, name, value in states:
            holder = getattr(self.model, entity)
            setattr(holder, name, np.full_like(getattr(holder, name), value))
        changes = tuple(Change(quantity=name, how="set", value=value) for name, value in held.items())
        events = [Event(date=SPEC.as_of, changes=changes, source="test")] if held else []
        self.model.interventions = Interventions(events)
        self.model.tick = SPEC.first_month - 1
        for _ in range(months):
            self.model.step()
        return self.model


@pytest.fixture(scope="module")
def world():
    return World()


def pair(values):
    """Return a strategy of two values, the smaller first."""
    return st.tuples(values, values).map(sorted)


# quantity, its values, the ledger terms that it enters, which way more of it moves Serbia, and what is held meanwhile
MOVES = [
    ("credibility", SHARES, ("accession",), 1.0, {}),
    ("pressure", SHARES, ("pressure",), 1.0, {}),
    ("gas_discount", st.floats(-2.0, 1.0), ("gas", "retaliation"), -1.0, {}),
    ("normalisation", SHARES, ("kosovo", "retaliation"), 1.0, {}),
    ("veto_resolve", SHARES, ("kosovo", "retaliation"), -1.0, {}),
    ("displeasure", SHARES, ("retaliation",), -1.0, {}),
    ("arms", st.floats(0.0, 300.0), ("arms",), 1.0, {}),
]

SWITCHED_OFF = {
    "accession": set(),
    "pressure": set(),
    "gas": set(),
    "kosovo": {"moldova", "north-macedonia"},
    "public": set(),
    "arms": {"moldova", "north-macedonia"},
    "retaliation": set(),
}
"""Of every incentive, the states that lack it and say so by a weight of nothing."""


def seen(model, *names):
    return {name: getattr(model.between, name) for name in names}


def test_every_incentive_is_moved_by_one_of_these_tests():
    assert {term for move in MOVES for term in move[2]} | {"public"} == set(LEDGER)


def test_every_incentive_is_at_work_in_a_state_or_switched_off_there():
    found = {term: set() for term in LEDGER}
    for state in states():
        for term in LEDGER:
            if not parameter_table(state)[f"{term}_weight"].draw(np.array([0.05, 0.95])).any():
                found[term].add(state)
    assert found == SWITCHED_OFF, "look at every state: does it have this incentive?"


@pytest.mark.parametrize("move", MOVES, ids=[move[0] for move in MOVES])
@settings(max_examples=25)
@given(data=st.data())
def test_each_incentive_moves_lean_and_next_months_chance_of_sanctions_its_way(world, move, data):
    quantity, values, terms, sign, held = move
    low, high = data.draw(pair(values))
    found = []
    for value in (low, high):
        first = seen(world.live(1, **held, **{quantity: value}), "lean", "sanctions_chance", "sanctions")
        ledger = world.model.between.ledger_terms
        world.model.step()
        found.append((first, ledger, world.model.between.sanctions_chance))
    (before, ledger, chance), (after, other_ledger, other_chance) = found
    # what is weighed this month was decided on the lean of the last: sanctions wait a month
    for name in ("sanctions_chance", "sanctions"):
        np.testing.assert_array_equal(before[name], after[name])
    assert (sign * (after["lean"] - before["lean"]) >= -ROUNDING).all()
    assert (sign * (other_chance - chance) >= -ROUNDING).all()
    for term in LEDGER:
        moved = sign * (other_ledger[f"ledger_{term}"] - ledger[f"ledger_{term}"])
        assert (moved >= -ROUNDING).all() if term in terms else (moved == 0.0).all(), term


@pytest.mark.parametrize(
    ("quantity", "low", "high", "sign"),
    [
        ("credibility", 0.1, 0.9, 1.0),
        ("pressure", 0.0, 1.0, 1.0),
        ("gas_discount", -0.2, 0.6, -1.0),
        ("normalisation", 0.0, 1.0, 1.0),
        ("veto_resolve", 0.0, 1.0, -1.0),
        ("displeasure", 0.0, 1.0, -1.0),
        ("arms", 0.0, 50.0, 1.0),
    ],
)
def test_a_large_move_is_felt_by_every_member_that_could_still_decide(world, quantity, low, high, sign):
    chances = [world.live(2, **{quantity: value}).between.sanctions_chance for value in (low, high)]
    open_choice = (chances[0] > 0.0) & (chances[1] > 0.0)
    assert open_choice.sum() > 0.9 * MEMBERS
    assert (sign * (chances[1] - chances[0])[open_choice] > 0.0).all()


@settings(max_examples=25)
@given(effort=pair(st.floats(0.0, 10.0)))
def test_a_curbed_medium_never_lowers_support_the_public_term_or_the_chance_of_sanctions(world, effort):
    # voters hear it in the first month, Belgrade reads them in the second and acts on it in the third
    found = []
    for value in effort:
        model = world.live(2, media_effort=value)
        opinion, public = (
            (model.eu_support(), model.russia_affinity()),
            model.between.ledger_terms["ledger_public"],
        )
        model.step()
        found.append((*opinion, public, model.between.sanctions_chance))
    (support, affinity, public, chance), (louder, warmer, less_public, smaller) = found
    assert (support >= louder - ROUNDING).all()
    assert (affinity <= warmer + ROUNDING).all()
    assert (public >= less_public - ROUNDING).all()
    assert (chance >= smaller - ROUNDING).all()
    if effort[1] - effort[0] > 0.1:
        assert (support > louder).all()


@pytest.mark.parametrize("report", [1, 2])
def test_a_report_raises_what_moscow_believes_and_with_silence_its_displeasure(world, report):
    quiet = world.live(1, arms_report=0)
    before, displeased = quiet.patron.belief, quiet.patron.displeasure
    assert (quiet.patron.statement == 0.0).all()
    assert (quiet.arms_trade.denied == 0.0).all()
    loud = world.live(1, arms_report=report)
    assert (loud.patron.statement_belief > before).all()
    silent = loud.arms_trade.denied == 0.0
    assert (loud.patron.belief[silent] > before[silent]).all()
    assert (loud.patron.displeasure[silent] >= displeased[silent]).all()
    assert (loud.patron.belief[~silent] < loud.patron.statement_belief[~silent]).all()
    assert 0 < silent.sum() < MEMBERS


@settings(max_examples=25)
@given(left=pair(SHARES))
def test_the_less_deniability_is_left_the_more_a_reported_month_leaves_believed(world, left):
    found = []
    for deniability in left:
        model = world.live(1, [("arms_trade", "deniability", deniability)], arms_report=2)
        found.append((model.patron.statement_belief, model.arms_trade.denied, model.patron.belief))
    (heard, denied, belief), (same, denied_more, belief_less) = found
    np.testing.assert_array_equal(heard, same)
    assert (denied <= denied_more).all()
    assert (belief >= belief_less - ROUNDING).all()


@pytest.mark.parametrize("since", [0.0, 10.0, 11.0, 12.0, 99.0])
def test_documents_expose_a_denial_of_the_last_twelve_months_and_no_older_one(world, since):
    at_first = [("arms_trade", "deniability", 0.5), ("arms_trade", "since_denial", since)]
    left = {kind: world.live(1, at_first, arms_report=kind).arms_trade.deniability for kind in (0, 1, 2)}
    assert (left[0] >= 0.5).all()
    assert (left[1] >= 0.5).all()
    assert (left[2] < 0.5).all() if since < 12.0 else (left[2] >= 0.5).all()


@settings(max_examples=25)
@given(displeasure=pair(SHARES))
def test_a_contract_that_ends_is_settled_no_better_by_an_angrier_moscow(world, displeasure):
    ended = [("contract", "contract_end", SPEC.first_month - 1.0)]
    offers = []
    for value in displeasure:
        contract = world.live(1, ended, displeasure=value).contract
        settled = np.where(contract.lapsed > 0.0, 3.0, contract.renewed)
        assert np.isin(settled, (1.0, 2.0, 3.0)).all()
        ends = {1.0: SPEC.first_month + 35.0, 2.0: SPEC.first_month + 5.0, 3.0: SPEC.first_month - 1.0}
        assert contract.contract_end.tolist() == [ends[how] for how in settled]
        offers.append(settled)
    assert (offers[0] <= offers[1]).all()


@pytest.mark.parametrize(
    "less_and_more",
    [
        ([("conduct", "against_window", 0.0)], [("conduct", "against_window", 1.0)]),
        ([("between", "sanctions", 0.0)], [("between", "sanctions", 1.0)]),
        ([("patron", "belief", -3.0)], [("patron", "belief", 3.0)]),
    ],
    ids=["votes against it", "sanctions", "belief"],
)
def test_each_cause_displeases_moscow(world, less_and_more):
    texts = [("conduct", "votes_window", 1.0)]
    calm, angry = (world.live(1, texts + states).patron.displeasure for states in less_and_more)
    assert (angry > calm).all()


def test_a_pleased_moscow_trades_no_veto_and_a_trade_costs_its_price(world):
    keeps, trades = (
        (patron.veto_traded, patron.veto_logit)
        for patron in (
            world.live(1, displeasure=anger, veto_standing=0.0, veto_precision=50.0).patron
            for anger in (0.0, 1.0)
        )
    )
    assert (keeps[0] == 0.0).all()
    assert 0.2 < trades[0].mean() < 0.8, "with no standing to lose an angry Moscow does not care which"
    np.testing.assert_allclose(keeps[1] - trades[1], trades[0] * world.model.parameters["veto_price"])


# what is chosen, what makes it an open question, what it is weighed by, its values, and which way more of it moves it
WEIGHED = [
    (("arms_trade", "let_through"), {}, "displeasure", SHARES, -1.0),
    (("arms_trade", "let_through"), {"displeasure": 0.5}, "veto_resolve", SHARES, -1.0),
    (("arms_trade", "let_through"), {"displeasure": 0.5}, "gas_discount", st.floats(-2.0, 1.0), -1.0),
    (("arms_trade", "let_through"), {}, "arms_demand", st.floats(0.001, 1000.0), 1.0),
    (("contract", "signed_elsewhere"), {"diversification_cost": 0.5}, "displeasure", SHARES, 1.0),
    (
        ("contract", "signed_elsewhere"),
        {"diversification_cost": 0.5},
        "gas_discount",
        st.floats(-2.0, 1.0),
        -1.0,
    ),
    (("patron", "launched"), {"media_cost": 1.0}, "displeasure", SHARES, 1.0),
    (("patron", "veto_traded"), {"veto_standing": 0.2}, "displeasure", SHARES, 1.0),
    (("patron", "veto_traded"), {"veto_standing": 0.2}, "veto_resolve", SHARES, -1.0),
    (("patron", "veto_traded"), {"veto_standing": 0.2}, "normalisation", SHARES, 1.0),
]


@pytest.mark.parametrize("case", WEIGHED, ids=[f"{case[0][1]}-{case[2]}" for case in WEIGHED])
@settings(max_examples=15)
@given(data=st.data())
def test_with_the_same_luck_each_reason_moves_a_choice_its_way_or_not_at_all(world, case, data):
    (entity, state), held, quantity, values, sign = case
    pipe = [("contract", "interconnector", 1.0)]
    made = [
        getattr(getattr(world.live(1, pipe, **held, **{quantity: value}), entity), state)
        for value in data.draw(pair(values))
    ]
    assert np.isin(made, (0.0, 1.0)).all()
    assert (sign * (made[1] - made[0]) >= 0.0).all()


@pytest.mark.parametrize("case", WEIGHED, ids=[f"{case[0][1]}-{case[2]}" for case in WEIGHED])
def test_a_large_reason_moves_the_choice_of_some_member(world, case):
    (entity, state), held, quantity, _, sign = case
    ends = {"gas_discount": (-2.0, 1.0), "arms_demand": (0.1, 100.0)}.get(quantity, (0.0, 1.0))
    pipe = [("contract", "interconnector", 1.0)]
    low, high = (
        getattr(getattr(world.live(1, pipe, **held, **{quantity: value}), entity), state).sum()
        for value in ends
    )
    assert sign * (high - low) > 0.0


@settings(max_examples=15)
@given(left=pair(st.integers(-12, 40)))
def test_a_contract_that_ends_sooner_never_makes_belgrade_look_elsewhere_less(world, left):
    signed = []
    for months in left:
        at_first = [
            ("contract", "interconnector", 1.0),
            ("contract", "contract_end", SPEC.first_month + max(months, 0)),
        ]
        held = {"diversification_cost": 0.5, "gas_discount": 0.0}
        signed.append(world.live(1, at_first, **held).contract.signed_elsewhere)
    assert (signed[0] >= signed[1]).all()


def test_without_the_interconnector_nothing_is_signed_elsewhere(world):
    shut = [("contract", "interconnector", 0.0)]
    assert (world.live(1, shut, diversification_cost=0.0).contract.signed_elsewhere == 0.0).all()


def test_what_is_held_back_draws_near_to_a_trickle_and_what_is_let_through_to_all_there_is(world):
    for caution, share in ((50.0, "arms_trickle"), (0.0, None)):
        model = world.live(1, displeasure=1.0, arms_caution=caution, arms_precision=50.0)
        p = model.parameters
        level = np.log(p["arms_demand"] * (1.0 if share is None else p[share]))
        before = np.abs(model.arms_trade.log_arms - level)
        assert (model.arms_trade.let_through == (0.0 if share else 1.0)).mean() > 0.9
        kept = model.arms_trade.let_through
        model.step()
        same = model.arms_trade.let_through == kept
        after = np.abs(model.arms_trade.log_arms - level)
        settled = same & (kept == (0.0 if share else 1.0))
        np.testing.assert_allclose(after[settled], (before * (1.0 - p["arms_pull"]))[settled], atol=1e-9)


@pytest.mark.parametrize("reward", ["credibility", "pressure"])
def test_a_round_on_kosovo_goes_no_worse_for_reward_or_pressure(world, reward):
    steps = [
        world.live(1, dialogue_rate=1.0, dialogue_gain=5.0, **{reward: value}).dialogue.step
        for value in (0.0, 1.0)
    ]
    assert set(steps[0]) | set(steps[1]) == {-1.0, 1.0}
    assert (steps[0] <= steps[1]).all()
    assert (steps[0] < steps[1]).any()


def test_the_month_put_back_is_the_month_lived(world):
    again = AlignmentModel(SPEC, seed=1, members=MEMBERS, facts=FACTS)
    while again.tick < SPEC.first_month + 1:
        again.step()
    np.testing.assert_array_equal(world.live(2).between.lean, again.between.lean)
