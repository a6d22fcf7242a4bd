"""Draws found by their address, and the counts made of them, held against scipy.stats."""

import itertools

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import stats

from sim.draws.quantiles import binomial_quantile, normal_quantile, of_pairs, poisson_quantile, student_scale
from sim.draws.randomness import Luck, PastLuck, Pool, between_0_and_1, normals, uniforms

# Levels are odd multiples of a third of a millionth: no distribution used here has a probability that is exactly one.
LEVELS = st.integers(0, 999_999).map(lambda k: (k + 1 / 3) / 1e6)
RATES = st.one_of(st.just(0.0), st.floats(1e-9, 1e-3), st.floats(1e-3, 500.0))
SHARES = st.one_of(st.sampled_from([0.0, 1e-9, 0.5, 1.0 - 1e-9, 1.0]), st.floats(0.0, 1.0))
TRIALS = st.integers(0, 400) | st.integers(
    401, 20_000
)  # of so many none at all may have no chance that a number holds


def at(*index, seed=1, stream="lean", name="Serbia", month=7):
    return uniforms(seed, stream, name, month, np.array(index, dtype=np.int64))


def normals_at(*index, seed=1, stream="lean", name="Serbia", month=7):
    return normals(seed, stream, name, month, np.array(index, dtype=np.int64))


def one(quantile, *arguments):
    return float(quantile(*(np.array([float(argument)]) for argument in arguments))[0])


@given(
    st.lists(st.integers(0, 2**40), min_size=1, max_size=20),
    st.integers(-30, 500),
    st.integers(-(2**70), 2**70),
)
def test_the_draw_of_an_index_does_not_depend_on_the_others_asked_for(index, month, seed):
    together = at(*index, month=month, seed=seed)
    alone = np.concatenate([at(k, month=month, seed=seed) for k in index])
    np.testing.assert_array_equal(together, alone)


@given(st.lists(st.integers(0, 2**40), min_size=1, max_size=40), st.integers(-30, 500))
def test_the_normal_of_an_index_does_not_depend_on_the_others_asked_for(index, month):
    together = normals_at(*index, month=month)
    np.testing.assert_array_equal(together, np.concatenate([normals_at(k, month=month) for k in index]))


@given(st.integers(0, 10_000), st.integers(1, 50))
def test_a_stretch_of_normals_is_cut_out_of_a_longer_one(first, length):
    whole = normals_at(*range(first + length + 5))
    np.testing.assert_array_equal(normals_at(*range(first, first + length)), whole[first : first + length])


def test_normals_are_those_of_their_address_whoever_draws_them():
    index = np.array([4, 0, 9, 4])
    luck = np.tile(index, (9, 3, 1))
    for pool in (None, Pool(1, 0, 10)):
        past = Luck(2, np.arange(4), PastLuck(1, luck, pool))
        past.begin(2)
        np.testing.assert_array_equal(past.normal("lean", "Serbia"), normals_at(*index, month=2))


@given(st.integers(0, 10_000), st.integers(1, 50))
def test_a_stretch_of_indices_is_cut_out_of_a_longer_one(first, length):
    whole = at(*range(first + length + 5))
    np.testing.assert_array_equal(at(*range(first, first + length)), whole[first : first + length])


def test_every_part_of_the_address_counts():
    base = {"seed": 1, "stream": "lean", "name": "Serbia", "month": 7}
    others = [base | change for change in (
        {"seed": 2}, {"seed": -1}, {"stream": "sanctions"}, {"name": "Russia"}, {"month": 8}, {"month": -7},
        {"stream": "leanS", "name": "erbia"},
    )]  # fmt: skip
    drawn = [at(*range(100), **address) for address in (base, *others)]
    for left, right in itertools.combinations(drawn, 2):
        assert not np.intersect1d(left, right).size


def test_no_index_gives_no_draws_and_a_negative_one_is_refused():
    assert at().shape == (0,)
    with pytest.raises(ValueError, match="counted from 0, got -3"):
        at(2, -3)


