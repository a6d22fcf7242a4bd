"""What a table of the page holds: its cells, where they come from, and the same numbers as a file to take away."""

from __future__ import annotations

import csv
import io
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sim.names import printable, safe_cell

WIDTH = 120.0
"""Width of the picture of an interval, in its own units."""


@dataclass(frozen=True)
class Mark:
    """An interval as a picture in a cell: places from 0 to `WIDTH`; hollow if it cannot be told from zero.

    `track` draws the whole scale beneath it.
    """

    low: float
    middle: float
    high: float
    zero: float
    hollow: bool = False
    track: bool = False


@dataclass(frozen=True)
class Cell:
    """What stands in a cell: words, smaller words beneath, a picture."""

    text: str
    note: str = ""
    mark: Mark | None = None


Row = Sequence[str | Cell]


@dataclass(frozen=True)
class Table:
    """A table, or the numbers of a chart.

    Attributes
    ----------
    caption: what it shows. heads: of its columns. rows: cells, the first of each names its row.
    source: where it comes from. file: name of the file. data: what the file holds, heads first.
    """

    caption: str
    heads: tuple[str, ...]
    rows: Sequence[Row]
    source: str
    file: str
    data: Sequence[Sequence[object]] = field(default_factory=tuple)

    @property
    def href(self) -> str:
        """The file, as an address that holds it."""
        return csv_address(self.data or [self.heads, *([_plain(cell) for cell in row] for row in self.rows)])


def csv_address(rows: Iterable[Sequence[object]]) -> str:
    """Return rows as an address of a CSV file that holds them, no cell of which a spreadsheet takes for a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return f"data:text/csv;charset=utf-8;base64,{b64encode(text.getvalue().encode()).decode()}"


def marks(intervals: Sequence[tuple[float, float, float, bool]], most: float = 0.0) -> list[Mark]:
    """Return pictures of (low, middle, high, sure) on one scale that holds all of them, zero and `most`."""
    ends = [0.0, most, *(end for low, _, high, _ in intervals for end in (low, high))]
    least = min(ends)
    over = (max(ends) - least) or 1.0

    def place(value: float) -> float:
        return round(4.0 + (WIDTH - 8.0) * (value - least) / over, 1)

    return [
        Mark(place(low), place(middle), place(high), place(0.0), hollow=not sure, track=most > 0.0)
        for low, middle, high, sure in intervals
    ]


def _plain(cell: str | Cell) -> str:
    return " ".join(filter(None, (cell.text, cell.note))) if isinstance(cell, Cell) else cell


def _safe(cell: object) -> object:
    """Return a cell with an apostrophe before what a spreadsheet would compute; numbers stay as they are."""
    if not isinstance(cell, str):
        return cell
    text = printable(cell)
    try:
        float(text)
    except ValueError:
        return safe_cell(text)
    return text
