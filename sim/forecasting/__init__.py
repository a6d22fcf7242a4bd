"""Forecasts: a scenario simulated, its outcomes and questions as tables, kept in a run folder."""

from sim.forecasting.judgement import JUDGING as JUDGING
from sim.forecasting.judgement import Alternative as Alternative
from sim.forecasting.judgement import alternatives as alternatives
from sim.forecasting.judgement import judgement_steps as judgement_steps
from sim.forecasting.making import DEFAULT_MEMBERS as DEFAULT_MEMBERS
from sim.forecasting.making import DEFAULT_SEED as DEFAULT_SEED
from sim.forecasting.making import forecast as forecast
from sim.forecasting.making import members_of as members_of
from sim.forecasting.making import particles_of as particles_of
from sim.forecasting.making import posterior_folder as posterior_folder
from sim.forecasting.making import run_folder as run_folder
from sim.forecasting.questions import Answer as Answer
from sim.forecasting.questions import answer as answer
from sim.forecasting.questions import came_true as came_true
from sim.forecasting.samples import quantiles as quantiles
from sim.forecasting.samples import samples as samples
from sim.forecasting.samples import samples_by_month as samples_by_month
from sim.forecasting.samples import variable_of as variable_of
from sim.forecasting.table import forecast_rows as forecast_rows
