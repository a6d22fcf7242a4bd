"""The pooled forecast, member by member: the mixture's distribution, the members' order, and nothing else moved."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, strategies as st

from sim.rivals import pooled
from sim.verification.scores import crps, reduced

REALS = st.floats(-3.0, 3.0, allow_nan=False).map(lambda x: round(x, 6))
FIGURES = st.lists(REALS, min_size=3, max_size=40).map(np.array)
COUNTS = st.lists(st.integers(20, 24).map(float), min_size=3, max_size=40).map(np.array)
ENSEMBLES = FIGURES | COUNTS
RIVALS = (FIGURES | COUNTS).map(np.sort)


def share_up_to(values, at):
    return np.mean(values[:, None] <= at, axis=0)


@given(ENSEMBLES, RIVALS)
def test_the_distribution_over_members_is_half_the_models_and_half_the_rivals(values, rival):
    at = np.concatenate([values, rival])
    mixture = (share_up_to(values, at) + share_up_to(rival, at)) / 2.0
    assert np.abs(share_up_to(pooled(values, rival), at) - mixture).max() <= 1.0 / values.size


@given(ENSEMBLES, RIVALS)
def test_members_keep_their_ranks(values, rival):
    moved = pooled(values, rival)
    order = np.lexsort((moved, values))
    assert (np.diff(moved[order]) >= 0.0).all()
    for lower, higher in pairwise(order):
        if values[lower] < values[higher]:
            assert moved[lower] <= moved[higher]


@given(ENSEMBLES, RIVALS)
def test_only_values_of_either_occur(values, rival):
    assert set(pooled(values, rival)) <= {*values.tolist(), *rival.tolist()}


@given(ENSEMBLES)
def test_a_rival_that_says_the_same_changes_nothing(values):
    assert np.array_equal(pooled(values, np.sort(values)), values)


@given(ENSEMBLES, RIVALS)
def test_the_same_gives_the_same_and_nothing_given_is_changed(values, rival):
    before = values.copy(), rival.copy()
    assert np.array_equal(pooled(values, rival), pooled(values, rival))
    assert np.array_equal(values, before[0])
    assert np.array_equal(rival, before[1])


@given(ENSEMBLES, RIVALS)
def test_a_baseline_of_the_same_values_is_no_other(values, rival):
    assert np.array_equal(pooled(values, rival, baseline=values.copy()), pooled(values, rival))


@given(st.data(), ENSEMBLES, RIVALS)
def test_members_that_did_not_change_have_the_baselines_pooled_value(data, baseline, rival):
    changed = data.draw(st.lists(st.booleans(), min_size=baseline.size, max_size=baseline.size).map(np.array))
    values = np.where(changed, baseline + data.draw(REALS), baseline)
    moved, before = pooled(values, rival, baseline=baseline), pooled(baseline, rival)
    assert np.array_equal(moved[values == baseline], before[values == baseline])


@given(ENSEMBLES, RIVALS, st.floats(0.0, 2.0))
def test_members_that_rose_do_not_fall_by_pooling(baseline, rival, step):
    values = baseline + np.where(np.arange(baseline.size) % 2 == 0, step, 0.0)
    assert (pooled(values, rival, baseline=baseline) >= pooled(baseline, rival)).all()


def test_values_beyond_a_baseline_are_not_pulled_back():
    baseline, rival = np.array([1.0, 2.0, 3.0]), np.array([1.5, 2.5])
    assert pooled(np.array([-9.0, 2.0, 9.0]), rival, baseline=baseline).tolist() == [-9.0, 2.0, 9.0]


def test_members_alike_are_told_apart_evenly_over_their_numbers():
    """Chapters where all members say 22 and the rival 23: half move, as many of the first members as of the last."""
    moved = pooled(np.full(4096, 22.0), np.full(1000, 23.0))
    by_island = (moved == 23.0).reshape(16, -1).mean(axis=1)
    assert np.abs(by_island - 0.5).max() < 0.01


def test_a_baseline_of_other_members_is_refused():
    with pytest.raises(ValueError, match="the same members; got 2 for 3"):
        pooled(np.zeros(3), np.zeros(4), baseline=np.zeros(2))


@given(FIGURES, FIGURES, REALS)
def test_the_pooled_score_is_no_worse_than_the_mean_of_both(values, other, outcome):
    model, rival = (reduced(each, discrete=False) for each in (values, other))
    mean = (crps(model, outcome) + crps(rival, outcome)) / 2.0
    # but for the steps of an ensemble
    assert crps(pooled(model, rival), outcome) <= mean + 6.0 / 1000


@given(COUNTS, COUNTS, st.integers(18, 26))
def test_the_pooled_score_of_counts_is_no_worse_than_the_mean_of_both(values, other, outcome):
    model, rival = (reduced(each, discrete=True) for each in (values, other))
    mean = (crps(model, outcome) + crps(rival, outcome)) / 2.0
    assert crps(pooled(model, rival), outcome) <= mean + 8.0 / 1000
