"""Scenarios: files of beliefs, events and questions, read strictly and never executed.

The names load when they are first used: checking a file needs neither the models of `model` nor pydantic, which makes
them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.scenario.model import Belief as Belief
    from sim.scenario.model import Change as Change
    from sim.scenario.model import Event as Event
    from sim.scenario.model import Question as Question
    from sim.scenario.model import Scenario as Scenario
    from sim.scenario.problems import Problem as Problem
    from sim.scenario.problems import ScenarioError as ScenarioError
    from sim.scenario.reading import read_scenario as read_scenario
    from sim.scenario.settings import with_beliefs as with_beliefs
    from sim.scenario.settings import with_settings as with_settings
    from sim.scenario.source import shipped_scenarios as shipped_scenarios
    from sim.scenario.writing import to_toml as to_toml

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

_MODULE_OF = {
    "Belief": "model",
    "Change": "model",
    "Event": "model",
    "Problem": "problems",
    "Question": "model",
    "Scenario": "model",
    "ScenarioError": "problems",
    "read_scenario": "reading",
    "shipped_scenarios": "source",
    "to_toml": "writing",
    "with_beliefs": "settings",
    "with_settings": "settings",
}


def __getattr__(name: str) -> Any:
    """Load a public name from its module when it is first used."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'sim.scenario' has no attribute {name!r}")
    value = getattr(import_module(f"sim.scenario.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value
