"""Russia, the patron: for now it holds the gas contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.agents.base import Actor
from sim.facts import Contract
from sim.mechanisms import energy
from sim.state import Reading, State

if TYPE_CHECKING:
    from sim.model import AlignmentModel

FloatArray = NDArray[np.float64]


class Patron(Actor):
    """The supplier of gas: offers a contract, and renews it or not when it ends."""

    contract_end = State("last month of the gas contract", "month number")
    lapsed = State("whether the contract ran out unrenewed", "0 or 1")
    fixed = State("whether the price is fixed rather than bound to oil", "0 or 1")
    slope = State("contract price per dollar of Brent nine months before", "USD per 1000 m3 per USD/bbl")
    fixed_price = State("price of a fixed contract", "USD per 1000 m3")
    volume = State("gas delivered a year", "billion cubic metres")
    renewed = State("whether the contract was renewed this month", "0 or 1")

    def __init__(self, model: AlignmentModel, name: str) -> None:
        super().__init__(model, name)
        self._volume_agreed = False
        for state in ("contract_end", "lapsed", "fixed", "slope", "fixed_price", "volume", "renewed"):
            setattr(self, state, self.full(0.0))

    @Reading
    def gas_discount(self) -> FloatArray:
        """Gas discount, 1 - contract price / market price, a share."""
        market = self.world.conditions.market_price
        brent = self.world.conditions.brent_past[:, 0]
        contract = energy.contract_price(self.slope, brent, self.fixed, self.fixed_price)
        return np.where(self.lapsed > 0.0, 0.0, energy.discount(contract, market))

    @property
    def contract_price(self) -> FloatArray:
        """What Serbia pays this month, USD per 1000 m3, shape (members,)."""
        return self.world.conditions.market_price * (1.0 - self.gas_discount)

    def yearly_saving(self) -> FloatArray:
        """Return what the contract is expected to save Serbia over twelve months, USD, shape (members,).

        Months beyond the contract's end count as renewed on the same terms, after a lapse as zero.
        """
        market = self.world.conditions.expected_market(energy.SAVING_HORIZON)
        discount_set = self.world.interventions.holding("gas_discount", self.tick)
        if discount_set:
            contract = [price * (1.0 - self.gas_discount) for price in market]
        else:
            brent = self.world.conditions.lagged_brent(energy.SAVING_HORIZON)
            contract = [energy.contract_price(self.slope, b, self.fixed, self.fixed_price) for b in brent]
        saving = energy.yearly_saving(self.volume, market, contract)
        return saving if discount_set else np.where(self.lapsed > 0.0, 0.0, saving)

    def begin(self) -> None:
        """Begin a recorded contract in its month; settle one that ran out: renewed on the same terms, or lapsed."""
        recorded = self.facts.contracts.get(self.tick)
        self.renewed = self.full(0.0)
        if recorded is not None:
            self._sign(recorded)
        else:
            ended = (self.contract_end < self.tick) & (self.lapsed == 0.0)
            renewed = ended & (self.uniform("renewal") < self.parameters["contract_renewal"])
            new_end = self.tick - 1.0 + 12.0 * self.parameters["contract_years"]
            self.contract_end = np.where(renewed, new_end, self.contract_end)
            self.lapsed = np.where(ended & ~renewed, 1.0, self.lapsed)
            self.renewed = renewed.astype(np.float64)
        if not self._volume_agreed:
            self.volume = self.full(self.facts.delivered(self.tick))

    def _sign(self, contract: Contract) -> None:
        self.contract_end = self.full(contract.end)
        self.lapsed = self.full(0.0)
        self.fixed = self.full(contract.fixed)
        self.slope = contract.slope * np.exp(contract.slope_spread * self.normal("contract terms"))
        self.fixed_price = self.full(contract.price)
        self._volume_agreed = contract.volume is not None
        if contract.volume is not None:
            self.volume = self.full(contract.volume)
