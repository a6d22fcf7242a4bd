"""Paired differences: the interval holds the truth as often as it says, and no width is claimed that is not there."""

from math import sqrt

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from sim.contrasts.pairs import paired_chance, paired_mean, score_interval

Z = 1.6448536  # normal quantile of .95
TRIALS = 2000


def test_a_mean_by_hand():
    pairs = paired_mean(np.array([1.0, 2.0, 6.0]), np.array([0.0, 2.0, 4.0]))
    assert (pairs.baseline, pairs.value, pairs.difference) == (2.0, 3.0, 1.0)
    assert pairs.high - pairs.difference == pytest.approx(Z * 1.0 / sqrt(3.0))  # differences 1, 0, 2: sd 1
    assert pairs.difference - pairs.low == pytest.approx(pairs.high - pairs.difference)
    assert pairs.variance_ratio == pytest.approx(1.0 / (7.0 + 4.0))
    assert pairs.unpaired_width == pytest.approx(2.0 * Z * sqrt(11.0 / 3.0))
    assert (pairs.discordant, pairs.verdict) == (2, "unclear")


def test_members_that_all_agree_leave_no_width_to_a_mean():
    values = np.array([0.1, 0.7, 0.2])
    pairs = paired_mean(values, values)
    assert (pairs.difference, pairs.low, pairs.high, pairs.verdict) == (0.0, 0.0, 0.0, "same")
    assert pairs.variance_ratio == 0.0
    assert paired_mean(np.ones(3), np.ones(3)).variance_ratio is None


def test_a_chance_has_no_width_only_where_nothing_can_differ():
    hits = np.array([True, False, False])
    same, seen = paired_chance(hits, hits, same=True), paired_chance(hits, hits)
    assert (same.low, same.high, same.verdict) == (0.0, 0.0, "same")
    assert seen.low < 0.0 < seen.high
    assert seen.verdict == "same"
    other = paired_chance(hits, ~hits, same=True)
    assert other.low < 0.0 < other.high, "what differs is never told as the same"


@pytest.mark.parametrize(("gained", "verdict"), [(4, "unclear"), (5, "higher")])
def test_few_members_that_differ_convince_nobody(gained, verdict):
    before = np.zeros(1000, dtype=bool)
    after = np.arange(1000) < gained
    assert paired_chance(after, before).verdict == verdict
    assert paired_chance(before, after).verdict == ("lower" if verdict == "higher" else verdict)


def test_the_interval_of_means_holds_the_truth_nine_times_in_ten():
    rng = np.random.default_rng(1)
    luck = rng.normal(size=(TRIALS, 80))
    baseline = luck + 0.3 * rng.normal(size=luck.shape)
    value = luck + 0.3 * rng.normal(size=luck.shape) + 0.05
    found = [paired_mean(*pair) for pair in zip(value, baseline, strict=True)]
    held = np.mean([pairs.low <= 0.05 <= pairs.high for pairs in found])
    assert held == pytest.approx(0.9, abs=0.025)
    # half the spread is luck shared: 2 * .09 of noise over 2 * 1.09 in all
    assert np.mean([pairs.variance_ratio for pairs in found]) == pytest.approx(0.18 / 2.18, rel=0.05)
    wider = np.mean([pairs.unpaired_width / (pairs.high - pairs.low) for pairs in found])
    assert wider == pytest.approx(sqrt(2.18 / 0.18), rel=0.05)


@pytest.mark.parametrize(
    ("members", "gained", "lost"),
    [(1000, 0.2, 0.1), (300, 0.05, 0.05), (100, 0.03, 0.01), (4096, 2e-3, 5e-4)],
)
def test_the_interval_of_chances_holds_the_truth_nine_times_in_ten(members, gained, lost):
    drawn = np.random.default_rng(1).multinomial(members, [gained, lost, 1.0 - gained - lost], size=TRIALS)
    bounds = {pair: score_interval(*pair, members) for pair in {(int(b), int(c)) for b, c, _ in drawn}}
    held = [bounds[int(b), int(c)] for b, c, _ in drawn]
    share = np.mean([low <= gained - lost <= high for low, high in held])
    assert share == pytest.approx(0.9, abs=0.025)


@pytest.mark.parametrize("pair", [(0, 0), (3, 0), (7, 2), (40, 60)])
def test_the_score_interval_ends_where_the_score_test_rejects(pair):
    """The likelihood is maximised by search here, not by the formula."""
    members, (gained, lost) = 200, pair
    for bound, side in zip(score_interval(*pair, members), (1.0, -1.0), strict=True):

        def unlikely(q, d=bound):
            cells = (q + d, q, 1.0 - 2.0 * q - d)
            counts = (gained, lost, members - gained - lost)
            return -sum(n * np.log(cell) for n, cell in zip(counts, cells, strict=True) if n)

        least, most = max(0.0, -bound) + 1e-12, (1.0 - bound) / 2.0 - 1e-12
        q = minimize_scalar(unlikely, bounds=(least, most), method="bounded", options={"xatol": 1e-12}).x
        spread = sqrt(members * (2.0 * q + bound * (1.0 - bound)))
        assert (gained - lost - members * bound) / spread == pytest.approx(side * Z, rel=1e-3)


def test_the_score_interval_at_its_limits():
    z2 = Z * Z
    low, high = score_interval(0, 0, 4096)
    assert (low, high) == (pytest.approx(-z2 / (4096 + z2)), pytest.approx(z2 / (4096 + z2)))
    assert score_interval(50, 0, 50)[1] == 1.0
    assert score_interval(0, 50, 50)[0] == -1.0
    low, high = score_interval(6000, 4000, 100_000)
    usual = Z * sqrt(0.1 - 0.02**2) / sqrt(100_000)
    assert (low, high) == (pytest.approx(0.02 - usual, rel=1e-2), pytest.approx(0.02 + usual, rel=1e-2))
