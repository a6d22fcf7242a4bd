"""Every name that a scenario or an observation file may use: what it means, its unit, kind and bounds."""

from collections.abc import Mapping
from types import MappingProxyType

from sim.catalogue.quantity import DISCRETE, WAYS, How, Kind, Quantity
from sim.catalogue.table import ALL

__all__ = ["DISCRETE", "QUANTITIES", "WAYS", "How", "Kind", "Quantity", "askable", "settable", "targets"]

QUANTITIES: Mapping[str, Quantity] = MappingProxyType({quantity.name: quantity for quantity in ALL})
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
