"""The particle filter: particles live through the record month by month, are weighed, resampled and moved.

A particle is parameters and past luck, and what is learned are these, of whole histories. Each month goes so
(`ParticleFilter.learn`):

1. Live. Every particle lives the month, with recorded facts imposed, and the log probability that it gave to these is
   noted as its evidence.
2. Weigh. Parameters that the record speaks about in one matter are a family (`sim.assimilation.blocks`), with weights
   of its own: the evidence of its kinds that was not yet taken in. Nothing else happens while these stay even.
3. Temper. Where a family's effective share of particles falls low, so much of that evidence is taken in, all or a power
   of it, as leaves enough particles to go on from.
4. Resample. The family's parameters and luck are drawn again by that weight, on each island by itself.
5. Move. Copies are moved apart again by Metropolis-Hastings on whole histories, which leaves the posterior as it is
   (`sim.assimilation.moves`). Then from 2 again, until no family weighs unevenly.

With the last month all is taken in that is left, and particles are moved a few times more. Islands share the pool of
luck and the spread of their proposals, nothing else: how far they end up from one another tells the filter's error.

Sources: Chopin (2002), A sequential particle filter method for static models, Biometrika 89(3), on the whole; Del
Moral, Doucet & Jasra (2006), Sequential Monte Carlo samplers, JRSS B 68(3), on tempering; Verge, Dubarry, Del Moral &
Moulines (2015), On parallel implementation of sequential Monte Carlo methods: the island particle model, Statistics and
Computing 25(2); Kitagawa (1996), Journal of Computational and Graphical Statistics 5(1), on systematic resampling.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.arrays import FloatArray, IntArray
from sim.assimilation.blocks import FAMILIES, REST, family_of
from sim.assimilation.moves import Mover
from sim.assimilation.particles import KINDS, Part, Particles, Problem, live, live_month
from sim.clock import month_label
from sim.model.alignment import AlignmentModel

State = dict[str, NDArray[Any]]
"""All that the rest of a filter's work depends on, by name: see `ParticleFilter.state`."""

RESAMPLE_BELOW = 0.12
"""Effective share of particles below which a family is resampled (decision 16; the rule of thumb is a half)."""

FINAL_ROUNDS = 2
"""Rounds of moves after the last month: of the lean, each block and the rest (decision 16)."""

_MOST_STAGES = 60  # of tempering in one month: beyond it the members cannot come near what the record says
_FEWEST_MOVED = 0.01  # share of moves accepted below which the particles are stuck
_FARTHEST = 5.0  # prior standard deviations: a belief gives less than one in a million to what lies beyond
_REMEDY = (
    "Look for a wrong observation there (`serbia-sim data`), widen the beliefs that rule it out, or take more "
    "particles (--particles)"
)


class CollapseError(RuntimeError):
    """No member comes near what the record says; the message names the month, the evidence and what to do."""


@dataclass(frozen=True)
class Stage:
    """One resampling of one or more families.

    Attributes
    ----------
    month: month number. effective: least effective share of particles of a family before it was resampled.
    accepted: share of moves accepted after it.
    """

    month: int
    effective: float
    accepted: float


def untold(_: object) -> None:
    """Take no note of what is done."""


