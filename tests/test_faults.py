"""Whether memory grows is told from what a process held, look by look: a leak from steps of the allocator."""

import faults
import numpy as np
import pytest


def looks(*, leak=0.0, step=0.0, times=200):
    """Return what a process of 230 MB holds, in MB: `leak` more after each forecast, and once a `step` more."""
    number = np.arange(0, times, faults.EACH)
    noise = np.random.default_rng(1).uniform(0.0, 0.2, number.size)
    return 230.0 + leak * number + step * (number >= 0.4 * times) + noise


@pytest.mark.parametrize("leak", [0.02, 0.05, 0.5])
def test_a_leak_is_growth(leak):
    assert faults.grows(looks(leak=leak))
    assert faults.grows(looks(leak=leak, step=1.0))


@pytest.mark.parametrize("step", [0.0, 0.3, 1.0])
def test_what_levels_off_is_none(step):
    assert not faults.grows(looks(step=step))
