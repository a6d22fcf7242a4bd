"""What is traded: Russian gas by contract, and arms through third countries."""

from __future__ import annotations

from functools import reduce

import numpy as np

from sim.arrays import BoolArray, FloatArray
from sim.clock import month_number
from sim.mechanisms import energy
from sim.mechanisms.arms import arms_level, deniability_after, report_chance
from sim.mechanisms.conditions import FULL_SCALE
from sim.mechanisms.patron import renewal_chances
from sim.mechanisms.scales import logistic
from sim.world.entity import Entity
from sim.world.seen import Contract, World
from sim.world.state import Reading, State

LONG, SHORT, MARKET = 0.0, 1.0, 2.0

_LONG_FROM = 24  # months; the two kinds on record are of five months and of three years


class GasContract(Entity):
    """What the state and Russia have signed on gas, and its dependence on it."""

    contract_end = State("last month of the gas contract", "month number")
    lapsed = State("whether no contract is in force: none was signed, or it ran out unrenewed", "0 or 1")
    fixed = State("whether the price is fixed rather than bound to oil", "0 or 1")
    slope = State(
        "contract price per dollar of Brent as many months before as was agreed",
        "USD per 1000 m3 per USD/bbl",
    )
    fixed_price = State("price of a fixed contract", "USD per 1000 m3")
    agreed_volume = State("gas delivered a year at full dependence", "billion cubic metres")
    renewed = State("how the contract was renewed this month: 0 not, 1 for years, 2 for months", "code")
    interconnector = State("whether gas from elsewhere can reach the state over the border", "0 or 1")
    signed_elsewhere = State("whether the state signed for gas from elsewhere this month", "0 or 1")
    dependence_logit = State("Russian share of gas supply", "logit")
    first_dependence = State("Russian share of gas supply in January 2012", "share")

    def __init__(self, world: World) -> None:
        self.enter(world, "gas contract")
        self.dependence_logit = self.parameters["dependence_start"]
        self.first_dependence = logistic(self.dependence_logit)
        self.lapsed = self.full(
            1.0
        )  # before a first contract, and without one on record, the market's price is paid

    @Reading
    def gas_discount(self) -> FloatArray:
        """Gas discount, 1 - contract price / market price, a share."""
        market = self.world.conditions.market_price
        brent = self.world.conditions.month_of("brent_past", self._lag())
        contract = energy.contract_price(self.slope, brent, self.fixed, self.fixed_price)
        return np.where(self.lapsed > 0.0, 0.0, energy.discount(contract, market))

    @Reading
    def dependence(self) -> FloatArray:
        """Russian share of the state's gas supply."""
        return self.through(logistic, "dependence_logit")

    @property
    def contract_price(self) -> FloatArray:
        """What the state pays this month, USD per 1000 m3, shape (members,)."""
        return self.world.conditions.market_price * (1.0 - self.gas_discount)

    def volume(self) -> FloatArray:
        """Return yearly deliveries, billion cubic metres: agreed or last published, less what dependence lost."""
        return self.agreed_volume * self.dependence / self.first_dependence

    def yearly_saving(self) -> FloatArray:
        """Return what the contract is expected to save the state over twelve months, USD, shape (members,).

        Months beyond the contract's end count as renewed on the same terms, after a lapse as zero.
        """
        conditions, months = self.world.conditions, energy.SAVING_HORIZON
        market = reduce(np.add, conditions.expected_market(months)) / months
        discount_set = self.world.interventions.holding("gas_discount", self.tick)
        if discount_set:
            contract = market * (1.0 - self.gas_discount)
        else:  # the mean of a price bound to oil is the price at the mean of oil
            brent = reduce(np.add, conditions.lagged_brent(self._lag(), months)) / months
            contract = energy.contract_price(self.slope, brent, self.fixed, self.fixed_price)
        saving = energy.yearly_saving(self.volume(), market, contract)
        return saving if discount_set else np.where(self.lapsed > 0.0, 0.0, saving)

    def begin(self) -> None:
        """Begin a recorded contract in its month; settle one that ran out by what Russia offers."""
        recorded = self.facts.contracts.get(self.tick)
        self.renewed = self.full(0.0)
        if recorded is not None:
            self._weigh_offer(recorded)
            self._sign(recorded)
        else:
            ended = (self.contract_end < self.tick) & (self.lapsed == 0.0)
            if np.count_nonzero(ended):
                self._renew(ended, self.world.patron.offer())
        signed = self.facts.signed(self.tick)
        if signed is None or signed.volume is None:
            self.agreed_volume = self.full(self.facts.delivered(self.tick))

    def close(self) -> None:
        """Let dependence fall by a step where the state signed for gas from elsewhere."""
        p = self.parameters
        self.interconnector = self._connected()
        self.signed_elsewhere = self.world.between.signs_elsewhere
        fall = self.signed_elsewhere * p["diversification_step"]
        self.dependence_logit = self.dependence_logit - fall

    def _weigh_offer(self, contract: Contract) -> None:
        """Weigh members by the chance they gave to Russia's offering this contract when the last one ran out."""
        p = self.parameters
        if contract.offered and self.tick < self.facts.first_month:
            long, short = renewal_chances(
                self.world.patron.displeasure, p["renewal_goodwill"], p["renewal_precision"]
            )
            chance = long if contract.end - contract.start >= _LONG_FROM else short
            self.weigh("gas contract", np.where(self.contract_end < self.tick, chance, 1.0))

    def _lag(self) -> int:
        """Return by how many months the price follows Brent: what was last signed says so, renewals keep it."""
        signed = self.facts.signed(self.tick)
        return 0 if signed is None else signed.lag

    def _sign(self, contract: Contract) -> None:
        self.contract_end = self.full(contract.end)
        self.lapsed = self.full(0.0)
        self.fixed = self.full(contract.fixed)
        self.slope = contract.slope * np.exp(contract.slope_spread * self.normal("contract terms"))
        self.fixed_price = self.full(contract.price)
        if contract.volume is not None:
            self.agreed_volume = self.full(contract.volume)

    def _renew(self, ended: BoolArray, offer: FloatArray) -> None:
        p = self.parameters
        months = np.where(offer == LONG, 12.0 * p["contract_years"], p["contract_short_months"])
        renewed = ended & (offer < MARKET)
        self.contract_end = np.where(renewed, self.tick - 1.0 + months, self.contract_end)
        self.lapsed = np.where(ended & ~renewed, 1.0, self.lapsed)
        self.renewed = np.where(renewed, offer + 1.0, 0.0)

    def _connected(self) -> FloatArray:
        chance, opened = (
            self.parameters["interconnector_chance"],
            self.facts.turn("interconnector", self.tick),
        )
        possible = self.full(self.tick) >= month_number(self.world.country.interconnector_from)
        opens = self.choose("interconnector", chance, recorded=opened, given=possible)
        return np.maximum(self.interconnector, opens)


