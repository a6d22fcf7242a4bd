"""What all agents share: a seat in the model, and a month in two phases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa

from sim.seat import Seat

if TYPE_CHECKING:
    from sim.model import AlignmentModel


class Actor(mesa.Agent, Seat):  # type: ignore[misc]  # Mesa 3.3 ships no type information
    """A Mesa agent whose attributes have one entry per ensemble member."""

    def __init__(self, model: AlignmentModel, name: str) -> None:
        super().__init__(model)
        self.seat(model, name)

    def decide(self) -> None:
        """Choose, reading the world as it stands; write no state that others read."""

    def act(self) -> None:
        """Carry out what was decided: write own states."""
