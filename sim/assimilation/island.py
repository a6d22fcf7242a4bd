"""The particle filter: lives through the record, weighs, tempers, resamples and moves particles, island by island."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.arrays import FloatArray, IntArray
from sim.assimilation.blocks import FAMILIES, REST, family_of
from sim.assimilation.moves import Mover
from sim.assimilation.particles import KINDS, Part, Particles, Problem, live, month_evidence
from sim.assimilation.paths import note
from sim.clock import month_label
from sim.model import AlignmentModel

State = dict[str, NDArray[Any]]
"""All that the rest of a group's learning depends on, by name: see `Islands.state`."""

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


def effective_share(log_weight: FloatArray) -> float:
    """Return the effective sample size over the number of particles: ``(sum w)**2 / (n sum w**2)``.

    >>> effective_share(np.zeros(4))
    1.0
    """
    weight = np.exp(log_weight - log_weight.max())
    return float(weight.sum() ** 2 / (weight**2).sum() / weight.size)


def mean_effective_share(log_weight: FloatArray, islands: int) -> float:
    """Return the effective share of particles on the average island; `log_weight` of shape (particles,)."""
    return float(np.mean([effective_share(own) for own in np.array_split(log_weight, islands)]))


class Islands:
    """Particles on islands: all live through the same months together, and are weighed against their own island's.

    Islands share the pool of luck and the spread of their proposals, nothing else: how far they end up from one another
    tells the error of the filter (an island particle model: Verge, Dubarry, Del Moral & Moulines 2015, Statistics and
    Computing 25(2)).

    Each family of blocks has weights of its own: the evidence of its kinds that was not yet taken in. When a family's
    effective share falls low, part or all of that is taken in: its parameters and luck are resampled, and moved.

    Parameters
    ----------
    problem: what the particles share. stream: number of this group of islands, which seeds its own choices.
    """

    def __init__(self, problem: Problem, stream: int) -> None:
        self.problem = problem
        self.stages: list[Stage] = []
        self.log_evidence = np.zeros(problem.islands)
        self.particles = Particles.from_prior(problem)
        self._rng = np.random.default_rng([problem.seed, stream])
        self._mover = Mover(problem, self._rng)
        self._families = {
            family: Part.of(problem, *(kind for kind in KINDS if family_of(kind) == family))
            for family in FAMILIES
        }
        self._taken = np.zeros((len(KINDS), problem.months))  # power of each kind and month that was taken in
        # the month under way, the resamplings that it had, the final rounds done; one more when all has ended
        self._month, self._here, self._rounds = 0, 0, 0
        self._resumed: AlignmentModel | None = None

    def learn(
        self, progress: Callable[[int], None] | None = None, keep: Callable[[State], None] | None = None
    ) -> None:
        """Live through all months of history, or what is left of them.

        Parameters
        ----------
        progress: called after each month, and after each final round. keep: called with `state` after each resampling
            and its moves, after each final round, and in the end.

        Raises
        ------
        CollapseError: if no particle comes near the record.
        """
        problem = self.problem
        if self._rounds > FINAL_ROUNDS:
            return

        def kept() -> None:
            if keep is not None:
                keep(self.state())

        model = self._resumed or problem.model(self.particles.values, self.particles.luck)
        for month in range(problem.months if self._rounds else self._month, problem.months):
            model = self._live(model, month, kept)
            if progress is not None:
                progress(1)
        model.dismiss()
        for _ in range(self._rounds, FINAL_ROUNDS if problem.months else 0):
            self._move_all()
            kept()
            if progress is not None:
                progress(1)
        self._mover.draw_free(self.particles)
        self._rounds = FINAL_ROUNDS + 1
        kept()

    def _live(self, model: AlignmentModel, month: int, kept: Callable[[], None]) -> AlignmentModel:
        """Live a month, take its evidence in, and move as often as that resampled; return the model as it stands."""
        particles, mover = self.particles, self._mover
        if model.tick < month:
            model.step()
            note(particles.paths, model)
            particles.evidence[:, month] = month_evidence(model)
            self._month, self._here = month, 0
        while self._resample(month, whole=month == self.problem.months - 1):
            self._here += 1
            model.dismiss()
            if REST in particles.stale:
                mover.move_lean(particles, self._taken, month)
            accepted = mover.sweep(particles, self._taken, month)
            model = mover.relive(particles, self._taken, month)
            if len(self.stages) % 2:  # a whole history is dear
                model, moved = mover.move_rest(particles, self._taken, month, model)
                accepted = 0.5 * (accepted + moved)
            self.stages[-1] = Stage(month, self.stages[-1].effective, accepted)
            self._check(month, self._here)
            kept()
        return model

    def _move_all(self) -> None:
        """Move all that there is once more, when all evidence is taken in."""
        particles, mover, last = self.particles, self._mover, self.problem.months - 1
        mover.move_lean(particles, self._taken, last)  # before the blocks, which move what it was lived with
        mover.sweep(particles, self._taken, last)
        model = mover.relive(particles, self._taken, last)
        mover.move_rest(particles, self._taken, last, model)[0].dismiss()
        self._rounds += 1

    def state(self) -> State:
        """Return coordinates, luck counted from the problem's first, stages, log evidence, where all stands."""
        inner = self._rng.bit_generator.state
        words = [half for name in ("state", "inc") for half in divmod(inner["state"][name], 1 << 64)]
        return {
            "z": self.particles.z,
            "luck": (self.particles.luck - self.problem.first).astype(np.min_scalar_type(self.problem.size)),
            "stages": np.array([astuple(stage) for stage in self.stages], dtype=np.float64).reshape(-1, 3),
            "log_evidence": self.log_evidence,
            "taken": self._taken,
            "at": np.array([self._month, self._here, self._rounds]),
            "generator": np.array([*words, inner["has_uint32"], inner["uinteger"]], dtype=np.uint64),
        }

    def resume(self, state: State) -> int:
        """Stand where another that began alike had this `state`, to `learn` the rest; return the steps that are done.

        Raises
        ------
        KeyError, ValueError: if it is no state of such islands.
        """
        own, particles, problem = self.state(), self.particles, self.problem
        for name in ("z", "luck", "log_evidence", "taken", "at", "generator"):
            if state[name].shape != own[name].shape or state[name].dtype != own[name].dtype:
                raise ValueError(f"{name} is of {state[name].shape}, not {own[name].shape}")
        self._month, self._here, self._rounds = (int(number) for number in state["at"])
        if self._month not in range(problem.months) or state["luck"].max() >= problem.size:
            raise ValueError("no month or luck of these islands")
        self.stages = [Stage(int(month), *rest) for month, *rest in state["stages"].tolist()]
        self.log_evidence, self._taken = state["log_evidence"], state["taken"]
        high, low, more, less, kept, half = (int(word) for word in state["generator"])
        inner = {"state": (high << 64) + low, "inc": (more << 64) + less}
        numbers = {"state": inner, "has_uint32": kept, "uinteger": half}
        self._rng.bit_generator.state = {**self._rng.bit_generator.state, **numbers}
        particles.z, particles.luck = state["z"], state["luck"].astype(np.int64) + problem.first
        particles.values = problem.parameters(particles.z)
        # after every stage these are what values and luck make of them: so they need not be kept
        if self._rounds <= FINAL_ROUNDS:
            lived = live(problem, particles.values, particles.luck, self._month)
            self._resumed, particles.evidence, particles.paths = lived
        return problem.months + min(self._rounds, FINAL_ROUNDS) if self._rounds else self._month

    def _resample(self, month: int, *, whole: bool) -> bool:
        """Take pending evidence in, family by family where it weighs; return whether any was resampled."""
        least, islands = 1.0, self.problem.islands
        for part in self._families.values():
            left = (1.0 - self._taken) * part.kinds[:, np.newaxis]
            left[:, month + 1 :] = 0.0
            pending = self.particles.weighed(left, month)
            share = mean_effective_share(pending, islands)
            half_taken = bool(((left > 0.0) & (left < 1.0)).any())
            if not pending.any() or (share >= RESAMPLE_BELOW and not half_taken and not whole):
                continue
            step, share = _next_power(pending, share, islands)
            chosen = []
            for island, own in enumerate(np.array_split(np.arange(pending.size), islands)):
                weight = step * pending[own]
                peak = weight.max()
                self.log_evidence[island] += np.log(np.mean(np.exp(weight - peak))) + peak
                chosen.append(own[_systematic(np.exp(weight - peak), self._rng)])
            self.particles.take(part, np.concatenate(chosen), month)
            self._taken += step * left
            least = min(least, share)
        if least < 1.0:
            self.stages.append(Stage(month, least, 1.0))
        return least < 1.0

    def _check(self, month: int, here: int) -> None:
        """Raise if the particles cannot reach the record, or were dragged where their beliefs rule everything out."""
        pulled = np.abs(self.particles.z.mean(axis=1))
        if pulled.max() > _FARTHEST:
            place = int(np.argmax(pulled))
            kind = next(kind for kind in KINDS if Part.of(self.problem, kind).rows[place])
            raise CollapseError(
                f"the filter collapsed in {month_label(month)}: what the record says of {kind!r} drags "
                f"{self.problem.names[place]!r} {pulled[place]:.1f} prior standard deviations from its middle. "
                f"{_REMEDY}"
            )
        stuck = here > 3 and max(stage.accepted for stage in self.stages[-3:]) < _FEWEST_MOVED
        if here > _MOST_STAGES or stuck:
            left = 1.0 - self._taken
            spread = (self.particles.evidence * left[:, :, np.newaxis]).sum(axis=1).std(axis=1)
            raise CollapseError(
                f"the filter collapsed in {month_label(month)}: hardly any of {self.particles.size:,} particles comes "
                f"near what the record says of {KINDS[int(np.argmax(spread))]!r}. {_REMEDY}"
            )


def _next_power(pending: FloatArray, share: float, islands: int) -> tuple[float, float]:
    """Return how much of the pending evidence to take in, at most 1, and the effective share that leaves."""
    if share >= 0.6 * RESAMPLE_BELOW:  # one bold step rather than two
        return 1.0, share
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = 0.5 * (low + high)
        low, high = (
            (middle, high)
            if mean_effective_share(middle * pending, islands) >= RESAMPLE_BELOW
            else (low, middle)
        )
    return high, mean_effective_share(high * pending, islands)


def _systematic(weight: FloatArray, rng: np.random.Generator) -> IntArray:
    """Return indices drawn by weight from one uniform: systematic resampling (Kitagawa 1996)."""
    points = (rng.random() + np.arange(weight.size)) / weight.size
    found = np.searchsorted(np.cumsum(weight) / weight.sum(), points)
    return np.minimum(found, weight.size - 1).astype(np.int64)
