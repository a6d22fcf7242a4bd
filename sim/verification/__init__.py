"""Forecasts from past origins, scored against what came and against rivals, as `docs/declared.md` says."""

from sim.cases import CLASSES, FIGURES, Case, cases, origins
from sim.observation_file import Fault, ObservationFileError, read_observations
from sim.rivals import rival_forecasts
from sim.verification.hindcasting import hindcast, hindcast_steps
from sim.verification.scorecard import MODELS, Scorecard, scorecard_folder
from sim.verification.scoring import RunScore, score_run
from sim.verification.variants import VARIANTS, Variant

__all__ = [
    "CLASSES",
    "FIGURES",
    "MODELS",
    "VARIANTS",
    "Case",
    "Fault",
    "ObservationFileError",
    "RunScore",
    "Scorecard",
    "Variant",
    "cases",
    "hindcast",
    "hindcast_steps",
    "origins",
    "read_observations",
    "rival_forecasts",
    "score_run",
    "scorecard_folder",
]
