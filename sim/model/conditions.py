"""What no agent decides: prices, the war, what the EU declares, what the UN votes on; and a scenario's events."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

import numpy as np

from sim.arrays import FloatArray
from sim.clock import calendar_month
from sim.draws.quantiles import binomial_quantile, poisson_quantile, student_scale
from sim.mechanisms.choice import TEXT_KINDS
from sim.mechanisms.conditions import CEASEFIRE, FROZEN, FULL_SCALE, NONE, REGIMES, by_regime, next_regime
from sim.mechanisms.energy import LONGEST_LAG
from sim.mechanisms.scales import reverting
from sim.quantities.catalogue import QUANTITIES
from sim.scenario import Event
from sim.world.entity import Entity
from sim.world.facts import Facts
from sim.world.seen import World
from sim.world.state import Reading, State


class Interventions:
    """The changes of all events of a scenario, in file order.

    A reading (price, share, probability) is overlaid while its event holds, else to the end. A state (count, 0/1,
    category) is changed in the event's month, held while `until` says so, and goes on from there by its own dynamics.
    """

    def __init__(self, events: Iterable[Event]) -> None:
        self._changes: dict[str, list[tuple[str, float, int, int | None]]] = {}
        for event in events:
            for change in event.changes:
                known = QUANTITIES.get(change.quantity)  # None for a parameter
                value = change.value
                if isinstance(value, str):
                    value = float(QUANTITIES[change.quantity].categories.index(value))
                last = event.last_month
                if known is not None and known.discrete and last is None:
                    last = event.first_month
                acting = self._changes.setdefault(change.quantity, [])
                acting.append((change.how, float(value), event.first_month, last))

    def holding(self, quantity: str, month: int) -> bool:
        """Return whether any event acts on `quantity` in `month`."""
        return any(True for _ in self.acting(quantity, month))

    def apply(self, quantity: str, value: FloatArray, month: int) -> FloatArray:
        """Return what the events acting in `month` make of `value`, shape (members,): within its bounds."""
        if quantity not in self._changes:
            return value
        for how, given in self.acting(quantity, month):
            if how == "set":
                value = np.full_like(value, given)
            else:
                moved = value + given if how == "add" else value * given
                value = np.clip(moved, QUANTITIES[quantity].low, QUANTITIES[quantity].high)
        return value

    def on_parameters(self, names: Collection[str], month: int) -> Mapping[str, float]:
        """Return the parameters that events hold at a value in `month`."""
        held: dict[str, float] = {}
        for name in (name for name in self._changes if name in names):
            for _, given in self.acting(name, month):
                held[name] = given
        return held

    def acting(self, quantity: str, month: int) -> Iterable[tuple[str, float]]:
        """Yield what acts on a quantity or parameter in `month`, in order: how, and with which value."""
        for how, given, first, last in self._changes.get(quantity, ()):
            if first <= month and (last is None or month <= last):
                yield how, given


_CRIMEA_MONTH = 12  # a Crimea text each December


class Conditions(Entity):
    """The surroundings of all agents, moved on at the start of each month."""

    log_market_price = State("European gas price", "log USD per 1000 m3")
    log_brent = State("Brent oil price", "log USD per barrel")
    brent_past = State(
        "Brent as read, this month and the twelve before", "USD per barrel", width=LONGEST_LAG + 1
    )
    war = State("regime of the war: 0 none, 1 frozen, 2 full-scale, 3 ceasefire", "code")
    war_months = State("months of full-scale war so far", "months")
    measures_exist = State("whether there are EU measures on Russia to join (since the war began)", "0 or 1")
    log_declarations = State("rate of declarations that are not Russia-related, over its level", "log")
    issued_russia = State("Russia-related declarations issued this month", "count")
    issued_other = State("other declarations issued this month", "count")
    texts_crimea = State("UN texts on Crimea put to the vote this month", "count")
    texts_aggression = State("UN texts condemning invasion or annexation this month", "count")
    texts_emergency = State("other emergency-session texts this month", "count")

    facts: Facts

    def __init__(self, world: World, facts: Facts) -> None:
        self.enter(world, "conditions")
        self.facts = facts
        start = self.facts.prices
        self.log_market_price = self.full(np.log(start[-1][0]))
        self.log_brent = self.full(np.log(start[-1][1]))
        past = [start[month][1] for month in range(-LONGEST_LAG - 1, 0)]
        self.brent_past = np.tile(past, (self.members, 1))

    @Reading
    def market_price(self) -> FloatArray:
        """European market price of gas, USD per 1000 m3."""
        return self.through(np.exp, "log_market_price")

    @Reading
    def brent(self) -> FloatArray:
        """Price of Brent crude oil, USD per barrel."""
        return self.through(np.exp, "log_brent")

    def advance(self) -> None:
        """Move the surroundings on to this month: the record's where it is known, else drawn."""
        self._move_prices()
        self._move_war()
        self.move_rates()
        if not self.world.learning:
            self.issued_other = poisson_quantile(self.uniform("other declarations"), self.rate_other)
        self.issued_russia = poisson_quantile(self.uniform("Russia declarations"), self.rate_russia)
        self._put_texts()

    def expected_market(self, months: int) -> Iterator[FloatArray]:
        """Return the median market price of this and the coming months, as read now, USD per 1000 m3."""
        return self.facts.process.median_path(0, np.log(self.market_price), months)

    def lagged_brent(self, lag: int, months: int) -> list[FloatArray]:
        """Return the oil price `lag` months before this and each coming month: read so far, then its median path."""
        known = [self.month_of("brent_past", lag - h) for h in range(lag + 1)]
        ahead = self.facts.process.median_path(1, np.log(self.brent), max(months - lag, 1))
        return (known + list(ahead)[1:])[:months]

    def _move_prices(self) -> None:
        recorded = self.facts.prices.get(self.tick)
        if recorded is not None and self.tick < self.facts.given_until:
            self.log_market_price = self.full(np.log(recorded[0]))
            self.log_brent = self.full(np.log(recorded[1]))
        else:
            tail = student_scale(self.uniform("price tail"), self.facts.process.freedom)
            shocks = (self.normal("gas price") * tail, self.normal("oil price") * tail)
            self.log_market_price, self.log_brent = self.facts.process.step(
                self.log_market_price, self.log_brent, shocks
            )
        self.push("brent_past", self.brent)

    def _move_war(self) -> None:
        recorded = self.facts.war.get(self.tick)
        if recorded is not None:
            war = self.full(float(REGIMES.index(recorded)))
        else:
            p = self.parameters
            war = next_regime(
                self.war,
                self.uniform("war"),
                onset=p["war_onset"],
                escalation=p["war_escalation"],
                truce=p["war_truce"],
                relapse=p["war_relapse"],
                settling=p["war_settling"],
            )
        self.war = self.intervened("war", war)
        self.war_months = np.where(self.war == FULL_SCALE, self.war_months + 1.0, self.war_months)
        self.measures_exist = np.maximum(self.measures_exist, (self.war != NONE).astype(np.float64))

    def move_rates(self) -> None:
        """Move on the rates at which declarations of both classes are issued, declarations a month."""
        p = self.parameters
        shock = p["declarations_noise"] * self.normal("declarations")
        level = self.full(0.0)
        self.log_declarations = reverting(self.log_declarations, level, p["declarations_pull"], shock)
        half = 0.5 if calendar_month(self.tick) > 6 else -0.5
        season = half * p["declarations_season"]
        self.rate_other = p["declarations_other"] * np.exp(self.log_declarations + season)
        levels = (p[f"declarations_russia_{regime}"] for regime in ("frozen", "full_scale", "ceasefire"))
        self.rate_russia = by_regime(self.war, (0.0, *levels))

    def _put_texts(self) -> None:
        if self.facts.on_record(self.tick, "UN texts"):
            votes = self.facts.texts.get(self.tick, {})
            counts = [self.full(sum(n for (k, _), n in votes.items() if k == kind)) for kind in TEXT_KINDS]
        else:
            p = self.parameters
            december = calendar_month(self.tick) == _CRIMEA_MONTH
            # a text on Crimea needs its annexation: no war yet, no text
            crimea = ((self.war == FROZEN) | (self.war == FULL_SCALE) | (self.war == CEASEFIRE)) & december
            first_year = np.where(self.war_months <= 12.0, p["texts_first_year"], p["texts_later"])
            rate = by_regime(self.war, (0.0, 0.0, first_year, p["texts_ceasefire"]))
            emergency = poisson_quantile(self.uniform("emergency texts"), rate)
            aggression = binomial_quantile(
                self.uniform("aggression texts"), emergency, p["texts_aggression_share"]
            )
            counts = [crimea.astype(np.float64), aggression, emergency - aggression]
        self.texts_crimea, self.texts_aggression, self.texts_emergency = counts
