"""Parameters: their priors, where those come from, and draws of them as arrays.

The table is `sim/data/parameters.toml`; a scenario replaces entries of it by beliefs of its own. Reading it
needs neither numpy nor scipy; drawing does.
"""

from sim.parameters.priors import FAMILIES, Family, Prior, Rule, read_prior
from sim.parameters.table import (
    Parameter,
    adoption_rate,
    draw,
    meanings,
    parameter_table,
    read_table,
    resolve,
)

__all__ = [
    "FAMILIES",
    "Family",
    "Parameter",
    "Prior",
    "Rule",
    "adoption_rate",
    "draw",
    "meanings",
    "parameter_table",
    "read_prior",
    "read_table",
    "resolve",
]
