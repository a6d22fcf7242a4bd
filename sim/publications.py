"""What is printed about Serbia: polls, the share of declarations joined, the UN ideal point.

A forecast is of the published figure. Figures of a window gather month by month, per member, and come out at its end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.clock import calendar_month, month_start
from sim.mechanisms.publication import published_alignment, published_poll
from sim.seat import Seat
from sim.state import State

if TYPE_CHECKING:
    from sim.model import AlignmentModel

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_JUNE, _DECEMBER = 6, 12


class Publications(Seat):
    """Gathers the windows of published figures and prints them when they are due."""

    issued_half = State("declarations issued since the half-year began", "count")
    joined_half = State("declarations joined since the half-year began", "count")
    issued_year = State("declarations issued since the year began", "count")
    joined_year = State("declarations joined since the year began", "count")
    un_year = State("sum of the year's monthly ideal points", "ideal point")

    def __init__(self, model: AlignmentModel) -> None:
        self.seat(model, "publications")
        self._clear_half()
        self._clear_year()
        self.figures: dict[str, FloatArray] = {}

    def publish(self) -> None:
        """Take the month into its windows; `figures` then holds what came out this month, NaN for what did not."""
        conditions, between = self.world.conditions, self.world.between
        issued = conditions.issued_russia + conditions.issued_other
        joined = between.joined_russia + between.joined_other
        self.issued_half, self.joined_half = self.issued_half + issued, self.joined_half + joined
        self.issued_year, self.joined_year = self.issued_year + issued, self.joined_year + joined
        self.un_year = self.un_year + between.un_latent
        nothing = self.full(np.nan)
        self.figures = {
            "eu_support_published": self._poll(),
            "cfsp_alignment_half": nothing,
            "cfsp_alignment_year": nothing,
            "un_position": nothing,
        }
        month = calendar_month(self.tick)
        if month in (_JUNE, _DECEMBER):
            self.figures["cfsp_alignment_half"] = self._alignment(
                "half-year", self.joined_half, self.issued_half
            )
            self._clear_half()
        if month == _JUNE:
            self._take_published_half()
        if month == _DECEMBER:
            self.figures["cfsp_alignment_year"] = self._alignment("year", self.joined_year, self.issued_year)
            noise = self.parameters["un_noise"] * self.normal("ideal point")
            self.figures["un_position"] = self.un_year / 12.0 + noise
            self._clear_year()

    def take(self, indices: IntArray) -> None:
        """Take the month's figures along with the states."""
        super().take(indices)
        self.figures = {name: values[indices] for name, values in self.figures.items()}

    def _poll(self) -> FloatArray:
        p = self.parameters
        return published_poll(
            self.world.eu_support(), p["poll_respondents"], p["poll_noise"], self.normal("poll")
        )

    def _alignment(self, window: str, joined: FloatArray, issued: FloatArray) -> FloatArray:
        noise = self.parameters["alignment_noise"] * self.normal(f"alignment {window}")
        return published_alignment(joined, issued, noise)

    def _take_published_half(self) -> None:
        """In the year of the origin, let the year's figure stand on a first half-year that is already published."""
        seen = self.facts.half_years.get(self.tick)
        origin = month_start(self.facts.first_month).year
        if seen is None or month_start(self.tick).year != origin:
            return
        if seen.trials is not None:
            self.issued_year = self.full(seen.trials)
        self.joined_year = seen.value * self.issued_year

    def _clear_half(self) -> None:
        self.issued_half = self.joined_half = self.full(0.0)

    def _clear_year(self) -> None:
        self.issued_year = self.joined_year = self.un_year = self.full(0.0)
