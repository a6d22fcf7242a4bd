"""Dates of a merged scenario against one another: what lies before its origin or beyond its end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from sim.clock import month_number, month_start
from sim.scenario.lines import KeyPath
from sim.scenario.model import Event, Question
from sim.scenario.problems import Fault, Findings
from sim.scenario.source import Source
from sim.scenario.toml_text import shown

FIRST_AS_OF = dt.date(2012, 2, 1)
LAST_AS_OF = dt.date(2035, 12, 31)
YEARS_LIMIT = 30

Place = tuple[Source, KeyPath]


def check_dates(
    header: Mapping[str, tuple[Any, Place]],
    events: Iterable[tuple[Event, Place]],
    questions: Iterable[tuple[Question, Place]],
    findings: Findings,
) -> None:
    """Note every date that is out of order; what has no date of its own to be held against is passed over."""
    as_of, until = _date("as_of", header), _date("until", header)
    if as_of is not None and not FIRST_AS_OF <= as_of <= LAST_AS_OF:
        allowed = f"{FIRST_AS_OF} to {LAST_AS_OF}"
        findings.add(*header["as_of"][1], _fault("as_of lies outside of the model's time", as_of, allowed))
        return
    if as_of is None or until is None:
        return
    limit = dt.date(as_of.year + YEARS_LIMIT, as_of.month, 28)
    if not as_of < until <= limit:
        what = "until is not after as_of" if until <= as_of else "until is too far ahead"
        findings.add(*header["until"][1], _fault(what, until, f"after {as_of}, up to {limit}"))
        return
    for event, place in events:
        _check_event(event, place, as_of, until, findings)
    for question, place in questions:
        _check_question(question, place, as_of, until, findings)


def _check_event(event: Event, place: Place, as_of: dt.date, until: dt.date, findings: Findings) -> None:
    source, path = place
    first = month_start(month_number(as_of))
    allowed = f"{first} to {until}"
    if event.date < first:
        what = "the event lies before the month of as_of: history is the record's"
        fault = _fault(what, event.date, allowed, "move it, or move as_of back")
        findings.add(source, (*path, "date"), fault)
    elif event.date > until:
        what = "the event lies after the scenario's end"
        findings.add(source, (*path, "date"), _fault(what, event.date, allowed, "move it, or move until on"))


def _check_question(
    question: Question, place: Place, as_of: dt.date, until: dt.date, findings: Findings
) -> None:
    source, path = place
    key = "at" if question.at else "ever_by" if question.ever_by else "end"
    allowed = f"{as_of} to {until}"
    if question.last_day > until:
        what = "the question reaches beyond the scenario's end"
        fault = _fault(what, question.last_day, allowed, "ask earlier, or move until on")
        findings.add(source, (*path, key), fault)
    elif question.last_day < as_of:
        what = "the question was settled before as_of"
        findings.add(source, (*path, key), _fault(what, question.last_day, allowed, "ask later"))


def _date(key: str, header: Mapping[str, tuple[Any, Place]]) -> dt.date | None:
    return header[key][0] if key in header else None


def _fault(what: str, given: dt.date, allowed: str, todo: str = "change the date") -> Fault:
    return Fault(what, shown(given), allowed, todo)
