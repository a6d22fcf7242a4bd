"""What holds for every scenario that is shipped."""

import subprocess
import sys

import pytest

from sim.record.country import DEFAULT
from sim.record.observations import Record
from sim.scenario import read_scenario, shipped_scenarios

NAMES = list(shipped_scenarios())
BASES = ("march-2023", "today")
DEPARTURES = [
    name
    for name in NAMES
    if not name.startswith("baseline") and name not in BASES and read_scenario(name).state == DEFAULT
]


def test_the_list_fits_a_narrow_terminal():
    listed = subprocess.run(
        [sys.executable, "-m", "sim", "scenarios"], capture_output=True, text=True, check=True
    )
    assert max(map(len, listed.stdout.splitlines())) <= 80


@pytest.mark.parametrize("name", NAMES)
def test_each_says_what_it_assumes_and_why_it_is_asked(name):
    scenario = read_scenario(name)
    assert scenario.description != read_scenario("baseline").description or name == "baseline"
    assert scenario.description.count(". ") >= 1
    assert all(event.source for event in scenario.events)


@pytest.mark.parametrize("name", DEPARTURES)
def test_each_departure_starts_from_march_2023_or_from_today(name):
    scenario = read_scenario(name)
    base = read_scenario("today" if name.startswith("today") else "march-2023")
    assert f"{base.name}.toml" in scenario.chain
    assert (scenario.as_of, scenario.until) == (base.as_of, base.until)
    assert scenario.questions[: len(base.questions)] == base.questions
    assert len(scenario.questions) <= len(base.questions) + 2
    assert len(scenario.events) > len(base.events)


def test_today_is_the_day_on_which_the_record_ends_and_asks_of_days_ahead():
    today = read_scenario("today")
    assert today.as_of == Record.load().ends
    assert all(question.last_day > today.as_of for question in today.questions)


def test_the_baseline_hands_no_question_to_a_nearer_horizon():
    assert read_scenario("baseline").questions == ()
    standing = read_scenario("baseline-2030")
    assert standing.events == ()
    assert standing.parameters == {}
    assert max(question.last_day for question in standing.questions) == standing.until
