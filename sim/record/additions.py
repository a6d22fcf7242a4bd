"""A user's folder beside the record: observations, facts for its tables, and up to when nothing else happened.

A file with a column ``target`` holds observations. One that is named for a table of the record holds rows for it, by
that table's own schema. ``coverage.csv`` says up to which day all of a table is said, and so also what did not happen.
A run's folder keeps what was added for it: observations as CSV, facts as JSON.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from operator import itemgetter
from pathlib import Path
from reprlib import repr as shown
from typing import Any

from sim.clock import month_number, month_start
from sim.names import did_you_mean, rows_of, safe_cell, unknown
from sim.record.observation_file import (
    COLUMNS,
    KNOWN_ON,
    Fault,
    ObservationFileError,
    columns_of,
    read_added_observations,
    read_rows,
)
from sim.record.observations import Observation, Record
from sim.record.resources import ALL_TABLES, Resource, Row, StatedFacts, read_cell

COVERAGE = "coverage"
"""Name of the file that says how far tables cover, without its ending."""

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


@dataclass(frozen=True)
class Additions:
    """What a folder adds to a record, and the rows that cannot be used with why."""

    observations: list[Observation]
    stated: StatedFacts
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
    tables = (*sorted(name for name, each in record.resources.items() if each.key), COVERAGE)
    strange = sorted(of_tables.keys() - set(tables))
    if strange or not paths:
        what = "no CSV file in it"
        if strange:
            near = did_you_mean(strange[0], tables)
            what = f"{strange[0]}.csv has neither observations nor the name of a table{near}"
        raise ObservationFileError(
            f"{folder}: {what}; needed are files with {','.join((*COLUMNS, KNOWN_ON))}, or files named for a "
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
        covered, of_file = _read_coverage(of_tables[COVERAGE], record.with_facts(StatedFacts(rows)))
        faults += of_file
    return Additions(
        observations, StatedFacts(rows, covered), sorted(faults, key=lambda fault: (fault.file, fault.line))
    )


def _read_rows(path: Path, table: Resource) -> tuple[tuple[Row, ...], list[Fault]]:
    """Return the rows of a file that fit its table, and the others with why."""
    columns = table.columns
    required = [name for name, each in columns.items() if each.get("constraints", {}).get("required")]
    needed = [name for name in required if name not in _USUAL]
    numbers = [name for name, each in columns.items() if each["type"] in ("number", "integer")]
    identity = itemgetter(*table.key)
    told = {identity(row): (row, "the record") for row in table.rows}

    def made(number: int, cells: Mapping[str, str]) -> Row:
        row = {name: read_cell(cells[name] or _USUAL.get(name, ""), each) for name, each in columns.items()}
        _hold(row, table)
        same, where = told.get(identity(row), (None, ""))
        if same is not None:
            differ = [
                f"{name} is {shown(value)}, there {shown(same[name])}"
                for name, value in row.items()
                if name not in _ABOUT and value != same[name]
            ]
            contradicts = f"contradicts {where}: {', '.join(differ)}"
            raise ValueError(contradicts if differ else f"repeats what {where} says")
        told[identity(row)] = (row, f"line {number}")
        return row

    others = [name for name in columns if name not in needed]
    used, faults = read_rows(path, needed, made, also=others, decimal=numbers)
    return tuple(used), faults


def _hold(row: Row, table: Resource) -> None:
    """Raise ValueError if a row of the right types cannot be used."""
    time = row[table.time_field or "known_on"]
    day = date(min(max(time, 1), 9999), 12, 31) if isinstance(time, int) else time
    if row["known_on"] < day and table.name != "contracts":
        raise ValueError(f"known_on {row['known_on']} is before {day}; what happens later is not known")
    if month_number(day) < 0 and table.name not in _EARLIER:
        raise ValueError(f"{day} is before January 2012, where the model begins")
    if table.time_field == "month" and day.day != 1:
        raise ValueError(f"month is {day}; a month is written as its first day, as {day.replace(day=1)}")
    if table.name == "contracts":
        _hold_contract(row)


def _hold_contract(row: Row) -> None:
    needed = ("price",) if row["kind"] == "fixed" else ("slope", "slope_low", "slope_high", "lag_months")
    if missing := [name for name in needed if row[name] is None]:
        kind = f"a contract of kind {row['kind']} needs {', '.join(needed)}"
        raise ValueError(f"{', '.join(missing)} is blank; {kind}")
    if not row["start"] <= row["contract_end"]:
        raise ValueError(f"contract_end {row['contract_end']} is before start {row['start']}")
    if row["kind"] == "oil" and not 0.0 < row["slope_low"] <= row["slope"] <= row["slope_high"]:
        within = f"slope_low {row['slope_low']} and slope_high {row['slope_high']}"
        raise ValueError(f"slope {row['slope']} is not within {within}")


def _read_coverage(path: Path, record: Record) -> tuple[dict[str, date], list[Fault]]:
    """Return up to when tables cover, by table, and the rows that cannot be used with why.

    Parameters
    ----------
    record: with the rows that the folder adds.
    """
    allowed = (ALL_TABLES, *record.covered())
    of_war = {row["month"] for row in record.table("war")}
    covered: dict[str, date] = {}

    def made(_: int, cells: Mapping[str, str]) -> None:
        name = cells["table"]
        if name not in allowed:
            raise ValueError(unknown("table", name, allowed))
        try:
            day = date.fromisoformat(cells["until"])
        except ValueError:
            raise ValueError(f"until is {shown(cells['until'])}; dates are written 2024-12-31") from None
        months = map(month_start, range(month_number(day) + 1)) if name in (ALL_TABLES, "war") else ()
        if gap := next((month for month in months if month not in of_war), None):
            asked = f"give the regime of each month up to {day:%B %Y}"
            raise ValueError(f"war.csv says nothing of {gap:%B %Y}; {asked}")
        covered[name] = max(day, covered.get(name, day))

    _, faults = read_rows(path, ("table", "until"), made, also=("source",), decimal=())
    return covered, faults


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
        rows = [Observation(**row) for row in rows_of(file)]
    if any(cell is None for row in rows for cell in (row.end, row.value, row.known_on)):
        raise ValueError(f"{path}: an observation has an end, a value and the day from which it was known")
    return tuple(rows)


def _facts(record: Record, path: Path) -> StatedFacts:
    told = json.loads(path.read_text(encoding="utf-8"))

    def typed(table: str, row: dict[str, Any]) -> Row:
        columns = record.resources[table].columns
        cells = {name: "" if cell is None else str(cell) for name, cell in row.items()}
        # as where an earlier version wrote it
        if missing := [name for name in columns if name not in cells]:
            raise ValueError(f"{path.name}: a row of {table} has no {missing[0]}")
        return {name: read_cell(cells[name], each) for name, each in columns.items()}

    rows = {table: tuple(typed(table, row) for row in several) for table, several in told["rows"].items()}
    return StatedFacts(rows, {table: date.fromisoformat(day) for table, day in told["covered"].items()})
