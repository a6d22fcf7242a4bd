"""The state's posture from the record alone, by the model's own definition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.clock import month_number
from sim.mechanisms.choice import TEXT_KINDS
from sim.mechanisms.posture import POSTURES, WINDOW, classify
from sim.observations import Record

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
    were, and as fewer than a tenth of those issued, so that votes decide between ally and balancer.
    """
    last = min(record.complete_until("un_votes"), record.complete_until("joins"))
    joins = [
        month_number(row["date"])
        for row in record.table("joins")
        if row["joined"] and row["class"] in _NAMED_CLASSES
        if row["class"] != "belarus" or month_number(row["date"]) >= _BELARUS_FROM
    ]
    sanctions = [
        month_number(row["date"])
        for row in record.table("joins")
        if row["joined"] and row["counts_as_sanctions"]
    ]
    texts = [
        (month_number(row["date"]), row["vote"] == "no")
        for row in record.table("un_votes")
        if row["kind"] in TEXT_KINDS
    ]
    labels, held = [], (0, 0)
    for month in range(FIRST_MONTH, last + 1):
        seen = [with_russia for m, with_russia in texts if month - WINDOW < m <= month]
        held = (sum(seen), len(seen)) if seen else held
        named = sum(month - WINDOW < m <= month for m in joins)
        in_force = any(m <= month for m in sanctions)
        # the classes are not counted: stand in a number of issued texts of which the named joins are below a tenth
        figures = (float(in_force), 10.0 * named + 20.0, float(named), *map(float, held))
        code = classify(*(np.array([figure]) for figure in figures))
        labels.append(Label(month, POSTURES[int(code[0])], named, *held))
    return labels
