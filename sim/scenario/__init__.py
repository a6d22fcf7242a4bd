"""Scenarios: beliefs, events and questions, made in Python or read from files that are never executed."""

from sim.scenario.events import Change as Change, Event as Event
from sim.scenario.model import Belief as Belief, Scenario as Scenario
from sim.scenario.problems import Problem as Problem, ScenarioError as ScenarioError
from sim.scenario.questions import Question as Question
from sim.scenario.reading import ScenarioLike as ScenarioLike, read_scenario as read_scenario
from sim.scenario.settings import with_beliefs as with_beliefs, with_settings as with_settings
from sim.scenario.source import shipped_scenarios as shipped_scenarios
from sim.scenario.writing import to_toml as to_toml
