"""The two powers: Russia, which sells cheap gas and holds the veto, and the EU, which may be joined."""

from __future__ import annotations

import numpy as np

from sim.agents.base import Actor
from sim.arrays import FloatArray
from sim.clock import calendar_month, month_number
from sim.draws.quantiles import poisson_quantile
from sim.mechanisms.accession import (
    STEP_MEMORY,
    STEPS_PER_RUNG,
    closed_by_date,
    next_opening,
    opened_by_date,
    opening_chance,
    pressure_target,
    still_moving,
)
from sim.mechanisms.arms import denial_evidence, forgotten, report_evidence
from sim.mechanisms.conditions import by_regime
from sim.mechanisms.patron import (
    displeasure_called_for,
    renewal,
    statement_chance,
    veto_trade_chance,
    veto_worth,
)
from sim.mechanisms.politics import launch_chance
from sim.mechanisms.publication import poisson_log_chance
from sim.mechanisms.scales import logistic
from sim.world.seen import World
from sim.world.state import Reading, State


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
        weights = (p["displeasure_belief"], p["displeasure_votes"], p["displeasure_sanctions"])
        against = self.world.conduct.against_share()
        called_for = displeasure_called_for(self.suspicion(), against, between.sanctions, weights)
        gap = called_for - self.displeasure_share
        self.displeasure_share = self.displeasure_share + p["displeasure_speed"] * gap
        self.statement, self.veto_traded, self.launched = self._declares, self._trades, self._launches
        self.veto_logit = self.veto_logit - np.where(self.veto_traded > 0.0, p["veto_price"], 0.0)
        self.log_effort = self.log_effort + self.launched * p["media_launch"]

    def _declare(self) -> FloatArray:
        """Return whether it declares its concern at this month's report: the record's answer, or a quantal response."""
        p = self.parameters
        chance = statement_chance(self._heard, p["statement_threshold"], p["statement_precision"])
        reported, said = self.world.arms_trade.report > 0.0, self.facts.turn("statement", self.tick) > 0
        return self.choose(
            "statement", chance, recorded=said, given=reported, evidence="statements of concern"
        )

    def _trade(self) -> FloatArray:
        """Return whether it trades its veto away this month: never on record, else a quantal response."""
        p = self.parameters
        worth = veto_worth(self.veto_resolve, self.world.dialogue.normalisation)
        chance = veto_trade_chance(worth, self.displeasure, p["veto_standing"], p["veto_precision"])
        return self.choose("veto trade", chance, recorded=False, evidence="veto trade")

    def _launch(self) -> FloatArray:
        """Return the outlets it launches this month: the record's, or one by a quantal response."""
        p = self.parameters
        affinity = self.world.russia_affinity()
        chance = launch_chance(self.displeasure, affinity, p["media_cost"], p["media_precision"])
        # not weighed: the record of outlets is not complete
        recorded = self.facts.turn("media", self.tick)
        return self.choose("media launch", chance, recorded=recorded)


_RUNGS = 3  # candidate status, decision to open talks, first conference: before any chapter
_DECISION_MONTHS = (6, 12)


