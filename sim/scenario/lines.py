"""Where in a TOML file a key stands: tomllib tells values, not lines."""

from __future__ import annotations

import re
import tomllib

from sim.scenario.problems import KeyPath

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")
_STRING = re.compile(
    r'''"""(?:[^"\\]|\\.|"(?!""))*"{3,5}'''
    r"""|'''(?:[^']|'(?!''))*'{3,5}"""
    r'''|"(?:[^"\\\n]|\\.)*"'''
    r"""|'[^'\n]*'""",
    re.DOTALL,
)
_ASIDE = (
    re.compile(  # a string that does not end takes the rest, else the search would begin again at each quote
        r"""#[^\n]*"""
        r'''|"""(?:[^"\\]|\\.|"(?!""))*+(?:"{3,5})?'''
        r"""|'''(?:[^']|'(?!''))*+(?:'{3,5})?"""
        r"""|"(?:[^"\\\n]|\\.)*+"?"""
        r"""|'[^'\n]*+'?""",
        re.DOTALL,
    )
)
_PLAIN = re.compile(r"[^,\]}\n#]*")


def unquoted(text: str) -> str:
    r"""Return a TOML text without comments and without what stands in quotes, line for line.

    >>> unquoted('a.b = "x.y" # z\nc."d" = \'e\'')
    'a.b =  \nc. = '
    """
    return _ASIDE.sub(lambda found: "\n" * found[0].count("\n"), text)


def locate(text: str) -> dict[KeyPath, int]:
    r"""Return the line, counted from 1, on which each key of a valid TOML text first stands.

    A path is made of keys and of positions in arrays: ``("events", 0, "set", "brent")``.

    Raises RecursionError: arrays or inline tables are nested beyond Python's stack.

    >>> locate('title = "x"\n[[events]]\nset = { brent = 80 }')[("events", 0, "set", "brent")]
    3
    """
    return _Walk(text.replace("\r\n", "\n")).document()


class _Walk:
    """One pass over a text that tomllib has accepted: it may assume valid TOML."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.counted_to = 0
        self.line = 1
        self.found: dict[KeyPath, int] = {}
        self.tables_in: dict[KeyPath, int] = {}

    def document(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        self.skip(_BLANK)
        while self.at < len(self.text):
            if self.take("[["):
                table = self.header(last_is_array=True)
                self.at += 2
            elif self.take("["):
                table = self.header(last_is_array=False)
                self.at += 1
            else:
                self.pair(table)
            self.skip(_BLANK)
        return self.found

    def header(self, *, last_is_array: bool) -> KeyPath:
        """Note a table's keys; a key that names an array of tables means its last table."""
        keys = self.keys()
        path: KeyPath = ()
        for depth, key in enumerate(keys, 1):
            path = (*path, key)
            self.note(path)
            if last_is_array and depth == len(keys):
                self.tables_in[path] = self.tables_in.get(path, -1) + 1
            if path in self.tables_in:
                path = (*path, self.tables_in[path])
                self.note(path)
        return path

    def pair(self, table: KeyPath) -> None:
        path = table
        for key in self.keys():
            path = (*path, key)
            self.note(path)
        self.at += 1  # the equals sign
        self.value(path)

    def value(self, path: KeyPath) -> None:
        self.skip(_SPACE)
        if self.take("["):
            self.array(path)
        elif self.take("{"):
            self.skip(_BLANK)
            while not self.take("}"):
                self.pair(path)
                self.skip(_BLANK)
                self.take(",")
                self.skip(_BLANK)
        elif self.text[self.at : self.at + 1] in ('"', "'"):
            self.skip(_STRING)
        else:
            self.skip(_PLAIN)

    def array(self, path: KeyPath) -> None:
        position = 0
        self.skip(_BLANK)
        while not self.take("]"):
            self.note((*path, position))
            self.value((*path, position))
            position += 1
            self.skip(_BLANK)
            self.take(",")
            self.skip(_BLANK)

    def keys(self) -> list[str]:
        names = []
        while True:
            self.skip(_SPACE)
            written = self.skip(_KEY)
            names.append(tomllib.loads(f"k = {written}")["k"] if written[0] in "\"'" else written)
            self.skip(_SPACE)
            if not self.take("."):
                return names

    def note(self, path: KeyPath) -> None:
        self.line += self.text.count("\n", self.counted_to, self.at)
        self.counted_to = self.at
        self.found.setdefault(path, self.line)

    def skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise ValueError(f"not TOML at character {self.at}")
        self.at = match.end()
        return match.group()

    def take(self, mark: str) -> bool:
        if not self.text.startswith(mark, self.at):
            return False
        self.at += len(mark)
        return True
