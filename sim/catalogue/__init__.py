"""Every quantity: what it means, its unit, kind and bounds, where the model has it, how it is forecast and scored."""

from collections.abc import Mapping
from types import MappingProxyType

from sim.catalogue.quantity import (
    DISCRETE as DISCRETE,
    WAYS as WAYS,
    How as How,
    Kind as Kind,
    Quantity as Quantity,
    Scored as Scored,
    Span as Span,
    Target as Target,
)
from sim.catalogue.table import ALL

QUANTITIES: Mapping[str, Quantity] = MappingProxyType({quantity.name: quantity for quantity in ALL})
"""Every quantity by its name, targets first."""


TARGETS: Mapping[str, Target] = MappingProxyType({q.name: q.target for q in ALL if q.target is not None})
"""How each target is forecast and scored, by its name."""


def targets() -> tuple[str, ...]:
    """Return the names of the targets of forecasts, in the order of the table."""
    return tuple(TARGETS)


def weighed() -> tuple[str, ...]:
    """Return the targets with a published series, by whose figures members are weighed."""
    return tuple(name for name, target in TARGETS.items() if name in target.evidence)


def span_of(name: str) -> Span:
    """Return the stretch of time that a published figure is about; empty for what is of a date."""
    for target in TARGETS.values():
        for window, published in target.published.items():
            if published == name and window != "month end":
                return window
    return ""


def settable() -> tuple[str, ...]:
    """Return the names that an event may act on."""
    return tuple(name for name, quantity in QUANTITIES.items() if quantity.settable)


def askable() -> tuple[str, ...]:
    """Return the names that a question may be about."""
    return tuple(name for name, quantity in QUANTITIES.items() if quantity.askable)
