"""What is wrong with a scenario: where, what was given, what is allowed, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.scenario.source import Source

LISTED = 100
"""More problems than this in one reading are counted, not listed."""


@dataclass(frozen=True)
class Fault:
    """What is wrong, not yet where."""

    what: str
    given: str = ""
    allowed: str = ""
    todo: str = ""


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where. `str()` gives the line that a user reads."""

    file: str
    line: int | None
    what: str
    given: str = ""
    allowed: str = ""
    todo: str = ""

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        given = f"given {self.given}" if self.given else ""
        allowed = f"allowed: {self.allowed}" if self.allowed else ""
        return f"{place}: " + "; ".join(part for part in (self.what, given, allowed, self.todo) if part)


class ScenarioError(ValueError):
    """A scenario cannot be used. `problems` holds everything found wrong, in the order of the files."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Findings:
    """Collects problems while a scenario is read, so that all are told at once."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    @property
    def full(self) -> bool:
        """Whether enough is listed; looking for the nearest name of every further slip would take minutes."""
        return len(self.problems) >= LISTED

    def add(self, source: Source, path: tuple[str | int, ...], fault: Fault) -> None:
        """Note a fault at a key of a file."""
        if not self.full:
            place = source.label, source.line(path)
            self.problems.append(Problem(*place, fault.what, fault.given, fault.allowed, fault.todo))

    def raise_if_any(self) -> None:
        """Raise what was found, file by file and line by line."""
        if self.problems:
            files = list(dict.fromkeys(problem.file for problem in self.problems))
            ordered = sorted(self.problems, key=lambda p: (files.index(p.file), p.line or 0))
            if self.full:
                what = f"{LISTED} problems or more: not all are listed"
                ordered.append(Problem(ordered[-1].file, None, what, todo="mend these first"))
            raise ScenarioError(ordered)


def unknown(kind: str, name: str, names: Iterable[str]) -> Fault:
    """Return the fault of a name that does not exist, with the nearest that does.

    Examples
    --------
    >>> unknown("parameter", "gas_wieght", ["gas_weight", "brent"]).todo
    "did you mean 'gas_weight'?"
    """
    names = sorted(set(names))
    near = difflib.get_close_matches(name[:80], names, n=1)
    few = ", ".join(names) if len(names) <= 16 else f"{len(names)} names; `serbia-sim show` lists them"
    todo = f"did you mean {near[0]!r}?" if near else "use one of these"
    return Fault(f"unknown {kind} {name[:80]!r}", allowed="" if near else few, todo=todo)
