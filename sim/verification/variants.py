"""The model's variants, the one call by which a variant forecasts from an origin, and what a run forecasts of a case.

A forecast of a case is members' values of a figure, or a chance per class.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import xarray as xr

from sim.arrays import BoolArray, FloatArray
from sim.clock import month_number
from sim.execution.cache import Cache
from sim.execution.progress import Progress
from sim.forecasting import forecast, samples
from sim.quantities.catalogue import QUANTITIES
from sim.record.cases import (
    ALIGNMENT_HALF,
    CHAPTER_WITHIN_YEAR,
    FIGURES,
    HALF,
    SANCTIONS_WITHIN_YEAR,
    UN_VOTES,
    Case,
    chapters_by,
    figure_case,
)
from sim.record.country import DEFAULT
from sim.record.observations import Record
from sim.rivals import SHRUNK, pooled, rival_forecasts
from sim.runs.members import at
from sim.runs.results import Run
from sim.scenario import Scenario, read_scenario, with_beliefs
from sim.verification.scorecard import GIVEN, MODEL, NO_INCENTIVES, NO_INCENTIVES_GIVEN, UNLEARNED
from sim.world.incentives import LEDGER


@dataclass(frozen=True)
class Variant:
    """A way to forecast with this model.

    Attributes
    ----------
    learned: from the record known at the origin. incentives: else every weight is 0, as a belief that holds from 2012.
    given: the war's path and prices after the origin are those that happened.
    """

    name: str
    learned: bool = True
    incentives: bool = True
    given: bool = False


VARIANTS = (
    Variant(MODEL),
    Variant(UNLEARNED, learned=False),
    Variant(NO_INCENTIVES, incentives=False),
    Variant(GIVEN, given=True),
    Variant(NO_INCENTIVES_GIVEN, incentives=False, given=True),
)


def scenario_at(origin: date, until: date, variant: Variant, state: str = DEFAULT) -> Scenario:
    """Return the baseline as of an origin, without events and questions, with what the variant believes."""
    base = replace(read_scenario("baseline"), state=state, events=(), questions=())
    spec = replace(base, name=f"hindcast-{origin}", as_of=origin, until=until)
    if variant.incentives:
        return spec
    weights = {f"{term}_weight": 0.0 for term in LEDGER}
    return with_beliefs(spec, weights, source="hindcast: incentives off")


def model_run(
    origin: date,
    until: date,
    variant: Variant,
    *,
    members: int,
    particles: int,
    seed: int,
    state: str = DEFAULT,
    cache: Cache = True,
    progress: Progress = None,
) -> Run:
    """Return the run of a variant from an origin, held in memory."""
    spec = scenario_at(origin, until, variant, state)
    return forecast(
        spec,
        members=members,
        seed=seed,
        learned=variant.learned,
        learning_seed=seed,
        particles=particles,
        given=variant.given,
        cache=cache,
        progress=progress,
        save=False,
    )


def run_forecast(data: xr.Dataset, case: Case) -> FloatArray:  # noqa: PLR0911  # a way for each kind of target
    """Return the forecast of a run that starts at the case's origin: members' values, or a chance per class.

    An event's chance is ``(hits + 1/2) / (members + 1)``, never 0 or 1: no hit among 4,096 members proves nothing.

    Raises ValueError if a run says nothing of such a target.
    """
    month = month_number(case.end)
    if case.target == UN_VOTES:
        return votes(data, month, case.text)
    if case.target == CHAPTER_WITHIN_YEAR:
        before = samples(data, "chapters_opened", month_number(case.origin) - 1)
        return chance(samples(data, "chapters_opened", month) > before)
    if case.target == ALIGNMENT_HALF:
        return chance(samples(data, "cfsp_alignment", month, half_year=case.half_year) >= HALF)
    if case.target == SANCTIONS_WITHIN_YEAR:
        months = range(month_number(case.origin), month + 1)
        return chance(np.any(at(data, "sanctions", months) > 0.0, axis=1, keepdims=False))
    if case.target not in QUANTITIES:
        raise ValueError(f"a run has no forecast of {case.target!r}")
    values = samples(data, case.target, month, half_year=case.half_year)
    if case.kind == "event":
        return chance(values > 0.0)
    if case.kind == "category":
        # histories without a posture, since there was no war, count in none of its categories
        hits = np.bincount(values[values >= 0.0].astype(np.int64), minlength=case.classes)
        return np.asarray((hits + 0.5) / (values.size + 0.5 * case.classes))
    return values


def votes(data: xr.Dataset, month: int, kind: str) -> FloatArray:
    """Return the chances of a vote with Russia, of abstention, and of one against it, on a text of this kind.

    The mean over members of each one's own chances in the month. That a text is put to the vote is given.
    """
    ours, theirs = (
        float(at(data, f"vote_{way}_chance_{kind}", month).mean(dtype=np.float64))
        for way in ("with", "against")
    )
    return np.array([ours, 1.0 - ours - theirs, theirs])


def chance(hits: BoolArray) -> FloatArray:
    """Return the chances that an event does not and does happen, from whether it did in each member."""
    happened = (float(hits.sum()) + 0.5) / (hits.size + 1.0)
    return np.array([1.0 - happened, happened])


def pooled_forecast(record: Record, case: Case, own: FloatArray) -> FloatArray | None:
    """Return the pooled forecast of a case, from the model's own: a sample, or a chance per class.

    Whether a chapter opens or half is joined is read from the rival's figure, as a run's answers are; the chances of
    votes and of sanctions are averaged with the rival's of the same event. None where the rival knew nothing.
    """
    theirs = _rival(record, case)
    if theirs is None:
        return None
    if case.target in FIGURES:
        return pooled(own, theirs)
    return np.asarray((own + theirs) / 2.0)


def _rival(record: Record, case: Case) -> FloatArray | None:
    read_from = {ALIGNMENT_HALF: "cfsp_alignment", CHAPTER_WITHIN_YEAR: "chapters_opened"}.get(case.target)
    asked = figure_case(read_from, case.origin, case.start, case.end) if read_from else case
    theirs = rival_forecasts(record, asked, only=(SHRUNK,)).get(SHRUNK)
    if theirs is None or asked is case:
        return theirs
    before = chapters_by(record.until(case.origin), case.origin - timedelta(days=1))
    return chance(theirs >= (HALF if case.target == ALIGNMENT_HALF else before + 1.0))
