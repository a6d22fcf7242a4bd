"""The tables of a run, as rows and as text.

The forecast is one long table for every kind of forecast, in the hubverse's columns (model output format of the
Hubverse documentation): a row is a task, an output type and its value; which rows are valid follows from the table of
quantities. The summary, for people, has every outcome at each year's end.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

import xarray as xr

from sim.arrays import FloatArray
from sim.clock import MONTHS_PER_YEAR, calendar_month, month_end, month_start
from sim.forecasting.errors import error_of_share, islands_of, standard_error
from sim.forecasting.questions import Answer, Chance, Dated
from sim.forecasting.samples import Pool, outcome_by_month, pool_of, quantiles, samples_by_month, year_ends
from sim.names import Row, rows_of, safe_cell
from sim.quantities.catalogue import QUANTITIES, TARGETS, askable
from sim.quantities.quantity import Scored, Target
from sim.record.observations import Record
from sim.rivals import POOLED
from sim.scenario import Scenario

QUANTILE_LEVELS = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)

MODEL = "model"

UNDEFINED = "undefined"
"""Stands among the categories of posture for histories in which there is none yet, since there was no war."""


class Task(NamedTuple):
    """One row of the forecast table.

    `model_id` is `MODEL` or `sim.rivals.POOLED`; `days_beyond_record` are simulated though they lie before the
    origin.
    """

    model_id: str
    origin_date: date
    days_beyond_record: int
    target: str
    target_start_date: date | None
    target_end_date: date
    output_type: str
    output_type_id: str
    value: float


def forecast_rows(
    data: xr.Dataset, scenario: Scenario, pool: Pool | None = None, *, days_beyond_record: int = 0
) -> Iterator[Task]:
    """Yield the forecast of every target at every date in the scenario's horizon, and the pooled ones.

    A pooled forecast is of the figures of which the rival says something, at dates on its grid: ends of half-years or
    of years.
    """
    readers = {MODEL: samples_by_month} if pool is None else {MODEL: samples_by_month, POOLED: pool.by_month}
    for model, read in readers.items():
        for name, target in TARGETS.items():
            windows = [
                window
                for window in _windows(target, scenario)
                if pool is None or model == MODEL or _is_pooled(pool, name, *window[1:])
            ]
            found = {
                (month, half): list(_outputs(name, target, values))
                for half in (False, True)
                if (months := [month for _, month, is_half in windows if is_half == half])
                for month, values in zip(months, read(data, name, months, half_year=half), strict=True)
            }
            for start, month, half in windows:
                when = (start, month_end(month))
                for output, label, value in found[month, half]:
                    yield Task(model, scenario.as_of, days_beyond_record, name, *when, output, label, value)


def _is_pooled(pool: Pool, target: str, month: int, half_year: bool) -> bool:
    how = TARGETS[target].scored
    if not isinstance(how, Scored) or (month + 1) % (MONTHS_PER_YEAR // how.steps):
        return False
    return pool.rival(target, month, half_year=half_year) is not None


def _windows(target: Target, scenario: Scenario) -> Iterator[tuple[date | None, int, bool]]:
    """Yield (start, last month, whether a half-year) of every window that ends in the horizon."""
    for month in range(scenario.first_month, scenario.last_month + 1):
        of_year = calendar_month(month)
        if "month end" in target.published:
            yield None, month, False
        if "half-year" in target.published and of_year in (6, 12):
            yield month_start(month - 5), month, True
        if "year" in target.published and of_year == 12:
            yield month_start(month - MONTHS_PER_YEAR + 1), month, False


def _outputs(name: str, target: Target, values: FloatArray) -> Iterator[tuple[str, str, float]]:
    quantity = QUANTITIES[name]
    for output in target.outputs:
        if output == "mean":
            yield "mean", "", float(values.mean())
        elif output == "median":
            yield "median", "", float(quantiles(values, [0.5], discrete=quantity.discrete)[0])
        elif output == "quantile":
            found = quantiles(values, QUANTILE_LEVELS, discrete=quantity.discrete)
            for level, value in zip(QUANTILE_LEVELS, found, strict=True):
                yield "quantile", f"{level:g}", float(value)
        else:
            codes = quantity.categories or range(int(quantity.low or 0), int(quantity.high or 0) + 1)
            for code, label in enumerate(codes):
                yield "pmf", str(label), float((values == code).mean())
            if (undefined := float((values < 0).mean())) > 0.0:  # no war, no posture towards it
                yield "pmf", UNDEFINED, undefined


class Outcome(NamedTuple):
    """An outcome at a date: median and central 90 per cent of members; for a category or 0/1 the probability.

    `mcse` is the Monte Carlo standard error of `mean`, of members and of the filter (`sim.forecasting.errors`).
    """

    target: str
    category: str
    date: date
    mean: float
    mcse: float
    median: float | None
    low: float | None
    high: float | None


def outcomes(data: xr.Dataset, name: str, months: Sequence[int]) -> Iterator[Outcome]:
    """Yield an outcome at the ends of these months; a windowed one only of those with which its year ends."""
    islands, discrete = islands_of(data), QUANTITIES[name].discrete
    for month, category, values in outcome_by_month(data, name, months):
        chance, middle = values.dtype == bool, [None, None, None]
        if not chance:
            middle = quantiles(values, [0.5, 0.05, 0.95], discrete=discrete).tolist()
        error = (error_of_share if chance else standard_error)(values, islands)
        yield Outcome(name, category, month_end(month), float(values.mean()), error, *middle)


def summary(data: xr.Dataset, scenario: Scenario) -> list[Outcome]:
    """Return the outcomes of each year's end and of the last month, by date."""
    months = year_ends(scenario.first_month, scenario.last_month)
    # one variable after another, since all may not fit into memory
    found = [each for name in askable() for each in outcomes(data, name, months)]
    return sorted(found, key=lambda each: each.date)


