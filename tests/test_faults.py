"""Whether memory grows is told from what a process held, look by look: a leak from steps of the allocator."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(scope="module")
def faults():
    spec = importlib.util.spec_from_file_location(
        "faults", Path(__file__).parents[1] / "benchmarks" / "faults.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def looks(faults, *, leak=0.0, step=0.0, times=200):
    """Return what a process of 230 MB holds, in MB: `leak` more after each forecast, and once a `step` more."""
    number = np.arange(0, times, faults.EACH)
    noise = np.random.default_rng(1).uniform(0.0, 0.2, number.size)
    return 230.0 + leak * number + step * (number >= 0.4 * times) + noise


@pytest.mark.parametrize("leak", [0.02, 0.05, 0.5])
def test_a_leak_is_growth(faults, leak):
    assert faults.grows(looks(faults, leak=leak))
    assert faults.grows(looks(faults, leak=leak, step=1.0))


@pytest.mark.parametrize("step", [0.0, 0.3, 1.0])
def test_what_levels_off_is_none(faults, step):
    assert not faults.grows(looks(faults, step=step))
