"""Whatever stands in a file, reading it ends in a scenario or in a list of problems with lines, never otherwise."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from sim.parameters.table import parameter_table
from sim.quantities.catalogue import QUANTITIES
from sim.scenario import Belief, Event, Question, ScenarioError, read_scenario, to_toml
from sim.scenario.declared import file_keys
from sim.scenario.problems import toml_key, toml_value
from sim.scenario.reading import HEADER
from sim.scenario.source import shipped_folder

NAMES = [*QUANTITIES, "gas_weight", "sanctions_rate", "join_cost", "no_such_name"]
DATES = st.dates(dt.date(2011, 1, 1), dt.date(2040, 1, 1)) | st.dates()
NUMBERS = st.floats() | st.integers(-3, 40) | st.floats(0, 1) | st.just(10**400)
TEXTS = st.sampled_from(["ally", "ceasefire", "a-slug", "A b", "", "baseline.toml", "../x.toml"]) | st.text(
    max_size=5
)
ANYTHING = st.recursive(
    DATES | st.datetimes() | NUMBERS | TEXTS | st.booleans(),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)  # fmt: skip
CHANGES = st.dictionaries(st.sampled_from(NAMES), NUMBERS | TEXTS | st.booleans(), max_size=2)
LIKELY = {
    "as_of": DATES, "until": DATES, "date": DATES, "at": DATES, "ever_by": DATES, "start": DATES, "end": DATES,
    "title": TEXTS, "source": TEXTS, "text": TEXTS, "resolution": TEXTS, "id": TEXTS,
    "target": st.sampled_from(NAMES), "equals": NUMBERS | TEXTS, "at_least": NUMBERS, "at_most": NUMBERS,
    "set": CHANGES, "add": CHANGES, "multiply": CHANGES, "value": NUMBERS,
    "between": st.lists(NUMBERS, min_size=2, max_size=2), "normal": st.lists(NUMBERS, min_size=2, max_size=2),
    "beta": st.lists(NUMBERS, min_size=2, max_size=2), "halfnormal": st.lists(NUMBERS, min_size=1, max_size=1),
}  # fmt: skip


def tables(keys):
    """Tables with some of a shape's keys, mostly with values of the right kind, and now and then with others."""
    values = {key: st.one_of(LIKELY.get(key, ANYTHING), LIKELY.get(key, ANYTHING), ANYTHING) for key in keys}
    return st.fixed_dictionaries({}, optional=values) | ANYTHING


def scenario_files():
    keys = {
        "title": TEXTS, "as_of": DATES, "until": DATES,
        "parameters": st.dictionaries(st.sampled_from(NAMES), tables(file_keys(Belief)), max_size=2),
        "events": st.lists(tables(file_keys(Event)), max_size=2),
        "questions": st.lists(tables(file_keys(Question)), max_size=2),
    }  # fmt: skip
    odd = {"extends": TEXTS, "description": ANYTHING, "colour": ANYTHING}
    return st.fixed_dictionaries(keys, optional=odd) | tables(HEADER)


def read_or_refuse(path):
    refused = ()
    try:
        scenario = read_scenario(path)
    except ScenarioError as error:
        refused = error.problems
    else:
        assert replace(scenario) == scenario, "what was read is right in Python too"
        path.write_text(to_toml(scenario), encoding="utf-8")
        assert read_scenario(path, name=scenario.name).questions == scenario.questions
    for problem in refused:
        assert problem.what
        assert problem.line is None or problem.line >= 1
        assert "\n" not in str(problem)


@given(scenario_files())
def test_any_toml_is_read_or_refused(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("fuzz") / "any.toml"
    if isinstance(data, dict):
        path.write_text(
            "".join(f"{toml_key(key)} = {toml_value(value)}\n" for key, value in data.items()),
            encoding="utf-8",
        )
        read_or_refuse(path)


@given(st.data())
def test_a_shipped_file_with_a_piece_torn_out_is_read_or_refused(tmp_path_factory, data):
    raw = (shipped_folder() / "march-2023.toml").read_bytes()
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, min(len(raw), start + 200)))
    path = tmp_path_factory.mktemp("fuzz") / "torn.toml"
    path.write_bytes(raw[:start] + data.draw(st.binary(max_size=3)) + raw[end:])
    read_or_refuse(path)


@pytest.mark.parametrize("name", ["gas_weight", "join_cost"])
def test_the_parameters_that_the_fuzz_names_exist(name):
    assert name in parameter_table()
