"""Particles: parameters and past luck, and what the record makes of the histories they amount to.

A history is a function of parameters and luck, so a particle is these two, and its history can be lived again at any
time by the one model. Parameters are held as standard normal coordinates of their priors.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.assimilation.blocks import BLOCKS, LEAN, LEANING, REST, WEIGHED, Block, block_of, control_of
from sim.draws.quantiles import normal_quantile
from sim.draws.randomness import STRANDS, PastLuck, Pool, uniforms
from sim.model.alignment import AlignmentModel
from sim.parameters.table import Parameter
from sim.scenario import Scenario
from sim.world.facts import Facts
from sim.world.incentives import LEDGER

KINDS = (*BLOCKS, REST)
"""The rows of the evidence: each block, and the rest."""

OTHERS = "all others"
"""The strand of all luck that is in no strand of its own."""

Values = dict[str, FloatArray]
"""Parameters by name, each of shape (particles,)."""

Paths = dict[str, FloatArray]
"""What blocks read from one another, by name, at the end of each month: shape (months, particles), or of `WEIGHED`
(months, incentives, particles)."""


@dataclass(frozen=True)
class Problem:
    """What all particles of a filter share: scenario, facts, parameter table, seed and the pool of luck indices.

    Attributes
    ----------
    first, size: the luck indices of the pool are `first` to `first + size - 1`; as many particles.
    islands: into how many islands, one after another, the particles fall, as `numpy.array_split` cuts them.
    """

    scenario: Scenario
    facts: Facts
    table: dict[str, Parameter]
    seed: int
    first: int
    size: int
    islands: int = 1

    @cached_property
    def pool(self) -> Pool:
        """The draws of the pool, kept for the many times that histories are lived again."""
        return Pool(self.seed, self.first, self.size)

    @property
    def months(self) -> int:
        """Months of history: all before the origin."""
        return self.facts.first_month

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The coordinates: parameters that are not fixed at a value, in the table's order, then the controls."""
        parameters = (name for name, entry in self.table.items() if not entry.fixed)
        return (*parameters, *(control_of(kind) for kind in KINDS))

    @cached_property
    def blocks(self) -> dict[str, Block]:
        """The blocks by name, and as `REST` what is learned and in none of them."""
        taken = {name for block in BLOCKS.values() for name in (*block.parameters, *block.strands)}
        learned = (name for name in self.names if name in self.table and self.table[name].learned)
        parameters = tuple(name for name in learned if name not in taken)
        strands = tuple(strand for strand in (*STRANDS, OTHERS) if strand not in taken)
        return {**BLOCKS, REST: Block(parameters, strands, (), LEANING)}

    def parameters(self, z: FloatArray) -> Values:
        """Return the parameters at coordinates `z`, shape (coordinates, particles), by name."""
        middle = np.full(z.shape[1], 0.5)
        fixed = {name: entry.draw(middle) for name, entry in self.table.items() if entry.fixed}
        return self.values(z, np.ones(len(self.names), dtype=bool)) | fixed

    def values(self, z: FloatArray, rows: BoolArray) -> Values:
        """Return those parameters whose coordinates are among `rows`, shape (coordinates,), by name."""
        from scipy.special import ndtr

        names = ((place, self.names[place]) for place in np.flatnonzero(rows))
        return {name: self.table[name].draw(ndtr(z[place])) for place, name in names if name in self.table}

    def model(self, parameters: Values, luck: IntArray) -> AlignmentModel:
        """Return the model with particles as its members, before its first month."""
        return AlignmentModel(
            self.scenario,
            members=luck.shape[2],
            seed=self.seed,
            past=PastLuck(self.seed, luck, self.pool),
            parameters=parameters,
            facts=self.facts,
            learning=True,
        )


@dataclass(frozen=True)
class Part:
    """Some coordinates, strands and kinds of evidence, each as a mask over rows; the parameters by name."""

    rows: BoolArray
    strands: BoolArray
    kinds: BoolArray
    parameters: tuple[str, ...]

    @classmethod
    def of(cls, problem: Problem, *kinds: str) -> Part:
        """Return the part that belongs to these blocks, with their controls; `REST` is what belongs to none."""
        blocks = [problem.blocks[kind] for kind in kinds]
        rows = {control_of(kind) for kind in kinds}.union(*(block.parameters for block in blocks))
        return cls.named(problem, rows, {s for block in blocks for s in block.strands}, kinds)

    @classmethod
    def named(
        cls, problem: Problem, rows: Collection[str], strands: Collection[str], kinds: Collection[str]
    ) -> Part:
        """Return the part of these coordinates, strands and kinds of evidence, by name."""
        return cls(
            np.isin(problem.names, list(rows)),
            np.isin((*STRANDS, OTHERS), list(strands)),
            np.isin(KINDS, list(kinds)),
            tuple(name for name in problem.names if name in rows and name in problem.table),
        )


