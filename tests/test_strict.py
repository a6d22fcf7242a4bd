"""A slip is refused with the same words in Python, in a file and after --set; nothing wrong can be made."""

import copy
import datetime as dt
import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, strategies as st

from sim.parameters.priors import Prior
from sim.parameters.table import parameter_table
from sim.quantities.catalogue import QUANTITIES
from sim.scenario import (
    Belief,
    Change,
    Event,
    Question,
    Scenario,
    ScenarioError,
    read_scenario,
    with_beliefs,
    with_settings,
)
from sim.scenario.model import ENTRIES_LIMIT
from sim.scenario.problems import toml_value
from sim.scenario.settings import value_of_text
from sim.widgets.levers import Moves, written_event

MARCH = read_scenario("march-2023")
HEAD = {"title": "Slips", "as_of": dt.date(2023, 3, 10), "until": dt.date(2025, 12, 31)}
EVENT = {"date": dt.date(2023, 6, 1), "source": "test"}
QUESTION = {
    "id": "q", "text": "?", "target": "sanctions", "ever_by": dt.date(2024, 12, 31), "at_least": 1,
    "resolution": "in force",
}  # fmt: skip


def told(make):
    """Return what is said of a slip, without its place."""
    with pytest.raises(ScenarioError) as caught:
        make()
    return [problem.message for problem in caught.value.problems]


def in_file(tmp_path, events=(), questions=(), parameters=None, **head):
    path = tmp_path / "slips.toml"
    lines = [f"{key} = {toml_value(value)}" for key, value in {**HEAD, **head}.items()]
    lines += [f"parameters = {toml_value(parameters or {})}"]
    for kind, entries in (("events", events), ("questions", questions)):
        lines += [f"{kind} = [{', '.join(map(toml_value, entries))}]"]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


CHANGES = [
    ("gas_discuont", "set", 0.0), ("accession_date", "set", 2028), ("credibility", "set", 17.0),
    ("credibility", "set", 17), ("credibility", "set", "high"), ("eu_support", "set", 0.5), ("war", "set", "peace"),
    ("war", "set", 2), ("chapters_opened", "set", 22.5), ("chapters_opened", "set", 36), ("sanctions", "set", True),
    ("gas_weight", "set", -1.0), ("gas_wieght", "set", 1.0), ("market_price", "set", 0.001),
    ("brent", "set", 1e-36), ("brent", "set", float("nan")), ("brent", "set", float("inf")),
    ("brent", "set", 10**400), ("credibility", "add", 0.1), ("brent", "add", -5.0), ("brent", "multiply", 0),
    ("brent", "multiply", 1e9), ("gas_weight", "multiply", 2.0), ("brent", "add", "much"),
]  # fmt: skip


@pytest.mark.parametrize(("quantity", "how", "value"), CHANGES)
def test_a_wrong_change_is_told_alike_everywhere(tmp_path, quantity, how, value):
    said = told(lambda: Change(quantity, how, value))
    assert len(said) == 1
    path = in_file(tmp_path, events=[{**EVENT, how: {quantity: value}}])
    assert told(lambda: read_scenario(path)) == said
    if how == "set":
        text = {True: "true"}.get(value, str(value)) if isinstance(value, bool) else str(value)
        assert told(lambda: with_settings(MARCH, [f"{quantity}={text}"])) == said
        assert told(lambda: with_settings(MARCH, {quantity: value})) == said
        assert told(lambda: Moves({quantity: value}, {}, MARCH.events).of(MARCH)) == said
    written = {"quantity": quantity, "how": how, "value": str(value), "date": str(EVENT["date"])}
    if not isinstance(value, bool) and value == value_of_text(
        str(value)
    ):  # as a field of the panel can say it
        assert told(lambda: written_event(**written)) == said


@given(
    st.sampled_from([*QUANTITIES, "gas_weight", "contract_short_months", "no_such_name"]),
    st.sampled_from(["set", "add", "multiply"]),
    st.floats() | st.integers(-3, 40) | st.sampled_from(["ally", "none", "ceasefire", ""]) | st.booleans(),
)
@example("brent", "set", 1.0)
def test_any_change_is_taken_or_refused_alike(tmp_path_factory, quantity, how, value):
    path = in_file(tmp_path_factory.mktemp("any"), events=[{**EVENT, how: {quantity: value}}])
    try:
        change = Change(quantity, how, value)
    except ScenarioError:
        change = None
    if change is None:
        assert told(lambda: read_scenario(path)) == told(lambda: Change(quantity, how, value))
    else:
        assert read_scenario(path).events[0].changes == (change,)


