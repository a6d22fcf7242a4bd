"""The forecast table holds the rows that the table of targets allows, and each says what the members say."""

from collections import defaultdict
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import xarray as xr
from hypothesis import assume, given, settings, strategies as st

from sim.clock import month_number, month_start
from sim.forecasting import forecast_rows, samples
from sim.forecasting.ensemble import simulate
from sim.forecasting.samples import quantiles, variable_of
from sim.forecasting.tables import QUANTILE_LEVELS, outcomes
from sim.model.variables import VARIABLES
from sim.quantities.catalogue import QUANTITIES, askable, targets
from sim.scenario import read_scenario

SPEC = read_scenario("march-2023")
LEVELS = ["0.025", "0.05", "0.1", "0.25", "0.5", "0.75", "0.9", "0.95", "0.975"]


@pytest.fixture(scope="module")
def data():
    return simulate(SPEC, members=200)


@pytest.fixture(scope="module")
def tables(data):
    """Return the table as {(target, start, end): {(output type, id): value}}."""
    found = defaultdict(dict)
    for row in forecast_rows(data, SPEC):
        assert row.origin_date == SPEC.as_of
        key = (row.target, row.target_start_date, row.target_end_date)
        assert (row.output_type, row.output_type_id) not in found[key], "one row of each kind"
        found[key][row.output_type, row.output_type_id] = row.value
    return dict(found)


def numbers(first_day, last_day):
    """Return a data set of two members whose figures exist when they are due, and the scenario of those dates."""
    months = np.arange(month_number(last_day) + 1)
    blank = np.full((2, months.size), np.nan)
    due = {"cfsp_alignment_half": months % 6 == 5, "cfsp_alignment_year": months % 12 == 11}
    due["un_position"] = due["cfsp_alignment_year"]
    values = {
        v.name: np.where(due.get(v.name, True), 0.5 if v.name not in ("posture", "war") else 1.0, blank)
        for v in VARIABLES
    }
    made = xr.Dataset(
        {name: (("member", "month"), value) for name, value in values.items()},
        coords={"month": np.array([month_start(month) for month in months], dtype="datetime64[ns]")},
    )
    return made, replace(SPEC, as_of=first_day, until=last_day, questions=())


def windows_of(first_day, last_day):
    made, spec = numbers(first_day, last_day)
    found = defaultdict(list)
    for row in forecast_rows(made, spec):
        window = (row.target_start_date, row.target_end_date)
        if window not in found[row.target]:
            found[row.target].append(window)
    return found


def test_the_targets_are_forecast_in_their_order_at_nine_levels(tables):
    assert tuple(dict.fromkeys(target for target, *_ in tables)) == targets()
    assert [f"{level:g}" for level in QUANTILE_LEVELS] == LEVELS


def test_each_target_has_the_outputs_of_its_kind(tables):
    quantile = {("quantile", level) for level in LEVELS}
    centre = {("mean", ""), ("median", "")}
    chapters = {("pmf", str(count)) for count in range(36)}
    expected = {
        "sanctions": {("mean", ""), ("pmf", "0"), ("pmf", "1"), *quantile},
        "chapters_opened": centre | quantile | chapters,
        "posture": {("pmf", "ally"), ("pmf", "balancer"), ("pmf", "opponent")},
    }
    for (target, _, _), outputs in tables.items():
        assert outputs.keys() == expected.get(target, centre | quantile)


def test_windows_of_a_horizon_from_july_to_march():
    found = windows_of(date(2023, 7, 10), date(2025, 3, 15))
    assert found["cfsp_alignment"] == [
        (date(2023, 7, 1), date(2023, 12, 31)),
        (date(2023, 1, 1), date(2023, 12, 31)),
        (date(2024, 1, 1), date(2024, 6, 30)),
        (date(2024, 7, 1), date(2024, 12, 31)),
        (date(2024, 1, 1), date(2024, 12, 31)),
    ]
    assert found["un_position"] == [
        (date(2023, 1, 1), date(2023, 12, 31)),
        (date(2024, 1, 1), date(2024, 12, 31)),
    ]
    assert len(found["posture"]) == 21
    assert found["posture"][0] == (None, date(2023, 7, 31))
    assert found["posture"][-1] == (None, date(2025, 3, 31))


