"""What a key of a scenario file may hold: how it is checked, what a refusal says, how a JSON Schema puts it."""

from __future__ import annotations

import datetime as dt
import math
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeGuard

from sim.scenario.lines import KeyPath
from sim.scenario.toml_text import plain


@dataclass(frozen=True)
class Refusal:
    """Why a value is not of a kind; `where` leads to the part of it that is wrong."""

    allowed: str
    what: str = " is of the wrong kind"
    where: KeyPath = ()


class Kind(ABC):
    """A kind of value, strict: a number in quotes is no number."""

    @abstractmethod
    def refusals(self, value: object) -> Iterator[Refusal]:
        """Yield what is wrong with a value read from TOML; nothing if it is of this kind."""

    @abstractmethod
    def schema(self) -> dict[str, Any]:
        """Return the kind as JSON Schema."""

    def hold(self, value: Any) -> Any:
        """Return a value of this kind as the rest of the package holds it: lists as tuples, at every depth."""
        if isinstance(value, list | tuple):
            return tuple(self.hold(item) for item in value)
        if isinstance(value, dict):
            return {key: self.hold(item) for key, item in value.items()}
        return value


class Day(Kind):
    """A date, without a time."""

    def refusals(self, value: object) -> Iterator[Refusal]:
        """Yield what is wrong with a value; a date with a time is a date too for Python, but not here."""
        if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
            yield Refusal("a date such as 2024-12-31, without quotes and without a time")

    def schema(self) -> dict[str, Any]:
        """Return it as JSON Schema: editors hold a date against it as a string."""
        return {"type": "string", "format": "date"}


@dataclass(frozen=True)
class Text(Kind):
    """Text of bounded length; if it is `prose`, it says something and has no control characters."""

    longest: int | None = None
    pattern: str | None = None
    pattern_in_words: str = ""
    prose: bool = False

    def refusals(self, value: object) -> Iterator[Refusal]:
        """Yield what is wrong with a value."""
        if not isinstance(value, str):
            yield Refusal("text in quotes")
        elif self.prose and not value:
            yield Refusal("text that says something")
        elif self.longest is not None and len(value) > self.longest:
            yield Refusal("shorter text")
        elif self.pattern is not None and not re.fullmatch(self.pattern, value):
            yield Refusal(self.pattern_in_words)
        elif self.prose and not all(plain(character) or character in "\n\t" for character in value):
            yield Refusal("plain text that says something", ": control characters in the text")
        elif self.prose and not value.strip():
            yield Refusal("plain text that says something", ": the text is empty")

    def schema(self) -> dict[str, Any]:
        """Return it as JSON Schema."""
        bounds = {"minLength": 1 if self.prose else None, "maxLength": self.longest, "pattern": self.pattern}
        return {"type": "string"} | {key: bound for key, bound in bounds.items() if bound is not None}


class Number(Kind):
    """A finite number; a whole one is held as a float too."""

    def refusals(self, value: object) -> Iterator[Refusal]:
        """Yield what is wrong with a value; true and false are numbers for Python, but not here."""
        if not _is_number(value):
            yield Refusal("a number")
        elif not math.isfinite(value):
            yield Refusal("a finite number")

    def schema(self) -> dict[str, Any]:
        """Return it as JSON Schema."""
        return {"type": "number"}

    def hold(self, value: Any) -> Any:
        """Return it as a float."""
        return float(value)


@dataclass(frozen=True)
class Numbers(Kind):
    """A list of `count` finite numbers."""

    count: int

    def refusals(self, value: object) -> Iterator[Refusal]:
        """Yield what is wrong with a value, each of its numbers by itself."""
        if not isinstance(value, list | tuple):
            yield Refusal("a list in brackets, or for events and questions [[...]] tables")
            return
        if len(value) <= self.count:
            for index, item in enumerate(value):
                for refusal in Number().refusals(item):
                    yield Refusal(refusal.allowed, where=(index,))
        if len(value) != self.count:
            yield Refusal("", " has the wrong number of entries")

    def schema(self) -> dict[str, Any]:
        """Return it as JSON Schema."""
        numbers = [Number().schema()] * self.count
        return {"type": "array", "prefixItems": numbers, "minItems": self.count, "maxItems": self.count}

    def hold(self, value: Any) -> Any:
        """Return them as a tuple of floats."""
        return tuple(float(item) for item in value)


class NumberOrCategory(Kind):
    """A finite number, or a category as text."""

    def refusals(self, value: object) -> Iterator[Refusal]:
        """Yield what is wrong with a value."""
        if not isinstance(value, str) and any(Number().refusals(value)):
            yield Refusal("a number, or a category in quotes")

    def schema(self) -> dict[str, Any]:
        """Return it as JSON Schema."""
        return {"anyOf": [Number().schema(), {"type": "string"}]}

    def hold(self, value: Any) -> Any:
        """Return a number as a float, and a category as it is."""
        return value if isinstance(value, str) else float(value)


class Table(Kind):
    """A table of anything: what it may hold is checked elsewhere."""

    def refusals(self, value: object) -> Iterator[Refusal]:
        """Yield what is wrong with a value."""
        if not isinstance(value, dict):
            yield Refusal("a table of keys and values")

    def schema(self) -> dict[str, Any]:
        """Return it as JSON Schema."""
        return {"type": "object"}


class Entries(Kind):
    """A list of anything: what it may hold is checked elsewhere."""

    def refusals(self, value: object) -> Iterator[Refusal]:
        """Yield what is wrong with a value."""
        if not isinstance(value, list | tuple):
            yield Refusal("a list in brackets, or for events and questions [[...]] tables")

    def schema(self) -> dict[str, Any]:
        """Return it as JSON Schema."""
        return {"type": "array"}


def _is_number(value: object) -> TypeGuard[float]:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    try:
        float(value)
    except OverflowError:  # a whole number of hundreds of digits
        return False
    return True
