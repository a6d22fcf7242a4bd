"""Voter blocs: how many would vote for the EU, how many are well disposed to Russia."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.agents.base import Actor
from sim.country import Bloc
from sim.mechanisms.opinion import media_shift
from sim.mechanisms.scales import logistic, reverting
from sim.mechanisms.war import FULL_SCALE
from sim.state import State

if TYPE_CHECKING:
    from sim.model import AlignmentModel

FloatArray = NDArray[np.float64]


class VoterBloc(Actor):
    """Voters who use the same media; opinions are mean-reverting walks on the logit."""

    support_logit = State("would vote for EU membership", "logit")
    affinity_logit = State("well disposed to Russia", "logit")

    def __init__(self, model: AlignmentModel, bloc: Bloc) -> None:
        super().__init__(model, bloc.name)
        self.bloc = bloc
        p = self.parameters
        self.support_logit = p["support_start"] + bloc.support_offset
        self.affinity_logit = p["affinity_start"] + bloc.affinity_offset

    @property
    def support(self) -> FloatArray:
        """Share of the bloc that would vote for membership, shape (members,)."""
        return self.through(logistic, "support_logit")

    @property
    def affinity(self) -> FloatArray:
        """Share of the bloc well disposed to Russia, shape (members,)."""
        return self.through(logistic, "affinity_logit")

    def act(self) -> None:
        """Move both opinions: back towards what media make of their level, with shocks that blocs share in part."""
        self.move("support")
        self.move("affinity")

    def move(self, opinion: str) -> None:
        """Move one of the two; media that raise the affinity for Russia lower the support for the EU."""
        p, conditions = self.parameters, self.world.conditions
        common = p["opinion_correlation"]
        media = media_shift(self.world.patron.media_effort, self.bloc.trust, p["media_weight"])
        offset, shift = {
            "support": (self.bloc.support_offset, -media),
            "affinity": (self.bloc.affinity_offset, media),
        }[opinion]
        war_begins = (conditions.war_months == 1.0) & (conditions.war == FULL_SCALE)
        shared = self.world.common_shock(opinion)
        shock = np.sqrt(common) * shared + np.sqrt(1.0 - common) * self.normal(opinion)
        moved = reverting(
            getattr(self, f"{opinion}_logit"),
            p[f"{opinion}_mean"] + offset + shift,
            p[f"{opinion}_pull"],
            p[f"{opinion}_noise"] * shock,
        )
        setattr(self, f"{opinion}_logit", moved + np.where(war_begins, p[f"war_shock_{opinion}"], 0.0))
