"""The error beside a number holds both parts: finitely many members, and a filter that might have learned otherwise."""

import numpy as np
import pytest
import xarray as xr

from sim.contrasts.pairs import paired_chance, paired_mean
from sim.forecasting.errors import error_of_share, islands_of, standard_error

ISLANDS, EACH = 16, 256
OF = np.repeat(np.arange(ISLANDS), EACH)


def drawn(rng, *, between):
    """Return values of members with deviation 1 within an island, and island means that lie `between` apart."""
    return rng.standard_normal(OF.size) + between * rng.standard_normal(ISLANDS)[OF]


@pytest.mark.parametrize("between", [0.0, 0.02, 0.1, 0.5])
def test_the_error_of_a_mean_is_how_far_means_lie_apart(between):
    rng = np.random.default_rng(3)
    told = [standard_error(drawn(rng, between=between), OF) for _ in range(400)]
    true = np.sqrt(1.0 / OF.size + between**2 / ISLANDS)
    assert np.sqrt(np.mean(np.square(told))) == pytest.approx(true, rel=0.13)
    assert min(told) >= 0.95 / np.sqrt(OF.size), "members' luck is always there"


@pytest.mark.parametrize("between", [0.0, 0.1])
def test_an_interval_of_pairs_holds_no_difference_as_often_as_it_says(between):
    rng = np.random.default_rng(4)
    pairs = [paired_mean(drawn(rng, between=between), drawn(rng, between=between), OF) for _ in range(600)]
    held = np.mean([item.low <= 0.0 <= item.high for item in pairs])
    assert 0.87 <= held <= 0.96
    if between:
        blind = [paired_mean(drawn(rng, between=between), drawn(rng, between=between)) for _ in range(200)]
        assert np.mean([item.low <= 0.0 <= item.high for item in blind]) < 0.75, (
            "members alone see too little"
        )


def test_an_interval_of_paired_chances_holds_no_difference_as_often_as_it_says():
    rng = np.random.default_rng(5)
    chances = [np.clip(0.3 + 0.05 * rng.standard_normal(ISLANDS), 0.0, 1.0)[OF] for _ in range(800)]
    hits = [rng.random(OF.size) < chance for chance in chances]
    pairs = [paired_chance(one, other, OF) for one, other in zip(hits[::2], hits[1::2], strict=True)]
    assert 0.87 <= np.mean([item.low <= 0.0 <= item.high for item in pairs]) <= 0.94


def test_members_of_one_island_or_of_none_leave_members_luck_alone():
    hits = np.arange(400) < 100
    alone = (0.25 * 0.75 / 400) ** 0.5
    assert error_of_share(hits) == pytest.approx(alone, rel=0.01)
    data = xr.Dataset({"lean": ("member", np.zeros(4))})
    assert islands_of(data) is None
    assert islands_of(data.assign(island=("member", np.zeros(4, dtype=np.int32)))) is None
    assert islands_of(data.assign(island=("member", np.arange(4)))).tolist() == [0, 1, 2, 3]


def test_a_share_without_a_hit_has_an_error_on_islands_too():
    assert error_of_share(np.zeros(OF.size, dtype=bool), OF) > 0.0


def test_many_differences_together_are_told_from_chance_no_more_often_than_one():
    """Of a table of sixty rows without any difference, nine in ten carry no mark at all."""
    from dataclasses import replace

    rng = np.random.default_rng(6)
    marked = 0
    for _ in range(100):
        table = [paired_mean(drawn(rng, between=0.1), drawn(rng, between=0.1), OF) for _ in range(60)]
        marked += any(replace(item, together=60).verdict != "unclear" for item in table)
    assert marked <= 18  # the 1 in 100 bound of a binomial with chance .1
    effect = paired_mean(drawn(rng, between=0.1) + 0.5, drawn(rng, between=0.1), OF)
    assert replace(effect, together=60).verdict == "higher"
