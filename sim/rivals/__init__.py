"""Rivals: forecasters without a theory, on the same origins, with the same rows known.

Each returns for a case what the model returns: a sample of the published figure, or a chance per class.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

from sim.arrays import FloatArray
from sim.cases import Case
from sim.observations import Record
from sim.rivals import events, fitted, shrunk, simple
from sim.rivals.series import Past, known, with_other_houses

SHRUNK = "shrunk persistence"
"""The rival that pooled forecasts take, of figures and of classes."""

OF_FIGURES: Mapping[str, Callable[[Past, Case], FloatArray]] = MappingProxyType(
    {
        "persistence": simple.persistence,
        "climatology": simple.climatology,
        "climatology since 2014": simple.climatology_since_2014,
        "random walk with drift": simple.drift,
        "local level": fitted.local_level,
        "ETS": fitted.smoothing,
        "ARIMA": fitted.arima,
        SHRUNK: shrunk.shrunk_persistence,
        "simple smoothing": shrunk.simple_smoothing,
        "mean reversion": shrunk.mean_reversion,
    }
)
"""Rivals for figures and counts, by name."""

WITH_HOUSES = frozenset({"random walk with drift", "local level", "ETS", "ARIMA"})
"""Those that also see the polls of other houses; the others are of the published series by their definition."""

OF_CLASSES: Mapping[str, Callable[[Record, Case], FloatArray]] = MappingProxyType(
    {
        "succession": events.succession,
        "persistence": events.persistence,
        SHRUNK: events.shrunk_persistence,
    }
)
"""Rivals for events and votes, by name."""


def rival_forecasts(record: Record, case: Case, only: Collection[str] | None = None) -> dict[str, FloatArray]:
    """Return rivals' forecasts of a case: a sample, shape (1000,), or a chance per class; of all, or of `only` some.

    Whatever record is given, none sees a row with `known_on` after the case's origin, and none sees the outcome. Empty
    where nothing of the target was known yet.
    """
    asked = case.blind()
    if case.classes:
        classes = OF_CLASSES.items()
        return {name: rival(record, asked) for name, rival in classes if only is None or name in only}
    past = known(record, asked)
    if past is None:
        return {}
    filled = with_other_houses(record, past, case.origin)
    return {
        name: rival(filled if name in WITH_HOUSES else past, asked)
        for name, rival in OF_FIGURES.items()
        if only is None or name in only
    }