class Union(Actor):
    """The union on offer: credibility, conditionality and the steps of accession."""

    credibility_logit = State("how far the state believes the offer", "logit")
    pressure_share = State("pressure on the state to join measures on Russia", "share")
    rungs = State("steps before the first chapter that were taken", "count")
    moving = State("whether talks move; in history how likely that is", "0 or 1, or probability")
    chapters_opened = State("chapters opened in total", "count")
    opening = State("chapters or rungs opened this month", "count")
    recent_steps = State("accession steps of the last 24 months", "count", width=STEP_MEMORY)

    def __init__(self, world: World, name: str) -> None:
        super().__init__(world, name)
        self.credibility_logit = self.parameters["credibility_start"]
        stall, resume = self.parameters["opening_stall"], self.parameters["opening_resume"]
        # as often as in the long run
        self.moving = resume / np.maximum(stall + resume, np.finfo(np.float64).tiny)
        self._chapters = len(world.cluster_steps) - 1
        self._clusters_from = month_number(world.country.clusters_from)

    @Reading
    def credibility(self) -> FloatArray:
        """How far the state believes the offer of membership, a share."""
        return self.through(logistic, "credibility_logit")

    @Reading
    def pressure(self) -> FloatArray:
        """Pressure on the state to join measures on Russia, a share."""
        return self.pressure_share

    @Reading
    def accession_year(self) -> FloatArray:
        """Year in which the state is to join, as the EU names it; 0 where it names none."""
        return self.full(0.0)

    def steps(self) -> FloatArray:
        """Return the accession steps of the last 24 months, shape (members,)."""
        return self.sum_of("recent_steps")

    def decide(self) -> None:
        """Decide what opens this month, and what the state's conduct calls for."""
        self._openings = self.what_opens()
        self.call_for_pressure()

    def call_for_pressure(self) -> None:
        """Reckon the pressure that the state's conduct calls for, which matters more the worse the war."""
        p, conduct = self.parameters, self.world.conduct
        levels = 0.0, p["pressure_frozen"], p["pressure_full_scale"], p["pressure_ceasefire"]
        level = by_regime(self.world.conditions.war, levels)
        self._called_for = pressure_target(level, conduct.issued_year(), conduct.joined_year())

    def act(self) -> None:
        """Write credibility, pressure and what was opened."""
        self.move_pressure()
        rungs, chapters = self._openings
        self.move_credibility(rungs + chapters)
        before = self.chapters_opened
        self.rungs = self.rungs + rungs
        self.chapters_opened = self.intervened("chapters_opened", before + chapters)
        self.opening = rungs + chapters
        gained = np.maximum(self.chapters_opened - before, 0.0)
        closed = closed_by_date(
            self.chapters_opened, self.accession_year, month=self.tick, chapters=self._chapters
        )
        self.push("recent_steps", STEPS_PER_RUNG * rungs + gained + closed)

    def move_pressure(self) -> None:
        """Move the pressure towards what is called for."""
        gap = self._called_for - self.pressure_share
        self.pressure_share = self.pressure_share + self.parameters["pressure_speed"] * gap

    def move_credibility(self, opened: FloatArray) -> None:
        """Move on the belief in the offer: it wears off month by month, and each thing that opens renews it."""
        p = self.parameters
        renewed = np.where(opened > 0.0, p["credibility_reward"], 0.0)
        drift = p["credibility_noise"] * self.normal("credibility") - p["credibility_fatigue"]
        self.credibility_logit = self.credibility_logit + drift + renewed

    def what_opens(self) -> tuple[FloatArray, FloatArray]:
        """Return the rungs and the chapters that open this month: the record's, or one chance in each half-year.

        Whether talks move is not on record: in history `moving` is how likely that is, given what was opened.
        """
        rungs, chapters = (self.full(a.get(self.tick, 0)) for a in (self.facts.rungs, self.facts.chapters))
        if calendar_month(self.tick) not in _DECISION_MONTHS:
            return rungs, chapters
        p = self.parameters
        base, reward, penalty = p["opening_base"], p["opening_credibility"], p["opening_alignment"]
        chance = opening_chance(self.credibility, self.pressure, base, reward, penalty)
        steps, opened = self.facts.opened_in_half(self.tick)
        before, after = still_moving(
            self.moving, p["opening_stall"], p["opening_resume"], chance=chance, opened=steps + opened > 0
        )
        by_cluster = self.tick >= self._clusters_from
        if self.facts.on_record(self.tick, "opening"):
            self.moving = after
            self.weigh("openings", before * chance if steps + opened else 1.0 - before * chance)
            if opened and not by_cluster:
                self.weigh_log("openings", poisson_log_chance(opened - 1, p["opening_extra"]))
            return rungs, chapters
        self.moving = (self.uniform("talks move") < before).astype(np.float64)
        opens = (self.uniform("opening") < chance) & (self.moving > 0.0)
        talks = self.rungs >= _RUNGS
        so_far, clusters = self.chapters_opened, self.world.cluster_steps
        extra = poisson_quantile(self.uniform("chapters"), p["opening_extra"])
        chapters = next_opening(so_far, extra, by_cluster=by_cluster, cluster_steps=clusters)
        called_for = opened_by_date(so_far, self.accession_year, month=self.tick, chapters=self._chapters)
        chapters = np.maximum(np.where(opens, chapters, 0.0), called_for)
        return np.where(opens & ~talks, 1.0, 0.0), np.where(talks, chapters, 0.0)
