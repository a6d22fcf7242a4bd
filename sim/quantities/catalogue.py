"""The one table of quantities, targets first: whatever is asked, forecast, set, recorded or drawn is declared here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

from sim.quantities.quantity import Output, Quantity, Scored, Span, Target

_CENTRE: tuple[Output, ...] = ("mean", "median", "quantile")
_DECLARATIONS = ("declarations issued", "declarations refused")
_TEXTS = {
    "crimea": "a UN text on Crimea",
    "aggression": "a UN text that condemns invasion or annexation",
    "emergency": "another emergency-session text",
}
_VOTES = tuple(f"UN votes, {kind}" for kind in _TEXTS)

_share = partial(Quantity, unit="share", kind="share", low=0.0, high=1.0)
_chance = partial(Quantity, unit="probability", kind="probability", low=0.0, high=1.0)
_flag = partial(Quantity, unit="0 or 1", kind="binary", low=0.0, high=1.0)
_count = partial(Quantity, unit="count", kind="count", low=0.0)
_real = partial(Quantity, kind="real")


# fmt: off
ALL = (
    _share("cfsp_alignment", "share of the EU's foreign-policy declarations that {state} joined in a window",
           label="{state}'s share of EU declarations joined",
           target=Target(
               short="CFSP alignment",
               published={"half-year": "cfsp_alignment_half", "year": "cfsp_alignment_year"},
               outputs=_CENTRE, record=("observations",), evidence=("cfsp_alignment", *_DECLARATIONS),
               scored=Scored(steps=2, usual_change=0.4))),  # .4 on the logit is ten points at one half
    _real("un_position", "{state}'s ideal point in the UN General Assembly in a calendar year, as published",
          "ideal point", at="publications.figures", label="{state}'s position in UN votes",
          low=-5.0, high=5.0,  # judgement: points of all states lie within -3 to 3.5; catches a slip of the pen
          target=Target(
              short="UN position", published={"year": "un_position"}, outputs=_CENTRE, record=("observations",),
              evidence=("un_position",), scored=Scored(steps=1, usual_change=0.1))),
    _share("eu_support", "would vote for EU membership, in the published poll", at="eu_support",
           label="Support for EU membership",
           target=Target(
               short="EU support", published={"month end": "eu_support_published"}, outputs=_CENTRE,
               record=("observations",), evidence=("eu_support",), scored=Scored(steps=2, usual_change=0.2))),
    _count("chapters_opened", "negotiating chapters opened in total", at="union.chapters_opened", unit="chapters",
           high=35.0, settable=True, label="The count of chapters opened",
           target=Target(
               short="chapters opened", published={"month end": "chapters_opened"}, outputs=(*_CENTRE, "pmf"),
               record=("accession",), evidence=("openings",), scored=Scored(steps=2, usual_change=2.0))),
    _real("gas_discount", "1 - contract price / market price of gas; below zero when {state} pays more than the market",
          "share", at="contract.gas_discount", settable=True, label="The discount on {patron}n gas",
          low=-1_000.0, high=1.0,  # the dearest contract that can be drawn, where oil costs most and gas least
          target=Target(
              short="gas discount", published={"month end": "gas_discount"}, outputs=_CENTRE,
              record=("contracts", "prices"), evidence=("gas contract",),
              scored="too few prices are on record")),
    _flag("sanctions", "{state}'s sanctions on Russia are in force", at="between.sanctions",
          settable=True, label="Sanctions on {patron} in force",
          target=Target(
              short="sanctions", published={"month end": "sanctions"}, outputs=("mean", "quantile", "pmf"),
              record=("joins",), evidence=("no sanctions",),
              scored="scored as an event, whether sanctions come within a year")),
    Quantity("posture", "{state}'s posture towards Russia, by what it did in the twelve months before", "category",
             "category", categories=("ally", "balancer", "opponent"), at="conduct.posture",
             label="{state}'s posture towards {patron}",
             target=Target(
                 short="posture", published={"month end": "posture"}, outputs=("pmf",),
                 record=("joins", "declarations", "un_votes"), evidence=("no sanctions", *_DECLARATIONS, *_VOTES),
                 scored="follows from joins and votes; the votes are scored one by one")),

    Quantity("market_price", "European market price of gas", "USD per 1000 m3", "positive",
             10.0,  # judgement: a fifth of the cheapest month on record; a share of less would mean nothing
             100_000.0,  # judgement: thirty times the highest month on record; catches a slip of the pen
             "conditions.market_price", settable=True, label="The market price of gas"),
    Quantity("brent", "price of Brent crude oil", "USD per barrel", "positive",
             1.0,  # judgement: a twentieth of the cheapest month on record; an oil price of nothing is no price
             1_000.0,  # judgement: seven times the highest month on record; catches a slip of the pen
             "conditions.brent", settable=True, label="The price of Brent crude oil"),
    Quantity("war", "state of Russia's war on Ukraine", "category", "category",
             categories=("none", "frozen", "full_scale", "ceasefire"), at="conditions.war", settable=True,
             asked=True),
    _share("credibility", "how far {capital} believes the EU's offer of membership", at="union.credibility",
           settable=True, asked=True, label="Belief in the EU's offer"),
    _share("pressure", "the EU's pressure on {state} to join its measures on Russia", at="union.pressure",
           settable=True, asked=True, label="The EU's pressure"),
    _chance("join_other", "readiness to join an EU declaration that is not about Russia", at="between.join_other",
            settable=True, label="{state}'s readiness to join other declarations"),
    _share("normalisation", "share of the way to settling {issue}", at="dialogue.normalisation",
           settable=True, asked=True, label="Normalisation with {issue}"),
    _share("veto_resolve", "how surely Russia would use its veto in the Security Council for {state}",
           at="patron.veto_resolve", settable=True, label="{patron}'s resolve to use its veto"),
    _share("displeasure", "Russia's displeasure with {state}", at="patron.displeasure",
           settable=True, asked=True, label="{patron}'s displeasure with {state}"),
    _chance("belief", "Russia's belief that {state} delivered arms in the last twelve months", at="patron.believed",
            asked=True, label="{patron}'s belief that {state} delivers arms"),
    _real("arms", "arms from {state} that reach Ukraine through third countries", "EUR million per month",
          at="arms_trade.arms", settable=True, asked=True, label="Arms from {state} that reach Ukraine",
          low=0.0, high=1_000.0),  # judgement: more than such a state exports to all; catches a slip of the pen
    _count("arms_report", "report of deliveries in the month: 0 none, 1 hearsay, 2 with documents",
           at="arms_trade.report", unit="code", high=2.0, settable=True),
    _real("media_effort", "Russia's media effort in {state}: 1 as in January 2012, 0 is silence", "index",
          at="patron.media_effort", settable=True, label="{patron}'s media effort in {state}",
          low=0.0, high=10.0),  # judgement: catches a slip of the pen
    _share("dependence", "Russian share of {state}'s gas supply", at="contract.dependence",
           settable=True, asked=True, label="The {patron}n share of {state}'s gas"),
    _flag("coalition_change", "the governing coalition changes in the month", at="politics.changed", settable=True,
          asked=True),
    Quantity("coalition_direction", "which way a coalition that takes over in the month differs from the last one",
             "category", "category", categories=("pro_russian", "pro_eu"), at="politics.direction", settable=True),
    _real("accession_year", "year in which {state} is to join, as the EU names it; 0 where it names none", "year",
          at="union.accession_year", settable=True, label="The year in which {state} is to join",
          low=0.0, high=2100.0),  # judgement: catches a slip of the pen
    _real("relative_position",
          "{state}'s UN ideal point between Russia's (0) and the EU's (1) as last known, before publication noise",
          "ratio", at="between.relative_position", asked=True,
          label="{state}'s place between {patron} and the EU in the UN"),
    _real("lean", "{state}'s lean: towards the EU above zero, towards Russia below; 0 is its baseline of January 2012",
          "logit", at="between.lean", asked=True, label="{state}'s lean"),

    _real("baseline_lean", "lean that the governing coalition would have without incentives", "logit",
          at="between.baseline_lean", label="The lean without incentives"),
    _chance("sanctions_chance", "chance of imposing sanctions in this month, as weighed then",
            at="between.sanctions_chance", label="The chance of sanctions in a month"),
    _count("issued_russia", "Russia-related declarations issued", at="conditions.issued_russia"),
    _count("joined_russia", "Russia-related declarations joined", at="between.joined_russia"),
    _count("issued_other", "other declarations issued", at="conditions.issued_other"),
    _count("joined_other", "other declarations joined", at="between.joined_other"),
    _count("votes", "UN texts on Ukraine or Crimea put to the vote", at="between.votes"),
    _count("votes_with", "votes with Russia on them", at="between.votes_with"),
    _count("votes_against", "votes against Russia on them", at="between.votes_against"),
    *(_chance(f"vote_{way}_chance_{kind}", f"chance of a vote {way} Russia on {text} in this month",
              at="between.vote_chances")
      for kind, text in _TEXTS.items() for way in ("with", "against")),
    _share("cfsp_alignment_half", "published share joined in the half-year that ends", at="publications.figures",
           label="{state}'s share of EU declarations joined"),
    _share("cfsp_alignment_year", "published share joined in the year that ends", at="publications.figures",
           label="{state}'s share of EU declarations joined"),
    _real("un_latent", "UN ideal point before publication noise", "ideal point", at="between.un_latent"),
    _share("eu_support_published", "would vote for EU membership, as a SEIO/MEI poll would print it",
           at="publications.figures", label="Support for EU membership"),
    _share("russia_affinity", "voters well disposed to Russia", at="russia_affinity",
           label="Affinity for {patron} among voters"),
    _count("media_launched", "outlets that Russia launched in {state} this month", at="patron.launched"),
    _real("contract_price", "price under the gas contract", "USD per 1000 m3", at="contract.contract_price",
          label="The contract price of gas"),
    Quantity("contract_renewed", "how the gas contract was renewed: 0 not, 1 for years, 2 for months", "category",
             "category", categories=("not", "for years", "for months"), at="contract.renewed"),
    _flag("contract_lapsed", "the gas contract ran out and was not renewed", at="contract.lapsed",
          asked=True, label="No gas contract with {patron}"),
    _flag("gas_elsewhere", "{state} signed for gas from elsewhere this month", at="contract.signed_elsewhere"),
    _count("opening", "what the EU opened this month: a status on the way to talks, or chapters", at="union.opening"),
    _flag("arms_let_through", "{capital} let arms to third countries through this month", at="arms_trade.let_through"),
    _flag("denied", "{state} denied deliveries this month", at="arms_trade.denied"),
    _share("deniability", "how far a denial is still believed possible", at="arms_trade.deniability",
           label="The deniability of arms deliveries"),
    _flag("statement", "Moscow declared its deep concern this month", at="patron.statement"),
    _chance("statement_belief", "belief on which Moscow decided whether to declare concern",
            at="patron.believed_before", label="The belief on which {patron} weighed a statement"),
    _flag("veto_traded", "Moscow traded its veto away this month", at="patron.veto_traded"),
    _count("kosovo_step", "the month's steps on {issue}, forward less back", at="dialogue.step", low=None),
    _flag("election", "a parliamentary election was held this month", at="politics.election", asked=True),
)
# fmt: on

QUANTITIES: Mapping[str, Quantity] = MappingProxyType({quantity.name: quantity for quantity in ALL})
"""Every quantity by its name, targets first."""

TARGETS: Mapping[str, Target] = MappingProxyType({q.name: q.target for q in ALL if q.target is not None})
"""How each target is forecast and scored, by its name."""


def targets() -> tuple[str, ...]:
    """Return the names of the targets of forecasts, in the order of the table."""
    return tuple(TARGETS)


def weighed() -> tuple[str, ...]:
    """Return the targets with a published series, by whose figures members are weighed."""
    return tuple(name for name, target in TARGETS.items() if name in target.evidence)


def span_of(name: str) -> Span:
    """Return the stretch of time that a published figure is about; empty for what is of a date."""
    for target in TARGETS.values():
        for window, published in target.published.items():
            if published == name and window != "month end":
                return window
    return ""


def settable() -> tuple[str, ...]:
    """Return the names that an event may act on."""
    return tuple(name for name, quantity in QUANTITIES.items() if quantity.settable)


def askable() -> tuple[str, ...]:
    """Return the names that a question may be about."""
    return tuple(name for name, quantity in QUANTITIES.items() if quantity.askable)
