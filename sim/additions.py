"""A user's folder beside the record: observations, facts for its tables, and up to when nothing else happened.

A file with a column ``target`` holds observations. One that is named for a table of the record holds rows for it, by
that table's own schema. ``coverage.csv`` says up to which day all of a table is said, and so also what did not happen.
A run's folder keeps what was added for it: observations as CSV, facts as JSON.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from reprlib import repr as shown
from typing import Any

from sim.clock import month_number, month_start
from sim.names import did_you_mean, safe_cell
from sim.observation_file import (
    COLUMNS,
    Fault,
    ObservationFileError,
    columns_of,
    read_added_observations,
    rows_of,
)
from sim.observations import Observation, Record
from sim.resources import ALL_TABLES, Resource, Row, Stated, read_cell
from sim.rows import rows_of as table_rows

COVERAGE = "coverage"
"""Name of the file that says how far tables cover, without its ending."""

_IDENTITY = {
    "accession": ("kind", "chapter", "name"),
    "contracts": ("start",),
    "declarations": ("start", "end"),
    "elections": ("date", "kind"),
    "events": ("date", "event"),
    "gas_deliveries": ("year",),
    "gdp": ("year",),
    "joins": ("date", "measure"),
    "polls": ("date", "pollster", "subgroup"),
    "prices": ("month",),
    "turns": ("date", "kind"),
    "un_others": ("country", "year"),
    "un_votes": ("date", "resolution"),
    "war": ("month",),
}
"""The tables that can be added to, and by which columns one row of them is told from another."""

_USUAL = {
    "known_basis": "stated by the user",
    "basis": "printed",
    "subject": "stated by the user",
    "canonical": "no",
}
"""What stands in columns that are the curators', where a user's file does not have them."""

_ABOUT = ("source", "known_on", "url", "reason", *_USUAL)
"""Columns about a row, and not about what happened."""

_EARLIER = ("prices", "gas_deliveries", "gdp", "un_others", "contracts")
"""Tables that hold what was before January 2012 too."""


_LARGEST = 1e15
"""No number of a table comes near it (judgement); catches what is none, as 1e999."""


@dataclass(frozen=True)
class Additions:
    """What a folder adds to a record, and the rows that cannot be used with why."""

    observations: list[Observation]
    stated: Stated
    faults: list[Fault]


def read_additions(folder: Path | str, record: Record) -> Additions:
    """Return what a folder's CSV files add to a record, see above; a row that repeats or contradicts one is not used.

    Raises ObservationFileError if there is no such folder, no CSV file in it, one that cannot be read at all, or one
    that is neither of observations nor named for a table.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ObservationFileError(f"{folder}: there is no such folder")
    paths = sorted(folder.glob("*.csv"))
    observed = [path for path in paths if "target" in columns_of(path)]
    of_tables = {path.stem: path for path in paths if path not in observed}
    tables = (*_IDENTITY, COVERAGE)
    unknown = sorted(of_tables.keys() - set(tables))
    if unknown or not paths:
        what = "no CSV file in it"
        if unknown:
            near = did_you_mean(unknown[0], tables)
            what = f"{unknown[0]}.csv has neither observations nor the name of a table{near}"
        raise ObservationFileError(
            f"{folder}: {what}; needed are files with {','.join((*COLUMNS, 'known_on'))}, or files named for a "
            f"table ({', '.join(tables)}) with its columns (`serbia-sim data TABLE`)"
        )
    observations, faults = read_added_observations(observed, record)
    rows: dict[str, tuple[Row, ...]] = {}
    for name, path in of_tables.items():
        if name != COVERAGE:
            used, of_file = _read_rows(path, record.resources[name])
            rows, faults = rows | ({name: used} if used else {}), faults + of_file
    covered: dict[str, date] = {}
    if COVERAGE in of_tables:
        covered, of_file = _read_coverage(of_tables[COVERAGE], record.with_facts(Stated(rows)))
        faults += of_file
    return Additions(
        observations, Stated(rows, covered), sorted(faults, key=lambda fault: (fault.file, fault.line))
    )


def _read_rows(path: Path, table: Resource) -> tuple[tuple[Row, ...], list[Fault]]:
    """Return the rows of a file that fit its table, and the others with why."""
    fields = {field["name"]: field for field in table.fields}
    needed = [
        name
        for name, field in fields.items()
        if field.get("constraints", {}).get("required") and name not in _USUAL
    ]
    numbers = [name for name, field in fields.items() if field["type"] in ("number", "integer")]
    identity = _IDENTITY[table.name]
    told = {tuple(row[name] for name in identity): (row, "the record") for row in table.rows}
    used: list[Row] = []
    faults: list[Fault] = []
    others = [name for name in fields if name not in needed]
    for number, cells in rows_of(path, needed, also=others, decimal=numbers):
        row: Row | str = cells if isinstance(cells, str) else _typed(cells, fields)
        fault = row if isinstance(row, str) else _row_fault(row, table, told)
        if fault is not None or isinstance(row, str):
            faults.append(Fault(str(path), number, fault or ""))
            continue
        used.append(row)
        told[tuple(row[name] for name in identity)] = (row, f"line {number}")
    return tuple(used), faults


