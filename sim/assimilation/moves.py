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

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.assimilation.blocks import BLOCKS, LEAN, REST
from sim.assimilation.conditional import LEANS, MONTHS_OF, ON_THE_LEAN, live_block, live_lean
from sim.assimilation.particles import KINDS, Part, Particles, Problem, live
from sim.assimilation.redrawn import Redrawn
from sim.model import AlignmentModel
from sim.randomness import STRANDS

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

Values = dict[str, FloatArray]

_WIDER = 1.5  # the fitted reference is that much wider than the particles, so that these can spread again
_NARROWEST = 0.15  # nor is it ever narrower than that: particles that lost their spread must find it again


class Mover:
    """Moves particles; the same generator makes all its choices, so that a seed repeats them.

    Parameters
    ----------
    problem: what the particles share. rng: the filter's generator.
    """

    def __init__(self, problem: Problem, rng: np.random.Generator) -> None:
        self.problem = problem
        self.rng = rng
        self._blocks = {name: Part.of(problem, name) for name in BLOCKS}
        self._rest = Part.of(problem, REST)
        self._lean = np.isin(problem.names, LEAN.parameters), np.isin(STRANDS, LEAN.strands)
        names = problem.names
        self._free = np.array([name in problem.table and not problem.table[name].learned for name in names])
        groups = np.array([problem.table[name].group if name in problem.table else "" for name in names])
        here = dict.fromkeys(groups[self._rest.rows])
        self._subjects = [(groups == group) & self._rest.rows for group in here]

    def sweep(self, particles: Particles, weight: FloatArray, month: int) -> float:
        """Move each block that can be lived by itself, first its parameters, then its luck; return the share accepted.

        All else stands as the last whole histories left it.

        Parameters
        ----------
        weight: power of each kind of evidence in each month, shape (kinds, months). month: the last one lived.
        """
        return float(np.mean([self._move_block(name, particles, weight, month) for name in _SWEPT]))

    def _freshen(self, name: str, particles: Particles, month: int) -> None:
        """Take a block's evidence again if it is not that of the paths at hand."""
        if name in particles.stale:
            model = self.problem.model(particles.values, particles.luck)
            for each, told in live_block(name, model, particles.paths, month).items():
                particles.evidence[KINDS.index(name), each] = told
            model.dismiss()
            particles.stale.discard(name)

    def _move_block(self, name: str, particles: Particles, weight: FloatArray, month: int) -> float:
        """Move one block's parameters, then its luck; return the share of its parameters' moves accepted."""
        part, row = self._blocks[name], KINDS.index(name)

        def evidence_of(values: Values) -> dict[int, FloatArray]:
            model = self.problem.model(values, particles.luck)
            evidence = live_block(name, model, particles.paths, month)
            model.dismiss()
            return evidence

        def accept(evidence: dict[int, FloatArray], ratio: FloatArray) -> BoolArray:
            own = particles.evidence[row]
            for each, told in evidence.items():
                ratio = ratio + weight[row, each] * (told - own[each])
            takes = self._accept(ratio)
            for each, told in evidence.items():
                own[each] = np.where(takes, told, own[each])
            return takes

        self._freshen(name, particles, month)
        z, ratio = self._step_together(particles.z, part.rows)
        values = self.problem.values(z, part.rows)
        takes = accept(evidence_of(particles.values | values), ratio)
        particles.z[part.rows] = np.where(takes, z[part.rows], particles.z[part.rows])
        particles.values |= _chosen(takes, values, particles.values)
        if part.strands.any():
            redrawn = self._redraw(particles.luck, part.strands, np.ones(particles.size, dtype=bool), month)
            redrawn.take_back(
                particles.luck, ~accept(evidence_of(particles.values), np.zeros(particles.size))
            )
        return float(takes.mean())

    def move_lean(self, particles: Particles, weight: FloatArray, month: int) -> float:
        """Move what acts on the lean alone, first its parameters, then its luck; accept by all evidence that reads it.

        Parameters and what is returned as of `sweep`.
        """
        rows, strands = self._lean
        for name in ON_THE_LEAN:
            self._freshen(name, particles, month)
        z, ratio = self._step_together(particles.z, rows, _STEPS_OF_THE_LEAN)
        values = self.problem.values(z, rows)
        takes = self._take_lean(particles, particles.values | values, weight, month, ratio)
        particles.z[rows] = np.where(takes, z[rows], particles.z[rows])
        particles.values |= _chosen(takes, values, particles.values)
        redrawn = self._redraw(particles.luck, strands, np.ones(particles.size, dtype=bool), month, _LONG)
        redrawn.take_back(
            particles.luck,
            ~self._take_lean(particles, particles.values, weight, month, np.zeros(particles.size)),
        )
        return float(takes.mean())

    def _take_lean(
        self, particles: Particles, values: Values, weight: FloatArray, month: int, ratio: FloatArray
    ) -> BoolArray:
        """Live the lean with these values and the particles' luck; take it where it is accepted, and return where."""
        model = self.problem.model(values, particles.luck)
        paths = live_lean(model, particles.paths, month)
        told = {name: live_block(name, model, paths, month) for name in ON_THE_LEAN}
        model.dismiss()
        for name, evidence in told.items():
            row = KINDS.index(name)
            for each, other in evidence.items():
                ratio = ratio + weight[row, each] * (other - particles.evidence[row, each])
        takes = self._accept(ratio)
        for name, evidence in told.items():
            row = KINDS.index(name)
            for each, other in evidence.items():
                particles.evidence[row, each] = np.where(takes, other, particles.evidence[row, each])
        particles.paths |= _chosen(takes, {name: paths[name] for name in LEANS}, particles.paths)
        return takes

    def relive(self, particles: Particles, weight: FloatArray, month: int) -> AlignmentModel:
        """Live all histories again, and move the blocks that go along with them; return the model as it stands then."""
        z = particles.z.copy()
        ratios, moved = {}, np.zeros(len(z), dtype=bool)
        for name in BLOCKS:
            if name not in MONTHS_OF:
                z, ratios[name] = self._step_together(z, self._blocks[name].rows)
                moved |= self._blocks[name].rows
        values = particles.values | self.problem.values(z, moved)
        model, evidence, particles.paths = live(self.problem, values, particles.luck, month)
        for name, ratio in ratios.items():
            part, row = self._blocks[name], KINDS.index(name)
            takes = self._accept((evidence[row] - particles.evidence[row]).T @ weight[row] + ratio)
            z[part.rows] = np.where(takes, z[part.rows], particles.z[part.rows])
            own = {name: values[name] for name in part.parameters}
            values |= _chosen(takes, own, particles.values)
            evidence[row] = np.where(takes, evidence[row], particles.evidence[row])
        particles.z, particles.values, particles.evidence = z, values, evidence
        particles.stale.clear()
        model.believe(values)
        return model

    def move_rest(
        self, particles: Particles, weight: FloatArray, month: int, model: AlignmentModel
    ) -> tuple[AlignmentModel, float]:
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
        mask = np.zeros(particles.z.shape, dtype=bool)
        for subject, on in zip(self._subjects, chosen, strict=True):
            mask |= subject[:, np.newaxis] & on
        z, ratio = self._step(particles.z, mask)
        redrawn = self._redraw(particles.luck, self._rest.strands, self.rng.random(size) < 0.8, month, _LONG)
        values = particles.values | self.problem.values(z, self._rest.rows)
        other, evidence, paths = live(self.problem, values, particles.luck, month)
        gained = particles.weighed(weight, month, evidence) - particles.weighed(weight, month)
        takes = self._accept(gained + ratio)
        particles.z = np.where(takes, z, particles.z)
        particles.values = _chosen(takes, values, particles.values)
        redrawn.take_back(particles.luck, ~takes)
        lived = slice(0, month + 1)
        np.copyto(particles.evidence[:, lived], evidence[:, lived], where=takes)
        for name, path in paths.items():
            np.copyto(particles.paths[name][lived], path[lived], where=takes)
        states = model.states()
        states = {
            name: np.where(takes, theirs.T, states[name].T).T for name, theirs in other.states().items()
        }
        other.dismiss()
        model.dismiss()
        model = self.problem.model(particles.values, particles.luck)
        model.resume(states, month)
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
        self, z: FloatArray, rows: BoolArray, steps: FloatArray = _STEPS_OF_BLOCKS
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

    def _redraw(
        self, luck: IntArray, strands: BoolArray, on: BoolArray, month: int, windows: IntArray = _WINDOWS
    ) -> Redrawn:
        """Draw again the luck of a window of months in one or more of `strands`, for the particles `on`."""
        redrawn, places, particles = Redrawn(), np.flatnonzero(strands), np.flatnonzero(on)
        length = self.rng.choice(windows, particles.size)
        start = self.rng.integers(1 - length, month + 1, particles.size)
        first, last = np.maximum(start, 0), np.minimum(start + length, month + 1)
        chosen = self.rng.random((places.size, particles.size)) < 0.4
        chosen[self.rng.integers(0, places.size, particles.size), np.arange(particles.size)] = True
        for place, picked in zip(places, chosen, strict=True):
            count = (last - first)[picked]
            who = np.repeat(particles[picked], count)
            months = np.arange(who.size) + np.repeat(first[picked] - np.cumsum(count) + count, count)
            redrawn.windows.append((int(place), months, who, luck[place, months, who]))
            luck[place, months, who] = self.problem.first + self.rng.integers(0, self.problem.size, who.size)
        return redrawn


def _chosen(takes: BoolArray, ours: Values, theirs: Values) -> Values:
    """Return by name the values of `ours` where `takes`, else those of `theirs`; particles are the last axis."""
    return {name: np.where(takes, value, theirs[name]) for name, value in ours.items()}
