"""A user's observations: CSV files read row by row; what cannot be used is told with its line, the rest is used."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from reprlib import repr as shown

from sim.catalogue import QUANTITIES, targets, weighed
from sim.clock import month_number
from sim.names import InputError, did_you_mean
from sim.observations import Observation, Record

COLUMNS = ("target", "start", "end", "value", "trials", "source")
ADDED = weighed()
"""Targets of which observations can be added to the record: members are weighed by them."""

_DATES = ("start", "end", "known_on")
LARGEST = 10_000_000
"""Bytes; a file of observations is far smaller (judgement)."""

_IN_WORDS = {
    "half-year": "a half-year or a calendar year: start 01-01 or 07-01, end 06-30 or 12-31",
    "year": "a calendar year: start 01-01 or blank, end 12-31",
}


class ObservationFileError(InputError):
    """A file of observations cannot be read at all: says which, why, and what is needed."""


@dataclass(frozen=True)
class Line:
    """A row that can be used; `value` is a category's name for a category, else a number."""

    number: int
    target: str
    start: date | None
    end: date
    value: float | str
    trials: int | None
    source: str
    known_on: date | None = None


@dataclass(frozen=True)
class Fault:
    """A row that cannot be used, and why."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"


def read_observations(path: Path | str) -> tuple[list[Line], list[Fault]]:
    """Return the rows that can be used, and those that cannot with why.

    Of rows that repeat one another the first is used; of rows that contradict one another none is.

    Raises ObservationFileError if it is no text with the columns of `COLUMNS`, parted by commas, semicolons (then
    decimals may have commas) or tabs; others are passed over.
    """
    return _read(Path(path), COLUMNS, targets())


def read_added_observations(paths: Sequence[Path], record: Record) -> tuple[list[Observation], list[Fault]]:
    """Return the observations that files add to a record, and the rows that cannot be used with why.

    The files have a further column ``known_on``: the day from which a forecaster could have known the row. A row that
    repeats or contradicts one of the record, or of a file before it, is not used.

    Raises ObservationFileError if one cannot be read at all.
    """
    told = {
        _key(seen.target, seen.start, seen.end): (seen.value, "the record")
        for target in ADDED
        for seen in record.observations(target)
    }
    added, faults = [], []
    for path in paths:
        lines, of_file = _read(path, (*COLUMNS, "known_on"), ADDED)
        faults += of_file
        for line in lines:
            fault = _told_fault(line, told)
            if fault is None:
                added.append(_observation(line))
                told[_key(line.target, line.start, line.end)] = (float(line.value), str(path))
            else:
                faults.append(Fault(str(path), line.number, fault))
    return added, faults


def _read(path: Path, columns: Sequence[str], allowed: Sequence[str]) -> tuple[list[Line], list[Fault]]:
    lines: list[Line] = []
    faults: list[Fault] = []
    for number, cells in rows_of(path, columns):
        found = _line(number, cells, allowed)
        if isinstance(found, str):
            faults.append(Fault(str(path), number, found))
        else:
            lines.append(found)
    return _without_repeats(lines, faults, str(path))


def _late_fault(start: date | None, end: date, known_on: date | None) -> str | None:
    """Return why an observation cannot be added for when it became known, or for its age."""
    if known_on is None:
        return "known_on is blank; give the day from which it could be known, as 2024-12-31"
    if known_on < end:
        return f"known_on {known_on} is before end {end}; a figure is not known before its window ends"
    if month_number(start or end) < 0:
        return f"{start or end} is before January 2012, where the model begins"
    return None


def _told_fault(line: Line, told: Mapping[_Key, tuple[float, str]]) -> str | None:
    value, where = told.get(_key(line.target, line.start, line.end), (None, ""))
    if value is None:
        return None
    if value == line.value:
        return f"repeats what {where} says"
    return f"contradictory {line.target}: {line.value}, and {where} says {value}"


def _observation(line: Line) -> Observation:
    start = date(line.end.year, 1, 1) if QUANTITIES[line.target].window == "year" else line.start
    if line.known_on is None:
        raise ValueError("an observation to add needs known_on")
    return Observation(
        line.target, start, line.end, float(line.value), line.trials, None, line.known_on, line.source
    )


_Key = tuple[str, date | None, date]


def _key(target: str, start: date | None, end: date) -> _Key:
    """Return what tells one figure from another: the half-year from the year, else the end."""
    return target, start if QUANTITIES[target].window == "half-year" else None, end


def columns_of(path: Path) -> list[str]:
    """Return the columns that the first line of a file names; raises ObservationFileError if it is no text."""
    first = next(io.StringIO(_text(path), newline=None), "")
    heads = [cells for cells in (_cells(first, each) for each in ",;\t") if isinstance(cells, list)]
    return max(heads, key=len, default=[])


def _text(path: Path) -> str:
    if not path.is_file():
        raise ObservationFileError(f"{path}: there is no such file")
    if path.stat().st_size > LARGEST:
        raise ObservationFileError(
            f"{path}: over {LARGEST // 1_000_000} MB; that is no table of observations"
        )
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ObservationFileError(
            f"{path}: no UTF-8 text (byte {error.start}); save it as CSV in UTF-8"
        ) from None


def rows_of(
    path: Path, columns: Sequence[str], *, also: Sequence[str] = (), decimal: Sequence[str] = ("value",)
) -> Iterator[tuple[int, Mapping[str, str] | str]]:
    """Yield line number and cells by column, or why the line is no row.

    Parameters
    ----------
    columns: that the file must have. also: that it may have, else blank. decimal: those that hold numbers.
    """
    rows = enumerate(io.StringIO(_text(path), newline=None), 1)
    _, first = next(rows, (1, ""))
    delimiter = min(",;\t", key=lambda each: len(_missing(columns, _cells(first, each))))
    header = _cells(first, delimiter)
    needed = f"the first line must name {','.join(columns)}, each once"
    if isinstance(header, str):
        raise ObservationFileError(f"{path}:1: {header}; {needed}")
    if missing := _missing(columns, header):
        raise ObservationFileError(f"{path}:1: no column {', '.join(missing)}; {needed}")
    if twice := [name for name in columns if header.count(name) > 1]:
        raise ObservationFileError(f"{path}:1: two columns {', '.join(twice)}; {needed}")
    for number, row in rows:
        cells = _cells(row, delimiter)
        if isinstance(cells, str) or (any(cells) and len(cells) != len(header)):
            yield number, cells if isinstance(cells, str) else _UNEVEN
        elif any(cells):
            by_name = dict(zip(header, cells, strict=True))
            if delimiter != ",":  # where commas part no columns they are decimal
                by_name |= {name: by_name[name].replace(",", ".") for name in decimal if name in by_name}
            yield number, {name: by_name.get(name, "") for name in (*columns, *also)}


_UNEVEN = "not as many values as the first line has columns; quote a value that has a comma"


def _cells(row: str, delimiter: str) -> list[str] | str:
    """Return the cells of one line, or why it is no row: a value that went on in the next line would swallow a row."""
    try:
        cells = next(csv.reader([row], delimiter=delimiter, skipinitialspace=True, strict=True), [])
    except csv.Error as error:
        unclosed = "unexpected end" in str(error)
        return "a quote is opened and not closed on the line" if unclosed else f"no CSV: {error}"
    return [cell.strip() for cell in cells]


def _missing(columns: Sequence[str], header: list[str] | str) -> list[str]:
    return [name for name in columns if isinstance(header, str) or name not in header]


def _line(number: int, cells: Mapping[str, str] | str, allowed: Sequence[str]) -> Line | str:
    """Return the row, or why it cannot be used."""
    if isinstance(cells, str):
        return cells
    target, trials = cells["target"], cells["trials"]
    if target not in allowed:
        return f"unknown target {shown(target)}{did_you_mean(target, allowed)} (known: {', '.join(allowed)})"
    try:
        start = date.fromisoformat(cells["start"]) if cells["start"] else None
        end = date.fromisoformat(cells["end"])
        known_on = date.fromisoformat(cells["known_on"]) if cells.get("known_on") else None
    except ValueError:
        given = ", ".join(f"{name} is {shown(cells[name])}" for name in _DATES if name in cells)
        return f"{given}; dates are written 2024-12-31, end is needed"
    value = _value(target, cells["value"])
    if value is None:
        return f"value is {shown(cells['value'])}; {target} is {QUANTITIES[target].allowed()}"
    fault = _window_fault(target, start, end)
    if fault is None and "known_on" in cells:
        fault = _late_fault(start, end, known_on)
    if fault is None and trials and not re.fullmatch(r"0*[1-9][0-9]{0,7}", trials):
        fault = f"trials is {shown(trials)}; a whole number from 1 to 99,999,999 is needed, or nothing"
    if fault is not None:
        return fault
    return Line(number, target, start, end, value, int(trials) if trials else None, cells["source"], known_on)


def _value(target: str, text: str) -> float | str | None:
    quantity = QUANTITIES[target]
    if quantity.kind == "category":
        return text if quantity.admits(text) else None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if quantity.admits(value) else None


def _window_fault(target: str, start: date | None, end: date) -> str | None:
    if start is not None and start > end:
        return f"start {start} is after end {end}"
    window = QUANTITIES[target].window
    if not window:
        return None
    if start is None and window == "year":
        start = date(end.year, 1, 1)
    if start is None or not QUANTITIES[target].is_window(start, end):
        return f"{target} from {start or 'nothing'} to {end}; it is of {_IN_WORDS[window]}"
    return None


_SAID = 5  # lines that contradict one another, told beside each of them


def _without_repeats(lines: list[Line], faults: list[Fault], file: str) -> tuple[list[Line], list[Fault]]:
    by_key: dict[_Key, list[Line]] = {}
    for line in lines:
        by_key.setdefault(_key(line.target, line.start, line.end), []).append(line)
    used = []
    for same in by_key.values():
        first = same[0]
        if len({line.value for line in same}) > 1:
            said = ", ".join(f"line {line.number} says {line.value}" for line in same[:_SAID])
            said += f", and {len(same) - _SAID} more" if len(same) > _SAID else ""
            faults += [Fault(file, line.number, f"contradictory {line.target}: {said}") for line in same]
            continue
        used.append(first)
        faults += [Fault(file, line.number, f"repeats line {first.number}") for line in same[1:]]
    return used, sorted(faults, key=lambda fault: fault.line)
