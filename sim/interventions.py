"""What a scenario's events make of the world, month by month."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np

from sim.arrays import FloatArray
from sim.catalogue import QUANTITIES
from sim.scenario import Event


class Interventions:
    """The changes of all events of a scenario, in file order.

    A reading (price, share, probability) is overlaid while its event holds, else to the end. A state (count, 0/1,
    category) is changed in the event's month, held while `until` says so, and goes on from there by its own dynamics.
    """

    def __init__(self, events: Iterable[Event]) -> None:
        self._changes: dict[str, list[tuple[str, float, int, int | None]]] = {}
        for event in events:
            for change in event.changes:
                known = QUANTITIES.get(change.quantity)  # None for a parameter
                value = change.value
                if isinstance(value, str):
                    value = float(QUANTITIES[change.quantity].categories.index(value))
                end = event.last_month
                if known is not None and known.discrete and end is None:
                    end = event.first_month + 1
                acting = self._changes.setdefault(change.quantity, [])
                acting.append((change.how, float(value), event.first_month, end))

    def holding(self, quantity: str, month: int) -> bool:
        """Return whether any event acts on `quantity` in `month`."""
        return any(True for _ in self.acting(quantity, month))

    def apply(self, quantity: str, value: FloatArray, month: int) -> FloatArray:
        """Return what the events acting in `month` make of `value`, shape (members,): within its bounds."""
        if quantity not in self._changes:
            return value
        for how, given in self.acting(quantity, month):
            if how == "set":
                value = np.full_like(value, given)
            else:
                moved = value + given if how == "add" else value * given
                value = np.clip(moved, QUANTITIES[quantity].low, QUANTITIES[quantity].high)
        return value

    def on_parameters(self, names: Collection[str], month: int) -> Mapping[str, float]:
        """Return the parameters that events hold at a value in `month`."""
        held: dict[str, float] = {}
        for name in (name for name in self._changes if name in names):
            for _, given in self.acting(name, month):
                held[name] = given
        return held

    def acting(self, quantity: str, month: int) -> Iterable[tuple[str, float]]:
        """Yield what acts on a quantity or parameter in `month`, in order: how, and with which value."""
        for how, given, start, end in self._changes.get(quantity, ()):
            if start <= month and (end is None or month < end):
                yield how, given
