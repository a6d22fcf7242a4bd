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
from numpy.typing import NDArray

from sim.assimilation.blocks import BLOCKS, REST
from sim.assimilation.cloud import KINDS, Cloud, Part, World, live
from sim.model import AlignmentModel

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

# each row: share of the coordinates at hand that move, step b, and whether around the prior (1) or the particles (0)
_STEPS_OF_BLOCKS = np.array(
    [[0.3, 1.0, 1], [0.3, 1.0, 0], [1.0, 1.0, 0], [1.0, 0.5, 0], [1.0, 0.25, 0], [0.3, 0.5, 0]]
)
_STEPS_OF_THE_REST = np.array(
    [[0.15, 1, 1], [0.4, 1, 1], [1, 1, 1], [1, 0.7, 1], [1, 0.4, 1], [0.4, 1, 0], [1, 1, 0], [1, 0.5, 0]]
)
_WINDOWS = np.array([2, 4, 8, 16, 32, 64])
"""Lengths of luck proposals, months."""

_WIDER = (
    1.5  # the fitted reference is that much wider than the particles, so that a thin cloud can spread again
)
_NARROWEST = 0.15  # nor is it ever narrower than that: a cloud that lost its spread must find it again


class Mover:
    """Moves one cloud; the same generator makes all its choices, so that a seed repeats them.

    Parameters
    ----------
    world: what the particles share. rng: the island's generator.
    """

    def __init__(self, world: World, rng: np.random.Generator) -> None:
        self.world = world
        self.rng = rng
        self._blocks = {name: Part.of(world, name) for name in BLOCKS}
        self._rest = Part.of(world, REST)
        names = world.names
        self._free = np.array([name in world.table and not world.table[name].learned for name in names])
        groups = np.array([world.table[name].group if name in world.table else "" for name in names])
        here = dict.fromkeys(groups[self._rest.rows])
        self._subjects = [(groups == group) & self._rest.rows for group in here]

    def move_blocks(self, cloud: Cloud, weight: FloatArray, month: int) -> float:
        """Move all blocks at once and accept each by its own evidence; return the share accepted.

        Parameters
        ----------
        weight: power of each kind of evidence in each month lived, shape (kinds, months). month: the last one lived.

        The model's states then mix what was accepted, and must be lived again.
        """
        z, luck, ratios = cloud.z.copy(), cloud.luck.copy(), {}
        z[self._free] = self.rng.standard_normal((int(self._free.sum()), cloud.size))
        for name, part in self._blocks.items():
            of_parameters = (self.rng.random(cloud.size) < 0.5) | (not part.strands.any())
            moved, ratio = self._step(cloud.z, part.rows[:, np.newaxis] & of_parameters, _STEPS_OF_BLOCKS)
            z[part.rows], ratios[name] = moved[part.rows], ratio
            self._redraw(luck, part.strands, ~of_parameters, month)
        model, evidence = live(self.world, z, luck, month)
        model.dismiss()
        gain = _gain(evidence, cloud.evidence, weight)
        cloud.z[self._free] = z[self._free]
        accepted = 0.0
        for name, part in self._blocks.items():
            takes = self._accept(gain[KINDS.index(name)] + ratios[name])
            for own, proposed, rows in (
                (cloud.z, z, part.rows),
                (cloud.luck, luck, part.strands),
                (cloud.evidence, evidence, part.kinds),
            ):
                own[rows] = np.where(takes, proposed[rows], own[rows])
            accepted += float(takes.mean()) / len(BLOCKS)
        return accepted

    def move_rest(
        self, cloud: Cloud, weight: FloatArray, month: int, model: AlignmentModel | None = None
    ) -> float:
        """Move what is in no block, by subject, and accept it by all evidence; return the share accepted.

        A `model` that stands where the cloud does goes along; else as `move_blocks`.
        """
        size = cloud.size
        of_parameters = self.rng.random(size) < 0.7
        chosen = self.rng.random((len(self._subjects), size)) < 0.25
        chosen[self.rng.integers(0, len(self._subjects), size), np.arange(size)] = True
        mask = np.zeros(cloud.z.shape, dtype=bool)
        for subject, on in zip(self._subjects, chosen, strict=True):
            mask |= subject[:, np.newaxis] & on
        z, ratio = self._step(cloud.z, mask & of_parameters, _STEPS_OF_THE_REST)
        z[self._free] = self.rng.standard_normal((int(self._free.sum()), size))
        luck = cloud.luck.copy()
        self._redraw(luck, self._rest.strands, ~of_parameters, month)
        proposed, evidence = live(self.world, z, luck, month)
        takes = self._accept(_gain(evidence, cloud.evidence, weight).sum(axis=0) + ratio)
        cloud.z = np.where(takes, z, cloud.z)
        cloud.luck = np.where(takes, luck, cloud.luck)
        cloud.evidence = np.where(takes, evidence, cloud.evidence)
        if model is not None:
            model.adopt(proposed, takes)
        proposed.dismiss()
        return float(takes.mean())

    def _accept(self, log_ratio: FloatArray) -> BoolArray:
        return np.asarray(np.log(self.rng.random(log_ratio.size)) < log_ratio)

    def _step(self, z: FloatArray, mask: BoolArray, steps: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Propose coordinates; return them and the log ratio that corrects for the reference they step around."""
        share, b, prior = steps[self.rng.integers(0, len(steps), z.shape[1])].T
        spread = np.clip(_WIDER * z.std(axis=1, keepdims=True), _NARROWEST, 1.0)
        spread = np.where(prior > 0.0, 1.0, spread)
        centre = np.where(prior > 0.0, 0.0, z.mean(axis=1, keepdims=True))
        moved = centre + np.sqrt(1.0 - b**2) * (z - centre) + b * spread * self.rng.standard_normal(z.shape)
        moved = np.where(mask & (self.rng.random(z.shape) < share), moved, z)

        def over_reference(at: FloatArray) -> FloatArray:
            return 0.5 * ((at - centre) / spread) ** 2 - 0.5 * at**2

        return moved, np.asarray((over_reference(moved) - over_reference(z)).sum(axis=0))

    def _redraw(self, luck: IntArray, strands: BoolArray, on: BoolArray, month: int) -> None:
        """Draw again the luck of a window of months in one or more of `strands`, for the particles `on`."""
        places = np.flatnonzero(strands)
        if not places.size:
            return
        length = self.rng.choice(_WINDOWS, on.size)
        start = self.rng.integers(1 - length, month + 1, on.size)
        months = np.arange(luck.shape[1])[:, np.newaxis]
        window = (months >= start) & (months < start + length) & (months <= month) & on
        chosen = self.rng.random((places.size, on.size)) < 0.4
        chosen[self.rng.integers(0, places.size, on.size), np.arange(on.size)] = True
        for place, picked in zip(places, chosen, strict=True):
            drawn = self.world.first + self.rng.integers(0, self.world.size, luck.shape[1:])
            luck[place] = np.where(window & picked, drawn, luck[place])


def _gain(proposed: FloatArray, own: FloatArray, weight: FloatArray) -> FloatArray:
    """Return what a proposal gains in log probability by kind, tempered, shape (kinds, particles)."""
    return np.asarray(((proposed - own) * weight[:, :, np.newaxis]).sum(axis=1))
