"""What beliefs, events and questions may say, each by itself; see `horizon` for the rest."""

from __future__ import annotations

import datetime as dt

from sim import parameters as table
from sim.catalogue import QUANTITIES, WAYS, How, Quantity, askable, settable
from sim.clock import month_number
from sim.parameters import FAMILIES, Prior, read_prior
from sim.scenario.file_format import FileBelief, FileEvent, FileQuestion
from sim.scenario.problems import Fault, unknown
from sim.scenario.toml_text import shown

_FACTOR_LIMIT = 1000.0  # judgement: no price moves a thousandfold; catches a slip of the pen
_TIMES = {"at", "ever_by", "start", "end"}
_COMPARISONS = ("at_least", "at_most", "between", "equals")


Faults = list[tuple[tuple[str, ...], Fault]]
"""What is wrong with an entry: a key of it, and the fault."""


def belief_prior(name: str, belief: FileBelief, wrong: frozenset[str]) -> Prior | Fault | None:
    """Return the prior that a belief states about the parameter `name`; None if a `wrong` key would."""
    if wrong & set(FAMILIES):
        return None
    given = {f: getattr(belief, f) for f in FAMILIES if getattr(belief, f) is not None}
    if not given and wrong - {"source"}:  # a key of another name was meant to say it
        return None
    families = ", ".join(FAMILIES)
    if len(given) != 1:
        said = " and ".join(given) or "none"
        return Fault(
            f"{name} needs one value or one prior",
            said,
            f"one of {families}",
            "keep one" if given else "add one",
        )
    (family, numbers), *_ = given.items()
    try:
        prior = read_prior(family, numbers if isinstance(numbers, tuple) else (numbers,))
    except ValueError as error:
        return Fault(f"{name}: {error}", shown(numbers), todo="change the numbers")
    parameter = table.parameter_table()[name]
    if not parameter.admits(prior.centre()):
        what = f"{name} is {'' if family == 'value' else 'centred '}beyond what it can be"
        return Fault(
            what, prior.describe(), f"{parameter.allowed()} ({parameter.unit})", "change the numbers"
        )
    return prior


def change_fault(how: How, name: str, value: object) -> Fault | None:
    """Return what is wrong with one change of an event, or None."""
    quantity = QUANTITIES.get(name)
    if quantity is None or not quantity.settable:
        parameters = table.parameter_table()
        if quantity is None and name in parameters:
            return _parameter_fault(how, name, value)
        if quantity is not None:
            return Fault(f"{name} cannot be acted on", allowed=", ".join(settable()), todo="use one of these")
        return unknown("quantity", name, (*settable(), *parameters))
    if how not in quantity.changes:
        todo = f"write set = {{ {name} = ... }}"
        return Fault(f"{name} takes set only", how, f"set: {quantity.allowed()}", todo)
    if how == "set":
        return None if quantity.admits(value) else _beyond(quantity, value)
    return _path_fault(how, quantity, value)


def event_faults(event: FileEvent, wrong: frozenset[str]) -> Faults:
    """Return what is wrong with an event by itself, beyond the keys `wrong` whose shape is."""
    faults: Faults = []
    seen: set[str] = set()
    for how in WAYS:
        for name, value in getattr(event, how).items():
            fault = change_fault(how, name, value)
            if fault is None and name in seen:
                fault = Fault(
                    f"{name} is changed twice in one event", todo="write two events, in their order"
                )
            if fault is not None:
                faults.append(((how, name), fault))
            seen.add(name)
    if not seen and not wrong & set(WAYS):
        todo = "add for example set = { gas_discount = 0.0 }"
        faults.append(((), Fault("the event changes nothing", allowed="set, add or multiply", todo=todo)))
    if wrong & {"date", "until"} or event.until is None:
        return faults
    if month_number(event.until) <= month_number(event.date):
        allowed = f"a day in a month after {event.date:%Y-%m}"
        faults.append((("until",), Fault("the event ends before it acts", shown(event.until), allowed)))
    return faults


