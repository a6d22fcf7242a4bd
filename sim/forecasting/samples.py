"""What a run says of a target at a date: one value per member, of the published figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.arrays import FloatArray
from sim.catalogue import QUANTITIES, TARGETS
from sim.members import at

if TYPE_CHECKING:
    import xarray as xr


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

    Raises
    ------
    ValueError: if no figure of this target comes out in that month.
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


def quantiles(values: FloatArray, levels: Sequence[float], *, discrete: bool) -> FloatArray:
    """Return the quantiles of samples at `levels`; of a discrete quantity a value that occurs, never between two."""
    if discrete:
        return np.asarray(np.quantile(values, np.asarray(levels), method="inverted_cdf"), dtype=np.float64)
    return np.asarray(np.quantile(values, np.asarray(levels)), dtype=np.float64)
