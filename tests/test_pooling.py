"""Skill against a rival: known answers, what is pooled, and intervals that cover."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from sim.verification.pooling import ALL_TARGETS, Scores, resamples, table

ORIGINS = [date(2016 + k // 2, 1 + 6 * (k % 2), 1) for k in range(16)]


def skills(data, forecaster, rival, score):
    return Scores(data, score).skills(forecaster, rival)


def frame(scores, target="cfsp_alignment", lead=6, score="crps"):
    """Return rows of forecasters' scores, one per origin."""
    rows = [
        {
            "target": target,
            "origin": origin,
            "lead": lead,
            "start": None,
            "end": origin,
            "name": "",
            "forecaster": name,
            score: value,
        }
        for name, values in scores.items()
        for origin, value in zip(ORIGINS, values, strict=False)
    ]
    return pd.DataFrame(rows)


def draw(seed, n=16):
    return np.random.default_rng(seed).exponential(size=n)


@pytest.mark.parametrize("score", ["crps", "brier", "log_score"])
def test_the_skill_of_a_rival_against_itself_is_exactly_zero(score):
    values = draw(1)
    data = frame({"model": values, "rival": values}, score=score)
    for skill in skills(data, "model", "rival", score):
        assert (skill.skill, skill.low, skill.high) == (0.0, 0.0, 0.0)


def test_half_the_rivals_score_is_a_skill_of_one_half_whatever_is_resampled():
    data = frame({"model": 0.5 * draw(1), "rival": draw(1)})
    (one, pooled) = skills(data, "model", "rival", "crps")
    assert (one.skill, one.low, one.high) == (0.5, 0.5, 0.5)
    assert (pooled.target, pooled.skill, pooled.n) == (ALL_TARGETS, 0.5, 16)


def test_log_scores_are_compared_by_their_difference():
    data = frame({"model": draw(1) - 2.0, "rival": draw(1)}, score="log_score")
    assert skills(data, "model", "rival", "log_score")[0].skill == pytest.approx(2.0)


def test_no_target_counts_twice_because_it_has_more_rows():
    many = pd.concat(
        [frame({"model": 0.9 * draw(2), "rival": draw(2)}, lead=lead) for lead in (6, 12, 24)],
        ignore_index=True,
    )
    few = frame({"model": 0.5 * draw(3, 8), "rival": draw(3, 8)}, target="un_position")
    *_, pooled = skills(pd.concat([many, few], ignore_index=True), "model", "rival", "crps")
    assert pooled.skill == pytest.approx((0.1 + 0.5) / 2.0)
    assert pooled.n == 3 * 16 + 8


def test_a_target_and_lead_with_fewer_than_eight_outcomes_is_shown_and_not_pooled():
    enough = frame({"model": 0.9 * draw(2), "rival": draw(2)})
    short = frame({"model": 0.1 * draw(3, 7), "rival": draw(3, 7)}, target="un_position")
    lead = frame({"model": 0.1 * draw(4, 7), "rival": draw(4, 7)}, lead=24)
    one, other, pooled = skills(pd.concat([enough, short, lead], ignore_index=True), "model", "rival", "crps")
    assert (one.n, one.leads, one.pooled) == (16, (6,), True)
    assert one.skill == pytest.approx(0.1), "the lead with seven outcomes is left out"
    assert (other.n, other.pooled) == (7, False)
    assert pooled.skill == pytest.approx(0.1)


def test_only_cases_that_both_forecast_count():
    data = frame({"model": draw(1), "rival": draw(1)[:9]})
    assert skills(data, "model", "rival", "crps")[0].n == 9
    assert skills(data, "model", "nobody", "crps") == []


def test_a_rival_without_any_error_leaves_no_skill_to_state():
    data = frame({"model": draw(1), "rival": np.zeros(16)})
    assert np.isnan(skills(data, "model", "rival", "crps")[0].skill)


def test_resamples_are_blocks_of_two_consecutive_origins_and_always_the_same():
    drawn = resamples(16)
    assert drawn.shape == (2000, 16)
    assert (drawn.sum(axis=1) == 16).all()
    assert np.array_equal(drawn, resamples(16))
    # in a block the second origin is drawn as often as the first: alternating sums over all blocks are even
    assert (drawn[:, 0] <= drawn[:, 1]).all(), "the first origin never comes without the second"
    assert (drawn[:, -1] <= drawn[:, -2]).all(), "nor the last without the one before"
    assert resamples(1).sum() == 2000


def test_intervals_are_those_of_the_resampled_origins():
    model, rival = draw(5, 9), draw(6, 9)  # outcomes at the first nine origins only, as of a wave that ended
    data = pd.concat([frame({"model": model, "rival": rival}), frame({"other": draw(7)})], ignore_index=True)
    (one, _) = skills(data, "model", "rival", "crps")
    weights = resamples(16)[:, :9]
    weights = weights[weights.sum(axis=1) > 0]  # a few drew none of the nine
    drawn = 1.0 - (weights @ model) / (weights @ rival)
    assert (one.low, one.high) == pytest.approx(tuple(np.quantile(drawn, [0.05, 0.95])))
    assert one.skill == pytest.approx(1.0 - model.sum() / rival.sum())


def test_intervals_cover_the_true_skill_about_as_often_as_they_say():
    random = np.random.default_rng(8)
    hits = 0
    for _ in range(150):
        common = random.exponential(size=16)
        model, rival = (
            0.8 * common + 0.1 * random.exponential(size=16),
            common + 0.1 * random.exponential(size=16),
        )
        one, *_ = skills(frame({"model": model, "rival": rival}), "model", "rival", "crps")
        hits += one.low <= 1.0 - 0.9 / 1.1 <= one.high
    assert 0.75 <= hits / 150 <= 0.97


def test_skills_become_a_table():
    found = table(skills(frame({"model": draw(1), "rival": draw(2)}), "model", "rival", "crps"))
    assert list(found["target"]) == ["cfsp_alignment", ALL_TARGETS]
