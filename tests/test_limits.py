"""Parameters and rates at the ends of what they may be."""

from collections import defaultdict
from dataclasses import replace
from datetime import date
from itertools import product

import numpy as np
import pytest
from scipy import stats

from sim.draws.quantiles import poisson_quantile
from sim.forecasting import forecast_rows
from sim.forecasting.ensemble import simulate
from sim.mechanisms.choice import monthly_log_odds, sanctions_hazard
from sim.model.alignment import AlignmentModel
from sim.model.variables import VARIABLES, read
from sim.quantities.catalogue import QUANTITIES, settable
from sim.record.observations import Record
from sim.scenario import Change, Event, read_scenario
from sim.world.facts import gather

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
    model = AlignmentModel(SPEC, seed=1, members=2 * len(TABLE), facts=FACTS, parameters=medians)
    bounded = [variable for variable in VARIABLES if variable.unit in ("share", "probability")]
    while model.tick < SPEC.last_month:
        model.step()
        for variable in bounded:
            values = read(variable, model)
            low = -np.inf if variable.name == "gas_discount" else 0.0
            assert ((np.isnan(values)) | ((values >= low) & (values <= 1.0))).all(), variable.name


def test_at_a_rate_of_0_there_is_no_chance_of_sanctions():
    none = np.zeros(3)
    assert (sanctions_hazard(none, none, none, monthly_log_odds(none)) == 0.0).all()


def test_a_rate_of_800_still_gives_poisson_counts():
    u = np.array([0.01, 0.5, 0.99])
    np.testing.assert_array_equal(poisson_quantile(u, np.full(3, 800.0)), stats.poisson.ppf(u, 800.0))


def test_a_text_that_serbia_is_sure_to_vote_down_can_be_put():
    parameters = {name: np.full(3, entry.draw(np.array([0.5]))[0]) for name, entry in TABLE.items()}
    parameters["vote_severity_crimea"] = np.full(3, 60.0)
    model = AlignmentModel(SPEC, seed=1, members=3, facts=FACTS, parameters=parameters)
    with np.errstate(divide="raise"):
        while model.tick < SPEC.last_month:
            model.step()


def test_an_origin_before_2014_has_rows_of_posture_that_sum_to_1_or_none():
    early = replace(SPEC, as_of=date(2013, 1, 10), until=date(2013, 12, 31), questions=())
    totals = defaultdict(float)
    for row in forecast_rows(simulate(early, members=3), early):
        if row.target == "posture":
            totals[row.target_end_date] += row.value
    assert all(np.isclose(total, 1.0) for total in totals.values())


EARLY = replace(SPEC, as_of=date(2012, 2, 1), until=date(2013, 2, 28), questions=())
LATE = replace(SPEC, until=date(2024, 3, 31), questions=())


def extremes(name):
    """Return every change of a quantity to, by and towards the ends of what is allowed."""
    quantity = QUANTITIES[name]
    ends = quantity.categories or (quantity.low, quantity.high)
    changes = [(name, "set", end) for end in ends]
    if "add" in quantity.changes:
        changes += [(name, "add", 0.0), (name, "add", quantity.high)]
        changes += [(name, "multiply", factor) for factor in (5e-324, 1e-3, 1000.0)]
    return changes


def within_bounds(spec, changes):
    until = None if spec is EARLY else date(2024, 4, 1)
    events = tuple(Event(date=spec.as_of, until=until, changes=(Change(*c),), source="x") for c in changes)
    data = simulate(replace(spec, events=events), members=5)
    for name, quantity in QUANTITIES.items():
        if name in data:
            values = data[name].to_numpy()
            low = -np.inf if quantity.low is None else quantity.low
            high = np.inf if quantity.high is None else quantity.high
            assert (np.isnan(values) | ((values >= low) & (values <= high))).all(), (name, changes)


@pytest.mark.parametrize("name", settable())
def test_every_quantity_may_be_taken_to_the_ends_of_what_is_allowed(name):
    for change in extremes(name):
        within_bounds(EARLY, [change])


@pytest.mark.parametrize(("gas", "oil"), list(product([0, 1, 3, 4], repeat=2)))
def test_no_two_prices_carry_the_discount_out_of_its_bounds(gas, oil):
    within_bounds(EARLY, [extremes("market_price")[gas], extremes("brent")[oil]])


@pytest.mark.parametrize("place", [0, -1])
def test_everything_may_be_taken_to_its_ends_at_once(place):
    within_bounds(LATE, [[c for c in extremes(name) if c[1] == "set"][place] for name in settable()])
    within_bounds(LATE, [extremes(name)[place] for name in settable()])


def test_dear_oil_and_cheap_gas_need_the_discounts_whole_range():
    cheap, dear = QUANTITIES["market_price"].low, QUANTITIES["brent"].high
    slope = max(contract.slope * np.exp(5.0 * contract.slope_spread) for contract in FACTS.contracts.values())
    assert 1.0 - slope * dear / cheap > QUANTITIES["gas_discount"].low
