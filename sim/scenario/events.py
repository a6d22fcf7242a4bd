"""Events of a scenario: interventions, which happen beside what happens by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sim.clock import month_label, month_number
from sim.parameters import table
from sim.quantities.catalogue import QUANTITIES, settable
from sim.quantities.quantity import WAYS, How, Quantity, within
from sim.scenario.declared import ANYTHING, DAY, LINE, NAME, TABLE, Declared, Key, Kind, key, made
from sim.scenario.problems import Problem, ScenarioError, cannot_be, shown, unknown

_FACTOR_LIMIT = 1000.0  # judgement: no price moves a thousandfold; catches a slip of the pen
_ONE_OF_WAYS = Kind(lambda value: value in WAYS, "set, add or multiply")
_IN_WORDS = {"set": "{name} = {value}", "add": "{name} + {value}", "multiply": "{name} * {value}"}


@dataclass(frozen=True)
class Change(Declared):
    """One thing that an event does.

    `quantity` is a settable quantity of `sim.quantities.catalogue.QUANTITIES`, or a parameter's name; `value` is in its
    unit, a factor if `how` is "multiply".

    Raises ScenarioError: there is no such quantity, or it cannot be this.
    """

    quantity: str = key(NAME, "what it acts on")
    how: How = key(_ONE_OF_WAYS, "how it acts")
    value: float | str = key(ANYTHING, "the value, the amount or the factor")

    @classmethod
    def rules(cls, right: Mapping[str, Any]) -> Iterator[Problem]:
        """Yield what the quantity or parameter does not allow."""
        if len(right) == 3:
            problem = _problem(right["how"], right["quantity"], right["value"])
            yield from [problem] if problem else []

    def __str__(self) -> str:
        value = self.value if isinstance(self.value, str) else f"{self.value:g}"
        return _IN_WORDS[self.how].format(name=self.quantity, value=value)


_CHANGES = {
    "set": Key(TABLE, "quantity = value that the others read"),
    "add": Key(TABLE, "quantity = amount added to its path"),
    "multiply": Key(TABLE, "quantity = factor on its path"),
}


@dataclass(frozen=True, kw_only=True)
class Event(Declared):
    """An intervention: it acts from the month of `date` to the month before `until`, else to the end.

    Raises ScenarioError: it changes nothing, or one thing twice, or ends before it acts.
    """

    date: dt.date = key(DAY, "it acts from the month of this day on")
    until: dt.date | None = key(DAY, "it acts no more in the month of this day", default=None)
    changes: tuple[Change, ...] = key(made(Change, many=True), "what it does", in_file=_CHANGES)
    source: str = key(LINE, "where it comes from, or 'assumption'")

    @property
    def first_month(self) -> int:
        """Number of the first month in which it acts."""
        return month_number(self.date)

    @property
    def last_month(self) -> int | None:
        """Number of the last month in which it acts; None if it acts to the end."""
        return None if self.until is None else month_number(self.until) - 1

    @property
    def months(self) -> str:
        """The months in which it acts, for example "from 2023-06" or "2023-06 to 2024-02"."""
        first, last = month_label(self.first_month), self.last_month
        return f"from {first}" if last is None else f"{first} to {month_label(last)}"

    def __str__(self) -> str:
        return f"{self.months}: {', '.join(map(str, self.changes))}"

    @classmethod
    def gather(cls, raw: Mapping[str, Any], right: dict[str, Any]) -> Iterator[Problem]:
        """Make changes of the keys set, add and multiply; those that are wrong are left out."""
        changes: list[Change] = []
        wrong = any(how in raw and how not in right for how in WAYS)
        for how in WAYS:
            for name, value in right.pop(how, {}).items():
                try:
                    changes.append(Change(name, how, value))
                except ScenarioError as error:
                    wrong = True
                    yield from (problem.within(how, name) for problem in error.problems)
        if changes or not wrong:
            right["changes"] = tuple(changes)

    @classmethod
    def rules(cls, right: Mapping[str, Any]) -> Iterator[Problem]:
        """Yield what is wrong with its changes together, and with its dates."""
        changes = right.get("changes")
        if changes == ():
            todo = "add for example set = { gas_discount = 0.0 }"
            yield Problem("the event changes nothing", allowed="set, add or multiply", todo=todo)
        seen: set[str] = set()
        for change in changes or ():
            if change.quantity in seen:
                what = f"{change.quantity} is changed twice in one event"
                where = (change.how, change.quantity)
                yield Problem(what, todo="write two events, in their order", where=where)
            seen.add(change.quantity)
        first, end = right.get("date"), right.get("until")
        if first is not None and end is not None and month_number(end) <= month_number(first):
            allowed = f"a day in a month after {first:%Y-%m}"
            yield Problem("the event ends before it acts", shown(end), allowed, "move it", ("until",))


def _problem(how: How, name: str, value: object) -> Problem | None:
    """Return what is wrong with a change, or None."""
    parameters = table.parameter_table()
    changed = QUANTITIES.get(name) or parameters.get(name)
    if changed is None:
        return unknown("quantity", name, settable(), parameters)
    if not changed.changes:
        near = ", ".join(each for each in parameters if each.startswith(f"{name}_"))
        todo = f"use one of these, or a parameter: {near}" if near else "use one of these"
        return Problem(f"{name} cannot be acted on", allowed=", ".join(settable()), todo=todo)
    if how not in changed.changes:
        todo = f"write set = {{ {name} = ... }}"
        return Problem(f"{name} takes set only", how, f"set: {changed.allowed()}", todo)
    if how == "set":
        return None if changed.admits(value) else cannot_be(changed, value)
    return _path_problem(how, QUANTITIES[name], value)


def _path_problem(how: How, quantity: Quantity, value: object) -> Problem | None:
    """Return what is wrong with an amount or a factor; what they make of a path is held within its bounds."""
    high = quantity.high if how == "add" else _FACTOR_LIMIT
    if within(value, 0.0, high) and (how == "add" or value > 0.0):
        return None
    if how == "add":
        todo = "write a fall with multiply, which cannot pass zero"
        what = f"cannot add this to {quantity.name}"
        return Problem(what, shown(value), f"a number from 0 to {high:g}", todo)
    what = f"cannot multiply {quantity.name} by this"
    return Problem(what, shown(value), f"a number above 0, at most {high:g}", "change the factor")