Judged = tuple[list[Answer], list[Dated]]
"""Answers to questions, and what is said month by month, under every judgement."""


def table_text(name: str, data: xr.Dataset, scenario: Scenario, record: Record, judged: Judged) -> str:
    """Return a table of `sim.runs.storing.TABLES` as the run folder holds it, CSV.

    Numbers have six significant digits; probabilities more, so that those of all categories add up to 1.
    """
    answers, months = judged
    match name:
        case "forecast":
            pool, beyond = pool_of(scenario, record), record.days_beyond(scenario.as_of)
            tasks = forecast_rows(data, scenario, pool, days_beyond_record=beyond)
            return _text(Task._fields, ((task, 12 if task.output_type == "pmf" else 6) for task in tasks))
        case "questions":
            columns = ("id", "text", "pooled", "probability", "mcse", "low", "high", "members")
            return chances_text(answers, columns)
        case "ranges":
            return chances_text(months)
        case _:
            return _text(Outcome._fields, ((outcome, 6) for outcome in summary(data, scenario)))


def chances_text(chances: Sequence[Chance], columns: Sequence[str] = ()) -> str:
    """Return answers, or other chances, as CSV; `columns` are those of a table without rows."""
    rows = [chance.cells() for chance in chances]
    return _text(rows[0] if rows else columns, ((row.values(), 12) for row in rows))


def _text(columns: Iterable[str], rows: Iterable[tuple[Iterable[object], int]]) -> str:
    """Return a table as CSV, given the cells of each row and to how many digits its numbers go; None is empty."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for cells, digits in rows:
        writer.writerow(
            f"{cell:.{digits}g}" if isinstance(cell, float) else "" if cell is None else safe_cell(cell)
            for cell in cells
        )
    return text.getvalue()


def table(name: str, **made: Any) -> list[Row]:
    """Return a table as it would be read from the run folder."""
    return rows_of(io.StringIO(table_text(name, **made), newline=""))
