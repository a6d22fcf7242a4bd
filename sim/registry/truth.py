"""What came of a question: from the record, or from a file of observations; and what persistence would have said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from sim.clock import is_half_year, last_ended, month_end, month_number
from sim.forecasting import variable_of
from sim.forecasting.questions import holds
from sim.quantities.catalogue import QUANTITIES, TARGETS
from sim.record.cases import WAVE_MONTHS, in_waves, later, wave_near
from sim.record.observation_file import Line
from sim.record.observations import Record
from sim.record.record_series import Point, recorded
from sim.runs.results import Run
from sim.scenario.questions import COMPARISONS, TIMES, Question
from sim.words import HELD, judged


@dataclass(frozen=True)
class Asked:
    """When and what is asked of a target, as a question of a scenario says it; without a comparison a number is asked.

    Attributes
    ----------
    as_of: the origin. when: the day by each of `TIMES` that the question has. compared: its comparison, if it has one.
    """

    target: str
    as_of: date
    when: Mapping[str, date]
    compared: Mapping[str, Any]

    @classmethod
    def read(cls, target: str, as_of: date, asked: Mapping[str, Any]) -> Asked:
        """Read what a line of the ledger holds; raises ValueError or TypeError if that is no question."""
        if target not in QUANTITIES:
            raise ValueError(f"no quantity is called {target[:80]!r}")
        when = {name: date.fromisoformat(value) for name, value in asked.items() if name in TIMES}
        if not {"at", "ever_by", "end"} & when.keys():
            raise ValueError("no date")
        return cls(target, as_of, when, {name: value for name, value in asked.items() if name not in TIMES})

    @property
    def due(self) -> date:
        """The day that decides it at the latest."""
        return self.when.get("end") or self.when.get("at") or self.when["ever_by"]

    @property
    def month(self) -> int:
        """The month whose end decides it at the latest."""
        return last_ended(self.due)

    @property
    def half_year(self) -> bool:
        """Whether it is of the window of a half-year."""
        return is_half_year(self.when.get("start"), self.due)

    def holds(self, value: float) -> bool:
        """Return whether a value answers the question with yes."""
        return bool(holds(np.array(value), self.target, self.compared))


def points_of(asked: Asked, record: Record) -> list[Point]:
    """Return what the record says of the question's target, by day; empty where it says nothing."""
    return recorded(variable_of(asked.target, half_year=asked.half_year), record)


def points_stated(asked: Asked, lines: Iterable[Line]) -> list[Point]:
    """Return what a file of observations says of the question's target, of its own window if it has one."""
    categories, window = QUANTITIES[asked.target].categories, QUANTITIES[asked.target].window
    start = asked.when.get("start")
    found = []
    for line in lines:
        own = not window or line.start == start or (line.start is None and not asked.half_year)
        if line.target == asked.target and own:
            value = categories.index(line.value) if isinstance(line.value, str) else line.value
            found.append(Point(line.end, float(value), line.end))
    return found


def as_written(question: Question) -> dict[str, Any]:
    """Return the time and the comparison of a question as JSON holds them."""
    said = {name: getattr(question, name) for name in (*TIMES, *COMPARISONS)}
    said |= {name: str(said[name]) for name in TIMES if said[name] is not None}
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in said.items()
        if value is not None
    }


def what_came(question: Question, as_of: date, record: Record) -> str:
    """Return "yes" or "no", as a scenario's question came; nothing where the record does not say, or not yet."""
    asked = Asked.read(question.target, as_of, as_written(question))
    found = came_by_record(asked, record)
    return "" if isinstance(found, str) else "yes" if found else "no"


@dataclass(frozen=True)
class Answer:
    """A question of a run with its answer, and what came of it.

    Attributes
    ----------
    probability: the published one. pooled: whether that is of the pooled forecast, and not the model's own.
    model, mcse, low, high: the model's own, its error, its range over judgement if it has one.
    came: "yes" or "no" by the shipped record; empty where it does not say, or not yet.
    """

    question: Question
    probability: float
    pooled: bool
    model: float
    mcse: float
    low: float | None
    high: float | None
    came: str

    @property
    def range(self) -> str:
        """The range over judgement in words, nothing if there is none or it does not matter."""
        ends = judged(self.low, self.high)
        return ends and f"{ends}{HELD}%"

    @property
    def judged(self) -> str:
        """What a note says of that range."""
        return f"{self.range} by judgement" if self.range else ""


def answers_of(run: Run) -> list[Answer]:
    """Return the answers of a run, in the order of its questions."""
    rows, record = {row["id"]: row for row in run.table("questions")}, Record.load(run.scenario.state)
    found = []
    for question in run.scenario.questions:
        row = rows[question.id]
        own, pooled = row["probability"], row["pooled"] is not None
        numbers = (row["pooled"] if pooled else own, pooled, own, row["mcse"], row["low"], row["high"])
        found.append(Answer(question, *numbers, what_came(question, run.scenario.as_of, record)))
    return found


def known_then(asked: Asked, record: Record) -> float | None:
    """Return the last value of the target that was known on the origin; None if there was none."""
    known = [point for point in points_of(asked, record.until(asked.as_of)) if point.known_on <= asked.as_of]
    return known[-1].value if known else None


def came(asked: Asked, points: Sequence[Point], covered: date) -> float | str:
    """Return what came: 1 or 0 to a question with a comparison, else the number; or in words why it cannot be told.

    A question that asks whether something ever comes true is settled as soon as it does. Of polls the wave nearest to
    the date counts, three months before or after it at most, as in `docs/declared.md`.

    Parameters
    ----------
    points: what is known of the target, by day. covered: the last day about which nothing more will become known.
    """
    name, waves = asked.target, in_waves(asked.target)
    if not points and name not in TARGETS:
        return f"no record says {name}: only the model knows it"
    if "ever_by" in asked.when:
        since = month_number(asked.as_of)
        inside = [point for point in points if since <= month_number(point.day) <= asked.month]
        if any(asked.holds(point.value) for point in inside):
            return 1.0
        # a series of the calendar has to reach the last month, and so says of all before it
        done = covered >= asked.due if waves else any(month_number(p.day) == asked.month for p in inside)
        return 0.0 if inside and done else f"no {name} on record to {month_end(asked.month)}"
    own = (point for point in reversed(points) if month_number(point.day) == asked.month)
    found = _wave(asked, points, covered) if waves else next(own, None)
    if found is None:
        return f"no {name} on record for {_in_words(asked)}"
    return float(asked.holds(found.value)) if asked.compared else found.value


def came_by_record(asked: Asked, record: Record) -> float | str:
    """Return what came by a record, see `came`."""
    return came(asked, points_of(asked, record), record.ends)


def _wave(asked: Asked, points: Sequence[Point], covered: date) -> Point | None:
    since = [point for point in points if point.day >= asked.as_of]
    day = wave_near((point.day for point in since), asked.due)
    if day is None or (month_number(day) != asked.month and covered < later(asked.due, WAVE_MONTHS)):
        return None  # a nearer one may come
    return next(point for point in since if point.day == day)


def _in_words(asked: Asked) -> str:
    if "start" in asked.when:
        return f"{asked.when['start']} to {asked.due}"
    nearby = f"{asked.due}, nor within {WAVE_MONTHS} months"
    return nearby if in_waves(asked.target) else str(month_end(asked.month))
