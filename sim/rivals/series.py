"""What rivals know of a target: its published figures on an even grid, on a scale without bounds.

They get what the model gets: the half-year season of declarations, pollsters' house effects, the same noise of
publication.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import sqrt

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.clock import FIRST_YEAR
from sim.mechanisms.scales import logistic, logit
from sim.parameters.priors import Prior
from sim.parameters.table import parameter_table
from sim.quantities.catalogue import QUANTITIES, TARGETS
from sim.quantities.quantity import Scored
from sim.record.cases import Case, chapters_by, later
from sim.record.country import load_country
from sim.record.observations import Observation, Record


@dataclass(frozen=True)
class Past:
    """The published figures of a target that were known at an origin.

    Attributes
    ----------
    slots: place on the grid, counted in steps from January 2012, ascending. values: on the scale without bounds, of a
    whole year (season removed). halves: which are of a first half-year. season: what a first half-year adds.
    noise: standard deviation of what publication adds. current: the count on the origin itself.
    """

    target: str
    slots: IntArray
    values: FloatArray
    halves: BoolArray
    season: float
    noise: float
    current: float = 0.0

    @property
    def scored(self) -> Scored:
        """How the target is scored."""
        return scored(self.target)

    @property
    def last(self) -> float:
        """The last figure known."""
        return float(self.values[-1])

    def steps_to(self, case: Case) -> int:
        """Return how many steps the case's figure lies after the last one known, at least 1."""
        return max(slot(case.end, self.scored.steps) - int(self.slots[-1]), 1)

    def usual(self, steps: float) -> float:
        """Return the usual size of a change over so many steps, by judgement."""
        return self.scored.usual_change * sqrt(steps / self.scored.steps)

    def since(self, year: int) -> Past:
        """Return the figures of `year` and later, all of them if there are none."""
        keep = self.slots > (year - FIRST_YEAR) * self.scored.steps
        if not keep.any():
            return self
        return replace(self, slots=self.slots[keep], values=self.values[keep], halves=self.halves[keep])

    def published(self, case: Case, sample: FloatArray) -> FloatArray:
        """Return a sample of the case's figure as it would be printed, from one on the scale without bounds."""
        quantity = QUANTITIES[self.target]
        if quantity.kind == "count":  # of what only grows: no chapter is closed to be opened again
            return np.clip(np.rint(sample), self.current, quantity.high)
        season = self.season if case.half_year else 0.0
        return logistic(sample + season) if quantity.kind == "share" else sample


def known(record: Record, case: Case) -> Past | None:
    """Return what was known of the case's target at its origin, None if nothing was."""
    seen = record.until(case.origin)
    if case.target == "chapters_opened":
        return _chapters(seen, case.origin)
    figures = seen.observations(case.target, odd=True)
    steps = scored(case.target).steps
    by_slot = {slot(figure.end, steps): figure for figure in figures if _has_place(figure)}
    if not by_slot:
        return None
    slots = sorted(by_slot)
    values = np.array([by_slot[place].value for place in slots])
    if QUANTITIES[case.target].kind == "share":
        values = logit(np.clip(values, 0.001, 0.999))
    halves = np.array([_first_half(by_slot[place]) for place in slots])
    season = _season(slots, values, halves)
    return Past(
        case.target,
        np.array(slots),
        values - season * halves,
        halves,
        season,
        _noise(case.target, record.state),
    )


