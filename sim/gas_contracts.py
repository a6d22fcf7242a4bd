"""Gas contracts as the record has them: an oil formula or a fixed price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.clock import month_number

LONGEST_LAG = 12
"""Months by which a contract's price may follow Brent, at most (judgement: nine on record)."""


@dataclass(frozen=True)
class Contract:
    """A gas contract as signed: an oil formula (`slope` times Brent `lag` months before) or a fixed `price`.

    `offered` says that it was signed for its own sake before it began, and not written down as a year's price.
    """

    start: int
    end: int
    offered: bool
    fixed: bool
    slope: float
    slope_spread: float
    lag: int
    price: float
    volume: float | None


def contract_of(row: Mapping[str, Any]) -> Contract:
    """Return what a row of the record's table of contracts says."""
    fixed = row["kind"] == "fixed"
    return Contract(
        start=month_number(row["start"]),
        end=month_number(row["contract_end"]),
        offered=row["signed_on"] < row["start"],
        fixed=fixed,
        slope=0.0 if fixed else row["slope"],
        # the stated range is read as a central 90 per cent (judgement): 3.29 standard deviations wide
        slope_spread=0.0 if fixed else float(np.log(row["slope_high"] / row["slope_low"])) / 3.29,
        lag=0 if fixed else row["lag_months"],
        price=row["price"] if fixed else 0.0,
        volume=row["volume_bcm"],
    )
