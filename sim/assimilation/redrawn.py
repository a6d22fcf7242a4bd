"""Luck that a proposal draws again, and gives back where it is refused."""

from __future__ import annotations

from dataclasses import dataclass, field

from sim.arrays import BoolArray, IntArray


@dataclass
class Redrawn:
    """Luck that was drawn again, by strand: months, particles, and the luck that they had, each of one shape."""

    windows: list[tuple[int, IntArray, IntArray, IntArray]] = field(default_factory=list)

    def take_back(self, luck: IntArray, refused: BoolArray) -> None:
        """Give those particles the luck again that they had, in place."""
        for place, months, who, before in self.windows:
            back = refused[who]
            luck[place, months[back], who[back]] = before[back]
