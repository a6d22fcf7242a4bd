"""Every name that a scenario or an observation file may use: what it means, its unit, kind and bounds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Kind = Literal["real", "positive", "share", "probability", "count", "binary", "category"]
How = Literal["set", "add", "multiply"]

WAYS: tuple[How, ...] = ("set", "add", "multiply")
"""The ways in which an event may change something, in the order in which one event applies them."""

DISCRETE: frozenset[Kind] = frozenset({"count", "binary", "category"})


@dataclass(frozen=True)
class Quantity:
    """One named quantity of the model.

    Parameters
    ----------
    name: as files write it.
    meaning: one sentence.
    unit: of its values.
    kind: "positive" means above zero; a "share" or "probability" lies in [0, 1]; a "count" is whole.
    low, high: bounds that the quantity itself cannot leave, both included; None means no bound.
    categories: the values of a "category", else empty.
    settable: an event may act on it.
    target: it is forecast and scored against observations.
    askable: a question may be about it (every target is).
    window: a target that belongs to a stretch of time, not to a date.
    """

    name: str
    meaning: str
    unit: str
    kind: Kind
    low: float | None = None
    high: float | None = None
    categories: tuple[str, ...] = ()
    settable: bool = False
    target: bool = False
    askable: bool = False
    window: Literal["", "half-year", "year"] = ""

    @property
    def discrete(self) -> bool:
        """Whether single values have a probability of their own."""
        return self.kind in DISCRETE

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
        number = "a whole number" if self.kind == "count" else "a number"
        if self.kind == "positive":
            return (
                f"{number} above 0, at most {self.high:g}" if self.high is not None else f"{number} above 0"
            )
        if self.low is not None and self.high is not None:
            return f"{number} from {self.low:g} to {self.high:g}"
        if self.low is not None:
            return f"{number}, at least {self.low:g}"
        return f"{number}, at most {self.high:g}" if self.high is not None else number

    def admits(self, value: object) -> bool:
        """Tell whether `value` is one that the quantity can take.

        Examples
        --------
        >>> QUANTITIES["sanctions"].admits(1), QUANTITIES["sanctions"].admits(0.5)
        (True, False)
        """
        if self.kind == "category":
            return value in self.categories
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < math.inf:
            return False
        if self.discrete and not float(value).is_integer():
            return False
        if self.kind == "positive" and value <= 0:
            return False
        above = self.low is None or value >= self.low
        below = self.high is None or value <= self.high
        return above and below


_ALL = (
    Quantity(
        "cfsp_alignment",
        "share of the EU's foreign-policy declarations that Serbia joined in a window",
        "share",
        "share",
        0.0,
        1.0,
        target=True,
        askable=True,
        window="half-year",
    ),
    Quantity(
        "un_position",
        "Serbia's ideal point in the UN General Assembly in a calendar year, as published",
        "ideal point",
        "real",
        -5.0,  # judgement: published points of all states lie within -3 to 3.5; catches a slip of the pen
        5.0,
        target=True,
        askable=True,
        window="year",
    ),
    Quantity(
        "eu_support",
        "would vote for EU membership, in the government's poll",
        "share",
        "share",
        0.0,
        1.0,
        target=True,
        askable=True,
    ),
    Quantity(
        "chapters_opened",
        "negotiating chapters opened in total",
        "chapters",
        "count",
        0.0,
        35.0,
        settable=True,
        target=True,
        askable=True,
    ),
    Quantity(
        "gas_discount",
        "1 - contract price / market price of gas; below zero when Serbia pays more than the market",
        "share",
        "real",
        -10.0,  # judgement: eleven times the market price; catches a slip of the pen
        1.0,
        settable=True,
        target=True,
        askable=True,
    ),
    Quantity(
        "sanctions",
        "Serbia's sanctions on Russia are in force",
        "0 or 1",
        "binary",
        0.0,
        1.0,
        settable=True,
        target=True,
        askable=True,
    ),
    Quantity(
        "posture",
        "Serbia's posture towards Russia, by what it did in the twelve months before",
        "category",
        "category",
        categories=("ally", "balancer", "opponent"),
        target=True,
        askable=True,
    ),
    Quantity(
        "market_price",
        "European market price of gas",
        "USD per 1000 m3",
        "positive",
        0.0,
        100_000.0,  # judgement: thirty times the highest month on record; catches a slip of the pen
        settable=True,
    ),
    Quantity(
        "brent",
        "price of Brent crude oil",
        "USD per barrel",
        "positive",
        0.0,
        10_000.0,  # judgement: seventy times the highest month on record; catches a slip of the pen
        settable=True,
    ),
    Quantity(
        "war",
        "state of Russia's war on Ukraine",
        "category",
        "category",
        categories=("none", "frozen", "full_scale", "ceasefire"),
        settable=True,
    ),
    Quantity(
        "credibility",
        "how far Belgrade believes the EU's offer of membership",
        "share",
        "share",
        0.0,
        1.0,
        settable=True,
        askable=True,
    ),
    Quantity(
        "pressure",
        "the EU's pressure on Serbia to join its measures on Russia",
        "share",
        "share",
        0.0,
        1.0,
        settable=True,
        askable=True,
    ),
    Quantity(
        "join_other",
        "readiness to join an EU declaration that is not about Russia",
        "probability",
        "probability",
        0.0,
        1.0,
        settable=True,
    ),
    Quantity(
        "lean",
        "Serbia's lean: towards the EU above zero, towards Russia below; 0 is its baseline of January 2012",
        "logit",
        "real",
        askable=True,
    ),
)

QUANTITIES: Mapping[str, Quantity] = MappingProxyType({quantity.name: quantity for quantity in _ALL})
"""Every quantity by its name, targets first."""


def targets() -> tuple[str, ...]:
    """Return the names of the targets of forecasts, in the order of the catalogue."""
    return tuple(name for name, quantity in QUANTITIES.items() if quantity.target)


def settable() -> tuple[str, ...]:
    """Return the names that an event may act on."""
    return tuple(name for name, quantity in QUANTITIES.items() if quantity.settable)


def askable() -> tuple[str, ...]:
    """Return the names that a question may be about."""
    return tuple(name for name, quantity in QUANTITIES.items() if quantity.askable)
