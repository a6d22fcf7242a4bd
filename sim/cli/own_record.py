"""What a user adds to the record, for every command that learns, and whether an origin may lie beyond its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.errors import WRONG_INPUT, fail, tell

if TYPE_CHECKING:
    from sim.observations import Observation, Record

RecordOption = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Folder of CSV files: target,start,end,value,trials,source,known_on. They add to the shipped record.",
        show_default=False,
    ),
]
BeyondRecordOption = Annotated[
    bool,
    typer.Option(
        "--beyond-record",
        help="Take an origin after the record's end: the months between are simulated, and shown grey.",
    ),
]


def own_record(folder: Path | None, as_of: date) -> Record | None:
    """Return the shipped record with the observations of a folder; None without one.

    Rows that cannot be used, or were known at the origin and are not weighed, are told on standard error; a folder
    without any that can be used ends the command.
    """
    if folder is None:
        return None
    from sim.observation_file import ObservationFileError, read_additions
    from sim.observations import Record, unweighed

    shipped = Record.load()
    try:
        rows, faults = read_additions(folder, shipped)
    except ObservationFileError as error:
        fail(str(error), status=WRONG_INPUT)
    for fault in faults:
        tell(str(fault))
    if not rows:
        fail(f"{folder}: no row can be used", status=WRONG_INPUT)
    for row in rows:
        if row.known_on <= as_of and (why := unweighed(row, as_of)):
            tell(f"{folder}: {row.target} of {row.end} is added but not weighed: it is {why}")
    return shipped.with_observations(rows)


def record_in_words(added: Iterable[Observation], as_of: date, *, learned: bool = True) -> str:
    """Return how many observations were added to the shipped record, and how many of them are not weighed, and why."""
    from sim.observations import unweighed

    rows = list(added)
    few = "1 observation" if len(rows) == 1 else f"{len(rows):,} observations"
    if not learned:
        return f"{few} added to the record, and not weighed."
    why = Counter(filter(None, (unweighed(row, as_of) for row in rows)))
    reasons = "".join(f", {count:,} {reason}" for reason, count in sorted(why.items()))
    return f"{few} added to the record{reasons}{': not weighed' if why else ''}."
