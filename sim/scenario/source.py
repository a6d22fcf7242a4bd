"""Scenario files on disk: where they may lie, and how one is read without trusting it."""

from __future__ import annotations

import difflib
import os
import re
import stat
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.scenario.lines import KeyPath, locate
from sim.scenario.problems import Fault, Problem, ScenarioError

SIZE_LIMIT = 1_000_000
"""A scenario is some pages of text: a larger file is a mistake, and is not read."""

DOTS_LIMIT = 100
"""More dots on a line than any text needs; tomllib's time grows with the square of a dotted key's parts."""

_BESIDE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,199}\.toml")


@dataclass(frozen=True)
class Source:
    """A TOML file as read: `label` is how messages name it, `lines` where each key stands."""

    path: Path
    label: str
    data: dict[str, Any]
    lines: dict[KeyPath, int]

    def line(self, path: KeyPath) -> int:
        """Return the line of a key, or of what it stands in."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path, 1)


def shipped_folder() -> Path:
    """Return the folder of the shipped scenarios: in the installed package, or atop a source checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "scenarios"
    return installed if installed.is_dir() else package.parent / "scenarios"


def shipped_scenarios() -> dict[str, Path]:
    """Return the shipped scenarios: name and file, by name."""
    return {path.stem: path for path in sorted(shipped_folder().glob("*.toml"))}


def find(scenario: str | Path) -> Path:
    """Return the file of a scenario, given as a path or as the name of a shipped one.

    Raises
    ------
    ScenarioError: there is neither; it says the nearest name.
    """
    shipped = shipped_scenarios()
    if isinstance(scenario, str) and scenario in shipped:
        return shipped[scenario]
    path = Path(scenario)
    if os.path.lexists(path):
        return path
    near = difflib.get_close_matches(path.name.removesuffix(".toml"), shipped, n=1)
    todo = f"did you mean {near[0]!r}?" if near else "`serbia-sim scenarios` lists those shipped"
    label = "".join(c if c.isprintable() else "?" for c in str(scenario)[:200])
    what = "no such file, and no shipped scenario of this name"
    raise ScenarioError([Problem(label, None, what, todo=todo)])


def find_base(name: str, folder: Path) -> Path | Fault:
    """Return the file that `extends` names: beside the file that says so, else shipped."""
    allowed = "the name of a TOML file beside this one or shipped, such as baseline.toml"
    if not _BESIDE.fullmatch(name):
        return Fault(
            "extends leads out of the folder or is no TOML file's name",
            allowed=allowed,
            todo="put the base beside this file and give its name only",
        )
    for home in (folder, shipped_folder()):
        path = home / name
        if os.path.lexists(path):
            if path.resolve().parent != home.resolve():
                return Fault(
                    "extends names a link that leads out of the folder",
                    allowed=allowed,
                    todo="copy the base beside this file",
                )
            return path
    near = difflib.get_close_matches(name, _names(folder), n=1)
    todo = f"did you mean {near[0]!r}?" if near else "check the name"
    return Fault("extends names a file that does not exist", allowed=allowed, todo=todo)


def load(path: Path) -> Source:
    """Read a TOML file.

    Raises
    ------
    ScenarioError: it cannot be read, is too large, or is not TOML; it says the line.
    """
    label = _label(path)
    text = _text(path, label)
    rows = text.splitlines()

    def refuse(line: int, what: str, todo: str) -> ScenarioError:
        return ScenarioError([Problem(label, line, what, todo=todo)])

    dotted = next((n for n, row in enumerate(rows, 1) if row.count(".") > DOTS_LIMIT), None)
    if dotted is not None:
        raise refuse(dotted, f"over {DOTS_LIMIT} dots on one line", "break the text, or nest less")
    try:
        data = tomllib.loads(text)
        if data:
            return Source(path, label, data, locate(text))
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError([_syntax(error, text, label)]) from None
    except RecursionError:
        line = 1 + max(range(len(rows)), key=lambda n: rows[n].count("[") + rows[n].count("{"))
        raise refuse(line, "lists or tables nested beyond measure", "flatten them") from None
    except ValueError:  # int() refuses thousands of digits
        long = re.search(r"[0-9_]{4000}", text)
        line = text.count("\n", 0, long.start()) + 1 if long else 1
        raise refuse(line, "a number of thousands of digits", "shorten it") from None
    todo = "give at least title, as_of and until, or extends; `serbia-sim new` writes a start"
    raise refuse(1, "the file is empty", todo)


def _text(path: Path, label: str) -> str:
    def refuse(what: str, todo: str, line: int | None = None, **more: str) -> ScenarioError:
        return ScenarioError([Problem(label, line, what, todo=todo, **more)])

    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise refuse("not a file", "name a TOML file")
        if about.st_size > SIZE_LIMIT:
            size, limit = f"{about.st_size:,} bytes", f"at most {SIZE_LIMIT:,} bytes"
            raise refuse("the file is too large, and was not read", "shorten it", given=size, allowed=limit)
        with path.open("rb") as file:
            raw = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise refuse(f"cannot be read: {error.strerror}", "check the path and its permissions") from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise refuse("not text in UTF-8", "save it as UTF-8 text", line, allowed="UTF-8") from None


def _syntax(error: tomllib.TOMLDecodeError, text: str, label: str) -> Problem:
    said = str(error)
    place = re.search(r" \(at line (\d+), column (\d+)\)$", said)
    line = int(place[1]) if place else text.rstrip().count("\n") + 1
    what = said[: place.start()] if place else said.removesuffix(" (at end of document)") + " at the end"
    what = "".join(c if c.isprintable() else "?" for c in what)
    return Problem(label, line, f"not valid TOML: {what[0].lower() + what[1:200]}", todo="mend this line")


def _label(path: Path) -> str:
    """Return the path as a user would type it: relative if it lies below the current folder."""
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow a link to another name
    here = Path.cwd()
    label = str(absolute.relative_to(here) if absolute.is_relative_to(here) else path)
    return "".join(c if c.isprintable() else "?" for c in label)


def _names(folder: Path) -> list[str]:
    homes = (folder, shipped_folder())
    return [path.name for home in homes if home.is_dir() for path in home.glob("*.toml")]
