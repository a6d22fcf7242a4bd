"""What holds for every scenario that is shipped."""

import subprocess
import sys

import pytest

from sim.scenario import read_scenario, shipped_scenarios

NAMES = list(shipped_scenarios())
DEPARTURES = [name for name in NAMES if not name.startswith("baseline") and name != "march-2023"]


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
def test_each_departure_starts_from_march_2023(name):
    scenario, base = read_scenario(name), read_scenario("march-2023")
    assert "march-2023.toml" in scenario.chain
    assert (scenario.as_of, scenario.until) == (base.as_of, base.until)
    assert scenario.questions[: len(base.questions)] == base.questions
    assert len(scenario.questions) <= len(base.questions) + 2
    assert scenario.events


def test_the_baseline_hands_no_question_to_a_nearer_horizon():
    assert read_scenario("baseline").questions == ()
    standing = read_scenario("baseline-2030")
    assert standing.events == ()
    assert standing.parameters == {}
    assert max(question.last_day for question in standing.questions) == standing.until
