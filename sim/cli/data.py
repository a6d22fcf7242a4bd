"""`serbia-sim data`: what the record holds, its sources and its gaps, as tables for the terminal or CSV for a pipe."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from sim.catalogue import TARGETS, weighed
from sim.cli import options
from sim.cli.errors import refuse
from sim.cli.screen import console
from sim.clock import FIRST_YEAR
from sim.country import DEFAULT
from sim.names import safe_cell
from sim.observations import Record
from sim.resources import Resource

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text


_PROVENANCE = ("known_basis", "source", "url", "reason")  # columns that a pipe gets: a terminal is too narrow
_ABREAST = 3  # rows beside one another where a table has more columns than rows


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
        show_record(record, console(highlight=False))
        return
    try:
        record.table(resource)
    except KeyError as unknown:
        refuse(unknown.args[0])
    table = record.resources[resource]
    if sys.stdout.isatty():
        show_resource(table, console(highlight=False))
    else:
        writer = csv.DictWriter(sys.stdout, [field["name"] for field in table.fields], lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: safe_cell(cell) for name, cell in row.items()} for row in table.rows)


def show_record(record: Record, console: Console) -> None:
    """Print resources, observations over time and gaps."""
    console.print(_overview(record))
    years = _years(record)
    heads = (f"{year % 100:02d}" for year in years)
    coverage = _table("Observations by the year in which they end", "target", *heads)
    for target in weighed():
        counts = Counter(item.end.year for item in record.observations(target))
        coverage.add_row(target, *(str(counts[year] or ".") for year in years))
    console.print(coverage)
    follows = {name: of.record for name, of in TARGETS.items() if "observations" not in of.record}
    derived = "; ".join(f"{target} from {', '.join(resources)}" for target, resources in follows.items())
    console.print(f"Derived: {derived}.")
    covered = (f"{name} to {record.resources[name].covers_until}" for name in record.covered())
    console.print(
        f"The record ends on {record.ends}. No row means that nothing happened in {', '.join(covered)}.\n"
    )
    missing = _table("What is missing", "resource")
    missing.add_column("gap")
    for name, found in groupby(gaps(record), key=itemgetter(0)):
        for number, (_, gap) in enumerate(found):
            missing.add_row("" if number else name, gap)
    console.print(missing)


def show_resource(resource: Resource, console: Console) -> None:
    """Print one table without its provenance columns, then its sources, terms and gaps."""
    fields = {field["name"]: field["type"] for field in resource.fields if field["name"] not in _PROVENANCE}
    if len(fields) > len(resource.rows):  # few rows with much to say: one column for each, a few side by side
        for first in range(0, len(resource.rows), _ABREAST):
            table = _table("" if first else resource.title)
            table.add_column("", no_wrap=True, min_width=max(map(len, fields)))
            rows = resource.rows[first : first + _ABREAST]
            for number, _ in enumerate(rows, first + 1):
                table.add_column(f"row {number}", overflow="fold")
            for name in fields:
                table.add_row(name, *(_text(row[name]) for row in rows))
            console.print(table)
    else:
        table = _table(resource.title)
        for name, kind in fields.items():
            side: Literal["right", "left"] = "right" if kind in ("number", "integer") else "left"
            table.add_column(name, justify=side, no_wrap=kind != "string", overflow="fold")
        for row in resource.rows:
            table.add_row(*(_text(row[name]) for name in fields))
        console.print(table)
    console.print(f"Sources: {', '.join(resource.sources)}. Terms: {resource.licence}.")
    for gap in resource.gaps:
        console.print(f"Missing: {gap}")
    console.print("Every row has its own source, address and reason: pipe this command to see them.")


def gaps(record: Record) -> Iterable[tuple[str, str]]:
    """Yield what is missing, as (resource, sentence): what the rows show, then what is noted by hand."""
    years = _years(record)
    for name, resource in record.resources.items():
        if name == "observations":
            yield from ((name, gap) for gap in _gaps_in_series(record, years))
        elif resource.fields[0]["type"] == "year" and resource.rows:
            last = max(row[resource.fields[0]["name"]] for row in resource.rows)
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


def _table(title: str, *columns: str) -> Table:
    """Return a table without rows, with columns that are not broken; numbers stand flush right."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(
        title=title,
        title_style="bold",
        title_justify="left",
        box=SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for name in columns:
        table.add_column(name, justify="right" if name == "rows" or name.isdigit() else "left", no_wrap=True)
    return table


def _overview(record: Record) -> Table:
    rows = sum(len(resource.rows) for resource in record.resources.values())
    title = f"The record: {rows} rows in {len(record.resources)} resources, digest {record.digest()[:12]}"
    table = _table(title, "resource", "rows", "span", "known up to")
    table.add_column("sources")
    for name, resource in record.resources.items():
        times = [row[resource.time_field] for row in resource.rows] if resource.time_field else []
        years = [each.year if isinstance(each, date) else int(each) for each in times]
        dates = [field["name"] for field in resource.fields if field["name"].endswith("known_on")]
        known = [row[name] for row in resource.rows for name in dates if row[name] is not None]
        table.add_row(
            name,
            str(len(resource.rows)),
            f"{min(years)} to {max(years)}" if years else "",
            max(known).isoformat() if known else "",
            ", ".join(resource.sources),
        )
    return table


def _years(record: Record) -> list[int]:
    ends = [row["end"].year for row in record.table("observations")]
    return list(range(min(ends, default=FIRST_YEAR), max(ends, default=record.ends.year) + 1))


def _spans(years: Sequence[int]) -> str:
    """Return years in words, runs as "2013 to 2015"."""
    runs = [[year for _, year in run] for _, run in groupby(enumerate(years), key=lambda at: at[1] - at[0])]
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)


def _text(value: Any) -> Text:
    from rich.text import Text

    if isinstance(value, float):
        return Text(f"{value:.6g}" if abs(value) < 1e6 else f"{value:.0f}")
    return Text("" if value is None else str(value))
