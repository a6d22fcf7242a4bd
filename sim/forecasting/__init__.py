"""Forecasts: a scenario simulated, its outcomes and questions as tables, kept in a run folder."""

from sim.forecasting.judgement import JUDGING, Alternative, alternatives, judgement_steps
from sim.forecasting.making import forecast
from sim.forecasting.options import (
    DEFAULT_MEMBERS,
    DEFAULT_SEED,
    RunOptions,
    members_of,
)
from sim.forecasting.questions import Answer, answer, came_true
from sim.forecasting.samples import quantiles, samples, samples_by_month, variable_of
from sim.forecasting.table import forecast_rows

__all__ = [
    "DEFAULT_MEMBERS",
    "DEFAULT_SEED",
    "JUDGING",
    "Alternative",
    "Answer",
    "RunOptions",
    "alternatives",
    "answer",
    "came_true",
    "forecast",
    "forecast_rows",
    "judgement_steps",
    "members_of",
    "quantiles",
    "samples",
    "samples_by_month",
    "variable_of",
]
