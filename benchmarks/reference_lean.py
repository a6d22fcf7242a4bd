"""The lean at which a state is as likely to impose sanctions as the other candidates were.

The hazard of sanctions needs one reference lean for all members: the prior median of February 2022, the last month
before candidates began to adopt sanctions. Nothing is fitted: facts are imposed up to then, parameters drawn from
their priors. Run with ``python benchmarks/reference_lean.py``, and ``--state`` with a shipped name or a folder's path;
the number stands in the state's ``parameters.toml`` as ``sanctions_reference_lean`` (any value will do for the count),
and a test holds those that are shipped to a smaller run of this.
"""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date

import numpy as np

from sim.forecasting.ensemble import simulate
from sim.record.country import DEFAULT, resolved
from sim.runs.members import at
from sim.scenario import Scenario

FEBRUARY_2022 = 121


def median_lean(members: int, seed: int = 1, state: str = DEFAULT) -> tuple[float, float]:
    """Return the prior median lean of February 2022 and its Monte Carlo error."""
    month = Scenario(
        name="reference-lean",
        title="The reference lean",
        state=resolved(state),
        as_of=date(2022, 3, 1),
        until=date(2022, 3, 31),
    )
    lean = at(simulate(month, members=members, seed=seed), "lean", FEBRUARY_2022)
    halves = np.median(lean.reshape(10, -1), axis=1)
    return float(np.median(lean)), float(halves.std(ddof=1) / 10**0.5)


if __name__ == "__main__":
    parser = ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--state", default=DEFAULT, help="a shipped state, or a folder by its path, as ./georgia"
    )
    median, error = median_lean(40_000, state=parser.parse_args().state)
    print(f"prior median lean of February 2022: {median:.3f}, Monte Carlo error {error:.3f}")
