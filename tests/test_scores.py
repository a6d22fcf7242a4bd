"""Scores have their known answers in the limits, and their parts add up."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import stats

from sim.rivals.figures import LEVELS, SIZE
from sim.verification import scores

NORMAL = stats.norm.ppf(LEVELS)


def crps_of_normal(y):
    return y * (2.0 * stats.norm.cdf(y) - 1.0) + 2.0 * stats.norm.pdf(y) - 1.0 / np.sqrt(np.pi)


def test_a_perfect_point_forecast_has_crps_zero():
    assert scores.crps(np.full(SIZE, 0.4), 0.4) == 0.0


def test_the_crps_of_a_point_is_its_distance():
    assert scores.crps(np.full(SIZE, 0.4), 0.7) == pytest.approx(0.3)


@pytest.mark.parametrize("outcome", [-2.0, 0.0, 0.3, 3.0])
def test_normal_quantiles_score_like_the_normal_law(outcome):
    assert scores.crps(NORMAL, outcome) == pytest.approx(crps_of_normal(outcome), abs=2e-3)
    kernel = 1.06 * SIZE**-0.2  # Silverman's: the density is that of the law widened by it
    widened = stats.norm(scale=np.sqrt(1.0 + kernel**2))
    assert scores.log_score(NORMAL, outcome, discrete=False) == pytest.approx(
        -widened.logpdf(outcome), abs=0.02
    )


def test_the_crps_is_in_the_unit_of_the_target():
    assert scores.crps(3.0 * NORMAL, 3.0) == pytest.approx(3.0 * scores.crps(NORMAL, 1.0))


def test_the_log_score_is_finite_far_away_and_for_a_point():
    assert np.isfinite(scores.log_score(NORMAL, 50.0, discrete=False))
    assert np.isfinite(scores.log_score(np.full(SIZE, 0.5), 0.5, discrete=False))
    assert scores.log_score(NORMAL, 50.0, discrete=False) > scores.log_score(NORMAL, 5.0, discrete=False)


def test_a_count_that_no_value_hit_still_has_a_chance():
    sample = np.repeat([18.0, 20.0], SIZE // 2)
    chances = [np.exp(-scores.log_score(sample, float(k), discrete=True)) for k in range(36)]
    assert sum(chances) == pytest.approx(1.0)
    assert chances[18] == pytest.approx((SIZE / 2 + 0.5) / (SIZE + 18.0))
    assert min(chances) > 0.0


@given(st.floats(0.0, 1.0), st.integers(0, 1))
def test_the_brier_score_of_an_event_is_the_squared_error(chance, outcome):
    assert scores.brier(np.array([1.0 - chance, chance]), outcome) == pytest.approx((chance - outcome) ** 2)


def test_the_brier_score_of_three_classes():
    assert scores.brier(np.array([0.0, 0.0, 1.0]), 2) == 0.0
    assert scores.brier(np.array([0.0, 0.0, 1.0]), 0) == 2.0
    assert scores.brier(np.full(3, 1.0 / 3.0), 1) == pytest.approx(2.0 / 3.0)


@given(st.lists(st.tuples(st.floats(0.0, 1.0), st.integers(0, 1)), min_size=1, max_size=40))
def test_murphys_parts_add_up(pairs):
    chances = np.array([[1.0 - p, p] for p, _ in pairs])
    outcomes = np.array([y for _, y in pairs])
    parts = scores.murphy(chances, outcomes)
    assert parts.brier == pytest.approx(
        np.mean([scores.brier(*pair) for pair in zip(chances, outcomes, strict=True)])
    )
    total = parts.reliability - parts.resolution + parts.uncertainty + parts.within
    assert total == pytest.approx(parts.brier, abs=1e-12)
    assert min(parts.reliability, parts.resolution, parts.uncertainty) >= 0.0


def test_murphys_parts_of_a_forecaster_of_the_rate_and_of_one_who_knows():
    outcomes = np.array([0, 1] * 10)
    rate = scores.murphy(np.full((20, 2), 0.5), outcomes)
    assert (rate.reliability, rate.resolution, rate.within) == (0.0, 0.0, 0.0)
    assert rate.uncertainty == rate.brier == 0.25
    knows = scores.murphy(np.eye(2)[outcomes], outcomes)
    assert (knows.brier, knows.reliability, knows.resolution) == (0.0, 0.0, 0.25)


def test_murphys_parts_are_exact_where_forecasts_of_a_bin_are_alike():
    """With two values far apart nothing is left within bins, also for three classes."""
    chances = np.array([[0.9, 0.05, 0.05], [0.05, 0.05, 0.9]])[[0, 1, 0, 1, 0, 1]]
    parts = scores.murphy(chances, np.array([0, 2, 0, 1, 2, 2]))
    assert parts.within == pytest.approx(0.0, abs=1e-12)
    assert parts.uncertainty == pytest.approx(sum(p * (1 - p) for p in (2 / 6, 1 / 6, 3 / 6)))


def test_the_pit_is_uniform_for_draws_from_the_same_law():
    random = np.random.default_rng(3)
    values = [scores.pit(NORMAL, y) for y in random.normal(size=500)]
    assert stats.kstest(values, "uniform").pvalue > 0.01
    wrong = [scores.pit(NORMAL, y) for y in random.normal(0.5, 1.0, size=500)]
    assert stats.kstest(wrong, "uniform").pvalue < 1e-6, "and is not for a law that is off"


def test_the_pit_of_a_count_is_the_middle_of_its_step():
    sample = np.repeat([1.0, 2.0, 3.0, 4.0], SIZE // 4)
    assert [scores.pit(sample, y) for y in (0.0, 1.0, 3.0, 5.0)] == [0.0, 0.125, 0.625, 1.0]


def test_bands_hold_what_they_say():
    random = np.random.default_rng(4)
    outcomes = random.normal(size=4000)
    for share in scores.BANDS:
        low, high = scores.band(NORMAL, share, discrete=False)
        assert np.mean((low <= outcomes) & (outcomes <= high)) == pytest.approx(share, abs=0.02)


def test_samples_are_reduced_to_as_many_values_as_rivals_have():
    random = np.random.default_rng(5)
    large = random.normal(size=40_000)
    small = scores.reduced(large, discrete=False)
    assert small.size == SIZE
    assert scores.crps(small, 0.2) == pytest.approx(scores.crps(large, 0.2), rel=0.01)
    assert np.allclose(scores.reduced(NORMAL, discrete=False), NORMAL)
    counts = scores.reduced(random.integers(0, 4, size=999).astype(float), discrete=True)
    assert set(counts) == {0.0, 1.0, 2.0, 3.0}
