"""Questions against a count by hand, their Monte Carlo error against repeated seeds, and the year already begun."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sim.clock import month_number
from sim.forecasting import answer, samples
from sim.forecasting.ensemble import simulate
from sim.scenario import Question, read_scenario

SPEC = read_scenario("march-2023")
MEMBERS = 400
DECEMBER = month_number(date(2024, 12, 1))


@pytest.fixture(scope="module")
def data():
    return simulate(SPEC, members=MEMBERS)


def asked(target, **when_and_what):
    return Question(id="q", text="?", target=target, resolution="test", **when_and_what)


def probability(data, target, **when_and_what):
    return answer(data, asked(target, **when_and_what), SPEC).probability


def column(data, name, month=DECEMBER):
    return data[name].to_numpy()[:, month].astype(float)


AT = {"at": date(2024, 12, 31)}


def test_at_looks_at_the_last_month_that_has_ended(data):
    support = column(data, "eu_support_published")
    assert probability(data, "eu_support", **AT, at_least=0.5) == (support >= 0.5).mean()
    assert probability(data, "eu_support", **AT, at_most=0.5) == (support <= 0.5).mean()
    within = (support >= 0.4) & (support <= 0.5)
    assert probability(data, "eu_support", **AT, between=(0.4, 0.5)) == within.mean()
    assert (
        probability(data, "chapters_opened", **AT, equals=22.0)
        == (column(data, "chapters_opened") == 22).mean()
    )
    assert probability(data, "chapters_opened", **AT, between=(22.0, 25.0)) == np.mean(
        np.isin(column(data, "chapters_opened"), [22, 23, 24, 25])
    )
    november = column(data, "lean", DECEMBER - 1)
    for day in (date(2024, 11, 30), date(2024, 12, 1), date(2024, 12, 30)):
        assert probability(data, "lean", at=day, at_least=0.0) == (november >= 0.0).mean()


def test_ever_by_counts_the_months_that_have_ended(data):
    def by(day):
        return probability(data, "sanctions", ever_by=day, at_least=1)

    assert by(date(2025, 1, 1)) == by(date(2024, 12, 31)) == by(date(2025, 1, 30))
    assert by(date(2024, 12, 31)) < by(date(2025, 12, 31))
    lived = data["sanctions"].to_numpy()
    assert by(date(2025, 1, 1)) == (lived[:, SPEC.first_month : DECEMBER + 1] >= 1).any(axis=1).mean()


def test_a_window_looks_at_its_own_published_figure(data):
    year = {"start": date(2024, 1, 1), "end": date(2024, 12, 31)}
    half = {"start": date(2024, 7, 1), "end": date(2024, 12, 31)}
    spring = {"start": date(2024, 1, 1), "end": date(2024, 6, 30)}
    figures = {name: column(data, f"cfsp_alignment_{name}") for name in ("year", "half")}
    assert probability(data, "cfsp_alignment", **year, at_least=0.5) == (figures["year"] >= 0.5).mean()
    assert probability(data, "cfsp_alignment", **half, at_least=0.5) == (figures["half"] >= 0.5).mean()
    june = column(data, "cfsp_alignment_half", DECEMBER - 6)
    assert probability(data, "cfsp_alignment", **spring, at_least=0.5) == (june >= 0.5).mean()
    assert (
        probability(data, "un_position", **year, at_least=0.5) == (column(data, "un_position") >= 0.5).mean()
    )


def test_ever_by_counts_every_month_from_the_origin(data):
    lean = data["lean"].to_numpy()[:, SPEC.first_month : DECEMBER + 1].astype(float)
    assert (
        probability(data, "lean", ever_by=date(2024, 12, 31), at_least=0.5)
        == (lean >= 0.5).any(axis=1).mean()
    )
    before = data["lean"].to_numpy()[:, : SPEC.first_month].astype(float)
    assert ((before >= 0.0).any(axis=1) & ~(lean >= 0.0).any(axis=1)).any(), (
        "history before the origin is left out"
    )


def test_ever_by_is_monotone_in_its_date_and_not_below_at(data):
    days = [date(2023, 3, 31), date(2023, 9, 30), date(2024, 6, 30), date(2025, 12, 31)]
    ever = [probability(data, "posture", ever_by=day, equals="ally") for day in days]
    assert ever == sorted(ever)
    assert all(
        p >= probability(data, "posture", at=day, equals="ally") for p, day in zip(ever, days, strict=True)
    )
    sanctions = [probability(data, "sanctions", ever_by=day, at_least=1.0) for day in days]
    in_force = [probability(data, "sanctions", at=day, at_least=1.0) for day in days]
    assert all(ever >= now for ever, now in zip(sanctions, in_force, strict=True)), "seldom taken back"
    assert sanctions[0] < sanctions[-1]


def test_complementary_answers_sum_to_1(data):
    postures = [probability(data, "posture", **AT, equals=name) for name in ("ally", "balancer", "opponent")]
    assert np.isclose(sum(postures), 1.0)
    for pair in (({"at_least": 23.0}, {"at_most": 22.0}), ({"equals": 22.0}, {"at_least": 23.0})):
        assert np.isclose(sum(probability(data, "chapters_opened", **AT, **part) for part in pair), 1.0)
    more, less = (probability(data, "lean", **AT, **part) for part in ({"at_least": 0.1}, {"at_most": 0.1}))
    assert np.isclose(more + less, 1.0)


def test_an_answer_without_hits_has_an_error_all_the_same(data):
    never = answer(data, asked("lean", **AT, at_least=1e6), SPEC)
    assert never.probability == 0.0
    assert 0.0 < never.mcse < 3.0 / MEMBERS
    assert (never.low, never.high, never.members) == (None, None, MEMBERS)
    half = answer(data, asked("lean", **AT, at_least=float(np.median(column(data, "lean")))), SPEC)
    np.testing.assert_allclose(half.mcse, (0.25 / MEMBERS) ** 0.5, rtol=1e-3)


def test_the_error_is_that_of_other_members():
    short = replace(SPEC, until=date(2023, 12, 31), questions=())
    question = asked("eu_support", at=date(2023, 12, 31), at_least=0.45)
    made = simulate(short, members=600)
    found = [
        answer(made.isel(member=slice(first, first + 50)), question, short) for first in range(0, 600, 50)
    ]
    ratio = np.std([one.probability for one in found], ddof=1) / np.mean([one.mcse for one in found])
    assert 0.5 < ratio < 1.7  # twelve groups: the 1 in 1000 bounds of chi over the square root of its freedom


def test_a_begun_year_stands_on_the_half_that_is_published():
    # 34 of 65 declarations joined in the first half of 2023, published by the end of August
    def year_2023(as_of):
        spec = replace(SPEC, as_of=as_of, until=date(2024, 12, 31), questions=())
        made = simulate(spec, members=MEMBERS)
        months = slice(month_number(date(2023, 7, 1)), month_number(date(2023, 12, 1)) + 1)
        issued, joined = (
            sum(made[f"{what}_{kind}"].to_numpy()[:, months].sum(axis=1) for kind in ("russia", "other"))
            for what in ("issued", "joined")
        )
        return made, samples(made, "cfsp_alignment", months.stop - 1), (joined + 34.0) / (issued + 65.0)

    october, with_half, known = year_2023(date(2023, 10, 10))
    _, without, _ = year_2023(date(2023, 3, 10))
    noise = with_half - known
    assert abs(noise.mean()) < 0.01
    assert noise.std() < 0.05  # publication noise alone, about .035
    assert with_half.std() < 0.6 * without.std()
    next_year = samples(october, "cfsp_alignment", DECEMBER)
    assert next_year.std() > 1.5 * with_half.std()
