"""Forecasts from past origins, scored against what came and against rivals, as `docs/declared.md` says."""

from sim.record.cases import (
    CLASSES as CLASSES,
    FIGURES as FIGURES,
    Case as Case,
    cases as cases,
    origins as origins,
)
from sim.record.observation_file import (
    Fault as Fault,
    ObservationFileError as ObservationFileError,
    read_observations as read_observations,
)
from sim.rivals import rival_forecasts as rival_forecasts
from sim.verification.hindcasting import hindcast as hindcast, hindcast_steps as hindcast_steps
from sim.verification.scorecard import (
    MODELS as MODELS,
    Scorecard as Scorecard,
    scorecard_folder as scorecard_folder,
)
from sim.verification.scoring import RunScore as RunScore, score_run as score_run
from sim.verification.variants import VARIANTS as VARIANTS, Variant as Variant
