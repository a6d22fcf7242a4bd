"""Forecasts from past origins, scored against what came and against rivals, as `docs/declared.md` says."""

from sim.cases import CLASSES as CLASSES
from sim.cases import FIGURES as FIGURES
from sim.cases import Case as Case
from sim.cases import cases as cases
from sim.cases import origins as origins
from sim.observation_file import Fault as Fault
from sim.observation_file import ObservationFileError as ObservationFileError
from sim.observation_file import read_observations as read_observations
from sim.rivals import rival_forecasts as rival_forecasts
from sim.verification.hindcasting import hindcast as hindcast
from sim.verification.hindcasting import hindcast_steps as hindcast_steps
from sim.verification.scorecard import MODELS as MODELS
from sim.verification.scorecard import Scorecard as Scorecard
from sim.verification.scorecard import scorecard_folder as scorecard_folder
from sim.verification.scoring import RunScore as RunScore
from sim.verification.scoring import score_run as score_run
from sim.verification.variants import VARIANTS as VARIANTS
from sim.verification.variants import Variant as Variant
