"""Moves that keep the posterior as it is and the particles apart: Metropolis-Hastings on whole histories.

After each resampling, particles propose other parameters or another past luck, live their history again, and accept
by the probability that the record has under it. So no parameter shrinks by accident, as it does where particles are
merely resampled, and no jitter is put in. A proposal changes some coordinates by the preconditioned Crank-Nicolson
rule, ``z' = m + sqrt(1 - b**2) (z - m) + b s e`` with e standard normal, which leaves a normal distribution (mean m,
deviation s) as it is: the prior (m = 0, s = 1), or one fitted to the particles, corrected by the ratio of the two. A
luck proposal draws some months of a strand again.

Sources: Chopin (2002), A sequential particle filter method for static models, Biometrika 89(3); Gilks & Berzuini
(2001), Following a moving target, JRSS B 63(1); Cotter, Roberts, Stuart & White (2013), MCMC methods for functions,
Statistical Science 28(3). The mix of step sizes is judgement; any mix leaves the posterior as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.assimilation.blocks import BLOCKS, LEAN, REST
from sim.assimilation.conditional import LEANS, MONTHS_OF, ON_THE_LEAN, live_block, live_lean
from sim.assimilation.particles import KINDS, Part, Particles, Paths, Problem, Values, live
from sim.model.alignment import AlignmentModel

# each row: share of the coordinates at hand that move, step b, and whether around the prior (1) or the particles (0)
_STEPS_OF_BLOCKS = np.array(
    [[0.3, 1.0, 1], [0.3, 1.0, 0], [1.0, 1.0, 0], [1.0, 0.5, 0], [1.0, 0.25, 0], [0.3, 0.5, 0]]
)
_STEPS_OF_THE_REST = np.array([[0.4, 1, 1], [1, 1, 1], [1, 0.7, 1], [1, 1, 0], [1, 0.5, 0]])
_STEPS_OF_THE_LEAN = np.array([[0.5, 1.0, 1], [0.5, 1.0, 0], [1.0, 1.0, 1], [1.0, 1.0, 0], [1.0, 0.5, 0]])
_WINDOWS = np.array([2, 4, 8, 16, 32, 64, 128])
"""Lengths of luck proposals, months."""
_LONG = _WINDOWS[3:]
"""The same for the lean and the rest: short windows are accepted nearly always there, and move little (decision 16)."""

_SWEPT = (*MONTHS_OF, "declarations", "declarations")
"""The blocks of a sweep, in their turn: the one whose parameters lie along the narrowest ridge thrice."""

_WIDER = 1.5  # the fitted reference is that much wider than the particles, so that these can spread again
_NARROWEST = 0.15  # nor is it ever narrower than that: particles that lost their spread must find it again


@dataclass
class Redrawn:
    """Luck that was drawn again, by strand: months, particles, and the luck that they had, each of one shape."""

    windows: list[tuple[int, IntArray, IntArray, IntArray]] = field(default_factory=list)

    def take_back(self, luck: IntArray, refused: BoolArray) -> None:
        """Give those particles the luck again that they had, in place."""
        for place, months, who, before in self.windows:
            back = refused[who]
            luck[place, months[back], who[back]] = before[back]


@dataclass(frozen=True)
class Kernel:
    """What is moved by itself, all else being given: parameters, then luck.

    Attributes
    ----------
    told_by: the blocks whose evidence accepts it. steps: of the parameters, of which a row is chosen at random.
    windows: lengths of luck proposals, months.
    """

    part: Part
    told_by: tuple[str, ...]
    steps: FloatArray
    windows: IntArray


class Mover:
    """Moves particles; the same generator makes all its choices, so that a seed repeats them.

    It accepts by the evidence through the last month lived, to the power to which it was taken in.

    Parameters
    ----------
    problem: what the particles share. rng: the filter's generator.
    """

    def __init__(self, problem: Problem, rng: np.random.Generator) -> None:
        self.problem = problem
        self.rng = rng
        self._blocks = {
            name: Kernel(Part.of(problem, name), (name,), _STEPS_OF_BLOCKS, _WINDOWS) for name in BLOCKS
        }
        lean = Part.named(problem, LEAN.parameters, LEAN.strands, ())
        self._lean = Kernel(lean, ON_THE_LEAN, _STEPS_OF_THE_LEAN, _LONG)
        self._rest = Part.of(problem, REST)
        names = problem.names
        self._free = np.array([name in problem.table and not problem.table[name].learned for name in names])
        groups = np.array([problem.table[name].group if name in problem.table else "" for name in names])
        here = dict.fromkeys(groups[self._rest.rows])
        self._subjects = np.array([(groups == group) & self._rest.rows for group in here])

    def sweep(self, particles: Particles) -> float:
        """Move each block that can be lived by itself; return the share accepted.

        All else stands as the last whole histories left it.
        """
        moved = [self._move(self._blocks[name], particles) for name in _SWEPT]
        return float(np.mean(moved))

    def move_lean(self, particles: Particles) -> float:
        """Move what acts on the lean alone, by all evidence that reads it; return the share accepted."""
        return self._move(self._lean, particles)

    def _move(self, kernel: Kernel, particles: Particles) -> float:
        """Move a kernel's parameters, then its luck; return the share of its parameters' moves accepted."""
        part = kernel.part
        self._freshen(kernel, particles)
        z, ratio = self._step_together(particles.z, part.rows, kernel.steps)
        values = self.problem.values(z, part.rows)
        takes = self._take(kernel, particles, particles.values | values, ratio)
        particles.z[part.rows] = np.where(takes, z[part.rows], particles.z[part.rows])
        particles.values |= _chosen(takes, values, particles.values)
        if part.strands.any():
            everyone, even = np.ones(particles.size, dtype=bool), np.zeros(particles.size)
            redrawn = self._redraw(particles, part.strands, everyone, kernel.windows)
            kept = self._take(kernel, particles, particles.values, even)
            redrawn.take_back(particles.luck, ~kept)
        return float(takes.mean())

    def _take(self, kernel: Kernel, particles: Particles, values: Values, ratio: FloatArray) -> BoolArray:
        """Live the blocks that tell of a kernel, with these values and the particles' luck; return who accepts.

        Who does takes their evidence; and of the lean, which is lived before them, the path.
        """
        paths = particles.paths
        if kernel is self._lean:
            paths = live_lean(self.problem, values, particles.luck, paths=paths, until=particles.month)
        told = list(self._told(kernel.told_by, particles, values, paths))
        for row, each, evidence in told:
            ratio = ratio + particles.taken[row, each] * (evidence - particles.evidence[row, each])
        takes = self._accept(ratio)
        for row, each, evidence in told:
            particles.evidence[row, each] = np.where(takes, evidence, particles.evidence[row, each])
        if kernel is self._lean:
            particles.paths |= _chosen(takes, {name: paths[name] for name in LEANS}, particles.paths)
        return takes

    def _freshen(self, kernel: Kernel, particles: Particles) -> None:
        """Take the evidence again that accepts a kernel, where it is not that of the paths at hand."""
        stale = particles.stale.intersection(kernel.told_by)
        for row, each, evidence in self._told(stale, particles, particles.values, particles.paths):
            particles.evidence[row, each] = evidence
        particles.stale -= stale

    def _told(
        self, names: Iterable[str], particles: Particles, values: Values, paths: Paths
    ) -> Iterator[tuple[int, int, FloatArray]]:
        """Yield what blocks tell that are lived by themselves: row of the evidence, month, and the evidence."""
        for name in names:
            luck, until = particles.luck, particles.month
            lived = live_block(name, self.problem, values, luck, paths=paths, until=until)
            for month, evidence in lived.items():
                yield KINDS.index(name), month, evidence

    def relive(self, particles: Particles) -> AlignmentModel:
        """Live all histories again, and move the blocks that go along with them; return the model as it stands then."""
        z = particles.z.copy()
        ratios, moved = {}, np.zeros(len(z), dtype=bool)
        for name in BLOCKS:
            if name not in MONTHS_OF:
                z, ratios[name] = self._step_together(z, self._blocks[name].part.rows, _STEPS_OF_BLOCKS)
                moved |= self._blocks[name].part.rows
        values = particles.values | self.problem.values(z, moved)
        lived = values, particles.luck, particles.month, particles.paths
        model, evidence, particles.paths = live(self.problem, *lived)
        for name, ratio in ratios.items():
            part, row = self._blocks[name].part, KINDS.index(name)
            takes = self._accept((evidence[row] - particles.evidence[row]).T @ particles.taken[row] + ratio)
            z[part.rows] = np.where(takes, z[part.rows], particles.z[part.rows])
            own = {name: values[name] for name in part.parameters}
            values |= _chosen(takes, own, particles.values)
            evidence[row] = np.where(takes, evidence[row], particles.evidence[row])
        particles.z, particles.values, particles.evidence = z, values, evidence
        particles.stale.clear()
        model.believe(values)
        return model

    def move_rest(self, particles: Particles, model: AlignmentModel) -> tuple[AlignmentModel, float]:
        """Move what is in no block, by subject, and accept it by all evidence.

        Parameters
        ----------
        model: the particles at the end of the month, as `relive` returns it; of no use afterwards.

        Returns
        -------
        The model of the particles as they are now; the share accepted.
        """
        size = particles.size
        chosen = self.rng.random((len(self._subjects), size)) < 0.7
        mask = np.any(self._subjects[:, :, np.newaxis] & chosen[:, np.newaxis], axis=0, keepdims=False)
        z, ratio = self._step(particles.z, mask)
        redrawn = self._redraw(particles, self._rest.strands, self.rng.random(size) < 0.8, _LONG)
        values = particles.values | self.problem.values(z, self._rest.rows)
        other, evidence, paths = live(self.problem, values, particles.luck, particles.month)
        gained = particles.weighed(particles.taken, evidence) - particles.weighed(particles.taken)
        takes = self._accept(gained + ratio)
        particles.z = np.where(takes, z, particles.z)
        particles.values = _chosen(takes, values, particles.values)
        redrawn.take_back(particles.luck, ~takes)
        lived = slice(particles.month + 1)
        np.copyto(particles.evidence[:, lived], evidence[:, lived], where=takes)
        for name, path in paths.items():
            np.copyto(particles.paths[name][lived], path[lived], where=takes)
        own, theirs = model.states(), other.states()
        states = {name: np.where(takes, state.T, own[name].T).T for name, state in theirs.items()}
        other.dismiss()
        model.dismiss()
        model = self.problem.model(particles.values, particles.luck)
        model.resume(states, particles.month)
        return model, float(takes.mean())

    def draw_free(self, particles: Particles) -> None:
        """Draw the parameters that are not learned again from their priors.

        No evidence depends on them, or so little else does that none of it is learned from (decision 0018).
        """
        particles.z[self._free] = self.rng.standard_normal((int(self._free.sum()), particles.size))
        particles.values |= self.problem.values(particles.z, self._free)

    def _accept(self, log_ratio: FloatArray) -> BoolArray:
        return np.asarray(np.log(self.rng.random(log_ratio.size)) < log_ratio)

    def _step(self, z: FloatArray, mask: BoolArray) -> tuple[FloatArray, FloatArray]:
        """Propose coordinates one by one; return them and the log ratio that corrects for the reference."""
        share, b, prior = _STEPS_OF_THE_REST[self.rng.integers(0, len(_STEPS_OF_THE_REST), z.shape[1])].T
        spread = np.clip(_WIDER * z.std(axis=1, keepdims=True), _NARROWEST, 1.0)
        spread = np.where(prior > 0.0, 1.0, spread)
        centre = np.where(prior > 0.0, 0.0, z.mean(axis=1, keepdims=True))
        moved = centre + np.sqrt(1.0 - b**2) * (z - centre) + b * spread * self.rng.standard_normal(z.shape)
        moved = np.where(mask & (self.rng.random(z.shape) < share), moved, z)

        def over_reference(at: FloatArray) -> FloatArray:
            return 0.5 * ((at - centre) / spread) ** 2 - 0.5 * at**2

        return moved, np.asarray((over_reference(moved) - over_reference(z)).sum(axis=0))

    def _step_together(
        self, z: FloatArray, rows: BoolArray, steps: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Propose the coordinates of some rows together, along the axes in which the particles lie.

        Returns
        -------
        All coordinates, and the log ratio that corrects for the reference that the proposal leaves as it is.
        """
        own, moved = z[rows], z.copy()
        share, b, prior = steps[self.rng.integers(0, len(steps), z.shape[1])].T
        middle = own.mean(axis=1, keepdims=True)
        variance, axes = np.linalg.eigh(np.atleast_2d(np.cov(own)))
        spread = np.clip(_WIDER * np.sqrt(np.maximum(variance, 0.0)), _NARROWEST, 1.0)[:, np.newaxis]
        fitted = (axes.T @ (own - middle)) / spread
        at = np.where(prior > 0.0, own, fitted)
        proposed = np.sqrt(1.0 - b**2) * at + b * self.rng.standard_normal(at.shape)
        proposed = np.where(self.rng.random(at.shape) < share, proposed, at)
        moved[rows] = np.where(prior > 0.0, proposed, middle + axes @ (spread * proposed))
        gained = 0.5 * (proposed**2 - at**2) - 0.5 * (moved[rows] ** 2 - own**2)
        return moved, np.asarray(gained.sum(axis=0))

    def _redraw(self, particles: Particles, strands: BoolArray, on: BoolArray, windows: IntArray) -> Redrawn:
        """Draw again the luck of a window of months in one or more of `strands`, for the particles `on`."""
        redrawn, places, chosen = Redrawn(), np.flatnonzero(strands), np.flatnonzero(on)
        luck, end = particles.luck, particles.month + 1
        length = self.rng.choice(windows, chosen.size)
        start = self.rng.integers(1 - length, end, chosen.size)
        first, last = np.maximum(start, 0), np.minimum(start + length, end)
        drawn = self.rng.random((places.size, chosen.size)) < 0.4
        drawn[self.rng.integers(0, places.size, chosen.size), np.arange(chosen.size)] = True
        for place, picked in zip(places, drawn, strict=True):
            count = (last - first)[picked]
            who = np.repeat(chosen[picked], count)
            months = np.arange(who.size) + np.repeat(first[picked] - np.cumsum(count) + count, count)
            redrawn.windows.append((int(place), months, who, luck[place, months, who]))
            luck[place, months, who] = self.problem.first + self.rng.integers(0, self.problem.size, who.size)
        return redrawn


def _chosen(takes: BoolArray, ours: Values, theirs: Values) -> Values:
    """Return by name the values of `ours` where `takes`, else those of `theirs`; particles are the last axis."""
    return {name: np.where(takes, value, theirs[name]) for name, value in ours.items()}
