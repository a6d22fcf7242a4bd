"""How commands answer: prose and tables laid out to the terminal's width, or JSON, in the signs that it knows."""

from __future__ import annotations

import codecs
import json
import re
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import accumulate
from typing import Any, TextIO

from sim.words import HELD

_NARROWEST, _WIDEST = 50, 100
_STAND_INS = {
    "\N{PLUS-MINUS SIGN}": "+-",
    "\N{MINUS SIGN}": "-",
    "\N{EN DASH}": "-",
    "\N{EM DASH}": "-",
    "\N{LEFT SINGLE QUOTATION MARK}": "'",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{LEFT DOUBLE QUOTATION MARK}": '"',
    "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
    "\N{RIGHTWARDS ARROW}": "->",
    "\N{MULTIPLICATION SIGN}": "x",
    "\N{LATIN SMALL LETTER D WITH STROKE}": "dj",
    "\N{LATIN CAPITAL LETTER D WITH STROKE}": "Dj",
}


def width() -> int:
    """Return the columns that text may take: the terminal's, from 50 to 100; in a pipe 80, or what COLUMNS says."""
    return min(max(shutil.get_terminal_size((80, 24)).columns, _NARROWEST), _WIDEST)


def wrapped(text: str, first: str = "", more: str = "") -> list[str]:
    """Return a text as lines of the terminal's width, the first begun with `first`, the others with `more`.

    A word that is longer than a line, such as a path, is not broken: it can be copied whole. A no-break space keeps two
    words on one line.
    """
    return textwrap.wrap(
        text,
        width(),
        initial_indent=first,
        subsequent_indent=more,
        break_long_words=False,
        break_on_hyphens=False,
    )


def beside(cells: str, text: str, indent: int) -> list[str]:
    """Return a row of cells with words to its right, or beneath it where little room is left for them."""
    if not text or width() - indent < _LEAST_BESIDE:
        return [cells.rstrip(), *wrapped(text, "    ", "    ")]
    return wrapped(text, f"{cells:<{indent}}", " " * indent)


_LEAST_BESIDE = 24  # columns in which words can be read


Text = str | list[str]
"""Prose, which is wrapped; or lines, which are laid out already."""
Part = str | Iterable[Text]


def say(*parts: Part) -> None:
    """Print parts, each of one text or several, with a blank line between them; what has no words is left out.

    All is printed at once, before anything that may still fail. A no-break space has done its work and is a space.
    """
    said = []
    for part in parts:
        texts = [part] if isinstance(part, str) else part
        lines = [line for text in texts for line in (wrapped(text) if isinstance(text, str) else text)]
        said += ["\n".join(lines)] if lines else []
    print("\n\n".join(said).replace(HELD, " "), flush=True)


def answer(as_json: bool, told: object, parts: Iterable[Part]) -> None:
    """Print what was found: as one JSON object, dates as text, or in words as `say` does."""
    if as_json:
        print(json.dumps(told, indent=2, default=date.isoformat), flush=True)
    else:
        say(*parts)


def picked(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return some columns of a row, in this order."""
    return {name: row[name] for name in names}


def row(head: str, cells: Sequence[str], first: int, size: int | Sequence[int]) -> str:
    """Return a row of a table: its head in `first` columns, then cells flush right, of one size or of each its own."""
    sizes = [size] * len(cells) if isinstance(size, int) else size
    return f"{head:<{first}}" + "".join(map(str.rjust, cells, sizes))


def table(
    heads: Sequence[str],
    rows: Iterable[tuple[str, Sequence[str]]],
    first: int,
    size: int | Sequence[int] | None = None,
    *,
    corner: str = "",
) -> list[str]:
    """Return a table as lines: as many columns abreast as the width holds, the others beneath them.

    Parameters
    ----------
    first: columns of the rows' heads; `corner` stands above these. size: of each cell, of all or of each column its
        own; what its longest text takes if not given.
    """
    rows, lines = [(corner, heads), *rows], []
    if size is None:
        size = [max(map(len, column)) + 2 for column in zip(*(cells for _, cells in rows), strict=True)]
    sizes = [size] * len(heads) if isinstance(size, int) else size
    while sizes:
        most = max(sum(end <= width() for end in accumulate(sizes, initial=first)) - 1, 1)
        lines += [row(head, cells[:most], first, sizes[:most]).rstrip() for head, cells in rows]
        rows, sizes = [(head, cells[most:]) for head, cells in rows], sizes[most:]
    return lines


def shown(text: str) -> str:
    """Return a text with a question mark for each character that a terminal obeys, or by which it hides others."""
    return _OBEYED.sub("?", text)


# C0 and C1 but for line feed and tab; what joins, breaks, turns the direction or has no width; tags
_OBEYED = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)


class Shown:
    """A standard stream on which no text can move the cursor, colour, retitle or answer for the user.

    Titles, questions and sources may come from a stranger's files; all that commands print passes here.
    """

    def __init__(self, stream: TextIO) -> None:
        self.unfiltered = stream

    def write(self, text: str) -> int:
        """Write a text as it may be shown."""
        return self.unfiltered.write(shown(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.unfiltered, name)


def accept_all_signs() -> None:
    """Let standard output and error print a stand-in for what their encoding lacks or a terminal would obey."""
    codecs.register_error("stand-in", _stand_in)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="stand-in")
    sys.stdout, sys.stderr = Shown(sys.stdout), Shown(sys.stderr)


def _stand_in(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    sign = error.object[error.start]
    if "\udc80" <= sign <= "\udcff":  # a byte of a file's name that is no text: printed as it is
        return bytes([ord(sign) - 0xDC00]), error.start + 1
    plain = unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode()
    return _STAND_INS.get(sign, plain or "?"), error.start + 1