@settings(max_examples=25)
@given(st.dates(date(2022, 1, 1), date(2024, 12, 31)), st.integers(0, 40))
def test_windows_end_in_the_horizon_and_none_is_missing(first_day, length):
    first_day = first_day.replace(
        day=min(first_day.day, 27)
    )  # before the last day, which may be of this month
    last = month_number(first_day) + length
    last_day = date(2012 + last // 12, last % 12 + 1, 28)
    assume(last_day > first_day)
    found = windows_of(first_day, last_day)
    months = range(month_number(first_day), last + 1)
    halves, years = (sum(month % n == n - 1 for month in months) for n in (6, 12))
    assert len(found["cfsp_alignment"]) == halves + years
    assert len(found["un_position"]) == years
    for target in ("eu_support", "chapters_opened", "gas_discount", "sanctions", "posture"):
        assert [end for _, end in found[target]] == sorted(end for _, end in found[target])
        assert len(found[target]) == length + 1
    for spans in found.values():
        assert all(month_number(end) in months for _, end in spans)


def test_probabilities_sum_to_1_and_quantiles_rise(tables):
    for outputs in tables.values():
        pmf = [value for (kind, _), value in outputs.items() if kind == "pmf"]
        assert not pmf or np.isclose(sum(pmf), 1.0)
        levels = [outputs["quantile", level] for level in LEVELS if ("quantile", level) in outputs]
        assert levels == sorted(levels)
        if ("median", "") in outputs:
            assert outputs["median", ""] == outputs["quantile", "0.5"]


def test_values_stay_within_the_bounds_of_their_target(tables):
    for (target, _, _), outputs in tables.items():
        low, high = QUANTITIES[target].low, QUANTITIES[target].high
        for (kind, _), value in outputs.items():
            assert kind == "pmf" or low is None or value >= low
            assert kind == "pmf" or high is None or value <= high


def test_quantiles_of_discrete_targets_are_values_that_occur(data, tables):
    for (target, _, end), outputs in tables.items():
        if QUANTITIES[target].discrete:
            seen = set(samples(data, target, month_number(end)).tolist())
            assert {value for (kind, _), value in outputs.items() if kind in ("quantile", "median")} <= seen


def test_a_discrete_quantile_is_the_least_value_with_its_share_below():
    values = np.array([0.0, 0.0, 1.0, 3.0])
    assert quantiles(values, [0.25, 0.5, 0.51, 0.75, 0.76], discrete=True).tolist() == [0, 0, 1, 1, 3]
    assert quantiles(values, [0.5], discrete=False).tolist() == [0.5]


def test_rows_say_what_numpy_says_of_the_published_figures(data, tables):
    december = month_number(date(2024, 12, 1))
    year, half = (date(2024, 1, 1), date(2024, 12, 31)), (date(2024, 7, 1), date(2024, 12, 31))
    for key, variable in {
        ("cfsp_alignment", *year): "cfsp_alignment_year",
        ("cfsp_alignment", *half): "cfsp_alignment_half",
        ("un_position", *year): "un_position",
        ("eu_support", None, year[1]): "eu_support_published",
        ("gas_discount", None, year[1]): "gas_discount",
    }.items():
        values = data[variable].to_numpy()[:, december].astype(float)
        assert tables[key]["mean", ""] == values.mean()
        assert tables[key]["quantile", "0.975"] == np.quantile(values, 0.975)
    sanctions = data["sanctions"].to_numpy()[:, december]
    assert tables["sanctions", None, year[1]]["mean", ""] == sanctions.mean()
    assert tables["sanctions", None, year[1]]["pmf", "1"] == (sanctions == 1).mean()
    posture = data["posture"].to_numpy()[:, december]
    for code, name in enumerate(("ally", "balancer", "opponent")):
        assert tables["posture", None, year[1]]["pmf", name] == (posture == code).mean()


def test_a_figure_that_is_not_due_is_refused(data):
    with pytest.raises(ValueError, match="no published un_position"):
        samples(data, "un_position", month_number(date(2024, 11, 1)))
    assert variable_of("cfsp_alignment", half_year=True) != variable_of("cfsp_alignment")


def test_the_summary_has_the_median_and_nine_in_ten_or_the_probability(data):
    month = month_number(date(2024, 12, 1))
    found = {(o.target, o.category): o for name in askable() for o in outcomes(data, name, [month])}
    lean = data["lean"].to_numpy()[:, month].astype(float)
    low, median, high = np.quantile(lean, [0.05, 0.5, 0.95])
    assert (found["lean", ""].low, found["lean", ""].median, found["lean", ""].high) == (low, median, high)
    assert found["lean", ""].mcse == lean.std() / 200**0.5
    postures = [found["posture", name] for name in ("ally", "balancer", "opponent")]
    assert np.isclose(sum(o.mean for o in postures), 1.0)
    assert all(o.median is None and o.low is None for o in postures)
    in_june = {o.target for name in askable() for o in outcomes(data, name, [month - 6])}
    assert {o.target for o in found.values()} - in_june == {"cfsp_alignment", "un_position"}
