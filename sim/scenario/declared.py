"""Values that declare once what each of their fields may hold: for constructor, files and JSON Schema.

A kind says how a value is checked, what a refusal says, and how a JSON Schema puts it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any

from sim.quantities.quantity import within
from sim.scenario.problems import Problem, ScenarioError, plain, shown, unknown


@dataclass(frozen=True)
class Kind:
    """A kind of value, strict: a number in quotes is no number.

    Attributes
    ----------
    right: tells whether a value is of the kind, its entries aside.
    allowed: which values are, in words; empty where the meaning of the key says it.
    schema: the kind as JSON Schema.
    hold: makes of a right value what the rest of the package reads.
    item: the kind of each entry of a list or a mapping. wrong: what is said of a value that is not of the kind.
    """

    right: Callable[[Any], bool]
    allowed: str
    schema: Mapping[str, Any] = field(default_factory=dict)
    hold: Callable[[Any], Any] = lambda value: value
    item: Kind | None = None
    wrong: str = "is of the wrong kind"

    def problems(self, value: Any) -> Iterator[Problem]:
        """Yield what is wrong with a value, to be read after the name of its key, and where in the value."""
        if not self.right(value):
            yield Problem(f" {self.wrong}", shown(value), self.allowed, "change it")
        elif self.item is not None:
            for step, each in value.items() if isinstance(value, Mapping) else enumerate(value):
                yield from (problem.within(step) for problem in self.item.problems(each))


def text(longest: int) -> Kind:
    """Return the kind of a text that says something, without what does more than show itself."""

    def right(value: object) -> bool:
        return (
            isinstance(value, str)
            and 0 < len(value.strip()) <= len(value) <= longest
            and all(plain(character) or character in "\n\t" for character in value)
        )

    allowed = f"text that says something, in quotes, {longest} characters at most, no control characters"
    return Kind(right, allowed, {"type": "string", "minLength": 1, "maxLength": longest})


def numbers(count: int) -> Kind:
    """Return the kind of a list of so many finite numbers."""
    schema = {"type": "array", "prefixItems": [NUMBER.schema] * count, "minItems": count, "maxItems": count}
    wrong = f"is no list of {count} number{'s' if count > 1 else ''}"
    return Kind(lambda value: _is_list(value) and len(value) == count, "", schema, _as_floats, NUMBER, wrong)


def made(kind: type, *, by_name: bool = False, many: bool = False) -> Kind:
    """Return the kind of what Python code makes: a `kind`, `many` of it in a list, or `by_name` in a mapping."""
    one = Kind(lambda value: isinstance(value, kind), f"a {kind.__name__}")
    if many:
        words = "a list in brackets, or for events and questions [[...]] tables"
        return Kind(_is_list, words, {"type": "array"}, tuple, one)
    if by_name:
        words = f"a mapping of names to {kind.__name__}"
        return Kind(lambda value: isinstance(value, Mapping), words, {}, _read_only, one)
    return one


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple)


def _as_floats(value: Iterable[float]) -> tuple[float, ...]:
    return tuple(map(float, value))


def _read_only(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(value))


def number_or_text(value: Any) -> Any:
    """Return a number as a float, and anything else as it is."""
    return float(value) if within(value) else value


def _is_day(value: object) -> bool:
    # a date with a time is a date too for Python, but not here
    return isinstance(value, dt.date) and not isinstance(value, dt.datetime)


DAY = Kind(
    _is_day,
    "a date such as 2024-12-31, without quotes and without a time",
    {"type": "string", "format": "date"},
)
NUMBER = Kind(within, "a finite number", {"type": "number"}, float)
PAIR = numbers(2)
NUMBER_OR_CATEGORY = Kind(
    lambda value: isinstance(value, str) or within(value),
    "a number, or a category in quotes",
    {"anyOf": [NUMBER.schema, {"type": "string"}]},
    number_or_text,
)
ANYTHING = Kind(lambda _: True, "", hold=number_or_text)
TABLE = Kind(lambda value: isinstance(value, dict), "a table of keys and values", {"type": "object"})
ENTRIES = made(object, many=True)
NAME = Kind(lambda value: isinstance(value, str), "text in quotes", {"type": "string"})
LINE = text(300)
PARAGRAPH = text(5000)


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
