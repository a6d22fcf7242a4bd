"""What a run forecasts of a case: one value per member for a figure, a chance per class for events and votes."""

from __future__ import annotations

import numpy as np
import xarray as xr

from sim.arrays import BoolArray, FloatArray
from sim.cases import (
    ALIGNMENT_HALF,
    CHAPTER_WITHIN_YEAR,
    FIGURES,
    HALF,
    SANCTIONS_WITHIN_YEAR,
    UN_VOTES,
    Case,
)
from sim.clock import month_number
from sim.forecasting import samples
from sim.members import at


def run_forecast(data: xr.Dataset, case: Case) -> FloatArray:
    """Return the forecast of a run that starts at the case's origin: members' values, or a chance per class.

    An event's chance is ``(hits + 1/2) / (members + 1)``, never 0 or 1: no hit among 4,096 members proves nothing.

    Raises
    ------
    ValueError: if a run says nothing of such a target.
    """
    month = month_number(case.end)
    if case.target in FIGURES:
        return samples(data, case.target, month, half_year=case.half_year)
    if case.target == UN_VOTES:
        return votes(data, month, case.text)
    if case.target == CHAPTER_WITHIN_YEAR:
        before = samples(data, "chapters_opened", month_number(case.origin) - 1)
        return chance(samples(data, "chapters_opened", month) > before)
    if case.target == ALIGNMENT_HALF:
        return chance(samples(data, "cfsp_alignment", month, half_year=case.half_year) >= HALF)
    if case.target == SANCTIONS_WITHIN_YEAR:
        months = range(month_number(case.origin), month + 1)
        return chance(np.any(at(data, "sanctions", months) > 0.0, axis=1, keepdims=False))
    raise ValueError(f"a run has no forecast of {case.target!r}")


def votes(data: xr.Dataset, month: int, kind: str) -> FloatArray:
    """Return the chances of a vote with Russia, of abstention, and of one against it, on a text of this kind.

    The mean over members of each one's own chances in the month. That a text is put to the vote is given.
    """
    ours, theirs = (
        float(at(data, f"vote_{way}_chance_{kind}", month).mean(dtype=np.float64))
        for way in ("with", "against")
    )
    return np.array([ours, 1.0 - ours - theirs, theirs])


def chance(hits: BoolArray) -> FloatArray:
    """Return the chances that an event does not and does happen, from whether it did in each member."""
    happened = (float(hits.sum()) + 0.5) / (hits.size + 1.0)
    return np.array([1.0 - happened, happened])
