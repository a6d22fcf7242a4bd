"""Names, and cells and rows of tables: the nearest known name; a text as a path, a command or a cell can hold it."""

from __future__ import annotations

import csv
import difflib
import unicodedata
from collections.abc import Iterable
from datetime import date
from reprlib import repr as shown
from typing import Any, TextIO

_LONGEST = 80
_BYTES = 200  # a part of a path holds 255 on most file systems


class InputError(ValueError):
    """What a user gave cannot be used: the message names it, what is allowed, and what to do."""


def nearest(name: str, known: Iterable[str], *, likeness: float = 0.6) -> str | None:
    """Return the known name that is most like `name`, or None if none is.

    `likeness` is the least share of letters that the two must have in common, in order.
    """
    near = difflib.get_close_matches(name[:_LONGEST], list(known), n=1, cutoff=likeness)
    return near[0] if near else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return "; did you mean ...?" with the nearest known name, or nothing if none is near.

    >>> did_you_mean("gas_discuont", ["gas_discount", "brent"])
    "; did you mean 'gas_discount'?"
    """
    near = nearest(name, known)
    return "" if near is None else f"; did you mean {near!r}?"


def unknown(kind: str, given: str, known: Iterable[str]) -> str:
    """Return what to say of a name that is not known: the nearest, and all there are.

    >>> unknown("target", "postrue", ["posture", "sanctions"])
    "unknown target 'postrue'; did you mean 'posture'? (known: posture, sanctions)"
    """
    names = list(known)
    return f"unknown {kind} {shown(given)}{did_you_mean(given, names)} (known: {', '.join(names)})"


def slug(text: str) -> str:
    """Return a text as a name: its letters, digits and marks of any script, in lower case, joined by single hyphens.

    >>> slug("My delta (2)"), slug("Сценарио_2")
    ('my-delta-2', 'сценарио-2')
    """
    kept = unicodedata.normalize("NFC", text.lower())
    words = "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in kept).split()
    short = "-".join(words)[:_LONGEST].encode()[:_BYTES].decode(errors="ignore")
    return short.strip("-") or "scenario"


def printable(text: str) -> str:
    r"""Return a text on one line, with a question mark for what controls a screen, turns its direction or is no text.

    >>> printable("10\u00a0%\x1b[31m \u202e\n")
    '10\xa0%?[31m ? '
    """
    kept = {"\n": " ", "\t": " "}
    return "".join(
        kept.get(c, "?" if unicodedata.category(c) in ("Zl", "Zp", *_NO_SIGN) else c) for c in text
    )


_NO_SIGN = ("Cc", "Cf", "Cs", "Co", "Cn")  # categories of characters that are no signs


_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")  # the last four are =, +, - and @ in full width
_BEFORE = "' "  # what a spreadsheet may pass over, and what was put there


def safe_cell(cell: object) -> object:
    """Return a cell of a table such that no spreadsheet takes it for a formula; numbers and dates stay as they are.

    A text that begins as a formula does gets an apostrophe before it, as OWASP's page on CSV injection advises.
    `plain_cell` takes it away.

    >>> safe_cell("=1+1"), safe_cell("plain"), safe_cell(-1.5)
    ("'=1+1", 'plain', -1.5)
    """
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(_BEFORE).startswith(_FORMULA) else cell


def plain_cell(text: str) -> str:
    """Return the text that `safe_cell` made a cell of."""
    return text[1:] if text.startswith("'") and text.lstrip(_BEFORE).startswith(_FORMULA) else text


Row = dict[str, Any]
"""A row of a table: text, dates, whole numbers and numbers by column, None where a cell is empty."""

_TEXT = {
    *("model_id", "target", "category", "id", "text", "output_type", "output_type_id"),  # of a run's tables
    *("kind", "name", "forecaster", "source"),  # of scores, and of observations
}
_DATES = {
    *("origin_date", "target_start_date", "target_end_date", "date"),
    *("origin", "start", "end", "known_on"),
}
_COUNTS = {"members", "days_beyond_record", "lead", "trials"}


def rows_of(file: TextIO) -> list[Row]:
    """Return the rows of a table as it lies in a folder."""
    return [{name: _cell(name, text) for name, text in row.items()} for row in csv.DictReader(file)]


def _cell(column: str, text: str) -> object:
    if column in _TEXT:
        return plain_cell(text)
    if not text:
        return None
    return date.fromisoformat(text) if column in _DATES else int(text) if column in _COUNTS else float(text)
