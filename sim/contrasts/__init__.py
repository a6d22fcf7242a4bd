"""Questions asked of runs that share members and luck: what an assumption changes, and what moved the state."""

from sim.contrasts.assumptions import ContrastError, refusals
from sim.contrasts.ledger import Ledger, read_ledger
from sim.contrasts.making import Contrast, Difference, contrast, differences, question_differences
from sim.contrasts.replays import Effect, attribute

__all__ = [
    "Contrast",
    "ContrastError",
    "Difference",
    "Effect",
    "Ledger",
    "attribute",
    "contrast",
    "differences",
    "question_differences",
    "read_ledger",
    "refusals",
]
