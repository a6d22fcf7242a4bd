"""Scenarios that are right: how files resolve, how settings act, and how the resolved text reads back."""

import datetime as dt
import os
import tomllib
from dataclasses import FrozenInstanceError, replace

import pytest
from hypothesis import given, strategies as st

from sim import AlignmentModel, simulate
from sim.names import slug
from sim.parameters.priors import Prior
from sim.parameters.table import parameter_table
from sim.quantities.catalogue import QUANTITIES, targets
from sim.scenario import (
    Belief,
    Change,
    Event,
    Question,
    Scenario,
    ScenarioError,
    read_scenario,
    shipped_scenarios,
    to_toml,
    with_settings,
)
from sim.scenario.problems import toml_key, toml_value
from sim.scenario.writing import new_toml

BASE = """
title = "Base"
description = "What is assumed."
as_of = 2023-03-10
until = 2025-12-31
[parameters]
gas_weight = { normal = [0.8, 0.2], source = "judgement" }
join_cost = { value = 4.0, source = "judgement" }
[[events]]
date = 2023-06-01
until = 2024-03-01
set = { market_price = 1200.0 }
add = { brent = 5.0 }
source = "assumption"
[[questions]]
id = "first"
text = "Sanctions?"
target = "sanctions"
ever_by = 2024-12-31
at_least = 1
resolution = "in force"
[[questions]]
id = "second"
text = "Half joined?"
target = "cfsp_alignment"
start = 2024-01-01
end = 2024-06-30
at_least = 0.5
resolution = "as counted"
"""
DELTA = """
extends = "base.toml"
title = "Delta"
until = 2026-12-31
[parameters]
gas_weight = { value = 0.0, source = "the incentive off" }
[[events]]
date = 2023-03-01
multiply = { brent = 1.5 }
source = "assumption"
[[questions]]
id = "second"
text = "Three in five joined?"
target = "cfsp_alignment"
start = 2024-01-01
end = 2024-12-31
at_least = 0.6
resolution = "as counted"
[[questions]]
id = "third"
text = "An ally?"
target = "posture"
at = 2026-12-31
equals = "ally"
resolution = "by the definition"
"""


@pytest.fixture
def files(tmp_path):
    (tmp_path / "base.toml").write_text(BASE)
    (tmp_path / "My delta (2).toml").write_text(DELTA)
    return tmp_path


def test_the_shipped_scenarios_are_read_by_name():
    assert {"baseline", "march-2023", "discount-withdrawn"} <= set(shipped_scenarios())
    for name, path in shipped_scenarios().items():
        scenario = read_scenario(name)
        assert scenario.name == name
        assert read_scenario(path) == scenario


def test_march_2023_asks_the_reports_question_over_all_targets():
    scenario = read_scenario("march-2023")
    assert (scenario.as_of, scenario.until) == (dt.date(2023, 3, 10), dt.date(2025, 12, 31))
    asked = {question.target for question in scenario.questions}
    assert set(targets()) <= asked
    postures = {q.equals for q in scenario.questions if q.target == "posture" and q.at == scenario.until}
    assert postures == {"ally", "balancer", "opponent"}
    assert len(scenario.questions) >= 12


def test_the_discount_withdrawn_departs_from_march_2023_by_one_event():
    base, departure = read_scenario("march-2023"), read_scenario("discount-withdrawn")
    assert departure.questions == base.questions
    (event,) = departure.events
    assert event.changes == (Change(quantity="gas_discount", how="set", value=0.0),)


def test_months_are_those_that_contain_the_dates(files):
    scenario = read_scenario(files / "base.toml")
    assert (scenario.first_month, scenario.last_month) == (134, 167)  # March 2023, December 2025
    (event,) = scenario.events
    assert (event.first_month, event.last_month) == (137, 145)  # June 2023 to February 2024
    assert scenario.questions[1].last_day == dt.date(2024, 6, 30)


def test_deltas_merge_by_name_and_append(files):
    scenario = read_scenario(files / "My delta (2).toml")
    assert scenario.name == "my-delta-2"
    assert scenario.chain == ("My delta (2).toml", "base.toml")
    assert (scenario.title, scenario.description) == ("Delta", "What is assumed.")
    assert scenario.until == dt.date(2026, 12, 31)
    assert scenario.parameters == {
        "gas_weight": Belief(prior=Prior("value", (0.0,)), source="the incentive off"),
        "join_cost": Belief(prior=Prior("value", (4.0,)), source="judgement"),
    }
    assert [event.date.month for event in scenario.events] == [6, 3], "a base's events come first"
    assert [question.id for question in scenario.questions] == ["first", "second", "third"]
    assert scenario.questions[1].at_least == 0.6


