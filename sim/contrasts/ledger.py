"""The ledger of a run as tables: what each incentive added to the lean that was called for, and in whom.

All of it is what the model says of itself, in logits of lean against January 2012.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.catalogue import QUANTITIES
from sim.clock import MONTHS_PER_YEAR, calendar_month, month_end
from sim.forecasting import quantiles
from sim.incentives import LEDGER
from sim.results import Run

if TYPE_CHECKING:
    import xarray as xr

FloatArray = NDArray[np.float64]

COALITION, LEAN = "coalition", "lean"
"""Beside the incentives: the lean of the governing coalition itself, and the lean that follows what all call for."""


@dataclass(frozen=True)
class Entry:
    """A line of the ledger at a month's end: median and central 90 per cent of members, in logits."""

    term: str
    date: date
    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Movement:
    """How far a line moved between the origin's month and the horizon's end, in logits.

    `mean` is the members' mean, `size` the mean of its size whatever the sign, `rising` the share of members in which
    it rose.
    """

    term: str
    mean: float
    size: float
    rising: float


@dataclass(frozen=True)
class Groups:
    """Members apart by what came of them, with the mean of each line in the year before; None where there are none.

    A selection, no cause: those who imposed sanctions may have been others all along.
    """

    names: tuple[str, ...]
    sizes: tuple[int, ...]
    means: dict[str, tuple[float | None, ...]]


@dataclass(frozen=True, repr=False)
class Ledger:
    """What moved Serbia, by incentive.

    Attributes
    ----------
    entries: every line at the origin's month, each year's end and the horizon's end.
    movements: from the first of these to the last, the largest in size first; the lean itself is not among them.
    sanctions: members that imposed sanctions, in the twelve months before they did, against those that never did, in
        the same months: each month weighs as many members as imposed them then.
    posture: members by their posture at the horizon's end, in the twelve months up to it.
    """

    entries: tuple[Entry, ...]
    movements: tuple[Movement, ...]
    sanctions: Groups
    posture: Groups

    def __repr__(self) -> str:
        first, last = self.entries[0].date, self.entries[-1].date
        most = self.movements[0]
        return (
            f"Ledger of {len(self.movements)} lines, {first} to {last}\n"
            f"  moved most: {most.term}, by {most.size:.2f} logits in the mean member, {most.mean:+.2f} on balance\n"
            f"  sanctions imposed by {self.sanctions.sizes[0]} of {sum(self.sanctions.sizes)} members"
        )


def read_ledger(run: Run) -> Ledger:
    """Return the ledger of a run."""
    spec = run.scenario
    months = [m for m in range(spec.first_month, spec.last_month) if calendar_month(m) == 12]
    months = sorted({spec.first_month, *months, spec.last_month})
    lines = _lines(run.data)
    entries = [
        Entry(term, month_end(month), *(float(q) for q in _middle(values[:, month])))
        for month in months
        for term, values in lines.items()
    ]
    moved = {term: values for term, values in lines.items() if term != LEAN}
    changes = {
        term: values[:, spec.last_month] - values[:, spec.first_month] for term, values in moved.items()
    }
    movements = [
        Movement(term, float(c.mean()), float(np.abs(c).mean()), float((c > 0.0).mean()))
        for term, c in changes.items()
    ]
    return Ledger(
        entries=tuple(entries),
        movements=tuple(sorted(movements, key=lambda movement: -movement.size)),
        sanctions=_by_sanctions(lines, _numbers(run.data, "sanctions"), spec.first_month),
        posture=_by_posture(lines, _numbers(run.data, "posture")),
    )


def _lines(data: xr.Dataset) -> dict[str, FloatArray]:
    """Return every line by its name, each of shape (members, months)."""
    names = {term.name: term.variable for term in LEDGER.values()} | {
        COALITION: "baseline_lean",
        LEAN: "lean",
    }
    return {term: _numbers(data, name) for term, name in names.items()}


def _numbers(data: xr.Dataset, name: str) -> FloatArray:
    return np.asarray(data[name].to_numpy(), dtype=np.float64)


def _middle(values: FloatArray) -> FloatArray:
    return quantiles(values, [0.5, 0.05, 0.95], discrete=False)


def _year_before(values: FloatArray) -> FloatArray:
    """Return the mean of the twelve months before each month, shape (members, months + 1); none in the first year."""
    sums = np.cumsum(np.pad(values, ((0, 0), (1, 0))), axis=1)
    means = np.full(sums.shape, np.nan)
    means[:, MONTHS_PER_YEAR:] = (sums[:, MONTHS_PER_YEAR:] - sums[:, :-MONTHS_PER_YEAR]) / MONTHS_PER_YEAR
    return means


def _by_sanctions(lines: dict[str, FloatArray], sanctions: FloatArray, origin: int) -> Groups:
    """Compare those who imposed sanctions with those who never did, over the same months."""
    in_force = sanctions > 0.0
    imposing = in_force & ~np.pad(in_force, ((0, 0), (1, 0)))[:, :-1]
    imposing[:, :origin] = False
    who = np.flatnonzero(imposing.any(axis=1))
    never = ~in_force.any(axis=1)
    when = imposing[who].argmax(axis=1)
    means: dict[str, tuple[float | None, ...]] = {}
    for term, values in lines.items():
        before = _year_before(values)
        ours = float(before[who, when].mean()) if who.size else None
        theirs = float(before[never].mean(axis=0)[when].mean()) if who.size and never.any() else None
        means[term] = (ours, theirs)
    return Groups(("imposed", "never"), (int(who.size), int(never.sum())), means)


def _by_posture(lines: dict[str, FloatArray], posture: FloatArray) -> Groups:
    names = QUANTITIES["posture"].categories
    groups = [posture[:, -1] == code for code in range(len(names))]
    means: dict[str, tuple[float | None, ...]] = {}
    for term, values in lines.items():
        year = values[:, -MONTHS_PER_YEAR:].mean(axis=1)
        means[term] = tuple(float(year[group].mean()) if group.any() else None for group in groups)
    return Groups(names, tuple(int(group.sum()) for group in groups), means)
