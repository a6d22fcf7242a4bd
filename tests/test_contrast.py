"""Two runs compared: what an assumption changes, and nothing else."""

import dataclasses
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sim import Contrast, contrast, forecast, read_scenario
from sim.contrasts import ContrastError, differences
from sim.contrasts.assumptions import assumed, beliefs_apart, first_month_apart
from sim.forecasting.samples import pool_of
from sim.parameters.priors import Prior
from sim.quantities.catalogue import askable
from sim.runs.members import at
from sim.scenario import Belief, Change, Event, with_settings

MEMBERS = 60
MARCH = read_scenario("march-2023")
FREE = Event(
    date=date(2024, 6, 1), changes=(Change(quantity="gas_discount", how="set", value=0.9),), source="test"
)


def made(scenario, **options):
    return forecast(scenario, save=False, **({"members": MEMBERS, "learning_seed": 1} | options))


def departing(*events, **updates):
    return replace(MARCH, name="departure", events=(*MARCH.events, *events), **updates)


@pytest.fixture(scope="module")
def march():
    return made(MARCH)


@pytest.fixture(scope="module")
def freed():
    return made(departing(FREE))


@pytest.fixture(scope="module")
def found(freed, march):
    return contrast(freed, march)


def test_identical_scenarios_differ_by_exactly_zero(march):
    twin = contrast(made(departing()), march)
    assert len(twin.questions) == len(MARCH.questions)
    for item in twin.differences:
        assert (item.difference, item.low, item.high, item.discordant) == (0.0, 0.0, 0.0, 0), item.name
        assert item.value == item.baseline
        assert item.verdict == "same"
        assert item.variance_ratio in (0.0, None)
    assert (twin.assumed, twin.beliefs, twin.first_month) == ((), (), None)


def test_a_change_is_exactly_zero_before_its_month(found):
    before = [item for item in found.differences if item.date < FREE.date]
    after = [item for item in found.differences if item.date > FREE.date]
    assert {item.kind for item in before} == {"question", "outcome"}
    assert all((i.difference, i.low, i.high, i.verdict) == (0.0, 0.0, 0.0, "same") for i in before)
    lean = next(item for item in after if item.name == "lean")
    assert lean.difference < 0.0, "free gas holds Serbia back"
    sold = next(i for i in after if i.name == "gas_discount" and i.date == date(2024, 12, 31))
    assert sold.value == pytest.approx(0.9)


def test_the_differences_are_those_of_the_members(found, freed, march):
    end = MARCH.last_month
    leans = [at(run.data, "lean", end).astype(float) for run in (freed, march)]
    lean = next(i for i in found.outcomes if i.name == "lean" and i.date == MARCH.until)
    assert lean.difference == pytest.approx((leans[0] - leans[1]).mean())
    assert (lean.value, lean.baseline) == (pytest.approx(leans[0].mean()), pytest.approx(leans[1].mean()))
    for question in found.questions:
        rows = [next(r for r in run.table("questions") if r["id"] == question.name) for run in (freed, march)]
        told = [row["probability"] for row in rows]
        assert (question.value, question.baseline) == pytest.approx(tuple(told), abs=1e-5)


def test_every_outcome_stands_at_each_years_end(found):
    for end in (date(2023, 12, 31), date(2024, 12, 31), date(2025, 12, 31)):
        assert {item.name for item in found.outcomes if item.date == end} == set(askable())
    assert {i.category for i in found.outcomes if i.name == "posture"} == {"ally", "balancer", "opponent"}


def test_shared_luck_narrows_the_interval(found):
    end = [item for item in found.outcomes if item.date == MARCH.until]
    ratios = {item.name: item.variance_ratio for item in end}
    assert all(
        ratios[name] < 0.5 for name in ("lean", "sanctions", "pressure", "cfsp_alignment", "un_position")
    )
    lean = next(item for item in end if item.name == "lean")
    members_alone = (lean.high - lean.low) ** 2 / lean.unpaired_width**2
    assert members_alone > lean.variance_ratio, "the interval holds the filter's part too"
    assert members_alone < 8.0 * lean.variance_ratio


