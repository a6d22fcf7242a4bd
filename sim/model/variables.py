"""What a run keeps of each member and month: every quantity that has a place in the model."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from operator import attrgetter
from typing import TYPE_CHECKING, Literal

from sim.arrays import FloatArray
from sim.quantities.catalogue import QUANTITIES, TARGETS
from sim.quantities.quantity import Quantity
from sim.record.country import load_country
from sim.world.incentives import LEDGER

if TYPE_CHECKING:
    from sim.model.alignment import AlignmentModel


_OF_LEDGER = partial(Quantity, unit="logit", kind="real", at="between.ledger_terms")

VARIABLES = (
    *(quantity for quantity in QUANTITIES.values() if quantity.at),
    *(_OF_LEDGER(t.variable, f"what {t.phrase} adds to the lean called for") for t in LEDGER.values()),
)
"""Recorded quantities, in the order in which a run folder lists them."""

OUTCOMES = frozenset(
    [
        *(published for target in TARGETS.values() for published in target.published.values()),
        *(quantity.name for quantity in QUANTITIES.values() if quantity.asked),
        *(term.variable for term in LEDGER.values()),
        "baseline_lean",  # the ledger's line of the coalition
        "votes",  # why a posture leaps
    ]
)
"""Recorded quantities that answers, tables, comparisons, the ledger and the figures of a run folder need."""

Keep = Literal["outcomes", "all"]

KEPT: Mapping[Keep, tuple[Quantity, ...]] = {
    "outcomes": tuple(variable for variable in VARIABLES if variable.name in OUTCOMES),
    "all": VARIABLES,
}
"""What a run may keep of its members, by how that is asked for."""

MANY_MEMBERS = 20_000
"""Members beyond which a run keeps `OUTCOMES` if not said otherwise (judgement: all of 20,000 are some 200 MB)."""


def keep_by_default(members: int) -> Keep:
    """Return what a run of so many members keeps if not said otherwise."""
    return "all" if members <= MANY_MEMBERS else "outcomes"


RECORDED: Mapping[str, Quantity] = {variable.name: variable for variable in VARIABLES}
"""The same by name."""


_at = cache(attrgetter)


def read(variable: Quantity, model: AlignmentModel) -> FloatArray:
    """Return a recorded quantity at the month's end, shape (members,); NaN where no figure of it came out."""
    found = _at(variable.at)(model)
    if isinstance(found, Mapping):
        found = found[variable.name]
    values: FloatArray = found() if callable(found) else found
    return values


def attributes(variable: Quantity, state: str) -> dict[str, str]:
    """Return what a data set says of a recorded quantity: unit, meaning, and of codes their names from 0 on."""
    said = {"units": variable.unit, "long_name": load_country(state).fill(variable.meaning)}
    if variable.categories:
        said["flag_meanings"] = " ".join(name.replace(" ", "_") for name in variable.categories)
    return said
