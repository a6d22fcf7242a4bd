"""A block's own part of history, lived by itself: its seats move, all else stands as the last whole history left it.

A block touches few seats and one kind of evidence. Given the paths of what it reads from the others, living those seats
alone gives the evidence that the whole model would, to the last bit, at a small part of its price. So a block can be
proposed again many times between two whole histories. `tests/test_assimilation_blocks.py` holds it to the model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sim.model import AlignmentModel

FloatArray = NDArray[np.float64]
Paths = dict[str, FloatArray]
"""What blocks read from one another, by name, at the end of each month: shape (months, particles)."""

_BEFORE = ("between.lean", "between.sanctions", "union.pressure_share")
"""Read as it stood when the month began; all else as it stands in the month itself."""


def empty_paths(months: int, particles: int) -> Paths:
    """Return paths to be filled month by month."""
    return {name: np.zeros((months, particles)) for month in MONTH_OF.values() for name in month.reads}


def note(paths: Paths, model: AlignmentModel) -> None:
    """Note what the month that a model has just lived leaves to be read."""
    for name, path in paths.items():
        seat, state = _place(name)
        path[model.tick] = getattr(getattr(model, seat), state)


def _place(path: str) -> tuple[str, str]:
    seat, state = path.split(".")
    return seat, state


def _declarations(model: AlignmentModel, leaned: FloatArray) -> None:
    model.conditions.move_rates()
    model.between.weigh_joining()
    model.between.move_readiness()
    model.publications.weigh_declarations()
    model.publications.close_windows()


def _opinion(model: AlignmentModel, leaned: FloatArray) -> None:
    for bloc in model.blocs:
        bloc.move_support()  # no poll asks of the affinity
    model.publications.weigh_polls()


def _offer(model: AlignmentModel, leaned: FloatArray) -> None:
    rungs, chapters = model.union.what_opens()
    model.union.move_credibility(rungs + chapters)


def _ideal_point(model: AlignmentModel, leaned: FloatArray) -> None:
    model.between.move_ideal_point(leaned)
    model.publications.gather_ideal_point()
    model.publications.close_windows()


def _votes(model: AlignmentModel, leaned: FloatArray) -> None:
    if model.facts.on_record(model.tick, "un_votes"):
        model.between.vote()


def _sanctions(model: AlignmentModel, leaned: FloatArray) -> None:
    if model.facts.on_record(model.tick, "joins"):
        model.between.sanction()


@dataclass(frozen=True)
class Month:
    """A month of a block: the paths that it reads from the others, and what is lived of it."""

    reads: tuple[str, ...]
    live: Callable[[AlignmentModel, FloatArray], None]


MONTH_OF = {
    "declarations": Month(("conditions.war", "between.lean", "between.sanctions"), _declarations),
    "opinion": Month(("conditions.war", "conditions.war_months", "patron.log_effort"), _opinion),
    "the EU's offer": Month(("union.pressure_share",), _offer),
    "UN ideal point": Month(("between.lean",), _ideal_point),
    "UN votes": Month(("between.lean",), _votes),
    "sanctions": Month(("between.lean", "between.sanctions", "conditions.measures_exist"), _sanctions),
}
"""A month of each block that can be lived by itself; the others are small, and go along with whole histories."""


def live_block(name: str, model: AlignmentModel, paths: Paths, until: int) -> dict[int, FloatArray]:
    """Live a block's part of history through month `until`, in a model that stands before its first month.

    Parameters
    ----------
    paths: as the last whole history of these particles left them.

    Returns
    -------
    The block's evidence in the months that have any, each of shape (particles,).
    """
    evidence: dict[int, FloatArray] = {}
    lived = MONTH_OF[name]
    places = [(*_place(path), paths[path], path in _BEFORE) for path in lived.reads]
    lean = paths["between.lean"]
    for month in range(until + 1):
        model.open_month(month)
        for seat, state, path, behind in places:
            if month or not behind:
                setattr(getattr(model, seat), state, path[month - 1 if behind else month])
        lived.live(model, lean[month] - lean[month - 1] if month else lean[0])
        if model.evidence:
            evidence[month] = model.log_evidence()
    return evidence
