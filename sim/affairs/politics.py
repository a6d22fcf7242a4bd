"""Elections and coalitions: when voters are asked, and whether a new coalition sees Russia differently."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.mechanisms.politics import NOTICE, election_near, next_election
from sim.seat import Seat
from sim.state import State

if TYPE_CHECKING:
    from sim.model import AlignmentModel

FloatArray = NDArray[np.float64]

_FIRST_DUE = 5.0  # before January 2012 passes: the parliament of May 2008 was due by May 2012


class Politics(Seat):
    """Who governs, and until when."""

    due_in = State("months to the next parliamentary election", "months")
    election = State("whether one is held this month", "0 or 1")
    changed = State("whether the governing coalition changed this month", "0 or 1")
    near = State("whether an election is called or due within six months", "0 or 1")
    shift = State("by how much a new coalition's baseline differs from the last", "logit")

    def __init__(self, model: AlignmentModel) -> None:
        self.seat(model, "politics")
        for state in ("election", "changed", "near", "shift"):
            setattr(self, state, self.full(0.0))
        self.due_in = self.full(_FIRST_DUE)

    def begin(self) -> None:
        """Hold the election that is due, call an early one, or let a coalition fall."""
        p = self.parameters
        recorded = self.facts.on_record(self.tick)
        due = (self.due_in <= 1.0).astype(np.float64)
        held = self.full(self.tick in self.facts.elections) if recorded else due
        chance = np.where(held > 0.0, p["coalition_at_election"], p["coalition_exit"])
        if recorded:
            called = self.full((self.tick + NOTICE) in self.facts.elections)
            changed = self.full(self.facts.turn("coalition", self.tick) > 0)
            early = (self.tick + NOTICE) in self.facts.early
            if self.facts.on_record(self.tick + NOTICE) and self.tick not in self.facts.elections:
                self.weigh("elections", p["election_early"] if early else 1.0 - p["election_early"])
            self.weigh("coalition", np.where(changed > 0.0, chance, 1.0 - chance))
        else:
            called = (self.uniform("early election") < p["election_early"]) & (held == 0.0)
            called = called.astype(np.float64)
            changed = (self.uniform("coalition") < chance).astype(np.float64)
        self.election = held
        self.changed = self.intervened("coalition_change", changed)
        self.due_in = next_election(self.due_in, held, called)
        self.near = np.maximum(election_near(self.due_in), held)
        self.shift = np.where(
            self.changed > 0.0, self.parameters["coalition_shift"] * self.normal("shift"), 0.0
        )
