"""What was added to the record for a run, kept in its folder: observations as CSV, facts as JSON."""

from __future__ import annotations

import csv
import json
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

from sim.names import plain_cell, safe_cell
from sim.observations import Observation, Record
from sim.stated import Stated

OBSERVATIONS, FACTS = "record.csv", "facts.json"
PARTS = (OBSERVATIONS, FACTS)


def write_added(record: Record, folder: Path) -> None:
    """Write what was added to a record, with every digit; nothing where nothing was."""
    if record.added:
        names = [field.name for field in fields(Observation)]
        with (folder / OBSERVATIONS).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(names)
            writer.writerows([safe_cell(getattr(row, name)) for name in names] for row in record.added)
    if record.stated:
        text = json.dumps(record.stated.written(), indent=1, ensure_ascii=False)
        (folder / FACTS).write_text(text + "\n", encoding="utf-8")


def read_added(record: Record, folder: Path) -> Record:
    """Return the record with what `write_added` wrote."""
    if (folder / OBSERVATIONS).exists():
        record = record.with_observations(_observations(folder / OBSERVATIONS))
    if (folder / FACTS).exists():
        record = record.with_facts(_facts(record, folder / FACTS))
    return record


def _observations(path: Path) -> tuple[Observation, ...]:
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            Observation(
                target=row["target"],
                start=date.fromisoformat(row["start"]) if row["start"] else None,
                end=date.fromisoformat(row["end"]),
                value=float(row["value"]),
                trials=int(row["trials"]) if row["trials"] else None,
                spread=float(row["spread"]) if row["spread"] else None,
                known_on=date.fromisoformat(row["known_on"]),
                source=plain_cell(row["source"]),
            )
            for row in csv.DictReader(file)
        )


def _facts(record: Record, path: Path) -> Stated:
    told = json.loads(path.read_text(encoding="utf-8"))

    def typed(table: str, row: dict[str, Any]) -> dict[str, Any]:
        dates = {field["name"] for field in record.resources[table].fields if field["type"] == "date"}
        return {
            name: date.fromisoformat(cell) if name in dates and cell else cell for name, cell in row.items()
        }

    rows = {table: tuple(typed(table, row) for row in several) for table, several in told["rows"].items()}
    return Stated(rows, {table: date.fromisoformat(day) for table, day in told["covered"].items()})