def test_a_base_may_leave_the_dates_to_others(files):
    (files / "parts.toml").write_text("[parameters]\njoin_cost = { value = 3.0, source = 'judgement' }\n")
    (files / "whole.toml").write_text(
        'extends = "parts.toml"\ntitle = "Whole"\nas_of = 2023-03-10\nuntil = 2023-12-31\n'
    )
    assert "join_cost" in read_scenario(files / "whole.toml").parameters
    with pytest.raises(ScenarioError, match="title is missing"):
        read_scenario(files / "parts.toml")


def test_a_file_beside_goes_before_a_shipped_one(files):
    (files / "baseline.toml").write_text(BASE)
    (files / "mine.toml").write_text('extends = "baseline.toml"\n')
    assert read_scenario(files / "mine.toml").title == "Base"


def test_beliefs_stand_in_the_parameter_set(files):
    beliefs = read_scenario(files / "base.toml").parameter_set()
    assert beliefs["gas_weight"].prior == Prior("normal", (0.8, 0.2))
    assert beliefs["gas_weight"].meaning == parameter_table()["gas_weight"].meaning
    assert set(beliefs) == set(parameter_table())
    assert beliefs["sanctions_rate"].prior.family == "gamma"


def test_an_event_in_the_month_of_as_of_but_before_its_day_is_allowed(files):
    assert read_scenario(files / "My delta (2).toml").events[1].date == dt.date(2023, 3, 1)


def test_a_scenario_cannot_be_changed_in_place(files):
    scenario = read_scenario(files / "base.toml")
    with pytest.raises(FrozenInstanceError):
        scenario.title = "other"
    with pytest.raises(FrozenInstanceError):
        scenario.events[0].source = "other"
    with pytest.raises(TypeError, match="assignment"):
        scenario.parameters["gas_wieght"] = scenario.parameters["gas_weight"]


def test_settings_are_events_from_as_of_on(files):
    scenario = read_scenario(files / "base.toml")
    changed = with_settings(scenario, ["gas_weight = 0.5", 'war="ceasefire"', "sanctions=1"])
    assert changed.events[:1] == scenario.events
    assert [event.changes[0] for event in changed.events[1:]] == [
        Change(quantity="gas_weight", how="set", value=0.5),
        Change(quantity="war", how="set", value="ceasefire"),
        Change(quantity="sanctions", how="set", value=1.0),
    ]
    for event in changed.events[1:]:
        assert event.date == scenario.as_of
        assert event.until is None
        assert event.source == "command line"
    assert changed.parameters == scenario.parameters


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("gas_weight", "not a setting"),
        ("gas_weigt=1", "did you mean 'gas_weight'"),
        ("gas_weight=-1", "from 0 to 50"),
        ("gas_weight=x", "from 0 to 50"),
        ("market_price=0", "from 10 to 100000"),
        ("brent=nan", "from 1 to 1000"),
        ("brent=1e999", "from 1 to 1000"),
        ("eu_support=0.5", "cannot be acted on"),
        ("election=1", "or a parameter: election_early"),
        ("war=peace", "ceasefire"),
        ("chapters_opened=36", "35"),
    ],
)
def test_settings_that_cannot_be_are_refused(setting, reason):
    with pytest.raises(ScenarioError, match=reason) as caught:
        with_settings(read_scenario("baseline"), [setting, "brent=80"])
    (problem,) = caught.value.problems
    assert problem.line is None


def test_one_name_cannot_be_set_twice():
    with pytest.raises(ScenarioError, match="twice"):
        with_settings(read_scenario("baseline"), ["brent=80", "brent=90"])


@pytest.mark.parametrize("name", ["baseline", "march-2023", "discount-withdrawn"])
def test_the_resolved_text_reads_back_as_the_same_scenario(tmp_path, name):
    scenario = with_settings(read_scenario(name), ["gas_weight=0.5", "chapters_opened=25", "war=frozen"])
    text = to_toml(scenario)
    path = tmp_path / "scenario.toml"
    path.write_text(text)
    again = read_scenario(path, name=name)
    assert replace(again, chain=scenario.chain) == scenario
    assert "extends" not in tomllib.loads(text)
    assert to_toml(scenario) == text


