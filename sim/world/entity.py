"""An entity of the world: states, luck, parameters and facts at hand, for agents and for all that is none.

The word is that of the ODD protocol for describing agent-based models: Grimm et al. (2020), JASSS 23(2) 7.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

import numpy as np

from sim.arrays import BoolArray, FloatArray
from sim.world.seen import History, World
from sim.world.state import StateHolder


def log_chance(chance: FloatArray) -> FloatArray:
    """Return the log of a probability, elementwise; of none at all that of the least number."""
    least: FloatArray = np.log(np.maximum(chance, np.finfo(np.float64).tiny))
    return least


@lru_cache(maxsize=16)
def _same(value: float, members: int) -> FloatArray:
    same = np.full(members, value, dtype=np.float64)
    same.flags.writeable = False
    return same


class Entity(StateHolder):
    """Whoever, or whatever, has states that move in the model's months: an agent, an affair, the conditions."""

    name: str
    world: World
    facts: History

    def enter(self, world: World, name: str) -> None:
        """Enter the world, with every state at 0; call it before giving any state a value of its own."""
        self.world, self.facts = world, world.facts
        self.name = name
        self.members = world.members
        for state, declared in self.declared().items():
            nothing = self.full(0.0)
            if declared.width is not None:  # months lie one after another, members side by side
                nothing = np.zeros((declared.width, self.members)).T
            setattr(self, state, nothing)

    @property
    def tick(self) -> int:
        """The month's number."""
        return self.world.tick

    @property
    def parameters(self) -> Mapping[str, FloatArray]:
        """The parameters that hold this month, each of shape (members,)."""
        return self.world.parameters

    def full(self, value: float) -> FloatArray:
        """Return one value for all members, shape (members,), read-only: most are 0, and one array serves them all."""
        return _same(value, self.members)

    def uniform(self, stream: str) -> FloatArray:
        """Return this month's uniforms for one of this entity's choices, shape (members,)."""
        return self.world.luck.uniform(stream, self.name)

    def normal(self, stream: str) -> FloatArray:
        """Return this month's standard normals for one of this entity's shocks, shape (members,)."""
        return self.world.luck.normal(stream, self.name)

    def choose(
        self,
        stream: str,
        chance: FloatArray,
        *,
        recorded: float | None = None,
        given: BoolArray | None = None,
        evidence: str = "",
    ) -> FloatArray:
        """Return whether a step is taken this month, 0 or 1, shape (members,): recorded and weighed, or drawn.

        Parameters
        ----------
        stream: the step, by whose name it is drawn and history knows it. chance: of the step, shape (members,).
        recorded: whether history has it in this month, or how often; None where none says.
        given: the members that have the choice, shape (members,); the others take no step.
        evidence: as in `settle`.
        """

        def draw() -> FloatArray:
            taken = self.uniform(stream) < chance
            return (taken if given is None else taken & given).astype(np.float64)

        if recorded is None or not self.facts.on_record(self.tick, stream):
            return draw()
        had = chance if recorded else 1.0 - chance
        return self.settle(stream, draw, recorded, had, given=given, evidence=evidence)

    def settle(
        self,
        what: str,
        draw: Callable[[], FloatArray],
        recorded: float,
        chance: FloatArray,
        *,
        given: BoolArray | None = None,
        evidence: str = "",
    ) -> FloatArray:
        """Return what this month came to, shape (members,): in history what is `recorded`, for all; else what is drawn.

        History reaches as far as it is told of `what`. In it members are weighed by the `chance` that they gave to what
        is recorded, those `given` the choice, under the kind of `evidence`; by nothing where that is empty, as where
        the record is not complete.
        """
        if not self.facts.on_record(self.tick, what):
            return draw()
        if evidence:
            self.weigh(evidence, chance if given is None else np.where(given, chance, 1.0))
        return self.full(recorded)

    def weigh(self, what: str, chance: FloatArray) -> None:
        """Note the probability that each member gave to something the record says, shape (members,)."""
        self.weigh_log(what, log_chance(chance))

    def weigh_log(self, what: str, log_density: FloatArray) -> None:
        """Note the log probability, or log density, that each member gave to it, shape (members,)."""
        evidence = self.world.evidence
        evidence[what] = evidence[what] + log_density if what in evidence else log_density

    def intervened(self, quantity: str, value: FloatArray) -> FloatArray:
        """Return what the scenario's events make of a value this month."""
        return self.world.interventions.apply(quantity, value, self.tick)