_DENIAL_MEMORY = 12.0  # months after a denial in which documents catch it out (judgement)


class ArmsTrade(Entity):
    """What the state's makers sell that ends up in Ukraine, and how much of it is known."""

    log_arms = State("what flows while there is full-scale war and no halt", "log EUR million per month")
    let_through = State("whether the state let arms to third countries through this month", "0 or 1")
    halted = State("whether exports were halted this month", "0 or 1")
    report = State("report of deliveries this month: 0 none, 1 hearsay, 2 with documents", "code")
    denied = State("whether the state denied this month", "0 or 1")
    since_denial = State("months since the last denial, at most 99", "months")
    deniability = State("how far a denial is still believed possible", "share")

    def __init__(self, world: World) -> None:
        self.enter(world, "arms trade")
        self.log_arms = np.log(self.parameters["arms_demand"])
        self.since_denial = self.full(99.0)
        self.let_through, self.deniability = self.full(1.0), self.full(1.0)

    @Reading
    def arms(self) -> FloatArray:
        """Arms reaching Ukraine through third countries, EUR million a month."""
        flowing = (self.world.conditions.war == FULL_SCALE) & (self.halted == 0.0)
        return np.where(flowing, self.through(np.exp, "log_arms"), 0.0)

    def begin(self) -> None:
        """Let this month's report come out, of what flowed so far: the record's, or drawn."""
        p = self.parameters
        chance = report_chance(self.arms, p["report_base"], p["report_extra"], p["report_half"])
        # no war, no story: before full-scale war the trade has no such destination
        possible = self.world.conditions.war_months > 0.0
        documented = p["report_documented"]
        kinds = (1.0 - chance, chance * (1.0 - documented), chance * documented)

        def drawn() -> FloatArray:
            told = (self.uniform("report") < chance) & possible
            return np.where(told, np.where(self.uniform("documents") < documented, 2.0, 1.0), 0.0)

        code = min(self.facts.turn("report", self.tick), 2)
        report = self.settle(
            "report", drawn, code, kinds[code], given=possible, evidence="reports of deliveries"
        )
        self.report = self.intervened("arms_report", report)
        recorded = self.facts.on_record(self.tick, "halt")
        self.halted = self.full(self.facts.turn("halt", self.tick) if recorded else 0.0)

    def close(self) -> None:
        """Write what the state let through and denied this month."""
        p = self.parameters
        between = self.world.between
        self.let_through = between.lets_through
        called_for = np.log(arms_level(p["arms_demand"], p["arms_trickle"], self.let_through))
        self.log_arms = self.log_arms + p["arms_pull"] * (called_for - self.log_arms)
        exposed = ((self.report == 2.0) & (self.since_denial < _DENIAL_MEMORY)).astype(np.float64)
        self.deniability = deniability_after(
            self.deniability, exposed, p["deniability_loss"], p["deniability_recovery"]
        )
        self.denied = between.denies
        self.since_denial = np.where(self.denied > 0.0, 0.0, np.minimum(self.since_denial + 1.0, 99.0))
