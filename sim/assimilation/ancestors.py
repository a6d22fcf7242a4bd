"""The particles of a posterior as ancestors of members: each member goes on from one, or lives its past again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.members import PARAMETER, PAST
from sim.randomness import PastLuck

if TYPE_CHECKING:
    import xarray as xr


STATES = "origin_states"
"""The variable that holds the model's states at the origin."""


@dataclass(frozen=True)
class Start:
    """How members begin: with what parameters, from which ancestors, and either at the origin or in January 2012.

    Attributes
    ----------
    parameters: by name, each of shape (members,). ancestor: place of each member's particle, shape (members,).
    states: the model's at the origin, from which members go on; None if they are to live the past again.
    past: the luck that brought them through it; None if they need not.
    luck: luck index of each member, shape (members,); the members' numbers if not given.
    """

    parameters: dict[str, FloatArray]
    ancestor: IntArray
    states: dict[str, FloatArray] | None = None
    past: PastLuck | None = None
    luck: IntArray | None = None


class Ancestors:
    """Particles whose parameters, states and luck are at hand, to be taken by place.

    Parameters
    ----------
    particles: as `sim.assimilation.Posterior.kept` and the folder of a run have them.
    """

    def __init__(self, particles: xr.Dataset) -> None:
        names = [str(name) for name in particles.data_vars if str(name).startswith(PARAMETER)]
        self._parameters = {
            name.removeprefix(PARAMETER): particles[name].to_numpy().astype(np.float64) for name in names
        }
        self._states, self._widths = particles[STATES].to_numpy(), particles[STATES].attrs["widths"]
        self._luck, self._seed = particles[PAST].to_numpy(), int(particles[PAST].attrs["seed"])

    def start(self, ancestor: IntArray, *, again: bool = False) -> Start:
        """Return how members begin, by the place of each one's ancestor, shape (members,).

        They go on from the origin; if `again`, they live the past again.
        """
        parameters = {name: values.take(ancestor) for name, values in self._parameters.items()}
        if again:
            luck = self._luck[:, :, ancestor].astype(np.int64)
            return Start(parameters, ancestor, past=PastLuck(self._seed, luck))
        states, row = {}, 0
        for name, width in self._widths.items():
            count = width[0] if width else 1
            taken = self._states[row : row + count].take(ancestor, axis=1)
            states[name], row = (taken.T if width else taken[0]), row + count
        return Start(parameters, ancestor, states=states)


def packed_states(states: Mapping[str, FloatArray]) -> tuple[tuple[str, str], FloatArray, dict[str, Any]]:
    """Return states at the origin as one variable of a data set on (state, particle); a window has a row per month."""
    rows = [values.reshape(len(values), -1).T for values in states.values()]
    widths = {name: list(values.shape[1:]) for name, values in states.items()}
    return (
        ("state", "particle"),
        np.concatenate(rows),
        {"long_name": "states at the origin", "widths": widths},
    )
