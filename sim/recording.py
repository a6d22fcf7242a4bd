"""What a run keeps of each member and month: every quantity that has a place in the model."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.catalogue import QUANTITIES, Quantity
from sim.incentives import LEDGER

if TYPE_CHECKING:
    from sim.model import AlignmentModel

FloatArray = NDArray[np.float64]


VARIABLES = (
    *(quantity for quantity in QUANTITIES.values() if quantity.at),
    *(
        Quantity(
            term.variable,
            f"what {term.phrase} adds to the lean called for",
            "logit",
            "real",
            at="between.ledger_terms",
        )
        for term in LEDGER.values()
    ),
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
