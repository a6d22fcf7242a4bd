"""Particles: parameters and past luck, and what the record makes of the histories they amount to.

A history is a function of parameters and luck, so a particle is these two, and its history can be lived again at any
time by the one model. Parameters are held as standard normal coordinates of their priors.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.assimilation.blocks import BLOCKS, REST, block_of, control_of
from sim.assimilation.conditional import empty_paths
from sim.assimilation.paths import Paths, note
from sim.facts import Facts
from sim.model import AlignmentModel
from sim.parameters import Parameter
from sim.quantiles import normal_quantile
from sim.randomness import STRANDS, PastLuck, Pool, uniforms
from sim.scenario import Scenario

KINDS = (*BLOCKS, REST)
"""The rows of the evidence: each block, and the rest."""


OTHERS = "all others"
"""The strand of all luck that is in no strand of its own."""


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

    def parameters(self, z: FloatArray) -> dict[str, FloatArray]:
        """Return the parameters at coordinates `z`, shape (coordinates, particles), by name."""
        fixed = {name: entry for name, entry in self.table.items() if entry.fixed}
        middle = np.full(z.shape[1], 0.5)
        return self.values(z, self._everywhere) | {name: entry.draw(middle) for name, entry in fixed.items()}

    def values(self, z: FloatArray, rows: BoolArray) -> dict[str, FloatArray]:
        """Return those parameters whose coordinates are among `rows`, shape (coordinates,), by name."""
        from scipy.special import ndtr

        names = ((place, self.names[place]) for place in np.flatnonzero(rows))
        return {name: self.table[name].draw(ndtr(z[place])) for place, name in names if name in self.table}

    @cached_property
    def _everywhere(self) -> BoolArray:
        return np.ones(len(self.names), dtype=bool)

    def model(
        self, parameters: dict[str, FloatArray], luck: IntArray, *, learning: bool = True
    ) -> AlignmentModel:
        """Return the model with particles as its members, before its first month; `learning` as of the model."""
        return AlignmentModel(
            self.scenario,
            members=luck.shape[2],
            seed=self.seed,
            past=PastLuck(self.seed, luck, self.pool),
            parameters=parameters,
            facts=self.facts,
            learning=learning,
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
        """Return the part that belongs to these blocks; `REST` is what belongs to none."""
        learned = [n for n in problem.names if n not in problem.table or problem.table[n].learned]
        in_blocks = {name for block in BLOCKS.values() for name in block.parameters}
        strands_in_blocks = {strand for block in BLOCKS.values() for strand in block.strands}
        rows, strands = {control_of(kind) for kind in kinds}, set()
        for kind in kinds:
            if kind in BLOCKS:
                rows |= set(BLOCKS[kind].parameters)
                strands |= set(BLOCKS[kind].strands)
            else:
                rows |= {n for n in learned if n not in in_blocks and n in problem.table}
                strands |= {s for s in (*STRANDS, OTHERS) if s not in strands_in_blocks}
        return cls(
            np.isin(problem.names, list(rows)),
            np.isin((*STRANDS, OTHERS), list(strands)),
            np.isin(KINDS, kinds),
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
    stale: the kinds whose evidence is not that of the paths at hand, since they or the paths were taken elsewhere.
    """

    z: FloatArray
    values: dict[str, FloatArray]
    luck: IntArray
    evidence: FloatArray
    paths: Paths
    stale: set[str] = field(default_factory=set)

    @classmethod
    def from_prior(cls, problem: Problem) -> Particles:
        """Draw particles from the prior, each with a luck of its own."""
        rows = problem.first + np.arange(problem.size, dtype=np.int64)
        z = np.stack(
            [normal_quantile(uniforms(problem.seed, "parameter", n, 0, rows)) for n in problem.names]
        )
        luck = np.tile(rows, (len(STRANDS) + 1, problem.months, 1))
        paths = empty_paths(problem.months, problem.size)
        return cls(
            z, problem.parameters(z), luck, np.zeros((len(KINDS), problem.months, problem.size)), paths
        )

    @property
    def size(self) -> int:
        """Number of particles."""
        return int(self.z.shape[1])

    def weighed(self, power: FloatArray, month: int, evidence: FloatArray | None = None) -> FloatArray:
        """Return the evidence through a month to those powers, these particles' own or another, shape (particles,).

        Parameters
        ----------
        power: of each kind in each month, shape (kinds, months).
        """
        total = np.zeros(self.size)
        for own, rows in zip(power, self.evidence if evidence is None else evidence, strict=True):
            used = np.flatnonzero(own[: month + 1])
            if used.size:
                first, last = used[0], used[-1] + 1
                total += own[first:last] @ rows[first:last]
        return total

    def take(self, part: Part, indices: IntArray, month: int) -> None:
        """Let particle k have of a part what particle ``indices[k]`` has; luck after `month` stays with the place."""
        self.z[part.rows] = self.z[part.rows][:, indices]
        self.values |= {name: self.values[name][indices] for name in part.parameters}
        self.luck[part.strands, : month + 1] = self.luck[part.strands, : month + 1][:, :, indices]
        self.evidence[part.kinds, : month + 1] = self.evidence[part.kinds, : month + 1][:, :, indices]
        self.stale |= {kind for kind, taken in zip(KINDS, part.kinds, strict=True) if taken}
        if part.kinds[KINDS.index(REST)]:  # what others read goes along with the lean
            for path in self.paths.values():
                path[: month + 1] = path[: month + 1][..., indices]
            self.stale = set(KINDS)


def live(
    problem: Problem, parameters: dict[str, FloatArray], luck: IntArray, until: int
) -> tuple[AlignmentModel, FloatArray, Paths]:
    """Live the histories of particles from January 2012 through month `until`.

    Returns
    -------
    The model as it stands then; the evidence, shape (kinds, months, particles); what blocks read from one another.
    """
    model = problem.model(parameters, luck)
    evidence = np.zeros((len(KINDS), problem.months, model.members))
    paths = empty_paths(problem.months, model.members)
    for month in range(until + 1):
        model.step()
        evidence[:, month] = month_evidence(model)
        note(paths, model)
    return model, evidence, paths


def month_evidence(model: AlignmentModel) -> FloatArray:
    """Return the model's evidence of its month, shape (kinds, particles)."""
    rows = np.zeros((len(KINDS), model.members))
    for kind, log_density in model.evidence.items():
        rows[KINDS.index(block_of(kind))] += log_density
    return rows
