"""Voter blocs: how many would vote for the EU, how many are well disposed to Russia."""

from __future__ import annotations

from functools import partial

import numpy as np

from sim.agents.base import Actor
from sim.arrays import BoolArray, FloatArray
from sim.mechanisms.conditions import FULL_SCALE
from sim.mechanisms.politics import media_shift
from sim.mechanisms.scales import logistic, reverting
from sim.record.country import Bloc
from sim.world.seen import World
from sim.world.state import State


class VoterBloc(Actor):
    """Voters who use the same media; opinions are mean-reverting walks on the logit."""

    support_logit = State("would vote for EU membership", "logit")
    affinity_logit = State("well disposed to Russia", "logit")

    def __init__(self, world: World, bloc: Bloc) -> None:
        super().__init__(world, bloc.name)
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
        """Move both opinions."""
        self.move_support()
        self._move("affinity", self.bloc.affinity_offset, self._media)

    def move_support(self) -> None:
        """Move the support for EU membership: media that raise the affinity for Russia lower it."""
        heard = self.world.common("media", self._heard)
        self._media = self.bloc.trust * heard
        self._move("support", self.bloc.support_offset, -self._media)

    def _move(self, opinion: str, offset: float, shift: FloatArray) -> None:
        """Move an opinion back towards its level, which is the bloc's own and shifted by media."""
        p = self.parameters
        shared = self.world.common(opinion, lambda: self._shared(opinion))
        own = self.world.common("own", lambda: np.sqrt(1.0 - p["opinion_correlation"]))
        level = self.kept(opinion, partial(np.add, offset), p[f"{opinion}_mean"])
        shock = self.normal(opinion)
        shock *= own
        shock += shared
        shock *= p[f"{opinion}_noise"]
        moved = reverting(getattr(self, f"{opinion}_logit"), level + shift, p[f"{opinion}_pull"], shock)
        if (begins := self.world.common("war begins", self._war_begins)) is not None:
            moved += np.where(begins, p[f"war_shock_{opinion}"], 0.0)
        setattr(self, f"{opinion}_logit", moved)

    def _war_begins(self) -> BoolArray | None:
        """Return for whom war begins in this month, shape (members,); None if for nobody."""
        conditions = self.world.conditions
        begins: BoolArray = (conditions.war == FULL_SCALE) & (conditions.war_months == 1.0)
        return begins if begins.any() else None

    def _heard(self) -> FloatArray:
        """Return how far media move those who trust them in full, logit, shape (members,)."""
        return media_shift(self.world.patron.media_effort, 1.0, self.parameters["media_weight"])

    def _shared(self, opinion: str) -> FloatArray:
        return np.sqrt(self.parameters["opinion_correlation"]) * self.world.luck.normal(opinion, "all voters")
