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
from dataclasses import is_dataclass
from datetime import date
from itertools import accumulate
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from sim.words import HELD

if TYPE_CHECKING:
    from sim.runs.results import Run

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
    """Print what was found: as one JSON object, dataclasses by field, dates and paths as text; or as `say` does."""
    if as_json:
        print(json.dumps(told, indent=2, default=_plain), flush=True)
    else:
        say(*parts)


def _plain(each: Any) -> Any:
    if is_dataclass(each):
        return vars(each)
    return str(each) if isinstance(each, Path) else date.isoformat(each)  # what is neither is an error


def named(run: Run) -> dict[str, Any]:
    """Return a run's scenario and folder, as every JSON object about a run has them."""
    return {"scenario": run.provenance["scenario"], "run": run.folder}


def picked(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return some columns of a row, in this order."""
    return {name: row[name] for name in names}


def table(
    rows: Iterable[Sequence[str]], sides: str = "<>", *, prose: bool = False, gap: str = "  "
) -> list[str]:
    """Return a table as lines, each column as wide as its longest cell; of no rows none.

    A column that is blank in all rows is left out. Those that the width does not hold follow beneath the others, each
    such group begun with the first column again; but cells with prose stay together, and break between words.

    Parameters
    ----------
    rows: cells of each, heads being a row too. sides: to which each column is flush, "<" left or ">" right; the last
        holds of all that follow. prose: the last column is words, which wrap to the right of the others, or beneath
        them where little room is left or a word would not fit; a line feed parts paragraphs. gap: between two columns.
    """
    if not (columns := list(zip(*rows, strict=True))):
        return []
    texts = columns.pop() if prose else ()
    first, *others = (
        [f"{cell:{side}{max(map(len, column))}}" for cell in column]
        for column, side in zip(columns, sides.ljust(len(columns), sides[-1]), strict=False)
        if any(column)
    )
    lines: list[str] = []
    if prose:
        for *cells, text in zip(first, *others, texts, strict=True):
            lines += _beside(gap.join(cells), text)
        return lines
    while others:
        ends = accumulate((len(gap) + len(column[0]) for column in others), initial=len(first[0]))
        most = max(sum(end <= width() for end in ends) - 1, 1)
        most = ceil(len(others) / ceil(len(others) / most))  # as many in each group
        group = [gap.join(cells).rstrip() for cells in zip(first, *others[:most], strict=True)]
        lines, others = [*lines, *([""] if lines else []), *group], others[most:]
    return lines


_BENEATH = "    "  # before words that stand beneath their cells
_LEAST_BESIDE = 24  # columns in which words can be read


def _beside(cells: str, text: str) -> list[str]:
    if len(cells.rstrip()) > width():
        return wrapped(f"{cells}  {text}", more=_BENEATH)
    indent = " " * len(f"{cells}  ")
    lines = _paragraphs(text, f"{cells}  ", indent)
    if lines and width() - len(indent) >= _LEAST_BESIDE and max(map(len, lines)) <= width():
        return lines
    return [cells.rstrip(), *_paragraphs(text, _BENEATH, _BENEATH)]


def _paragraphs(text: str, first: str, more: str) -> list[str]:
    parts = enumerate(filter(None, text.split("\n")))
    return [line for number, part in parts for line in wrapped(part, more if number else first, more)]


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
