"""What blocks read from one another, month by month, as the last whole history of the particles left it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.arrays import FloatArray

if TYPE_CHECKING:
    from sim.model import AlignmentModel

Paths = dict[str, FloatArray]
"""What blocks read from one another, by name, at the end of each month: shape (months, particles)."""
Evidence = dict[int, FloatArray]
"""Log probabilities of what the record says, by month, each of shape (particles,)."""

WEIGHED = "between.weighed"
"""The path of the incentives, shape (months, incentives, particles)."""

_BEFORE = ("between.lean", "between.sanctions", "union.pressure_share")
"""Read as it stood when the month began; all else as it stands in the month itself."""


def note(paths: Paths, model: AlignmentModel) -> None:
    """Note what the month that a model has just lived leaves to be read."""
    for name, path in paths.items():
        entity, state = name.split(".")
        held = getattr(getattr(model, entity), state)
        path[model.tick] = list(held.values()) if name == WEIGHED else held


@dataclass(frozen=True)
class Given:
    """What a block is lived in: a model before its first month, and the paths that the others left it to read.

    Attributes
    ----------
    paths: as the last whole history of these particles left them. months: how many are lived.
    """

    model: AlignmentModel
    paths: Paths
    months: int

    def read(self, path: str) -> list[FloatArray]:
        """Return a path month by month as its block reads it, each of shape (particles,)."""
        whole = self.paths[path][: self.months]
        return [np.zeros(whole.shape[-1]), *whole[:-1]] if path in _BEFORE else list(whole)

    def normals(self, stream: str, name: str) -> Iterator[FloatArray]:
        """Return the standard normals of a stream month by month, each of shape (particles,)."""
        return self.model.luck.in_turn(stream, name, self.months, normal=True)

    def tell(self, months: Iterable[int], say: Callable[[int], None]) -> Evidence:
        """Return the evidence of those months that are lived; `say` has the model weigh itself in one of them."""
        evidence: Evidence = {}
        for month in sorted(month for month in months if month < self.months):
            self.model.open_month(month)
            say(month)
            if self.model.evidence:
                evidence[month] = self.model.log_evidence()
        return evidence
