"""A user's observations: CSV files read row by row; what cannot be used is told with its line, the rest is used."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from reprlib import repr as shown
from typing import TypeVar

from sim.clock import month_number
from sim.names import InputError, unknown
from sim.quantities.catalogue import QUANTITIES, targets, weighed
from sim.record.observations import Observation, Record

COLUMNS = ("target", "start", "end", "value", "trials", "source")
KNOWN_ON = "known_on"
"""The further column of what is added to a record: the day from which a forecaster could have known the row."""

ADDED = weighed()
"""Targets of which observations can be added to the record: members are weighed by them."""

_DATES = ("start", "end", KNOWN_ON)
LARGEST = 10_000_000
"""Bytes; a file of observations is far smaller (judgement)."""

_IN_WORDS = {
    "half-year": "a half-year or a calendar year: start 01-01 or 07-01, end 06-30 or 12-31",
    "year": "a calendar year: start 01-01 or blank, end 12-31",
}

Made = TypeVar("Made")


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


def read_observations(path: Path | str, today: date | None = None) -> tuple[list[Line], list[Fault]]:
    """Return the rows that can be used, and those that cannot with why.

    Of rows that repeat one another the first is used; of rows that contradict one another none is, and none that is of
    a day after `today` (of the clock if not given).

    Raises ObservationFileError if it is no text with the columns of `COLUMNS`, parted by commas, semicolons (then
    decimals may have commas) or tabs; others are passed over.
    """
    return _read(Path(path), COLUMNS, targets(), today or datetime.now(UTC).date())


def read_added_observations(paths: Sequence[Path], record: Record) -> tuple[list[Observation], list[Fault]]:
    """Return the observations that files add to a record, and the rows that cannot be used with why.

    The files have the column `KNOWN_ON` too. A row that repeats or contradicts one of the record, or of a file before
    it, is not used.

    Raises ObservationFileError if one cannot be read at all.
    """
    told: dict[_Key, tuple[float, str]] = {
        _key(seen): (seen.value, "the record") for target in ADDED for seen in record.observations(target)
    }
    added, faults = [], []
    for path in paths:
        lines, of_file = _read(path, (*COLUMNS, KNOWN_ON), ADDED, date.max)  # what is supposed, too
        faults += of_file
        for line in lines:
            value, where = told.get(_key(line), (None, ""))
            if value is None:
                added.append(_observation(line))
                told[_key(line)] = (float(line.value), str(path))
                continue
            contradicts = f"contradictory {line.target}: {line.value}, and {where} says {value}"
            why = f"repeats what {where} says" if value == line.value else contradicts
            faults.append(Fault(str(path), line.number, why))
    return added, faults


def _observation(line: Line) -> Observation:
    start = date(line.end.year, 1, 1) if QUANTITIES[line.target].window == "year" else line.start
    if line.known_on is None:
        raise ValueError(f"an observation to add needs {KNOWN_ON}")
    return Observation(
        line.target, start, line.end, float(line.value), line.trials, None, line.known_on, line.source
    )


_Key = tuple[str, date | None, date]


def _key(seen: Line | Observation) -> _Key:
    """Return what tells one figure from another: the half-year from the year, else the end."""
    start = seen.start if QUANTITIES[seen.target].window == "half-year" else None
    return seen.target, start, seen.end


def columns_of(path: Path) -> list[str]:
    """Return the columns that the first line of a file names; raises ObservationFileError if it is no text."""
    first = next(io.StringIO(_text(path), newline=None), "")
    return max((_columns(first, each) for each in ",;\t"), key=len)


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


def read_rows(
    path: Path,
    columns: Sequence[str],
    made: Callable[[int, Mapping[str, str]], Made],
    *,
    also: Sequence[str] = (),
    decimal: Sequence[str] = ("value",),
) -> tuple[list[Made], list[Fault]]:
    """Return what is made of the rows of a file that can be used, and those that cannot with why.

    Parameters
    ----------
    columns: that the file must have. also: that it may have, else blank. decimal: those that hold numbers.
    made: given the number of a line and its cells by column, what is made of it; it raises ValueError, which says why,
        for what cannot be used.

    Raises ObservationFileError if the file cannot be read at all.
    """
    lines = enumerate(io.StringIO(_text(path), newline=None), 1)
    _, first = next(lines, (1, ""))
    delimiter = min(",;\t", key=lambda each: sum(name not in _columns(first, each) for name in columns))
    try:
        header = _cells(first, delimiter)
        if missing := [name for name in columns if name not in header]:
            raise ValueError(f"no column {', '.join(missing)}")
        if twice := [name for name in columns if header.count(name) > 1]:
            raise ValueError(f"two columns {', '.join(twice)}")
    except ValueError as error:
        needed = f"the first line must name {','.join(columns)}, each once"
        raise ObservationFileError(f"{path}:1: {error}; {needed}") from None
    found, faults = [], []
    for number, line in lines:
        try:
            cells = _cells(line, delimiter)
            if not any(cells):
                continue
            if len(cells) != len(header):
                raise ValueError(_UNEVEN)
            by_name = dict(zip(header, cells, strict=True))
            if delimiter != ",":  # where commas part no columns they are decimal
                by_name |= {name: by_name[name].replace(",", ".") for name in decimal if name in by_name}
            found.append(made(number, {name: by_name.get(name, "") for name in (*columns, *also)}))
        except ValueError as error:
            faults.append(Fault(str(path), number, str(error)))
    return found, faults


_UNEVEN = "not as many values as the first line has columns; quote a value that has a comma"


def _cells(line: str, delimiter: str) -> list[str]:
    """Return the cells of one line; raises ValueError if a value goes on in the next, which would swallow a row."""
    try:
        cells = next(csv.reader([line], delimiter=delimiter, skipinitialspace=True, strict=True), [])
    except csv.Error as error:
        unclosed = "unexpected end" in str(error)
        why = "a quote is opened and not closed on the line" if unclosed else f"no CSV: {error}"
        raise ValueError(why) from None
    return [cell.strip() for cell in cells]


def _columns(first: str, delimiter: str) -> list[str]:
    """Return the columns that a first line names, none if it is no row."""
    try:
        return _cells(first, delimiter)
    except ValueError:
        return []


def _line(number: int, cells: Mapping[str, str], allowed: Sequence[str], today: date) -> Line:
    """Return the row; raises ValueError if it cannot be used."""
    target, trials = cells["target"], cells["trials"]
    if target not in allowed:
        raise ValueError(unknown("target", target, allowed))
    try:
        start = date.fromisoformat(cells["start"]) if cells["start"] else None
        end = date.fromisoformat(cells["end"])
        known_on = date.fromisoformat(cells[KNOWN_ON]) if cells.get(KNOWN_ON) else None
    except ValueError:
        given = ", ".join(f"{name} is {shown(cells[name])}" for name in _DATES if name in cells)
        raise ValueError(f"{given}; dates are written 2024-12-31, end is needed") from None
    quantity = QUANTITIES[target]
    value: float | str = cells["value"]
    if quantity.kind != "category":
        with suppress(ValueError):
            value = float(value)
    if not quantity.admits(value):
        raise ValueError(f"value is {shown(cells['value'])}; {target} is {quantity.allowed()}")
    _hold_window(target, start, end)
    if KNOWN_ON in cells:
        _hold_known(start, end, known_on)
    if end > today:
        raise ValueError(f"{end} is still to come: that was not observed")
    if trials and not re.fullmatch(r"0*[1-9][0-9]{0,7}", trials):
        raise ValueError(
            f"trials is {shown(trials)}; a whole number from 1 to 99,999,999 is needed, or nothing"
        )
    return Line(number, target, start, end, value, int(trials) if trials else None, cells["source"], known_on)


def _hold_window(target: str, start: date | None, end: date) -> None:
    """Raise ValueError if figures of a target are not about such a window."""
    if start is not None and start > end:
        raise ValueError(f"start {start} is after end {end}")
    window = QUANTITIES[target].window
    first = date(end.year, 1, 1) if start is None and window == "year" else start
    if window and (first is None or not QUANTITIES[target].is_window(first, end)):
        raise ValueError(f"{target} from {first or 'nothing'} to {end}; it is of {_IN_WORDS[window]}")


def _hold_known(start: date | None, end: date, known_on: date | None) -> None:
    """Raise ValueError if an observation cannot be added for when it became known, or for its age."""
    if known_on is None:
        raise ValueError(f"{KNOWN_ON} is blank; give the day from which it could be known, as 2024-12-31")
    if known_on < end:
        what = "a figure is not known before its window ends"
        raise ValueError(f"{KNOWN_ON} {known_on} is before end {end}; {what}")
    if month_number(start or end) < 0:
        raise ValueError(f"{start or end} is before January 2012, where the model begins")


_SAID = 5  # lines that contradict one another, told beside each of them


def _read(
    path: Path, columns: Sequence[str], allowed: Sequence[str], today: date
) -> tuple[list[Line], list[Fault]]:
    """Return the rows of one file that can be used, each figure once, and the others with why."""
    lines, faults = read_rows(path, columns, partial(_line, allowed=allowed, today=today))
    by_key: dict[_Key, list[Line]] = {}
    for line in lines:
        by_key.setdefault(_key(line), []).append(line)
    used = []
    for first, *others in by_key.values():
        if all(line.value == first.value for line in others):
            used.append(first)
            faults += [Fault(str(path), line.number, f"repeats line {first.number}") for line in others]
            continue
        same = [first, *others]
        said = ", ".join(f"line {line.number} says {line.value}" for line in same[:_SAID])
        said += f", and {len(same) - _SAID} more" if len(same) > _SAID else ""
        what = f"contradictory {first.target}: {said}"
        faults += [Fault(str(path), line.number, what) for line in same]
    return used, sorted(faults, key=lambda fault: fault.line)
