"""What a run says, as probabilities: answers to questions, and of sanctions and posture month by month."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import xarray as xr

from sim.arrays import BoolArray, FloatArray
from sim.clock import is_half_year, month_end
from sim.forecasting.errors import error_of_share, islands_of
from sim.forecasting.samples import Pool, samples_by_month
from sim.quantities.catalogue import QUANTITIES
from sim.runs.members import at
from sim.scenario import Question, Scenario
from sim.scenario.questions import COMPARISONS


@dataclass(frozen=True, kw_only=True)
class Chance:
    """The probability of an event.

    Attributes
    ----------
    probability: share of members in which it came true.
    mcse: Monte Carlo standard error, of members and of the filter (`sim.forecasting.errors.error_of_share`).
    members: number of members that answered.
    judged: the probability under each other judgement that the record cannot settle, by its id; empty where nothing was
        learned, since before that every prior is judgement.
    """

    probability: float
    mcse: float
    members: int
    judged: dict[str, float] = field(default_factory=dict)

    @property
    def low(self) -> float | None:
        """The least probability under any judgement; None where nothing was learned."""
        return min(self.probability, *self.judged.values()) if self.judged else None

    @property
    def high(self) -> float | None:
        """The greatest probability under any judgement; None where nothing was learned."""
        return max(self.probability, *self.judged.values()) if self.judged else None

    def cells(self) -> dict[str, object]:
        """Return it as the columns of a table: what it is of, then this; a range that is not known stays empty."""
        said = ("probability", "mcse", "low", "high", "members")
        about = {name: told for name, told in vars(self).items() if name not in (*said, "judged")}
        return {**about, **{name: getattr(self, name) for name in said}, **self.judged}


@dataclass(frozen=True, kw_only=True)
class Answer(Chance):
    """The answer to a question: the probability that its event comes true.

    `pooled` is that of the pooled forecast, where the question is about a figure of which the rival says something.
    """

    id: str
    text: str
    pooled: float | None = None


def answer(data: xr.Dataset, question: Question, scenario: Scenario, pool: Pool | None = None) -> Answer:
    """Return the probability that the question's event comes true in the run, and in the pooled forecast if given."""
    hits = came_true(data, question, scenario)
    moved = came_true_pooled(data, question, scenario, pool)
    return Answer(
        id=question.id,
        text=question.text,
        probability=float(hits.mean()),
        mcse=error_of_share(hits, islands_of(data)),
        members=hits.size,
        pooled=None if moved is None else float(moved.mean()),
    )


def came_true_pooled(
    data: xr.Dataset, question: Question, scenario: Scenario, pool: Pool | None
) -> BoolArray | None:
    """Return in which members the event comes true by their pooled figures; None where there are none."""
    half = is_half_year(question.start, question.last_day)
    if pool is None or pool.rival(question.target, question.last_month, half_year=half) is None:
        return None
    return came_true(data, question, scenario, pool.by_month)


def came_true(
    data: xr.Dataset,
    question: Question,
    scenario: Scenario,
    read: Callable[..., Iterator[FloatArray]] = samples_by_month,
) -> BoolArray:
    """Return in which members the question's event comes true, shape (members,); `read` reads their figures."""
    first = question.last_month if question.ever_by is None else scenario.first_month
    months = range(first, question.last_month + 1)
    hits = np.zeros(data.sizes["member"], dtype=bool)
    half = is_half_year(question.start, question.last_day)
    for values in read(data, question.target, months, half_year=half):
        hits |= holds(values, question.target, vars(question))
    return hits


def holds(values: FloatArray, target: str, said: Mapping[str, Any]) -> BoolArray:
    """Return whether the one comparison that is said of a target holds at its values, shape as theirs."""
    ((comparison, wanted),) = ((name, said[name]) for name in COMPARISONS if said.get(name) is not None)
    if comparison == "at_least":
        return np.asarray(values >= float(wanted))
    if comparison == "at_most":
        return np.asarray(values <= float(wanted))
    if comparison == "between":
        low, high = wanted
        return np.asarray((values >= float(low)) & (values <= float(high)))
    categories = QUANTITIES[target].categories
    return np.asarray(values == (categories.index(wanted) if categories else float(wanted)))


IN_FORCE, IMPOSED = "in force", "imposed"
"""The two readings of sanctions: at the date, and at any time from the origin to the date."""


@dataclass(frozen=True, kw_only=True)
class Dated(Chance):
    """The probability that a target stands so at a month's end, or for sanctions has stood so since the origin."""

    target: str
    category: str
    date: date


def monthly(data: xr.Dataset, scenario: Scenario) -> Iterator[tuple[str, str, int, BoolArray]]:
    """Yield target, category, month and in which members it stands so, shape (members,), from the origin on."""
    months = range(scenario.first_month, scenario.last_month + 1)
    sanctions = at(data, "sanctions", months) > 0.0
    posture = at(data, "posture", months).astype(np.int8)
    imposed = np.zeros(len(sanctions), dtype=bool)
    for place, month in enumerate(months):
        imposed = imposed | sanctions[:, place]
        yield "sanctions", IN_FORCE, month, sanctions[:, place]
        yield "sanctions", IMPOSED, month, imposed
        for code, category in enumerate(QUANTITIES["posture"].categories):
            yield "posture", category, month, np.asarray(posture[:, place] == code)


def dated(data: xr.Dataset, scenario: Scenario) -> list[Dated]:
    """Return the probabilities of `monthly`, without a range."""
    islands = islands_of(data)
    return [
        Dated(
            target=target,
            category=category,
            date=month_end(month),
            probability=float(hits.mean()),
            mcse=error_of_share(hits, islands),
            members=hits.size,
        )
        for target, category, month, hits in monthly(data, scenario)
    ]
