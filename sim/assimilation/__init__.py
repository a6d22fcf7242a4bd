"""Learning from the record: a particle filter over the model's own members, with moves on whole histories.

`filter` is the algorithm, on the `particles` of a problem, with `moves` by `blocks`, which are lived alone as
`conditional` says; `making` calls it, or finds what came of it before: a `posterior`.
"""

from sim.assimilation.filter import CollapseError as CollapseError
from sim.assimilation.making import (
    DEFAULT_PARTICLES as DEFAULT_PARTICLES,
    LEARNING as LEARNING,
    assimilate as assimilate,
    is_kept as is_kept,
    learning_steps as learning_steps,
    parts_kept as parts_kept,
    posterior_digest as posterior_digest,
    warn_of_few as warn_of_few,
)
from sim.assimilation.posterior import (
    Ancestors as Ancestors,
    Posterior as Posterior,
    Start as Start,
    ancestors_of as ancestors_of,
    to_arviz as to_arviz,
)
