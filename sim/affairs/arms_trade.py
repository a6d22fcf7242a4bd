"""Arms through third countries: the flow, the reports of it, the denials, and what deniability is left."""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray
from sim.entity import Entity
from sim.mechanisms.arms import arms_level, deniability_after, report_chance
from sim.mechanisms.conditions import FULL_SCALE
from sim.state import Reading, State
from sim.world import World

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
            drawn, code, kinds[code], table="turns", given=possible, evidence="reports of deliveries"
        )
        self.report = self.intervened("arms_report", report)
        recorded = self.facts.on_record(self.tick, "turns")
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
