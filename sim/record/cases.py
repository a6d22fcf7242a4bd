"""What is to be forecast: every origin, lead and outcome of the record, as `docs/declared.md` says.

Outcomes come from the whole record. What a forecaster may see comes from ``record.until(origin)``; it is given the case
without its outcome, see `Case.blind`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from sim.clock import is_half_year, month_end, month_number, month_start
from sim.mechanisms.choice import TEXT_KINDS, VOTE_OF, VOTES
from sim.quantities.catalogue import QUANTITIES, TARGETS
from sim.quantities.quantity import Scored
from sim.record.observations import Observation, Record

Kind = Literal["figure", "count", "votes", "event", "category"]

FIGURES = tuple(name for name, target in TARGETS.items() if isinstance(target.scored, Scored))
"""The continuous targets, a count among them: scored by CRPS and log score."""

UN_VOTES = "un_votes"
CHAPTER_WITHIN_YEAR = "chapter_within_year"
ALIGNMENT_HALF = "alignment_half"
SANCTIONS_WITHIN_YEAR = "sanctions_within_year"

CLASSES = (UN_VOTES, CHAPTER_WITHIN_YEAR, ALIGNMENT_HALF, SANCTIONS_WITHIN_YEAR)
"""The categorical targets: scored by the Brier score."""

LEADS = (6, 12, 24)
FIRST_ORIGIN = date(2016, 1, 1)
EVERY = 6
NEXT_WINDOW = 0
"""The lead of what is decided by the next published window, whenever that ends."""

YEAR = 12
HALF = 0.5
WITHIN_A_MONTH = timedelta(days=31)
WAVE_MONTHS = 3


@dataclass(frozen=True)
class Case:
    """One thing to be forecast at an origin, and how it came out.

    Attributes
    ----------
    target: one of `FIGURES` or `CLASSES`. lead: months; `NEXT_WINDOW` where a window decides.
    start, end: the figure's window, or the days within which the event falls; a text's day is its `end`.
    outcome: the figure; 0 or 1 of an event; the place of a vote in `VOTES`, of a posture in its categories.
    text: kind of a UN text, else empty. name: tells the texts of one day apart, else empty.
    """

    target: str
    kind: Kind
    origin: date
    lead: int
    start: date | None
    end: date
    outcome: float
    text: str = ""
    name: str = ""

    def blind(self) -> Case:
        """Return the case without its outcome: what a forecaster is asked."""
        return replace(self, outcome=math.nan)

    @property
    def half_year(self) -> bool:
        """Whether it is of the window of a half-year."""
        return is_half_year(self.start, self.end)

    @property
    def classes(self) -> int:
        """How many classes an outcome has, 0 for a figure or count."""
        classes = {"votes": len(VOTES), "event": 2, "category": len(QUANTITIES["posture"].categories)}
        return classes.get(self.kind, 0)


def figure_case(target: str, origin: date, start: date | None, end: date) -> Case:
    """Return a figure of a window, or of the day `end`, as it is asked for at an origin; its outcome is open."""
    kinds: dict[str, Kind] = {"binary": "event", "count": "count", "category": "category"}
    lead = month_number(end + timedelta(days=1)) - month_number(origin)
    return Case(target, kinds.get(QUANTITIES[target].kind, "figure"), origin, lead, start, end, math.nan)


def later(day: date, months: int) -> date:
    """Return the first day of the month `months` after that of `day`."""
    return month_start(month_number(day) + months)


def scored_until(record: Record) -> date:
    """Return the last day of which anything is scored: the end of the last month that the record covers."""
    return month_end(record.complete_until("war"))


def origins(
    record: Record,
    *,
    first: date = FIRST_ORIGIN,
    last: date | None = None,
    every: int = EVERY,
    leads: Sequence[int] = LEADS,
) -> tuple[date, ...]:
    """Return the origins: first days of months, from `first` to the last whose shortest lead can be scored.

    Raises ValueError if `first` is not the first day of a month, if `every` or a lead is below 1, or if none is left.
    """
    if first.day != 1:
        raise ValueError(f"an origin is the first day of a month; got {first}")
    if every < 1 or not leads or min(leads) < 1:
        raise ValueError(
            f"months between origins and leads are counted from 1; got {every} and {tuple(leads)}"
        )
    if first < month_start(1):
        raise ValueError(f"the record begins in January 2012: no origin before {month_start(1)}; got {first}")
    end = scored_until(record)
    limit = end if last is None else min(end, last)
    found = []
    day = first
    while day <= limit and later(day, min(leads)) <= end + timedelta(days=1):
        found.append(day)
        day = later(day, every)
    if not found:
        raise ValueError(f"no origin from {first} to {limit} whose lead of {min(leads)} months ends by {end}")
    return tuple(found)


def cases(record: Record, at: Sequence[date], *, leads: Sequence[int] = LEADS) -> tuple[Case, ...]:
    """Return every case of the origins `at`, by origin, then target, then lead."""
    end = scored_until(record)
    return tuple(
        case
        for origin in at
        for case in (
            *_figures(record, origin, leads),
            *_texts(record, origin, leads),
            *(event_case(record, target, origin) for target in CLASSES[1:]),
        )
        if case is not None and case.end <= end
    )


def event_case(record: Record, target: str, origin: date) -> Case | None:
    """Return the event of an origin, with what the record knows of it; None where that is not decided yet.

    Sanctions come once: no origin is asked for them at which they are already in force, as a hazard counts only those
    at risk. Rivals call it with the record as known at a later origin, to count how earlier ones came out.
    """
    if target == ALIGNMENT_HALF:
        return _alignment_half(record, origin)
    end = later(origin, YEAR) - timedelta(days=1)
    if month_number(end) > record.complete_until("accession" if target == CHAPTER_WITHIN_YEAR else "joins"):
        return None
    if target == CHAPTER_WITHIN_YEAR:
        days = [row["date"] for row in record.chapters_opened()]
    else:
        days = record.sanctions()
        if days and min(days) < origin:
            return None
    came = any(origin <= day <= end for day in days)
    return Case(target, "event", origin, YEAR, origin, end, float(came))


def chapters_by(record: Record, day: date) -> int:
    """Return how many chapters the record has as opened up to and including `day`."""
    return sum(row["date"] <= day for row in record.chapters_opened())


def text_cases(record: Record, origin: date, until: date) -> Iterator[Case]:
    """Yield the UN texts from `origin` to the day before `until`; procedural ballots do not count."""
    for row in record.table("un_votes"):
        if row["kind"] in TEXT_KINDS and origin <= row["date"] < until:
            vote = float(VOTES.index(VOTE_OF[row["vote"]]))
            told = row["date"], vote, row["kind"], row["resolution"]
            yield Case(UN_VOTES, "votes", origin, NEXT_WINDOW, None, *told)


def _texts(record: Record, origin: date, leads: Sequence[int]) -> Iterator[Case]:
    """Yield each text within the longest lead, at the shortest lead that reaches it."""
    for case in text_cases(record, origin, later(origin, max(leads))):
        yield replace(case, lead=min(lead for lead in leads if case.end < later(origin, lead)))


def _figures(record: Record, origin: date, leads: Sequence[int]) -> Iterator[Case]:
    for target in FIGURES:
        for lead in leads:
            due = later(origin, lead)
            if target == "chapters_opened":
                end = due - timedelta(days=1)
                if month_number(end) <= record.complete_until("accession"):
                    opened = float(chapters_by(record, end))
                    yield Case(target, "count", origin, lead, None, end, opened)
                continue
            for seen in _due(target, record.observations(target), due):
                yield Case(target, "figure", origin, lead, seen.start, seen.end, seen.value)


def _due(target: str, series: Sequence[Observation], due: date) -> list[Observation]:
    """Return the half-years and years that end within a month of `due`, or the wave that counts for it."""
    if in_waves(target):
        wave = wave_near((seen.end for seen in series), due)
        return [seen for seen in series if seen.end == wave]
    return [seen for seen in series if abs(seen.end - due) <= WITHIN_A_MONTH]


def in_waves(target: str) -> bool:
    """Return whether a quantity's figures come when they come, as polls do, and not with the calendar."""
    told = TARGETS[target].record if target in TARGETS else ()
    return told == ("observations",) and not QUANTITIES[target].window


def wave_near(waves: Iterable[date], due: date) -> date | None:
    """Return which of the waves counts for a day: the nearest, three months before or after it at most."""
    early, late = later(due, -WAVE_MONTHS), later(due, WAVE_MONTHS)
    return min((day for day in waves if early <= day <= late), key=lambda day: abs(day - due), default=None)


def _alignment_half(record: Record, origin: date) -> Case | None:
    """Return whether the first published half-year or year that ends after the origin has half or more."""
    series = record.observations("cfsp_alignment")
    seen = next((seen for seen in series if seen.end >= origin and seen.known_on > origin), None)
    if seen is None:
        return None
    came = float(seen.value >= HALF)
    return Case(ALIGNMENT_HALF, "event", origin, NEXT_WINDOW, seen.start, seen.end, came)
