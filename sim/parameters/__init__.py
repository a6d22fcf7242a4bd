"""Parameters: their priors, where those come from, and draws of them as arrays.

The table is `sim/data/parameters.toml`; a scenario replaces entries of it by beliefs of its own. Reading it
needs neither numpy nor scipy; drawing does.
"""

from sim.parameters.judgement import Alternative as Alternative, alternatives as alternatives
from sim.parameters.priors import (
    FAMILIES as FAMILIES,
    Family as Family,
    Prior as Prior,
    Rule as Rule,
    read_prior as read_prior,
)
from sim.parameters.table import (
    Parameter as Parameter,
    adoption_rate as adoption_rate,
    draw as draw,
    meanings as meanings,
    parameter_table as parameter_table,
    read_table as read_table,
    resolve as resolve,
)
