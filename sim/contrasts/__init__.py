"""Questions asked of runs that share members and luck: what an assumption changes, and what moved Serbia."""

from sim.contrasts.assumptions import ContrastError, refusals
from sim.contrasts.making import Contrast, Difference, contrast, differences

__all__ = ["Contrast", "ContrastError", "Difference", "contrast", "differences", "refusals"]