class ParticleFilter:
    """A filter at work on its particles.

    Parameters
    ----------
    problem: what the particles share. stream: number of this filter among a posterior's, which seeds its choices.
    """

    def __init__(self, problem: Problem, stream: int) -> None:
        self.problem = problem
        self.stages: list[Stage] = []
        self.log_evidence = np.zeros(problem.islands)
        self.particles = Particles.from_prior(problem)
        self._rng = np.random.default_rng([problem.seed, stream])
        self._mover = Mover(problem, self._rng)
        self._families = [
            Part.of(problem, *(kind for kind in KINDS if family_of(kind) == family)) for family in FAMILIES
        ]
        # the resamplings that the month had, the final rounds done; one more when all has ended
        self._here, self._rounds = 0, 0
        self._resumed: AlignmentModel | None = None  # at the end of the month under way

    def learn(self, progress: Callable[[int], None] = untold, keep: Callable[[State], None] = untold) -> None:
        """Live through all months of history, or what is left of them.

        Parameters
        ----------
        progress: called after each month, and after each final round. keep: called with `state` after each resampling
            and its moves, after each final round, and in the end.

        Raises
        ------
        CollapseError: if no particle comes near the record.
        """
        if self._rounds > FINAL_ROUNDS:
            return

        particles, months = self.particles, self.problem.months
        model = self._resumed or self.problem.model(particles.values, particles.luck)
        for month in range(months if self._rounds else max(particles.month, 0), months):
            if month > particles.month:
                live_month(model, particles.evidence, particles.paths)
                particles.month, self._here = month, 0
            while (share := self._resample()) is not None:
                rest = len(self.stages) % 2 == 0  # every other time: a whole history is dear
                model, accepted = self._move(model, lean=REST in particles.stale, rest=rest)
                self.stages.append(Stage(month, share, accepted))
                self._here += 1
                self._check()
                keep(self.state())
            progress(1)
        for _ in range(self._rounds, FINAL_ROUNDS if months else 0):
            model, _ = self._move(model, lean=True, rest=True)
            self._rounds += 1
            keep(self.state())
            progress(1)
        model.dismiss()
        self._mover.draw_free(particles)
        self._rounds = FINAL_ROUNDS + 1
        keep(self.state())

    def _resample(self) -> float | None:
        """Take pending evidence in, family by family where it weighs; return the least effective share, if any did."""
        particles, islands = self.particles, self.problem.islands
        least, whole = 1.0, particles.month == self.problem.months - 1
        for family in self._families:
            left = (1.0 - particles.taken) * family.kinds[:, np.newaxis]
            left[:, particles.month + 1 :] = 0.0
            pending = particles.weighed(left)
            share = effective_share(pending, islands)
            half_taken = bool(((left > 0.0) & (left < 1.0)).any())
            if not pending.any() or (share >= RESAMPLE_BELOW and not half_taken and not whole):
                continue
            power, share = next_power(pending, share, islands)
            chosen = []
            for island, own in enumerate(np.array_split(np.arange(pending.size), islands)):
                log_weight = power * pending[own]
                peak = log_weight.max()
                weight = np.exp(log_weight - peak)
                self.log_evidence[island] += np.log(np.mean(weight)) + peak
                chosen.append(own[systematic(weight, self._rng)])
            particles.take(family, np.concatenate(chosen))
            particles.taken += power * left
            least = min(least, share)
        return least if least < 1.0 else None

    def _move(self, model: AlignmentModel, *, lean: bool, rest: bool) -> tuple[AlignmentModel, float]:
        """Move the blocks, if told the lean before them and the rest after them.

        Returns
        -------
        The model of the particles as they are now, instead of that of the particles as they were; the share of moves
        accepted.
        """
        particles, mover = self.particles, self._mover
        model.dismiss()
        if lean:  # before the blocks, which move what it was lived with
            mover.move_lean(particles)
        accepted = mover.sweep(particles)
        model = mover.relive(particles)
        if rest:
            model, moved = mover.move_rest(particles, model)
            accepted = 0.5 * (accepted + moved)
        return model, accepted

    def _check(self) -> None:
        """Raise if the particles cannot reach the record, or were dragged where their beliefs rule everything out."""
        collapsed = f"the filter collapsed in {month_label(self.particles.month)}:"
        pulled = np.abs(self.particles.z.mean(axis=1))
        if pulled.max() > _FARTHEST:
            place = int(np.argmax(pulled))
            kind = next(kind for kind in KINDS if Part.of(self.problem, kind).rows[place])
            raise CollapseError(
                f"{collapsed} what the record says of {kind!r} drags {self.problem.names[place]!r} "
                f"{pulled[place]:.1f} prior standard deviations from its middle. {_REMEDY}"
            )
        stuck = self._here > 3 and max(stage.accepted for stage in self.stages[-3:]) < _FEWEST_MOVED
        if self._here > _MOST_STAGES or stuck:
            left = 1.0 - self.particles.taken
            spread = (self.particles.evidence * left[:, :, np.newaxis]).sum(axis=1).std(axis=1)
            raise CollapseError(
                f"{collapsed} hardly any of {self.particles.size:,} particles comes near what the record says of "
                f"{KINDS[int(np.argmax(spread))]!r}. {_REMEDY}"
            )

    def state(self) -> State:
        """Return coordinates, luck counted from the problem's first, stages, log evidence, where all stands."""
        generator = json.dumps(self._rng.bit_generator.state).encode()
        return {
            "z": self.particles.z,
            "luck": (self.particles.luck - self.problem.first).astype(np.min_scalar_type(self.problem.size)),
            "stages": np.array([astuple(stage) for stage in self.stages], dtype=np.float64).reshape(-1, 3),
            "log_evidence": self.log_evidence,
            "taken": self.particles.taken,
            "at": np.array([self.particles.month, self._here, self._rounds]),
            "generator": np.frombuffer(generator, dtype=np.uint8),
        }

    def resume(self, state: State) -> int:
        """Stand where another that began alike had this `state`, to `learn` the rest; return the steps that are done.

        Raises
        ------
        KeyError, TypeError, ValueError: if it is no state of such a filter.
        """
        own, particles, problem = self.state(), self.particles, self.problem
        for name in ("z", "luck", "log_evidence", "taken", "at"):
            if state[name].shape != own[name].shape or state[name].dtype != own[name].dtype:
                raise ValueError(f"{name} is of {state[name].shape}, not {own[name].shape}")
        particles.month, self._here, self._rounds = (int(number) for number in state["at"])
        if particles.month not in range(problem.months) or state["luck"].max() >= problem.size:
            raise ValueError("no month or luck of these particles")
        self.stages = [Stage(int(month), *rest) for month, *rest in state["stages"].tolist()]
        self.log_evidence, particles.taken = state["log_evidence"], state["taken"]
        self._rng.bit_generator.state = json.loads(state["generator"].tobytes())
        particles.z, particles.luck = state["z"], state["luck"].astype(np.int64) + problem.first
        particles.values = problem.parameters(particles.z)
        # after every stage these are what values and luck make of them: so they need not be kept
        if self._rounds <= FINAL_ROUNDS:
            lived = live(problem, particles.values, particles.luck, particles.month)
            self._resumed, particles.evidence, particles.paths = lived
        return problem.months + min(self._rounds, FINAL_ROUNDS) if self._rounds else particles.month


