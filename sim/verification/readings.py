"""What a run forecasts of a case: one value per member for a figure, a chance per class for events and votes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

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
from sim.mechanisms.choice import vote_probabilities
from sim.members import PARAMETER, at, of_members

if TYPE_CHECKING:
    import xarray as xr

FloatArray = NDArray[np.float64]

# Gauss and Hermite's nodes and weights for the mean over a standard normal
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(9)
_SHARES = _WEIGHTS / _WEIGHTS.sum()


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

    Each member's own chances by the ordered logit of `sim.mechanisms.choice`, at its lean when the month begins, over
    the month's spread of severity; then the mean over members. That a text is put to the vote is given.
    """
    lean = at(data, "lean", month - 1).astype(np.float64)
    p = {
        name: of_members(data, PARAMETER + name).astype(np.float64)
        for name in (f"vote_severity_{kind}", "vote_spread", "vote_width")
    }
    ours, theirs = 0.0, 0.0
    for node, share in zip(_NODES, _SHARES, strict=True):
        severity = p[f"vote_severity_{kind}"] + p["vote_spread"] * node
        with_russia, against = vote_probabilities(lean, severity, p["vote_width"])
        ours += share * float(with_russia.mean())
        theirs += share * float(against.mean())
    return np.array([ours, 1.0 - ours - theirs, theirs])


def chance(hits: NDArray[np.bool_]) -> FloatArray:
    """Return the chances that an event does not and does happen, from whether it did in each member."""
    happened = (float(hits.sum()) + 0.5) / (hits.size + 1.0)
    return np.array([1.0 - happened, happened])
