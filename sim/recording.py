"""What a run keeps of each member and month: the listed variables, with unit and meaning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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


def _affinity(model: AlignmentModel) -> FloatArray:
    total = np.zeros(model.members)
    for bloc in model.blocs:
        total = total + bloc.bloc.share * bloc.affinity
    return total


VARIABLES = (
    Variable("lean", "logit", "Serbia's lean: 0 is the baseline of January 2012, up is towards the EU's line",
             lambda m: m.between.lean),
    Variable("ledger_gas", "logit", "what the gas contract adds to the lean called for",
             lambda m: m.between.ledger_gas),
    Variable("ledger_accession", "logit", "what the accession offer adds to the lean called for",
             lambda m: m.between.ledger_accession),
    Variable("ledger_pressure", "logit", "what EU pressure adds to the lean called for",
             lambda m: m.between.ledger_pressure),
    Variable("sanctions", "0 or 1", "Serbia's sanctions on Russia in force", lambda m: m.between.sanctions),
    Variable("sanctions_chance", "probability", "chance of imposing sanctions in this month, as weighed then",
             lambda m: m.between.sanctions_chance),
    Variable("posture", "code", "-1 undefined, 0 ally, 1 balancer, 2 opponent, over twelve months",
             lambda m: m.between.posture),
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
    Variable("eu_support", "share", "would vote for EU membership", lambda m: m.eu_support()),
    Variable("eu_support_published", "share", "the same as a SEIO/MEI poll would print it",
             _figure("eu_support_published")),
    Variable("russia_affinity", "share", "voters well disposed to Russia", _affinity),
    Variable("market_price", "USD per 1000 m3", "European market price of gas", lambda m: m.conditions.market_price),
    Variable("brent", "USD per barrel", "price of Brent crude oil", lambda m: m.conditions.brent),
    Variable("contract_price", "USD per 1000 m3", "price under the gas contract", lambda m: m.patron.contract_price),
    Variable("gas_discount", "share", "1 - contract price / market price", lambda m: m.patron.gas_discount),
    Variable("contract_renewed", "0 or 1", "the gas contract was renewed in this month", lambda m: m.patron.renewed),
    Variable("contract_lapsed", "0 or 1", "the gas contract ran out and was not renewed", lambda m: m.patron.lapsed),
    Variable("war", "code", "0 none, 1 frozen, 2 full-scale, 3 ceasefire", lambda m: m.conditions.war),
    Variable("credibility", "share", "how far Belgrade believes the EU's offer", lambda m: m.union.credibility),
    Variable("pressure", "share", "EU pressure to join measures on Russia", lambda m: m.union.pressure),
    Variable("chapters_opened", "count", "negotiating chapters opened in total", lambda m: m.union.chapters_opened),
)  # fmt: skip
"""Recorded variables, in the order in which a run folder lists them."""
