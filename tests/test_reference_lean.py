"""The reference lean of the sanctions hazard is the prior median that it claims to be."""

import importlib.util
from pathlib import Path

from sim.parameters import parameter_table

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "reference_lean.py"


def test_the_reference_lean_is_the_prior_median_of_february_2022():
    spec = importlib.util.spec_from_file_location("reference_lean", SCRIPT)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    median, error = script.median_lean(4000, seed=2)
    stands = parameter_table()["sanctions_reference_lean"].prior.median()
    assert abs(median - stands) < 4 * error + 0.006, (
        "run python benchmarks/reference_lean.py and renew the entry"
    )
