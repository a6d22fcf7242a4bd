"""Facts that a user states beside the record: rows of its tables, and how far tables cover."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sim.resources import Row

ALL_TABLES = "all"
"""Stands for every table that says what did not happen too: whoever says that all is covered has looked for all."""


@dataclass(frozen=True)
class Stated:
    """Facts that a user states beside the record.

    Attributes
    ----------
    rows: by table. covered: by table, or `ALL_TABLES`, the day up to which nothing else happened.
    """

    rows: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    covered: Mapping[str, date] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.rows or self.covered)

    def written(self) -> dict[str, Any]:
        """Return it as JSON holds it."""

        def plain(row: Row) -> dict[str, Any]:
            return {name: str(cell) if isinstance(cell, date) else cell for name, cell in row.items()}

        rows = {name: [plain(row) for row in several] for name, several in self.rows.items()}
        return {"rows": rows, "covered": {name: str(day) for name, day in self.covered.items()}}

    def counted(self) -> dict[str, int]:
        """Return how many facts were stated, by table."""
        return {name: len(rows) for name, rows in self.rows.items()}
