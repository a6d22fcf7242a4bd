"""A run's pooled forecast: rows and answers of its own, half the model's and half the rival's; none of what-ifs."""

from datetime import date

import numpy as np
import pytest

from sim.forecasting import answer, forecast, forecast_rows, samples
from sim.forecasting.ensemble import simulate
from sim.forecasting.questions import came_true, came_true_pooled
from sim.forecasting.samples import Pool, pool_of
from sim.record.cases import FIGURES
from sim.record.observations import Record
from sim.rivals import POOLED
from sim.scenario import Question, read_scenario

SPEC = read_scenario("march-2023")
RECORD = Record.load()
POOL = Pool(SPEC.as_of, RECORD)
ABOUT_FIGURES = {question.id for question in SPEC.questions if question.target in FIGURES}


@pytest.fixture(scope="module")
def data():
    return simulate(SPEC, members=400)


def test_the_answer_to_a_question_about_a_figure_is_half_the_rivals(data):
    for question in SPEC.questions:
        found = answer(data, question, SPEC, POOL)
        assert (found.pooled is not None) == (question.id in ABOUT_FIGURES), question.id
        assert found.probability == answer(data, question, SPEC).probability
        if found.pooled is None:
            continue
        rival = POOL.rival(question.target, question.last_month)
        theirs = np.mean(rival >= question.at_least)
        assert found.pooled == pytest.approx((found.probability + theirs) / 2.0, abs=1.0 / 400)


def test_the_table_has_rows_of_the_pooled_forecast_where_the_rival_says_something(data):
    rows = list(forecast_rows(data, SPEC, POOL))
    pooled = [row for row in rows if row.model_id == POOLED]
    assert {row.target for row in pooled} == set(FIGURES)
    assert [row for row in rows if row.model_id == "model"] == list(forecast_rows(data, SPEC))
    assert {(row.target_end_date.month, row.target_end_date.day) for row in pooled} == {(6, 30), (12, 31)}
    counts = [row for row in pooled if row.target == "chapters_opened" and row.output_type == "pmf"]
    for day in {row.target_end_date for row in counts}:
        assert sum(row.value for row in counts if row.target_end_date == day) == pytest.approx(1.0)


def test_quantiles_of_the_pooled_rows_are_those_of_the_moved_members(data):
    rows = [
        row
        for row in forecast_rows(data, SPEC, POOL)
        if (row.model_id, row.target, row.output_type) == (POOLED, "un_position", "median")
    ]
    assert [row.target_end_date.year for row in rows] == [2023, 2024, 2025]
    (moved,) = POOL.by_month(data, "un_position", [155])
    assert rows[1].value == pytest.approx(np.median(moved))
    own = samples(data, "un_position", 155)
    assert np.corrcoef(np.argsort(np.argsort(own)), np.argsort(np.argsort(moved)))[0, 1] > 0.99


def test_a_rival_knows_nothing_of_what_is_assumed_and_so_a_what_if_is_not_pooled_by_itself():
    assert pool_of(SPEC, RECORD) == POOL
    assert pool_of(read_scenario("discount-withdrawn"), RECORD) is None


def test_nothing_is_pooled_where_nothing_was_known(data):
    early = Pool(date(2012, 3, 1), RECORD)
    question = next(q for q in SPEC.questions if q.target == "un_position")
    assert came_true_pooled(data, question, SPEC, early) is None


def test_a_run_keeps_the_pooled_answers(tmp_path):
    run = forecast(SPEC, members=60, learned=False, output=tmp_path)
    rows = {row["id"]: row for row in run.table("questions")}
    assert {name for name, row in rows.items() if row["pooled"] is not None} == ABOUT_FIGURES
    assert {row["model_id"] for row in run.table("forecast")} == {"model", POOLED}


def test_members_that_an_assumption_does_not_move_are_not_moved_in_the_pooled_forecast(data):
    """A baseline's mapping serves both runs: a question's pairs differ only where members' figures do."""
    question = Question(
        id="q", text="?", resolution="a test", target="eu_support", at=date(2024, 12, 31), at_least=0.5
    )
    other = data.copy(deep=True)
    figures = other["eu_support_published"]
    figures[:40] = np.clip(figures[:40] + 0.05, 0.0, 1.0)
    pool = Pool(SPEC.as_of, RECORD, baseline=data)
    hits, before = (came_true(side, question, SPEC, pool.by_month) for side in (other, data))
    assert np.array_equal(hits[40:], before[40:])
    assert (hits >= before).all()
    assert np.array_equal(before, came_true(data, question, SPEC, POOL.by_month))
