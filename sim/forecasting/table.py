"""The forecast table: one long table for every kind of forecast, in the hubverse's columns.

Source: Hubverse documentation, model output format: a row is a task, an output type and its value.
Which rows are valid follows from the table of quantities.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass, fields
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, TextIO

from sim.arrays import FloatArray
from sim.catalogue import QUANTITIES, TARGETS
from sim.clock import MONTHS_PER_YEAR, calendar_month, month_end, month_start
from sim.forecasting.samples import Pool, quantiles, samples_by_month
from sim.quantity import Scored, Target
from sim.rivals.pool import POOLED
from sim.scenario import Scenario

if TYPE_CHECKING:
    import xarray as xr


QUANTILE_LEVELS = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)

MODEL = "model"

UNDEFINED = "undefined"
"""Stands among the categories of posture for histories in which there is none yet, since there was no war."""


@dataclass(frozen=True)
class Row:
    """One row of the table.

    `model_id` is `MODEL` or `sim.rivals.pool.POOLED`; `days_beyond_record` are simulated though they lie before the
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
) -> Iterator[Row]:
    """Yield the forecast of every target at every date in the scenario's horizon, and the pooled ones.

    A pooled forecast is of the figures of which the rival says something, at dates on its grid: ends of half-years or
    of years.
    """
    about = (scenario, days_beyond_record)
    yield from _rows(MODEL, data, about, samples_by_month, lambda *_: True)
    if pool is not None:
        yield from _rows(POOLED, data, about, pool.by_month, partial(_is_pooled, pool))


def _is_pooled(pool: Pool, target: str, month: int, half_year: bool) -> bool:
    how = TARGETS[target].scored
    if not isinstance(how, Scored) or (month + 1) % (MONTHS_PER_YEAR // how.steps):
        return False
    return pool.rival(target, month, half_year=half_year) is not None


def _rows(
    model: str,
    data: xr.Dataset,
    about: tuple[Scenario, int],
    read: Callable[..., Iterator[FloatArray]],
    told: Callable[[str, int, bool], bool],
) -> Iterator[Row]:
    scenario, beyond = about
    for name, target in TARGETS.items():
        windows = [window for window in _windows(target, scenario) if told(name, window[1], window[2])]
        found = {
            (month, half): list(_outputs(name, target, values))
            for half in (False, True)
            if (months := [month for _, month, is_half in windows if is_half == half])
            for month, values in zip(months, read(data, name, months, half_year=half), strict=True)
        }
        for start, month, half_year in windows:
            for output_type, output_id, value in found[month, half_year]:
                when = (start, month_end(month))
                yield Row(model, scenario.as_of, beyond, name, *when, output_type, output_id, value)


def write_rows(rows: Iterator[Row], file: TextIO) -> None:
    """Write the table as CSV; a blank start date means a value at the end date.

    Values have six significant digits; probabilities more, so that those of all categories add up to 1.
    """
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([field.name for field in fields(Row)])
    for row in rows:
        *head, value = astuple(row)
        digits = 12 if row.output_type == "pmf" else 6
        writer.writerow(["" if cell is None else cell for cell in head] + [f"{value:.{digits}g}"])


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
