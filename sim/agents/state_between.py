"""Serbia, the state between two powers: it leans, joins or stays out, votes, and may one day impose sanctions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.agents.base import Actor
from sim.facts import TEXT_KINDS
from sim.mechanisms.accession import accession_pull
from sim.mechanisms.choice import join_probability, sanctions_hazard, vote_probabilities
from sim.mechanisms.energy import gas_stake
from sim.mechanisms.posture import UNDEFINED, WINDOW, classify
from sim.mechanisms.scales import logistic, reverting
from sim.randomness import binomial_quantile
from sim.state import Reading, State, pushed, window_sum

if TYPE_CHECKING:
    from sim.model import AlignmentModel

FloatArray = NDArray[np.float64]

LEDGER = ("gas", "accession", "pressure")
"""Serbia's incentives; the sign says which way the incentive moves the lean when its x rises."""

_SIGN = {"gas": -1.0, "accession": 1.0, "pressure": 1.0}


class StateBetween(Actor):
    """The state whose alignment is asked about."""

    lean = State("lean: above 0 towards the EU's line, below towards Russia's", "logit")
    join_other_logit = State("readiness to join declarations that are not Russia-related", "logit")
    sanctions = State("whether sanctions on Russia are in force", "0 or 1")
    sanctions_chance = State("chance of imposing sanctions this month", "probability")
    un_latent = State("UN ideal point before publication noise", "ideal point")
    joined_russia = State("Russia-related declarations joined this month", "count")
    joined_other = State("other declarations joined this month", "count")
    votes_with = State("UN texts voted with Russia this month", "count")
    votes_against = State("UN texts voted against Russia this month", "count")
    votes = State("UN texts on Ukraine or Crimea put to the vote this month", "count")
    issued_window = State("Russia-related declarations issued", "count", width=WINDOW)
    joined_window = State("Russia-related declarations joined", "count", width=WINDOW)
    with_window = State("UN votes with Russia", "count", width=WINDOW)
    votes_window = State("UN votes", "count", width=WINDOW)
    with_held = State("UN votes with Russia in the last window that had a text", "count")
    votes_held = State("UN votes in the last window that had a text", "count")
    posture = State("posture: -1 undefined, 0 ally, 1 balancer, 2 opponent", "code")
    ledger_gas = State("what the gas contract adds to the lean called for", "logit")
    ledger_accession = State("what the accession offer adds to the lean called for", "logit")
    ledger_pressure = State("what conditionality pressure adds to the lean called for", "logit")
    reference_gas = State("gas stake of January 2012", "share")
    reference_accession = State("accession pull of January 2012", "share")
    reference_pressure = State("pressure of January 2012", "share")

    def __init__(self, model: AlignmentModel, name: str) -> None:
        super().__init__(model, name)
        p = self.parameters
        self.join_other_logit = p["join_other_start"]
        self.un_latent = p["un_start"]
        for state, declared in self.declared().items():
            if state not in ("join_other_logit", "un_latent"):
                empty = self.full(0.0) if declared.width is None else np.zeros((self.members, declared.width))
                setattr(self, state, empty)
        self.posture = self.full(UNDEFINED)

    @Reading
    def join_other(self) -> FloatArray:
        """Readiness to join a declaration that is not Russia-related, a probability."""
        return logistic(self.join_other_logit)

    def issued_year(self) -> FloatArray:
        """Return the Russia-related declarations issued in the last twelve months, shape (members,)."""
        return window_sum(self.issued_window)

    def joined_year(self) -> FloatArray:
        """Return the Russia-related declarations joined in the last twelve months, shape (members,)."""
        return window_sum(self.joined_window)

    def incentives(self) -> dict[str, FloatArray]:
        """Return this month's x of each incentive, each of shape (members,)."""
        union, patron = self.world.union, self.world.patron
        return {
            "gas": gas_stake(patron.yearly_saving(), self.facts.gdp_known(self.tick)),
            "accession": accession_pull(union.credibility, union.steps()),
            "pressure": union.pressure,
        }

    def decide(self) -> None:
        """Weigh the incentives; choose which declarations to join, how to vote, whether to impose sanctions."""
        x = self.incentives()
        if self.tick == 0:
            for term in LEDGER:
                setattr(self, f"reference_{term}", x[term])
        self._terms = {
            term: _SIGN[term]
            * self.parameters[f"{term}_weight"]
            * (x[term] - getattr(self, f"reference_{term}"))
            for term in LEDGER
        }
        self._joined = self._join()
        self._votes = self._vote()
        self._sanctions = self._sanction()

    def act(self) -> None:
        """Write what was chosen, move the lean, and take stock of the last twelve months."""
        conditions, p = self.world.conditions, self.parameters
        called_for = self.full(0.0)  # the baseline: no change of coalition yet
        for term in LEDGER:
            setattr(self, f"ledger_{term}", self._terms[term])
            called_for = called_for + self._terms[term]
        before = self.lean
        self.lean = reverting(before, called_for, p["lean_adjustment"], p["lean_noise"] * self.normal("lean"))
        shock = p["join_other_noise"] * self.normal("readiness")
        self.join_other_logit = reverting(
            self.join_other_logit, p["join_other_mean"], p["join_other_pull"], shock
        )
        drift = p["un_step"] / np.sqrt(12.0) * self.normal("ideal point")
        self.un_latent = self.un_latent + drift + p["un_link"] * (self.lean - before)
        self.joined_russia, self.joined_other = self._joined
        self.votes_with, self.votes_against, self.votes = self._votes
        self.sanctions = self.intervened("sanctions", self._sanctions)
        self.issued_window = pushed(self.issued_window, conditions.issued_russia)
        self.joined_window = pushed(self.joined_window, self.joined_russia)
        self._take_stock()

    def _join(self) -> tuple[FloatArray, FloatArray]:
        conditions, p = self.world.conditions, self.parameters
        chance = join_probability(self.lean, p["join_cost"], self.sanctions, p["join_with_sanctions"])
        russia = binomial_quantile(self.uniform("join Russia-related"), conditions.issued_russia, chance)
        other = binomial_quantile(self.uniform("join other"), conditions.issued_other, self.join_other)
        return russia, other

    def _vote(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the month's votes with Russia, against it, and in all: the record's, or drawn kind by kind."""
        if self.facts.on_record(self.tick):
            seen = self.facts.texts.get(self.tick, {})
            counts = [sum(n for (_, vote), n in seen.items() if vote == way) for way in ("with", "against")]
            return self.full(counts[0]), self.full(counts[1]), self.full(sum(seen.values()))
        p, conditions = self.parameters, self.world.conditions
        spread = p["vote_spread"] * self.normal("severity")
        with_russia, against, votes = self.full(0.0), self.full(0.0), self.full(0.0)
        for kind in TEXT_KINDS:
            texts = getattr(conditions, f"texts_{kind}")
            severity = p[f"vote_severity_{kind}"] + spread
            chance_with, chance_against = vote_probabilities(self.lean, severity, p["vote_width"])
            ours = binomial_quantile(self.uniform(f"vote with, {kind}"), texts, chance_with)
            # among those not with Russia; a sure vote with it leaves none, and no chance to share out
            rest = chance_against / np.maximum(1.0 - chance_with, np.finfo(np.float64).tiny)
            theirs = binomial_quantile(self.uniform(f"vote against, {kind}"), texts - ours, rest)
            with_russia, against, votes = with_russia + ours, against + theirs, votes + texts
        return with_russia, against, votes

    def _sanction(self) -> FloatArray:
        """Return whether sanctions are in force at the month's end; in this world they are not taken back."""
        p = self.parameters
        chance = sanctions_hazard(
            self.lean, p["sanctions_reference_lean"], p["sanctions_slope"], p["sanctions_rate"]
        )
        # nothing to join before the war, and nothing left to decide once they are in force
        open_choice = (self.world.conditions.measures_exist > 0.0) & (self.sanctions == 0.0)
        self.sanctions_chance = np.where(open_choice, chance, 0.0)
        if self.facts.on_record(self.tick):
            return self.full(0.0)
        imposed = self.uniform("sanctions") < self.sanctions_chance
        return np.maximum(self.sanctions, imposed.astype(np.float64))

    def _take_stock(self) -> None:
        self.with_window = pushed(self.with_window, self.votes_with)
        self.votes_window = pushed(self.votes_window, self.votes)
        votes = window_sum(self.votes_window)
        had_text = votes > 0.0
        self.votes_held = np.where(had_text, votes, self.votes_held)
        self.with_held = np.where(had_text, window_sum(self.with_window), self.with_held)
        found = classify(
            self.sanctions, self.issued_year(), self.joined_year(), self.with_held, self.votes_held
        )
        self.posture = np.where(self.world.conditions.measures_exist > 0.0, found, UNDEFINED)
