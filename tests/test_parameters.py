"""Priors, the table of parameters, its rule, and draws."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import stats

from sim.parameters.priors import FAMILIES, Prior, Rule
from sim.parameters.table import adoption_rate, draw, parameter_table, read_table, resolve

EXAMPLES = {
    "normal": ((0.8, 0.2), stats.norm(0.8, 0.2)),
    "halfnormal": ((1.5,), stats.halfnorm(scale=1.5)),
    "lognormal": ((0.1, 0.4), stats.lognorm(s=0.4, scale=0.1)),
    "beta": ((3.0, 15.0), stats.beta(3.0, 15.0)),
    "gamma": ((2.5, 43.0), stats.gamma(2.5, scale=1 / 43.0)),
    "uniform": ((-2.0, 3.0), stats.uniform(-2.0, 5.0)),
}
U = np.array([1e-9, 0.01, 0.3, 0.5, 0.9, 1 - 1e-9])
ENTRY = 'unit = "logit"\nmeaning = "what it is"\nsource = "judgement"\n'


def table(tmp_path, text):
    path = tmp_path / "parameters.toml"
    path.write_text(text)
    return read_table(path)


def test_every_family_has_an_example():
    assert set(EXAMPLES) | {"value"} == set(FAMILIES)


@pytest.mark.parametrize("family", EXAMPLES)
def test_quantiles_cdf_and_median_are_those_of_scipy(family):
    numbers, reference = EXAMPLES[family]
    prior = Prior(family, numbers)
    np.testing.assert_allclose(prior.quantile(U), reference.ppf(U), rtol=1e-6)
    for x in (-1.0, 0.0, 0.1, 0.7, 2.0):
        assert prior.cdf(x) == pytest.approx(reference.cdf(x), abs=1e-12)
    assert prior.quantile(np.array([0.5])) == pytest.approx(reference.median())


@pytest.mark.parametrize("family", EXAMPLES)
def test_the_centre_is_the_mean_of_beta_and_gamma_else_the_median(family):
    numbers, reference = EXAMPLES[family]
    expected = reference.mean() if family in ("beta", "gamma") else reference.median()
    assert Prior(family, numbers).centre() == pytest.approx(expected)


@pytest.mark.parametrize(
    ("family", "numbers"),
    [
        ("normal", (0.0, 0.0)),
        ("normal", (0.0,)),
        ("normal", (float("nan"), 1.0)),
        ("halfnormal", (-1.0,)),
        ("lognormal", (0.0, 1.0)),
        ("beta", (1.0, 0.0)),
        ("gamma", (1.0, -1.0)),
        ("uniform", (1.0, 1.0)),
        ("value", (float("inf"),)),
    ],
)
def test_numbers_that_make_no_prior_are_refused(family, numbers):
    with pytest.raises(ValueError, match=family):
        Prior(family, numbers)


def test_a_prior_in_words():
    assert Prior("normal", (0.8, 0.2)).describe() == "normal(0.8, 0.2)"
    assert Prior("value", (1040.0,)).describe() == "1040"


def test_draws_are_cut_to_what_the_parameter_can_be(tmp_path):
    text = f"[share]\nprior = {{ normal = [0.5, 1.0] }}\nminimum = 0.0\nmaximum = 1.0\n{ENTRY}"
    values = draw(table(tmp_path, text), rows=np.arange(4000), seed=1)["share"]
    assert values.min() >= 0.0
    assert values.max() <= 1.0
    expected = stats.truncnorm(-0.5, 0.5, loc=0.5, scale=1.0)
    assert stats.kstest(values, expected.cdf).pvalue > 1e-3
    assert not np.any((values == 0.0) | (values == 1.0)), "cut, not piled up at the bounds"


@given(st.permutations(range(8)))
def test_a_row_does_not_depend_on_the_rows_beside_it(order):
    parameters = {"gas_weight": parameter_table()["gas_weight"]}
    all_rows = draw(parameters, rows=np.arange(8), seed=3)["gas_weight"]
    np.testing.assert_array_equal(
        draw(parameters, rows=np.array(order), seed=3)["gas_weight"], all_rows[list(order)]
    )


def test_a_parameter_does_not_depend_on_those_beside_it():
    resolved = resolve(parameter_table(), dt.date(2023, 3, 10))
    rows = np.arange(16)
    every = draw(resolved, rows=rows, seed=1)
    for name in ("gas_weight", "join_cost"):
        np.testing.assert_array_equal(draw({name: resolved[name]}, rows=rows, seed=1)[name], every[name])
    assert not np.array_equal(draw(resolved, rows=rows, seed=2)["gas_weight"], every["gas_weight"])


def test_a_fixed_value_is_the_same_in_every_row(tmp_path):
    fixed = table(tmp_path, f"[years]\nvalue = 3.0\n{ENTRY}")
    assert draw(fixed, rows=np.arange(3), seed=1)["years"].tolist() == [3.0, 3.0, 3.0]
    assert not fixed["years"].learned


def test_every_shipped_parameter_is_described_and_draws_within_its_bounds():
    resolved = resolve(parameter_table(), dt.date(2023, 3, 10))
    values = draw(resolved, rows=np.arange(500), seed=1)
    for name, parameter in resolved.items():
        assert parameter.unit
        assert parameter.meaning
        assert parameter.source
        assert values[name].shape == (500,)
        assert all(parameter.admits(float(x)) for x in values[name]), name


def test_the_rule_counts_what_was_known_then():
    assert isinstance(parameter_table()["sanctions_rate"].prior, Rule)
    with pytest.raises(ValueError, match="resolve"):
        draw(parameter_table(), rows=np.arange(2), seed=1)
    then = resolve(parameter_table(), dt.date(2023, 3, 10))["sanctions_rate"]
    before = resolve(parameter_table(), dt.date(2021, 3, 10))["sanctions_rate"]
    # two adoptions in 42.8 state-years
    assert then.prior.numbers == (0.5, pytest.approx(0.5 * 42.8 / 2.5, abs=0.05))
    assert before.prior.numbers == (0.5, pytest.approx(35.0, abs=0.5)), "as Jeffreys' own, where none adopted"
    assert "2 adoptions" in then.source


@given(st.integers(0, 20), st.floats(1.0, 500.0))
def test_a_states_rate_has_the_mean_of_the_others_and_is_spread_more_widely(adoptions, state_years):
    shape, per = adoption_rate(adoptions, state_years).numbers
    jeffreys = stats.gamma(adoptions + 0.5, scale=1.0 / state_years)
    one = stats.gamma(shape, scale=1.0 / per)
    assert one.mean() == pytest.approx(jeffreys.mean())
    assert one.var() == pytest.approx(jeffreys.var() * (2 * adoptions + 1))
    if not adoptions:
        assert one.ppf([0.05, 0.5, 0.95]) == pytest.approx(jeffreys.ppf([0.05, 0.5, 0.95]))


@given(st.integers(0, 20), st.floats(1.0, 500.0), st.floats(0.0, 30.0))
def test_years_held_out_lower_a_states_rate_in_closed_form(adoptions, state_years, held):
    # a gamma is conjugate to years without an event: weighed by exp(-rate * years) its mean is shape / (per + years)
    prior = adoption_rate(adoptions, state_years)
    shape, per = prior.numbers
    u = (np.arange(20_000) + 0.5) / 20_000
    rates = stats.gamma(shape, scale=1.0 / per).ppf(u)
    weights = np.exp(-rates * held)
    assert np.average(rates, weights=weights) == pytest.approx(shape / (per + held), rel=5e-3)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"[x]\nprior = {{ normal = [0, 1] }}\n{ENTRY}colour = 1\n", "colour"),
        (f"[x]\n{ENTRY}", "either a value or a prior"),
        (f"[x]\nvalue = 1\nprior = {{ normal = [0, 1] }}\n{ENTRY}", "either a value or a prior"),
        ("[x]\nvalue = 1\nunit = ''\nmeaning = ''\n", "source"),
        (f"[x]\nprior = {{ cauchy = [0, 1] }}\n{ENTRY}", "cauchy"),
        (f"[x]\nprior = {{ rule = 'guess' }}\n{ENTRY}", "guess"),
        (f"[x]\nprior = {{ normal = [0, 1], beta = [1, 1] }}\n{ENTRY}", "one family"),
        (f"[x]\nvalue = -1\nminimum = 0\n{ENTRY}", "outside"),
    ],
)
def test_a_wrong_table_names_the_parameter(tmp_path, text, reason):
    with pytest.raises(ValueError, match="'x'.*" + reason):
        table(tmp_path, text)


def test_no_parameter_has_the_name_of_a_quantity():
    from sim.quantities.catalogue import QUANTITIES

    assert not QUANTITIES.keys() & parameter_table().keys()
