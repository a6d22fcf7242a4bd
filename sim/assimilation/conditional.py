"""A block's own part of history, lived by itself: its entities move, all else stands as the last whole history has it.

A block touches few entities and one kind of evidence. Given the paths of what it reads from the others, living those
alone gives the evidence that the whole model would, at a small part of its price. So a block can be proposed again many
times between two whole histories. What moves each month is told here once more, without what entities keep for others
to read; they weigh evidence themselves, in the months that have any. `tests/test_assimilation_blocks.py` holds it to
the model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.agents.voters import war_begins
from sim.arrays import FloatArray
from sim.assimilation.blocks import BLOCKS, LEAN, WEIGHED, Block
from sim.assimilation.particles import Paths
from sim.conditions import half_of
from sim.entity import log_chance
from sim.incentives import LEDGER
from sim.mechanisms.accession import pressure_target
from sim.mechanisms.choice import WINDOW, join_probability
from sim.mechanisms.conditions import by_regime
from sim.mechanisms.politics import media_shift
from sim.mechanisms.scales import logistic, reverting
from sim.publications import add_rates
from sim.quantiles import binomial_quantile

if TYPE_CHECKING:
    from sim.model import AlignmentModel

Evidence = dict[int, FloatArray]
"""Log probabilities of what the record says, by month, each of shape (particles,)."""

_BEFORE = ("between.lean", "between.sanctions", "union.pressure_share")
"""Read as it stood when the month began; all else as it stands in the month itself."""


@dataclass(frozen=True)
class Given:
    """What a block is lived in: a model before its first month, and the paths that the others left it to read.

    Attributes
    ----------
    paths: as the last whole history of these particles left them. months: how many are lived.
    """

    block: Block
    model: AlignmentModel
    paths: Paths
    months: int

    def read(self) -> Iterator[list[FloatArray]]:
        """Yield each path that the block reads, month by month as it reads it, shape (particles,)."""
        for path in self.block.reads:
            whole = self.paths[path][: self.months]
            yield [np.zeros(whole.shape[-1]), *whole[:-1]] if path in _BEFORE else list(whole)

    def normals(self, stream: str, name: str) -> Iterator[FloatArray]:
        """Return the standard normals of a stream month by month, each of shape (particles,)."""
        return self.model.luck.in_turn(stream, name, self.months, normal=True)

    def tell(self, months: Iterable[int], say: Callable[[int], None]) -> Evidence:
        """Return the evidence of those months that are lived; `say` has the model weigh itself in one of them."""
        evidence: Evidence = {}
        for month in sorted(month for month in months if month < self.months):
            self.model.open_month(month)
            say(month)
            if self.model.evidence:
                evidence[month] = self.model.log_evidence()
        return evidence


def _declarations(given: Given) -> Evidence:
    model, p = given.model, given.model.parameters
    conditions, between, publications = model.conditions, model.between, model.publications
    level, ready, levels = conditions.log_declarations, between.join_other_logit, conditions.russia_levels()
    sums = np.zeros((given.months // 6 + 1, 4, model.members))  # of each half-year
    so_far = dict.fromkeys({*model.facts.declarations, *model.facts.figures["cfsp_alignment"]}, sums[0])
    none = np.zeros(model.members)
    months = zip(
        given.normals("declarations", conditions.name),
        given.normals("readiness", between.name),
        *given.read(),
        strict=True,
    )
    for month, (shock, own, war, lean, sanctions) in enumerate(months):
        level = reverting(level, none, p["declarations_pull"], p["declarations_noise"] * shock)
        other = p["declarations_other"] * np.exp(level + half_of(month) * p["declarations_season"])
        russia = by_regime(war, levels)
        joins = join_probability(lean, p["join_cost"], sanctions, p["join_with_sanctions"])
        add_rates(sums[month // 6], russia, other, joins, logistic(ready))
        if month in so_far:  # a window need not end with a half-year
            so_far[month] = sums[month // 6].copy()
        ready = reverting(ready, p["join_other_mean"], p["join_other_pull"], p["join_other_noise"] * own)

    def say(month: int) -> None:
        half = month // 6
        publications.rates_half = so_far[month].T
        publications.rates_year = (so_far[month] + sums[half - 1] if half % 2 else so_far[month]).T
        publications.weigh_windows()

    return given.tell(so_far, say)


def _opinion(given: Given) -> Evidence:
    model, p = given.model, given.model.parameters
    blocs = model.blocs
    trust, offset = (
        np.array([[getattr(each.bloc, what)] for each in blocs]) for what in ("trust", "support_offset")
    )
    logit, middle = np.stack([bloc.support_logit for bloc in blocs]), p["support_mean"] + offset
    common, own = np.sqrt(p["opinion_correlation"]), np.sqrt(1.0 - p["opinion_correlation"])
    polled = dict.fromkeys(model.facts.figures["eu_support"], logit)
    months = zip(
        zip(*(given.normals("support", bloc.name) for bloc in blocs), strict=True),
        given.normals("support", "all voters"),
        *given.read(),
        strict=True,
    )
    for month, (shocks, shared, log_effort, war, war_months) in enumerate(months):
        media = media_shift(np.exp(log_effort), 1.0, p["media_weight"])
        shock = np.stack(shocks)
        shock *= own
        shock += common * shared
        shock *= p["support_noise"]
        logit = reverting(logit, middle - trust * media, p["support_pull"], shock)
        if (begins := war_begins(war, war_months)).any():
            logit += begins * p["war_shock_support"]
        if month in polled:
            polled[month] = logit

    def say(month: int) -> None:
        for bloc, own_logit in zip(blocs, polled[month], strict=True):  # no poll asks of the affinity
            bloc.support_logit = own_logit
        model.publications.weigh_polls()

    return given.tell(polled, say)


def _sanctions(given: Given) -> Evidence:
    model = given.model
    lean, sanctions, measures = given.read()
    months = [m for m in range(given.months) if model.facts.on_record(m, "sanctions") and measures[m].any()]
    if not months:
        return {}
    open_choice = np.stack([(measures[m] > 0.0) & (sanctions[m] == 0.0) for m in months])
    hazard = np.where(open_choice, model.between.hazard(np.stack([lean[m] for m in months])), 0.0)
    imposed = np.array([[model.facts.turn("sanctions", m) > 0] for m in months])
    return dict(zip(months, log_chance(np.where(imposed, hazard, 1.0 - hazard)), strict=True))


def _offer(given: Given) -> Evidence:
    model, p = given.model, given.model.parameters
    union, logit = model.union, model.union.credibility_logit
    (pressure, opening), credibility = given.read(), []
    for opened, shock in zip(opening, given.normals("credibility", union.name), strict=True):
        credibility.append(logit)
        drift = p["credibility_noise"] * shock - p["credibility_fatigue"]
        logit = logit + drift + np.where(opened > 0.0, p["credibility_reward"], 0.0)

    def say(month: int) -> None:
        union.credibility_logit, union.pressure_share = credibility[month], pressure[month]
        union.what_opens()

    return given.tell(
        (m for m in range(given.months) if union.due(m) and model.facts.on_record(m, "opening")), say
    )


def _ideal_point(given: Given) -> Evidence:
    model, p = given.model, given.model.parameters
    between, publications = model.between, model.publications
    latent, step = between.un_latent, p["un_step"] / np.sqrt(12.0)
    sums = np.zeros((given.months // 12 + 1, model.members))  # of each year
    (earlier,), now = given.read(), given.paths["between.lean"][: given.months]
    months = zip(earlier, now, given.normals("ideal point", between.name), strict=True)
    for month, (before, lean, shock) in enumerate(months):
        latent = latent + step * shock + p["un_link"] * (lean - before)
        sums[month // 12] += latent

    def say(month: int) -> None:
        publications.un_year = sums[month // 12]
        publications.weigh_ideal_point()

    return given.tell(model.facts.figures["un_position"], say)


def _votes(given: Given) -> Evidence:
    between, conditions = given.model.between, given.model.conditions
    war, lean = given.read()

    def say(month: int) -> None:
        between.lean, conditions.war = lean[month], war[month]
        between.vote()

    return given.tell((m for m in given.model.facts.texts if given.model.facts.on_record(m, "UN texts")), say)


def _dialogue(given: Given) -> Evidence:
    model = given.model
    between, facts = model.between, model.facts
    pressure, weighed = given.read()
    steps = facts.turns.get("issue", {})

    def say(month: int) -> None:
        between.weighed = dict(zip(LEDGER, weighed[month], strict=True)) | {"pressure": pressure[month]}
        model.dialogue.close()

    on_record = [month for month in range(given.months) if facts.on_record(month, "issue")]
    none = log_chance(1.0 - model.parameters["dialogue_rate"])  # in most months: whatever was weighed
    return dict.fromkeys(on_record, none) | given.tell((m for m in on_record if steps.get(m)), say)


def live_lean(model: AlignmentModel, paths: Paths, until: int) -> Paths:
    """Live the state's lean through month `until`, in a model that stands before its first month.

    With it go the declarations joined, and the pressure that answers them: what else pulls at the lean does not answer
    in history, and stands as the last whole history left it.

    Returns
    -------
    The paths of lean and pressure, and all others as they were; months not lived are those of `paths`.
    """
    given, p = Given(LEAN, model, paths, until + 1), model.parameters
    between, levels = model.between, model.union.pressure_levels()
    place = list(LEDGER).index("pressure")
    weights = np.stack([term.sign * p[f"{name}_weight"] for name, term in LEDGER.items()])
    at_first = paths[WEIGHED][0]
    lived = {name: paths[name].copy() for name in LEANS}
    lean, pressure = between.lean, model.union.pressure_share
    issued_year, joined_year = np.zeros((2, model.members))
    *others, issued = given.read()
    joined = np.zeros((given.months, model.members))
    months = zip(
        model.luck.in_turn("lean", between.name, given.months, normal=True),
        model.luck.in_turn("join Russia-related", between.name, given.months, normal=False),
        *others,
        strict=True,
    )
    for month, (shock, u, war, sanctions, baseline, weighed) in enumerate(months):
        if issued[month].any():
            chance = join_probability(lean, p["join_cost"], sanctions, p["join_with_sanctions"])
            joined[month] = binomial_quantile(u, issued[month], chance)
        terms = weights * (weighed - at_first)
        terms[place] = weights[place] * (pressure - at_first[place])
        lean = reverting(lean, baseline + terms.sum(axis=0), p["lean_adjustment"], p["lean_noise"] * shock)
        called_for = pressure_target(by_regime(war, levels), issued_year, joined_year)
        pressure = pressure + p["pressure_speed"] * (called_for - pressure)
        for path, state in zip(LEANS, (lean, pressure), strict=True):
            lived[path][month] = state
        issued_year, joined_year = issued_year + issued[month], joined_year + joined[month]
        if month >= WINDOW:
            issued_year -= issued[month - WINDOW]
            joined_year -= joined[month - WINDOW]
    return paths | lived


MONTHS_OF: dict[str, Callable[[Given], Evidence]] = {
    "declarations": _declarations,
    "opinion": _opinion,
    "the EU's offer": _offer,
    "UN ideal point": _ideal_point,
    "UN votes": _votes,
    "dialogue": _dialogue,
    "sanctions": _sanctions,
}
"""How the months of those blocks are lived that can be lived by themselves."""

LEANS = ("between.lean", "union.pressure_share")
"""The paths of the lean, and of the pressure that answers it."""

ON_THE_LEAN = tuple(name for name in MONTHS_OF if {*LEANS} & {*BLOCKS[name].reads})
"""The blocks that read them."""


def live_block(name: str, model: AlignmentModel, paths: Paths, until: int) -> Evidence:
    """Live a block's part of history through month `until`, in a model that stands before its first month.

    Parameters
    ----------
    paths: as the last whole history of these particles left them.

    Returns
    -------
    The block's evidence in the months that have any.
    """
    return MONTHS_OF[name](Given(BLOCKS[name], model, paths, until + 1))
