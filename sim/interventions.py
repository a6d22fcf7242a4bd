"""What a scenario's events make of the world, month by month."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from sim.catalogue import QUANTITIES
from sim.scenario import Event

FloatArray = NDArray[np.float64]


class Interventions:
    """The changes of all events of a scenario, in file order.

    A reading (price, share, probability) is overlaid while its event holds, else to the end. A state (count, 0/1,
    category) is changed in the event's month, held while `until` says so, and goes on from there by its own dynamics.
    """

    def __init__(self, events: Iterable[Event]) -> None:
        self._changes: list[tuple[str, str, float, int, int | None]] = []
        for event in events:
            for change in event.changes:
                known = QUANTITIES.get(change.quantity)  # None for a parameter
                value = change.value
                if isinstance(value, str):
                    value = float(QUANTITIES[change.quantity].categories.index(value))
                end = event.last_month
                if known is not None and known.discrete and end is None:
                    end = event.first_month + 1
                self._changes.append((change.quantity, change.how, float(value), event.first_month, end))

    def holding(self, quantity: str, month: int) -> bool:
        """Return whether any event acts on `quantity` in `month`."""
        return any(True for _ in self.acting(quantity, month))

    def apply(self, quantity: str, value: FloatArray, month: int) -> FloatArray:
        """Return what the events acting in `month` make of `value`, shape (members,): within its bounds."""
        for how, given in self.acting(quantity, month):
            if how == "set":
                value = np.full_like(value, given)
            else:
                moved = value + given if how == "add" else value * given
                value = np.clip(moved, QUANTITIES[quantity].low, QUANTITIES[quantity].high)
        return value

    def on_parameters(self, names: Container[str], month: int) -> Mapping[str, float]:
        """Return the parameters, of these `names`, that events hold at a value in `month`."""
        return {
            name: given
            for name, _, given, start, end in self._changes
            if name in names and start <= month and (end is None or month < end)
        }

    def acting(self, quantity: str, month: int) -> Iterable[tuple[str, float]]:
        """Yield what acts on a quantity or parameter in `month`, in order: how, and with which value."""
        for name, how, given, start, end in self._changes:
            if name == quantity and start <= month and (end is None or month < end):
                yield how, given
