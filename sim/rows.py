"""The rows of tables that were kept, as values: text is text, dates are dates, all else is numbers."""

from __future__ import annotations

import csv
from datetime import date
from typing import Any, TextIO

from sim.names import plain_cell

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