EVENTS = [
    {"until": dt.date(2023, 6, 30), "set": {"brent": 80.0}},
    {"until": dt.datetime(2024, 1, 1), "set": {"brent": 80.0}},
    {"date": "2023-06-01", "set": {"brent": 80.0}},
    {"source": "", "set": {"brent": 80.0}},
    {"source": 3, "set": {"brent": 80.0}},
    {"set": {"brent": 80.0}, "add": {"brent": 5.0}},
    {"set": {}},
]


@pytest.mark.parametrize("slip", EVENTS)
def test_a_wrong_event_is_told_alike(tmp_path, slip):
    stated = {**EVENT, **slip}
    changes = tuple(
        Change(name, how, value)
        for how in ("set", "add", "multiply")
        for name, value in stated.get(how, {}).items()
    )
    fields = {key: value for key, value in stated.items() if key not in ("set", "add", "multiply")}
    said = told(lambda: Event(**fields, changes=changes))
    assert told(lambda: read_scenario(in_file(tmp_path, events=[stated]))) == said


QUESTIONS = [
    {"target": "sanction"}, {"target": "brent"}, {"id": "No Slug"}, {"text": " "}, {"resolution": 3},
    {"ever_by": None}, {"at": dt.date(2024, 12, 31)}, {"start": dt.date(2024, 1, 1)}, {"at_least": None},
    {"at_most": 1}, {"at_least": float("nan")}, {"at_least": 0.5}, {"at_least": "1"},
    {"target": "posture"}, {"target": "eu_support", "at_least": None, "equals": 0.5},
    {"target": "eu_support", "at_least": None, "between": [0.6, 0.4]},
    {"target": "eu_support", "at_least": None, "between": [0.6]},
    {"target": "un_position"}, {"ever_by": "2024-12-31"},
    {"target": "un_position", "ever_by": None, "start": dt.date(2024, 1, 1), "end": dt.date(2024, 6, 30)},
]  # fmt: skip


@pytest.mark.parametrize("slip", QUESTIONS)
def test_a_wrong_question_is_told_alike(tmp_path, slip):
    stated = {key: value for key, value in {**QUESTION, **slip}.items() if value is not None}
    said = told(lambda: Question(**stated))
    assert told(lambda: read_scenario(in_file(tmp_path, questions=[stated]))) == said


@pytest.mark.parametrize(
    ("name", "belief"),
    [
        ("gas_wieght", {"value": 1.0}), ("gas_weight", {"value": -1.0}), ("gas_weight", {"normal": [-3.0, 1.0]}),
        ("gas_weight", {"value": float("nan")}), ("gas_weight", {"value": "much"}),
    ],
)  # fmt: skip
def test_a_wrong_belief_is_told_alike(tmp_path, name, belief):
    path = in_file(tmp_path, parameters={name: {**belief, "source": "judgement"}})
    said = told(lambda: read_scenario(path))
    ((family, numbers),) = belief.items()
    stated = Prior(family, tuple(numbers)) if isinstance(numbers, list) else numbers
    assert told(lambda: with_beliefs(MARCH, {name: stated}, source="judgement")) == said
    if isinstance(stated, Prior) or stated in (-1.0, 1.0):
        prior = stated if isinstance(stated, Prior) else Prior("value", (stated,))
        assert told(lambda: replace(MARCH, parameters={name: Belief(prior=prior, source="x")})) == said


WHOLE = [
    {"as_of": "not a date"}, {"as_of": dt.date(2011, 1, 1)}, {"until": dt.date(2023, 1, 1)}, {"title": ""},
    {"until": dt.date(2060, 1, 1)}, {"description": 3}, {"title": "x" * 301},
]  # fmt: skip


@pytest.mark.parametrize("slip", WHOLE)
def test_a_wrong_scenario_is_told_alike(tmp_path, slip):
    said = told(lambda: Scenario(name="slips", **{**HEAD, **slip}))
    assert told(lambda: read_scenario(in_file(tmp_path, **slip))) == said
    assert told(lambda: replace(Scenario(name="slips", **HEAD), **slip)) == said


@pytest.mark.parametrize("day", [dt.date(2020, 2, 1), dt.date(2023, 2, 28), dt.date(2026, 1, 1)])
def test_an_event_outside_of_the_scenarios_time_is_told_alike(tmp_path, day):
    event = Event(date=day, changes=(Change("credibility", "set", 0.1),), source="test")
    said = told(lambda: replace(MARCH, events=(event,)))
    path = in_file(tmp_path, events=[{**EVENT, "date": day, "set": {"credibility": 0.1}}])
    assert told(lambda: read_scenario(path)) == said
    with pytest.raises(ScenarioError, match=r"^events\[0\]\.date: the event lies "):
        replace(MARCH, events=(event,))


