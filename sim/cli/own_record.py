"""What a user adds to the record, for every command that learns, and whether an origin may lie beyond its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.errors import refuse, tell
from sim.stated import ALL_TABLES
from sim.words import counted

if TYPE_CHECKING:
    from sim.observations import Observation, Record


def own_record(folder: Path | None, as_of: date, state: str) -> Record | None:
    """Return a state's record with what a folder adds to it; None without one.

    Rows that cannot be used, or were known at the origin and are not weighed, are told on standard error; a folder
    without any that can be used ends the command.
    """
    if folder is None:
        return None
    from sim.additions import read_additions
    from sim.observations import Record, unweighed

    shipped = Record.load(state)
    more = read_additions(folder, shipped)
    for fault in more.faults:
        tell(str(fault))
    if not more.observations and not more.stated:
        refuse(f"{folder}: no row can be used")
    for row in more.observations:
        if row.known_on <= as_of and (why := unweighed(row, as_of)):
            tell(f"{folder}: {row.target} of {row.end} is added but not weighed: it is {why}")
    record = shipped.with_observations(more.observations).with_facts(more.stated)
    for name, day, why in record.not_imposed(as_of):
        tell(f"{folder}: {name} of {day} is added but not imposed: it is {why}")
    return record


def record_in_words(record: Record, as_of: date, *, learned: bool = True) -> str:
    """Return what was added to the shipped record, and how many observations are not weighed, and why."""
    return " ".join(filter(None, (_observed(record.added, as_of, learned=learned), _stated(record, as_of))))


def _observed(rows: Sequence[Observation], as_of: date, *, learned: bool) -> str:
    from sim.observations import unweighed

    if not rows:
        return ""
    few = counted(len(rows), "observation")
    if not learned:
        return f"{few} added to the record, and not weighed."
    why = Counter(filter(None, (unweighed(row, as_of) for row in rows)))
    reasons = "".join(f", {count:,} {reason}" for reason, count in sorted(why.items()))
    return f"{few} added to the record{reasons}{': not weighed' if why else ''}."


def _stated(record: Record, as_of: date) -> str:
    counts = record.stated.counted()
    idle = len(list(record.not_imposed(as_of)))
    more = f", {idle:,} not imposed" if idle else ""
    said = [f"{count:,} in {name}" for name, count in counts.items()]
    facts = f"{counted(sum(counts.values()), 'fact')} stated: {', '.join(said)}{more}." if said else ""
    covers = [
        f"{'the record' if name == ALL_TABLES else name} to {day}"
        for name, day in record.stated.covered.items()
    ]
    return " ".join(filter(None, (facts, f"Said to be all: {', '.join(covers)}." if covers else "")))
