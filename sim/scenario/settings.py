"""Settings given beside a scenario: interventions from `as_of` on, as `--set` gives them, and other beliefs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sim.parameters.priors import Prior
from sim.scenario.declared import entry
from sim.scenario.events import Change, Event
from sim.scenario.model import Belief, Scenario, belief_problems
from sim.scenario.problems import Problem, ScenarioError
from sim.scenario.writing import belief_table

SOURCE = "command line"

_WORDS = {"true": True, "false": False}


def with_settings(
    scenario: Scenario, settings: Iterable[str] | Mapping[str, float | str], *, source: str = SOURCE
) -> Scenario:
    """Return the scenario with values set from `as_of` on.

    Parameters
    ----------
    settings: values by the name of a settable quantity or of a parameter, or each as text, "name=value". Each becomes
        an event of its own, after the scenario's.
    source: what the events name as theirs.

    Raises ScenarioError: with everything that is wrong.

    Examples
    --------
    >>> from sim.scenario import read_scenario
    >>> with_settings(read_scenario("baseline"), ["gas_discount=0"]).events[-1].changes
    (Change(quantity='gas_discount', how='set', value=0.0),)
    """
    problems: list[Problem] = []
    changes: dict[str, Change] = {}
    for setting in settings:
        found: list[Problem] = []
        name, equals, text = (part.strip() for part in setting.partition("="))
        if isinstance(settings, Mapping):
            name, equals, value = setting, "=", settings[setting]
        else:
            value = value_of_text(text)
        if not equals:
            todo = "write for example gas_discount=0.0"
            found.append(Problem("not a setting", allowed="NAME=VALUE", todo=todo))
        elif name in changes:
            found.append(Problem(f"{name} is set twice", todo="keep one"))
        else:
            try:
                changes[name] = Change(name, "set", value)
            except ScenarioError as error:
                found.extend(error.problems)
        problems += [replace(problem, file=f"--set {setting[:80]!r}") for problem in found]
    if problems:
        raise ScenarioError(problems)
    events = tuple(Event(date=scenario.as_of, changes=(c,), source=source) for c in changes.values())
    return replace(scenario, events=scenario.events + events)


def with_beliefs(scenario: Scenario, beliefs: Mapping[str, float | Prior], *, source: str) -> Scenario:
    """Return the scenario with other beliefs about parameters: they hold from January 2012 on.

    Parameters
    ----------
    beliefs: by the parameter's name a prior, or a number for one fixed value.
    source: where they come from, or "judgement".

    Raises ScenarioError: with everything that is wrong.

    Examples
    --------
    >>> from sim.scenario import read_scenario
    >>> changed = with_beliefs(read_scenario("baseline"), {"gas_weight": 2.0}, source="judgement")
    >>> changed.parameter_set()["gas_weight"].prior.describe()
    '2'
    """
    problems: list[Problem] = []
    held: dict[str, Belief] = {}
    for name, stated in beliefs.items():
        raw = {"value": stated, "source": source}
        if isinstance(stated, Prior):
            raw = belief_table(stated, source)
        right: dict[str, Any] = {}
        found = list(entry(Belief, raw, right))
        if not found:
            held[name] = Belief(**right)
            found = list(belief_problems(name, held[name]))
        problems += [replace(problem, file=f"belief {name[:80]!r}") for problem in found]
    if problems:
        raise ScenarioError(problems)
    return replace(scenario, parameters={**scenario.parameters, **held})


def value_of_text(text: str) -> float | str:
    """Return what a text says: a number if it is one, 0 and 1 as true and false, else a category."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return _WORDS.get(text, text.strip("\"'"))
