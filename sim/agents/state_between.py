"""The state between two powers: it weighs, leans, joins, votes, trades, and may one day impose sanctions."""

from __future__ import annotations

from functools import partial

import numpy as np

from sim.agents.base import Actor
from sim.arrays import FloatArray, IntArray
from sim.clock import month_start
from sim.draws.quantiles import binomial_quantile
from sim.mechanisms.arms import arms_stake, denial_chance, let_through_chance
from sim.mechanisms.choice import (
    TEXT_KINDS,
    VOTES,
    join_probability,
    monthly_log_odds,
    sanctions_hazard,
    vote_chances,
)
from sim.mechanisms.conditions import FROZEN, FULL_SCALE
from sim.mechanisms.energy import diversification_chance, supply_exposure
from sim.mechanisms.scales import logistic, reverting
from sim.world.incentives import LEDGER
from sim.world.seen import World
from sim.world.state import Reading, State


def _signed(*weights: FloatArray) -> FloatArray:
    """Return the weights of the incentives with the way in which each moves the lean, shape (incentives, members)."""
    return np.stack([term.sign * weight for term, weight in zip(LEDGER.values(), weights, strict=True)])


class StateBetween(Actor):
    """The state whose alignment is asked about."""

    lean = State("lean: above 0 towards the EU's line, below towards Russia's", "logit")
    baseline_lean = State("lean that the governing coalition would have without incentives", "logit")
    join_other_logit = State("readiness to join declarations that are not Russia-related", "logit")
    sanctions = State("whether sanctions on Russia are in force", "0 or 1")
    sanctions_chance = State("chance of imposing sanctions this month", "probability")
    un_latent = State("UN ideal point before publication noise", "ideal point")
    joined_russia = State("Russia-related declarations joined this month", "count")
    joined_other = State("other declarations joined this month", "count")
    votes_with = State("UN texts voted with Russia this month", "count")
    votes_against = State("UN texts voted against Russia this month", "count")
    votes = State("UN texts on Ukraine or Crimea put to the vote this month", "count")
    voted_crimea = State(
        "last vote on a text on Crimea: 0 none, 1 with Russia, 2 abstained, 3 against it", "code"
    )
    voted_aggression = State("the same on texts that condemn invasion or annexation", "code")
    voted_emergency = State("the same on other emergency-session texts", "code")
    voted_in = State("regime of the war in which these votes were cast", "code")
    ledger = State("what each incentive adds to the lean called for", "logit", width=len(LEDGER))
    reference = State("x of each incentive in January 2012", "as the incentive's", width=len(LEDGER))

    def __init__(self, world: World, name: str) -> None:
        super().__init__(world, name)
        self.join_other_logit = self.parameters["join_other_start"]
        self.un_latent = self.parameters["un_start"]
        self.denies, self.lets_through, self.signs_elsewhere = (self.full(0.0) for _ in range(3))
        self.weighed: dict[str, FloatArray] = {}
        self._before_votes: dict[str, tuple[FloatArray, FloatArray]] = {}

    @Reading
    def join_other(self) -> FloatArray:
        """Readiness to join a declaration that is not Russia-related, a probability."""
        return self.through(logistic, "join_other_logit")

    @property
    def relative_position(self) -> FloatArray:
        """UN ideal point between Russia's (0) and the EU's (1) as last known, before publication noise."""
        russia, union = self.facts.poles_in(month_start(self.tick).year)
        return (self.un_latent - russia) / (union - russia)

    @property
    def ledger_terms(self) -> dict[str, FloatArray]:
        """What each incentive adds to the lean called for, by the name of its recorded variable, logit."""
        return {term.variable: self.ledger[:, i] for i, term in enumerate(LEDGER.values())}

    def incentives(self) -> dict[str, FloatArray]:
        """Return this month's x of each incentive, each of shape (members,)."""
        found: dict[str, FloatArray] = {}
        for term in LEDGER.values():
            found[term.name] = term.x(self.world, found)
        return found

    def decide(self) -> None:
        """Weigh the incentives; choose what to join, how to vote, and whether to take each step that stands open."""
        self.weighed = self.incentives()
        self.call_for_lean()
        self._joined = self.join()
        self._votes = self.vote()
        self.denies = self._deny()
        self.lets_through = self._let_through()
        self.signs_elsewhere = self._sign_elsewhere()
        self._sanctions = self.sanction()

    def act(self) -> None:
        """Write what was chosen, and move the lean towards what the coalition and its ledger call for."""
        self.baseline_lean = self.baseline_lean + self.world.politics.shift
        before = self.lean
        self.move_lean()
        self.move_readiness()
        self.move_ideal_point(self.lean - before)
        self.joined_russia, self.joined_other = self._joined
        self.votes_with, self.votes_against, self.votes = self._votes
        self.sanctions = self.intervened("sanctions", self._sanctions)

    def call_for_lean(self) -> None:
        """Reckon what each incentive adds to the lean called for, by what was weighed this month."""
        p, weighed = self.parameters, np.stack(list(self.weighed.values()))
        if self.tick == 0:
            self.reference = weighed.T
        weights = self.kept("weights", _signed, *(p[f"{name}_weight"] for name in LEDGER))
        self._terms = weights * (weighed - self.reference.T)

    def move_lean(self) -> None:
        """Move the lean towards what the coalition and its ledger call for."""
        p = self.parameters
        self.ledger = self._terms.T
        called_for = sum(self._terms, self.baseline_lean)
        shock = p["lean_noise"] * self.normal("lean")
        self.lean = reverting(self.lean, called_for, p["lean_adjustment"], shock)

    def move_readiness(self) -> None:
        """Move on the readiness to join declarations that are not Russia-related."""
        p = self.parameters
        shock = p["join_other_noise"] * self.normal("readiness")
        self.join_other_logit = reverting(
            self.join_other_logit, p["join_other_mean"], p["join_other_pull"], shock
        )

    def move_ideal_point(self, leaned: FloatArray) -> None:
        """Move on the UN ideal point, by a walk of its own and by how far the lean moved, logit, shape (members,)."""
        p = self.parameters
        drift = p["un_step"] / np.sqrt(12.0) * self.normal("ideal point")
        self.un_latent = self.un_latent + drift + p["un_link"] * leaned

    def weigh_joining(self) -> None:
        """Set the chances with which declarations of both classes are joined this month."""
        p = self.parameters
        self.chance_russia = join_probability(
            self.lean, p["join_cost"], self.sanctions, p["join_with_sanctions"]
        )
        self.chance_other = self.join_other

    def join(self) -> tuple[FloatArray, FloatArray]:
        """Return the declarations of both classes that are joined this month, drawn."""
        conditions = self.world.conditions
        self.weigh_joining()
        russia = binomial_quantile(
            self.uniform("join Russia-related"), conditions.issued_russia, self.chance_russia
        )
        other = self.joined_other
        if not self.world.learning:
            other = binomial_quantile(self.uniform("join other"), conditions.issued_other, self.chance_other)
        return russia, other

    def vote(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the month's votes with Russia, against it, and in all: the record's, or drawn kind by kind.

        Texts of one kind that come in one month get one vote. Votes from before full-scale war bind no longer in it.
        """
        war = self.world.conditions.war
        binding = (war != FULL_SCALE) | (self.voted_in > FROZEN)
        for kind in TEXT_KINDS:
            setattr(self, f"voted_{kind}", np.where(binding, getattr(self, f"voted_{kind}"), 0.0))
        self.voted_in = war
        facts = self.facts
        recorded = facts.texts.get(self.tick, {}) if facts.on_record(self.tick, "UN texts") else None
        self._before_votes = {kind: (self.lean, getattr(self, f"voted_{kind}")) for kind in TEXT_KINDS}
        counts = [np.zeros(self.members) for _ in VOTES]
        for kind in TEXT_KINDS:
            if recorded is None:
                self._draw_votes(kind, counts)
                continue
            seen = [recorded.get((kind, way), 0) for way in VOTES]
            if not sum(seen):
                continue
            chances = self._vote_chances(kind)
            for number, chance, count in zip(seen, chances, counts, strict=True):
                np.add(count, number, out=count)
                if number:
                    self.weigh(f"UN votes, {kind}", chance)
            if (self.tick, kind) not in self.facts.apart:
                setattr(self, f"voted_{kind}", self.full(1.0 + int(np.argmax(seen))))
        with_russia, abstained, against = counts
        return with_russia, against, with_russia + abstained + against

    def _draw_votes(self, kind: str, counts: list[FloatArray]) -> None:
        """Draw the votes of members with texts of a kind before them, and add them to the counts, in place."""
        texts = getattr(self.world.conditions, f"texts_{kind}")
        asked = np.flatnonzero(texts)  # few in most months
        if not asked.size:
            return
        with_russia, abstained, _ = self._vote_chances(kind, asked)
        u = self.uniform(f"vote, {kind}").take(asked)
        vote = 1.0 + (u >= with_russia) + (u >= with_russia + abstained)
        for code, count in enumerate(counts, start=1):
            count[asked] += np.where(vote == code, texts.take(asked), 0.0)
        voted = getattr(self, f"voted_{kind}").copy()
        voted[asked] = vote
        setattr(self, f"voted_{kind}", voted)

    def _vote_chances(
        self, kind: str, members: IntArray | slice = slice(None)
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return this month's chances of a vote with Russia, an abstention and a vote against it, of some members."""
        p = self.parameters
        lean, last = self._before_votes[kind]
        return vote_chances(
            lean[members],
            p[f"vote_severity_{kind}"][members],
            p["vote_width"][members],
            habit=p["vote_habit"][members],
            last=last[members],
        )

    @property
    def vote_chances(self) -> dict[str, FloatArray]:
        """The month's chances of a vote with Russia and of one against it, by the name of the recorded variable."""
        found: dict[str, FloatArray] = {}
        for kind in TEXT_KINDS:
            chances = self.world.common(f"votes, {kind}", partial(self._vote_chances, kind))
            found |= {f"vote_with_chance_{kind}": chances[0], f"vote_against_chance_{kind}": chances[2]}
        return found

    def _deny(self) -> FloatArray:
        """Return whether this month's report is denied: the record's answer, or a quantal response."""
        p, trade = self.parameters, self.world.arms_trade
        chance = denial_chance(trade.deniability, p["denial_gain"], p["denial_precision"])
        denied = self.facts.turn("denial", self.tick) > 0
        reported = trade.report > 0.0
        return self.choose("denial", chance, recorded=denied, given=reported, evidence="denials")

    def _let_through(self) -> FloatArray:
        """Return whether this month's arms to third countries are let through, a quantal response; no record says."""
        p = self.parameters
        displeasure, retaliation = self.world.patron.displeasure, self.weighed["retaliation"]
        worth = self.kept("worth of arms", arms_stake, p["arms_demand"])
        chance = let_through_chance(worth, displeasure, retaliation, p["arms_caution"], p["arms_precision"])
        return self.choose("let through", chance)

    def _sign_elsewhere(self) -> FloatArray:
        """Return whether gas from elsewhere is signed for this month, a quantal response; no record says."""
        p, contract = self.parameters, self.world.contract
        exposure = supply_exposure(
            contract.contract_end - self.tick, self.world.patron.displeasure, contract.dependence
        )
        response = diversification_chance(
            self.weighed["gas"], exposure, p["diversification_cost"], p["diversification_precision"]
        )
        return self.choose("gas from elsewhere", response, given=contract.interconnector > 0.0)

    def sanction(self) -> FloatArray:
        """Return whether sanctions are in force at the month's end; only a new coalition takes them back."""
        p = self.parameters
        log_odds = self.kept("sanctions", monthly_log_odds, p["sanctions_rate"])
        hazard = sanctions_hazard(self.lean, p["sanctions_reference_lean"], p["sanctions_slope"], log_odds)
        # nothing to join before the war, and nothing left to decide once they are in force
        open_choice = (self.world.conditions.measures_exist > 0.0) & (self.sanctions == 0.0)
        self.sanctions_chance = np.where(open_choice, hazard, 0.0)
        recorded = self.facts.turn("sanctions", self.tick)
        imposed = self.choose("sanctions", self.sanctions_chance, recorded=recorded, evidence="no sanctions")
        changed = self.world.politics.changed > 0.0
        lifted = self.choose("reversal", p["sanctions_reversal"], recorded=False, given=changed)
        return np.where(lifted > 0.0, 0.0, np.maximum(self.sanctions, imposed))
