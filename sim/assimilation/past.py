"""What is kept of the particles' past: for charts how they are spread, for readings a few numbers of each.

Members begin at the origin, so this is all that a run tells of the months before, but for one member lived again.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sim.catalogue import QUANTITIES
from sim.clock import MONTHS_PER_YEAR
from sim.incentives import LEDGER
from sim.members import EARLIER
from sim.model import AlignmentModel
from sim.recording import VARIABLES, read

FloatArray = NDArray[np.float32]

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Levels of the bands that figures draw."""

BANDED = tuple(v.name for v in VARIABLES if v.kind not in ("binary", "category"))
"""Variables whose past a figure can show as bands."""

_YEAR = (
    *(term.variable for term in LEDGER.values()),
    "baseline_lean",
    "chapters_opened",
    "sanctions",
    "votes",
)
"""Variables of which each particle's last twelve months are read: year before sanctions, chapters at the origin."""

_READ = {*BANDED, *_YEAR, "posture", "war"}

Kept = dict[str, tuple[tuple[str, ...], NDArray[np.generic], dict[str, object]]]


def lived(model: AlignmentModel, months: int) -> tuple[dict[str, FloatArray], NDArray[np.float64]]:
    """Live a model's first months.

    Returns
    -------
    What `past_of` reads, by name, each of shape (particles, months); the log probability that each particle gave to the
    record, shape (particles,).
    """
    wanted = [variable for variable in VARIABLES if variable.name in _READ]
    values = {v.name: np.empty((months, model.members), np.float32) for v in wanted}
    total = np.zeros(model.members)
    for month in range(months):
        model.step()
        total += model.log_evidence()
        for variable in wanted:
            values[variable.name][month] = read(variable, model)
    return {name: column.T for name, column in values.items()}, total


def past_of(values: Mapping[str, FloatArray]) -> Kept:
    """Return what is kept of the past as variables of a data set, by their names.

    Parameters
    ----------
    values: recorded variables by name as `lived` returns them, shape (particles, months): all months before the origin.

    Returns
    -------
    ``past_bands``: quantiles at `LEVELS` on (quantity, level, month), NaN where no figure came out. ``past_posture``:
    shares on (category, month). ``past_war`` and ``past_lean`` on (month, particle): by them sanctions that were not
    imposed are judged. And the last twelve months of what readings need of a member, on (year, particle).
    """
    discrete = {v.name: v.discrete for v in VARIABLES}
    bands = np.stack([_bands(values[name], discrete=discrete[name]) for name in BANDED])
    codes = range(len(QUANTITIES["posture"].categories))
    shares = np.stack([(values["posture"] == code).mean(axis=0) for code in codes])
    kept: Kept = {
        EARLIER + "bands": (
            ("quantity", "level", "month"),
            bands.astype(np.float32),
            {"long_name": "quantiles of the particles' past"},
        ),
        EARLIER + "posture": (
            ("category", "month"),
            shares,
            {"long_name": "shares of the particles in each posture"},
        ),
        EARLIER + "war": (
            ("month", "particle"),
            values["war"].T.astype(np.int8),
            {"long_name": "state of the war"},
        ),
        EARLIER + "lean": (("month", "particle"), values["lean"].T, {"long_name": "lean before the origin"}),
    }
    for name in _YEAR:
        last = values[name][:, -MONTHS_PER_YEAR:].T
        kept[EARLIER + name] = (("year", "particle"), last, {"long_name": f"{name}, twelve months before"})
    return kept


def _bands(values: FloatArray, *, discrete: bool) -> NDArray[np.float64]:
    """Return the quantiles of each month, shape (levels, months)."""
    found = np.full((len(LEVELS), values.shape[1]), np.nan)
    came_out = ~np.isnan(values).any(axis=0)
    how = "inverted_cdf" if discrete else "linear"
    found[:, came_out] = np.quantile(values[:, came_out].astype(np.float64), LEVELS, axis=0, method=how)  # type: ignore[call-overload]
    return found