@pytest.mark.parametrize("word", [0, 2**64 - 1, 2**63, 2**11 - 1])
def test_every_word_of_the_generator_gives_a_number_between_0_and_1(word):
    drawn = between_0_and_1(np.array([word], dtype=np.uint64))
    assert drawn[0] == ((word >> 12) + 0.5) * 2.0**-52
    assert 0.0 < drawn[0] < 1.0
    assert 0.0 < 1.0 - drawn[0] < 1.0
    assert np.isfinite(normal_quantile(drawn)).all()


def words(first, second):
    return between_0_and_1(np.array([first, second], dtype=np.uint64))


@pytest.mark.parametrize("first", [0, 2**63, 2**64 - 1])
@pytest.mark.parametrize("second", [0, 2**62, 2**63, 3 * 2**62, 2**64 - 1])
def test_a_pair_of_normals_is_that_of_box_and_muller_whatever_the_words(first, second):
    u, v = words(first, second)
    radius, angle = np.sqrt(-2.0 * np.log(u)), 2.0 * np.pi * (v - 0.5)
    expected = [radius * np.cos(angle), radius * np.sin(angle)]
    np.testing.assert_allclose(of_pairs(words(first, second)), expected, rtol=1e-12, atol=1e-14)


def test_normals_reach_as_far_as_52_bits_allow():
    assert of_pairs(words(0, 2**63))[0] == pytest.approx(np.sqrt(106.0 * np.log(2.0)), rel=1e-12)


def test_normals_are_normal_and_independent_of_their_partners_and_neighbours():
    drawn = normals_at(*range(200_000))
    months = np.concatenate([normals_at(4, 5, month=month) for month in range(4_000)])
    for sample in (drawn[::2], drawn[1::2], drawn, months):
        assert stats.kstest(sample, "norm").pvalue > 1e-3
    even, odd = drawn[::2], drawn[1::2]
    for left, right in ((even, odd), (even**2, odd**2), (np.abs(even), odd), (odd[:-1], even[1:])):
        assert abs(np.corrcoef(left, right)[0, 1]) < 4.0 / left.size**0.5
    for power, expected, spread in (
        (4, 3.0, 96.0),
        (6, 15.0, 10_170.0),
    ):  # moments, and variances of the powers
        assert abs((drawn**power).mean() - expected) < 4.0 * (spread / drawn.size) ** 0.5
    both = np.hypot(even, odd)
    assert stats.kstest(both, "rayleigh").pvalue > 1e-3


def test_draws_are_uniform_and_independent_along_every_part_of_the_address():
    members = at(*range(20_000))
    months = np.concatenate([at(5, month=month) for month in range(2000)])
    seeds = np.concatenate([at(5, seed=seed) for seed in range(2000)])
    for sample in (members, months, seeds):
        assert stats.kstest(sample, "uniform").pvalue > 1e-3
        neighbours = np.corrcoef(sample[:-1], sample[1:])[0, 1]
        assert abs(neighbours) < 4.0 / sample.size**0.5
    for other in (at(*range(20_000), month=8), at(*range(20_000), name="Russia"), at(*range(20_000), seed=2)):
        assert abs(np.corrcoef(members, other)[0, 1]) < 4.0 / members.size**0.5


@given(LEVELS, RATES)
def test_poisson_counts_are_those_of_scipy(u, rate):
    expected = stats.poisson.ppf(u, rate) if rate > 0.0 else 0.0
    assert one(poisson_quantile, u, rate) == expected


@given(LEVELS, TRIALS, SHARES)
def test_binomial_counts_are_those_of_scipy(u, trials, probability):
    assert one(binomial_quantile, u, trials, probability) == stats.binom.ppf(u, trials, probability)


@given(st.lists(st.tuples(LEVELS, TRIALS, SHARES), min_size=2, max_size=8))
def test_members_are_counted_one_by_one(draws):
    u, trials, probability = (np.array(column, dtype=float) for column in zip(*draws, strict=True))
    together = binomial_quantile(u, trials, probability)
    np.testing.assert_array_equal(together, [one(binomial_quantile, *draw) for draw in draws])
    together = poisson_quantile(u, trials * probability)
    np.testing.assert_array_equal(together, [one(poisson_quantile, u, n * p) for u, n, p in draws])


