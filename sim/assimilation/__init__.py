"""Learning from the record: a particle filter over the model's own members, with moves on whole histories."""

from sim.assimilation.ancestors import Ancestors, Start
from sim.assimilation.export import to_arviz
from sim.assimilation.island import CollapseError
from sim.assimilation.keeping import is_kept
from sim.assimilation.making import (
    DEFAULT_PARTICLES,
    LEARNING,
    assimilate,
    learning_steps,
    posterior_digest,
)
from sim.assimilation.parts import parts_kept
from sim.assimilation.posterior import Posterior, ancestors_of

__all__ = [
    "DEFAULT_PARTICLES",
    "LEARNING",
    "Ancestors",
    "CollapseError",
    "Posterior",
    "Start",
    "ancestors_of",
    "assimilate",
    "is_kept",
    "learning_steps",
    "parts_kept",
    "posterior_digest",
    "to_arviz",
]
