"""The state's conduct over twelve months, and the posture that it amounts to."""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray
from sim.entity import Entity
from sim.mechanisms.choice import UNDEFINED, WINDOW, classify
from sim.state import State
from sim.world import World


class Conduct(Entity):
    """What the state did in the last twelve months."""

    issued_window = State("Russia-related declarations issued", "count", width=WINDOW)
    joined_window = State("Russia-related declarations joined", "count", width=WINDOW)
    with_window = State("UN votes with Russia", "count", width=WINDOW)
    against_window = State("UN votes against Russia", "count", width=WINDOW)
    votes_window = State("UN votes", "count", width=WINDOW)
    with_held = State("UN votes with Russia in the last window that had a text", "count")
    votes_held = State("UN votes in the last window that had a text", "count")
    posture = State("posture: -1 undefined, 0 ally, 1 balancer, 2 opponent", "code")

    def __init__(self, world: World) -> None:
        self.enter(world, "conduct")
        self.posture = self.full(UNDEFINED)

    def issued_year(self) -> FloatArray:
        """Return the Russia-related declarations issued in the last twelve months, shape (members,)."""
        return self.sum_of("issued_window")

    def joined_year(self) -> FloatArray:
        """Return the Russia-related declarations joined in the last twelve months, shape (members,)."""
        return self.sum_of("joined_window")

    def against_share(self) -> FloatArray:
        """Return the share of the last twelve months' UN votes cast against Russia; 0 without a vote."""
        return self.sum_of("against_window") / np.maximum(self.sum_of("votes_window"), 1.0)

    def close(self) -> None:
        """Take the month into the windows and take stock."""
        conditions, between = self.world.conditions, self.world.between
        self.push("issued_window", conditions.issued_russia)
        self.push("joined_window", between.joined_russia)
        self.push("against_window", between.votes_against)
        self.push("votes_window", between.votes)
        if not self.world.learning:
            self._take_stock()

    def _take_stock(self) -> None:
        conditions, between = self.world.conditions, self.world.between
        self.push("with_window", between.votes_with)
        votes = self.sum_of("votes_window")
        had_text = votes > 0.0
        self.votes_held = np.where(had_text, votes, self.votes_held)
        self.with_held = np.where(had_text, self.sum_of("with_window"), self.with_held)
        found = classify(
            between.sanctions, self.issued_year(), self.joined_year(), self.with_held, self.votes_held
        )
        self.posture = np.where(conditions.measures_exist > 0.0, found, UNDEFINED)
