"""What the model says before it has learned anything, held against the record: writes docs/prior-predictive.md.

Facts are imposed month by month, parameters drawn from their priors, nothing is fitted to the figures compared here.
Run with ``python docs/prior_predictive.py``, half a minute; a test holds the page to a new run. The words stand in
prior-predictive-words.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pages
import xarray as xr

from sim.clock import month_label, month_number
from sim.forecasting import samples
from sim.forecasting.ensemble import simulate
from sim.parameters.table import adoption_rate
from sim.quantities.catalogue import weighed
from sim.record.observations import Record, reference_class_count
from sim.record.record_series import recorded_labels
from sim.runs.members import at
from sim.scenario import Scenario
from sim.verification.scores import pit

PAGE = pages.DOCS / "prior-predictive.md"
MEMBERS = 8192
SPEC = Scenario(
    name="record", title="The record, facts imposed", as_of=date(2024, 1, 1), until=date(2024, 1, 31)
)

Row = tuple[Any, ...]


def observations(data: xr.Dataset, record: Record) -> Iterator[Row]:
    """Yield per observation whose window ends before the origin: target, window, value, 5/50/95 %, and its place.

    The place is the share of members whose published figure lies below the observed one, ties counted half.
    """
    for target in weighed():
        for seen in record.observations(target):
            if seen.end >= SPEC.as_of:
                continue
            values = samples(data, target, month_number(seen.end), half_year=seen.months == 6)
            window = f"{seen.start} to {seen.end}" if seen.start else str(seen.end)
            ends = np.quantile(values, [0.05, 0.5, 0.95])
            yield f"`{target}`", window, float(seen.value), *ends, pit(values, seen.value)


def coverage(seen: list[Row]) -> Iterator[Row]:
    """Yield per target: observations, share of them within the central 50 and 90 per cent, and their mean place."""
    for target in dict.fromkeys(name for name, *_ in seen):
        places = np.array([place for name, *_, place in seen if name == target])
        off = np.abs(places - 0.5)
        yield target, places.size, (off <= 0.25).mean(), (off <= 0.45).mean(), places.mean()


def postures(data: xr.Dataset, record: Record) -> Iterator[Row]:
    """Yield per December (and where the label changes): month, recorded label, the ensemble's shares."""
    last = ""
    for label in recorded_labels(record.until(SPEC.as_of)):
        if label.posture != last or label.month % 12 == 11:
            codes = at(data, "posture", label.month)
            yield month_label(label.month), label.posture, *((codes == c).mean() for c in range(3))
        last = label.posture


def sanctions_by_date() -> Iterator[Row]:
    """Yield per date: adoptions, state-years, 5/50/95 % of the yearly rate, and the chance of adopting in a year."""
    for day in [*(date(year, 1, 1) for year in range(2015, 2025)), date(2023, 3, 10)]:
        count = reference_class_count(day)
        prior = adoption_rate(count.adoptions, count.state_years)
        rates = prior.quantile(np.array([0.05, 0.5, 0.95]))
        # the mean of 1 - exp(-rate) under a gamma: its Laplace transform at 1
        shape, per = prior.numbers
        within = 1.0 - (1.0 + 1.0 / per) ** -shape
        yield str(day), count.adoptions, count.state_years, rates, within


def page() -> str:
    """Return the page as text."""
    record = Record.load()
    data = simulate(SPEC, members=MEMBERS)
    seen = list(observations(data, record))
    found = {
        "members": MEMBERS,
        "observations": seen,
        "coverage": coverage(seen),
        "postures": postures(data, record),
        "sanctions": sanctions_by_date(),
    }
    return pages.made("prior-predictive", found, width=pages.ANY_WIDTH)


if __name__ == "__main__":
    pages.write(PAGE, page())
