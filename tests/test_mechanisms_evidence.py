"""Densities by which members are weighed: they are densities, and they prefer who comes nearer."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import stats

from sim.mechanisms.publication import (
    alignment_log_density,
    binomial_log_chance,
    inside,
    normal_log_density,
    poisson_log_chance,
    poll_log_density,
    second_half,
)
from sim.mechanisms.scales import logistic, logit

SHARES = st.floats(0.01, 0.99)
TRIALS = st.integers(1, 300)
NOISE = st.floats(0.01, 0.1)
GRID = np.linspace(-40.0, 40.0, 80_001)  # logit, steps of a thousandth


def one(value):
    return np.array([float(value)])


def area(log_density):
    """Return the integral over the grid, by the trapezoid rule."""
    return np.trapezoid(np.exp(log_density), GRID)


@settings(max_examples=30)
@given(st.floats(-5.0, 5.0), st.floats(0.01, 3.0))
def test_the_normal_density_integrates_to_one_and_is_the_normal(mean, deviation):
    density = normal_log_density(GRID, np.full_like(GRID, mean), np.full_like(GRID, deviation**2))
    assert area(density) == pytest.approx(1.0, abs=1e-6)
    np.testing.assert_allclose(density, stats.norm(mean, deviation).logpdf(GRID), rtol=1e-9)


@settings(max_examples=15)
@given(SHARES, st.integers(100, 3000), st.floats(0.0, 0.5))
def test_the_density_of_a_poll_integrates_to_one_over_the_logit(support, respondents, extra):
    # a poll is one number for all members, so that the grid is walked; ten deviations, which are at most 1.1
    grid = np.linspace(logit(np.array(support)) - 11.0, logit(np.array(support)) + 11.0, 1601)
    args = one(support), one(respondents), one(extra)
    density = [poll_log_density(float(logistic(x)), *args)[0] for x in grid]
    assert np.trapezoid(np.exp(density), grid) == pytest.approx(1.0, abs=1e-3)


@settings(max_examples=30)
@given(SHARES, TRIALS, NOISE)
def test_the_density_of_alignment_integrates_to_one_over_the_logit(share, issued, noise):
    grid = np.linspace(-20.0, 20.0, 8001)
    published, full = logistic(grid), np.ones_like(grid)
    density = alignment_log_density(published, share * full, issued * full, noise * full)
    assert np.trapezoid(np.exp(density), grid) == pytest.approx(1.0, abs=1e-3)


@settings(max_examples=30)
@given(st.floats(0.01, 60.0))
def test_poisson_chances_sum_to_one_and_are_the_poissons(rate):
    chances = np.array([poisson_log_chance(k, one(rate))[0] for k in range(250)])
    assert np.exp(chances).sum() == pytest.approx(1.0)
    np.testing.assert_allclose(chances, stats.poisson(rate).logpmf(np.arange(250)), rtol=1e-9, atol=1e-9)


@given(st.integers(0, 80), SHARES)
def test_binomial_chances_sum_to_one_and_are_the_binomials(trials, chance):
    counts = np.arange(trials + 1)
    chances = np.array([binomial_log_chance(int(k), trials, one(chance))[0] for k in counts])
    assert np.exp(chances).sum() == pytest.approx(1.0)
    np.testing.assert_allclose(chances, stats.binom(trials, chance).logpmf(counts), rtol=1e-9, atol=1e-9)


@given(SHARES, TRIALS, NOISE)
def test_of_all_figures_the_likeliest_is_the_members_own_share(share, issued, noise):
    published = np.append(np.linspace(0.002, 0.998, 499), share)
    full = np.ones_like(published)
    density = alignment_log_density(published, share * full, issued * full, noise * full)
    assert density.max() == density[-1]


@given(SHARES, SHARES, SHARES, TRIALS, NOISE)
def test_a_figure_nearer_to_the_members_share_is_never_less_likely(share, one_figure, another, issued, noise):
    near, far = sorted((one_figure, another), key=lambda x: abs(logit(np.array(x)) - logit(np.array(share))))
    density = alignment_log_density(np.array([near, far]), *(np.full(2, v) for v in (share, issued, noise)))
    assert density[0] >= density[1]


@pytest.mark.parametrize(("printed", "as_printed"), [(1.0, 40.5 / 41.0), (0.0, 0.5 / 41.0)])
def test_all_or_none_is_read_as_the_model_prints_a_full_or_an_empty_count(printed, as_printed):
    args = one(0.9), one(40), one(0.03)
    assert alignment_log_density(one(printed), *args) == alignment_log_density(one(as_printed), *args)
    assert poll_log_density(printed, *args) == poll_log_density(as_printed, *args)


@given(SHARES, SHARES, SHARES)
def test_a_poll_nearer_to_the_members_support_is_never_less_likely(support, one_poll, another):
    near, far = sorted(
        (one_poll, another), key=lambda x: abs(np.log(x / (1 - x)) - np.log(support / (1 - support)))
    )
    args = one(support), one(1040), one(0.1)
    assert poll_log_density(near, *args)[0] >= poll_log_density(far, *args)[0]


@given(st.floats(-9.0, 9.0), st.floats(-9.0, 9.0), st.floats(-9.0, 9.0), st.floats(1e-4, 9.0))
def test_a_member_nearer_to_the_value_is_never_less_likely(value, one_mean, another, variance):
    near, far = sorted((one_mean, another), key=lambda mean: abs(value - mean))
    density = normal_log_density(value, np.array([near, far]), np.full(2, variance))
    assert density[0] >= density[1]


@given(st.integers(0, 40), st.floats(0.1, 60.0), st.floats(1.0, 3.0))
def test_rates_further_off_on_one_side_give_a_count_less_chance(count, away, factor):
    rates = np.array([count + away, (count + away) * factor])
    chance = poisson_log_chance(count, rates)
    assert chance[0] >= chance[1] - 1e-12  # rounding, where the rates are all but the same


@given(st.integers(0, 50), st.integers(1, 50), SHARES, SHARES)
def test_of_chances_on_one_side_the_nearer_is_likelier(count, more, one_chance, another):
    trials = count + more
    own = count / trials
    for side in (1.0, -1.0):
        chances = np.array(sorted((one_chance, another), key=lambda c: side * c))
        if (side * (chances - own) >= 0.0).all():
            log_chance = binomial_log_chance(count, trials, chances)
            assert log_chance[0] >= log_chance[1] - 1e-12


@given(st.integers(0, 100), st.integers(0, 100), SHARES, SHARES, NOISE)
def test_the_second_half_is_found_again_from_a_year_and_its_first_half(n1, n2, s1, s2, noise):
    n2 += 1
    joined = np.round(s1 * n1), np.clip(np.round(s2 * n2), 0, n2)
    year = (joined[0] + joined[1]) / (n1 + n2)
    first = joined[0] / n1 if n1 else 0.0
    share, error = second_half(year, first, (one(n1), one(n2)), one(noise))
    edge = 0.5 / (n2 + 1.0)
    assert share[0] == pytest.approx(np.clip(joined[1] / n2, edge, 1.0 - edge))
    assert error[0] == pytest.approx(noise * np.hypot(n1 + n2, n1) / n2)
    assert error[0] >= noise


def test_the_error_of_the_second_half_is_that_of_noisy_figures():
    rng = np.random.default_rng(1)
    n1, n2, noise = 30.0, 50.0, 0.01
    figures = [0.5 + noise * rng.standard_normal(20_000) for _ in range(2)]
    implied = np.array(
        [second_half(y, f, (one(n1), one(n2)), one(noise))[0][0] for y, f in zip(*figures, strict=True)]
    )
    stated = second_half(0.5, 0.5, (one(n1), one(n2)), one(noise))[1][0]
    assert implied.std() == pytest.approx(stated, rel=0.03)
    assert implied.mean() == pytest.approx(0.5, abs=0.001)


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 80.0), st.floats(0.0, 80.0))
def test_figures_that_contradict_each_other_still_imply_a_share(year, first, n1, n2):
    share, error = second_half(year, first, (one(n1), one(n2)), one(0.03))
    assert 0.0 < share[0] < 1.0
    assert np.isfinite(error[0])


@pytest.mark.parametrize("extreme", [0.0, 1.0])
def test_members_that_hold_something_to_be_impossible_are_all_but_dropped_and_no_more(extreme):
    members = np.array([extreme, 0.5])
    found = [
        binomial_log_chance(3, 6, members),
        alignment_log_density(np.full(2, 0.5), members, np.full(2, 40.0), np.full(2, 0.03)),
        poll_log_density(0.5, members, np.full(2, 1040.0), np.full(2, 0.1)),
        poisson_log_chance(2, members * (1.0 - extreme) + np.array([0.0, 2.0])),
        normal_log_density(0.5, members, np.zeros(2)),
    ]
    for density in found:
        assert np.isfinite(density).all()
        assert density[0] < density[1] - 5.0


def test_members_are_weighed_each_by_itself():
    shares = np.linspace(0.1, 0.9, 9)
    together = alignment_log_density(np.full(9, 0.4), shares, np.full(9, 40.0), np.full(9, 0.03))
    alone = [alignment_log_density(one(0.4), one(s), one(40), one(0.03))[0] for s in shares]
    np.testing.assert_array_equal(together, alone)
    assert inside(shares) is not shares
