"""What a scenario is: frozen values that the rest of the package can trust, since they refuse to be made wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from sim.clock import month_end, month_number, month_start
from sim.names import slug
from sim.parameters import table
from sim.parameters.priors import FAMILIES, Prior
from sim.parameters.table import Parameter
from sim.record import country
from sim.scenario.declared import DAY, LINE, NUMBER, PARAGRAPH, Declared, Key, key, made, numbers
from sim.scenario.events import Event
from sim.scenario.problems import Problem, shown, unknown
from sim.scenario.questions import Question, decided

FIRST_AS_OF = dt.date(2012, 2, 1)
LAST_AS_OF = dt.date(2035, 12, 31)
YEARS_LIMIT = 30
ENTRIES_LIMIT = 1000

_PRIORS: Mapping[str, Key] = {
    family: Key(numbers(len(of)), f"[{', '.join(of)}]") for family, of in FAMILIES.items()
} | {"value": Key(NUMBER, "a fixed value")}

if TYPE_CHECKING:
    from sim.record.observations import ReferenceClass


@dataclass(frozen=True, kw_only=True)
class Belief(Declared):
    """What a scenario believes about a parameter instead of the table: from 2012 on, learned again."""

    prior: Prior = key(made(Prior), "what is believed", in_file=_PRIORS)
    source: str = key(LINE, "where it comes from, or 'judgement'")

    @classmethod
    def gather(cls, raw: Mapping[str, Any], right: dict[str, Any]) -> Iterator[Problem]:
        """Make the prior of the one key that names its family."""
        given = {family: right.pop(family) for family in FAMILIES if family in right}
        wrong = any(family in raw and family not in given for family in FAMILIES)
        if wrong or (not given and set(raw) - {"source"}):  # told already: another key was meant to say it
            return
        if len(given) != 1:
            said, todo = " and ".join(given) or "none", "keep one" if given else "add one"
            yield Problem("needs one value or one prior", said, f"one of {', '.join(FAMILIES)}", todo)
            return
        ((family, stated),) = given.items()
        try:
            right["prior"] = Prior(family, stated if isinstance(stated, tuple) else (stated,))
        except ValueError as error:
            yield Problem(str(error), shown(stated), todo="change the numbers")


def belief_problems(name: str, belief: Belief) -> Iterator[Problem]:
    """Yield what is wrong with a belief about the parameter `name`."""
    parameter = table.parameter_table().get(name)
    if parameter is None:
        yield unknown("parameter", name, table.parameter_table())
    elif not parameter.admits(belief.prior.centre()):
        what = f"{name} is {'' if belief.prior.family == 'value' else 'centred '}beyond what it can be"
        allowed = f"{parameter.allowed()} ({parameter.unit})"
        yield Problem(what, belief.prior.describe(), allowed, "change the numbers")


def state_problems(state: str) -> Iterator[Problem]:
    """Yield what is wrong with a scenario's state: that there is none, or its own files."""
    try:
        table.parameter_table(state)
    except ValueError as error:
        yield Problem(str(error), where=("state",))


