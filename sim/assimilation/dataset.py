"""A posterior's data set: the particles of all filters, and what is kept of the past that they lived.

Members begin at the origin, so that what is kept here is all that a run tells of the months before, but for one member
lived again: for charts how the particles are spread, for readings a few numbers of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.assimilation.filter import Stage, State
from sim.assimilation.particles import OTHERS, Problem
from sim.assimilation.posterior import STATES
from sim.clock import MONTHS_PER_YEAR
from sim.draws.randomness import STRANDS, PastLuck
from sim.model.alignment import AlignmentModel
from sim.model.variables import VARIABLES, read
from sim.quantities.catalogue import QUANTITIES
from sim.runs.members import EARLIER
from sim.world.incentives import LEDGER

if TYPE_CHECKING:
    import xarray as xr

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Levels of the bands that figures draw."""

BANDED = tuple(v.name for v in VARIABLES if v.kind not in ("binary", "category"))
"""Variables whose past a figure can show as bands."""

_YEAR = (
    *(term.variable for term in LEDGER.values()),
    *("baseline_lean", "chapters_opened", "sanctions", "votes"),
)
"""Variables of which each particle's last twelve months are read: year before sanctions, chapters at the origin."""

_RECORDED = [v for v in VARIABLES if v.name in {*BANDED, *_YEAR, "posture", "war"}]

_Variables = dict[str, tuple[tuple[str, ...], NDArray[Any], dict[str, Any]]]


def dataset(states: Sequence[State], problems: Sequence[Problem]) -> xr.Dataset:
    """Return all particles as one data set; here they live their past once more, all of them together.

    Parameters
    ----------
    states, problems: of each filter, as it ended.
    """
    import xarray as xr

    problem = problems[0]
    z = np.concatenate([state["z"] for state in states], axis=1)
    lucks = zip(states, problems, strict=True)
    luck = np.concatenate([state["luck"].astype(np.int32) + own.first for state, own in lucks], axis=2)
    sizes = [own.size for each in problems for own in np.array_split(np.arange(each.size), each.islands)]
    parameters = problem.parameters(z)
    data: _Variables = {}
    for name, entry in problem.table.items():
        about = {"units": entry.unit, "long_name": entry.meaning, "prior": entry.prior.describe()}
        data[name] = (
            ("particle",),
            parameters[name],
            {**about, "learned": int(entry.learned), "parameter": 1},
        )

    def add(name: str, dims: str, values: NDArray[Any], meaning: str, **about: Any) -> None:
        data[name] = (tuple(dims.split()), values, {"long_name": meaning, **about})

    add(
        "z",
        "coordinate particle",
        z,
        "coordinates on which priors are standard normal; controls depend on nothing",
    )
    add("luck", "strand month particle", luck, "luck index of each month of history")
    recorded, total, origin = _lived(problem, parameters, luck.astype(np.int64))
    add("log_probability", "particle", total, "log probability given to the record")
    add("island", "particle", np.repeat(np.arange(len(sizes)), sizes), "island of the filter")
    data |= _past(recorded)
    # states of a window have a row per month
    rows = np.concatenate([values.reshape(len(values), -1).T for values in origin.values()])
    widths = {name: list(values.shape[1:]) for name, values in origin.items()}
    add(STATES, "state particle", rows, "states at the origin", widths=widths)
    for field, column in zip(
        fields(Stage), np.concatenate([state["stages"] for state in states]).T, strict=True
    ):
        told = column.astype(np.int64) if field.name == "month" else column
        add(f"stage_{field.name}", "stage", told, f"{field.name} of a resampling")
    group = np.repeat(np.arange(len(states)), [len(state["stages"]) for state in states])
    add("stage_group", "stage", group, "its group of islands")
    named = {"strand": [*STRANDS, OTHERS], "coordinate": list(problem.names)}
    return xr.Dataset(data, coords={**named, "quantity": list(BANDED), "level": list(LEVELS)})


def _lived(
    problem: Problem, parameters: dict[str, NDArray[np.float64]], luck: NDArray[np.int64]
) -> tuple[dict[str, NDArray[np.float32]], NDArray[np.float64], dict[str, NDArray[np.float64]]]:
    """Live particles' past to the origin.

    Returns
    -------
    Recorded variables by name, each of shape (particles, months); the log probability that each particle gave to the
    record, shape (particles,); the states at the origin.
    """
    model = AlignmentModel(
        problem.scenario,
        members=luck.shape[2],
        seed=problem.seed,
        past=PastLuck(problem.seed, luck),
        parameters=parameters,
        facts=problem.facts,
    )
    values = {v.name: np.empty((problem.months, model.members), np.float32) for v in _RECORDED}
    total = np.zeros(model.members)
    with np.errstate(divide="raise", invalid="raise", over="raise", under="ignore"):
        for month in range(problem.months):
            model.step()
            total += model.log_evidence()
            for variable in _RECORDED:
                values[variable.name][month] = read(variable, model)
    states = model.states()
    model.dismiss()
    return {name: column.T for name, column in values.items()}, total, states


def _past(values: dict[str, NDArray[np.float32]]) -> _Variables:
    """Return what is kept of the past, by its names, given what was recorded of it.

    ``past_bands``: quantiles at `LEVELS` on (quantity, level, month), NaN where no figure came out. ``past_posture``:
    shares on (category, month). ``past_war`` and ``past_lean`` on (month, particle): by them sanctions that were not
    imposed are judged. And the last twelve months of what readings need of a member, on (year, particle).
    """
    discrete = {v.name: v.discrete for v in VARIABLES}
    bands = np.stack([_bands(values[name], discrete=discrete[name]) for name in BANDED]).astype(np.float32)
    codes = range(len(QUANTITIES["posture"].categories))
    shares = np.stack([(values["posture"] == code).mean(axis=0) for code in codes])
    by_month, war = ("month", "particle"), values["war"].T.astype(np.int8)
    kept: _Variables = {
        "bands": (("quantity", "level", "month"), bands, {"long_name": "quantiles of the particles' past"}),
        "posture": (("category", "month"), shares, {"long_name": "shares of the particles in each posture"}),
        "war": (by_month, war, {"long_name": "state of the war"}),
        "lean": (by_month, values["lean"].T, {"long_name": "lean before the origin"}),
    }
    for name in _YEAR:
        last = values[name][:, -MONTHS_PER_YEAR:].T
        kept[name] = (("year", "particle"), last, {"long_name": f"{name}, twelve months before"})
    return {EARLIER + name: variable for name, variable in kept.items()}


def _bands(values: NDArray[np.float32], *, discrete: bool) -> NDArray[np.float64]:
    """Return the quantiles of each month, shape (levels, months)."""
    found = np.full((len(LEVELS), values.shape[1]), np.nan)
    came_out = ~np.isnan(values).any(axis=0)
    how = "inverted_cdf" if discrete else "linear"
    found[:, came_out] = np.quantile(values[:, came_out].astype(np.float64), LEVELS, axis=0, method=how)  # type: ignore[call-overload]
    return found
