"""Elections and coalitions: when voters are asked, and whether a new coalition sees Russia differently."""

from __future__ import annotations

import numpy as np

from sim.clock import month_number
from sim.entity import Entity
from sim.mechanisms.politics import election_near, next_election
from sim.state import State
from sim.world import World


class Politics(Entity):
    """Who governs, and until when."""

    due_in = State("months to the next parliamentary election", "months")
    election = State("whether one is held this month", "0 or 1")
    changed = State("whether the governing coalition changed this month", "0 or 1")
    direction = State(
        "which way a coalition that takes over this month differs: 0 pro-Russian, 1 pro-EU", "code"
    )
    near = State("whether an election is called or due within six months", "0 or 1")
    shift = State("by how much a new coalition's baseline differs from the last", "logit")

    def __init__(self, world: World) -> None:
        self.enter(world, "politics")
        self.due_in = self.full(float(month_number(world.country.parliament_due) + 1))

    def begin(self) -> None:
        """Hold the election that is due, call an early one, or let a coalition fall."""
        p = self.parameters
        facts, country = self.facts, self.world.country
        notice = self.tick + country.notice_months
        recorded = facts.on_record(self.tick, "elections")
        due = (self.due_in <= 1.0).astype(np.float64)
        held = self.full(self.tick in facts.elections) if recorded else due
        called = self.choose(
            "early election",
            p["election_early"],
            recorded=notice in facts.early,
            table="elections",
            given=held == 0.0,
            evidence="elections" if facts.on_record(notice, "elections") else "",
        )
        if recorded:  # those that were due were called too, and seldom for the last day of the term
            called = self.full(notice in facts.elections)
        chance = np.where(held > 0.0, p["coalition_at_election"], p["coalition_exit"])
        turned = facts.turn("coalition", self.tick) > 0
        # a change of coalition stands among the turns, and is as well known as elections are
        changed = self.choose("coalition", chance, recorded=turned, table="elections", evidence="coalition")
        self.election = held
        self.changed = self.intervened("coalition_change", changed)
        self.due_in = next_election(
            self.due_in, held, called, term=country.parliament_months, notice=country.notice_months
        )
        self.near = np.maximum(election_near(self.due_in), held)
        jump = p["coalition_shift"] * self.normal("shift")
        self.direction = self.intervened("coalition_direction", (jump > 0.0).astype(np.float64))
        self.shift = np.where(
            self.changed > 0.0, np.where(self.direction > 0.0, 1.0, -1.0) * np.abs(jump), 0.0
        )