TEXTS = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=30).filter(
    str.strip
)


@given(title=TEXTS, source=TEXTS, weight=st.floats(0, 50), price=st.floats(10.0, 1e5))
def test_any_text_and_number_survives_writing_and_reading(tmp_path_factory, title, source, weight, price):
    scenario = Scenario(
        name="scenario",
        title=title,
        as_of=dt.date(2023, 3, 10),
        until=dt.date(2024, 12, 31),
        parameters={"gas_weight": Belief(prior=Prior("value", (weight,)), source=source)},
        events=(
            Event(
                date=dt.date(2023, 4, 1),
                until=dt.date(2023, 9, 1),
                changes=(
                    Change(quantity="market_price", how="set", value=price),
                    Change(quantity="brent", how="multiply", value=1.5),
                ),
                source=source,
            ),
        ),
        questions=(
            Question(
                id="q",
                text=title,
                target="cfsp_alignment",
                start=dt.date(2024, 1, 1),
                end=dt.date(2024, 6, 30),
                between=(0.25, 0.5),
                resolution=source,
            ),
        ),
        chain=("scenario.toml",),
    )
    path = tmp_path_factory.mktemp("written") / "scenario.toml"
    path.write_text(to_toml(scenario), encoding="utf-8")
    assert read_scenario(path) == scenario


