"""Parameters and rates at the ends of what they may be."""

from collections import defaultdict
from datetime import date

import numpy as np
from scipy import stats

from sim.ensemble import simulate
from sim.facts import gather
from sim.forecasting import forecast_rows
from sim.mechanisms.choice import sanctions_hazard
from sim.model import AlignmentModel
from sim.observations import Record
from sim.randomness import poisson_quantile
from sim.recording import VARIABLES, read
from sim.scenario import read_scenario

SPEC = read_scenario("march-2023")
FACTS = gather(Record.load(), SPEC.as_of)
TABLE = SPEC.parameter_set()


def ends(name):
    """Return the ends of a parameter: its bounds, or where it has none the outermost millionths of its prior."""
    entry = TABLE[name]
    far = entry.draw(np.array([1e-6, 1.0 - 1e-6]))
    low = far[0] if entry.minimum is None else entry.minimum
    return low, far[1] if entry.maximum is None else entry.maximum


def test_every_parameter_may_stand_at_either_end():
    medians = {name: np.full(2 * len(TABLE), entry.draw(np.array([0.5]))[0]) for name, entry in TABLE.items()}
    for place, name in enumerate(TABLE):
        medians[name][2 * place : 2 * place + 2] = ends(name)
    model = AlignmentModel(SPEC, members=2 * len(TABLE), facts=FACTS, parameters=medians)
    bounded = [variable for variable in VARIABLES if variable.unit in ("share", "probability")]
    while model.tick < SPEC.last_month:
        model.step()
        for variable in bounded:
            values = read(variable, model)
            low = -np.inf if variable.name == "gas_discount" else 0.0
            assert ((np.isnan(values)) | ((values >= low) & (values <= 1.0))).all(), variable.name


def test_at_a_rate_of_0_there_is_no_chance_of_sanctions():
    none = np.zeros(3)
    assert (sanctions_hazard(none, none, none, none) == 0.0).all()


def test_a_rate_of_800_still_gives_poisson_counts():
    u = np.array([0.01, 0.5, 0.99])
    np.testing.assert_array_equal(poisson_quantile(u, np.full(3, 800.0)), stats.poisson.ppf(u, 800.0))


def test_a_text_that_serbia_is_sure_to_vote_down_can_be_put():
    parameters = {name: np.full(3, entry.draw(np.array([0.5]))[0]) for name, entry in TABLE.items()}
    parameters["vote_severity_crimea"] = np.full(3, 60.0)
    model = AlignmentModel(SPEC, members=3, facts=FACTS, parameters=parameters)
    with np.errstate(divide="raise"):
        while model.tick < SPEC.last_month:
            model.step()


def test_an_origin_before_2014_has_rows_of_posture_that_sum_to_1_or_none():
    early = SPEC.model_copy(update={"as_of": date(2013, 1, 10), "until": date(2013, 12, 31), "questions": ()})
    totals = defaultdict(float)
    for row in forecast_rows(simulate(early, members=3), early):
        if row.target == "posture":
            totals[row.target_end_date] += row.value
    assert all(np.isclose(total, 1.0) for total in totals.values())
