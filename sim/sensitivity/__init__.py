"""Which assumptions carry an answer, how much of it is chance, and which worlds lead to it."""

from sim.sensitivity.lives import Outcome as Outcome
from sim.sensitivity.lives import SensitivityError as SensitivityError
from sim.sensitivity.lives import outcome_of as outcome_of
from sim.sensitivity.making import METHODS as METHODS
from sim.sensitivity.making import Sensitivity as Sensitivity
from sim.sensitivity.making import Swing as Swing
from sim.sensitivity.making import of_priors as of_priors
from sim.sensitivity.making import of_run as of_run
from sim.sensitivity.tipping import Tipping as Tipping
from sim.sensitivity.tipping import courses as courses
from sim.sensitivity.tipping import tipping_points as tipping_points
from sim.sensitivity.worlds import DRIVERS as DRIVERS
from sim.sensitivity.worlds import Box as Box
from sim.sensitivity.worlds import Histories as Histories
from sim.sensitivity.worlds import discover as discover
from sim.sensitivity.worlds import histories as histories
from sim.sensitivity.worlds import to_ema as to_ema
