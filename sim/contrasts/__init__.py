"""Questions asked of runs that share members and luck: what an assumption changes, and what moved the state."""

from sim.contrasts.assumptions import ContrastError as ContrastError
from sim.contrasts.assumptions import refusals as refusals
from sim.contrasts.ledger import Ledger as Ledger
from sim.contrasts.ledger import read_ledger as read_ledger
from sim.contrasts.making import Contrast as Contrast
from sim.contrasts.making import Difference as Difference
from sim.contrasts.making import contrast as contrast
from sim.contrasts.making import differences as differences
from sim.contrasts.making import question_differences as question_differences
from sim.contrasts.replays import Effect as Effect
from sim.contrasts.replays import attribute as attribute
