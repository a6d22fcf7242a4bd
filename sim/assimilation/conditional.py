"""A block's own part of history, lived by itself: its seats move, all else stands as the last whole history left it.

A block touches few seats and one kind of evidence. Given the paths of what it reads from the others, living those seats
alone gives the evidence that the whole model would, at a small part of its price: all months are at hand at once, so that
what one month does not need of another is done for all months together, and only months that have evidence are weighed.
So a block can be proposed again many times between two whole histories. `tests/test_assimilation_blocks.py` holds it to
the model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.agents.voters import begins
from sim.clock import calendar_month
from sim.conditions import half_of
from sim.mechanisms.choice import join_probability
from sim.mechanisms.opinion import media_shift
from sim.mechanisms.scales import logistic, reverting
from sim.mechanisms.war import by_regime
from sim.publications import declaration_rates
from sim.seat import log_chance

if TYPE_CHECKING:
    from sim.model import AlignmentModel

FloatArray = NDArray[np.float64]
Paths = dict[str, FloatArray]
"""What blocks read from one another, by name, at the end of each month: shape (months, particles)."""
Evidence = dict[int, FloatArray]
"""Log probabilities of what the record says, by month, each of shape (particles,)."""

_BEFORE = ("between.lean", "between.sanctions", "union.pressure_share")
"""Read as it stood when the month began; all else as it stands in the month itself."""


def empty_paths(months: int, particles: int) -> Paths:
    """Return paths to be filled month by month."""
    return {name: np.zeros((months, particles)) for part in MONTHS_OF.values() for name in part.reads}


def note(paths: Paths, model: AlignmentModel) -> None:
    """Note what the month that a model has just lived leaves to be read."""
    for name, path in paths.items():
        seat, state = name.split(".")
        path[model.tick] = getattr(getattr(model, seat), state)


@dataclass(frozen=True)
class Given:
    """What a block is lived in: a model before its first month, and the paths that the others left it to read.

    Attributes
    ----------
    paths: as the last whole history of these particles left them. months: how many are lived.
    """

    model: AlignmentModel
    paths: Paths
    months: int

    def read(self, path: str) -> FloatArray:
        """Return a path as its block reads it, shape (months, particles)."""
        whole = self.paths[path]
        return before(np.zeros(whole.shape[1]), whole[: self.months]) if path in _BEFORE else whole[: self.months]

    def shocks(self, stream: str, name: str, size: FloatArray) -> FloatArray:
        """Return the shocks of a stream, of that size each, shape (months, particles)."""
        shocks = self.model.luck.past_normals(stream, name, self.months)
        shocks *= size
        return shocks

    def tell(self, months: Iterable[int], say: Callable[[int], None]) -> Evidence:
        """Return the evidence of those months that are lived; `say` has the model weigh itself in one of them."""
        evidence: Evidence = {}
        for month in sorted(month for month in months if month < self.months):
            self.model.open_month(month)
            say(month)
            if self.model.evidence:
                evidence[month] = self.model.log_evidence()
        return evidence


def before(start: FloatArray, path: FloatArray) -> FloatArray:
    """Return a path as it stood when each month began, `start` the first."""
    return np.concatenate([start[np.newaxis], path[:-1]])


def walk(start: FloatArray, anchor: FloatArray | float, pull: FloatArray, shocks: FloatArray) -> FloatArray:
    """Return a mean-reverting walk, shape (months, particles); it is written where its shocks were."""
    value = start
    for month, anchored in enumerate(np.broadcast_to(anchor, shocks.shape)):
        value = shocks[month] = reverting(value, anchored, pull, shocks[month])
    return shocks


def _declarations(given: Given) -> Evidence:
    model, p = given.model, given.model.parameters
    conditions, between, publications = model.conditions, model.between, model.publications
    shocks = given.shocks("declarations", conditions.name, p["declarations_noise"])
    other = walk(conditions.log_declarations, 0.0, p["declarations_pull"], shocks)
    other += np.array([[half_of(month)] for month in range(given.months)]) * p["declarations_season"]
    np.exp(other, out=other)
    other *= p["declarations_other"]
    levels = conditions.russia_levels()
    russia = np.stack([by_regime(war, levels) for war in given.read("conditions.war")])
    lean, sanctions = given.read("between.lean"), given.read("between.sanctions")
    joins = join_probability(lean, p["join_cost"], sanctions, p["join_with_sanctions"])
    start = between.join_other_logit
    shocks = given.shocks("readiness", between.name, p["join_other_noise"])
    ready = before(start, walk(start, p["join_other_mean"], p["join_other_pull"], shocks))
    rates = declaration_rates(russia, other, joins, logistic(ready))

    def say(month: int) -> None:
        since_january = calendar_month(month) - 1
        publications.rates_half = rates[:, month - since_january % 6 : month + 1].sum(axis=1).T
        publications.rates_year = rates[:, month - since_january : month + 1].sum(axis=1).T
        publications.weigh_windows()

    return given.tell({*model.facts.declarations, *model.facts.figures["cfsp_alignment"]}, say)


def _opinion(given: Given) -> Evidence:
    model, p = given.model, given.model.parameters
    shared = given.shocks("support", "all voters", np.sqrt(p["opinion_correlation"]))
    effort = np.exp(given.read("patron.log_effort"))
    war_begins = begins(given.read("conditions.war"), given.read("conditions.war_months"))
    jolted = np.flatnonzero(war_begins.any(axis=1))
    logits = []
    for bloc in model.blocs:  # no poll asks of the affinity
        shocks = given.shocks("support", bloc.name, np.sqrt(1.0 - p["opinion_correlation"]))
        shocks += shared
        shocks *= p["support_noise"]
        shocks[jolted] += np.where(war_begins[jolted], p["war_shock_support"], 0.0)
        anchor = media_shift(effort, bloc.bloc.trust, p["media_weight"])
        np.subtract(p["support_mean"] + bloc.bloc.support_offset, anchor, out=anchor)
        logits.append(walk(bloc.support_logit, anchor, p["support_pull"], shocks))

    def say(month: int) -> None:
        for bloc, logit in zip(model.blocs, logits, strict=True):
            bloc.support_logit = logit[month]
        model.publications.weigh_polls()

    return given.tell(model.facts.figures["eu_support"], say)


def _sanctions(given: Given) -> Evidence:
    model, p = given.model, given.model.parameters
    hazard = model.between.hazard(given.read("between.lean"))
    open_choice = (given.read("conditions.measures_exist") > 0.0) & (given.read("between.sanctions") == 0.0)
    told = log_chance(1.0 - np.where(open_choice, hazard, 0.0))
    months = (month for month in range(given.months) if model.facts.on_record(month))
    return {month: told[month] for month in months}


def _offer(given: Given) -> Evidence:
    model, p = given.model, given.model.parameters
    union, pressure = model.union, given.read("union.pressure_share")
    moves = given.shocks("credibility", union.name, p["credibility_noise"])
    moves -= p["credibility_fatigue"]
    moves += np.where(given.read("union.opening") > 0.0, p["credibility_reward"], 0.0)
    credibility = before(union.credibility_logit, union.credibility_logit + moves.cumsum(axis=0))

    def say(month: int) -> None:
        union.credibility_logit, union.pressure_share = credibility[month], pressure[month]
        union.what_opens()

    return given.tell((month for month in range(given.months) if model.facts.on_record(month)), say)


def _ideal_point(given: Given) -> Evidence:
    model, p = given.model, given.model.parameters
    between, publications = model.between, model.publications
    moves = given.shocks("ideal point", between.name, p["un_step"] / np.sqrt(12.0))
    lean = given.paths["between.lean"][: given.months]
    moves += p["un_link"] * (lean - given.read("between.lean"))
    latent = between.un_latent + moves.cumsum(axis=0)

    def say(month: int) -> None:
        since = month - (calendar_month(month) - 1)
        publications.un_year, between.un_latent = latent[since:month].sum(axis=0), latent[month]
        publications.gather_ideal_point()

    return given.tell(model.facts.figures["un_position"], say)


def _votes(given: Given) -> Evidence:
    between, lean = given.model.between, given.read("between.lean")

    def say(month: int) -> None:
        between.lean = lean[month]
        between.vote()

    facts = given.model.facts
    return given.tell((month for month in facts.texts if facts.on_record(month)), say)


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
    "UN votes": Months(("between.lean",), _votes),
    "sanctions": Months(("between.lean", "between.sanctions", "conditions.measures_exist"), _sanctions),
}
"""The blocks that can be lived by themselves; the others are small, and go along with whole histories."""


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
