"""Scenarios: beliefs, events and questions, made in Python or read from files that are never executed."""

from sim.scenario.events import Change, Event
from sim.scenario.model import Belief, Scenario
from sim.scenario.problems import Problem, ScenarioError
from sim.scenario.questions import Question
from sim.scenario.reading import read_scenario
from sim.scenario.settings import with_beliefs, with_settings
from sim.scenario.source import shipped_scenarios
from sim.scenario.writing import to_toml

__all__ = [
    "Belief",
    "Change",
    "Event",
    "Problem",
    "Question",
    "Scenario",
    "ScenarioError",
    "read_scenario",
    "shipped_scenarios",
    "to_toml",
    "with_beliefs",
    "with_settings",
]