@pytest.mark.parametrize("day", [dt.date(2023, 3, 1), dt.date(2023, 3, 30), dt.date(2026, 1, 1), dt.date.max])
def test_a_question_outside_of_the_scenarios_time_is_told_alike(tmp_path, day):
    stated = {**QUESTION, "ever_by": day}
    said = told(lambda: replace(MARCH, questions=(Question(**stated),)))
    assert told(lambda: read_scenario(in_file(tmp_path, questions=[stated]))) == said


def test_two_questions_of_one_id_are_told_alike(tmp_path):
    said = told(lambda: replace(MARCH, questions=(Question(**QUESTION),) * 2))
    assert told(lambda: read_scenario(in_file(tmp_path, questions=[QUESTION] * 2))) == said


def test_too_many_events_are_told_alike_with_those_of_the_bases(tmp_path):
    event = {**EVENT, "set": {"brent": 80.0}}
    made = Event(**EVENT, changes=(Change("brent", "set", 80.0),))
    half = ENTRIES_LIMIT // 2 + 1
    said = told(lambda: replace(MARCH, events=(made,) * (2 * half)))
    in_file(tmp_path, events=[event] * half).rename(tmp_path / "base.toml")
    assert len(read_scenario(tmp_path / "base.toml").events) == half
    assert told(lambda: read_scenario(in_file(tmp_path, events=[event] * half, extends="base.toml"))) == said


def test_everything_wrong_is_told_at_once():
    with pytest.raises(ScenarioError) as caught:
        replace(MARCH, title=3, until=dt.date(2020, 1, 1), questions=(), name="../out")
    assert len(caught.value.problems) == 3
    assert str(caught.value).count("\n") == 2


@pytest.mark.parametrize("field", ["nonsense", "as-of"])
def test_no_field_can_be_invented(field):
    with pytest.raises(TypeError, match=field):
        replace(MARCH, **{field: 3})


@pytest.mark.parametrize("name", ["../out", "a/b", "A", "", "a b", "-a", "a\nb", "x" * 300])
def test_a_name_that_a_path_cannot_hold_is_refused(name):
    with pytest.raises(ScenarioError, match="name"):
        replace(MARCH, name=name)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Event(date=dt.date(2023, 6, 1), changes=Change("brent", "set", 80.0), source="x"),
        lambda: Event(date=dt.date(2023, 6, 1), changes=("brent",), source="x"),
        lambda: Belief(prior=1.0, source="x"),
        lambda: replace(MARCH, parameters={"gas_weight": 1.0}),
        lambda: replace(MARCH, parameters=[("gas_weight", 1.0)]),
        lambda: replace(MARCH, events=("brent",)),
        lambda: Change("brent", "divide", 2.0),
        lambda: Change(7, "set", 2.0),
    ],
)
def test_what_only_python_can_get_wrong_is_refused_too(make):
    assert all("allowed: " in line for line in told(make))


def test_what_is_right_is_held_as_the_package_reads_it():
    event = Event(date=dt.date(2023, 6, 1), changes=[Change("sanctions", "set", np.int64(1))], source="x")
    assert event.changes == (Change("sanctions", "set", 1.0),)
    assert isinstance(event.changes[0].value, float)
    question = Question(**{**QUESTION, "target": "eu_support", "at_least": None, "between": [0, 1]})
    assert question.between == (0.0, 1.0)
    own = {"gas_weight": Belief(prior=Prior("value", (1.0,)), source="x")}
    changed = replace(MARCH, parameters=own)
    own["nonsense"] = 3
    assert list(changed.parameters) == ["gas_weight"]


def test_a_scenario_goes_to_other_processes_and_back():
    changed = with_beliefs(MARCH, {"gas_weight": 1.0}, source="test")
    assert pickle.loads(pickle.dumps(changed)) == changed  # noqa: S301
    assert copy.deepcopy(changed) == changed
    with pytest.raises(ScenarioError) as caught:
        Change("credibility", "set", 17.0)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # noqa: S301


def test_every_parameter_has_bounds_that_an_event_may_go_to():
    for name, parameter in parameter_table().items():
        for value in (parameter.minimum, parameter.maximum):
            assert Change(name, "set", value).value == value
        with pytest.raises(ScenarioError):
            Change(name, "set", 1e300)


@pytest.mark.parametrize(
    ("given", "near"),
    [("gas_discuont", "gas_discount"), ("gas_price", "market_price"), ("gas_weigt", "gas_weight")],
)
def test_the_nearest_name_is_offered(given, near):
    assert f"did you mean {near!r}?" in told(lambda: Change(given, "set", 1.0))[0]


@pytest.mark.parametrize("given", ["customs_union", "membership"])
def test_a_lever_that_there_is_not_points_to_levers_and_not_to_beliefs(given):
    (said,) = told(lambda: Change(given, "set", 1.0))
    assert "did you mean" not in said
    assert "credibility, dependence" in said
