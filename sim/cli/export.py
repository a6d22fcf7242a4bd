"""`serbia-sim export`: members' values and tables as CSV or Parquet, forecasts as a hub."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.errors import WRONG_INPUT, fail
from sim.cli.runs import RESULTS, OutputOption, RunArgument, load_run


def export(
    name: RunArgument,
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]...",
            help="Recorded quantities and parameters, of every member; or one of the run's tables.",
            show_default=False,
        ),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write it here; the suffix says how: .csv or .parquet. Else CSV is printed.",
            show_default=False,
        ),
    ] = None,
    hub: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Write the forecasts as a hub of the Hubverse instead, or add them to one made so.",
            show_default=False,
        ),
    ] = None,
    output: OutputOption = RESULTS,
) -> None:
    """Export what a run says for other programs: values of its members, a table, or its forecasts as a hub.

    Values have a row for each member and month, a table (forecast, questions, ranges, summary) its own rows. Text that
    a spreadsheet would take for a formula begins with an apostrophe in CSV. Parquet needs the extra `parquet`.

    A hub is a folder by the Hubverse's schemas, version 6.0.0: its configuration, this model's and the pooled
    forecasts, and what came by the record.
    """
    from sim.exports import ExportError, as_csv, values_of, write, write_hub

    if (hub is None) == (not what) or (hub is not None and save is not None):
        fail("name what to export, with --save FILE for a file; or --hub DIR alone", status=WRONG_INPUT)
    run = load_run(name, output)
    try:
        if hub is not None:
            print("\n".join(str(path) for path in write_hub(run, hub)))
        elif save is not None:
            write(values_of(run, what or []), save)
            print(save)
        else:
            print(as_csv(values_of(run, what or [])), end="")
    except ExportError as error:
        fail(str(error), status=WRONG_INPUT)
