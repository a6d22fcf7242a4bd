"""What is wrong with a scenario: where, what was given, what is allowed, what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sim.names import InputError, nearest

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


def unknown(kind: str, name: str, names: Iterable[str], others: Iterable[str] = ()) -> Problem:
    """Return the problem of a name that does not exist, with the nearest that does.

    A name of `others` is offered only for what can hardly be anything but a slip of the pen.

    Examples
    --------
    >>> unknown("parameter", "gas_wieght", ["gas_weight", "brent"]).todo
    "did you mean 'gas_weight'?"
    """
    names = sorted(set(names))
    near = (
        nearest(name, names, likeness=_SLIP) or nearest(name, others, likeness=_SLIP) or nearest(name, names)
    )
    few = ", ".join(names) if len(names) <= 20 else f"{len(names)} names; `serbia-sim show` lists them"
    todo = f"did you mean {near!r}?" if near else "use one of these"
    return Problem(f"unknown {kind} {name[:80]!r}", allowed="" if near else few, todo=todo)
