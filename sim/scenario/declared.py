"""Values that declare once what each of their fields may hold: for constructor, files and JSON Schema.

A kind says how a value is checked, what a refusal says, and how a JSON Schema puts it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any

from sim.quantity import within
from sim.scenario.problems import Problem, ScenarioError, plain, shown, unknown


@dataclass(frozen=True)
class Kind:
    """A kind of value, strict: a number in quotes is no number.

    `problems` yields what is wrong with a value, to be read after the name of its key, and where in the value; `schema`
    is the kind as JSON Schema, `hold` makes of a right value what the rest of the package reads.
    """

    problems: Callable[[Any], Iterator[Problem]]
    schema: Mapping[str, Any]
    hold: Callable[[Any], Any] = lambda value: value


def text(
    *, longest: int | None = None, prose: bool = False, pattern: str | None = None, in_words: str = ""
) -> Kind:
    """Return the kind of a text of bounded length; `prose` says something and has no control characters."""

    def problems(value: object) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield _wrong(value, "text in quotes")
        elif longest is not None and len(value) > longest:
            yield _wrong(value, f"shorter text, of {longest} characters at most")
        elif pattern is not None and not re.fullmatch(pattern, value):
            yield _wrong(value, in_words)
        elif prose and not all(plain(character) or character in "\n\t" for character in value):
            yield _wrong(value, "plain text that says something", ": control characters in the text")
        elif prose and not value.strip():
            yield _wrong(value, "plain text that says something", ": the text is empty")

    bounds = {"minLength": 1 if prose else None, "maxLength": longest, "pattern": pattern}
    return Kind(
        problems, {"type": "string"} | {key: bound for key, bound in bounds.items() if bound is not None}
    )


def numbers(count: int) -> Kind:
    """Return the kind of a list of so many finite numbers, each checked by itself."""

    def problems(value: object) -> Iterator[Problem]:
        if not isinstance(value, list | tuple):
            yield from _entries(value)
            return
        if len(value) <= count:
            for index, item in enumerate(value):
                yield from (problem.within(index) for problem in _number(item))
        if len(value) != count:
            yield _wrong(value, "", " has the wrong number of entries")

    schema = {"type": "array", "prefixItems": [NUMBER.schema] * count, "minItems": count, "maxItems": count}
    return Kind(problems, schema, lambda value: tuple(map(float, value)))


def made(kind: type, *, by_name: bool = False, many: bool = False) -> Kind:
    """Return the kind of what Python code makes: a `kind`, `many` of it in a list, or `by_name` in a mapping."""
    name = kind.__name__
    outer: Any = list | tuple if many else kind
    whole, part = f"a tuple of {name}" if many else f"a {name}", f"a {name}"
    if by_name:
        whole, outer, part = f"a mapping of names to {name}", Mapping, f"a {name}, by a name as text"

    def problems(value: Any) -> Iterator[Problem]:
        if not isinstance(value, outer):
            yield _wrong(value, whole)
        elif by_name or many:
            for key, item in value.items() if by_name else enumerate(value):
                if not isinstance(item, kind) or (by_name and not isinstance(key, str)):
                    yield _wrong(item, part).within(key)

    if by_name:
        return Kind(problems, {}, lambda value: MappingProxyType(dict(value)))
    return Kind(problems, {}, tuple if many else lambda value: value)


def number_or_text(value: Any) -> Any:
    """Return a number as a float, and anything else as it is."""
    return float(value) if within(value) else value


def _wrong(value: object, allowed: str, what: str = " is of the wrong kind") -> Problem:
    return Problem(what, shown(value), allowed, "change it")


def _day(value: object) -> Iterator[Problem]:
    # a date with a time is a date too for Python, but not here
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        yield _wrong(value, "a date such as 2024-12-31, without quotes and without a time")


def _number(value: object) -> Iterator[Problem]:
    if not within(value):
        yield _wrong(value, "a finite number")


def _number_or_category(value: object) -> Iterator[Problem]:
    if not isinstance(value, str) and any(_number(value)):
        yield _wrong(value, "a number, or a category in quotes")


def _table(value: object) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield _wrong(value, "a table of keys and values")


def _entries(value: object) -> Iterator[Problem]:
    if not isinstance(value, list | tuple):
        yield _wrong(value, "a list in brackets, or for events and questions [[...]] tables")


DAY = Kind(_day, {"type": "string", "format": "date"})
NUMBER = Kind(_number, {"type": "number"}, float)
PAIR = numbers(2)
NUMBER_OR_CATEGORY = Kind(_number_or_category, {"anyOf": [NUMBER.schema, {"type": "string"}]}, number_or_text)
ANYTHING = Kind(lambda _: iter(()), {}, number_or_text)
TABLE = Kind(_table, {"type": "object"})
ENTRIES = Kind(_entries, {"type": "array"}, tuple)
LINE = text(prose=True, longest=300)
PARAGRAPH = text(prose=True, longest=5000)
NAME = text()


@dataclass(frozen=True)
class Key:
    """What may stand under a name: the kind of value and, in words, its meaning."""

    kind: Kind
    meaning: str
    required: bool = False


def key(kind: Kind, meaning: str, *, in_file: Mapping[str, Key] | None = None, **default: Any) -> Any:
    """Declare a field, required unless there is a `default` or `default_factory`.

    Parameters
    ----------
    in_file: the keys that say it in a file, if not one of the field's own name; `Declared.gather` joins them.
    """
    return field(metadata={"key": Key(kind, meaning, not default), "file": in_file}, **default)


class Declared:
    """A frozen value whose constructor refuses what is wrong, all at once, whoever calls it.

    Subclasses are frozen dataclasses with fields made by `key`.

    Raises ScenarioError: with everything that is wrong.
    """

    def __post_init__(self) -> None:
        declared = {each.name: each.metadata["key"] for each in fields(self)}  # type: ignore[arg-type]
        absent = defaults(type(self))  # right as they are: their kind may not hold them, as none holds None
        given = {name: value for name, value in vars(self).items() if value is not absent.get(name, MISSING)}
        right: dict[str, Any] = {name: value for name, value in absent.items() if name not in given}
        problems = [*shape(declared, given, right), *self.rules(right)]
        if problems:
            raise ScenarioError(problems)
        for name, value in right.items():
            object.__setattr__(self, name, value)

    @classmethod
    def gather(cls, raw: Mapping[str, Any], right: dict[str, Any]) -> Iterator[Problem]:
        """Replace the keys of a file by the fields that they say, in `right`, and yield what is wrong with them."""
        return iter(())

    @classmethod
    def rules(cls, right: Mapping[str, Any]) -> Iterator[Problem]:
        """Yield what is wrong beyond the kind of each value; fields whose kind is wrong are not in `right`."""
        return iter(())


def defaults(part: type[Declared]) -> dict[str, Any]:
    """Return what stands for the fields that need not be given."""
    return {each.name: each.default for each in fields(part) if each.default is not MISSING}  # type: ignore[arg-type]


def file_keys(part: type[Declared]) -> dict[str, Key]:
    """Return the keys that a file may use for a value, by name."""
    found: dict[str, Key] = {}
    for each in fields(part):  # type: ignore[arg-type]
        spread = each.metadata["file"]
        found |= {each.name: each.metadata["key"]} if spread is None else spread
    return found


def entry(part: type[Declared], raw: Any, right: dict[str, Any]) -> Iterator[Problem]:
    """Yield what is wrong with a value as a file states it; `right` is filled with the fields that are right."""
    yield from shape(file_keys(part), raw, right)
    if isinstance(raw, dict):
        yield from part.gather(raw, right)
        for name, value in defaults(part).items():
            if name not in raw:
                right.setdefault(name, value)
        yield from part.rules(right)


def shape(allowed: Mapping[str, Key], raw: Any, right: dict[str, Any]) -> Iterator[Problem]:
    """Yield what is wrong with the shape of a table; `right` is filled with the values that are right."""
    if not isinstance(raw, dict):
        yield Problem(
            "this entry is of the wrong kind", shown(raw), "a table of keys and values", "change it"
        )
        return
    for name, one in allowed.items():
        if name in raw:
            problems = list(one.kind.problems(raw[name]))
            if not problems:
                right[name] = one.kind.hold(raw[name])
            for problem in problems:
                what = name + "".join(f"[{step}]" for step in problem.where) + problem.what
                yield replace(problem, what=what, allowed=problem.allowed or one.meaning).within(name)
        elif one.required:
            yield Problem(f"{name} is missing", allowed=one.meaning, todo=f"add {name} = ...", where=(name,))
    for name in raw:
        if name not in allowed:
            yield unknown("key", name, allowed).within(name)
