"""What all agents share: an entity in the model, and a month in two phases."""

from __future__ import annotations

import mesa

from sim.world.entity import Entity
from sim.world.seen import World


class Actor(mesa.Agent, Entity):
    """A Mesa agent whose attributes have one entry per ensemble member."""

    def __init__(self, world: World, name: str) -> None:
        super().__init__(world)
        self.enter(world, name)

    def decide(self) -> None:
        """Choose, reading the world as it stands; write no state that others read."""

    def act(self) -> None:
        """Carry out what was decided: write own states."""
