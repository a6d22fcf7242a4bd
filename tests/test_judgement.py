"""The range over judgement: closed forms, priors by hand, and that it is of the judgement alone."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import xarray as xr

from sim.clock import month_number
from sim.forecasting import forecast, judgement
from sim.forecasting.judgement import ranged, rate_prior, redrawn
from sim.mechanisms.conditions import FROZEN, FULL_SCALE, NONE
from sim.parameters.priors import Prior
from sim.parameters.table import alternatives
from sim.record.observations import Record, reference_class_count
from sim.record.resources import StatedFacts
from sim.scenario import Scenario, read_scenario
from sim.world.facts import gather

MARCH = read_scenario("march-2023")
RECORD = Record.load()
WAR_YEARS, UNLIKE, NOT_THE_LEAN, TWICE = alternatives()
MEMBERS = 2048


def history(*, lean=0.0, slope=0.0, rate=0.05, at_war=120, of_it_full_scale=12):
    """Return members whose past is the same: `at_war` months of measures up to the origin, lean and hazard given."""
    months = MARCH.first_month
    war = np.full(months, NONE)
    war[months - at_war :] = FROZEN
    war[months - of_it_full_scale :] = FULL_SCALE
    every = np.ones((MEMBERS, 1))
    return xr.Dataset(
        {
            "past_lean": (("past", "member"), (lean * every * np.ones(months)).T),
            "past_war": (("past", "member"), (every * war).T),
            "parameter_sanctions_rate": ("member", np.full(MEMBERS, rate)),
            "parameter_sanctions_slope": ("member", np.full(MEMBERS, slope)),
            "parameter_sanctions_reference_lean": ("member", np.zeros(MEMBERS)),
        },
        coords={"member": np.arange(MEMBERS)},
    )


@pytest.mark.parametrize("years", [2, 10])
def test_a_rate_is_drawn_given_the_years_without_sanctions(years):
    # without a slope the hazard is the rate's own; a gamma prior and no event in `years` leave a gamma posterior
    rates, slopes = redrawn(UNLIKE, history(at_war=12 * years), 1, Prior("gamma", (2.5, 20.0)))
    assert rates.mean() == pytest.approx(2.5 / (20.0 + years), rel=0.04)
    assert rates.std() == pytest.approx(2.5**0.5 / (20.0 + years), rel=0.08)
    assert (slopes == 0.0).all(), "of the slope this judgement says nothing"


def test_a_rate_is_drawn_given_when_sanctions_were_imposed():
    # one event after four years, and nothing at risk in the six after it
    imposed = MARCH.first_month - 12 * 6
    rates, _ = redrawn(UNLIKE, history(at_war=120), 1, Prior("gamma", (2.5, 20.0)), imposed)
    assert rates.mean() == pytest.approx(3.5 / 24.0, rel=0.04)
    assert rates.std() == pytest.approx(3.5**0.5 / 24.0, rel=0.08)


def test_sanctions_of_the_origins_own_month_are_not_of_the_past():
    day = date(2022, 2, 28)  # four days after North Macedonia imposed them
    spec = Scenario(
        name="since", title="Four days in", state="north-macedonia", as_of=day, until=date(2022, 12, 31)
    )
    run = forecast(spec, members=16, particles=16, save=False)
    for row in run.table("ranges"):
        assert 0.0 <= row["low"] <= row["probability"] <= row["high"] <= 1.0


def test_by_the_war_years_only_years_of_full_scale_war_count():
    prior = Prior("gamma", (2.5, 20.0))
    rates, _ = redrawn(WAR_YEARS, history(at_war=120, of_it_full_scale=12), 1, prior)
    assert rates.mean() == pytest.approx(2.5 / 21.0, rel=0.04)


def test_a_member_that_leaned_far_and_imposed_nothing_has_the_lower_slope():
    far, near = (redrawn(TWICE, history(lean=lean, rate=0.05), 1, None) for lean in (2.0, 0.0))
    assert (far[0] == 0.05).all(), "of the rate this judgement says nothing"
    assert far[1].mean() < 0.8 * near[1].mean()
    assert np.median(near[1]) == pytest.approx(2.0, rel=0.05), (
        "at the reference lean the past says nothing of it"
    )


def test_a_month_is_weighed_by_the_lean_of_the_month_before():
    def slope(far_in):
        lean = np.zeros(MARCH.first_month)
        lean[far_in] = 6.0
        return redrawn(TWICE, history(lean=lean, rate=0.5, at_war=1, of_it_full_scale=1), 1, None)[1].mean()

    last, before = -1, -2  # only the last month is one of war
    assert slope(before) < 0.8 * slope(last)


def test_the_priors_by_hand():
    # 02-model: 2 adoptions in about 43 state-years by 10 March 2023; all in the war, about 5 states for a year
    years = reference_class_count(MARCH.as_of).state_years
    assert 42.0 < years < 44.0
    assert rate_prior(UNLIKE.rate, MARCH.as_of, RECORD) == Prior("gamma", (0.5, years))
    in_the_war = rate_prior(WAR_YEARS.rate, MARCH.as_of, RECORD)
    shape, per = in_the_war.numbers
    assert (in_the_war.family, shape) == ("gamma", 0.5)
    assert 2.5 / 5.5 < in_the_war.centre() < 2.5 / 3.0, "Jeffreys' mean of two adoptions in these years"
    assert in_the_war.centre() == shape / per
    assert rate_prior(TWICE.rate, MARCH.as_of, RECORD) is None
    assert TWICE.slope == Prior("lognormal", (2.0, 0.5))
    assert NOT_THE_LEAN.slope == Prior("value", (0.0,))


def test_before_the_full_scale_war_its_years_say_nothing():
    assert rate_prior(WAR_YEARS.rate, date(2021, 12, 31), RECORD) is None


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    short = replace(MARCH, until=date(2024, 12, 31), questions=MARCH.questions[3:5])
    plain = replace(TWICE, id="the-same", slope=None)
    with pytest.MonkeyPatch.context() as patch:
        for module in ("sim.forecasting.judgement", "sim.contrasts.making"):
            patch.setattr(f"{module}.alternatives", lambda _: (plain, WAR_YEARS, UNLIKE))
        yield forecast(short, members=512, save=False, output=tmp_path_factory.mktemp("judged"))


@pytest.mark.parametrize("table", ["questions", "ranges"])
def test_a_judgement_that_is_the_models_own_changes_nothing(learned, table):
    for row in learned.table(table):
        assert row["the-same"] == row["probability"]
        shares = [row[name] for name in ("probability", "the-same", "war-years", "unlike-the-others")]
        assert (row["low"], row["high"]) == (min(shares), max(shares))


def test_members_live_again_by_the_facts_of_the_record_that_is_given(learned, monkeypatch):
    day = date(2022, 5, 1)
    assert gather(RECORD, MARCH.as_of).turn("denial", month_number(day)) == 0
    row = {"date": day, "kind": "denial", "value": 1, "known_on": day}
    record = RECORD.with_facts(StatedFacts(rows={"turns": (row,)}))
    seen = []

    def simulate(*_, members, facts, **__):
        seen.append(facts)
        return learned.data.isel(member=slice(members))

    monkeypatch.setattr(judgement, "simulate", simulate)
    ranged(learned.data, learned.scenario, seed=1, record=record)
    assert {facts.turn("denial", month_number(day)) for facts in seen} == {1}


def test_years_of_war_raise_the_chance_of_sanctions_and_none_of_the_adoptions_lowers_it(learned):
    for row in learned.table("questions"):
        assert row["unlike-the-others"] < row["probability"] < row["war-years"]


def test_month_by_month_the_range_is_of_the_probability_that_the_questions_ask(learned):
    rows = {(r["target"], r["category"], r["date"]): r for r in learned.table("ranges")}
    asked = {row["id"]: row for row in learned.table("questions")}
    for identity, day in (
        ("sanctions-before-2025", date(2024, 12, 31)),
        ("sanctions-before-2024", date(2023, 12, 31)),
    ):
        by_then = rows["sanctions", "imposed", day]
        for column in ("probability", "mcse", "low", "high"):
            assert by_then[column] == asked[identity][column]
    whole = [
        rows["posture", name, date(2024, 12, 31)]["probability"] for name in ("ally", "balancer", "opponent")
    ]
    assert sum(whole) == pytest.approx(1.0)


def test_a_difference_has_a_range_over_what_is_held_in_both_runs(learned, tmp_path):
    from sim.contrasts import contrast
    from sim.scenario import with_settings

    warmer = with_settings(learned.scenario, ["pressure=1.0"])
    other = forecast(warmer, members=512, save=False, output=tmp_path)
    sides = [{row["id"]: row for row in run.table("questions")} for run in (other, learned)]
    for item in contrast(other, learned).questions:
        ours, theirs = (side[item.name] for side in sides)
        under = [ours[n] - theirs[n] for n in ("probability", "the-same", "war-years", "unlike-the-others")]
        assert (item.judged_low, item.judged_high) == (min(under), max(under))
        # the table's shares are rounded, the difference is not
        assert item.judged_low - 1e-9 <= item.difference <= item.judged_high + 1e-9
    rest = [item for item in contrast(other, learned).outcomes if item.name not in ("sanctions", "posture")]
    assert {(item.judged_low, item.judged_high) for item in rest} == {(None, None)}
