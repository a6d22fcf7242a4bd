"""Parameters: their priors, where those come from, and draws of them as arrays.

The table is `sim/data/parameters.toml`; a scenario replaces entries of it by beliefs of its own. Reading it
needs neither numpy nor scipy; drawing does.
"""

from sim.parameters.priors import FAMILIES as FAMILIES
from sim.parameters.priors import Family as Family
from sim.parameters.priors import Prior as Prior
from sim.parameters.priors import Rule as Rule
from sim.parameters.priors import read_prior as read_prior
from sim.parameters.table import Parameter as Parameter
from sim.parameters.table import adoption_rate as adoption_rate
from sim.parameters.table import draw as draw
from sim.parameters.table import meanings as meanings
from sim.parameters.table import parameter_table as parameter_table
from sim.parameters.table import read_table as read_table
from sim.parameters.table import resolve as resolve
