"""Tipping points: the smallest change of a driver that moves the answer to a question past a threshold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache, partial
from math import log, nan, sqrt

import numpy as np

from sim.arrays import FloatArray
from sim.clock import month_end
from sim.execution.progress import Progress
from sim.forecasting.errors import Z
from sim.quantities.catalogue import QUANTITIES
from sim.runs.members import at
from sim.runs.results import Run
from sim.scenario import with_settings
from sim.sensitivity.indices import importances
from sim.sensitivity.lives import Lives, lives_of_run, outcome_of, parameters_of
from sim.sensitivity.worlds import DRIVERS

MEMBERS = 1024
"""Members lived again at each value, the first ones, with the same luck."""

PARAMETERS = 5
"""Parameters that are tried, beside the drivers: those with the greatest first-order index (judgement)."""

_SOURCE = "tipping point"
_STEPS = 7  # halvings of the way from the present value to an end: to a hundredth of it
_TAIL = 0.001  # of a prior: what a parameter can be, here


@dataclass(frozen=True)
class Tipping:
    """Where a driver, held from the origin on, moves a chance past the threshold.

    Attributes
    ----------
    present: its mean over members at the origin, or of a parameter its median. least, most: what it can be.
    logarithmic: whether the way is halved so.
    value: the nearest value beyond which the chance has passed, with its interval of 90 %; None if there is none.
    reached: the chance nearest to the threshold that either end brings about.
    """

    name: str
    unit: str
    present: float
    least: float
    most: float
    logarithmic: bool = False
    value: float | None = None
    low: float | None = None
    high: float | None = None
    reached: float = nan


def tipping_points(
    run: Run, question: str, *, threshold: float = 0.5, members: int = MEMBERS, progress: Progress = None
) -> tuple[float, tuple[Tipping, ...]]:
    """Return the chance of a question among the first members, and the tipping point of each driver.

    Each is held by an event from the origin on; nothing is learned again. By bisection from the present value towards
    either end of what it can be, on a logarithmic scale for prices: where the chance rises and falls on the way, it is
    one of the values that tip it.

    Raises SensitivityError if there is no such question; ContrastError if code or record have changed since.
    """
    lives, y = _lived(run, question, progress)
    members, drivers = min(members, y.size), []
    for about in (QUANTITIES[driver.quantity] for driver in DRIVERS):
        if about.settable and not about.discrete and about.low is not None and about.high is not None:
            present = float(at(run.data, about.name, run.scenario.first_month).mean())
            reach = (about.low, about.high, about.kind == "positive")
            drivers.append(Tipping(about.name, about.unit, present, *reach))
    inputs = parameters_of(run)
    indices = importances(inputs, y, lives.islands, seed=lives.seed)
    first = sorted(indices, key=lambda item: -item.value)[:PARAMETERS]
    for entry in (lives.table[item.name] for item in first):
        least, most = (float(end) for end in entry.draw(np.array([_TAIL, 1.0 - _TAIL])))
        present = float(np.median(inputs[entry.name]))
        drivers.append(Tipping(entry.name, entry.unit, present, least, most))

    def chance(name: str, value: float) -> tuple[float, float]:
        scenario = with_settings(run.scenario, {name: value}, source=_SOURCE)
        again = lives.lived(lives.begin, members, f"holding {name}", scenario)
        return float(again.mean()), lives.error(again)

    present = float(y[:members].mean())
    return present, tuple(_tip(each, present, threshold, partial(chance, each.name)) for each in drivers)


def courses(run: Run, question: str, *, progress: Progress = None) -> dict[str, tuple[float, float]]:
    """Return what the war on one course from the origin on, or another coalition at once, makes of a question's chance.

    They have no scale. By what is set: the chance among the members of `tipping_points`, and its standard error.
    """
    lives, y = _lived(run, question, progress)
    spec, end = run.scenario, month_end(run.scenario.last_month) + timedelta(days=1)
    settings: list[dict[str, float | str]] = [{"war": course} for course in QUANTITIES["war"].categories]
    ways = QUANTITIES["coalition_direction"].categories
    settings += [{"coalition_change": 1, "coalition_direction": way} for way in ways]
    found = {}
    for held in settings:
        scenario = with_settings(spec, held, source=_SOURCE)
        if "war" in held:  # which else would go on by itself
            scenario = replace(scenario, events=(*spec.events, replace(scenario.events[-1], until=end)))
        name = ", ".join(f"{name} = {value}" for name, value in held.items())
        again = lives.lived(lives.begin, min(MEMBERS, y.size), name, scenario)
        found[name] = float(again.mean()), lives.error(again)
    return found


def _lived(run: Run, question: str, progress: Progress) -> tuple[Lives, FloatArray]:
    asked = outcome_of(run.scenario, question)
    return lives_of_run(run, asked, progress=progress), asked.of(run.data)


def _tip(
    driver: Tipping, first: float, threshold: float, chance: Callable[[float], tuple[float, float]]
) -> Tipping:
    """Return the tipping point of one driver, by what chance and error its values bring about."""
    known = cache(chance)

    def passed(value: float, by: float = 0.0) -> bool:
        mean, error = known(value)
        return (mean + by * error >= threshold) != (first >= threshold)

    def halved(end: float, by: float = 0.0) -> float:
        near, far = driver.present, end
        for _ in range(_STEPS):
            middle = sqrt(near * far) if driver.logarithmic else 0.5 * (near + far)
            near, far = (near, middle) if passed(middle, by) else (middle, far)
        return far

    def way(value: float) -> float:
        return abs(log(value / driver.present)) if driver.logarithmic else abs(value - driver.present)

    ends = (driver.least, driver.most)
    tips = [(halved(end), end) for end in ends if passed(end)]
    reached = min((known(end)[0] for end in ends), key=lambda mean: abs(mean - threshold))
    if not tips:
        return replace(driver, reached=reached)
    value, end = min(tips, key=lambda tip: way(tip[0]))
    low, high = sorted(halved(end, by) for by in (-Z, Z))
    return replace(driver, value=value, low=low, high=high, reached=reached)
