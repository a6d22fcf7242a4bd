"""What the record says of a quantity, by day: the points beside a forecast, and what came of it.

The points of counts, prices and events follow from the record's tables; so does the gas discount, from the terms of the
contract in force and the recorded prices, with the middle of the contract's range where its slope is not certain. The
posture is judged by the model's own definition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np

from sim.clock import MONTHS_PER_YEAR, month_end, month_number
from sim.mechanisms.choice import POSTURES, TEXT_KINDS, WINDOW, classify
from sim.mechanisms.conditions import MMBTU_PER_1000_M3
from sim.mechanisms.energy import discount
from sim.quantities.catalogue import QUANTITIES, TARGETS, weighed
from sim.record.observations import Record


@dataclass(frozen=True)
class Point:
    """A recorded value, of a category its code; the day it is about (a window's end), when it became known."""

    day: date
    value: float
    known_on: date


def recorded(variable: str, record: Record) -> list[Point]:
    """Return what the record holds of a quantity, or of a target's window, from January 2012 on, by day.

    Empty where it holds nothing, as of what only the model knows.
    """
    reader = _READERS.get(variable)
    return [point for point in reader(record) if month_number(point.day) >= 0] if reader else []


def _published(target: str, months: int | None = None) -> Callable[[Record], list[Point]]:
    """Return a reader of a published series; of a windowed one the windows of so many months."""

    def read(record: Record) -> list[Point]:
        found = (seen for seen in record.observations(target) if months in (None, seen.months))
        return [Point(seen.end, seen.value, seen.known_on) for seen in found]

    return read


def _monthly(values: Iterable[tuple[int, float]]) -> list[Point]:
    """Return the points of values at the ends of months, known as soon as they are so."""
    return [Point(day, float(value), day) for month, value in values for day in [month_end(month)]]


def _chapters(record: Record) -> list[Point]:
    opened, last = (
        [month_number(row["date"]) for row in record.chapters_opened()],
        record.complete_until("accession"),
    )
    return _monthly((month, sum(m <= month for m in opened)) for month in range(last + 1))


def _sanctions(record: Record) -> list[Point]:
    first, last = min(map(month_number, record.sanctions()), default=None), record.complete_until("joins")
    return _monthly((month, first is not None and first <= month) for month in range(last + 1))


def _months_of(kind: str, table: str) -> Callable[[Record], list[Point]]:
    """Return a reader of whether a table has a row of a kind in a month."""

    def read(record: Record) -> list[Point]:
        held = {month_number(row["date"]) for row in record.table(table) if row["kind"] == kind}
        return _monthly((month, month in held) for month in range(record.complete_until("elections") + 1))

    return read


def _lapses(record: Record) -> list[Point]:
    last = max(month_number(row["end"]) for row in record.table("contracts"))
    return _monthly((month, False) for month in range(last + 1))  # one followed another


def _war(record: Record) -> list[Point]:
    regimes = QUANTITIES["war"].categories
    return _monthly((month_number(row["month"]), regimes.index(row["regime"])) for row in record.table("war"))


def _posture(record: Record) -> list[Point]:
    return _monthly((label.month, POSTURES.index(label.posture)) for label in recorded_labels(record))


def _price(column: str, factor: float) -> Callable[[Record], list[Point]]:
    def read(record: Record) -> list[Point]:
        known = (row for row in record.table("prices") if row[column] is not None)
        months = ((month_end(month_number(row["month"])), row) for row in known)
        return [Point(end, row[column] * factor, row["known_on"]) for end, row in months]

    return read


_market = _price("gas_usd_per_mmbtu", MMBTU_PER_1000_M3)
_brent = _price("brent_usd_per_bbl", 1.0)


def _contract(record: Record) -> list[Point]:
    oil = {month_number(point.day): point for point in _brent(record)}
    points = []
    for row in record.table("contracts"):
        last = min(month_number(row["end"] or row["contract_end"]), max(oil))
        for month in range(month_number(row["start"]), last + 1):
            day = month_end(month)
            if row["kind"] == "fixed":
                points.append(Point(day, row["price"], max(row["known_on"], day)))
            else:
                lagged = oil[month - row["lag_months"]]
                known_on = max(row["known_on"], lagged.known_on, day)
                points.append(Point(day, row["slope"] * lagged.value, known_on))
    return points


def _discount(record: Record) -> list[Point]:
    market = {point.day: point for point in _market(record)}
    return [
        Point(
            paid.day,
            float(discount(np.array(paid.value), np.array(market[paid.day].value))),
            max(paid.known_on, market[paid.day].known_on),
        )
        for paid in _contract(record)
        if paid.day in market
    ]


_MONTHS = {"month end": None, "half-year": MONTHS_PER_YEAR // 2, "year": MONTHS_PER_YEAR}
_READERS: dict[str, Callable[[Record], list[Point]]] = {
    **{
        name: _published(target, _MONTHS[window])
        for target in weighed()
        for window, published in TARGETS[target].published.items()
        for name in (target, published)  # of two windows the longer, which comes last, stands for the target
    },
    "chapters_opened": _chapters,
    "posture": _posture,
    "war": _war,
    "sanctions": _sanctions,
    "election": _months_of("parliamentary", "elections"),
    "coalition_change": _months_of("coalition", "turns"),
    "contract_lapsed": _lapses,
    "market_price": _market,
    "brent": _brent,
    "contract_price": _contract,
    "gas_discount": _discount,
}


FIRST_MONTH = 26
"""March 2014: before it there were no Russia-related declarations and no posture."""

_NAMED_CLASSES = ("individual", "sectoral", "crimea", "yanukovych", "belarus")
_BELARUS_FROM = 121  # February 2022, from which measures on Belarus count as Russia-related


@dataclass(frozen=True)
class Label:
    """The posture at a month's end: what it rests on, and its name.

    Attributes
    ----------
    month: month number. posture: ally, balancer or opponent.
    named_joins: Russia-related measures that the record names as joined, over the twelve months.
    votes_with, votes: UN votes on Ukraine and Crimea texts in the last twelve months that had one.
    """

    month: int
    posture: str
    named_joins: int
    votes_with: int
    votes: int


def recorded_labels(record: Record) -> list[Label]:
    """Return the posture of each month that the record covers, from March 2014 on.

    The record seldom counts Russia-related declarations by class. Its named joins are therefore taken as all there
    were, and as fewer than a tenth of those issued, so that votes decide between ally and balancer. Sanctions alone
    make an opponent: once they are in force no vote need be known.
    """
    voted, last = record.complete_until("un_votes"), record.complete_until("joins")
    joined = (row for row in record.table("joins") if row["joined"] and row["class"] in _NAMED_CLASSES)
    by_month = ((month_number(row["date"]), row["class"]) for row in joined)
    joins = [month for month, kind in by_month if kind != "belarus" or month >= _BELARUS_FROM]
    imposed = min(map(month_number, record.sanctions()), default=last + 1)
    counted = (row for row in record.table("un_votes") if row["kind"] in TEXT_KINDS)
    texts = [(month_number(row["date"]), row["vote"] == "no") for row in counted]
    labels, held = [], (0, 0)
    for month in range(FIRST_MONTH, last + 1):
        if voted < month < imposed:
            continue
        seen = [with_russia for m, with_russia in texts if month - WINDOW < m <= month]
        held = (sum(seen), len(seen)) if seen else held
        named = sum(month - WINDOW < m <= month for m in joins)
        # the classes are not counted: stand in a number of issued texts of which the named joins are below a tenth
        figures = (float(imposed <= month), 10.0 * named + 20.0, float(named), *map(float, held))
        code = classify(*(np.array([figure]) for figure in figures))
        labels.append(Label(month, POSTURES[int(code[0])], named, *held))
    return labels
