"""Values that declare once what each of their fields may hold: for constructor, files and JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

from sim.scenario.kinds import Kind
from sim.scenario.problems import Problem, ScenarioError, shown, unknown


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
        absent = defaults(type(self))
        values = {name: getattr(self, name) for name in declared}
        given = {name: value for name, value in values.items() if not _is(value, absent.get(name, MISSING))}
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
            refusals = list(one.kind.refusals(raw[name]))
            if not refusals:
                right[name] = one.kind.hold(raw[name])
            for refusal in refusals:
                item: Any = raw[name]
                for step in refusal.where:
                    item = item[step]
                what = name + "".join(f"[{step}]" for step in refusal.where) + refusal.what
                allowed_here = refusal.allowed or one.meaning
                yield Problem(what, shown(item), allowed_here, "change it", (name, *refusal.where))
        elif one.required:
            yield Problem(f"{name} is missing", allowed=one.meaning, todo=f"add {name} = ...", where=(name,))
    for name in raw:
        if name not in allowed:
            yield unknown("key", name, allowed).within(name)


def _is(value: object, default: object) -> bool:
    return type(value) is type(default) and value == default
