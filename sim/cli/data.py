"""`serbia-sim data`: what the record holds, its sources and its gaps, as tables for the terminal or CSV for a pipe."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
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
    if sys.stdout.isatty():
        show_resource(record.resources[resource], console(highlight=False))
    else:
        write_csv(record.resources[resource])


PROVENANCE = ("known_basis", "source", "url", "reason")
"""Columns that a terminal is too narrow for; a pipe gets them."""

SIDE_BY_SIDE = 3
"""Rows that stand beside one another where a table has more columns than rows."""

DERIVED = {
    name: ", ".join(target.record) for name, target in TARGETS.items() if "observations" not in target.record
}
"""Targets without a published series of their own, and the resources that they follow from."""


def show_record(record: Record, console: Console) -> None:
    """Print resources, observations over time and gaps."""
    console.print(_overview(record))
    console.print(_coverage(record))
    follows = "; ".join(f"{target} from {resources}" for target, resources in DERIVED.items())
    console.print(f"Derived: {follows}.")
    covered = (f"{name} to {record.resources[name].covers_until}" for name in record.covered())
    console.print(
        f"The record ends on {record.ends}. No row means that nothing happened in {', '.join(covered)}.\n"
    )
    missing = _table("What is missing", "resource")
    missing.add_column("gap")
    for name, found in groupby(gaps(record), key=lambda each: each[0]):
        for number, (_, gap) in enumerate(found):
            missing.add_row("" if number else name, gap)
    console.print(missing)


def show_resource(resource: Resource, console: Console) -> None:
    """Print one table without its provenance columns, then its sources, terms and gaps."""
    fields = [field for field in resource.fields if field["name"] not in PROVENANCE]
    if len(fields) > len(resource.rows):  # few rows with much to say: one column for each, a few side by side
        for first in range(0, len(resource.rows), SIDE_BY_SIDE):
            console.print(_upright(resource, fields, first))
    else:
        console.print(_flat(resource, fields))
    console.print(f"Sources: {', '.join(resource.sources)}. Terms: {resource.licence}.")
    for gap in resource.gaps:
        console.print(f"Missing: {gap}")
    console.print("Every row has its own source, address and reason: pipe this command to see them.")


def write_csv(resource: Resource) -> None:
    """Write all columns of a table to standard output, as in its file."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    names = [field["name"] for field in resource.fields]
    writer.writerow(names)
    for row in resource.rows:
        writer.writerow([safe_cell(row[name]) for name in names])


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


def _flat(resource: Resource, fields: Sequence[Mapping[str, Any]]) -> Table:
    table = _table(resource.title)
    for field in fields:
        side: Literal["right", "left"] = "right" if field["type"] in ("number", "integer") else "left"
        table.add_column(field["name"], justify=side, no_wrap=field["type"] != "string", overflow="fold")
    for row in resource.rows:
        table.add_row(*(_text(row[field["name"]]) for field in fields))
    return table


def _upright(resource: Resource, fields: Sequence[Mapping[str, Any]], first: int) -> Table:
    rows = resource.rows[first : first + SIDE_BY_SIDE]
    table = _table(resource.title if first == 0 else "")
    table.add_column("", no_wrap=True, min_width=max(len(field["name"]) for field in fields))
    for number in range(first, first + len(rows)):
        table.add_column(f"row {number + 1}", overflow="fold")
    for field in fields:
        table.add_row(field["name"], *(_text(row[field["name"]]) for row in rows))
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


def _coverage(record: Record) -> Table:
    years = _years(record)
    heads = (f"{year % 100:02d}" for year in years)
    table = _table("Observations by the year in which they end", "target", *heads)
    for target in weighed():
        counts = Counter(item.end.year for item in record.observations(target))
        table.add_row(target, *(str(counts[year] or ".") for year in years))
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
