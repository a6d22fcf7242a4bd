"""One named quantity: its meaning, unit, kind and bounds, and what may be done with it."""

from __future__ import annotations

import math
from dataclasses import dataclass
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
        >>> from sim.catalogue import QUANTITIES
        >>> QUANTITIES["sanctions"].admits(1), QUANTITIES["sanctions"].admits(0.5)
        (True, False)
        """
        if self.kind == "category":
            return value in self.categories
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < math.inf:
            return False
        if self.discrete and value % 1 != 0:
            return False
        if self.kind == "positive" and value <= 0:
            return False
        above = self.low is None or value >= self.low
        below = self.high is None or value <= self.high
        return above and below
