"""From what is to what is printed: bounds, order and how much noise."""

import numpy as np
from hypothesis import given, strategies as st

from sim.mechanisms.publication import published_alignment, published_poll
from sim.mechanisms.scales import logit

MEMBERS = 3
NORMALS = st.floats(-5.0, 5.0)


def full(value):
    return np.full(MEMBERS, float(value))


def printed(joined, issued, noise=0.0):
    return published_alignment(full(joined), full(issued), full(noise))


@given(st.integers(0, 200), st.data(), st.floats(-0.5, 0.5))
def test_a_published_share_lies_between_0_and_1(issued, data, noise):
    share = printed(data.draw(st.integers(0, issued)), issued, noise)
    assert ((share > 0.0) & (share < 1.0)).all()


@given(st.integers(1, 200), st.data(), NORMALS)
def test_one_more_join_and_more_noise_raise_the_published_share(issued, data, noise):
    joined = data.draw(st.integers(0, issued - 1))
    assert (printed(joined, issued, noise / 25.0) < printed(joined + 1, issued, noise / 25.0)).all()
    assert (printed(joined, issued) < printed(joined, issued, 0.01)).all()
    assert (printed(joined, issued) > printed(joined, issued, -0.01)).all()


@given(st.integers(1, 200), st.data())
def test_without_noise_the_share_is_off_by_less_than_half_a_declaration(issued, data):
    joined = data.draw(st.integers(0, issued))
    assert (abs(printed(joined, issued) - joined / issued) <= 0.5 / issued).all()
    np.testing.assert_allclose(printed(joined, issued) + printed(issued - joined, issued), 1.0)


def test_noise_is_in_shares_at_one_half_and_shrinks_towards_the_bounds():
    at_half = printed(500, 1000, 0.03)[0] - printed(500, 1000)[0]
    at_end = printed(990, 1000, 0.03)[0] - printed(990, 1000)[0]
    np.testing.assert_allclose(at_half, 0.03, rtol=0.01)
    assert 0.0 < at_end < 0.1 * at_half


@given(st.floats(0.02, 0.98), NORMALS, NORMALS, st.floats(0.0, 0.5))
def test_a_poll_follows_support_and_luck(support, luck, other, extra):
    low, high = sorted((luck, other))
    lower, higher = (published_poll(full(support), full(1000), full(extra), full(z)) for z in (low, high))
    assert (lower <= higher).all()
    assert ((lower > 0.0) & (higher < 1.0)).all()
    np.testing.assert_allclose(published_poll(full(support), full(1000), full(extra), full(0.0)), support)


def test_a_poll_of_1000_at_one_half_errs_by_1_6_points():
    poll = published_poll(full(0.5), full(1000), full(0.0), full(1.0))
    np.testing.assert_allclose(poll - 0.5, (0.25 / 1000) ** 0.5, rtol=1e-3)


def test_variances_of_sampling_and_fieldwork_add_on_the_logit():
    # at one half sampling has variance 4 / n on the logit: 0.0036 with n = 10000 / 9, and 0.08**2 = 0.0064 is added
    poll = published_poll(full(0.5), full(10_000 / 9), full(0.08), full(1.0))
    np.testing.assert_allclose(logit(poll), 0.1, rtol=3e-4)  # the halves in the formula cost that much


def test_without_fieldwork_noise_a_larger_sample_errs_less():
    errors = [published_poll(full(0.4), full(n), full(0.0), full(2.0))[0] - 0.4 for n in (100, 1000, 10**8)]
    assert errors[0] > 2.5 * errors[1] > 0.0
    assert abs(errors[2]) < 1e-3
