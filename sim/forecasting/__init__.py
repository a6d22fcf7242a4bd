"""Forecasts: a scenario simulated, its outcomes and questions as tables, kept in a run folder."""

from sim.forecasting.judgement import JUDGING as JUDGING, judgement_steps as judgement_steps
from sim.forecasting.making import forecast as forecast
from sim.forecasting.options import (
    DEFAULT_MEMBERS as DEFAULT_MEMBERS,
    DEFAULT_SEED as DEFAULT_SEED,
    RunOptions as RunOptions,
    members_of as members_of,
)
from sim.forecasting.questions import Answer as Answer, answer as answer, came_true as came_true
from sim.forecasting.samples import (
    quantiles as quantiles,
    samples as samples,
    samples_by_month as samples_by_month,
    variable_of as variable_of,
)
from sim.forecasting.tables import forecast_rows as forecast_rows
