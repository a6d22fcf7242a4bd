"""The ledger of a run as tables: what each incentive added to the lean that was called for, and in whom.

All of it is what the model says of itself, in logits of lean against January 2012.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import xarray as xr

from sim.arrays import BoolArray, IntArray
from sim.clock import MONTHS_PER_YEAR, month_end
from sim.forecasting import quantiles
from sim.forecasting.samples import year_ends
from sim.quantities.catalogue import QUANTITIES
from sim.runs.members import Values, at
from sim.runs.results import Run
from sim.scenario import Scenario
from sim.words import signed
from sim.world.incentives import LEDGER

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
    """What moved the state, by incentive.

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
        balance = signed(most.mean, 2)
        return (
            f"Ledger of {len(self.movements)} lines, {first} to {last}\n"
            f"  moved most: {most.term}, by {most.size:.2f} logits in the mean member, {balance} on balance\n"
            f"  sanctions imposed by {self.sanctions.sizes[0]} of {sum(self.sanctions.sizes)} members"
        )


_LINES = {term.name: term.variable for term in LEDGER.values()} | {COALITION: "baseline_lean", LEAN: "lean"}
"""The recorded variable of each line."""

_NEVER, _BEFORE = -1, -2
"""In the place of the month in which a member imposed sanctions: it never had them, or had them at the origin."""


def read_ledger(run: Run) -> Ledger:
    """Return the ledger of a run."""
    spec, data = run.scenario, run.data
    months = sorted({spec.first_month, *year_ends(spec.first_month, spec.last_month)})
    when = _imposed(data, spec)
    names, posture = QUANTITIES["posture"].categories, at(data, "posture", spec.last_month)
    groups = [posture == code for code in range(len(names))]
    since = max(spec.first_month - MONTHS_PER_YEAR, 0)  # the year before the origin is told of too
    entries: dict[tuple[int, str], Entry] = {}
    movements, before, year = [], {}, {}
    for term, name in _LINES.items():  # one after another, since all may not fit into memory
        line = at(data, name, range(since, spec.last_month + 1))
        ends = {month: line[:, month - since].astype(np.float64) for month in months}
        for month, values in ends.items():
            middle = quantiles(values, [0.5, 0.05, 0.95], discrete=False)
            entries[month, term] = Entry(term, month_end(month), *(float(q) for q in middle))
        before[term] = _before_sanctions(line, np.where(when >= 0, when - since, when))
        year[term] = tuple(_year(line, line.shape[1], who) if who.any() else None for who in groups)
        if term != LEAN:
            change = ends[spec.last_month] - ends[spec.first_month]
            means = (float(each.mean()) for each in (change, np.abs(change), change > 0.0))
            movements.append(Movement(term, *means))
    sizes = int((when >= 0).sum()), int((when == _NEVER).sum())
    return Ledger(
        entries=tuple(entries[month, term] for month in months for term in _LINES),
        movements=tuple(sorted(movements, key=lambda movement: -movement.size)),
        sanctions=Groups(("imposed", "never"), sizes, before),
        posture=Groups(names, tuple(int(group.sum()) for group in groups), year),
    )


def _imposed(data: xr.Dataset, spec: Scenario) -> IntArray:
    """Return the month in which each member first imposed sanctions from the origin on, shape (members,)."""
    before = max(spec.first_month - 1, 0)
    in_force = at(data, "sanctions", range(before, spec.last_month + 1)) > 0.0
    imposing = in_force[:, 1:] & ~in_force[:, :-1]
    if spec.first_month == 0:
        imposing = np.concatenate([in_force[:, :1], imposing], axis=1)
    when = np.where(in_force.any(axis=1), _BEFORE, _NEVER)
    return np.where(imposing.any(axis=1), spec.first_month + imposing.argmax(axis=1), when)


def _before_sanctions(line: Values, when: IntArray) -> tuple[float | None, ...]:
    """Return a line's mean before sanctions, of those who imposed them, and of those who never did in these months.

    Parameters
    ----------
    line: shape (members, months). when: the place of the month in which each member imposed them, shape (members,).
    """
    months, counts = np.unique(when[when >= 0], return_counts=True)
    never = when == _NEVER
    if not months.size:
        return None, None
    ours = [_year(line, int(month), when == month) for month in months]
    theirs = [_year(line, int(month), never) for month in months] if never.any() else None
    mean = float(np.average(ours, weights=counts))
    return mean, None if theirs is None else float(np.average(theirs, weights=counts))


def _year(line: Values, end: int, who: BoolArray) -> float:
    """Return a line's mean over some members and the twelve months before `end`; NaN where there are not so many."""
    if end < MONTHS_PER_YEAR:
        return np.nan
    return float(line[who, end - MONTHS_PER_YEAR : end].mean(dtype=np.float64))
