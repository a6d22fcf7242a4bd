"""Questions of a scenario, which a run answers with a probability."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sim.clock import last_ended
from sim.quantities.catalogue import QUANTITIES, askable
from sim.quantities.quantity import Quantity
from sim.scenario.declared import DAY, LINE, NAME, NUMBER, NUMBER_OR_CATEGORY, PAIR, Declared, Kind, key
from sim.scenario.problems import Problem, cannot_be, shown, unknown

TIMES = ("at", "ever_by", "start", "end")
COMPARISONS = ("at_least", "at_most", "between", "equals")
"""The keys of a question that say when, and what."""

_SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
_ID = Kind(
    lambda value: isinstance(value, str) and len(value) <= 80 and bool(re.fullmatch(_SLUG, value)),
    "lower-case letters and digits, joined by single hyphens, 80 characters at most",
    {"type": "string", "maxLength": 80, "pattern": _SLUG},
)


@dataclass(frozen=True, kw_only=True)
class Question(Declared):
    """A question that a run answers with a probability.

    When: one of `at` (the value on that date), `ever_by` (true in any month from `as_of` to then), or `start`
    and `end` together (a target's own window). What: one of `at_least`, `at_most`, `between` (both ends
    included), `equals`.

    Raises ScenarioError: its target cannot be asked about, or not at such a time, or not with such a comparison.
    """

    id: str = key(_ID, "lower-case letters, digits and hyphens")
    text: str = key(LINE, "the question in words")
    target: str = key(NAME, "the target or outcome that it is about")
    at: dt.date | None = key(DAY, "the value on that date", default=None)
    ever_by: dt.date | None = key(DAY, "true in any month from as_of to then", default=None)
    start: dt.date | None = key(DAY, "first day of the target's own window", default=None)
    end: dt.date | None = key(DAY, "last day of the target's own window", default=None)
    at_least: float | None = key(NUMBER, "yes if the value is this or more", default=None)
    at_most: float | None = key(NUMBER, "yes if the value is this or less", default=None)
    between: tuple[float, float] | None = key(
        PAIR, "yes if the value is in [low, high], both included", default=None
    )
    equals: float | str | None = key(NUMBER_OR_CATEGORY, "yes if the value is this", default=None)
    resolution: str = key(LINE, "what counts as yes, so that a stranger could decide it")

    @property
    def last_day(self) -> dt.date:
        """The day on which it is decided at the latest."""
        ((_, day),) = decided(vars(self))
        return day

    @property
    def last_month(self) -> int:
        """Number of the month whose end decides it: the last that has ended by `last_day`."""
        return last_ended(self.last_day)

    @classmethod
    def rules(cls, right: Mapping[str, Any]) -> Iterator[Problem]:
        """Yield what its target does not allow."""
        if "target" not in right:
            return
        quantity = QUANTITIES.get(right["target"])
        if quantity is None or not quantity.askable:
            yield unknown("target", right["target"], askable()).within("target")
            return
        if all(name in right for name in TIMES):
            given = {name: right[name] for name in TIMES if right[name] is not None}
            yield from _time_problems(given, quantity)
        if all(name in right for name in COMPARISONS):
            given = {name: right[name] for name in COMPARISONS if right[name] is not None}
            yield from _comparison_problems(given, quantity)


def decided(question: Mapping[str, Any]) -> list[tuple[str, dt.date]]:
    """Return the key and the day that decide a question; none if it has no date."""
    days = [(name, question[name]) for name in ("at", "ever_by", "end") if question.get(name) is not None]
    return days[:1]


def _time_problems(given: Mapping[str, dt.date], quantity: Quantity) -> Iterator[Problem]:
    said = ", ".join(given) or "none"
    moments = [name for name in given if name in ("at", "ever_by")]
    if not quantity.window:
        if len(moments) != 1 or len(given) != 1:
            where = tuple(name for name in given if name not in moments)[:1] or tuple(moments[1:])
            allowed, todo = f"at or ever_by for {quantity.name}", "keep one" if given else "add one"
            yield Problem("a question has one date", said, allowed, todo, where)
        return
    half_year = " or of a half-year" if quantity.window == "half-year" else ""
    allowed = f"start and end of a calendar year{half_year}"
    if moments or len(given) != 2:
        what = f"{quantity.name} belongs to a window of time"
        yield Problem(what, said, allowed, "give start and end", tuple(moments[:1]))
    elif not quantity.is_window(given["start"], given["end"]):
        what, dates = f"not a window of {quantity.name}", f"{given['start']} to {given['end']}"
        yield Problem(what, dates, allowed, "such as 2024-01-01 to 2024-12-31", ("start",))


def _comparison_problems(given: Mapping[str, Any], quantity: Quantity) -> Iterator[Problem]:
    names = tuple(given)
    if len(names) != 1:
        said, todo = ", ".join(names) or "none", "keep one" if names else "add one"
        allowed = f"one of {', '.join(COMPARISONS)}"
        yield Problem("a question makes one comparison", said, allowed, todo, names[1:2])
        return
    ((name, value),) = given.items()
    stated = value if isinstance(value, tuple) else (value,)
    wrong = [number for number in stated if not quantity.admits(number)]
    if quantity.kind == "category" and name != "equals":
        allowed = f"equals: {quantity.allowed()}"
        yield Problem(f"{quantity.name} has no order", name, allowed, "use equals", (name,))
    elif not quantity.discrete and name == "equals":
        what, said = f"{quantity.name} never equals a number to its last digit", f"equals = {shown(value)}"
        yield Problem(what, said, "at_least, at_most or between", "use one of these", (name,))
    elif wrong:
        yield cannot_be(quantity, wrong[0]).within(name)
    elif isinstance(value, tuple) and not value[0] < value[1]:
        allowed = "[low, high] with low below high"
        yield Problem("between is reversed or empty", shown(value), allowed, "swap them", (name,))
