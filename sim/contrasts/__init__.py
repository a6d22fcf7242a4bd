"""Questions asked of runs that share members and luck: what an assumption changes, and what moved the state."""

from sim.contrasts.assumptions import ContrastError as ContrastError, refusals as refusals
from sim.contrasts.ledger import Ledger as Ledger, read_ledger as read_ledger
from sim.contrasts.making import (
    Contrast as Contrast,
    Difference as Difference,
    contrast as contrast,
    differences as differences,
)
from sim.contrasts.replays import Effect as Effect, attribute as attribute
