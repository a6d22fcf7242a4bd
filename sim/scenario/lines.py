"""Where in a TOML file a key stands: tomllib tells values, not lines."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

from sim.scenario.problems import KeyPath

# a string that does not end takes the rest, else the search would begin again at each quote
_PIECE = re.compile(
    r'''"""(?:[^"\\]|\\.|"(?!""))*+(?:"{3,5})?'''
    r"""|'''(?:[^']|'(?!''))*+(?:'{3,5})?"""
    r"""|"(?:[^"\\\n]|\\.)*+"?"""
    r"""|'[^'\n]*+'?"""
    r"""|\#[^\n]*|[ \t]+|[\n\[\]{}=,.]|[^\n\[\]{}=,.#"' \t]+""",
    re.DOTALL,
)
_MARKS = "\n[]{}=,"


def dotted_beyond(limit: int, text: str) -> int | None:
    r"""Return the first line on which a key has more than `limit` dots, if there is one; the text need not be TOML.

    >>> dotted_beyond(1, 'a."x.y.z" = "x.y" # z.z.z\nb.c.d = 1')
    2
    """
    dots = 0
    for line, piece in _pieces(text):
        dots = 0 if piece in _MARKS else dots + (piece == ".")
        if dots > limit:
            return line
    return None


def locate(text: str) -> dict[KeyPath, int]:
    r"""Return the line, counted from 1, on which each key of a valid TOML text first stands.

    A path is made of keys and of positions in arrays: ``("events", 0, "set", "brent")``.

    >>> locate('title = "x"\n[[events]]\nset = { brent = 80 }')[("events", 0, "set", "brent")]
    3
    """
    found: dict[KeyPath, int] = {}
    tables: dict[KeyPath, int] = {}  # by array of tables the position of its last
    home: KeyPath = ()  # the table, or inline table, that keys stand in
    keys: list[str] = []  # the parts of a key, as far as they are read
    brackets = 0  # before them, in the head of a table
    value: KeyPath | None = None  # whose value is read, if it is no key
    opened: list[tuple[KeyPath, KeyPath]] = []  # arrays and inline tables not yet closed, with their home
    for line, piece in _pieces(text.replace("\r\n", "\n") + "\n"):
        if piece == "}" or (piece == "]" and value is not None):
            value, home = opened.pop()
        elif value is None:  # a key, or the head of a table
            if piece == "=":
                value = _note(found, tables, home, keys, line)
            elif piece == "\n" and brackets:
                home = _note(found, tables, (), keys, line, another=brackets == 2)
            elif piece == "[":
                brackets += 1
            elif piece not in "].,\n":
                keys.append(tomllib.loads(f"k = {piece}")["k"] if piece[0] in "\"'" else piece)
            if piece in "=,\n":
                keys, brackets = [], 0
        elif piece == ",":
            in_array = opened[-1][1] == home
            value = (*value[:-1], int(value[-1]) + 1) if in_array else None
        elif piece == "\n":
            value = value if opened else None
        else:
            found.setdefault(value, line)
            if piece in "[{":
                opened.append((value, home))
                home, value = (home, (*value, 0)) if piece == "[" else (value, None)
    return found


def _note(
    found: dict[KeyPath, int],
    tables: dict[KeyPath, int],
    home: KeyPath,
    keys: list[str],
    line: int,
    *,
    another: bool = False,
) -> KeyPath:
    """Return the path of a key, or of `another` table of an array, noted with all that leads to it."""
    path = home
    for depth, key in enumerate(keys, 1):
        path = (*path, key)
        found.setdefault(path, line)
        if another and depth == len(keys):
            tables[path] = tables.get(path, -1) + 1
        if path in tables:  # a key that names an array of tables means its last table
            path = (*path, tables[path])
            found.setdefault(path, line)
    return path


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Yield names, strings, other values in pieces, marks and ends of lines, each with its line."""
    line = 1
    for match in _PIECE.finditer(text):
        if match[0][0] not in "# \t":
            yield line, match[0]
        line += match[0].count("\n")
