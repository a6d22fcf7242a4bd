"""Who decides: the state in between, its patron, the union it may join, and its voters.

Each month all agents first decide, reading the world as it stands, then act, writing their own states.
"""

from sim.agents.base import Actor
from sim.agents.powers import Patron, Union
from sim.agents.state_between import StateBetween
from sim.agents.voters import VoterBloc

__all__ = ["Actor", "Patron", "StateBetween", "Union", "VoterBloc"]