@given(
    st.recursive(
        st.text()
        | st.booleans()
        | st.integers(-(2**63), 2**63 - 1)
        | st.floats(allow_nan=False)
        | st.dates(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=6,
    )
)
def test_values_are_written_as_toml_reads_them(value):
    assert tomllib.loads(f"{toml_key('k')} = {toml_value(value)}") == {"k": value}


def test_a_mapping_is_read_as_the_file_that_it_would_be(tmp_path):
    event = {"date": dt.date(2024, 1, 1), "set": {"pressure": 0.9}, "source": "judgement"}
    asked = {
        "id": "truce",
        "text": "?",
        "target": "war",
        "equals": "ceasefire",
        "ever_by": dt.date(2024, 12, 31),
    }
    said = {
        "title": "Mine",
        "extends": "march-2023.toml",
        "events": [event],
        "questions": [{**asked, "resolution": "by the record"}],
        "parameters": {"gas_weight": {"lognormal": (1.0, 0.5), "source": "judgement"}},
    }
    path = tmp_path / "scenario.toml"
    path.write_text("".join(f"{key} = {toml_value(value)}\n" for key, value in said.items()))
    found, file = read_scenario(said), read_scenario(path)
    assert (found, found.chain[1:]) == (replace(file, chain=found.chain), file.chain[1:])
    assert read_scenario(found) is found
    assert read_scenario(said, name="mine").name == "mine"
    with pytest.raises(ScenarioError) as told:
        read_scenario({**said, "events": [{**event, "set": {"presure": 0.9}}]})
    assert str(told.value) == "events[0].set.presure: unknown quantity 'presure'; did you mean 'pressure'?"


@pytest.mark.parametrize(
    "said", [{1: "x"}, {"parameters": {1: {"value": 1.0, "source": "x"}}}, {"events": [{1: "x"}]}]
)
def test_a_key_of_a_mapping_that_is_no_text_is_told(said):
    with pytest.raises(ScenarioError, match=r"unknown (key|parameter) '1'; "):
        read_scenario({"extends": "march-2023.toml", **said})


def test_whatever_reads_a_scenario_takes_it_in_every_form():
    path = shipped_scenarios()["march-2023"]
    forms = ("march-2023", path, {"extends": path.name}, read_scenario("march-2023"))
    lived = [simulate(each, members=2, seed=1) for each in forms]
    assert all(data.identical(lived[0]) for data in lived)
    assert [AlignmentModel(each, seed=1).spec.events for each in forms] == [()] * len(forms)


def test_a_new_file_is_valid_as_written_and_with_its_examples_uncommented(tmp_path):
    base = read_scenario("march-2023")
    text = new_toml("my-try", base, extends="march-2023.toml", schema="./scenario.schema.json")
    path = tmp_path / "my-try.toml"
    path.write_text(text)
    assert read_scenario(path).questions == base.questions
    lines = text.splitlines()
    starts = (
        "# [",
        "# date",
        "# set",
        "# source",
        "# id",
        "# text",
        "# target",
        "# ever_by",
        "# at_",
        "# resol",
    )
    first_parameter = next(iter(parameter_table()))
    opened = [
        line[2:] if line.startswith((*starts, f"# {first_parameter}", "# as_of", "# until")) else line
        for line in lines
    ]
    path.write_text("\n".join(opened))
    edited = read_scenario(path)
    assert len(edited.parameters) == 1
    assert len(edited.events) == 1
    assert len(edited.questions) == len(base.questions) + 1


def test_only_what_cannot_leave_its_bounds_is_added_or_multiplied():
    for quantity in QUANTITIES.values():
        overlays = set(quantity.changes) - {"set"}
        assert (overlays == {"add", "multiply"}) == (quantity.settable and quantity.kind == "positive")
        assert not quantity.target or quantity.askable


def test_what_is_read_can_be_written_and_read_again(tmp_path):
    many = ", ".join(f"{name} = {parameter.minimum}" for name, parameter in parameter_table().items())
    sentences = "a. " * 99
    path = tmp_path / "many.toml"
    path.write_text(
        f'title = "{sentences}"\nas_of = 2023-03-10\nuntil = 2023-12-31\ndescription = """\n{"... " * 900}"""\n'
        f'[[events]]\ndate = 2023-06-01\nsource = "it\'s # no. comment"\nset = {{ {many} }}\n'
    )
    scenario = read_scenario(path)
    assert len(scenario.events[0].changes) > 100
    path.write_text(to_toml(scenario))
    assert read_scenario(path) == scenario


def test_a_scenario_too_large_to_be_read_again_is_refused(tmp_path):
    question = (
        '[[questions]]\nid = "{id}"\ntext = "{long}"\ntarget = "sanctions"\nat = 2023-12-31\n'
        'at_least = 1\nresolution = "{long}"\n'
    )
    head = 'title = "x"\nas_of = 2023-03-10\nuntil = 2023-12-31\n'
    for name, start in (("base", head), ("child", 'extends = "base.toml"\n')):
        asked = "".join(question.format(id=f"{name}-{n}", long="\U0001f1f7" * 300) for n in range(350))
        (tmp_path / f"{name}.toml").write_text(start + asked, encoding="utf-8")
    assert len(read_scenario(tmp_path / "base.toml").questions) == 350
    with pytest.raises(ScenarioError, match="too large"):
        read_scenario(tmp_path / "child.toml")


@pytest.mark.parametrize(
    ("stem", "name"),
    [("Сценарио", "сценарио"), ("塞尔维亚 2024", "塞尔维亚-2024"), ("my_scenario v1.2", "my-scenario-v1-2"),
     ("हिन्दी", "हिन्दी"), ("🚀", "scenario"), ("ж" * 150, "ж" * 80), ("\U00020000" * 90, "\U00020000" * 50)],
)  # fmt: skip
def test_a_files_name_is_kept_in_any_script(tmp_path, stem, name):
    path = tmp_path / f"{stem[:60]}.toml"
    path.write_text('title = "x"\nas_of = 2023-03-10\nuntil = 2023-12-31\n')
    assert slug(stem) == name
    assert read_scenario(path).name == slug(stem[:60])


@given(st.text())
def test_a_name_is_a_name_and_one_part_of_a_path(text):
    name = slug(text)
    assert slug(name) == name
    assert 0 < len(name.encode()) <= 200
    assert not set(name) & set("/\\. \n\0")


def test_a_file_name_that_is_no_text_is_told_and_written(tmp_path):
    path = tmp_path / os.fsdecode(b"odd \xff\n.toml")
    try:
        path.write_text('title = "x"\nas_of = 2023-03-10\nuntil = 2023-12-31\n')
    except OSError:
        pytest.skip("this file system takes no such names")
    scenario = read_scenario(path)
    assert scenario.chain == ("odd ? .toml",)
    again = tmp_path / "again.toml"
    again.write_text(to_toml(scenario), encoding="utf-8")
    assert read_scenario(again).title == "x"


@pytest.mark.parametrize("base", ["my base.toml", "Основа.toml", "基础 (2).toml"])
def test_a_base_may_have_any_name_that_stays_in_the_folder(tmp_path, base):
    (tmp_path / base).write_text(BASE, encoding="utf-8")
    (tmp_path / "child.toml").write_text(f'extends = "{base}"\n', encoding="utf-8")
    assert read_scenario(tmp_path / "child.toml").title == "Base"
