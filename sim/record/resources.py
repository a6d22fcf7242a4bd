"""A table of a data package: its description, its rows read by their schema, and rows stated by a user beside them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from reprlib import repr as shown
from typing import Any

from sim.contents import shipped
from sim.names import InputError, did_you_mean
from sim.record.country import COMMON, state_folder

_PACKAGE = "datapackage.json"

Row = Mapping[str, Any]
"""A row by column name; values have the types of the schema, a blank is None."""


class RecordError(InputError):
    """A file of the record cannot be read: says file, line, column, what was given and what is allowed."""


@dataclass(frozen=True)
class Resource:
    """One table of the record with its description from `datapackage.json`.

    `columns` are described by name, in their order in the file. Those of `key` tell a row from all others; to a table
    that has any a user can add. `time_field` is the column of what a row tells about in time, a date or a year; None
    where there is none.
    `covers_until` is the last day of which the table says what happened, and so also what did not; None where no row
    does not mean that nothing was.
    `gaps` says in words what is missing and cannot be seen from the rows.
    """

    name: str
    title: str
    columns: Mapping[str, Mapping[str, Any]]
    key: tuple[str, ...]
    time_field: str | None
    covers_until: date | None
    sources: tuple[str, ...]
    licence: str
    gaps: tuple[str, ...]
    rows: tuple[Row, ...]


def described(state: str) -> tuple[dict[str, Any], dict[str, bytes], str]:
    """Return the descriptor of a state's data package, the bytes of its files by name, and the digest of all of them.

    What the state's own descriptor says of a table wins over the common one, and so does a table of its own.
    """
    content: dict[str, bytes] = {}
    packages = []
    for folder in (shipped("states") / COMMON / "record", state_folder(state) / "record"):
        try:
            content |= {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
            packages.append(json.loads((folder / _PACKAGE).read_bytes()))
            content[f"{len(packages)} {_PACKAGE}"] = content.pop(_PACKAGE)
        except (OSError, ValueError) as error:
            raise RecordError(f"{folder / _PACKAGE}: {error}") from None
    common, own = packages
    tables = {entry["name"]: entry for entry in common["resources"]}
    about = {entry["name"]: entry for entry in own.get("resources", ())}
    if unknown := sorted(set(about) - set(tables)):
        raise RecordError(f"{state}: no table {unknown[0]!r}{did_you_mean(unknown[0], tables)}")
    known = [entry["path"] for entry in tables.values()]
    if stray := sorted(name for name in content if name.endswith(".csv") and name not in known):
        raise RecordError(f"{state}: {stray[0]} is no table of the record{did_you_mean(stray[0], known)}")
    if "endsOn" not in own:
        raise RecordError(f"{state}: {_PACKAGE} needs endsOn, the last day on which anything was looked for")
    resources = [entry | about.get(name, {}) for name, entry in tables.items()]
    digest = hashlib.sha256()
    for name, data in sorted(content.items()):
        digest.update(f"{name} {len(data)}\n".encode() + data)
    return {**common, **own, "resources": resources}, content, digest.hexdigest()


def read_resource(entry: Mapping[str, Any], data: bytes | None) -> Resource:
    """Return a table from its file's bytes, or one without rows; raises RecordError where a value does not fit."""
    columns = {column["name"]: column for column in entry["schema"]["fields"]}
    reader = csv.reader(io.StringIO("" if data is None else data.decode("utf-8"), newline=""))
    if data is not None and (given := next(reader, [])) != [*columns]:
        raise RecordError(f"{entry['path']}:1: columns are {given}; the schema has {[*columns]}")
    rows = []
    for cells in reader:
        try:
            if len(cells) != len(columns):
                count = f"{len(cells)} values for {len(columns)} columns"
                raise ValueError(f"{count}; quote a value that has a comma")
            texts = zip(columns, cells, strict=True)
            rows.append({name: read_cell(text, columns[name]) for name, text in texts})
        except ValueError as error:
            raise RecordError(f"{entry['path']}:{reader.line_num}: {error}") from None
    return Resource(
        name=entry["name"],
        title=entry["title"],
        columns=columns,
        key=tuple(entry["schema"].get("primaryKey", ())),
        time_field=entry.get("timeField"),
        covers_until=date.fromisoformat(entry["coversUntil"]) if "coversUntil" in entry else None,
        sources=tuple(source["title"] for source in entry.get("sources", ())),
        licence=entry.get("licenceNote", "not stated"),
        gaps=("the whole table is missing",) if data is None else tuple(entry.get("gaps", ())),
        rows=tuple(rows),
    )


_LARGEST = 1e15
"""No number of a table comes near it (judgement); catches what is none, as 1e999."""

_READERS: Mapping[str, Callable[[str], Any]] = {
    "string": str,
    "integer": int,
    "number": float,
    "year": int,
    "date": date.fromisoformat,
}


def read_cell(text: str, column: Mapping[str, Any]) -> Any:
    """Return a cell's value by its column, None for a blank; raises ValueError if it does not fit, and says why."""
    name, constraints = column["name"], column.get("constraints", {})
    if text == "":
        if constraints.get("required"):
            raise ValueError(f"{name} is blank; every row needs it")
        return None
    try:
        value = _READERS[column["type"]](text)
    except ValueError:
        raise ValueError(f"{name} is {text!r}; a {column['type']} is needed") from None
    if text not in constraints.get("enum", (text,)):
        raise ValueError(f"{name} is {text!r}; allowed are {', '.join(constraints['enum'])}")
    low, high = constraints.get("minimum", value), constraints.get("maximum", value)
    if not low <= value <= high:
        raise ValueError(f"{name} is {text}; allowed is {low} to {high}")
    if isinstance(value, int | float) and not abs(value) < _LARGEST:
        raise ValueError(f"{name} is {shown(text)}; that is beyond what a table holds")
    return value


ALL_TABLES = "all"
"""Stands for every table that says what did not happen too: whoever says that all is covered has looked for all."""


@dataclass(frozen=True)
class StatedFacts:
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
