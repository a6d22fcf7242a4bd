"""A cloud of particles: parameters and past luck, and what the record makes of the histories they amount to.

A history is a function of parameters and luck, so a particle is these two, and its history can be lived again at any
time by the one model. Parameters are held as standard normal coordinates of their priors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.assimilation.blocks import BLOCKS, REST, block_of, control_of
from sim.facts import Facts
from sim.model import AlignmentModel
from sim.parameters import Parameter
from sim.randomness import STRANDS, PastLuck, normal_quantile, uniforms
from sim.scenario import Scenario

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

KINDS = (*BLOCKS, REST)
"""The rows of the evidence: each block, and the rest."""


OTHERS = "all others"
"""The strand of all luck that is in no strand of its own."""


@dataclass(frozen=True)
class World:
    """What all particles of a filter share: scenario, facts, parameter table, seed and the pool of luck indices.

    Attributes
    ----------
    first, size: the luck indices of the pool are `first` to `first + size - 1`.
    """

    scenario: Scenario
    facts: Facts
    table: dict[str, Parameter]
    seed: int
    first: int
    size: int

    @property
    def months(self) -> int:
        """Months of history: all before the origin."""
        return self.facts.first_month

    @property
    def names(self) -> tuple[str, ...]:
        """The coordinates: parameters that are not fixed at a value, in the table's order, then the controls."""
        parameters = (name for name, entry in self.table.items() if not entry.fixed)
        return (*parameters, *(control_of(kind) for kind in KINDS))

    def parameters(self, z: FloatArray) -> dict[str, FloatArray]:
        """Return the parameters at coordinates `z`, shape (coordinates, particles), by name."""
        from scipy.special import ndtr

        u = dict(zip(self.names, ndtr(z), strict=True))
        middle = np.full(z.shape[1], 0.5)
        return {name: entry.draw(u.get(name, middle)) for name, entry in self.table.items()}

    def seated(self, z: FloatArray, luck: IntArray) -> AlignmentModel:
        """Return the model with these particles as its members, before its first month."""
        return AlignmentModel(
            self.scenario,
            members=z.shape[1],
            seed=self.seed,
            past=PastLuck(self.seed, luck),
            parameters=self.parameters(z),
            facts=self.facts,
        )


@dataclass(frozen=True)
class Part:
    """Some coordinates, strands and kinds of evidence, each as a mask over the cloud's rows."""

    rows: BoolArray
    strands: BoolArray
    kinds: BoolArray

    @classmethod
    def of(cls, world: World, *kinds: str) -> Part:
        """Return the part that belongs to these blocks; `REST` is what belongs to none."""
        learned = [n for n in world.names if n not in world.table or world.table[n].learned]
        in_blocks = {name for block in BLOCKS.values() for name in block.parameters}
        strands_in_blocks = {strand for block in BLOCKS.values() for strand in block.strands}
        rows, strands = {control_of(kind) for kind in kinds}, set()
        for kind in kinds:
            if kind in BLOCKS:
                rows |= set(BLOCKS[kind].parameters)
                strands |= set(BLOCKS[kind].strands)
            else:
                rows |= {n for n in learned if n not in in_blocks and n in world.table}
                strands |= {s for s in (*STRANDS, OTHERS) if s not in strands_in_blocks}
        return cls(
            np.isin(world.names, list(rows)),
            np.isin((*STRANDS, OTHERS), list(strands)),
            np.isin(KINDS, kinds),
        )


@dataclass
class Cloud:
    """Particles of equal weight.

    Attributes
    ----------
    z: coordinates, standard normal under the prior, shape (coordinates, particles).
    luck: luck index, shape (strands, months, particles).
    evidence: log probability given to the record, shape (kinds, months lived, particles); kinds as in `KINDS`.
    """

    z: FloatArray
    luck: IntArray
    evidence: FloatArray

    @classmethod
    def from_prior(cls, world: World) -> Cloud:
        """Draw particles from the prior, each with a luck of its own."""
        rows = world.first + np.arange(world.size, dtype=np.int64)
        z = np.stack([normal_quantile(uniforms(world.seed, "parameter", n, 0, rows)) for n in world.names])
        luck = np.tile(rows, (len(STRANDS) + 1, world.months, 1))
        return cls(z, luck, np.zeros((len(KINDS), 0, world.size)))

    @property
    def size(self) -> int:
        """Number of particles."""
        return int(self.z.shape[1])

    def take(self, part: Part, indices: IntArray, month: int) -> None:
        """Let particle k have of a part what particle ``indices[k]`` has; luck after `month` stays with the place."""
        z, luck, evidence = self.z.copy(), self.luck.copy(), self.evidence.copy()
        z[part.rows] = z[part.rows][:, indices]
        luck[part.strands, : month + 1] = luck[part.strands, : month + 1][:, :, indices]
        evidence[part.kinds] = evidence[part.kinds][:, :, indices]
        self.z, self.luck, self.evidence = z, luck, evidence

    def total(self) -> FloatArray:
        """Return the log probability of the record, shape (particles,)."""
        return np.asarray(self.evidence.sum(axis=(0, 1)))


def live(world: World, z: FloatArray, luck: IntArray, until: int) -> tuple[AlignmentModel, FloatArray]:
    """Live the histories of particles from January 2012 through month `until`.

    Returns
    -------
    The model as it stands then, and the evidence, shape (kinds, until + 1, particles).
    """
    model = world.seated(z, luck)
    evidence = np.zeros((len(KINDS), until + 1, z.shape[1]))
    for month in range(until + 1):
        model.step()
        evidence[:, month] = month_evidence(model)
    return model, evidence


def month_evidence(model: AlignmentModel) -> FloatArray:
    """Return the model's evidence of its month, shape (kinds, particles)."""
    rows = np.zeros((len(KINDS), model.members))
    for kind, log_density in model.evidence.items():
        rows[KINDS.index(block_of(kind))] += log_density
    return rows
