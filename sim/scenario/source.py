"""Scenario files on disk: where they may lie, and how one is read without trusting it."""

from __future__ import annotations

import os
import re
import stat
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sim.contents import shipped
from sim.names import did_you_mean, printable
from sim.scenario.lines import dotted_beyond, locate
from sim.scenario.problems import KeyPath, Problem, ScenarioError

SIZE_LIMIT = 1_000_000
"""A scenario is some pages of text: a larger file is a mistake, and is not read."""

DOTS_LIMIT = 100
"""More dots than any key needs; tomllib takes time by the square of a dotted key's parts."""

_BESIDE = re.compile(r"[^./\\:][^/\\:]{0,199}\.toml")


@dataclass(frozen=True, eq=False)
class Source:
    """A TOML file as read: `label` is how messages name it, `lines` where each key stands, of a mapping none."""

    path: Path
    label: str
    data: dict[str, Any]
    lines: dict[KeyPath, int]

    def line(self, path: KeyPath) -> int | None:
        """Return the line of a key, or of what it stands in."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path, 1) if self.lines else None

    def place(self, problem: Problem) -> Problem:
        """Return a problem of this file's data with its file and line."""
        return replace(problem, file=self.label, line=self.line(problem.where))


def shipped_folder() -> Path:
    """Return the folder of the shipped scenarios, but for those that stand with their state."""
    return shipped("scenarios")


def shipped_scenarios() -> dict[str, Path]:
    """Return the shipped scenarios, those of all states: name and file, by name."""
    own = sorted(shipped("states").glob("*/scenarios/*.toml"))
    return {path.stem: path for path in [*sorted(shipped_folder().glob("*.toml")), *own]}


def find(scenario: str | Path) -> Path:
    """Return the file of a scenario, given as a path or as the name of a shipped one.

    Raises ScenarioError: there is neither; it says the nearest name.
    """
    known = shipped_scenarios()
    if isinstance(scenario, str) and scenario in known:
        return known[scenario]
    path = Path(scenario)
    if os.path.lexists(path):
        return path
    hint = did_you_mean(path.name.removesuffix(".toml"), known)
    todo = hint.removeprefix("; ") or "`serbia-sim scenarios` lists those shipped"
    what = "no such file, and no shipped scenario of this name"
    raise ScenarioError([Problem(what, todo=todo, file=printable(str(scenario)[:200]))])


def find_base(name: str, folder: Path) -> Path | Problem:
    """Return the file that `extends` names: beside the file that says so, else shipped."""
    allowed = "the name of a TOML file beside this one or shipped, such as baseline.toml"
    if not _BESIDE.fullmatch(name) or not name.isprintable():
        what = "extends leads out of the folder or is no TOML file's name"
        return Problem(what, allowed=allowed, todo="put the base beside this file and give its name only")
    homes = (folder, shipped_folder())
    for home in homes:
        path = home / name
        if os.path.lexists(path):
            if path.resolve().parent == home.resolve():
                return path
            what = "extends names a link that leads out of the folder"
            return Problem(what, allowed=allowed, todo="copy the base beside this file")
    names = [path.name for home in homes if home.is_dir() for path in home.glob("*.toml")]
    hint = did_you_mean(name, names).removeprefix("; ")
    return Problem("extends names a file that does not exist", allowed=allowed, todo=hint or "check the name")


def load(path: Path) -> Source:
    """Read a TOML file.

    Raises ScenarioError: it cannot be read, is too large, or is not TOML; it says the line.
    """
    label = _label(path)
    text = _text(path, label)
    if dotted := dotted_beyond(DOTS_LIMIT, text):
        raise _refused(label, f"over {DOTS_LIMIT} dots in one key", "nest less", line=dotted)
    try:
        data = tomllib.loads(text)
        if data:
            return Source(path, label, data, locate(text))
    except tomllib.TOMLDecodeError as error:
        raise _no_toml(label, error, text) from None
    except RecursionError:
        rows = text.splitlines()
        line = 1 + max(range(len(rows)), key=lambda n: rows[n].count("[") + rows[n].count("{"))
        raise _refused(label, "lists or tables nested beyond measure", "flatten them", line=line) from None
    except ValueError:  # int() refuses thousands of digits
        long = re.search(r"[0-9_]{4000}", text)
        line = text.count("\n", 0, long.start()) + 1 if long else 1
        raise _refused(label, "a number of thousands of digits", "shorten it", line=line) from None
    todo = "give at least title, as_of and until, or extends; `serbia-sim new` writes a start"
    raise _refused(label, "the file is empty", todo, line=1)


def _refused(label: str, what: str, todo: str, **more: Any) -> ScenarioError:
    return ScenarioError([Problem(what, todo=todo, file=label, **more)])


def _text(path: Path, label: str) -> str:
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise _refused(label, "not a file", "name a TOML file")
        if about.st_size > SIZE_LIMIT:
            bytes_ = {"given": f"{about.st_size:,} bytes", "allowed": f"at most {SIZE_LIMIT:,} bytes"}
            raise _refused(label, "the file is too large, and was not read", "shorten it", **bytes_)
        with path.open("rb") as file:
            raw = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        why, todo = f"cannot be read: {error.strerror}", "check the path and its permissions"
        raise _refused(label, why, todo) from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        todo = "save it as UTF-8 text"
        raise _refused(label, "not text in UTF-8", todo, line=line, allowed="UTF-8") from None


def _no_toml(label: str, error: tomllib.TOMLDecodeError, text: str) -> ScenarioError:
    said = str(error)
    place = re.search(r" \(at line (\d+), column (\d+)\)$", said)
    line = int(place[1]) if place else text.rstrip().count("\n") + 1
    what = said[: place.start()] if place else said.removesuffix(" (at end of document)") + " at the end"
    what = printable(what[0].lower() + what[1:200])
    return _refused(label, f"not valid TOML: {what}", "mend this line", line=line)


def _label(path: Path) -> str:
    """Return the path as a user would type it: relative if it lies below the current folder."""
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow a link to another name
    here = Path.cwd()
    return printable(str(absolute.relative_to(here) if absolute.is_relative_to(here) else path))
