"""What is settled between people: elections and coalitions, the dialogue on the issue, the conduct of the state."""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray
from sim.clock import month_number
from sim.mechanisms.choice import UNDEFINED, WINDOW, classify
from sim.mechanisms.patron import forward_chance
from sim.mechanisms.politics import election_near, next_election
from sim.mechanisms.scales import logistic
from sim.world.entity import Entity
from sim.world.seen import World
from sim.world.state import Reading, State


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
        recorded = facts.on_record(self.tick, "election")
        due = (self.due_in <= 1.0).astype(np.float64)
        held = self.full(self.tick in facts.elections) if recorded else due
        early, told = notice in facts.early, "elections" if facts.on_record(notice, "election") else ""
        called = self.choose(
            "early election", p["election_early"], recorded=early, given=held == 0.0, evidence=told
        )
        if recorded:  # those that were due were called too, and seldom for the last day of the term
            called = self.full(notice in facts.elections)
        chance = np.where(held > 0.0, p["coalition_at_election"], p["coalition_exit"])
        turned = facts.turn("coalition", self.tick) > 0
        changed = self.choose("coalition", chance, recorded=turned, evidence="coalition")
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


class Dialogue(Entity):
    """The state, the other side of the issue and Brussels at one table."""

    normalisation_logit = State("share of the way to a settled issue", "logit")
    step = State("what the month's rounds came to: steps forward less steps back", "count")

    def __init__(self, world: World) -> None:
        self.enter(world, "dialogue")
        self.normalisation_logit = self.parameters["normalisation_start"]

    @Reading
    def normalisation(self) -> FloatArray:
        """Share of the way to a settled issue."""
        return self.through(logistic, "normalisation_logit")

    def close(self) -> None:
        """Take the month's step: the record's, or a round by chance, forward or back by what the state weighs."""
        rate = self.parameters["dialogue_rate"]

        def drawn() -> FloatArray:
            direction = np.where(self.uniform("direction") < self._forward(), 1.0, -1.0)
            return np.where(self.uniform("round") < rate, direction, 0.0)

        step = self.facts.turn("issue", self.tick)
        chance = 1.0 - rate  # of none, as in most months
        if step:
            chance = rate * (self._forward() if step > 0 else 1.0 - self._forward())
        self.step = self.settle("issue", drawn, step, chance, evidence="steps on the issue")
        self.normalisation_logit = self.normalisation_logit + self.parameters["dialogue_step"] * self.step

    def _forward(self) -> FloatArray:
        """Return the chance that a round, if there is one, ends in a step forward."""
        p, x = self.parameters, self.world.between.weighed
        return forward_chance(
            x["accession"], x["pressure"], x["public"], p["dialogue_bias"], p["dialogue_gain"]
        )


class Conduct(Entity):
    """What the state did in the last twelve months."""

    issued_window = State("Russia-related declarations issued", "count", width=WINDOW)
    joined_window = State("Russia-related declarations joined", "count", width=WINDOW)
    with_window = State("UN votes with Russia", "count", width=WINDOW)
    against_window = State("UN votes against Russia", "count", width=WINDOW)
    votes_window = State("UN votes", "count", width=WINDOW)
    with_held = State("UN votes with Russia in the last window that had a text", "count")
    votes_held = State("UN votes in the last window that had a text", "count")
    posture = State("posture: -1 undefined, 0 ally, 1 balancer, 2 opponent", "code")

    def __init__(self, world: World) -> None:
        self.enter(world, "conduct")
        self.posture = self.full(UNDEFINED)

    def issued_year(self) -> FloatArray:
        """Return the Russia-related declarations issued in the last twelve months, shape (members,)."""
        return self.sum_of("issued_window")

    def joined_year(self) -> FloatArray:
        """Return the Russia-related declarations joined in the last twelve months, shape (members,)."""
        return self.sum_of("joined_window")

    def against_share(self) -> FloatArray:
        """Return the share of the last twelve months' UN votes cast against Russia; 0 without a vote."""
        return self.sum_of("against_window") / np.maximum(self.sum_of("votes_window"), 1.0)

    def close(self) -> None:
        """Take the month into the windows and take stock."""
        between = self.world.between
        self.note_declarations()
        self.push("against_window", between.votes_against)
        self.push("votes_window", between.votes)
        if not self.world.learning:
            self._take_stock()

    def note_declarations(self) -> None:
        """Take into their windows how many declarations were issued and joined this month."""
        self.push("issued_window", self.world.conditions.issued_russia)
        self.push("joined_window", self.world.between.joined_russia)

    def _take_stock(self) -> None:
        conditions, between = self.world.conditions, self.world.between
        self.push("with_window", between.votes_with)
        votes = self.sum_of("votes_window")
        had_text = votes > 0.0
        self.votes_held = np.where(had_text, votes, self.votes_held)
        self.with_held = np.where(had_text, self.sum_of("with_window"), self.with_held)
        found = classify(
            between.sanctions, self.issued_year(), self.joined_year(), self.with_held, self.votes_held
        )
        self.posture = np.where(conditions.measures_exist > 0.0, found, UNDEFINED)
