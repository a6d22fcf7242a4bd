"""How many members, and how many particles, it takes until every answer is as precise as was asked.

A question's interval is that which holds nine in ten, of members' luck and of the filter
(`sim.forecasting.errors.half_width`). More members narrow the first part alone, more particles the second.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from math import ceil, log2
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from sim.assimilation import Posterior
from sim.assimilation.making import find_part, keep_part
from sim.forecasting.errors import error_of_share, half_width, islands_of
from sim.forecasting.questions import came_true
from sim.scenario import Scenario

MOST_MEMBERS = 131_072
"""Members at most if not said otherwise: 0.4 points at a probability of a half (judgement)."""

MOST_PARTICLES = 32_768
"""Particles at most if not said otherwise: learning takes eight times as long as by default (judgement)."""

_FIRST, _STEP = 4096, 2048  # members: to begin with, and of which their number is a multiple


@dataclass(frozen=True)
class Precision:
    """What a wanted precision came to.

    Attributes
    ----------
    wanted: half the width of the interval that holds nine in ten, as a probability. reached: that of the question with
        the widest one, by its id in `question`. of_filter: the part of it that no number of members takes away.
    members, particles: with which it was reached; no particles where nothing was learned.
    """

    wanted: float
    reached: float
    of_filter: float
    question: str
    members: int
    particles: int | None

    @property
    def met(self) -> bool:
        """Whether every question is as precise as was asked."""
        return self.reached <= self.wanted

    @property
    def told(self) -> dict[str, Any]:
        """What a run's provenance says of it."""
        return {**asdict(self), "met": self.met}


def hold(scenario: Scenario, precision: float | None) -> None:
    """Raise ValueError if a precision, where one is asked, can mean nothing."""
    if precision is None:
        return
    if not 0.0 < precision < 1.0:
        raise ValueError(f"a precision lies between 0 and 1, as a probability does, got {precision}")
    if not scenario.questions:
        raise ValueError(f"{scenario.name} asks no question whose precision could be met")


def reach(
    scenario: Scenario,
    wanted: float,
    *,
    seed: int,
    most: int,
    particles: tuple[int, int],
    learn: Callable[..., Posterior] | None,
    simulate: Callable[..., xr.Dataset],
    kept: Path | None = None,
) -> tuple[Precision, Posterior | None]:
    """Return how a precision is reached, or how near to it one comes, and the posterior that does it.

    Members are added until they make up for both parts of the error. Where none could, since the filter's part is too
    great, or `most` do not, particles are doubled, as often as it seems to take; not if that is more often than they
    may be.

    Parameters
    ----------
    wanted: see `Precision`. seed: of the run. most: members at most. particles: to begin with, and at most.
    learn: makes a posterior of so many `particles`; None if nothing is to be learned.
    simulate: as `sim.forecasting.ensemble.simulate`, given `members`, `first`, `begin` and `keep`.
    kept: folder, of this search alone, of what was found so far, from which an interrupted search goes on.
    """
    size, most_particles = particles
    while True:
        posterior = None if learn is None else learn(particles=size)
        grown = _Grown(scenario, posterior, seed, simulate, None if kept is None else kept / str(size))
        grown.until(wanted, most)
        reached, of_filter, question = grown.widest()
        doublings = max(ceil(2.0 * log2(of_filter / wanted)), 1) if of_filter > 0.0 else 0
        larger = size * 2**doublings
        if reached <= wanted or doublings == 0 or larger > most_particles:
            told = None if posterior is None else posterior.size
            return Precision(wanted, reached, of_filter, question, grown.members, told), posterior
        size = larger


class _Grown:
    """The questions' answers by member, to which more members are added."""

    def __init__(
        self,
        scenario: Scenario,
        posterior: Posterior | None,
        seed: int,
        simulate: Callable[..., xr.Dataset],
        kept: Path | None,
    ) -> None:
        self._scenario, self._simulate, self._kept = scenario, simulate, kept
        self._begin = None if posterior is None else partial(posterior.start, seed=seed)
        self._particles = None if posterior is None else posterior.kept
        self._hits = np.empty((len(scenario.questions), 0), dtype=bool)  # by question and member
        # of each member; none if nothing was learned, or on one alone
        self._islands = np.empty(0, dtype=np.int64)
        if kept is not None and (left := find_part(kept)):
            hits, islands = (left.get(name, np.empty(0)) for name in ("hits", "islands"))
            asked = (len(scenario.questions), *hits.shape[-1:])
            sound = hits.dtype == np.bool_ and hits.shape == asked and islands.shape in ((0,), asked[1:])
            if sound and hits.size and islands.dtype == np.int64:  # else it is of someone else
                self._hits, self._islands = hits, islands

    @property
    def members(self) -> int:
        return self._hits.shape[1]

    def until(self, wanted: float, most: int) -> None:
        """Add members until the precision is reached, `most` at most, or the filter alone spoils it."""
        needed = min(_FIRST, most)
        while True:
            if self.members < needed:
                self._add(needed)
            whole, luck, of_filter = self._parts()
            if (whole <= wanted).all() or (of_filter >= wanted).any() or self.members >= most:
                return
            times = float((luck**2 / (wanted**2 - of_filter**2)).max())
            blocks = max(ceil(times * self.members / _STEP), self.members // _STEP + 1)
            needed = min(blocks * _STEP, most)

    def widest(self) -> tuple[float, float, str]:
        """Return half the width of the widest interval, the filter's part of it, and which question it is."""
        whole, _, of_filter = self._parts()
        place = int(whole.argmax())
        return float(whole[place]), float(of_filter[place]), self._scenario.questions[place].id

    def _add(self, members: int) -> None:
        data = self._simulate(members=members, first=self.members, begin=self._begin, keep="outcomes")
        data = data if self._particles is None else data.assign(self._particles)
        hits = np.stack([came_true(data, q, self._scenario) for q in self._scenario.questions])
        islands = islands_of(data)
        if islands is None or self._islands.size < self.members:
            islands = self._islands = np.empty(0, dtype=np.int64)
        self._islands = np.concatenate([self._islands, islands])
        self._hits = np.concatenate([self._hits, hits], axis=1)
        if self._kept is not None:
            keep_part({"hits": self._hits, "islands": self._islands}, self._kept)

    def _parts(self) -> tuple[Any, Any, Any]:
        """Return half the width of each question's interval, the members' part of it and the filter's."""
        islands = self._islands if self._islands.size else None
        whole, luck = (
            np.array([half_width(error_of_share(each, of), islands) for each in self._hits])
            for of in (islands, None)
        )
        return whole, luck, np.sqrt(np.maximum(whole**2 - luck**2, 0.0))
