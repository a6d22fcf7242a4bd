"""The reference lean of the sanctions hazard is the prior median that it claims to be."""

import reference_lean

from sim.parameters import parameter_table


def test_the_reference_lean_is_the_prior_median_of_february_2022():
    median, error = reference_lean.median_lean(4000, seed=2)
    stands = parameter_table()["sanctions_reference_lean"].prior.median()
    assert abs(median - stands) < 4 * error + 0.006, (
        "run python benchmarks/reference_lean.py and renew the entry"
    )
