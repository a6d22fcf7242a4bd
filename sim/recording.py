"""What a run keeps of each member and month: the listed variables, with unit and meaning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.clock import month_start
from sim.mechanisms.scales import logistic
from sim.model import AlignmentModel

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Variable:
    """A recorded variable; `read` returns its value at a month's end, shape (members,)."""

    name: str
    unit: str
    meaning: str
    read: Callable[[AlignmentModel], FloatArray]


def _figure(name: str) -> Callable[[AlignmentModel], FloatArray]:
    return lambda model: model.publications.figures[name]


def _ledger(term: str, meaning: str) -> Variable:
    """Return the recorded variable of one ledger term."""
    words = f"what {meaning} adds to the lean called for"
    return Variable(f"ledger_{term}", "logit", words, lambda m: getattr(m.between, f"ledger_{term}"))


def _relative_position(model: AlignmentModel) -> FloatArray:
    russia, union = model.facts.poles_in(month_start(model.tick).year)
    return (model.between.un_latent - russia) / (union - russia)


# fmt: off
VARIABLES = (
    Variable("lean", "logit", "Serbia's lean: 0 is the baseline of January 2012, up is towards the EU's line",
             lambda m: m.between.lean),
    Variable("baseline_lean", "logit", "lean that the governing coalition would have without incentives",
             lambda m: m.between.baseline_lean),
    _ledger("accession", "the accession offer"),
    _ledger("pressure", "conditionality pressure"),
    _ledger("gas", "the gas contract"),
    _ledger("kosovo", "the veto on Kosovo"),
    _ledger("public", "public opinion"),
    _ledger("arms", "the arms trade"),
    _ledger("retaliation", "fear of retaliation"),
    Variable("sanctions", "0 or 1", "Serbia's sanctions on Russia in force", lambda m: m.between.sanctions),
    Variable("sanctions_chance", "probability", "chance of imposing sanctions in this month, as weighed then",
             lambda m: m.between.sanctions_chance),
    Variable("posture", "code", "-1 undefined, 0 ally, 1 balancer, 2 opponent, over twelve months",
             lambda m: m.conduct.posture),
    Variable("issued_russia", "count", "Russia-related declarations issued", lambda m: m.conditions.issued_russia),
    Variable("joined_russia", "count", "Russia-related declarations joined", lambda m: m.between.joined_russia),
    Variable("issued_other", "count", "other declarations issued", lambda m: m.conditions.issued_other),
    Variable("joined_other", "count", "other declarations joined", lambda m: m.between.joined_other),
    Variable("votes", "count", "UN texts on Ukraine or Crimea put to the vote", lambda m: m.between.votes),
    Variable("votes_with", "count", "votes with Russia on them", lambda m: m.between.votes_with),
    Variable("votes_against", "count", "votes against Russia on them", lambda m: m.between.votes_against),
    Variable("join_other", "probability", "readiness to join declarations that are not Russia-related",
             lambda m: m.between.join_other),
    Variable("cfsp_alignment_half", "share", "published share joined in the half-year that ends",
             _figure("cfsp_alignment_half")),
    Variable("cfsp_alignment_year", "share", "published share joined in the year that ends",
             _figure("cfsp_alignment_year")),
    Variable("un_latent", "ideal point", "UN ideal point before publication noise", lambda m: m.between.un_latent),
    Variable("un_position", "ideal point", "published ideal point of the year that ends", _figure("un_position")),
    Variable("relative_position", "ratio", "latent UN ideal point between Russia's (0) and the EU's (1), as last known",
             _relative_position),
    Variable("eu_support", "share", "would vote for EU membership", lambda m: m.eu_support()),
    Variable("eu_support_published", "share", "the same as a SEIO/MEI poll would print it",
             _figure("eu_support_published")),
    Variable("russia_affinity", "share", "voters well disposed to Russia", lambda m: m.russia_affinity()),
    Variable("media_effort", "index", "Russia's media effort in Serbia, 1 in January 2012",
             lambda m: m.patron.media_effort),
    Variable("media_launched", "count", "outlets that Russia launched in Serbia this month",
             lambda m: m.patron.launched),
    Variable("market_price", "USD per 1000 m3", "European market price of gas", lambda m: m.conditions.market_price),
    Variable("brent", "USD per barrel", "price of Brent crude oil", lambda m: m.conditions.brent),
    Variable("contract_price", "USD per 1000 m3", "price under the gas contract",
             lambda m: m.contract.contract_price),
    Variable("gas_discount", "share", "1 - contract price / market price", lambda m: m.contract.gas_discount),
    Variable("contract_renewed", "code", "how the gas contract was renewed: 0 not, 1 for years, 2 for months",
             lambda m: m.contract.renewed),
    Variable("contract_lapsed", "0 or 1", "the gas contract ran out and was not renewed",
             lambda m: m.contract.lapsed),
    Variable("dependence", "share", "Russian share of Serbia's gas supply", lambda m: m.contract.dependence),
    Variable("gas_elsewhere", "0 or 1", "Serbia signed for gas from elsewhere this month",
             lambda m: m.contract.signed_elsewhere),
    Variable("war", "code", "0 none, 1 frozen, 2 full-scale, 3 ceasefire", lambda m: m.conditions.war),
    Variable("credibility", "share", "how far Belgrade believes the EU's offer", lambda m: m.union.credibility),
    Variable("pressure", "share", "EU pressure to join measures on Russia", lambda m: m.union.pressure),
    Variable("chapters_opened", "count", "negotiating chapters opened in total", lambda m: m.union.chapters_opened),
    Variable("opening", "count", "what the EU opened this month: a status on the way to talks, or chapters",
             lambda m: m.union.opening),
    Variable("arms", "EUR million per month", "arms reaching Ukraine through third countries",
             lambda m: m.arms_trade.arms),
    Variable("arms_let_through", "0 or 1", "Belgrade let arms to third countries through this month",
             lambda m: m.arms_trade.let_through),
    Variable("arms_report", "code", "report of deliveries this month: 0 none, 1 hearsay, 2 with documents",
             lambda m: m.arms_trade.report),
    Variable("denied", "0 or 1", "Serbia denied deliveries this month", lambda m: m.arms_trade.denied),
    Variable("deniability", "share", "how far a denial is still believed possible",
             lambda m: m.arms_trade.deniability),
    Variable("belief", "probability", "Russia's belief that Serbia delivered in the last twelve months",
             lambda m: logistic(m.patron.belief)),
    Variable("statement", "0 or 1", "Moscow declared its deep concern this month", lambda m: m.patron.statement),
    Variable("statement_belief", "probability", "belief on which Moscow decided whether to declare concern",
             lambda m: logistic(m.patron.statement_belief)),
    Variable("displeasure", "share", "Russia's displeasure with Serbia", lambda m: m.patron.displeasure),
    Variable("veto_resolve", "share", "how surely Russia would use its veto for Serbia",
             lambda m: m.patron.veto_resolve),
    Variable("veto_traded", "0 or 1", "Moscow traded its veto away this month", lambda m: m.patron.veto_traded),
    Variable("normalisation", "share", "share of the way to a settled Kosovo", lambda m: m.dialogue.normalisation),
    Variable("kosovo_step", "count", "the month's steps on Kosovo, forward less back", lambda m: m.dialogue.step),
    Variable("coalition_change", "0 or 1", "the governing coalition changed this month",
             lambda m: m.politics.changed),
    Variable("election", "0 or 1", "a parliamentary election was held this month", lambda m: m.politics.election),
)
# fmt: on
"""Recorded variables, in the order in which a run folder lists them."""
