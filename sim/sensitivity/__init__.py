"""Which assumptions carry an answer, how much of it is chance, and which worlds lead to it."""

from sim.sensitivity.lives import Outcome, SensitivityError, outcome_of
from sim.sensitivity.making import METHODS, Sensitivity, Swing, of_priors, of_run
from sim.sensitivity.tipping import Tipping, courses, tipping_points
from sim.sensitivity.worlds import DRIVERS, Box, Histories, discover, histories, to_ema

__all__ = [
    "DRIVERS",
    "METHODS",
    "Box",
    "Histories",
    "Outcome",
    "Sensitivity",
    "SensitivityError",
    "Swing",
    "Tipping",
    "courses",
    "discover",
    "histories",
    "of_priors",
    "of_run",
    "outcome_of",
    "tipping_points",
    "to_ema",
]
