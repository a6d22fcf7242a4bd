"""Events in words, for tables and messages."""

from __future__ import annotations

from sim.clock import month_label
from sim.scenario.model import Change, Event

_HOW = {"set": "{name} = {value}", "add": "{name} + {value}", "multiply": "{name} * {value}"}


def event_months(event: Event) -> str:
    """Return the months in which an event acts, for example "from 2023-06" or "2023-06 to 2024-02"."""
    first = month_label(event.first_month)
    return f"from {first}" if event.last_month is None else f"{first} to {month_label(event.last_month - 1)}"


def change_in_words(change: Change) -> str:
    """Return what a change does, for example "gas_discount = 0"."""
    value = change.value if isinstance(change.value, str) else f"{change.value:g}"
    return _HOW[change.how].format(name=change.quantity, value=value)


def event_in_words(event: Event) -> str:
    """Return an event's months and changes, for example "from 2023-06: gas_discount = 0"."""
    return f"{event_months(event)}: {', '.join(change_in_words(change) for change in event.changes)}"
