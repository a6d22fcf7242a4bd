"""What a panel can move, and how far: a lever for each intervention and each belief, and events as a file has them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.arrays import FloatArray
from sim.assimilation import Posterior
from sim.names import unknown
from sim.parameters.table import parameter_table
from sim.quantities.catalogue import QUANTITIES, settable
from sim.runs.members import at
from sim.runs.results import Run
from sim.scenario import Event, Scenario, ScenarioError, with_beliefs, with_settings
from sim.scenario.declared import entry
from sim.scenario.settings import value_of_text
from sim.words import minus

SOURCE = "moved by hand in the panel"
"""The source of what a panel assumes."""

_TAILS = (0.05, 0.95)  # judgement: a lever goes about as far as nine in ten members do by themselves
_STOPS = 20  # about how many places a lever has to stand, judgement
_DRAWS = (np.arange(2000) + 0.5) / 2000  # of a prior, at even steps of its distribution function
_FEWEST = 2  # places: a lever with one cannot move

Value = float | str


class LeverError(ValueError):
    """A lever that there is not, or a place where it cannot stand: says what there is."""


@dataclass(frozen=True)
class Lever:
    """One thing to move.

    Attributes
    ----------
    name, meaning, unit: of the quantity or parameter.
    belief: a parameter, believed from 2012 on; else a quantity, which an event sets from the origin on.
    stops: where it can stand, in order.
    present: where it stands by itself: the median of the origin's month, or of what is believed.
    spread: share of values nearest to each stop: of the forecast's months, or of what was learned.
    prior: the same of a belief's prior; empty of an intervention.
    """

    name: str
    meaning: str
    unit: str
    belief: bool
    stops: tuple[Value, ...]
    present: Value
    spread: tuple[float, ...]
    prior: tuple[float, ...] = ()

    @property
    def at_rest(self) -> int:
        """The place among the stops that is nearest to where it stands by itself."""
        if isinstance(self.present, str):
            return self.stops.index(self.present)
        return int(_nearest(np.array([self.present]), np.array(self.stops, dtype=np.float64))[0])

    def nearest(self, value: Value) -> Value:
        """Return the stop nearest to a value.

        Raises LeverError if the value is no category of it, or lies beyond its ends.
        """
        if value in self.stops:
            return value
        numbers = [stop for stop in self.stops if not isinstance(stop, str)]
        if numbers and not isinstance(value, str) and numbers[0] <= value <= numbers[-1]:
            return min(numbers, key=lambda stop: abs(stop - value))
        ends = f"{numbers[0]:g} to {numbers[-1]:g}" if numbers else ", ".join(map(str, self.stops))
        raise LeverError(f"the lever {self.name} cannot stand at {value!r}; it goes over {ends}")


def intervention(name: str, run: Run) -> Lever:
    """Return the lever of a settable quantity: over what it can be, or over what it becomes in the run's forecast.

    Of one that is the same in all members it goes from nothing to twice that.

    Raises LeverError if no event can set it, or it has nowhere else to stand.
    """
    require("settable quantity", name, settable())
    quantity, spec = QUANTITIES[name], run.scenario
    ahead = at(run.data, name, range(spec.first_month, spec.last_month + 1)).astype(np.float64)
    low, high = quantity.low or 0.0, quantity.high or 1.0
    stops: tuple[Value, ...] = quantity.categories
    if quantity.discrete and not stops:
        stops = tuple(float(count) for count in range(int(low), int(high) + 1))
    elif not stops:
        if quantity.kind not in ("share", "probability"):
            low, high = _apart(*map(float, np.nanquantile(ahead, _TAILS)))
        stops = tuple(stop for stop in round_numbers(low, high) if quantity.admits(stop))
    codes = np.arange(len(stops), dtype=np.float64) if quantity.categories else np.array(stops, dtype=float)
    median = float(np.quantile(ahead[:, 0], 0.5, method="inverted_cdf" if quantity.discrete else "linear"))
    present = quantity.categories[int(median)] if quantity.categories else median
    about = (name, run.country.fill(quantity.meaning), quantity.unit, False)
    return Lever(*about, _somewhere(name, stops), present, _shares(ahead.ravel(), codes))


def belief(name: str, scenario: Scenario, posterior: Posterior | None = None) -> Lever:
    """Return the lever of a parameter: over its prior and what was learned, but for the tails.

    A fixed one goes from nothing to twice it.

    Raises LeverError if there is no such parameter.
    """
    require("parameter", name, parameter_table())
    parameter = scenario.parameter_set()[name]
    prior = parameter.draw(_DRAWS)
    learned = prior if posterior is None else posterior.data[name].to_numpy().astype(np.float64)
    ends = np.quantile(prior, _TAILS), np.quantile(learned, _TAILS)
    low, high = float(min(lower for lower, _ in ends)), float(max(upper for _, upper in ends))
    reach = round_numbers(*_apart(low, high))
    stops = _somewhere(name, tuple(stop for stop in reach if parameter.admits(stop)))
    places = np.array(stops, dtype=float)
    about = (name, parameter.meaning, parameter.unit, True)
    return Lever(*about, stops, float(np.median(learned)), _shares(learned, places), _shares(prior, places))


def written_event(*, quantity: str, how: str, value: str, date: str, until: str = "") -> Event:
    """Return an event from what a file would say of it.

    Raises ScenarioError: with everything that is wrong, in the words in which a file's slips are told.
    """
    raw = {"date": _day(date), how: {quantity.strip(): value_of_text(value.strip())}, "source": SOURCE}
    raw |= {"until": _day(until)} if until.strip() else {}
    right: dict[str, Any] = {}
    problems = list(entry(Event, raw, right))
    if problems:
        raise ScenarioError([replace(problem, where=()) for problem in problems])
    return Event(**right)


def as_written(event: Event) -> dict[str, str]:
    """Return an event of one change as `written_event` takes it."""
    (change,) = event.changes
    value = change.value if isinstance(change.value, str) else f"{change.value:.12g}"
    said = {"quantity": change.quantity, "how": change.how, "value": value, "date": str(event.date)}
    return said | {"until": str(event.until or "")}


def in_words(stop: Value) -> str:
    """Return the place of a lever in words."""
    if isinstance(stop, str):
        return stop.replace("_", " ")
    return minus(f"{stop:.2g}" if abs(stop) < 1.0 else f"{stop:.5g}")


@dataclass(frozen=True)
class Moves:
    """What is moved in a scenario: quantities to their places, beliefs; and the events that there are then."""

    places: dict[str, Value]
    beliefs: dict[str, Value]
    events: tuple[Event, ...]

    def of(self, base: Scenario) -> Scenario:
        """Return a scenario so moved, quantities being held from the origin on.

        In the order in which they act: those events that are the base's, the places, then the others.
        """
        kept = replace(base, events=tuple(event for event in self.events if event in base.events))
        held = with_settings(kept, self.places, source=SOURCE)
        beliefs = {name: float(value) for name, value in self.beliefs.items()}
        held = with_beliefs(held, beliefs, source=SOURCE)
        added = (event for event in self.events if event not in base.events)
        return replace(held, events=(*held.events, *added))

    def in_words(self, base: Scenario) -> str:
        """Return what is moved: levers by their places, events that were added or left out."""
        stops = (self.places | self.beliefs).items()
        said = [f"{name.replace('_', ' ')} {in_words(stop)}" for name, stop in stops]
        said += [f"{', '.join(map(str, e.changes))} {e.months}" for e in self.events if e not in base.events]
        said += [f"without {', '.join(map(str, e.changes))}" for e in base.events if e not in self.events]
        return ", ".join(said) or "as it is"


def require(kind: str, name: str, known: Iterable[str]) -> None:
    """Refuse a name that is not known, with the nearest that is.

    Raises LeverError if it is not known.
    """
    names = list(known)
    if name not in names:
        raise LeverError(unknown(kind, name, names))


def round_numbers(low: float, high: float, about: int = _STOPS) -> tuple[float, ...]:
    """Return round numbers from below `low` to above `high`, as many or up to twice as few.

    >>> round_numbers(0.0, 1.0)[:3], round_numbers(212.0, 590.0)[:3], round_numbers(-0.71, 0.53)[-1]
    ((0.0, 0.05, 0.1), (200.0, 220.0, 240.0), 0.6)
    """
    raw = (high - low) / about
    power = 10.0 ** math.floor(math.log10(raw))
    step = power * next(size for size in (1.0, 2.0, 5.0, 10.0) if raw <= size * power * (1.0 + 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(round(count * step, 10) for count in range(first, last + 1))


def _nearest(values: FloatArray, stops: FloatArray) -> NDArray[np.intp]:
    return np.searchsorted((stops[1:] + stops[:-1]) / 2.0, values)


def _shares(values: FloatArray, stops: FloatArray) -> tuple[float, ...]:
    """Return the share of values nearest to each stop; what lies beyond the ends by more than a stop is left out."""
    air = (stops[1] - stops[0]) / 2.0
    inside = values[(values >= stops[0] - air) & (values <= stops[-1] + air)]
    counts = np.bincount(_nearest(inside, stops), minlength=stops.size)
    return tuple(float(count) for count in counts / max(values.size, 1))


def _apart(low: float, high: float) -> tuple[float, float]:
    """Return two ends as they are; of one value alone, nothing and twice it.

    >>> _apart(1.0, 2.0), _apart(400.0, 400.0), _apart(-3.0, -3.0), _apart(0.0, 0.0)
    ((1.0, 2.0), (0.0, 800.0), (-6.0, 0.0), (-1.0, 1.0))
    """
    if high - low > 1e-6 * max(abs(low), abs(high)):
        return low, high
    least, most = sorted((0.0, 2.0 * high))
    return (least, most) if least < most else (-1.0, 1.0)


def _somewhere(name: str, stops: tuple[Value, ...]) -> tuple[Value, ...]:
    """Refuse a lever that could not move.

    Raises LeverError if there is no place beside one.
    """
    if len(stops) < _FEWEST:
        raise LeverError(f"{name} does not vary in this scenario and can be nothing else; leave it out")
    return stops


def _day(text: str) -> dt.date | str:
    with suppress(ValueError):
        return dt.date.fromisoformat(text.strip())
    return text
