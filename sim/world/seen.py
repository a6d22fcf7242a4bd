"""What agents, and what lies between them, see of the model: a small `World`, and the others in it as they read them.

These are protocols (PEP 544): nobody inherits from them. `sim.model.alignment.AlignmentModel` and its parts have
what they name, to which the type checker holds them; it lets nobody write what is another's. A `FloatArray` has one
number per ensemble member, shape (members,); each class says the units.
"""
# ruff: noqa: D102  # the docstrings of the classes say it, in one place

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from sim.arrays import FloatArray, IntArray
from sim.draws.randomness import Luck
from sim.record.country import Country

Shared = TypeVar("Shared")


@dataclass(frozen=True)
class Contract:
    """A gas contract as signed: an oil formula (`slope` times Brent `lag` months before) or a fixed `price`.

    `start` and `end` are its first and last month. `offered` says that it was signed for its own sake before it began,
    and not written down as a year's price.
    """

    start: int
    end: int
    offered: bool
    fixed: bool
    slope: float
    slope_spread: float
    lag: int
    price: float
    volume: float | None


class Conditions(Protocol):
    """What no agent decides.

    war: its regime, code. war_months: of full-scale war so far. measures_exist: EU measures on Russia to join, 0 or 1.
    issued_russia, issued_other: declarations issued this month, of both classes; texts on a kind are read by name.
    market_price, expected_market: of gas and its median path, USD per 1000 m3.
    month_of, lagged_brent: the oil price of a past month, and that which a contract follows, USD per barrel.
    """

    @property
    def war(self) -> FloatArray: ...
    @property
    def war_months(self) -> FloatArray: ...
    @property
    def measures_exist(self) -> FloatArray: ...
    @property
    def issued_russia(self) -> FloatArray: ...
    @property
    def issued_other(self) -> FloatArray: ...
    @property
    def market_price(self) -> FloatArray: ...
    def expected_market(self, months: int) -> Iterator[FloatArray]: ...
    def month_of(self, window: str, back: int) -> FloatArray: ...
    def lagged_brent(self, lag: int, months: int) -> list[FloatArray]: ...


class GasContract(Protocol):
    """Its last month, month number; Russia's part in gas, share; gas from elsewhere can come, 0 or 1; saving, USD."""

    @property
    def contract_end(self) -> FloatArray: ...
    @property
    def dependence(self) -> FloatArray: ...
    @property
    def interconnector(self) -> FloatArray: ...
    def yearly_saving(self) -> FloatArray: ...


class Politics(Protocol):
    """Whether an election is near, and whether another coalition took over, 0 or 1; by how much it leans, logit."""

    @property
    def near(self) -> FloatArray: ...
    @property
    def changed(self) -> FloatArray: ...
    @property
    def shift(self) -> FloatArray: ...


class ArmsTrade(Protocol):
    """What flows, EUR million a month; this month's report, code; how far a denial is still believed, share."""

    @property
    def arms(self) -> FloatArray: ...
    @property
    def report(self) -> FloatArray: ...
    @property
    def deniability(self) -> FloatArray: ...


class Dialogue(Protocol):
    """Share of the way to a settled issue."""

    @property
    def normalisation(self) -> FloatArray: ...


class Conduct(Protocol):
    """Of twelve months: declarations issued and joined, count; UN votes against Russia, share."""

    def issued_year(self) -> FloatArray: ...
    def joined_year(self) -> FloatArray: ...
    def against_share(self) -> FloatArray: ...


class Patron(Protocol):
    """Russia's displeasure and resolve to use its veto, share; media effort, index; the contract it offers, code."""

    @property
    def displeasure(self) -> FloatArray: ...
    @property
    def veto_resolve(self) -> FloatArray: ...
    @property
    def media_effort(self) -> FloatArray: ...
    def offer(self) -> FloatArray: ...


