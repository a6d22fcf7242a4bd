"""What a figure is about: a recorded variable of a run, its name in words, its unit, when it comes out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.catalogue import QUANTITIES, Kind, Span, span_of, targets
from sim.clock import MONTHS_PER_YEAR
from sim.country import load_country
from sim.forecasting.samples import quantiles, variable_of
from sim.mechanisms.posture import UNDEFINED
from sim.names import did_you_mean
from sim.plots.words import number, percent, sentence, when
from sim.recording import RECORDED
from sim.results import Run

FloatArray = NDArray[np.float64]


class FigureError(ValueError):
    """A figure that cannot be drawn: says what was asked for and what there is."""


@dataclass(frozen=True, eq=False)
class Series:
    """A recorded variable of a run, in the months in which a figure of it comes out.

    Attributes
    ----------
    name: as asked for. label: its name in words, as a sentence begins. meaning: one phrase. unit: of its values.
    span: the window of a windowed figure. kind, categories: as in the catalogue.
    months: month numbers. values: shape (members, months).
    first_month: the first simulated month of the run.
    """

    name: str
    label: str
    meaning: str
    unit: str
    span: Span
    kind: Kind
    categories: tuple[str, ...]
    months: NDArray[np.int64]
    values: FloatArray
    first_month: int

    @property
    def members(self) -> int:
        """How many members there are."""
        return len(self.values)

    @property
    def discrete(self) -> bool:
        """Whether single values have a probability of their own."""
        return self.kind in ("count", "binary", "category")

    @property
    def as_percent(self) -> bool:
        """Whether values are read as per cent."""
        return self.unit in ("share", "probability")

    @property
    def ahead(self) -> NDArray[np.bool_]:
        """Which months lie in the forecast, shape (months,)."""
        return self.months >= self.first_month

    @property
    def window(self) -> int:
        """The months that a figure is of; 0 if it is of a month's end."""
        return {"year": MONTHS_PER_YEAR, "half-year": MONTHS_PER_YEAR // 2}.get(self.span, 0)

    @property
    def places(self) -> FloatArray:
        """Where the figures stand on an axis of months: a windowed one in the middle of its window."""
        return np.asarray(self.months + 1.0 - self.window / 2.0, dtype=np.float64)

    @property
    def last(self) -> FloatArray:
        """The values that come out last in the forecast, shape (members,); of no member if none comes out."""
        return self.values[:, -1] if self.ahead.any() else self.values[:0].ravel()

    @property
    def last_when(self) -> str:
        """The time of these values in words."""
        return when(int(self.months[-1]), self.span)

    @cached_property
    def bands(self) -> FloatArray:
        """Quantiles over members at .05, .25, .5, .75 and .95, shape (5, months)."""
        levels = (0.05, 0.25, 0.5, 0.75, 0.95)
        columns = [quantiles(column, levels, discrete=self.discrete) for column in self.values.T]
        return np.array(columns).reshape(-1, 5).T

    def say(self, value: float, *, beside: float = 0.0) -> str:
        """Return a value in words, without its unit unless that is per cent, as exactly as one `beside` it."""
        if self.kind in ("count", "binary"):
            return number(value)
        if self.as_percent:
            return percent(value)
        size = max(abs(value), abs(beside))
        places = 0 if size >= 20 else 1 if size >= 5 else 2
        return number(value, places)

    def say_in_full(self, value: float) -> str:
        """Return a value in words with its unit, where it is money."""
        money = self.unit.startswith(("USD", "EUR"))
        return self.say(value) + (f" {self.unit.replace('m3', 'm³')}" if money else "")

    def range_in_words(self, low: float, high: float) -> str:
        """Return a range in words, for example "15 to 90 %"."""
        first, last = self.say(low, beside=high), self.say(high, beside=low)
        if first == last:
            return first
        return f"{first.removesuffix('%').rstrip()} to {last}" if self.as_percent else f"{first} to {last}"


def series(run: Run, variable: str, *, member: int | None = None) -> Series:
    """Return a target or a recorded variable of a run, of all members or of one.

    Raises
    ------
    FigureError: if the run records no such variable.
    """
    data = run.data
    name = variable_of(variable)
    if name not in RECORDED or name not in data:
        raise FigureError(unknown("variable", variable, {*targets(), *RECORDED}))
    array = data[name] if member is None else data[name].isel(member=[member])
    values = array.to_numpy().astype(np.float64)
    quantity = QUANTITIES.get(variable) or RECORDED[variable]
    if name == "posture":
        values = np.where(values == UNDEFINED, np.nan, values)
    comes_out = ~np.isnan(values).any(axis=0)
    return Series(
        name=variable,
        label=label_of(variable),
        meaning=quantity.meaning,
        unit=quantity.unit,
        span=span_of(name),
        kind=quantity.kind,
        categories=quantity.categories,
        months=np.flatnonzero(comes_out),
        values=values[:, comes_out],
        first_month=run.scenario.first_month,
    )


def label_of(variable: str) -> str:
    """Return the name of a quantity in words, as a sentence begins; its meaning where it has no shorter one."""
    seated, quantity = load_country(), QUANTITIES.get(variable) or RECORDED[variable]
    return (quantity.label or sentence(quantity.meaning)).format(state=seated.state, patron=seated.patron)


def unknown(kind: str, given: str, known: Iterable[str]) -> str:
    """Return what to say of a name that is not known: the nearest, and all there are."""
    names = sorted(known)
    return f"unknown {kind} {given!r}{did_you_mean(given, names)} (there are: {', '.join(names)})"
