"""What a run keeps of each member and month: every quantity that has a place in the model."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.catalogue import QUANTITIES, Quantity

if TYPE_CHECKING:
    from sim.model import AlignmentModel

FloatArray = NDArray[np.float64]


def _ledger(term: str, meaning: str) -> Quantity:
    """Return the recorded variable of one ledger term."""
    name = f"ledger_{term}"
    return Quantity(
        name, f"what {meaning} adds to the lean called for", "logit", "real", at=f"between.{name}"
    )


VARIABLES = (
    *(quantity for quantity in QUANTITIES.values() if quantity.at),
    _ledger("accession", "the accession offer"),
    _ledger("pressure", "conditionality pressure"),
    _ledger("gas", "the gas contract"),
    _ledger("kosovo", "the veto on Kosovo"),
    _ledger("public", "public opinion"),
    _ledger("arms", "the arms trade"),
    _ledger("retaliation", "fear of retaliation"),
)
"""Recorded quantities, in the order in which a run folder lists them."""

RECORDED: Mapping[str, Quantity] = {variable.name: variable for variable in VARIABLES}
"""The same by name."""


def read(variable: Quantity, model: AlignmentModel) -> FloatArray:
    """Return a recorded quantity at the month's end, shape (members,); NaN where no figure of it came out."""
    found = attrgetter(variable.at)(model)
    if isinstance(found, Mapping):
        found = found[variable.name]
    values: FloatArray = found() if callable(found) else found
    return values


def attributes(variable: Quantity) -> dict[str, str]:
    """Return what a data set says of a recorded quantity: unit, meaning, and of codes their names from 0 on."""
    said = {"units": variable.unit, "long_name": variable.meaning}
    return said | (
        {"flag_meanings": " ".join(name.replace(" ", "_") for name in variable.categories)}
        if variable.categories
        else {}
    )