def question_faults(question: FileQuestion, wrong: frozenset[str]) -> Faults:
    """Return what is wrong with a question by itself, beyond the keys `wrong` whose shape is."""
    if "target" in wrong:
        return []
    quantity = QUANTITIES.get(question.target)
    if quantity is None or not quantity.askable:
        return [(("target",), unknown("target", question.target, askable()))]
    faults = [] if wrong & _TIMES else _time_faults(question, quantity)
    if wrong & set(_COMPARISONS):
        return faults
    given = [name for name in _COMPARISONS if getattr(question, name) is not None]
    if len(given) != 1:
        said, todo = ", ".join(given) or "none", "keep one" if given else "add one"
        what = "a question makes one comparison"
        key = (given[1],) if given else ()
        return [*faults, (key, Fault(what, said, f"one of {', '.join(_COMPARISONS)}", todo))]
    fault = _comparison_fault(given[0], getattr(question, given[0]), quantity)
    return [*faults, ((given[0],), fault)] if fault else faults


def _beyond(quantity: Quantity, value: object) -> Fault:
    allowed = quantity.allowed() if quantity.discrete else f"{quantity.allowed()} ({quantity.unit})"
    return Fault(f"{quantity.name} cannot be this", shown(value), allowed, "change the value")


def _parameter_fault(how: How, name: str, value: object) -> Fault | None:
    parameter = table.parameter_table()[name]
    if how != "set":
        return Fault(f"the parameter {name} takes set only", how, "set", f"write set = {{ {name} = ... }}")
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not parameter.admits(float(str(value))):
        allowed = f"{parameter.allowed()} ({parameter.unit})"
        return Fault(f"{name} cannot be this", shown(value), allowed, "change the value")
    return None


def _path_fault(how: How, quantity: Quantity, value: object) -> Fault | None:
    """Check an amount or a factor such that no path can be carried out of the quantity's bounds below."""
    high = quantity.high if how == "add" else _FACTOR_LIMIT
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and high is not None and (0 <= value <= high if how == "add" else 0 < value <= high):  # type: ignore[operator]
        return None
    if how == "add":
        todo = "write a fall with multiply, which cannot pass zero"
        return Fault(
            f"cannot add this to {quantity.name}", shown(value), f"a number from 0 to {high:g}", todo
        )
    allowed = f"a number above 0, at most {high:g}"
    return Fault(f"cannot multiply {quantity.name} by this", shown(value), allowed, "change the factor")


def _time_faults(question: FileQuestion, quantity: Quantity) -> Faults:
    window = question.start is not None or question.end is not None
    given = [name for name in ("at", "ever_by") if getattr(question, name) is not None]
    said = ", ".join([*given, *(name for name in ("start", "end") if getattr(question, name) is not None)])
    if quantity.window:
        allowed = "start and end of a calendar year" + (
            " or of a half-year" * (quantity.window == "half-year")
        )
        if given or question.start is None or question.end is None:
            what = f"{quantity.name} belongs to a window of time"
            return [
                ((given[0],) if given else (), Fault(what, said or "none", allowed, "give start and end"))
            ]
        if not _is_window(question.start, question.end, quantity):
            what = f"not a window of {quantity.name}"
            dates = f"{question.start} to {question.end}"
            return [(("start",), Fault(what, dates, allowed, "such as 2024-01-01 to 2024-12-31"))]
        return []
    if window or len(given) != 1:
        key = ("start",) if question.start else ("end",) if question.end else tuple(given[1:])
        what, todo = "a question has one date", "keep one" if said else "add one"
        return [(key, Fault(what, said or "none", f"at or ever_by for {quantity.name}", todo))]
    return []


def _is_window(start: dt.date, end: dt.date, quantity: Quantity) -> bool:
    begins, ends = (start.month, start.day), (end.month, end.day)
    if start.year != end.year:
        return False
    if (begins, ends) == ((1, 1), (12, 31)):
        return True
    return quantity.window == "half-year" and (begins, ends) in (((1, 1), (6, 30)), ((7, 1), (12, 31)))


def _comparison_fault(comparison: str, value: object, quantity: Quantity) -> Fault | None:
    if quantity.kind == "category" and comparison != "equals":
        return Fault(
            f"{quantity.name} has no order", comparison, f"equals: {quantity.allowed()}", "use equals"
        )
    if not quantity.discrete and comparison == "equals":
        what = f"{quantity.name} never equals a number to its last digit"
        return Fault(what, f"equals = {shown(value)}", "at_least, at_most or between", "use one of these")
    for number in value if isinstance(value, tuple) else (value,):
        if not quantity.admits(number):
            return _beyond(quantity, number)
    if isinstance(value, tuple) and not value[0] < value[1]:
        return Fault(
            "between is reversed or empty", shown(value), "[low, high] with low below high", "swap them"
        )
    return None
