"""What is wrong with a scenario: where, what was given, what is allowed, what to do; and values as TOML writes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sim.names import InputError, nearest

if TYPE_CHECKING:
    from sim.parameters.table import Parameter
    from sim.quantities.quantity import Quantity

KeyPath = tuple[str | int, ...]
"""The way to a part of a scenario: keys, and positions in lists."""

LISTED = 100
"""More problems than this in one reading are not searched for."""

_SLIP = 0.85  # judgement: a letter left out or two exchanged in a name of ten


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where. `str()` gives the line that a user reads.

    `where` leads to it from the value that was refused; `file` and `line` are known if a file said it.
    """

    what: str
    given: str = ""
    allowed: str = ""
    todo: str = ""
    where: KeyPath = ()
    file: str = ""
    line: int | None = None

    @property
    def message(self) -> str:
        """The problem without its place: the same wherever the slip was made."""
        given = f"given {self.given}" if self.given else ""
        allowed = f"allowed: {self.allowed}" if self.allowed else ""
        return "; ".join(part for part in (self.what, given, allowed, self.todo) if part)

    def within(self, *path: str | int) -> Problem:
        """Return it as a problem of what holds the value at `path`."""
        return replace(self, where=(*path, *self.where))

    def __str__(self) -> str:
        place = self.file
        if not place and any(isinstance(step, int) for step in self.where):
            place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.where)[1:]
        if self.line is not None:
            place += f":{self.line}"
        return f"{place}: {self.message}" if place else self.message


class ScenarioError(InputError):
    """A scenario or a part of one cannot be used. `problems` holds everything wrong, in the order of the files."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[ScenarioError], tuple[tuple[Problem, ...]]]:
        """Let a worker's error cross to its parent."""
        return type(self), (self.problems,)


def unknown(kind: str, name: object, names: Iterable[str], others: Iterable[str] = ()) -> Problem:
    """Return the problem of a name that does not exist, with the nearest that does.

    A name of `others` is offered only for what can hardly be anything but a slip of the pen.

    >>> unknown("parameter", "gas_wieght", ["gas_weight", "brent"]).todo
    "did you mean 'gas_weight'?"
    """
    names, given = sorted(set(names)), str(name)  # a key of a mapping need not be text
    slip = nearest(given, names, likeness=_SLIP) or nearest(given, others, likeness=_SLIP)
    near = slip or nearest(given, names)
    few = ", ".join(names) if len(names) <= 20 else f"{len(names)} names; `serbia-sim show` lists them"
    todo = f"did you mean {near!r}?" if near else "use one of these"
    return Problem(f"unknown {kind} {given[:80]!r}", allowed="" if near else few, todo=todo)


def cannot_be(quantity: Quantity | Parameter, value: object) -> Problem:
    """Return the problem of a value that a quantity or a parameter cannot take."""
    allowed = quantity.allowed() if quantity.discrete else f"{quantity.allowed()} ({quantity.unit})"
    return Problem(f"{quantity.name} cannot be this", shown(value), allowed, "change the value")


_SHOWN = 60
_WHOLE = 1e15  # up to here a float holds every whole number


def toml_value(value: object) -> str:
    r"""Return a value as TOML writes it, on one line; control characters are escaped.

    >>> toml_value([1, "a\nb", {"x": True}])
    '[1, "a\\nb", { x = true }]'
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml_value(item) for item in value) + "]"
    if isinstance(value, Mapping):
        inside = ", ".join(f"{toml_key(key)} = {toml_value(item)}" for key, item in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    return repr(value)


def toml_key(key: str) -> str:
    """Return a key as TOML writes it: bare if it can be."""
    bare = key.isascii() and key.replace("-", "").replace("_", "").isalnum()
    return key if bare else _quoted(key)


def shown(value: object) -> str:
    """Return a value for a message: as in the file, shortened; a whole number without a point."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _WHOLE:
        return str(int(value))
    try:
        text = toml_value(value)
    except (ValueError, RecursionError):  # an integer of thousands of digits, or nested without end
        return "a value too large to show"
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def _quoted(text: str) -> str:
    short = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return '"' + "".join(short.get(c, c if plain(c) else f"\\u{ord(c):04x}") for c in text) + '"'


def plain(character: str) -> bool:
    """Tell whether a character does nothing but show itself: no control, no change of writing direction."""
    code = ord(character)
    control = code < 0x20 or 0x7F <= code < 0xA0
    direction = 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069
    return not control and not direction and code not in (0x2028, 0x2029)
