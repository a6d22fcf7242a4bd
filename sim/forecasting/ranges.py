"""What a run says of sanctions and posture month by month: for figures and comparisons, each with its range."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from sim.arrays import BoolArray
from sim.catalogue import QUANTITIES
from sim.clock import month_end
from sim.forecasting.errors import error_of_share, islands_of
from sim.forecasting.questions import Chance
from sim.members import at
from sim.scenario import Scenario

if TYPE_CHECKING:
    import xarray as xr


IN_FORCE, IMPOSED = "in force", "imposed"
"""The two readings of sanctions: at the date, and at any time from the origin to the date."""


@dataclass(frozen=True, kw_only=True)
class Dated(Chance):
    """The probability that a target stands so at a month's end, or for sanctions has stood so since the origin."""

    target: str
    category: str
    date: date

    def cells(self) -> dict[str, object]:
        """Return it as the columns of a table."""
        about = {"target": self.target, "category": self.category, "date": self.date}
        return {**about, **super().cells()}


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
