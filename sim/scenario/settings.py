"""Settings given beside a scenario: interventions from `as_of` on, as `--set` gives them, and other beliefs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sim import parameters as table
from sim.catalogue import QUANTITIES, settable
from sim.parameters import Prior
from sim.scenario.file_format import FileBelief, shape_faults
from sim.scenario.model import Belief, Change, Event, Scenario
from sim.scenario.problems import Fault, Problem, ScenarioError, unknown
from sim.scenario.rules import belief_prior, change_fault

SOURCE = "command line"


def with_settings(scenario: Scenario, settings: Iterable[str], *, source: str = SOURCE) -> Scenario:
    """Return the scenario with values set from `as_of` on.

    Parameters
    ----------
    settings: each "name=value", the name of a settable quantity or of a parameter. Each becomes an event of
        its own, after the scenario's.
    source: what the events name as theirs.

    Raises
    ------
    ScenarioError: with everything that is wrong.

    Examples
    --------
    >>> from sim.scenario import read_scenario
    >>> with_settings(read_scenario("baseline"), ["gas_discount=0"]).events[-1].changes
    (Change(quantity='gas_discount', how='set', value=0.0),)
    """
    problems: list[Problem] = []
    changes: dict[str, Change] = {}
    for setting in settings:
        change = _change(setting)
        if isinstance(change, Change) and change.quantity in changes:
            change = Fault(f"{change.quantity} is set twice", todo="keep one")
        if isinstance(change, Fault):
            label = f"--set {setting[:80]!r}"
            problems.append(Problem(label, None, change.what, change.given, change.allowed, change.todo))
        else:
            changes[change.quantity] = change
    if problems:
        raise ScenarioError(problems)
    events = tuple(Event(date=scenario.as_of, changes=(c,), source=source) for c in changes.values())
    return scenario.model_copy(update={"events": scenario.events + events})


def with_beliefs(scenario: Scenario, beliefs: Mapping[str, float | Prior], *, source: str) -> Scenario:
    """Return the scenario with other beliefs about parameters: they hold from January 2012 on.

    Parameters
    ----------
    beliefs: by the parameter's name a prior, or a number for one fixed value.
    source: where they come from, or "judgement".

    Raises
    ------
    ScenarioError: with everything that is wrong.

    Examples
    --------
    >>> from sim.scenario import read_scenario
    >>> changed = with_beliefs(read_scenario("baseline"), {"gas_weight": 2.0}, source="judgement")
    >>> changed.parameter_set()["gas_weight"].prior.describe()
    '2'
    """
    problems: list[Problem] = []
    held: dict[str, Belief] = {}
    for name, belief in beliefs.items():
        prior = belief if isinstance(belief, Prior) else Prior("value", (belief,))
        fault = _belief_fault(name, prior, source)
        if fault is None:
            held[name] = Belief(prior=prior, source=source)
        else:
            problems.append(
                Problem(f"belief {name[:80]!r}", None, fault.what, fault.given, fault.allowed, fault.todo)
            )
    if problems:
        raise ScenarioError(problems)
    return scenario.model_copy(update={"parameters": {**scenario.parameters, **held}})


def _belief_fault(name: str, prior: Prior, source: str) -> Fault | None:
    if name not in table.parameter_table():
        return unknown("parameter", name, table.parameter_table())
    numbers = prior.numbers[0] if prior.family == "value" else prior.numbers
    stated: dict[str, Any] = {prior.family: numbers, "source": source}
    for _, fault in shape_faults(FileBelief, stated):
        return fault
    found = belief_prior(name, FileBelief(**stated), frozenset())
    return found if isinstance(found, Fault) else None


def _change(setting: str) -> Change | Fault:
    name, equals, text = (part.strip() for part in setting.partition("="))
    if not equals:
        return Fault("not a setting", allowed="NAME=VALUE", todo="write for example gas_discount=0.0")
    if name not in QUANTITIES and name not in table.parameter_table():
        return unknown("parameter or quantity", name, (*settable(), *table.parameter_table()))
    value = _value(text)
    fault = change_fault("set", name, value)
    return fault if fault is not None else Change(quantity=name, how="set", value=value)


def _value(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text.strip("\"'")
