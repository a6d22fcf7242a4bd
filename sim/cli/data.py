"""`serbia-sim data`: what the record holds, its sources and its gaps, as tables for the terminal or CSV for a pipe."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import compress, groupby
from operator import itemgetter
from typing import Annotated, Any

import typer

from sim.cli import options
from sim.cli.errors import refuse
from sim.cli.screen import Part, say, table, width
from sim.clock import FIRST_YEAR
from sim.names import safe_cell
from sim.quantities.catalogue import TARGETS, weighed
from sim.record.country import DEFAULT, load_country
from sim.record.observations import Record
from sim.record.resources import Resource
from sim.words import counted

_PROVENANCE = ("known_basis", "source", "url", "reason")  # columns that a pipe gets: a terminal is too narrow
_SHORT = 18  # columns of a text's cell; one that takes more is prose


def data(
    resource: Annotated[
        str | None,
        typer.Argument(help="Print this table: on a terminal its columns, in a pipe all of it as CSV."),
    ] = None,
    state: options.State = DEFAULT,
) -> None:
    """Show what the record holds, its sources and its gaps."""
    record = Record.load(state)
    if resource is None:
        say(*overview(record))
        return
    try:
        record.table(resource)
    except KeyError as unknown:
        refuse(unknown.args[0])
    found = record.resources[resource]
    if sys.stdout.isatty():
        say(*listing(found))
    else:
        writer = csv.DictWriter(sys.stdout, [*found.columns], lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: safe_cell(cell) for name, cell in row.items()} for row in found.rows)


def overview(record: Record) -> Iterator[Part]:
    """Yield resources, observations over time and gaps."""
    rows = sum(len(resource.rows) for resource in record.resources.values())
    of, digest = load_country(record.state).state, record.digest()[:12]
    title = f"The record of {of}: {rows} rows in {len(record.resources)} resources, digest {digest}"
    held = [("resource", "rows", "span", "known up to", "sources")]
    held += [(name, *_held(each, record.ends)) for name, each in record.resources.items()]
    yield [title, table(held, "<><", prose=True)]
    years = _years(record)
    counts = {target: Counter(item.end.year for item in record.observations(target)) for target in weighed()}
    cells = ((target, *(str(count[year] or ".") for year in years)) for target, count in counts.items())
    heads = ("", *(f"{year % 100:02d}" for year in years))
    yield ["Observations by the year in which they end", table([heads, *cells])]
    follows = {name: of.record for name, of in TARGETS.items() if "observations" not in of.record}
    derived = "; ".join(f"{target} from {', '.join(resources)}" for target, resources in follows.items())
    later = ", ".join(_known_later(record))
    covered = (f"{name} to {record.resources[name].covers_until}" for name in record.covered())
    yield [
        f"Derived: {derived}.",
        f"The record ends on {record.ends}. No row means that nothing happened in {', '.join(covered)}.",
        f"Of no use to a forecast from that day: {later}." if later else "",
    ]
    missing = (
        (name, "\n".join(gap for _, gap in found)) for name, found in groupby(gaps(record), key=itemgetter(0))
    )
    yield ["What is missing", table(missing, prose=True)]


def _known_later(record: Record) -> Iterator[str]:
    """Yield how many rows count as known only after the record's end, as figures do that are dated by a rule."""
    for name, resource in record.resources.items():
        if later := [row for row in resource.rows if row["known_on"] > record.ends]:
            first = min(later, key=itemgetter("known_on"))
            told = f"{first['known_on']} on ({first['known_basis']})"
            yield f"{counted(len(later), 'row')} of {name} known later, from {told}"


def _held(resource: Resource, ends: date) -> tuple[str, str, str, str]:
    """Return what the overview says of a resource: rows, years, up to when it is known at the record's end, sources."""
    times = [row[resource.time_field] for row in resource.rows] if resource.time_field else []
    years = [each.year if isinstance(each, date) else int(each) for each in times]
    dates = [name for name in resource.columns if name.endswith("known_on")]
    known = [row[name] for row in resource.rows for name in dates if row[name] and row[name] <= ends]
    return (
        str(len(resource.rows)),
        f"{min(years)} to {max(years)}" if years else "",
        max(known).isoformat() if known else "",
        ", ".join(resource.sources),
    )


def listing(resource: Resource) -> Iterator[Part]:
    """Yield one table without its provenance columns, then its sources, terms and gaps."""
    kinds = {name: each["type"] for name, each in resource.columns.items() if name not in _PROVENANCE}
    rows = [[_told(row[name]) for name in kinds] for row in resource.rows]
    yield [resource.title]
    first = max(map(len, kinds)) + 2
    if 0 < len(rows) < len(kinds) and first + max(len(cell) for row in rows for cell in row) + 2 <= width():
        heads = ("", *(f"row {number}" for number in range(1, len(rows) + 1)))
        yield [table([heads, *zip(kinds, *rows, strict=True)])]
    else:
        yield [_abreast(kinds, rows)]
    yield [
        f"Sources: {', '.join(resource.sources)}. Terms: {resource.licence}.",
        *(f"Missing: {gap}" for gap in resource.gaps),
        "Every row has its own source, address and reason: pipe this command to see them.",
    ]


def _abreast(kinds: Mapping[str, str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a line of cells for each row, numbers flush right, with its prose beside or beneath them."""
    rows = [list(kinds), *rows]
    sizes = (max(map(len, column)) for column in zip(*rows, strict=True))
    prose = [kind == "string" and size > _SHORT for kind, size in zip(kinds.values(), sizes, strict=True)]
    short = [not words for words in prose]
    sides = "".join(">" if kind in ("number", "integer") else "<" for kind in compress(kinds.values(), short))
    told = ((*compress(row, short), " | ".join(compress(row, prose)).rstrip(" |")) for row in rows)
    return table(told, sides, prose=True)


def gaps(record: Record) -> Iterable[tuple[str, str]]:
    """Yield what is missing, as (resource, sentence): what the rows show, then what is noted by hand."""
    years = _years(record)
    for name, resource in record.resources.items():
        if name == "observations":
            yield from ((name, gap) for gap in _gaps_in_series(record, years))
        elif (
            resource.time_field and resource.columns[resource.time_field]["type"] == "year" and resource.rows
        ):
            last = max(row[resource.time_field] for row in resource.rows)
            if last < years[-1]:
                yield name, f"ends with {last}"
        for gap in resource.gaps:
            yield name, gap


def _gaps_in_series(record: Record, years: Sequence[int]) -> Iterable[str]:
    for target in weighed():
        series = record.observations(target)
        missing = [year for year in years if not any(item.end.year == year for item in series)]
        if missing:
            yield f"{target}: none in {_spans(missing)}"
        uncounted = sum(item.trials is None for item in series)
        if 0 < uncounted < len(series):
            yield f"{target}: {uncounted} of {len(series)} figures state no number asked or issued"


def _years(record: Record) -> list[int]:
    ends = [row["end"].year for row in record.table("observations")]
    return list(range(min(ends, default=FIRST_YEAR), max(ends, default=record.ends.year) + 1))


def _spans(years: Sequence[int]) -> str:
    """Return years in words, runs as "2013 to 2015"."""
    runs = [[year for _, year in run] for _, run in groupby(enumerate(years), key=lambda at: at[1] - at[0])]
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)


def _told(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}" if abs(value) < 1e6 else f"{value:.0f}"
    return "" if value is None else str(value)
