"""Voters over the years: media, the war, and nothing that Belgrade does but by way of Russia's outlets."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sim.clock import month_number
from sim.forecasting.ensemble import simulate_block
from sim.parameters.priors import Prior
from sim.record.observations import Record
from sim.scenario import Belief, Change, Event, read_scenario
from sim.world.facts import gather

SPEC = replace(read_scenario("march-2023"), until=date(2027, 12, 31), questions=())
FACTS = gather(Record.load(), SPEC.as_of)
MEMBERS = 60
WAR, LAUNCH = month_number(date(2022, 2, 1)), month_number(date(2022, 11, 1))
ROUNDING = 1e-6


def lived(*changes, **believed):
    made = tuple(Change(quantity=name, how="set", value=value) for name, value in changes)
    events = (Event(date=SPEC.as_of, changes=made, source="test"),) if made else ()
    beliefs = {
        name: Belief(prior=Prior("value", (value,)), source="test") for name, value in believed.items()
    }
    spec = replace(SPEC, events=events, parameters=beliefs)
    return simulate_block(spec, luck=np.arange(MEMBERS), facts=FACTS).values


def test_silence_of_russias_media_never_lowers_eu_support_in_any_month():
    silent, loud = lived(("media_effort", 0.0)), lived(("media_effort", 3.0))
    assert (silent["eu_support"] >= loud["eu_support"] - ROUNDING).all()
    assert (silent["russia_affinity"] <= loud["russia_affinity"] + ROUNDING).all()
    assert (silent["eu_support"][:, -1] > loud["eu_support"][:, -1]).mean() > 0.95
    assert (silent["ledger_public"] >= loud["ledger_public"] - ROUNDING).all()


def test_a_new_outlet_is_heard_from_its_month_on_and_nothing_before():
    without, with_it = lived(media_launch=0.0), lived(media_launch=1.0)
    np.testing.assert_array_equal(without["media_effort"][:, :LAUNCH], with_it["media_effort"][:, :LAUNCH])
    launched = np.cumsum(with_it["media_launched"], axis=1)
    assert (launched[:, :LAUNCH] == 0.0).all()
    assert (launched[:, LAUNCH : SPEC.first_month] == 1.0).all()
    assert launched[:, -1].max() > 1.0
    np.testing.assert_allclose(np.log(with_it["media_effort"] / without["media_effort"]), launched, atol=1e-4)
    assert (with_it["eu_support"][:, LAUNCH:] <= without["eu_support"][:, LAUNCH:] + ROUNDING).all()


@pytest.mark.parametrize(
    ("shock", "opinion"), [("war_shock_support", "eu_support"), ("war_shock_affinity", "russia_affinity")]
)
def test_the_war_shocks_an_opinion_once_in_the_month_it_begins(shock, opinion):
    calm, moved = (
        lived(**{shock: value}, support_pull=0.0, affinity_pull=0.0)[opinion] for value in (0.0, 0.5)
    )
    np.testing.assert_array_equal(calm[:, :WAR], moved[:, :WAR])
    # blocs differ, so the jump of their mean is below that of each, mostly a little; nothing takes it back or adds
    jump = np.log(moved / (1 - moved)) - np.log(calm / (1 - calm))
    assert (jump[:, WAR:] > 0.2).all()
    assert np.median(jump[:, WAR:]) > 0.4
    assert (jump[:, WAR:] < 0.501).all()


def test_nothing_that_serbia_does_moves_its_voters_but_by_russias_outlets():
    done = (("sanctions", 1.0), ("arms", 100.0), ("displeasure", 1.0))
    plain, other = lived(), lived(*done)
    assert other["media_launched"].sum() > plain["media_launched"].sum()
    same = (plain["media_launched"] == other["media_launched"]).all(axis=1)
    unheard, still_unheard = lived(media_launch=0.0), lived(*done, media_launch=0.0)
    for name in ("eu_support", "russia_affinity", "media_effort"):
        np.testing.assert_array_equal(plain[name][same], other[name][same])
        np.testing.assert_array_equal(unheard[name], still_unheard[name])
    assert not np.array_equal(plain["eu_support"], other["eu_support"])