@pytest.mark.parametrize("u", [2.0**-53, 1e-15, 1.0 - 1e-15, 1.0 - 2.0**-53])
@given(rate=RATES, trials=TRIALS, probability=SHARES)
def test_at_the_very_ends_counts_stay_possible(u, rate, trials, probability):
    count = one(poisson_quantile, u, rate)
    assert 0.0 <= count <= rate + 10.0 * rate**0.5 + 60.0
    assert rate > 0.0 or count == 0.0
    count = one(binomial_quantile, u, trials, probability)
    assert 0.0 <= count <= trials
    assert probability > 0.0 or count == 0.0
    assert probability < 1.0 or count == trials


@given(LEVELS, LEVELS, RATES, RATES)
def test_poisson_counts_rise_with_luck_and_rate(u, other_u, rate, other_rate):
    low = one(poisson_quantile, min(u, other_u), min(rate, other_rate))
    assert low <= one(poisson_quantile, max(u, other_u), min(rate, other_rate))
    assert low <= one(poisson_quantile, min(u, other_u), max(rate, other_rate))


@given(st.tuples(LEVELS, LEVELS), st.tuples(TRIALS, TRIALS), st.tuples(SHARES, SHARES))
def test_binomial_counts_rise_with_luck_trials_and_probability(levels, trials, shares):
    (u, more_u), (n, more_n), (p, more_p) = sorted(levels), sorted(trials), sorted(shares)
    low = one(binomial_quantile, u, n, p)
    assert low <= one(binomial_quantile, more_u, n, p)
    assert low <= one(binomial_quantile, u, more_n, p)
    assert low <= one(binomial_quantile, u, n, more_p)


@given(LEVELS, st.floats(3.0, 200.0))
def test_the_student_scale_is_that_of_the_chi_square(u, freedom):
    expected = (freedom / stats.chi2.ppf(u, freedom)) ** 0.5
    np.testing.assert_allclose(student_scale(np.array([u]), freedom), expected, rtol=1e-11)


@pytest.mark.parametrize("freedom", [3.0, 5.0, 200.0])
def test_the_table_of_tails_holds_to_the_last_word_of_the_generator(freedom):
    u = between_0_and_1(np.array([0, 2**20, 2**63, 2**64 - 1], dtype=np.uint64))
    expected = (
        freedom / np.where(u < 0.5, stats.chi2.ppf(u, freedom), stats.chi2.isf(1.0 - u, freedom))
    ) ** 0.5
    np.testing.assert_allclose(student_scale(u, freedom), expected, rtol=1e-11)


@pytest.mark.parametrize("freedom", [3.5, 8.0])
def test_a_normal_times_its_scale_is_students_t(freedom):
    drawn = normals_at(*range(20_000), stream="gas price")
    scale = student_scale(at(*range(20_000), stream="price tail"), freedom)
    assert stats.kstest(drawn * scale, "t", args=(freedom,)).pvalue > 1e-3


def test_luck_gives_an_address_once_a_month():
    luck = Luck(1, np.array([4, 0, 9]))
    luck.begin(3)
    np.testing.assert_array_equal(luck.uniform("lean", "Serbia"), at(4, 0, 9, month=3))
    luck.uniform("lean", "Russia")
    with pytest.raises(RuntimeError, match="'lean' of 'Serbia' in month 3 was taken twice"):
        luck.normal("lean", "Serbia")
    luck.begin(4)
    np.testing.assert_array_equal(luck.normal("lean", "Serbia"), normals_at(4, 0, 9, month=4))


@pytest.mark.parametrize(("u", "count"), [(0.25, 0.0), (0.2500001, 1.0), (0.2499999, 0.0)])
def test_a_level_that_is_reached_exactly_is_enough(u, count):
    assert one(binomial_quantile, u, 1, 0.75) == count
    assert one(binomial_quantile, u + 0.5, 1, 0.25) == count
