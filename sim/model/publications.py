"""What is printed about the state: polls, the share of declarations joined, the UN ideal point.

A forecast is of the published figure. Figures of a window gather month by month, per member, and come out at its end.
"""

from __future__ import annotations

import numpy as np

from sim.agents import StateBetween
from sim.arrays import FloatArray
from sim.clock import calendar_month, month_start
from sim.mechanisms.publication import (
    alignment_log_density,
    binomial_log_chance,
    normal_log_density,
    poisson_log_chance,
    poll_log_density,
    published_alignment,
    published_poll,
    second_half,
)
from sim.model.conditions import Conditions
from sim.world.entity import Entity
from sim.world.facts import Facts
from sim.world.seen import World
from sim.world.state import State

_JUNE, _DECEMBER = 6, 12
_LEAST_RATE = 1e-6  # of declarations in a window: below it a share of them means nothing


class Publications(Entity):
    """Gathers the windows of published figures and prints them when they are due."""

    issued_half = State("declarations issued since the half-year began", "count")
    joined_half = State("declarations joined since the half-year began", "count")
    issued_year = State("declarations issued since the year began", "count")
    joined_year = State("declarations joined since the year began", "count")
    un_year = State("sum of the year's monthly ideal points", "ideal point")
    rates_half = State(
        "rates since the half-year began: issued, joined, Russia-related issued, joined",
        "declarations",
        width=4,
    )
    rates_year = State("the same since the year began", "declarations", width=4)
    rates_snapshot = State(
        "rates since the window of a snapshot began: issued, joined", "declarations", width=2
    )

    facts: Facts

    def __init__(self, world: World, facts: Facts, conditions: Conditions, between: StateBetween) -> None:
        self.enter(world, "publications")
        self.facts, self._conditions, self._between = facts, conditions, between
        self.figures: dict[str, FloatArray] = {}

    def publish(self) -> None:
        """Take the month into its windows; `figures` then holds what came out this month, NaN for what did not."""
        self.gather_ideal_point()
        if self.tick < self.facts.first_month:  # later there is no record to weigh by
            self.weigh_polls()
            self.weigh_declarations()
        if not self.world.learning:
            self._print()
        self.close_windows()

    def _print(self) -> None:
        p, conditions, between = self.parameters, self._conditions, self._between
        issued = conditions.issued_russia + conditions.issued_other
        joined = between.joined_russia + between.joined_other
        self.issued_half, self.joined_half = self.issued_half + issued, self.joined_half + joined
        self.issued_year, self.joined_year = self.issued_year + issued, self.joined_year + joined
        now_and_then = ("cfsp_alignment_half", "cfsp_alignment_year", "un_position")
        self.figures = dict.fromkeys(now_and_then, self.full(np.nan))
        self.figures["eu_support_published"] = published_poll(
            self.world.eu_support(), p["poll_respondents"], p["poll_noise"], self.normal("poll")
        )
        month = calendar_month(self.tick)
        if month in (_JUNE, _DECEMBER):
            half = self._alignment("half-year", self.joined_half, self.issued_half)
            self.figures["cfsp_alignment_half"] = half
        if month == _JUNE:
            self._take_published_half()
        if month == _DECEMBER:
            self.figures["cfsp_alignment_year"] = self._alignment("year", self.joined_year, self.issued_year)
            noise = p["un_noise"] * self.normal("ideal point")
            self.figures["un_position"] = self.un_year / 12.0 + noise

    def close_windows(self) -> None:
        """Begin the windows again that end this month."""
        month = calendar_month(self.tick)
        if month in (_JUNE, _DECEMBER):
            self.issued_half = self.joined_half = self.full(0.0)
            self.rates_half = np.zeros((4, self.members)).T
        if month == _DECEMBER:
            self.issued_year = self.joined_year = self.un_year = self.full(0.0)
            self.rates_year = np.zeros((4, self.members)).T

    def gather_ideal_point(self) -> None:
        """Take the month's ideal point into the year's, and weigh members by what is published of a year that ends."""
        self.un_year = self.un_year + self._between.un_latent
        for seen in self.facts.published("un_position", self.tick):
            variance = self.parameters["un_noise"] ** 2
            self.weigh_log("un_position", normal_log_density(seen.value, self.un_year / 12.0, variance))

    def weigh_polls(self) -> None:
        """Weigh members by the polls of this month."""
        p = self.parameters
        for seen in self.facts.published("eu_support", self.tick):
            asked = p["poll_respondents"] if seen.trials is None else self.full(seen.trials)
            density = poll_log_density(seen.value, self.world.eu_support(), asked, p["poll_noise"])
            self.weigh_log("eu_support", density)

    def weigh_declarations(self) -> None:
        """Take the month's rates of declarations into their windows, and weigh members by what is published of them.

        Rates are what members expected, whatever they drew.
        """
        given, between = self._conditions, self._between
        russia, other = given.rate_russia, given.rate_other
        joined = russia * between.chance_russia
        rates = np.stack([russia + other, joined + other * between.chance_other, russia, joined]).T
        self.rates_half, self.rates_year = self.rates_half + rates, self.rates_year + rates
        self._weigh_counts()
        self._weigh_alignment()
        self._weigh_snapshot(rates[:, :2])

    def _weigh_counts(self) -> None:
        """Weigh by how many declarations sources count, and by how many of those refused concern Russia."""
        halves = [c for c in self.facts.declarations.get(self.tick - 6, ()) if c.half_year]
        for counted in self.facts.declarations.get(self.tick, ()):
            rates = self.rates_half if counted.half_year else self.rates_year
            issued, rate = counted.issued, rates[:, 0]
            if halves and not counted.half_year:
                issued, rate = issued - halves[0].issued, self.rates_half[:, 0]
            self.weigh_log("declarations issued", poisson_log_chance(issued, rate))
            if counted.not_joined_russia is not None:
                refused, of_russia = rates[:, 0] - rates[:, 1], rates[:, 2] - rates[:, 3]
                share = of_russia / np.maximum(refused, _LEAST_RATE)
                density = binomial_log_chance(counted.not_joined_russia, counted.not_joined, share)
                self.weigh_log("declarations refused", density)

    def _weigh_alignment(self) -> None:
        """Weigh by published shares joined: a half-year, a year, or the second half that a year adds to its first."""
        noise = self.parameters["alignment_noise"]
        earlier = self.facts.published("cfsp_alignment", self.tick - 6)
        for seen in self.facts.published("cfsp_alignment", self.tick):
            half = seen.months < 12  # of an odd window its months since the half-year began stand for all
            rates = self.rates_half if half else self.rates_year
            issued = rates[:, 0] if seen.trials is None else self.full(seen.trials)
            published = self.full(seen.value)
            if not half and earlier:
                first = earlier[-1]
                rates, before = self.rates_half, self.rates_year[:, 0] - self.rates_half[:, 0]
                n1 = before if first.trials is None else self.full(first.trials)
                if seen.trials is not None and first.trials is None:
                    n1 = seen.trials * before / np.maximum(self.rates_year[:, 0], _LEAST_RATE)
                n2 = rates[:, 0] if seen.trials is None else seen.trials - n1
                issued = n2
                published, noise = second_half(seen.value, first.value, (n1, n2), noise)
            share = rates[:, 1] / np.maximum(rates[:, 0], _LEAST_RATE)
            self.weigh_log("cfsp_alignment", alignment_log_density(published, share, issued, noise))

    def _weigh_snapshot(self, rates: FloatArray) -> None:
        """Weigh by a published share of another window; `rates` of the month: issued, joined, shape (members, 2)."""
        snapshots = self.facts.snapshots
        if not snapshots:
            return
        begins = any(each.first_month == self.tick for each in snapshots.values())
        self.rates_snapshot = rates if begins else self.rates_snapshot + rates
        if seen := snapshots.get(self.tick):
            issued, joined = self.rates_snapshot.T
            share, noise = joined / np.maximum(issued, _LEAST_RATE), self.parameters["alignment_noise"]
            density = alignment_log_density(self.full(seen.value), share, issued, noise)
            self.weigh_log("cfsp_alignment", density)

    def _alignment(self, window: str, joined: FloatArray, issued: FloatArray) -> FloatArray:
        noise = self.parameters["alignment_noise"] * self.normal(f"alignment {window}")
        return published_alignment(joined, issued, noise)

    def _take_published_half(self) -> None:
        """In the year of the origin, let the year's figure stand on a first half-year that is already published."""
        if month_start(self.tick).year != month_start(self.facts.first_month).year:
            return
        for seen in self.facts.published("cfsp_alignment", self.tick):
            if seen.months == 6:
                issued = self.issued_year if seen.trials is None else self.full(seen.trials)
                self.issued_year, self.joined_year = issued, seen.value * issued
