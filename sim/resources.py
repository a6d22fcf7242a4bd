"""A table of a data package: its description, and its rows read by their schema."""

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

Row = Mapping[str, Any]
"""A row by column name; values have the types of the schema, a blank is None."""


class RecordError(ValueError):
    """A file of the record cannot be read: says file, line, column, what was given and what is allowed."""


@dataclass(frozen=True)
class Resource:
    """One table of the record with its description from `datapackage.json`.

    `time_field` is the column of what a row tells about in time, a date or a year; None where there is none.
    `covers_until` is the last day of which the table says what happened, and so also what did not; None where no row
    does not mean that nothing was.
    `gaps` says in words what is missing and cannot be seen from the rows.
    """

    name: str
    title: str
    fields: tuple[Mapping[str, Any], ...]
    time_field: str | None
    covers_until: date | None
    sources: tuple[str, ...]
    licence: str
    gaps: tuple[str, ...]
    rows: tuple[Row, ...]


def read_resource(entry: Mapping[str, Any], data: bytes) -> Resource:
    """Return a table from its file's bytes; raises RecordError where a value does not fit its column."""
    fields = tuple(entry["schema"]["fields"])
    reader = csv.reader(io.StringIO(data.decode("utf-8"), newline=""))
    header = [field["name"] for field in fields]
    if (given := next(reader, [])) != header:
        raise RecordError(f"{entry['path']}:1: columns are {given}; the schema has {header}")
    rows = []
    for cells in reader:
        where = f"{entry['path']}:{reader.line_num}"
        if len(cells) != len(fields):
            raise RecordError(
                f"{where}: {len(cells)} values for {len(fields)} columns; quote a value that has a comma"
            )
        rows.append(
            {field["name"]: _cell(text, field, where) for field, text in zip(fields, cells, strict=True)}
        )
    return Resource(
        name=entry["name"],
        title=entry["title"],
        fields=fields,
        time_field=entry.get("timeField"),
        covers_until=date.fromisoformat(entry["coversUntil"]) if "coversUntil" in entry else None,
        sources=tuple(source["title"] for source in entry["sources"]),
        licence=entry["licenceNote"],
        gaps=tuple(entry["gaps"]),
        rows=tuple(rows),
    )


_READERS: Mapping[str, Callable[[str], Any]] = {
    "string": str,
    "integer": int,
    "number": float,
    "year": int,
    "date": date.fromisoformat,
}


def read_cell(text: str, field: Mapping[str, Any]) -> Any:
    """Return a cell's value by its column, None for a blank; raises ValueError if it does not fit, and says why."""
    name, constraints = field["name"], field.get("constraints", {})
    if text == "":
        if constraints.get("required"):
            raise ValueError(f"{name} is blank; every row needs it")
        return None
    try:
        value = _READERS[field["type"]](text)
    except ValueError:
        raise ValueError(f"{name} is {text!r}; a {field['type']} is needed") from None
    if text not in constraints.get("enum", (text,)):
        raise ValueError(f"{name} is {text!r}; allowed are {', '.join(constraints['enum'])}")
    low, high = constraints.get("minimum", value), constraints.get("maximum", value)
    if not low <= value <= high:
        raise ValueError(f"{name} is {text}; allowed is {low} to {high}")
    return value


def _cell(text: str, field: Mapping[str, Any], where: str) -> Any:
    try:
        return read_cell(text, field)
    except ValueError as error:
        raise RecordError(f"{where}: {error}") from None
