"""The tables of a run, as text and as rows; the short one, for people, has every outcome at each year's end."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date
from typing import TYPE_CHECKING, TextIO

from sim.catalogue import QUANTITIES, askable
from sim.clock import calendar_month, month_end
from sim.forecasting.errors import error_of_share, islands_of, standard_error
from sim.forecasting.questions import Answer, Dated, write_chances
from sim.forecasting.samples import pool_of, quantiles, samples_by_month
from sim.forecasting.table import forecast_rows, write_rows
from sim.names import Row, rows_of
from sim.observations import Record
from sim.scenario import Scenario

if TYPE_CHECKING:
    from typing import Any

    import xarray as xr


@dataclass(frozen=True)
class Outcome:
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
    quantity, islands = QUANTITIES[name], islands_of(data)
    due = [month for month in months if not quantity.window or calendar_month(month) == 12]
    for month, values in zip(due, samples_by_month(data, name, due), strict=True):
        day = month_end(month)
        if quantity.kind in ("category", "binary"):
            for code, label in enumerate(quantity.categories or ("",)):
                hits = values == (code if label else 1)
                error = error_of_share(hits, islands)
                yield Outcome(name, label, day, float(hits.mean()), error, None, None, None)
            continue
        low, median, high = (
            float(q) for q in quantiles(values, [0.05, 0.5, 0.95], discrete=quantity.discrete)
        )
        yield Outcome(name, "", day, float(values.mean()), standard_error(values, islands), median, low, high)


def write_summary(data: xr.Dataset, scenario: Scenario, file: TextIO) -> None:
    """Write the outcomes of each year's end and of the last month as CSV."""
    months = [m for m in range(scenario.first_month, scenario.last_month) if calendar_month(m) == 12]
    # one variable after another, since all may not fit into memory; told by date
    found = [each for name in askable() for each in outcomes(data, name, [*months, scenario.last_month])]
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([field.name for field in fields(Outcome)])
    for outcome in sorted(found, key=lambda each: each.date):
        cells = ["" if cell is None else cell for cell in astuple(outcome)]
        writer.writerow([f"{cell:.6g}" if isinstance(cell, float) else cell for cell in cells])


Judged = tuple[list[Answer], list[Dated]]
"""Answers to questions, and what is said month by month, under every judgement."""


def table_text(name: str, data: xr.Dataset, scenario: Scenario, record: Record, judged: Judged) -> str:
    """Return a table of `sim.storing.TABLES` as the run folder holds it, CSV."""
    answers, months = judged
    text = io.StringIO(newline="")
    match name:
        case "forecast":
            rows = forecast_rows(
                data,
                scenario,
                pool_of(scenario, record),
                days_beyond_record=record.days_beyond(scenario.as_of),
            )
            write_rows(rows, text)
        case "questions":
            write_chances(
                answers, ("id", "text", "pooled", "probability", "mcse", "low", "high", "members"), text
            )
        case "ranges":
            write_chances(months, (), text)
        case _:
            write_summary(data, scenario, text)
    return text.getvalue()


def table(name: str, **made: Any) -> list[Row]:
    """Return a table as it would be read from the run folder."""
    return rows_of(io.StringIO(table_text(name, **made), newline=""))
