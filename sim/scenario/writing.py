"""Scenarios as text: the resolved one, readable back, and the start of a new one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from string import Template
from typing import Any

from sim.clock import month_end, month_start
from sim.names import printable
from sim.parameters import table
from sim.parameters.priors import Prior
from sim.quantities.catalogue import QUANTITIES
from sim.quantities.quantity import WAYS
from sim.record.country import DEFAULT, load_country
from sim.scenario.events import Event
from sim.scenario.model import Scenario
from sim.scenario.problems import Problem, ScenarioError, toml_key, toml_value
from sim.scenario.questions import Question
from sim.scenario.source import SIZE_LIMIT

_NEW = Path(__file__).parent / "new.toml.txt"


def to_toml(scenario: Scenario) -> str:
    """Return the resolved scenario as a scenario file without a base; the same scenario gives the same text.

    Name and chain are the file's, not the text's: they stand in it as a comment.

    Raises ScenarioError: the text would be too large to be read again.
    """
    text = "\n".join(_lines(scenario)) + "\n"
    if (size := len(text.encode())) > SIZE_LIMIT:
        what, limit = "the scenario with its bases is too large", f"at most {SIZE_LIMIT:,} bytes"
        raise ScenarioError([Problem(what, f"{size:,} bytes", limit, "leave some out")])
    return text


def new_toml(name: str, base: Scenario, *, extends: str, schema: str | None) -> str:
    """Return the text of a new file that extends `base`: valid as it stands, with examples to uncomment.

    Parameters
    ----------
    name: the new scenario's name.
    extends: the base's file name.
    schema: where an editor finds the schema, seen from the new file; None leaves it out.
    """
    example = next(iter(table.parameter_table(base.state).values()))
    prior = example.prior if isinstance(example.prior, Prior) else Prior("value", (0.0,))
    begin = min(base.first_month + 1, base.last_month)
    return Template(_NEW.read_text(encoding="utf-8")).substitute(
        schema="" if schema is None else f"#:schema {schema}\n",
        name=name,
        title=toml_value(name.replace("-", " ").capitalize()),
        extends=toml_value(extends),
        as_of=base.as_of,
        until=base.until,
        belief=f"{example.name} = {toml_value(belief_table(prior, 'judgement'))}",
        first=month_start(begin),
        after=month_start(begin + 12),
        last=min(month_end(base.last_month), base.until),
        state=load_country(base.state).state,
    )


def _lines(scenario: Scenario) -> Iterator[str]:
    yield f"# Resolved scenario {scenario.name}, from {', '.join(map(printable, scenario.chain)) or 'no file'}."
    yield f"title = {toml_value(scenario.title)}"
    if scenario.description:
        yield f"description = {toml_value(scenario.description)}"
    yield f"as_of = {scenario.as_of}"
    yield f"until = {scenario.until}"
    if scenario.state != DEFAULT:
        yield f"state = {toml_value(scenario.state)}"
    if scenario.parameters:
        yield "\n[parameters]"
    for name in sorted(scenario.parameters):
        belief = scenario.parameters[name]
        yield f"{toml_key(name)} = {toml_value(belief_table(belief.prior, belief.source))}"
    for event in scenario.events:
        yield "\n[[events]]"
        yield from _event(event)
    for question in scenario.questions:
        yield "\n[[questions]]"
        yield from _question(question)


def belief_table(prior: Prior, source: str) -> dict[str, Any]:
    """Return what a file says of a parameter under whose name a belief stands."""
    numbers = prior.numbers[0] if prior.family == "value" else prior.numbers
    return {prior.family: numbers, "source": source}


def _event(event: Event) -> Iterator[str]:
    yield f"date = {event.date}"
    if event.until is not None:
        yield f"until = {event.until}"
    for how in WAYS:
        changes = {c.quantity: _number(c.quantity, c.value) for c in event.changes if c.how == how}
        if changes:
            yield f"{how} = {toml_value(changes)}"
    yield f"source = {toml_value(event.source)}"


def _question(question: Question) -> Iterator[str]:
    for key, value in vars(question).items():
        if value is None:
            continue
        whole = key in ("at_least", "at_most", "equals")
        yield f"{key} = {toml_value(_number(question.target, value) if whole else value)}"


def _number(name: str, value: float | str) -> float | str:
    """Return a count or a 0/1 value as a whole number."""
    discrete = name in QUANTITIES and QUANTITIES[name].discrete
    return int(value) if discrete and not isinstance(value, str) else value
