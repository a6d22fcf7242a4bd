"""What a scenario is, once read: frozen values that the rest of the package can trust."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from sim import parameters as table
from sim.catalogue import How
from sim.clock import month_number
from sim.parameters import Parameter, Prior

if TYPE_CHECKING:
    from sim.observations import ReferenceClass


class Frozen(BaseModel):
    """A value that is checked when made and cannot be changed."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False, defer_build=True)


class Belief(Frozen):
    """What a scenario believes about a parameter instead of the table: from 2012 on, learned again."""

    prior: Prior
    source: str


class Change(Frozen):
    """One thing that an event does.

    `quantity` is a settable quantity of `sim.catalogue.QUANTITIES`, or a parameter's name; `value` is in its
    unit, a factor if `how` is "multiply".
    """

    quantity: str
    how: How
    value: float | str


class Event(Frozen):
    """An intervention: it acts from the month of `date` to the month before `until`, else to the end."""

    date: dt.date
    until: dt.date | None = None
    changes: tuple[Change, ...]
    source: str

    @property
    def first_month(self) -> int:
        """Number of the first month in which it acts."""
        return month_number(self.date)

    @property
    def last_month(self) -> int | None:
        """Number of the first month in which it acts no more; None if it acts to the end."""
        return None if self.until is None else month_number(self.until)


class Question(Frozen):
    """A question that a run answers with a probability.

    When: one of `at` (the value on that date), `ever_by` (true in any month from `as_of` to then), or `start`
    and `end` together (a target's own window). What: one of `at_least`, `at_most`, `between` (both ends
    included), `equals`.
    """

    id: str
    text: str
    target: str
    at: dt.date | None = None
    ever_by: dt.date | None = None
    start: dt.date | None = None
    end: dt.date | None = None
    at_least: float | None = None
    at_most: float | None = None
    between: tuple[float, float] | None = None
    equals: float | str | None = None
    resolution: str

    @property
    def last_day(self) -> dt.date:
        """The day on which it is decided at the latest."""
        day = self.at or self.ever_by or self.end
        if day is None:
            raise ValueError(f"question {self.id!r} has no date")
        return day


class Scenario(Frozen):
    """A scenario as resolved: what is believed, what is done and what is asked.

    `name` is the slug of the file's name; `chain` names the files, from the one read to its last base.
    """

    name: str
    title: str
    description: str = ""
    as_of: dt.date
    until: dt.date
    parameters: Mapping[str, Belief] = {}
    events: tuple[Event, ...] = ()
    questions: tuple[Question, ...] = ()
    chain: tuple[str, ...] = ()

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
        resolved = table.resolve(table.parameter_table(), self.as_of, counted)
        for name, belief in self.parameters.items():
            resolved[name] = replace(resolved[name], prior=belief.prior, source=belief.source)
        return resolved
