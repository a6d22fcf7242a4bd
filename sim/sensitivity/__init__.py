"""Which assumptions carry an answer, how much of it is chance, and which worlds lead to it."""

from sim.sensitivity.making import METHODS, Sensitivity, Swing, of_priors, of_run
from sim.sensitivity.outcomes import Outcome, SensitivityError, outcome_of

__all__ = [
    "METHODS",
    "Outcome",
    "Sensitivity",
    "SensitivityError",
    "Swing",
    "of_priors",
    "of_run",
    "outcome_of",
]
