"""A block's own part of history, lived by itself: its entities move, all else stands as the last whole history has it.

A block touches few entities and one kind of evidence. Given the paths of what it reads from the others, living those
alone gives the evidence that the whole model would, at a small part of its price. So a block can be proposed again many
times between two whole histories. What moves each month is told here once more, without what entities keep for others
to read; they weigh evidence themselves, in the months that have any. `tests/test_assimilation_blocks.py` holds it to
the model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.agents.voters import war_begins
from sim.assimilation.paths import WEIGHED, Evidence, Given, Paths
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

_OF_THE_LEAN = (WEIGHED, "conditions.issued_russia", "between.baseline_lean")  # what it alone reads


def empty_paths(months: int, particles: int) -> Paths:
    """Return paths to be filled month by month."""
    names = {name for part in MONTHS_OF.values() for name in part.reads} | {*_OF_THE_LEAN}
    paths = {name: np.zeros((months, particles)) for name in sorted(names)}
    return paths | {WEIGHED: np.zeros((months, len(LEDGER), particles))}


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
        *(given.read(path) for path in ("conditions.war", "between.lean", "between.sanctions")),
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
        *(given.read(path) for path in ("patron.log_effort", "conditions.war", "conditions.war_months")),
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
    lean, sanctions, measures = (given.read(path) for path in MONTHS_OF["sanctions"].reads)
    months = [m for m in range(given.months) if model.facts.on_record(m, "joins") and measures[m].any()]
    if not months:
        return {}
    open_choice = np.stack([(measures[m] > 0.0) & (sanctions[m] == 0.0) for m in months])
    hazard = np.where(open_choice, model.between.hazard(np.stack([lean[m] for m in months])), 0.0)
    imposed = np.array([[model.facts.turn("sanctions", m) > 0] for m in months])
    return dict(zip(months, log_chance(np.where(imposed, hazard, 1.0 - hazard)), strict=True))


def _offer(given: Given) -> Evidence:
    model, p = given.model, given.model.parameters
    union, logit = model.union, model.union.credibility_logit
    pressure, credibility = given.read("union.pressure_share"), []
    for opened, shock in zip(
        given.read("union.opening"), given.normals("credibility", union.name), strict=True
    ):
        credibility.append(logit)
        drift = p["credibility_noise"] * shock - p["credibility_fatigue"]
        logit = logit + drift + np.where(opened > 0.0, p["credibility_reward"], 0.0)

    def say(month: int) -> None:
        union.credibility_logit, union.pressure_share = credibility[month], pressure[month]
        union.what_opens()

    return given.tell(
        (m for m in range(given.months) if union.due(m) and model.facts.on_record(m, "accession")), say
    )


def _ideal_point(given: Given) -> Evidence:
    model, p = given.model, given.model.parameters
    between, publications = model.between, model.publications
    latent, step = between.un_latent, p["un_step"] / np.sqrt(12.0)
    sums = np.zeros((given.months // 12 + 1, model.members))  # of each year
    leans = zip(given.read("between.lean"), given.paths["between.lean"], strict=False)
    for month, ((before, lean), shock) in enumerate(
        zip(leans, given.normals("ideal point", between.name), strict=True)
    ):
        latent = latent + step * shock + p["un_link"] * (lean - before)
        sums[month // 12] += latent

    def say(month: int) -> None:
        publications.un_year = sums[month // 12]
        publications.weigh_ideal_point()

    return given.tell(model.facts.figures["un_position"], say)


def _votes(given: Given) -> Evidence:
    between, conditions = given.model.between, given.model.conditions
    lean, war = given.read("between.lean"), given.read("conditions.war")

    def say(month: int) -> None:
        between.lean, conditions.war = lean[month], war[month]
        between.vote()

    return given.tell((m for m in given.model.facts.texts if given.model.facts.on_record(m, "un_votes")), say)


def _dialogue(given: Given) -> Evidence:
    model = given.model
    between, facts = model.between, model.facts
    pressure, weighed = given.read("union.pressure_share"), given.paths[WEIGHED]
    steps = facts.turns.get("issue", {})

    def say(month: int) -> None:
        between.weighed = dict(zip(LEDGER, weighed[month], strict=True)) | {"pressure": pressure[month]}
        model.dialogue.close()

    on_record = [month for month in range(given.months) if facts.on_record(month, "turns")]
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
    given, p = Given(model, paths, until + 1), model.parameters
    between, levels = model.between, model.union.pressure_levels()
    place = list(LEDGER).index("pressure")
    weights = np.stack([term.sign * p[f"{name}_weight"] for name, term in LEDGER.items()])
    at_first = paths[WEIGHED][0]
    lived = {name: paths[name].copy() for name in LEANS}
    lean, pressure = between.lean, model.union.pressure_share
    issued_year, joined_year = np.zeros((2, model.members))
    issued, joined = paths["conditions.issued_russia"], np.zeros((given.months, model.members))
    months = zip(
        model.luck.in_turn("lean", between.name, given.months, normal=True),
        model.luck.in_turn("join Russia-related", between.name, given.months, normal=False),
        *(
            given.read(path)
            for path in ("conditions.war", "between.sanctions", "between.baseline_lean", WEIGHED)
        ),
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


@dataclass(frozen=True)
class Months:
    """The months of a block: the paths that it reads from the others, and how they are lived."""

    reads: tuple[str, ...]
    live: Callable[[Given], Evidence]


MONTHS_OF = {
    "declarations": Months(("conditions.war", "between.lean", "between.sanctions"), _declarations),
    "opinion": Months(("conditions.war", "conditions.war_months", "patron.log_effort"), _opinion),
    "the EU's offer": Months(("union.pressure_share", "union.opening"), _offer),
    "UN ideal point": Months(("between.lean",), _ideal_point),
    "UN votes": Months(("conditions.war", "between.lean"), _votes),
    "dialogue": Months(("union.pressure_share", WEIGHED), _dialogue),
    "sanctions": Months(("between.lean", "between.sanctions", "conditions.measures_exist"), _sanctions),
}
"""The blocks that can be lived by themselves; the others are small, and go along with whole histories."""

LEANS = ("between.lean", "union.pressure_share")
"""The paths of the lean, and of the pressure that answers it."""

ON_THE_LEAN = tuple(name for name, part in MONTHS_OF.items() if {*LEANS} & {*part.reads})
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
    return MONTHS_OF[name].live(Given(model, paths, until + 1))