def with_other_houses(record: Record, past: Past, origin: date) -> Past:
    """Return a poll's past with the gaps filled by other pollsters, each less its house's offset.

    The offset is the mean difference on the logit to the house of the published series, interpolated to the day of the
    poll, times n / (n + 1) for n polls: one pseudo-poll without offset (judgement). A house without a poll between
    waves is left out.
    """
    if past.target != "eu_support":
        return past
    steps, published = past.scored.steps, load_country(record.state).pollster
    seen: dict[str, list[tuple[float, float]]] = {}
    for row in record.until(origin).table("polls"):
        if row["subgroup"] is None and row["pollster"] != published:
            house = row["pollster"].split(" for ")[0]
            at, value = _place(row["date"], steps), float(logit(np.array(row["for"])))
            seen.setdefault(house, []).append((at, value))
    gaps: dict[int, list[float]] = {}
    for polls in seen.values():
        inside = [(at, value) for at, value in polls if past.slots[0] <= at <= past.slots[-1]]
        if not inside:
            continue
        apart = [value - float(np.interp(at, past.slots, past.values)) for at, value in inside]
        offset = float(np.mean(apart)) * len(apart) / (len(apart) + 1.0)
        for at, value in polls:
            if (place := round(at)) not in past.slots and place > past.slots[0]:
                gaps.setdefault(place, []).append(value - offset)
    filled = dict(zip(past.slots.tolist(), past.values.tolist(), strict=True))
    filled |= {place: float(np.mean(values)) for place, values in gaps.items()}
    slots = sorted(filled)
    return replace(
        past,
        slots=np.array(slots),
        values=np.array([filled[place] for place in slots]),
        halves=np.zeros(len(slots), dtype=bool),
    )


def scored(target: str) -> Scored:
    """Return how a target is scored; raises ValueError where it is not."""
    how = TARGETS[target].scored
    if not isinstance(how, Scored):
        raise ValueError(f"{target} has no rivals: {how}")
    return how


def slot(day: date, steps: int) -> int:
    """Return the place of a day on a grid of so many steps a year: 0 on 1 January 2012, the nearest step after."""
    return round(_place(day, steps))


def _place(day: date, steps: int) -> float:
    start = date(day.year, 1, 1)
    share = ((day - start).days + 1) / ((date(day.year + 1, 1, 1) - start).days)
    return (day.year - FIRST_YEAR + share) * steps


def _chapters(seen: Record, origin: date) -> Past:
    """Return the count at the end of every half-year before the origin, from January 2012 on, the last as it is now."""
    days = [date(FIRST_YEAR, 1, 1)]
    while later(days[-1], 6) <= origin:
        days.append(later(days[-1], 6))
    counts = [float(chapters_by(seen, day - timedelta(days=1))) for day in (*days[:-1], origin)]
    flat, noise = np.zeros(len(days), dtype=bool), _noise("chapters_opened", seen.state)
    return Past("chapters_opened", np.arange(len(days)), np.array(counts), flat, 0.0, noise, counts[-1])


def _first_half(figure: Observation) -> bool:
    return figure.start is not None and (figure.start.month, figure.end.month) == (1, 6)


def _has_place(figure: Observation) -> bool:
    """Tell whether a figure has a place on the grid: second halves share their year's, odd stretches have none."""
    if figure.start is None:
        return True
    second_half = (figure.start.month, figure.end.month) == (7, 12)
    return QUANTITIES[figure.target].is_window(figure.start, figure.end) and not second_half


def _season(slots: list[int], values: FloatArray, halves: BoolArray) -> float:
    """Return the mean difference of first half-years to their years, times n / (n + 1) for n pairs (judgement)."""
    at = dict(zip(slots, values.tolist(), strict=True))
    first = [place for place, half in zip(slots, halves.tolist(), strict=True) if half]
    pairs = [at[place] - at[place + 1] for place in first if place + 1 in at]
    return float(np.mean(pairs)) * len(pairs) / (len(pairs) + 1.0) if pairs else 0.0


def _noise(target: str, state: str) -> float:
    """Return the model's own publication noise of a scored target, at the middle of its prior for a state."""

    def centre(name: str) -> float:
        prior = parameter_table(state)[name].prior
        if not isinstance(prior, Prior):
            raise TypeError(f"{name} is counted by a rule; a noise needs a prior")
        return prior.centre()

    return _NOISE[target](centre)


_NOISE: dict[str, Callable[[Callable[[str], float]], float]] = {
    "cfsp_alignment": lambda centre: 4.0 * centre("alignment_noise"),  # from shares at one half to the logit
    "un_position": lambda centre: centre("un_noise"),
    "eu_support": lambda centre: sqrt(4.0 / centre("poll_respondents") + centre("poll_noise") ** 2),
    "chapters_opened": lambda _: 1.0 / sqrt(12.0),  # of rounding to whole chapters
}
