"""A scenario while its files are merged."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sim.parameters import Prior
from sim.scenario.file_format import FileEvent, FileQuestion
from sim.scenario.lines import KeyPath
from sim.scenario.source import Source

Place = tuple[Source, KeyPath]
"""Which file gave a part, and under which key."""


class StatedBelief(NamedTuple):
    """A belief as a file states it, its prior made."""

    prior: Prior
    source: str


@dataclass
class Draft:
    """What the files said so far, base first: each part with the place that gave it.

    `chain` goes from the file that was read to its last base. `event_days` and `question_days` hold the dates of
    entries that are otherwise wrong, too, so that a date out of order is told in the same reading.
    """

    chain: list[Source]
    header: dict[str, tuple[Any, Place]] = field(default_factory=dict)
    beliefs: dict[str, tuple[StatedBelief, Place]] = field(default_factory=dict)
    events: list[tuple[FileEvent, Place]] = field(default_factory=list)
    questions: dict[str, tuple[FileQuestion, Place]] = field(default_factory=dict)
    event_days: list[tuple[dt.date, Place]] = field(default_factory=list)
    question_days: dict[str, tuple[dt.date, Place]] = field(default_factory=dict)
