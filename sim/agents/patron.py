"""Russia, the patron: what it believes, how displeased it is, and what it does about it."""

from __future__ import annotations

import numpy as np

from sim.agents.base import Actor
from sim.arrays import FloatArray
from sim.mechanisms.arms import denial_evidence, forgotten, report_evidence
from sim.mechanisms.patron import (
    displeasure_called_for,
    renewal,
    statement_chance,
    veto_trade_chance,
    veto_worth,
)
from sim.mechanisms.politics import launch_chance
from sim.mechanisms.scales import logistic
from sim.state import Reading, State
from sim.world import World


class Patron(Actor):
    """The great power that sells cheap gas and holds the veto; it does not see what the state does, it reads of it."""

    belief = State("log-odds that the state delivered arms in the last twelve months", "logit")
    displeasure_share = State("displeasure with the state", "share")
    veto_logit = State("how surely it would use its veto for the state", "logit")
    log_effort = State("media effort in the state, over that of January 2012", "log")
    statement = State("whether it declared its deep concern this month", "0 or 1")
    statement_belief = State("belief on which it decided whether to declare concern", "logit")
    veto_traded = State("whether it traded its veto away this month", "0 or 1")
    launched = State("outlets that it launched in the state this month", "count")

    def __init__(self, world: World, name: str) -> None:
        super().__init__(world, name)
        p = self.parameters
        self.belief = p["belief_prior"]
        self.veto_logit = p["veto_start"]
        self.statement_belief = p["belief_prior"]

    @Reading
    def displeasure(self) -> FloatArray:
        """Displeasure with the state, a share."""
        return self.displeasure_share

    @Reading
    def veto_resolve(self) -> FloatArray:
        """How surely it would use its veto for the state, a share."""
        return self.through(logistic, "veto_logit")

    @Reading
    def media_effort(self) -> FloatArray:
        """Media effort in the state, index: 1 in January 2012, 0 is silence."""
        return self.through(np.exp, "log_effort")

    @property
    def believed(self) -> FloatArray:
        """Belief that the state delivered arms in the last twelve months, a probability."""
        return self.through(logistic, "belief")

    @property
    def believed_before(self) -> FloatArray:
        """Belief on which it decided whether to declare concern, before any denial, a probability."""
        return self.through(logistic, "statement_belief")

    def offer(self) -> FloatArray:
        """Return what it would offer for a contract that ends now: 0 long, 1 short, 2 the market price."""
        p = self.parameters
        luck = self.uniform("offer")
        return renewal(luck, self.displeasure, p["renewal_goodwill"], p["renewal_precision"])

    def suspicion(self) -> FloatArray:
        """Return how far it believes in deliveries beyond what it always suspected, a share, shape (members,)."""
        always = self.kept("always", logistic, self.parameters["belief_prior"])
        return np.maximum(self.believed - always, 0.0) / (1.0 - always)

    def decide(self) -> None:
        """Read this month's report; decide whether to declare concern, to trade the veto, to launch an outlet."""
        p = self.parameters
        report = self.world.arms_trade.report
        hearsay, documented = (
            self.kept(kind, report_evidence, p["report_base"], p["report_extra"], p[f"{kind}_trust"])
            for kind in ("report", "document")
        )
        faded = forgotten(self.belief, p["belief_prior"], p["belief_forgetting"])
        self._heard = np.where(report > 0.0, faded + np.where(report == 2.0, documented, hearsay), faded)
        self._declares = self._declare()
        self._trades = self._trade()
        self._launches = self._launch()

    def act(self) -> None:
        """Write belief, displeasure, the veto and the media effort."""
        p = self.parameters
        between = self.world.between
        denial = denial_evidence(self.world.arms_trade.deniability, p["denial_candour"])
        self.statement_belief = self._heard
        self.belief = self._heard + np.where(between.denies > 0.0, denial, 0.0)
        called_for = displeasure_called_for(
            self.suspicion(),
            self.world.conduct.against_share(),
            between.sanctions,
            (p["displeasure_belief"], p["displeasure_votes"], p["displeasure_sanctions"]),
        )
        gap = called_for - self.displeasure_share
        self.displeasure_share = self.displeasure_share + p["displeasure_speed"] * gap
        self.statement, self.veto_traded, self.launched = self._declares, self._trades, self._launches
        self.veto_logit = self.veto_logit - np.where(self.veto_traded > 0.0, p["veto_price"], 0.0)
        self.log_effort = self.log_effort + self.launched * p["media_launch"]

    def _declare(self) -> FloatArray:
        """Return whether it declares its concern at this month's report: the record's answer, or a quantal response."""
        p = self.parameters
        chance = statement_chance(self._heard, p["statement_threshold"], p["statement_precision"])
        reported = self.world.arms_trade.report > 0.0
        return self.choose(
            "statement",
            chance,
            recorded=self.facts.turn("statement", self.tick) > 0,
            table="turns",
            given=reported,
            evidence="statements of concern",
        )

    def _trade(self) -> FloatArray:
        """Return whether it trades its veto away this month: never on record, else a quantal response."""
        p = self.parameters
        worth = veto_worth(self.veto_resolve, self.world.dialogue.normalisation)
        chance = veto_trade_chance(worth, self.displeasure, p["veto_standing"], p["veto_precision"])
        return self.choose("veto trade", chance, recorded=False, table="turns", evidence="veto trade")

    def _launch(self) -> FloatArray:
        """Return the outlets it launches this month: the record's, or one by a quantal response."""
        p = self.parameters
        affinity = self.world.russia_affinity()
        chance = launch_chance(self.displeasure, affinity, p["media_cost"], p["media_precision"])
        # not weighed: the record of outlets is not complete
        recorded = self.facts.turn("media", self.tick)
        return self.choose("media launch", chance, recorded=recorded, table="turns")
