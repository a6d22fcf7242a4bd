"""Each incentive can be switched off, as a belief: its term is exactly 0, and nobody else's luck moves."""

from dataclasses import replace
from datetime import date
from functools import lru_cache

import numpy as np
import pytest

from sim.forecasting.ensemble import simulate_block
from sim.parameters.priors import Prior
from sim.record.observations import Record
from sim.scenario import Belief, read_scenario
from sim.world.facts import gather
from sim.world.incentives import LEDGER

SPEC = replace(read_scenario("march-2023"), until=date(2025, 12, 31), questions=())
FACTS = gather(Record.load(), SPEC.as_of)
OFF = Belief(prior=Prior("value", (0.0,)), source="test")
MEMBERS = 40

# what no lean of Serbia's can move: prices, the war, what is issued and put to the vote, elections, chance
OUTSIDE = (
    "market_price",
    "brent",
    "war",
    "issued_russia",
    "issued_other",
    "votes",
    "election",
    "coalition_change",
    "baseline_lean",
    "join_other",
    "joined_other",
)
# what it reaches only by the outlets that a displeased Moscow launches
BY_OUTLETS = ("eu_support", "russia_affinity", "media_effort")


@lru_cache(maxsize=1)
def plain():
    return simulate_block(SPEC, luck=np.arange(MEMBERS), facts=FACTS)


def without(*terms):
    off = {f"{term}_weight": OFF for term in terms}
    return simulate_block(replace(SPEC, parameters=off), luck=np.arange(MEMBERS), facts=FACTS)


@pytest.mark.parametrize("term", LEDGER)
def test_an_incentive_switched_off_adds_exactly_nothing_and_disturbs_no_luck(term):
    before, after = plain(), without(term)
    assert (after.values[f"ledger_{term}"] == 0.0).all()
    assert (before.values[f"ledger_{term}"] != 0.0).any(axis=1).mean() > 0.9
    assert not np.array_equal(after.values["lean"], before.values["lean"])
    for name in OUTSIDE:
        np.testing.assert_array_equal(after.values[name], before.values[name], err_msg=name)
    same = (after.values["media_launched"] == before.values["media_launched"]).all(axis=1)
    assert same.mean() > 0.8
    for name in BY_OUTLETS:
        np.testing.assert_array_equal(after.values[name][same], before.values[name][same], err_msg=name)
    assert after.parameters.keys() == before.parameters.keys()
    for name, drawn in before.parameters.items():
        if name != f"{term}_weight":
            np.testing.assert_array_equal(after.parameters[name], drawn, err_msg=name)


def test_with_all_switched_off_the_lean_is_the_coalitions_and_noise_alone():
    off = without(*LEDGER).values
    assert all((off[f"ledger_{term}"] == 0.0).all() for term in LEDGER)
    assert all(np.isfinite(off[name]).all() for name in ("lean", "displeasure", "belief", "arms"))
    # no term, no pull: what remains reverts to the baseline
    gap = off["lean"][:, :-1] - off["baseline_lean"][:, 1:]
    step = np.diff(off["lean"], axis=1)
    assert np.corrcoef(gap.ravel(), step.ravel())[0, 1] < -0.2


@pytest.mark.parametrize("term", LEDGER)
def test_a_term_is_its_weight_times_what_moved_since_january_2012(term):
    weight = f"{term}_weight"
    drawn = plain().parameters[weight][:3]
    more = replace(SPEC, parameters={weight: Belief(prior=Prior("value", (2.0,)), source="test")})
    found = simulate_block(more, luck=np.arange(3), facts=FACTS).values[f"ledger_{term}"]
    assert (found[:, 0] == 0.0).all(), "January 2012 is the reference"
    # in the second month nothing has fed back yet: the term is linear in its weight
    np.testing.assert_allclose(
        found[:, 1] * drawn / 2.0, plain().values[f"ledger_{term}"][:3, 1], rtol=1e-5, atol=1e-9
    )
