"""Which way of learning keeps particles apart: ``python benchmarks/learning_methods.py``.

The same filter five times, each with two seeds: with and without moves, with weights by family or one for all, and with
the kernel of Liu & West (2001) in the moves' place. For each: how many different parameter sets are left, how far the
negative controls kept their prior's spread (1 is right), how far two seeds disagree about the learned parameters (in
prior standard deviations; less is better), and the seconds it took. Quoted in docs/decisions/0010-learning.md.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sim.assimilation import filter as filters
from sim.assimilation.filter import ParticleFilter
from sim.assimilation.moves import Mover
from sim.assimilation.particles import KINDS, Part, Particles, Problem, live
from sim.facts import gather
from sim.observations import Record
from sim.scenario import read_scenario

PARTICLES = 2048
SPEC = replace(read_scenario("baseline"), as_of=date(2019, 7, 1), events=(), questions=())
SHRINKAGE = 0.98  # Liu and West's a: a kernel of sqrt(1 - a**2) = 0.2 standard deviations


class Still(Mover):
    """Moves nothing."""

    def sweep(self, particles):
        return 1.0

    def relive(self, particles):
        parameters = self.problem.parameters(particles.z)
        model, particles.evidence, particles.paths = live(
            self.problem, parameters, particles.luck, particles.month
        )
        return model

    def move_lean(self, particles):
        return 1.0

    def move_rest(self, particles, model):
        return model, 1.0


class Kernel(Still):
    """Jitters every coordinate around a shrunken place, as Liu & West do; the past luck stays."""

    def sweep(self, particles):
        mean, spread = particles.z.mean(axis=1, keepdims=True), particles.z.std(axis=1, keepdims=True)
        shock = np.sqrt(1.0 - SHRINKAGE**2) * spread * self.rng.standard_normal(particles.z.shape)
        particles.z = SHRINKAGE * particles.z + (1.0 - SHRINKAGE) * mean + shock
        return 1.0


METHODS = {
    "one weight, resampled only": (Still, False),
    "one weight, Liu-West kernel": (Kernel, False),
    "one weight, moved": (Mover, False),
    "weights by family, resampled only": (Still, True),
    "weights by family, moved (ours)": (Mover, True),
}


def learned(mover: type[Mover], by_family: bool, seed: int) -> tuple[Problem, Particles]:
    """Return what one way of learning makes of the record."""
    facts = gather(Record.load(), SPEC.as_of)
    problem = Problem(SPEC, facts, SPEC.parameter_set(), seed, 0, PARTICLES)
    learning = ParticleFilter(problem, 0)
    learning._mover = mover(problem, learning._rng)
    if not by_family:
        learning._families = [Part.of(problem, *KINDS)]
    if mover is not Mover:
        filters.FINAL_ROUNDS = 0
    with np.errstate(divide="raise", invalid="raise", over="raise", under="ignore"):
        learning.learn()
    return problem, learning.particles


def main() -> None:
    """Print the table."""
    rounds = filters.FINAL_ROUNDS
    print(f"{'':36}{'sets left':>10}{'controls, spread':>20}{'seeds apart':>13}{'seconds':>9}")
    for name, (mover, by_family) in METHODS.items():
        filters.FINAL_ROUNDS = rounds
        begun = time.perf_counter()
        found = [learned(mover, by_family, seed) for seed in (1, 2)]
        seconds = (time.perf_counter() - begun) / 2.0
        problem = found[0][0]
        names = np.array(problem.names)
        control = np.char.startswith(names, "control of")
        taught = np.array([n in problem.table and problem.table[n].learned for n in names])
        spreads = np.concatenate([particles.z[control].std(axis=1) for _, particles in found])
        apart = np.sqrt(
            np.mean((found[0][1].z[taught].mean(axis=1) - found[1][1].z[taught].mean(axis=1)) ** 2)
        )
        left = min(len(np.unique(particles.z[list(names).index("join_cost")])) for _, particles in found)
        between = f"{spreads.min():.2f} to {spreads.max():.2f}"
        print(f"{name:36}{left:>10,}{between:>20}{apart:>13.2f}{seconds:>9.0f}")


if __name__ == "__main__":
    main()
