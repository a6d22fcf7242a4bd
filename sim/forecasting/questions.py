"""Questions answered with a probability and the error of the simulation behind it."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, TextIO

import numpy as np
from numpy.typing import NDArray

from sim.catalogue import QUANTITIES
from sim.clock import month_number
from sim.forecasting.samples import samples
from sim.scenario import Question, Scenario

if TYPE_CHECKING:
    import xarray as xr

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Answer:
    """The probability of a question's event.

    Attributes
    ----------
    probability: share of members in which it came true.
    mcse: Monte Carlo standard error, ``sqrt(p (1 - p) / members)`` at ``p = (hits + 1/2) / (members + 1)``, so that it
        is never 0: no hit among 4,096 members does not prove a chance of nothing.
    low, high: range over the judgement that the record cannot settle; None where nothing was learned.
    members: number of members that answered.
    """

    id: str
    text: str
    probability: float
    mcse: float
    low: float | None
    high: float | None
    members: int


def answer(data: xr.Dataset, question: Question, scenario: Scenario) -> Answer:
    """Return the probability that the question's event comes true in the run."""
    hits = came_true(data, question, scenario)
    size = hits.size
    shrunk = (float(hits.sum()) + 0.5) / (size + 1.0)
    mcse = (shrunk * (1.0 - shrunk) / size) ** 0.5
    return Answer(question.id, question.text, float(hits.mean()), mcse, None, None, size)


def write_answers(answers: Sequence[Answer], file: TextIO) -> None:
    """Write the answers as CSV; a range that is not known stays empty."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([field.name for field in fields(Answer)])
    for item in answers:
        cells = ["" if cell is None else cell for cell in asdict(item).values()]
        writer.writerow([f"{cell:.6g}" if isinstance(cell, float) else cell for cell in cells])


def came_true(data: xr.Dataset, question: Question, scenario: Scenario) -> BoolArray:
    """Return in which members the question's event comes true, shape (members,)."""
    if question.ever_by is not None:
        months = range(scenario.first_month, month_number(question.ever_by) + 1)
        hits = np.zeros(data.sizes["member"], dtype=bool)
        for month in months:
            hits |= _holds(data, question, month, half_year=False)
        return hits
    half_year = (
        question.start is not None and month_number(question.last_day) - month_number(question.start) < 6
    )
    return _holds(data, question, month_number(question.last_day), half_year=half_year)


def _holds(data: xr.Dataset, question: Question, month: int, *, half_year: bool) -> BoolArray:
    values = samples(data, question.target, month, half_year=half_year)
    if question.at_least is not None:
        return np.asarray(values >= question.at_least)
    if question.at_most is not None:
        return np.asarray(values <= question.at_most)
    if question.between is not None:
        low, high = question.between
        return np.asarray((values >= low) & (values <= high))
    wanted = question.equals
    if isinstance(wanted, str):
        wanted = QUANTITIES[question.target].categories.index(wanted)
    return np.asarray(values == wanted)
