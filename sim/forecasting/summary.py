"""The short table: every outcome at each year's end, for people."""

from __future__ import annotations

import csv
from dataclasses import astuple, dataclass, fields
from datetime import date
from typing import TYPE_CHECKING, TextIO

from sim.catalogue import QUANTITIES, askable
from sim.clock import calendar_month, month_end
from sim.forecasting.errors import error_of_share, islands_of, standard_error
from sim.forecasting.samples import quantiles, samples
from sim.scenario import Scenario

if TYPE_CHECKING:
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


def outcomes(data: xr.Dataset, scenario: Scenario, month: int) -> list[Outcome]:
    """Return every outcome at the end of `month`; windowed ones only if their year ends then."""
    found, islands = [], islands_of(data)
    for name in askable():
        quantity = QUANTITIES[name]
        if quantity.window and calendar_month(month) != 12:
            continue
        values = samples(data, name, month)
        day = month_end(month)
        if quantity.kind in ("category", "binary"):
            for code, label in enumerate(quantity.categories or ("",)):
                hits = values == (code if label else 1)
                error = error_of_share(hits, islands)
                found.append(Outcome(name, label, day, float(hits.mean()), error, None, None, None))
            continue
        low, median, high = (
            float(q) for q in quantiles(values, [0.05, 0.5, 0.95], discrete=quantity.discrete)
        )
        found.append(
            Outcome(name, "", day, float(values.mean()), standard_error(values, islands), median, low, high)
        )
    return found


def write_summary(data: xr.Dataset, scenario: Scenario, file: TextIO) -> None:
    """Write the outcomes of each year's end and of the last month as CSV."""
    months = [m for m in range(scenario.first_month, scenario.last_month) if calendar_month(m) == 12]
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([field.name for field in fields(Outcome)])
    for month in [*months, scenario.last_month]:
        for outcome in outcomes(data, scenario, month):
            cells = ["" if cell is None else cell for cell in astuple(outcome)]
            writer.writerow([f"{cell:.6g}" if isinstance(cell, float) else cell for cell in cells])