def _typed(cells: Mapping[str, str], fields: Mapping[str, Mapping[str, Any]]) -> Row | str:
    """Return a row's values by the types of its columns, or why it has none."""
    try:
        row = {name: read_cell(cells[name] or _USUAL.get(name, ""), field) for name, field in fields.items()}
    except ValueError as error:
        return str(error)
    large = [
        name for name, value in row.items() if isinstance(value, int | float) and not abs(value) < _LARGEST
    ]
    return f"{large[0]} is {shown(cells[large[0]])}; that is beyond what a table holds" if large else row


def _row_fault(row: Row, table: Resource, told: Mapping[tuple[Any, ...], tuple[Row, str]]) -> str | None:
    """Return why a row of the right types cannot be used, None if it can."""
    time = row[table.time_field or "known_on"]
    day = date(min(max(time, 1), 9999), 12, 31) if isinstance(time, int) else time
    if row["known_on"] < day and table.name != "contracts":
        return f"known_on {row['known_on']} is before {day}; what happens later is not known"
    if month_number(day) < 0 and table.name not in _EARLIER:
        return f"{day} is before January 2012, where the model begins"
    if table.time_field == "month" and day.day != 1:
        return f"month is {day}; a month is written as its first day, as {day.replace(day=1)}"
    if table.name == "contracts" and (fault := _contract_fault(row)):
        return fault
    same, where = told.get(tuple(row[name] for name in _IDENTITY[table.name]), (None, ""))
    if same is None:
        return None
    about = [name for name in row if name not in _ABOUT]
    differ = [
        f"{name} is {shown(row[name])}, there {shown(same[name])}"
        for name in about
        if row[name] != same[name]
    ]
    return f"contradicts {where}: {', '.join(differ)}" if differ else f"repeats what {where} says"


def _contract_fault(row: Row) -> str | None:
    needed = ("price",) if row["kind"] == "fixed" else ("slope", "slope_low", "slope_high", "lag_months")
    if missing := [name for name in needed if row[name] is None]:
        return f"{', '.join(missing)} is blank; a contract of kind {row['kind']} needs {', '.join(needed)}"
    if not row["start"] <= row["contract_end"]:
        return f"contract_end {row['contract_end']} is before start {row['start']}"
    if row["kind"] == "oil" and not 0.0 < row["slope_low"] <= row["slope"] <= row["slope_high"]:
        return f"slope {row['slope']} is not within slope_low {row['slope_low']} and slope_high {row['slope_high']}"
    return None


def _read_coverage(path: Path, record: Record) -> tuple[dict[str, date], list[Fault]]:
    """Return up to when tables cover, by table, and the rows that cannot be used with why.

    Parameters
    ----------
    record: with the rows that the folder adds.
    """
    allowed = (ALL_TABLES, *record.covered())
    covered: dict[str, date] = {}
    faults = []
    for number, cells in rows_of(path, ("table", "until"), also=("source",), decimal=()):
        found = cells if isinstance(cells, str) else _coverage(cells, allowed, record)
        if isinstance(found, str):
            faults.append(Fault(str(path), number, found))
        else:
            name, day = found
            covered[name] = max(day, covered.get(name, day))
    return covered, faults


def _coverage(cells: Mapping[str, str], allowed: Iterable[str], record: Record) -> tuple[str, date] | str:
    name = cells["table"]
    if name not in allowed:
        return f"unknown table {shown(name)}{did_you_mean(name, allowed)} (known: {', '.join(allowed)})"
    try:
        day = date.fromisoformat(cells["until"])
    except ValueError:
        return f"until is {shown(cells['until'])}; dates are written 2024-12-31"
    if name in (ALL_TABLES, "war") and (gap := next(_months_without_war(record, day), None)) is not None:
        return f"war.csv says nothing of {gap:%B %Y}; give the regime of each month up to {day:%B %Y}"
    return name, day


def _months_without_war(record: Record, day: date) -> Iterator[date]:
    known = {row["month"] for row in record.table("war")}
    return (first for month in range(month_number(day) + 1) if (first := month_start(month)) not in known)


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
        rows = [Observation(**row) for row in table_rows(file)]
    if any(cell is None for row in rows for cell in (row.end, row.value, row.known_on)):
        raise ValueError(f"{path}: an observation has an end, a value and the day from which it was known")
    return tuple(rows)


def _facts(record: Record, path: Path) -> Stated:
    told = json.loads(path.read_text(encoding="utf-8"))

    def typed(table: str, row: dict[str, Any]) -> dict[str, Any]:
        dates = {field["name"] for field in record.resources[table].fields if field["type"] == "date"}
        return {
            name: date.fromisoformat(cell) if name in dates and cell else cell for name, cell in row.items()
        }

    rows = {table: tuple(typed(table, row) for row in several) for table, several in told["rows"].items()}
    return Stated(rows, {table: date.fromisoformat(day) for table, day in told["covered"].items()})
