"""Golden numbers: what the model said when they were last renewed on purpose (``make golden``).

They hold on every supported Python and processor within a tight tolerance; bits are not promised across machines.
When they move, say so in CHANGELOG.md under "Numbers change".
"""

import json
from pathlib import Path

import numpy as np
import pytest

from sim.forecasting.ensemble import simulate
from sim.scenario import read_scenario

GOLDEN = Path(__file__).parent / "golden"
MONTHS = (0, 26, 59, 119, 133, 140, 155, 167)
SCENARIOS = ("march-2023", "discount-withdrawn")


def figures(scenario):
    """Return the mean of every variable over 512 members at some months, where it is published."""
    data = simulate(read_scenario(scenario), members=512)
    found = {}
    for name in sorted(data.data_vars):
        if "month" in data[name].dims:
            means = data[name].isel(month=list(MONTHS)).to_numpy().astype(np.float64).mean(axis=0)
            found[str(name)] = [round(float(mean), 9) for mean in means if not np.isnan(mean)]
        else:
            found[str(name)] = [round(float(data[name].to_numpy().mean()), 9)]
    return found


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_golden_numbers(scenario):
    golden = json.loads((GOLDEN / f"{scenario}.json").read_text(encoding="utf-8"))
    fresh = figures(scenario)
    assert fresh.keys() == golden.keys()
    for name, values in golden.items():
        assert fresh[name] == pytest.approx(values, rel=1e-6, abs=1e-7), name


if __name__ == "__main__":
    for each in SCENARIOS:
        text = json.dumps(figures(each), indent=1)
        (GOLDEN / f"{each}.json").write_text(text + "\n", encoding="utf-8")
