"""The dialogue on the issue: rounds that move normalisation a step forward or back."""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray
from sim.entity import Entity
from sim.mechanisms.patron import forward_chance
from sim.mechanisms.scales import logistic
from sim.state import Reading, State
from sim.world import World


class Dialogue(Entity):
    """The state, the other side of the issue and Brussels at one table."""

    normalisation_logit = State("share of the way to a settled issue", "logit")
    step = State("what the month's rounds came to: steps forward less steps back", "count")

    def __init__(self, world: World) -> None:
        self.enter(world, "dialogue")
        self.normalisation_logit = self.parameters["normalisation_start"]

    @Reading
    def normalisation(self) -> FloatArray:
        """Share of the way to a settled issue."""
        return self.through(logistic, "normalisation_logit")

    def close(self) -> None:
        """Take the month's step: the record's, or a round by chance, forward or back by what the state weighs."""
        p = self.parameters
        x = self.world.between.weighed
        forward = forward_chance(
            x["accession"], x["pressure"], x["public"], p["dialogue_bias"], p["dialogue_gain"]
        )
        rate = p["dialogue_rate"]

        def drawn() -> FloatArray:
            direction = np.where(self.uniform("direction") < forward, 1.0, -1.0)
            return np.where(self.uniform("round") < rate, direction, 0.0)

        step = self.facts.turn("issue", self.tick)
        ways = (1.0 - rate, rate * forward, rate * (1.0 - forward))  # none, forward, and at -1 back
        chance = ways[int(np.sign(step))]
        self.step = self.settle(drawn, step, chance, table="turns", evidence="steps on the issue")
        self.normalisation_logit = self.normalisation_logit + p["dialogue_step"] * self.step
