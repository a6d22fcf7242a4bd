"""The pooled forecast of a run: its members' published figures, half of them moved to what a rival says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sim.arrays import FloatArray
from sim.cases import FIGURES, figure_case
from sim.catalogue import QUANTITIES
from sim.clock import month_end, month_start
from sim.forecasting.samples import samples_by_month
from sim.observations import Record
from sim.rivals import SHRUNK, rival_forecasts
from sim.rivals.pool import pooled
from sim.scenario import Scenario

if TYPE_CHECKING:
    import xarray as xr


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
