"""Dates of a merged scenario against one another: what lies before its origin or beyond its end."""

from __future__ import annotations

import datetime as dt

from sim.clock import month_number, month_start
from sim.scenario.draft import Draft
from sim.scenario.problems import Fault, Findings
from sim.scenario.toml_text import shown

FIRST_AS_OF = dt.date(2012, 2, 1)
LAST_AS_OF = dt.date(2035, 12, 31)
YEARS_LIMIT = 30


def check_dates(draft: Draft, findings: Findings) -> None:
    """Note every date out of order, as far as `as_of` and `until` are there to hold it against."""
    if "as_of" not in draft.header:
        return
    as_of, as_of_place = draft.header["as_of"]
    if not FIRST_AS_OF <= as_of <= LAST_AS_OF:
        allowed = f"{FIRST_AS_OF} to {LAST_AS_OF}"
        findings.add(*as_of_place, _fault("as_of lies outside of the model's time", as_of, allowed))
        return
    if "until" not in draft.header:
        return
    until, until_place = draft.header["until"]
    limit = dt.date(as_of.year + YEARS_LIMIT, as_of.month, 28)
    if not as_of < until <= limit:
        what = "until is not after as_of" if until <= as_of else "until is too far ahead"
        findings.add(*until_place, _fault(what, until, f"after {as_of}, up to {limit}"))
        return
    _check_events(draft, as_of, until, findings)
    _check_questions(draft, as_of, until, findings)


def _check_events(draft: Draft, as_of: dt.date, until: dt.date, findings: Findings) -> None:
    first = month_start(month_number(as_of))
    allowed = f"{first} to {until}"
    for day, place in draft.event_days:
        if day < first:
            what = "the event lies before the month of as_of: history is the record's"
            findings.add(*place, _fault(what, day, allowed, "move it, or move as_of back"))
        elif day > until:
            what = "the event lies after the scenario's end"
            findings.add(*place, _fault(what, day, allowed, "move it, or move until on"))


def _check_questions(draft: Draft, as_of: dt.date, until: dt.date, findings: Findings) -> None:
    allowed = f"{as_of} to {until}"
    for day, place in draft.question_days.values():
        if day > until:
            what = "the question reaches beyond the scenario's end"
            findings.add(*place, _fault(what, day, allowed, "ask earlier, or move until on"))
        elif day < as_of:
            findings.add(*place, _fault("the question was settled before as_of", day, allowed, "ask later"))


def _fault(what: str, given: dt.date, allowed: str, todo: str = "change the date") -> Fault:
    return Fault(what, shown(given), allowed, todo)
