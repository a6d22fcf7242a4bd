"""Forecasts from past origins, scored against what came and against rivals, as `docs/declared.md` says."""

from sim.verification.cases import CLASSES, FIGURES, Case, cases, origins
from sim.verification.hindcasting import DEFAULT_PARTICLES, hindcast
from sim.verification.rivals import rival_forecasts
from sim.verification.scorecard import MODELS, Scorecard
from sim.verification.variants import VARIANTS, Variant

__all__ = [
    "CLASSES",
    "DEFAULT_PARTICLES",
    "FIGURES",
    "MODELS",
    "VARIANTS",
    "Case",
    "Scorecard",
    "Variant",
    "cases",
    "hindcast",
    "origins",
    "rival_forecasts",
]
