"""The JSON Schema of scenario files, for editors: made from what the values of a scenario declare, and the catalogue.

It completes names and marks slips while one types; `serbia-sim check` knows more, dates and bases above all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sim.parameters.priors import FAMILIES
from sim.parameters.table import meanings
from sim.quantities.catalogue import QUANTITIES, askable, settable
from sim.quantities.quantity import WAYS, How
from sim.record.country import neutral
from sim.scenario.declared import Key, file_keys
from sim.scenario.events import Event
from sim.scenario.model import Belief
from sim.scenario.questions import COMPARISONS, Question
from sim.scenario.reading import HEADER


def schema_text() -> str:
    """Return the schema as it is published beside the shipped scenarios."""
    return json.dumps(scenario_schema(), indent=2, ensure_ascii=False) + "\n"


def scenario_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a scenario file."""
    top = _object(HEADER)
    top["properties"]["parameters"] |= {
        "properties": {
            name: {"$ref": "#/$defs/belief", "description": neutral(meaning)}
            for name, meaning in meanings().items()
        },
        "additionalProperties": False,
    }
    for kind in ("event", "question"):
        top["properties"][f"{kind}s"]["items"] = {"$ref": f"#/$defs/{kind}"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A scenario of serbia-sim",
        **top,
        "$defs": {"belief": _belief(), "event": _event(), "question": _question()},
    }


def _object(allowed: Mapping[str, Key]) -> dict[str, Any]:
    """Return the schema of one part of a file."""
    properties = {name: {"description": key.meaning, **key.kind.schema} for name, key in allowed.items()}
    required = [name for name, key in allowed.items() if key.required]
    more = {"required": required} if required else {}
    return {"type": "object", "properties": properties, **more, "additionalProperties": False}


def _belief() -> dict[str, Any]:
    one = [{"required": [family]} for family in FAMILIES]
    return _object(file_keys(Belief)) | {"oneOf": one}


def _event() -> dict[str, Any]:
    event = _object(file_keys(Event))
    for how in WAYS:
        event["properties"][how] |= {"properties": _changes(how), "additionalProperties": False}
    event["anyOf"] = [{"required": [how]} for how in WAYS]
    return event


def _changes(how: How) -> dict[str, Any]:
    quantities = {name: QUANTITIES[name] for name in settable() if how in QUANTITIES[name].changes}
    changes: dict[str, Any] = {}
    for name, quantity in quantities.items():
        if quantity.kind == "category":
            value: dict[str, Any] = {"enum": list(quantity.categories)}
        else:
            value = {"type": "integer" if quantity.discrete else "number"}
            if how == "set":
                value |= {} if quantity.low is None else {"minimum": quantity.low}
                value |= {} if quantity.high is None else {"maximum": quantity.high}
        changes[name] = value | {"description": f"{neutral(quantity.meaning)} ({quantity.unit})"}
    if how == "set":
        for name, meaning in meanings().items():
            changes[name] = {"type": "number", "description": neutral(meaning)}
    return changes


def _question() -> dict[str, Any]:
    question = _object(file_keys(Question))
    question["properties"]["target"] |= {"enum": list(askable())}
    question["oneOf"] = [{"required": [key]} for key in COMPARISONS]
    return question


if __name__ == "__main__":
    from sim.scenario.source import shipped_folder

    (shipped_folder() / "scenario.schema.json").write_text(schema_text(), encoding="utf-8")
