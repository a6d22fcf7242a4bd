"""Which assumptions carry an answer, how much of it is chance, and which worlds lead to it."""

from sim.sensitivity.lives import (
    Outcome as Outcome,
    SensitivityError as SensitivityError,
    outcome_of as outcome_of,
)
from sim.sensitivity.making import (
    METHODS as METHODS,
    Sensitivity as Sensitivity,
    Swing as Swing,
    of_priors as of_priors,
    of_run as of_run,
)
from sim.sensitivity.tipping import Tipping as Tipping, courses as courses, tipping_points as tipping_points
from sim.sensitivity.worlds import (
    DRIVERS as DRIVERS,
    Box as Box,
    Histories as Histories,
    discover as discover,
    histories as histories,
    to_ema as to_ema,
)
