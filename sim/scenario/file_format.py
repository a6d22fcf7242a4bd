"""The shape of a scenario file, part by part; meaning is checked in `rules`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, Field, ValidationError

from sim.scenario.lines import KeyPath
from sim.scenario.model import Frozen, Question
from sim.scenario.problems import Fault, Findings, unknown
from sim.scenario.source import Source
from sim.scenario.toml_text import plain, shown

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"

Model = TypeVar("Model", bound=BaseModel)


def _readable(text: str) -> str:
    if not all(plain(character) or character in "\n\t" for character in text):
        raise ValueError("control characters in the text")
    if not text.strip():
        raise ValueError("the text is empty")
    return text


Line = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_readable)]
Paragraph = Annotated[str, Field(min_length=1, max_length=5000), AfterValidator(_readable)]
Slug = Annotated[str, Field(pattern=SLUG, max_length=80)]
Pair = tuple[float, float]


class Header(Frozen):
    """The keys at the top of a file. All may be absent: a base may have them."""

    title: Line | None = Field(None, description="what the scenario is about, on one line")
    description: Paragraph | None = Field(None, description="what it assumes and why, in a paragraph")
    extends: str | None = Field(None, description="the base: a TOML file beside this one, or a shipped one")
    as_of: dt.date | None = Field(None, description="the day up to which the record is known")
    until: dt.date | None = Field(None, description="the last day of the forecast")
    parameters: dict[str, Any] = Field({}, description="beliefs: they hold from 2012 and are learned again")
    events: tuple[Any, ...] = Field((), description="interventions: each acts from its month on")
    questions: tuple[Any, ...] = Field((), description="what a run answers with a probability")


class FileBelief(Frozen):
    """A belief about a parameter: one value or one prior, and its source."""

    value: float | None = Field(None, description="a fixed value")
    normal: Pair | None = Field(None, description="[mean, sd]")
    halfnormal: tuple[float] | None = Field(None, description="[scale]")
    lognormal: Pair | None = Field(None, description="[median, sigma of the logarithm]")
    beta: Pair | None = Field(None, description="[a, b]")
    gamma: Pair | None = Field(None, description="[shape, rate]")
    uniform: Pair | None = Field(None, description="[low, high]")
    source: Line = Field(description="where it comes from, or 'judgement'")


class FileEvent(Frozen):
    """An intervention."""

    date: dt.date = Field(description="it acts from the month of this day on")
    until: dt.date | None = Field(None, description="it acts no more in the month of this day")
    set: dict[str, Any] = Field({}, description="quantity = value that the others read")
    add: dict[str, Any] = Field({}, description="quantity = amount added to its path")
    multiply: dict[str, Any] = Field({}, description="quantity = factor on its path")
    source: Line = Field(description="where it comes from, or 'assumption'")


class FileQuestion(Question):
    """A question, its words checked too."""

    id: Slug = Field(description="lower-case letters, digits and hyphens")
    text: Line = Field(description="the question in words")
    target: str = Field(description="the target or outcome that it is about")
    at: dt.date | None = Field(None, description="the value on that date")
    ever_by: dt.date | None = Field(None, description="true in any month from as_of to then")
    start: dt.date | None = Field(None, description="first day of the target's own window")
    end: dt.date | None = Field(None, description="last day of the target's own window")
    at_least: float | None = Field(None, description="yes if the value is this or more")
    at_most: float | None = Field(None, description="yes if the value is this or less")
    between: Pair | None = Field(None, description="yes if the value is in [low, high], both included")
    equals: float | str | None = Field(None, description="yes if the value is this")
    resolution: Line = Field(description="what counts as yes, so that a stranger could decide it")


def frozen(value: Any) -> Any:
    """Return a value read from TOML with its lists as tuples, at every depth."""
    if isinstance(value, list):
        return tuple(frozen(item) for item in value)
    if isinstance(value, dict):
        return {key: frozen(item) for key, item in value.items()}
    return value


@dataclass(frozen=True)
class Shaped(Generic[Model]):
    """An entry of a file as far as its shape is right.

    `entry` has what was right and the defaults of the rest; `wrong` names the keys that were wrong or
    missing, and required ones among them are absent from `entry`.
    """

    entry: Model
    wrong: frozenset[str]


def shape(model: type[Model], raw: Any, source: Source, path: KeyPath, findings: Findings) -> Shaped[Model]:
    """Return `raw` as the model, as far as it goes, and note every fault."""
    try:
        return Shaped(model.model_validate(frozen(raw)), frozenset())
    except ValidationError as error:
        items = error.errors(include_url=False, include_context=False)
    places: dict[KeyPath, Any] = {}
    for item in items:
        places.setdefault(_place(item["loc"], raw), item)  # a union reports each of its branches
    for place, item in places.items():
        if findings.full:
            break
        findings.add(source, (*path, *place), _fault(item["type"], item["msg"], place, item, model))
    if not isinstance(raw, dict):
        return Shaped(model.model_construct(), frozenset(model.model_fields))
    wrong = frozenset(str(place[0]) for place in places)
    good = {key: frozen(value) for key, value in raw.items() if key not in wrong}
    return Shaped(model.model_construct(**good), wrong)


def _place(loc: tuple[str | int, ...], raw: Any) -> KeyPath:
    """Return the part of an error's location that is a place in the file, or the missing key."""
    place: KeyPath = ()
    for step in loc:
        place = (*place, step)
        try:
            raw = raw[step]
        except (KeyError, IndexError, TypeError):
            return place if isinstance(raw, dict) else place[:-1]
    return place


_ALLOWED = {
    "date_type": "a date such as 2024-12-31, without quotes and without a time",
    "string_type": "text in quotes",
    "float_type": "a number",
    "finite_number": "a finite number",
    "tuple_type": "a list in brackets, or for events and questions [[...]] tables",
    "dict_type": "a table of keys and values",
    "model_type": "a table of keys and values",
    "string_too_short": "text that says something",
    "string_too_long": "shorter text",
    "string_pattern_mismatch": "lower-case letters and digits, joined by single hyphens",
    "value_error": "plain text that says something",
}
"""What is allowed instead, by the kind of pydantic's error."""


def _fault(kind: str, message: str, place: KeyPath, item: Any, model: type[BaseModel]) -> Fault:
    name = "".join(f"[{step}]" if isinstance(step, int) else step for step in place) or "this entry"
    field = model.model_fields.get(str(place[0])) if place else None
    meant = (field.description if field else None) or ""
    if kind == "extra_forbidden":
        return unknown("key", name, model.model_fields)
    if kind == "missing" and len(item["loc"]) == 1:
        return Fault(f"{name} is missing", allowed=meant, todo=f"add {name} = ...")
    given = shown(item["input"])
    if kind in ("too_long", "too_short", "missing"):
        return Fault(f"{place[0]} has the wrong number of entries", given, meant, "change it")
    allowed = "a number, or a category in quotes" if name == "equals" else _ALLOWED.get(kind, message)
    if kind == "value_error":
        return Fault(f"{name}: {message.removeprefix('Value error, ')}", given, allowed, "change it")
    return Fault(f"{name} is of the wrong kind", given, allowed, "change it")
