"""The lean at which Serbia is as likely to impose sanctions as the other candidates were.

The hazard of sanctions needs one reference lean for all members: the prior median of February 2022, the last month
before candidates began to adopt sanctions. Nothing is fitted: facts are imposed up to then, parameters drawn from
their priors. Run with ``python benchmarks/reference_lean.py``; the number stands in ``sim/data/parameters.toml`` as
``sanctions_reference_lean``, and a test holds it to a smaller run of this.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from sim.ensemble import simulate
from sim.members import at
from sim.scenario import Scenario

SPEC = Scenario(
    name="reference-lean", title="The reference lean", as_of=date(2022, 3, 1), until=date(2022, 3, 31)
)
FEBRUARY_2022 = 121


def median_lean(members: int, seed: int = 1) -> tuple[float, float]:
    """Return the prior median lean of February 2022 and its Monte Carlo error."""
    lean = at(simulate(SPEC, members=members, seed=seed), "lean", FEBRUARY_2022)
    halves = np.median(lean.reshape(10, -1), axis=1)
    return float(np.median(lean)), float(halves.std(ddof=1) / 10**0.5)


if __name__ == "__main__":
    median, error = median_lean(40_000)
    print(f"prior median lean of February 2022: {median:.3f}, Monte Carlo error {error:.3f}")
