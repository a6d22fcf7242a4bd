"""The reference lean of the sanctions hazard is the prior median that it claims to be."""

import pytest
import reference_lean

from sim.parameters.table import parameter_table
from sim.record.country import states


@pytest.mark.parametrize("state", states())
def test_the_reference_lean_is_the_prior_median_of_february_2022(state):
    median, error = reference_lean.median_lean(4000, seed=2, state=state)
    stands = parameter_table(state)["sanctions_reference_lean"].prior.quantile(0.5)
    assert abs(median - stands) < 4 * error + 0.006, (
        f"run python benchmarks/reference_lean.py --state {state} and renew the entry"
    )
