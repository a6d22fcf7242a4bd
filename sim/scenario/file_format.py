"""The shape of a scenario file, part by part; meaning is checked in `rules`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any, Generic, TypeVar

from sim.scenario.kinds import Day, Entries, Kind, Number, NumberOrCategory, Numbers, Table, Text
from sim.scenario.lines import KeyPath
from sim.scenario.problems import Fault, Findings, unknown
from sim.scenario.source import Source
from sim.scenario.toml_text import shown

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"

LINE = Text(prose=True, longest=300)
PARAGRAPH = Text(prose=True, longest=5000)
SLUG_TEXT = Text(
    longest=80, pattern=SLUG, pattern_in_words="lower-case letters and digits, joined by single hyphens"
)
NAME = Text()
DAY, NUMBER, PAIR, TABLE, ENTRIES = Day(), Number(), Numbers(2), Table(), Entries()


@dataclass(frozen=True)
class Key:
    """What a file may say under a key: the kind of value and, in words, its meaning."""

    kind: Kind
    meaning: str
    required: bool


def required(kind: Kind, meaning: str) -> Any:
    """Declare a key that an entry must have; it is None where the entry lacks it, which is a fault."""
    return field(default=None, metadata={"key": Key(kind, meaning, required=True)})


def optional(kind: Kind, meaning: str, *, absent: Any = lambda: None) -> Any:
    """Declare a key that an entry may have, and how to make what stands for it otherwise."""
    return field(default_factory=absent, metadata={"key": Key(kind, meaning, required=False)})


@dataclass(frozen=True)
class Part:
    """A part of a scenario file, with a field for each key that it may have."""


@dataclass(frozen=True, kw_only=True)
class Header(Part):
    """The keys at the top of a file. All may be absent: a base may have them."""

    title: str | None = optional(LINE, "what the scenario is about, on one line")
    description: str | None = optional(PARAGRAPH, "what it assumes and why, in a paragraph")
    extends: str | None = optional(NAME, "the base: a TOML file beside this one, or a shipped one")
    as_of: dt.date | None = optional(DAY, "the day up to which the record is known")
    until: dt.date | None = optional(DAY, "the last day of the forecast")
    parameters: dict[str, Any] = optional(
        TABLE, "beliefs: they hold from 2012 and are learned again", absent=dict
    )
    events: tuple[Any, ...] = optional(ENTRIES, "interventions: each acts from its month on", absent=tuple)
    questions: tuple[Any, ...] = optional(ENTRIES, "what a run answers with a probability", absent=tuple)


@dataclass(frozen=True, kw_only=True)
class FileBelief(Part):
    """A belief about a parameter: one value or one prior, and its source."""

    value: float | None = optional(NUMBER, "a fixed value")
    normal: tuple[float, float] | None = optional(PAIR, "[mean, sd]")
    halfnormal: tuple[float] | None = optional(Numbers(1), "[scale]")
    lognormal: tuple[float, float] | None = optional(PAIR, "[median, sigma of the logarithm]")
    beta: tuple[float, float] | None = optional(PAIR, "[a, b]")
    gamma: tuple[float, float] | None = optional(PAIR, "[shape, rate]")
    uniform: tuple[float, float] | None = optional(PAIR, "[low, high]")
    source: str = required(LINE, "where it comes from, or 'judgement'")


@dataclass(frozen=True, kw_only=True)
class FileEvent(Part):
    """An intervention."""

    date: dt.date = required(DAY, "it acts from the month of this day on")
    until: dt.date | None = optional(DAY, "it acts no more in the month of this day")
    set: dict[str, Any] = optional(TABLE, "quantity = value that the others read", absent=dict)
    add: dict[str, Any] = optional(TABLE, "quantity = amount added to its path", absent=dict)
    multiply: dict[str, Any] = optional(TABLE, "quantity = factor on its path", absent=dict)
    source: str = required(LINE, "where it comes from, or 'assumption'")


@dataclass(frozen=True, kw_only=True)
class FileQuestion(Part):
    """A question: its keys are the fields of `sim.scenario.model.Question`."""

    id: str = required(SLUG_TEXT, "lower-case letters, digits and hyphens")
    text: str = required(LINE, "the question in words")
    target: str = required(NAME, "the target or outcome that it is about")
    at: dt.date | None = optional(DAY, "the value on that date")
    ever_by: dt.date | None = optional(DAY, "true in any month from as_of to then")
    start: dt.date | None = optional(DAY, "first day of the target's own window")
    end: dt.date | None = optional(DAY, "last day of the target's own window")
    at_least: float | None = optional(NUMBER, "yes if the value is this or more")
    at_most: float | None = optional(NUMBER, "yes if the value is this or less")
    between: tuple[float, float] | None = optional(PAIR, "yes if the value is in [low, high], both included")
    equals: float | str | None = optional(NumberOrCategory(), "yes if the value is this")
    resolution: str = required(LINE, "what counts as yes, so that a stranger could decide it")


Entry = TypeVar("Entry", bound=Part)


@dataclass(frozen=True)
class Shaped(Generic[Entry]):
    """An entry of a file as far as its shape is right.

    `entry` has what was right and the defaults of the rest; `wrong` names the keys that were wrong or
    missing, and required ones among them are None in `entry`.
    """

    entry: Entry
    wrong: frozenset[str]


def keys(part: type[Part]) -> dict[str, Key]:
    """Return the keys that a part of a file may have, by name."""
    return {each.name: each.metadata["key"] for each in fields(part)}


def shape(part: type[Entry], raw: Any, source: Source, path: KeyPath, findings: Findings) -> Shaped[Entry]:
    """Return `raw` as that part of a file, as far as it goes, and note every fault."""
    allowed = keys(part)
    wrong: set[str] = set()
    for place, fault in shape_faults(part, raw):
        wrong |= {str(place[0])} if place else set(allowed)
        if findings.full:  # what follows is told no more, nor need it be searched
            wrong |= set(allowed)
            break
        findings.add(source, (*path, *place), fault)
    stated = raw if isinstance(raw, dict) else {}
    right = {
        name: key.kind.hold(stated[name])
        for name, key in allowed.items()
        if name in stated and name not in wrong
    }
    return Shaped(part(**right), frozenset(wrong))


def shape_faults(part: type[Part], raw: Any) -> Iterator[tuple[KeyPath, Fault]]:
    """Yield each place in `raw` that has not the shape of that part of a file, and what is wrong there."""
    if not isinstance(raw, dict):
        fault = Fault(
            "this entry is of the wrong kind", shown(raw), "a table of keys and values", "change it"
        )
        yield (), fault
        return
    allowed = keys(part)
    for name, key in allowed.items():
        if name in raw:
            yield from _value_faults(name, key, raw[name])
        elif key.required:
            yield (name,), Fault(f"{name} is missing", allowed=key.meaning, todo=f"add {name} = ...")
    for name in raw:
        if name not in allowed:
            yield (name,), unknown("key", name, allowed)


def _value_faults(name: str, key: Key, value: object) -> Iterator[tuple[KeyPath, Fault]]:
    for refusal in key.kind.refusals(value):
        item: Any = value
        for step in refusal.where:
            item = item[step]
        called = name + "".join(f"[{step}]" for step in refusal.where)
        what = f"{called}{refusal.what}"
        yield (name, *refusal.where), Fault(what, shown(item), refusal.allowed or key.meaning, "change it")
