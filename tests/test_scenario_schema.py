"""The published schema is current, accepts what is shipped, and marks slips of shape and name."""

import datetime as dt
import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from sim.parameters.table import parameter_table
from sim.scenario import shipped_scenarios
from sim.scenario.schema import schema_text
from sim.scenario.source import shipped_folder

SCHEMA = shipped_folder() / "scenario.schema.json"
BROKEN = Path(__file__).parent / "broken"

CAUGHT = [
    "unknown-key", "unknown-event-key", "unknown-question-key", "title-of-wrong-kind", "unknown-parameter",
    "parameter-not-a-table", "parameter-without-source", "parameter-with-two-priors", "parameter-without-prior",
    "prior-with-three-numbers", "prior-with-one-number", "value-in-quotes", "event-without-date",
    "event-without-source", "event-without-change", "event-of-unknown-quantity", "event-on-an-outcome",
    "event-beyond-bounds", "event-boolean", "event-of-half-a-chapter", "event-of-unknown-category",
    "event-adds-to-a-share", "events-not-a-list", "event-not-a-table", "question-without-comparison",
    "question-with-two-comparisons", "question-id-no-slug", "question-without-text", "question-of-unknown-target",
    "question-of-input",
]  # fmt: skip


def validator():
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def as_json(value):
    """Editors hold dates in TOML against the schema as strings."""
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def test_the_published_schema_is_current():
    assert SCHEMA.read_text(encoding="utf-8") == schema_text(), (
        "stale: run `python -m sim.scenario.schema` and commit what it wrote"
    )


@pytest.mark.parametrize(
    "path", [*shipped_scenarios().values(), BROKEN / "a-sound-base.toml"], ids=lambda p: p.stem
)
def test_sound_files_pass(path):
    validator().validate(as_json(tomllib.loads(path.read_text(encoding="utf-8"))))


@pytest.mark.parametrize("name", CAUGHT)
def test_slips_of_shape_and_name_are_marked(name):
    data = as_json(tomllib.loads((BROKEN / f"{name}.toml").read_text(encoding="utf-8")))
    assert not validator().is_valid(data)


def test_an_editor_can_complete_every_parameter_with_its_meaning():
    beliefs = json.loads(SCHEMA.read_text(encoding="utf-8"))["properties"]["parameters"]["properties"]
    assert set(beliefs) == set(parameter_table())
    assert "holds the state back from the EU's line" in beliefs["gas_weight"]["description"]
