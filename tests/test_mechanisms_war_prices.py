"""The war passes between its regimes as it may; prices return to their level, and the fit finds what made them."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, strategies as st

from sim.mechanisms.conditions import (
    CEASEFIRE,
    FROZEN,
    FULL_SCALE,
    NONE,
    REGIMES,
    PriceProcess,
    by_regime,
    fit,
    next_regime,
)

CHANCES = ("onset", "escalation", "truce", "relapse", "settling")
REGIME = st.sampled_from([NONE, FROZEN, FULL_SCALE, CEASEFIRE])
SHARES = st.floats(0.0, 1.0)
LEVELS = st.floats(1e-9, 1.0 - 1e-9)

MAY_FOLLOW = {
    NONE: {NONE, FROZEN},
    FROZEN: {FROZEN, FULL_SCALE},
    FULL_SCALE: {FULL_SCALE, CEASEFIRE},
    CEASEFIRE: {CEASEFIRE, FULL_SCALE, FROZEN},
}
PROCESS = PriceProcess((5.5, 4.3), (0.05, 0.1), (0.1, 0.08), 0.4, 5.0, 95)


def full(value, members=3):
    return np.full(members, float(value))


def follows(regime, u, **chances):
    given_chances = {name: full(chances.get(name, 0.0)) for name in CHANCES}
    return next_regime(full(regime), full(u), **given_chances)


@given(REGIME, LEVELS, st.tuples(SHARES, SHARES, SHARES, SHARES, SHARES))
def test_no_regime_returns_to_none_nor_leaps(regime, u, chances):
    after = follows(regime, u, **dict(zip(CHANCES, chances, strict=True)))
    assert set(after.tolist()) <= MAY_FOLLOW[regime]
    assert regime == NONE or (after != NONE).all()


@given(REGIME, LEVELS)
def test_without_hazards_every_regime_stays(regime, u):
    assert (follows(regime, u) == regime).all()


@pytest.mark.parametrize(
    ("regime", "hazard", "to"),
    [
        (NONE, "onset", FROZEN),
        (FROZEN, "escalation", FULL_SCALE),
        (FULL_SCALE, "truce", CEASEFIRE),
        (CEASEFIRE, "relapse", FULL_SCALE),
        (CEASEFIRE, "settling", FROZEN),
    ],
)
def test_each_hazard_is_the_chance_of_its_own_passage(regime, hazard, to):
    u = (np.arange(1000) + 0.5) / 1000
    chances = {name: full(0.3 if name == hazard else 0.0, 1000) for name in CHANCES}
    after = next_regime(full(regime, 1000), u, **chances)
    assert (after == to).sum() == 300
    assert (after == regime).sum() == 700


def test_a_ceasefire_can_end_both_ways():
    u = (np.arange(1000) + 0.5) / 1000
    chances = {name: full(0.0, 1000) for name in CHANCES}
    chances |= {"relapse": full(0.2, 1000), "settling": full(0.1, 1000)}
    after = next_regime(full(CEASEFIRE, 1000), u, **chances)
    assert [(after == code).sum() for code in (NONE, FROZEN, FULL_SCALE, CEASEFIRE)] == [0, 100, 200, 700]


def test_members_pass_one_by_one():
    regime = np.array([NONE, FROZEN, FULL_SCALE, CEASEFIRE])
    chances = {name: full(1.0 if name != "settling" else 0.0, 4) for name in CHANCES}
    assert next_regime(regime, full(0.5, 4), **chances).tolist() == [
        FROZEN,
        FULL_SCALE,
        CEASEFIRE,
        FULL_SCALE,
    ]


def test_by_regime_gives_each_member_the_level_of_its_regime():
    regime = np.array([FULL_SCALE, NONE, CEASEFIRE, FROZEN])
    levels = (0.5, np.array([1.0, 2.0, 3.0, 4.0]), full(7.0, 4), 9.0)
    assert by_regime(regime, levels).tolist() == [7.0, 0.5, 9.0, 4.0]
    assert len(levels) == len(REGIMES)


@given(st.floats(2.0, 8.0), st.integers(1, 24))
def test_the_median_path_starts_at_the_price_and_closes_on_the_level(log_price, months):
    path = list(PROCESS.median_path(0, full(log_price), months))
    assert len(path) == months
    np.testing.assert_allclose(path[0], np.exp(log_price))
    gaps = [abs(np.log(price[0]) - 5.5) for price in path]
    assert all(later <= earlier + 1e-12 for earlier, later in pairwise(gaps))


def test_the_median_path_at_the_limits_of_pull():
    at_once, never = (
        list(PriceProcess((5.5, 4.3), (pull, pull), (0.1, 0.1), 0.0, 5.0, 95).median_path(1, full(2.0), 4))
        for pull in (1.0, 0.0)
    )
    np.testing.assert_allclose(at_once[0], np.exp(2.0))
    np.testing.assert_allclose(at_once[1:], np.exp(4.3))
    np.testing.assert_allclose(never, np.exp(2.0))


def test_the_median_path_is_the_path_without_shocks():
    gas, brent = full(7.0), full(3.0)
    for gas_ahead, brent_ahead in zip(
        PROCESS.median_path(0, gas, 13), PROCESS.median_path(1, brent, 13), strict=True
    ):
        for ahead, plain in (
            (gas_ahead, gas),
            (brent_ahead, brent),
        ):  # one number where it is that of all members
            np.testing.assert_allclose(np.broadcast_to(ahead, plain.shape), np.exp(plain))
        gas, brent = PROCESS.step(gas, brent, (full(0.0), full(0.0)))


def test_shocks_have_the_scale_and_correlation_of_the_process():
    shocks = np.random.default_rng(1).standard_normal((2, 40_000))
    gas, brent = PROCESS.step(full(5.5, 40_000), full(4.3, 40_000), (shocks[0], shocks[1]))
    np.testing.assert_allclose([gas.std(), brent.std()], PROCESS.scale, rtol=0.02)
    np.testing.assert_allclose(np.corrcoef(gas, brent)[0, 1], 0.4, atol=0.02)


def simulated(months, seed=3):
    """Return prices that `PROCESS` made, gas and Brent, shape (months,)."""
    draws = np.random.default_rng(seed)
    tail = np.sqrt(PROCESS.freedom / draws.chisquare(PROCESS.freedom, months))
    normals = draws.standard_normal((2, months)) * tail
    path = [(np.array(5.5), np.array(4.3))]
    for shocks in normals.T[1:]:
        path.append(PROCESS.step(*path[-1], (shocks[0], shocks[1])))
    return np.exp(np.array(path).T)


def test_the_fit_finds_the_process_that_made_the_prices_and_keeps_half_its_pull():
    found = fit(*simulated(2000))
    np.testing.assert_allclose(found.level, PROCESS.level, atol=0.25)
    np.testing.assert_allclose(found.pull, 0.5 * np.array(PROCESS.pull), atol=0.0125)
    np.testing.assert_allclose(found.scale, PROCESS.scale, rtol=0.08)
    np.testing.assert_allclose(found.correlation, PROCESS.correlation, atol=0.06)
    assert 3.8 < found.freedom < 7.0
    assert found.months == 1999


def test_the_fit_knows_no_units():
    gas, brent = simulated(200)
    one, other = fit(gas, brent), fit(1000.0 * gas, brent)
    np.testing.assert_allclose(other.level[0] - one.level[0], np.log(1000.0), atol=2e-3)
    np.testing.assert_allclose(other.scale, one.scale, rtol=2e-3)
    np.testing.assert_allclose(other.pull, one.pull, atol=1e-3)


def test_too_few_months_are_refused():
    gas, brent = simulated(60)
    assert fit(gas, brent).months == 59
    with pytest.raises(ValueError, match="at least 60 months of prices, got 59"):
        fit(gas[1:], brent[1:])