class Union(Protocol):
    """Credibility of the EU's offer and its pressure, share; accession steps of 24 months, count."""

    @property
    def credibility(self) -> FloatArray: ...
    @property
    def pressure(self) -> FloatArray: ...
    def steps(self) -> FloatArray: ...


class StateBetween(Protocol):
    """What the state does: its steps and sanctions, 0 or 1; joined declarations and UN votes, count; x it weighs."""

    @property
    def denies(self) -> FloatArray: ...
    @property
    def lets_through(self) -> FloatArray: ...
    @property
    def signs_elsewhere(self) -> FloatArray: ...
    @property
    def sanctions(self) -> FloatArray: ...
    @property
    def joined_russia(self) -> FloatArray: ...
    @property
    def votes(self) -> FloatArray: ...
    @property
    def votes_with(self) -> FloatArray: ...
    @property
    def votes_against(self) -> FloatArray: ...
    @property
    def weighed(self) -> Mapping[str, FloatArray]: ...


class History(Protocol):
    """What is imposed on all members, by month number, and what had been published; units: `sim.world.facts.Facts`.

    No agent knows of what record, or of whose: it asks whether a month is history of some step and, if so, what
    happened.
    """

    @property
    def first_month(self) -> int: ...
    @property
    def rungs(self) -> Mapping[int, int]: ...
    @property
    def chapters(self) -> Mapping[int, int]: ...
    @property
    def texts(self) -> Mapping[int, Mapping[tuple[str, str], int]]: ...
    @property
    def apart(self) -> frozenset[tuple[int, str]]: ...
    @property
    def contracts(self) -> Mapping[int, Contract]: ...
    @property
    def elections(self) -> frozenset[int]: ...
    @property
    def early(self) -> frozenset[int]: ...
    def on_record(self, month: int, what: str) -> bool: ...
    def turn(self, kind: str, month: int) -> int: ...
    def opened_in_half(self, month: int) -> tuple[int, int]: ...
    def poles_in(self, year: int) -> tuple[float, float]: ...
    def signed(self, month: int) -> Contract | None: ...
    def delivered(self, month: int) -> float: ...
    def gdp_known(self, month: int) -> float: ...


class Interventions(Protocol):
    """What the scenario's events make of a quantity in a month, and whether any acts on it."""

    def apply(self, quantity: str, value: FloatArray, month: int) -> FloatArray: ...
    def holding(self, quantity: str, month: int) -> bool: ...


class World(Protocol):
    """The model as whoever acts in it sees it.

    tick: the month's number. members: how many histories. parameters: that hold this month, each of shape (members,).
    evidence: the log probability given to what is on record this month, by its kind; whoever weighs adds to it.
    cluster_steps: chapters that the next cluster brings, by how many are open, shape (chapters + 1,).
    eu_support, russia_affinity: of all voters, share. common: what several share this month, found by the first.
    learning: that what neither evidence nor a later month depends on may be left out.
    """

    members: int
    tick: int
    learning: bool
    country: Country
    luck: Luck
    evidence: dict[str, FloatArray]
    cluster_steps: IntArray

    @property
    def parameters(self) -> Mapping[str, FloatArray]: ...
    @property
    def facts(self) -> History: ...
    @property
    def interventions(self) -> Interventions: ...
    @property
    def conditions(self) -> Conditions: ...
    @property
    def contract(self) -> GasContract: ...
    @property
    def politics(self) -> Politics: ...
    @property
    def arms_trade(self) -> ArmsTrade: ...
    @property
    def dialogue(self) -> Dialogue: ...
    @property
    def conduct(self) -> Conduct: ...
    @property
    def patron(self) -> Patron: ...
    @property
    def union(self) -> Union: ...
    @property
    def between(self) -> StateBetween: ...
    def eu_support(self) -> FloatArray: ...
    def russia_affinity(self) -> FloatArray: ...
    def common(self, what: str, find: Callable[[], Shared]) -> Shared: ...
