"""What agents, and what lies between them, see of the model: a small `World`, and of one another what they read.

These are protocols (PEP 544): nobody inherits from them. `sim.model.AlignmentModel` and its parts have what they name,
to which the type checker holds them. A `FloatArray` has one number per ensemble member, shape (members,).
"""
# ruff: noqa: D102  # what a method returns stands beside it

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol, TypeVar

from sim.arrays import FloatArray, IntArray
from sim.country import Country
from sim.gas_contracts import Contract
from sim.randomness import Luck

Shared = TypeVar("Shared")


class Conditions(Protocol):
    """What no agent decides; of UN texts the attribute goes by their kind, ``texts_{kind}``."""

    war: FloatArray  # regime, code
    war_months: FloatArray  # of full-scale war so far
    measures_exist: FloatArray  # EU measures on Russia to join, 0 or 1
    issued_russia: FloatArray  # Russia-related declarations this month
    issued_other: FloatArray  # other declarations this month
    market_price: FloatArray  # of gas, USD per 1000 m3

    def expected_market(self, months: int) -> Iterator[FloatArray]: ...  # its median path
    def month_of(
        self, window: str, back: int
    ) -> FloatArray: ...  # of the window of prices of oil, USD per barrel
    def lagged_brent(self, lag: int, months: int) -> list[FloatArray]: ...  # USD per barrel


class GasContract(Protocol):
    """What the state and Russia have signed on gas."""

    contract_end: FloatArray  # month number
    dependence: FloatArray  # Russian share of gas supply
    interconnector: FloatArray  # whether gas from elsewhere can come in, 0 or 1

    def yearly_saving(self) -> FloatArray: ...  # USD


class Politics(Protocol):
    """Who governs, and until when."""

    near: FloatArray  # whether an election is near, 0 or 1
    changed: FloatArray  # whether another coalition took over this month, 0 or 1
    shift: FloatArray  # by how much it leans otherwise than the last, logit


class ArmsTrade(Protocol):
    """Arms that reach Ukraine through third countries."""

    arms: FloatArray  # EUR million a month
    report: FloatArray  # of them this month, code
    deniability: FloatArray  # share


class Dialogue(Protocol):
    """The dialogue on the issue."""

    normalisation: FloatArray  # share of the way to its settlement


class Conduct(Protocol):
    """What the state did in the last twelve months."""

    def issued_year(self) -> FloatArray: ...  # Russia-related declarations issued
    def joined_year(self) -> FloatArray: ...  # and joined
    def against_share(self) -> FloatArray: ...  # of UN votes against Russia


class Patron(Protocol):
    """Russia."""

    displeasure: FloatArray  # with the state, share
    veto_resolve: FloatArray  # how surely it would use its veto, share
    media_effort: FloatArray  # index, 1 in January 2012

    def offer(self) -> FloatArray: ...  # of a contract, code


class Union(Protocol):
    """The EU."""

    credibility: FloatArray  # of its offer, share
    pressure: FloatArray  # share

    def steps(self) -> FloatArray: ...  # of accession in 24 months


class StateBetween(Protocol):
    """The state, as far as others see what it does: of this month, but for sanctions."""

    sanctions: FloatArray  # in force, 0 or 1
    denies: FloatArray  # 0 or 1, as the two below
    lets_through: FloatArray
    signs_elsewhere: FloatArray
    joined_russia: FloatArray  # declarations
    votes: FloatArray  # UN texts put to the vote
    votes_with: FloatArray
    votes_against: FloatArray
    weighed: dict[str, FloatArray]  # x of each incentive, by its name


class History(Protocol):
    """What is imposed on all members, by month number, and what had been published; `sim.facts.Facts` has the units.

    No agent knows of what record, or of whose: it asks whether a month is history and, if so, what happened.
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
    def on_record(self, month: int, table: str) -> bool: ...
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
