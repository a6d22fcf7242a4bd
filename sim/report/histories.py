"""Single histories as dots: members that stand for the ensemble, and the story of each in the words of `replay`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.clock import calendar_month
from sim.forecasting.ensemble import block_again
from sim.model.narration import Values, sentences
from sim.model.variables import RECORDED
from sim.quantities.catalogue import QUANTITIES
from sim.record.country import content_of
from sim.runs.members import at
from sim.runs.results import Run
from sim.words import month_in_words

SHOWN = 100
"""Dots: each stands for a hundredth of the histories."""

_NEVER = np.inf
_UNDEFINED = "no posture yet"

Story = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class History:
    """A member: its number, its posture at the horizon's end, when it first imposed sanctions, its lean at the end.

    `months` are the months of its story, each with the sentences that `replay --trace` tells of it: those in which
    something changed, and all sentences of each year's last month; none if they cannot be told as they were.
    """

    member: int
    posture: str
    sanctions: str
    lean: float
    months: Story


def histories_of(run: Run, shown: int = SHOWN) -> dict[str, list[History]]:
    """Return the members shown, by posture at the horizon's end, each group from late sanctions to early ones."""
    spec = run.scenario
    posture = at(run.data, "posture", spec.last_month)
    lean = at(run.data, "lean", spec.last_month).astype(np.float64)
    in_force = at(run.data, "sanctions", range(spec.first_month, spec.last_month + 1)) > 0.0
    first = np.where(in_force.any(axis=1), spec.first_month + in_force.argmax(axis=1), _NEVER)
    chosen = ranked(np.lexsort((lean, -first, posture)), shown)
    lived = _lives(run, chosen)
    names = QUANTITIES["posture"].categories
    groups: dict[str, list[History]] = {name: [] for name in names}
    for place, member in enumerate(chosen):
        name = names[int(posture[member])] if posture[member] >= 0 else _UNDEFINED
        when = "" if first[member] == _NEVER else month_in_words(int(first[member]))
        story = () if lived is None else _story(run, {of: values[place] for of, values in lived.items()})
        groups.setdefault(name, []).append(History(int(member), name, when, float(lean[member]), story))
    return {name: found for name, found in groups.items() if found}


def ranked(order: NDArray[np.int64], shown: int) -> NDArray[np.int64]:
    """Return so many of the members in this order, one in the middle of each equal part of it; all if they are fewer.

    >>> ranked(np.arange(1000), 4)
    array([125, 375, 625, 875])
    """
    count = min(shown, order.size)
    return order[((np.arange(count) + 0.5) * order.size / count).astype(np.int64)]


def _story(run: Run, lived: Mapping[str, NDArray[np.float32]]) -> Story:
    """Return the months of one member from the origin on, of its recorded variables, each of shape (months,)."""
    spec, told = run.scenario, []
    before: Values | None = None
    for month in range(max(spec.first_month - 1, 0), spec.last_month + 1):
        now = {name: float(values[month]) for name, values in lived.items()}
        turns = calendar_month(month) != 12 and month != spec.last_month
        if month >= spec.first_month and (lines := sentences(now, before, run.country, turns=turns)):
            told.append((month_in_words(month), tuple(lines)))
        before = now
    return tuple(told)


def _lives(run: Run, members: NDArray[np.int64]) -> dict[str, NDArray[np.float32]] | None:
    """Return the members lived again, None if they would not be what the run stored."""
    if run.provenance["content"] != content_of(run.scenario.state):
        return None
    lived = block_again(run, members).values
    stored = run.data.isel(member=members)
    months = stored.sizes["month"]
    same = all(
        np.array_equal(lived[name][:, -months:], stored[name].to_numpy(), equal_nan=True)
        for name in RECORDED
        if name in stored
    )
    return lived if same else None