def test_the_direction_turns_with_the_order(found, freed, march):
    turned = contrast(march, freed)
    for item, mirrored in zip(found.differences, turned.differences, strict=True):
        assert mirrored.difference == -item.difference
        assert (mirrored.low, mirrored.high) == pytest.approx((-item.high, -item.low))
    assert turned.assumed == ("not from 2024-06: gas_discount = 0.9",)


def test_the_shorter_horizon_counts(march):
    spring = made(departing(until=date(2024, 4, 30), questions=MARCH.questions[4:5]))
    short = contrast(spring, march)
    assert short.until == contrast(march, spring).until == date(2024, 4, 30)
    assert sorted({item.date for item in short.outcomes}) == [date(2023, 12, 31), date(2024, 4, 30)]
    spring_end = {item.name for item in short.outcomes if item.date == short.until}
    assert set(askable()) - spring_end == {"cfsp_alignment", "un_position"}
    assert [item.name for item in short.questions] == ["sanctions-before-2024"]


def test_what_one_alone_asks_is_put_to_both_and_what_they_ask_otherwise_to_none(march):
    other = replace(MARCH.questions[0], equals="ally")
    reworded = replace(MARCH.questions[1], text="Between the two?")
    own = replace(MARCH.questions[2], id="of-its-own")
    asked = contrast(made(departing(questions=(other, reworded, own))), march).questions
    assert [item.name for item in asked] == [reworded.id, own.id]
    as_shipped = contrast(made(departing()), march).questions[2]
    # but for the range, since the baseline's table has no other judgement of it
    untold = {"judged_low": None, "judged_high": None, "together": asked[1].together}
    assert asked[1] == replace(as_shipped, name=own.id, **untold)
    brief = made(departing(until=date(2024, 12, 31), questions=()))
    late = replace(MARCH.questions[2], id="late", at=date(2025, 12, 31))
    assert not contrast(made(departing(questions=(late,))), brief).questions


def test_beliefs_may_differ_with_the_same_luck(unlearned):
    doubted = Belief(prior=Prior("halfnormal", (0.1,)), source="test")
    compared = contrast(made(departing(parameters={"gas_weight": doubted}), learned=False), unlearned)
    assert compared.beliefs == ("gas_weight",)
    assert compared.first_month == 0
    assert compared.assumed == ("gas_weight: halfnormal(0.1), not halfnormal(1)",)
    lean = next(item for item in compared.outcomes if item.name == "lean" and item.date == MARCH.until)
    assert lean.verdict == "higher", "gas that weighs less holds back less"
    assert lean.variance_ratio < 0.5


def test_a_belief_changed_by_a_hair_changes_nothing():
    """A belief a ten-thousandth wider changes no row beyond its own ten-thousandth, however the filter went."""
    hair = Belief(prior=Prior("halfnormal", (1.0001,)), source="test")
    enough = {
        "members": 400,
        "particles": 160,
    }  # ten on an island: of two an island's mean is no normal value
    early = {"as_of": date(2016, 1, 10), "until": date(2018, 12, 31), "questions": ()}
    doubled, plain = (
        made(spec, **enough)
        for spec in (departing(parameters={"gas_weight": hair}, **early), replace(MARCH, **early))
    )
    compared = contrast(doubled, plain)
    marked = [item for item in compared.differences if item.verdict in ("higher", "lower")]
    assert all(abs(item.difference) < 1e-3 for item in marked)
    held = [item.low <= 0.0 <= item.high for item in compared.differences]
    assert np.mean(held) > 0.7, "of ten intervals nine hold none, but rows go together"


@pytest.mark.parametrize(
    ("options", "named"),
    [({"seed": 2}, "seed: 2 against 1"), ({"members": 50}, "members: 50 against 60")],
)
def test_other_luck_or_members_are_refused(march, options, named):
    with pytest.raises(ContrastError, match=named):
        contrast(made(MARCH, **options), march)


@pytest.fixture(scope="module")
def unlearned():
    return made(MARCH, learned=False)


def test_a_run_that_learned_is_not_compared_with_one_that_did_not(march, unlearned):
    with pytest.raises(
        ContrastError, match="learned: nothing against from the record in the baseline; make both"
    ):
        contrast(unlearned, march)
    with pytest.raises(ContrastError, match="learned: from the record against nothing"):
        contrast(march, unlearned)
    assert contrast(unlearned, unlearned).members == MEMBERS


