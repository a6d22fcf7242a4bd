"""One named quantity: meaning, unit, kind and bounds, its place in the model, and what may be done with it."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from numbers import Real
from typing import Any, Literal, TypeGuard

from sim.clock import WINDOWS
from sim.words import level

Window = Literal["month end", "half-year", "year"]
Span = Literal["", "half-year", "year"]
Output = Literal["mean", "median", "quantile", "pmf"]
Kind = Literal["real", "positive", "share", "probability", "count", "binary", "category"]
How = Literal["set", "add", "multiply"]

WAYS: tuple[How, ...] = ("set", "add", "multiply")
"""The ways in which an event may change something, in the order in which one event applies them."""


def within(value: object, low: float | None = None, high: float | None = None) -> TypeGuard[float]:
    """Tell whether a value is a finite number from `low` to `high`, both included.

    True and false are numbers for Python, but not here, nor are whole numbers beyond what a float can be.
    """
    number: Any = math.nan if isinstance(value, bool) or not isinstance(value, Real) else value
    inside = (low is None or number >= low) and (high is None or number <= high)
    return bool(inside and abs(number) <= sys.float_info.max)


def in_words(low: float | None, high: float | None) -> str:
    """Return bounds as they are said after "a number"; nothing where there is none."""
    match low, high:
        case None, None:
            return ""
        case None, _:
            return f", at most {high:g}"
        case _, None:
            return f", at least {low:g}"
    return f" from {low:g} to {high:g}"


_DISCRETE: frozenset[Kind] = frozenset({"count", "binary", "category"})


@dataclass(frozen=True)
class Scored:
    """How a target's figures are scored beside rivals, by CRPS and log score.

    Attributes
    ----------
    steps: of the rivals' grid in a year.
    usual_change: standard deviation of a year's change where fewer than three are known (judgement): logit for a share,
        else in the target's unit.
    """

    steps: int
    usual_change: float


@dataclass(frozen=True)
class Target:
    """How a quantity is published, forecast, learned from and scored. Nothing has a default: each must be thought of.

    Attributes
    ----------
    short: its name where there is little room.
    published: by window, the recorded quantity that holds its published figure; shorter windows first.
    outputs: what the forecast table says of it.
    record: the resources of the record that tell how it came out; "observations" for a published series.
    evidence: kinds of evidence by which members are weighed on it (`Entity.weigh`). Figures of a published series weigh
        under the target's own name.
    scored: how its figures are scored; a reason in words where they are not.
    """

    short: str
    published: Mapping[Window, str]
    outputs: tuple[Output, ...]
    record: tuple[str, ...]
    evidence: tuple[str, ...]
    scored: Scored | str


@dataclass(frozen=True)
class Quantity:
    """One named quantity of the model.

    Parameters
    ----------
    name: as files write it.
    meaning: one sentence; it leaves places such as {state} for a state's own words (`sim.record.country.Country.fill`).
    unit: of its values.
    kind: "positive" has a lowest value above zero; a "share" or "probability" lies in [0, 1]; a "count" is whole.
    low, high: bounds that the quantity itself cannot leave, both included; None means no bound.
    categories: the values of a "category", coded from 0, else empty.
    at: where it stands at a month's end, as attributes of the model; of a method what it returns, of a mapping the
        entry of the quantity's name. Every run records it. Empty where runs record its published figures only.
    label: its name in words, as a sentence begins, with places for words as the meaning has; its meaning if empty.
    settable: an event may act on it.
    asked: a question may be about it; about a target it always may.
    target: how it is forecast and scored against observations; None if it is not.
    """

    name: str
    meaning: str
    unit: str
    kind: Kind
    low: float | None = None
    high: float | None = None
    at: str = ""
    categories: tuple[str, ...] = ()
    label: str = ""
    settable: bool = False
    asked: bool = False
    target: Target | None = field(default=None, repr=False)

    @property
    def askable(self) -> bool:
        """Whether a question may be about it."""
        return self.asked or self.target is not None

    @property
    def window(self) -> Span:
        """The shortest stretch of time that a figure of it is about; empty where it is of a date."""
        for window in self.target.published if self.target else ():
            return "" if window == "month end" else window
        return ""

    def is_window(self, start: date, end: date) -> bool:
        """Tell whether figures of it are about the stretch from `start` to `end`."""
        days = ((start.month, start.day), (end.month, end.day))
        published = self.target.published if self.target else ()
        return start.year == end.year and any(days in WINDOWS.get(window, ()) for window in published)

    @property
    def discrete(self) -> bool:
        """Whether single values have a probability of their own."""
        return self.kind in _DISCRETE

    @property
    def changes(self) -> tuple[How, ...]:
        """The ways in which an event may act on it.

        Only a positive quantity can be added to or multiplied: a sum could carry a share out of its bounds,
        and the state of a count or of a 0/1 quantity is replaced, not overlaid.
        """
        if not self.settable:
            return ()
        return ("set", "add", "multiply") if self.kind == "positive" else ("set",)

    def allowed(self) -> str:
        """Return the values that it can take, in words."""
        if self.kind == "category":
            return "one of " + ", ".join(f'"{category}"' for category in self.categories)
        if self.kind == "binary":
            return "0 or 1"
        return ("a whole number" if self.kind == "count" else "a number") + in_words(self.low, self.high)

    def said(self, value: float) -> str:
        """Return a value as a reader says it: a category by its name, a share in per cent."""
        return self.categories[int(value)] if self.categories else level(value, percent=self.unit == "share")

    def admits(self, value: object) -> bool:
        """Tell whether `value` is one that the quantity can take.

        >>> from sim.quantities.catalogue import QUANTITIES
        >>> QUANTITIES["sanctions"].admits(1), QUANTITIES["sanctions"].admits(0.5)
        (True, False)
        """
        if self.kind == "category":
            return value in self.categories
        return within(value, self.low, self.high) and not (self.discrete and value % 1)
