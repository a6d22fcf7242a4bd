"""What lies between the agents, and belongs to none of them alone: contract, arms trade, dialogue, politics, conduct.

Each is an entity with states of its own that decides nothing: ODD counts it to the environment of the agents; no word
of the field covers all five. Agents decide; affairs are where decisions, history and luck meet.
"""

from sim.affairs.politics import Conduct, Dialogue, Politics
from sim.affairs.trade import ArmsTrade, GasContract

__all__ = ["ArmsTrade", "Conduct", "Dialogue", "GasContract", "Politics"]