@dataclass(frozen=True, kw_only=True)
class Scenario(Declared):
    """A scenario as resolved: what is believed, what is done and what is asked.

    `name` is the file's name, fit for a path; `chain` names the files, from the one read to its last base; `notes` says
    what was left out of a base, and what a date inside a month means. Neither notes nor their order make a difference.

    Raises ScenarioError: with everything that is wrong; `dataclasses.replace` checks again.
    """

    name: str = key(LINE, "what it is called", in_file={})
    title: str = key(LINE, "what the scenario is about, on one line")
    description: str = key(PARAGRAPH, "what it assumes and why, in a paragraph", default="")
    as_of: dt.date = key(DAY, "the day up to which the record is known")
    until: dt.date = key(DAY, "the last day of the forecast")
    state: str = key(
        LINE, "the state that it is about: a name, or the path of a folder", default=country.DEFAULT
    )
    parameters: Mapping[str, Belief] = key(
        made(Belief, by_name=True), "beliefs: they hold from 2012 and are learned again", default_factory=dict
    )
    events: tuple[Event, ...] = key(
        made(Event, many=True), "interventions: each acts from its month on", default=()
    )
    questions: tuple[Question, ...] = key(
        made(Question, many=True), "what a run answers with a probability", default=()
    )
    chain: tuple[str, ...] = key(
        made(str, many=True), "the files that it was read from", in_file={}, default=()
    )
    notes: tuple[str, ...] = key(
        made(str, many=True), "what was made of the files", in_file={}, default=(), compare=False
    )

    @property
    def first_month(self) -> int:
        """Number of the first simulated month, the one that contains `as_of`."""
        return month_number(self.as_of)

    @property
    def last_month(self) -> int:
        """Number of the last simulated month, the one that contains `until`."""
        return month_number(self.until)

    def parameter_set(self, counted: ReferenceClass | None = None) -> dict[str, Parameter]:
        """Return the parameter table as known at `as_of`, with the scenario's beliefs in place.

        Of a run with its own record `counted` is the reference class by that; the shipped record's if not given.
        """
        if counted is None:
            from sim.record.observations import Record, reference_class_count

            counted = reference_class_count(self.as_of, Record.load(self.state))
        resolved = table.resolve(table.parameter_table(self.state), self.as_of, counted)
        for name, belief in self.parameters.items():
            resolved[name] = replace(resolved[name], prior=belief.prior, source=belief.source)
        return resolved

    @classmethod
    def rules(cls, right: Mapping[str, Any]) -> Iterator[Problem]:
        """Yield what is wrong with its name, its beliefs, and its dates against one another."""
        name = right.get("name", "")
        if name and slug(name) != name:
            allowed = "letters and digits of any script, in lower case, joined by single hyphens"
            what, todo = f"{shown(name)} cannot be a scenario's name", f"such as {slug(name)!r}"
            yield Problem(what, "", allowed, todo, ("name",))
        if "state" in right:
            yield from state_problems(right["state"])
        for parameter, belief in right.get("parameters", {}).items():
            wrong = belief_problems(parameter, belief)
            yield from (problem.within("parameters", parameter) for problem in wrong)
        for kind in ("events", "questions"):
            yield from too_many(kind, right.get(kind, ()))
        seen: set[str] = set()
        for index, question in enumerate(right.get("questions", ())):
            if question.id in seen:
                yield same_id(question.id).within("questions", index)
            seen.add(question.id)
        wrong_horizon = list(horizon_problems(right))
        yield from wrong_horizon
        if not wrong_horizon and "as_of" in right and "until" in right:
            for kind in ("events", "questions"):
                for index, one in enumerate(right.get(kind, ())):
                    if problem := untimely(kind, vars(one), right["as_of"], right["until"]):
                        yield problem.within(kind, index)

    def __reduce__(self) -> tuple[Any, ...]:
        """Let a scenario go to another process; its beliefs are held read-only, which cannot go as they are."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return partial(Scenario, **values | {"parameters": dict(self.parameters)}), ()


def too_many(kind: str, stated: tuple[Any, ...]) -> Iterator[Problem]:
    """Yield the problem of more events or questions than a scenario may have."""
    if len(stated) > ENTRIES_LIMIT:
        allowed = f"at most {ENTRIES_LIMIT:,}, with those of its bases"
        given, where = f"{len(stated):,}", (kind, ENTRIES_LIMIT)
        yield Problem(f"too many {kind}", given, allowed, "leave some out", where)


def same_id(name: str) -> Problem:
    """Return the problem of a second question with an id."""
    return Problem("two questions have one id", shown(name), todo="rename one", where=("id",))


def horizon_problems(header: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what is wrong with `as_of` and `until`, as far as they are there."""
    as_of, until = header.get("as_of"), header.get("until")
    if as_of is None:
        return
    if not FIRST_AS_OF <= as_of <= LAST_AS_OF:
        allowed = f"{FIRST_AS_OF} to {LAST_AS_OF}"
        what = "as_of lies outside of the model's time"
        yield Problem(what, shown(as_of), allowed, "change the date", ("as_of",))
        return
    limit = dt.date(as_of.year + YEARS_LIMIT, as_of.month, 28)
    if until is not None and not as_of < until <= limit:
        what = "until is not after as_of" if until <= as_of else "until is too far ahead"
        yield Problem(what, shown(until), f"after {as_of}, up to {limit}", "change the date", ("until",))


_UNTIMELY = {
    "events": (
        ("the event lies before the month of as_of: history is the record's", "move it, or move as_of back"),
        ("the event lies after the scenario's end", "move it, or move until on"),
    ),
    "questions": (
        (
            "the question was settled before as_of",
            "ask later: it is read at the last month's end by its date",
        ),
        ("the question reaches beyond the scenario's end", "ask earlier, or move until on"),
    ),
}
"""What is wrong with what lies too early, and too late; and what to do."""


def untimely(kind: str, stated: Mapping[str, Any], as_of: dt.date, until: dt.date) -> Problem | None:
    """Return the problem of an event or a question that lies outside of a scenario's time, or None.

    `stated` holds the fields that are right.
    """
    first = month_number(as_of)
    name, day, earliest = "date", stated.get("date"), month_start(first)
    if kind == "questions":
        (name, day), earliest = next(iter(decided(stated)), ("", None)), month_end(first)
    if day is None or earliest <= day <= until:
        return None
    what, todo = _UNTIMELY[kind][0 if day < earliest else 1]
    return Problem(what, shown(day), f"{earliest} to {until}", todo, (name,))
