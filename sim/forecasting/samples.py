"""What a run says of a target at a date: one value per member, of the published figure, also pooled with a rival's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from sim.arrays import FloatArray
from sim.clock import MONTHS_PER_YEAR, calendar_month, month_end, month_start
from sim.quantities.catalogue import QUANTITIES, TARGETS
from sim.record.cases import FIGURES, figure_case
from sim.record.observations import Record
from sim.rivals import SHRUNK, pooled, rival_forecasts
from sim.runs.members import at
from sim.scenario import Scenario


def variable_of(quantity: str, *, half_year: bool = False) -> str:
    """Return the recorded variable that holds the published figure of a target or outcome."""
    if quantity not in TARGETS:
        return quantity
    shorter, *longer = TARGETS[quantity].published.values()
    return shorter if half_year or not longer else longer[-1]


def samples(data: xr.Dataset, quantity: str, month: int, *, half_year: bool = False) -> FloatArray:
    """Return one value per member at the end of `month`, shape (members,).

    Categories and counts come as codes and counts. For a windowed target the window is the one that ends with
    `month`: the half-year or year for `cfsp_alignment`, the calendar year for `un_position`.

    Raises ValueError if no figure of this target comes out in that month.
    """
    return next(samples_by_month(data, quantity, [month], half_year=half_year))


def samples_by_month(
    data: xr.Dataset, quantity: str, months: Sequence[int], *, half_year: bool = False
) -> Iterator[FloatArray]:
    """Yield `samples` of one month after another; the variable is read once."""
    columns = at(data, variable_of(quantity, half_year=half_year), months)
    for place, month in enumerate(months):
        values = columns[:, place].astype(np.float64)
        if np.isnan(values).any():
            raise ValueError(f"no published {quantity} ({QUANTITIES[quantity].window}) ends in month {month}")
        yield values


def year_ends(first: int, last: int) -> list[int]:
    """Return the months from `first` on with which a year ends, and the last one, month numbers."""
    return [month for month in range(first, last) if calendar_month(month) == MONTHS_PER_YEAR] + [last]


def outcome_by_month(
    data: xr.Dataset, name: str, months: Sequence[int]
) -> Iterator[tuple[int, str, NDArray[Any]]]:
    """Yield month, category and members' values of an outcome, shape (members,); of a category or 0/1 whether it is so.

    It is that of the ends of these months; of a windowed one only of those with which its year ends.
    """
    quantity = QUANTITIES[name]
    due = [month for month in months if not quantity.window or calendar_month(month) == MONTHS_PER_YEAR]
    codes = {"category": dict(enumerate(quantity.categories)), "binary": {1: ""}}.get(quantity.kind)
    for month, values in zip(due, samples_by_month(data, name, due), strict=True):
        if codes is None:
            yield month, "", values
        else:
            yield from ((month, category, values == code) for code, category in codes.items())


def quantiles(values: FloatArray, levels: Sequence[float], *, discrete: bool) -> FloatArray:
    """Return the quantiles of samples at `levels`; of a discrete quantity a value that occurs, never between two."""
    how: Literal["inverted_cdf", "linear"] = "inverted_cdf" if discrete else "linear"
    return np.asarray(np.quantile(values, np.asarray(levels), method=how), dtype=np.float64)


@dataclass(frozen=True)
class Pool:
    """Reads members' published figures so that over the members they are half the model's and half the rival's.

    Attributes
    ----------
    origin, record: what the rival knows. baseline: the run whose figures say how members' are moved, if another one.
    """

    origin: date
    record: Record
    baseline: xr.Dataset | None = None

    def rival(self, target: str, month: int, *, half_year: bool = False) -> FloatArray | None:
        """Return the rival's sample of the figure that ends with `month`; None of what it says nothing of."""
        if target not in FIGURES:
            return None
        window = QUANTITIES[target].window
        months = 6 if half_year else 12
        start = month_start(month - months + 1) if window else None
        asked = figure_case(target, self.origin, start, month_end(month))
        return rival_forecasts(self.record, asked, only=(SHRUNK,)).get(SHRUNK)

    def by_month(
        self, data: xr.Dataset, quantity: str, months: Sequence[int], *, half_year: bool = False
    ) -> Iterator[FloatArray]:
        """Yield what `samples_by_month` does, pooled where the rival says something."""
        theirs = data if self.baseline is None else self.baseline
        both = (samples_by_month(side, quantity, months, half_year=half_year) for side in (data, theirs))
        for month, values, baseline in zip(months, *both, strict=True):
            rival = self.rival(quantity, month, half_year=half_year)
            yield values if rival is None else pooled(values, rival, baseline=baseline)


def pool_of(scenario: Scenario, record: Record, baseline: xr.Dataset | None = None) -> Pool | None:
    """Return the pool of a scenario; None where it assumes that something happens, of which a rival knows nothing.

    An event that acts on parameters alone is a belief about the months ahead, as others are about the past.
    """
    assumed = any(change.quantity in QUANTITIES for event in scenario.events for change in event.changes)
    return None if assumed else Pool(scenario.as_of, record, baseline)