def effective_share(log_weight: FloatArray, islands: int = 1) -> float:
    """Return the effective sample size over the number of particles, ``(sum w)**2 / (n sum w**2)``, island by island.

    Parameters
    ----------
    log_weight: shape (particles,). islands: over which the mean is taken, one after another.

    >>> effective_share(np.zeros(4))
    1.0
    """
    weights = [np.exp(own - own.max()) for own in np.array_split(log_weight, islands)]
    return float(np.mean([w.sum() ** 2 / (w**2).sum() / w.size for w in weights]))


def next_power(pending: FloatArray, share: float, islands: int) -> tuple[float, float]:
    """Return how much of the pending evidence to take in, at most 1, and the effective share that leaves.

    Parameters
    ----------
    pending: log weights, shape (particles,). share: the effective share that all of it leaves.
    """
    if share >= 0.6 * RESAMPLE_BELOW:  # one bold step rather than two
        return 1.0, share
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = 0.5 * (low + high)
        if effective_share(middle * pending, islands) >= RESAMPLE_BELOW:
            low = middle
        else:
            high = middle
    return high, effective_share(high * pending, islands)


def systematic(weight: FloatArray, rng: np.random.Generator) -> IntArray:
    """Return as many places as there are weights, drawn by these from one uniform: systematic resampling."""
    points = (rng.random() + np.arange(weight.size)) / weight.size
    found = np.searchsorted(np.cumsum(weight) / weight.sum(), points)
    return np.minimum(found, weight.size - 1).astype(np.int64)
