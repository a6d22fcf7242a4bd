"""`serbia-sim data`: what the record holds, its sources and its gaps."""

import sys
from typing import Annotated

import typer

from sim.cli import options
from sim.cli.errors import refuse
from sim.cli.screen import console
from sim.country import DEFAULT


def data(
    resource: Annotated[
        str | None,
        typer.Argument(help="Print this table: on a terminal its columns, in a pipe all of it as CSV."),
    ] = None,
    state: options.State = DEFAULT,
) -> None:
    """Show what the record holds, its sources and its gaps."""
    from sim.cli.record_tables import show_record, show_resource, write_csv
    from sim.observations import Record

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
