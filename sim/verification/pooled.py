"""The pooled forecast of a case: half the model, half shrunk persistence, as a run's tables and answers have it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.arrays import FloatArray
from sim.cases import ALIGNMENT_HALF, CHAPTER_WITHIN_YEAR, FIGURES, HALF, Case, figure_case
from sim.observations import Record
from sim.rivals import SHRUNK, rival_forecasts
from sim.rivals.pool import pooled
from sim.verification.readings import chance


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
    if case.target == ALIGNMENT_HALF:
        return _chance_of(record, replace(case, target="cfsp_alignment", kind="figure"), HALF)
    if case.target == CHAPTER_WITHIN_YEAR:
        count = figure_case("chapters_opened", case.origin, None, case.end)
        before = sum(row["date"] < case.origin for row in record.until(case.origin).chapters_opened())
        return _chance_of(record, count, before + 1.0)
    return rival_forecasts(record, case, only=(SHRUNK,)).get(SHRUNK)


def _chance_of(record: Record, figure: Case, least: float) -> FloatArray | None:
    sample = rival_forecasts(record, figure, only=(SHRUNK,)).get(SHRUNK)
    return None if sample is None else chance(sample >= least)