@dataclass
class Particles:
    """Particles of equal weight.

    Attributes
    ----------
    z: coordinates, standard normal under the prior, shape (coordinates, particles).
    values: the parameters that these are, by name, each of shape (particles,).
    luck: luck index, shape (strands, months, particles).
    evidence: log probability given to the record, shape (kinds, months, particles); kinds as in `KINDS`, 0 in months
        that were not lived.
    paths: what blocks read from one another, as the last whole histories left it.
    taken: the power to which evidence was taken in, shape (kinds, months): particles stand for the posterior by it.
    month: the last one lived.
    stale: the kinds whose evidence is not that of the paths at hand, since they or the paths were taken elsewhere.
    """

    z: FloatArray
    values: Values
    luck: IntArray
    evidence: FloatArray
    paths: Paths
    taken: FloatArray
    month: int = -1
    stale: set[str] = field(default_factory=set)

    @classmethod
    def from_prior(cls, problem: Problem) -> Particles:
        """Draw particles from the prior, each with a luck of its own."""
        rows = problem.first + np.arange(problem.size, dtype=np.int64)
        z = np.stack(
            [normal_quantile(uniforms(problem.seed, "parameter", n, 0, rows)) for n in problem.names]
        )
        luck = np.tile(rows, (len(STRANDS) + 1, problem.months, 1))
        taken = np.zeros((len(KINDS), problem.months))
        evidence = np.zeros((*taken.shape, problem.size))
        return cls(z, problem.parameters(z), luck, evidence, empty_paths(problem.months, problem.size), taken)

    @property
    def size(self) -> int:
        """Number of particles."""
        return int(self.z.shape[1])

    def weighed(self, power: FloatArray, evidence: FloatArray | None = None) -> FloatArray:
        """Return the evidence so far to those powers, these particles' own or another, shape (particles,).

        Parameters
        ----------
        power: of each kind in each month, shape (kinds, months).
        """
        total = np.zeros(self.size)
        for own, rows in zip(power, self.evidence if evidence is None else evidence, strict=True):
            used = np.flatnonzero(own[: self.month + 1])
            if used.size:
                first, last = used[0], used[-1] + 1
                total += own[first:last] @ rows[first:last]
        return total

    def take(self, part: Part, indices: IntArray) -> None:
        """Let particle k have of a part what particle ``indices[k]`` has; luck to come stays with the place."""
        lived = slice(self.month + 1)
        self.z[part.rows] = self.z[part.rows][:, indices]
        self.values |= {name: self.values[name][indices] for name in part.parameters}
        self.luck[part.strands, lived] = self.luck[part.strands, lived][:, :, indices]
        self.evidence[part.kinds, lived] = self.evidence[part.kinds, lived][:, :, indices]
        self.stale |= {kind for kind, taken in zip(KINDS, part.kinds, strict=True) if taken}
        if part.kinds[KINDS.index(REST)]:  # what others read goes along with the lean
            for path in self.paths.values():
                path[lived] = path[lived][..., indices]
            self.stale = set(KINDS)


def live(
    problem: Problem, parameters: Values, luck: IntArray, until: int, paths: Paths | None = None
) -> tuple[AlignmentModel, FloatArray, Paths]:
    """Live the histories of particles from January 2012 through month `until`.

    Parameters
    ----------
    paths: those of another life, to be written over: fresh memory costs as much as half of a month.

    Returns
    -------
    The model as it stands then; the evidence, shape (kinds, months, particles); what blocks read from one another.
    """
    model = problem.model(parameters, luck)
    evidence = np.zeros((len(KINDS), problem.months, model.members))
    paths = empty_paths(problem.months, model.members) if paths is None else paths
    for _ in range(until + 1):
        live_month(model, evidence, paths)
    return model, evidence, paths


def live_month(model: AlignmentModel, evidence: FloatArray, paths: Paths) -> None:
    """Live the next month; add the evidence of it, and note what it leaves to be read."""
    model.step()
    for kind, log_density in model.evidence.items():
        evidence[KINDS.index(block_of(kind)), model.tick] += log_density
    for name, path in paths.items():
        entity, state = name.split(".")
        held = getattr(getattr(model, entity), state)
        path[model.tick] = list(held.values()) if name == WEIGHED else held


def empty_paths(months: int, particles: int) -> Paths:
    """Return paths to be filled month by month."""
    read = {path for block in (*BLOCKS.values(), LEAN) for path in block.reads}
    weighed = np.zeros((months, len(LEDGER), particles))
    return {path: weighed if path == WEIGHED else np.zeros((months, particles)) for path in sorted(read)}