@pytest.mark.parametrize(
    ("field", "changed", "words"),
    [
        (
            "posterior",
            {"particles": 64},
            "particles: 64 against 32 in the baseline; use one number: --particles",
        ),
        (
            "posterior",
            {"seed": 2},
            "seed of learning: 2 against 1 in the baseline; use one number: --learning-seed",
        ),
        ("record", {"digest": "other"}, "use one --record for both"),
    ],
)
def test_other_learning_is_refused(march, field, changed, words):
    other = {**march.provenance, field: {**march.provenance[field], **changed}}
    with pytest.raises(ContrastError, match=words):
        contrast(dataclasses.replace(march, provenance=other), march)


def test_runs_of_two_states_are_refused_for_that_alone(march):
    macedonia = made(read_scenario("north-macedonia-2021"), members=2, learned=False)
    with pytest.raises(ContrastError) as refused:
        contrast(macedonia, march)
    told = str(refused.value).splitlines()[1:]
    assert told == ["  state: North Macedonia against Serbia in the baseline; compare runs of one state"]


def test_another_origin_other_code_and_a_single_member_are_refused(march, unlearned):
    with pytest.raises(ContrastError, match="as_of: 2023-04-01 against 2023-03-10"):
        contrast(made(departing(as_of=date(2023, 4, 1)), learned=False), unlearned)
    aged = dataclasses.replace(march, provenance={**march.provenance, "content": "other"})
    with pytest.raises(ContrastError, match="the code or the record has changed"):
        contrast(march, aged)
    alone = made(MARCH, members=1)
    with pytest.raises(ContrastError, match="two at least"):
        contrast(alone, alone)


def test_the_result_tells_of_itself(found):
    assert isinstance(found, Contrast)
    assert len(repr(found).splitlines()) == 5
    assert "from 2024-06: gas_discount = 0.9" in repr(found)
    made_of = found.provenance
    assert (made_of["members"], made_of["seed"], made_of["interval"]) == (MEMBERS, 1, 0.9)
    assert (made_of["run"]["scenario"], made_of["baseline"]["scenario"]) == ("departure", "march-2023")
    table = found.summary()
    assert len(table) == len(found.differences)
    assert {"name", "baseline", "value", "difference", "low", "high", "variance_ratio"} <= set(table.columns)
    row = table[(table["name"] == "lean") & (table["date"] == MARCH.until)].iloc[0]
    assert row["difference"] == next(i.difference for i in found.outcomes[::-1] if i.name == "lean")


def test_data_sets_can_be_compared_without_runs(found, freed, march):
    pool = pool_of(march.scenario, march.record, march.data)
    again = list(differences(freed.data, march.data, freed.scenario, march.scenario, pool))
    unjudged = [replace(item, judged_low=None, judged_high=None) for item in found.differences]
    assert again == unjudged, "the range over judgement is the runs' alone"


def test_what_sets_scenarios_apart_is_what_acts():
    assert first_month_apart(departing(FREE), MARCH) == FREE.first_month
    resourced = departing(replace(FREE, source="another"))
    assert first_month_apart(departing(FREE), resourced) is None
    assert assumed(departing(FREE), resourced) == []
    ended = replace(FREE, until=date(2025, 3, 1))
    assert first_month_apart(departing(FREE), departing(ended)) == ended.last_month + 1
    other = with_settings(MARCH, ["gas_discount=0.2"]).events[-1]
    assert first_month_apart(departing(FREE, other), departing(other, FREE)) == FREE.first_month
    late = replace(FREE, date=date(2025, 12, 1))
    assert first_month_apart(departing(late), replace(MARCH, until=date(2025, 6, 30), questions=())) is None
    table = MARCH.parameter_set()["gas_weight"].prior
    stated = departing(parameters={"gas_weight": Belief(prior=table, source="the same")})
    assert beliefs_apart(stated, MARCH) == []


def test_members_that_change_their_category_are_counted(found, freed, march):
    codes = [at(run.data, "posture", MARCH.last_month) for run in (freed, march)]
    opponent = next(i for i in found.outcomes[::-1] if (i.name, i.category) == ("posture", "opponent"))
    assert opponent.discordant == np.count_nonzero((codes[0] == 2) != (codes[1] == 2))
    assert opponent.unit == "probability"
