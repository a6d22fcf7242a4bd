"""What holds for every test: floating-point errors are raised, and hypothesis repeats itself in CI."""

import os

import numpy as np
import pytest
from hypothesis import settings

settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


def pytest_configure(config: pytest.Config) -> None:
    """Raise where NumPy would only warn; underflow stays silent, since a plain logistic underflows."""
    np.seterr(divide="raise", invalid="raise", over="raise", under="ignore")
