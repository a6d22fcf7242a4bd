"""What a figure is about: a recorded variable of a run, its name in words, its unit, when it comes out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.arrays import FloatArray
from sim.assimilation.dataset import LEVELS
from sim.clock import MONTHS_PER_YEAR
from sim.forecasting.samples import quantiles, variable_of
from sim.mechanisms.choice import UNDEFINED
from sim.model.variables import RECORDED
from sim.names import InputError, unknown
from sim.quantities.catalogue import QUANTITIES, span_of, targets
from sim.quantities.quantity import Kind, Span
from sim.record.country import Country
from sim.runs.members import at, not_kept
from sim.runs.results import Run
from sim.words import between, number, percent, sentence, when


class FigureError(InputError):
    """A figure that cannot be drawn: says what was asked for and what there is."""


@dataclass(frozen=True, eq=False)
class Series:
    """A recorded variable of a run, in the months in which a figure of it comes out.

    Attributes
    ----------
    name: as asked for. label: its name in words, as a sentence begins. meaning: one phrase. unit: of its values.
    span: the window of a windowed figure. kind, categories: as in the catalogue.
    months: month numbers. bands: quantiles over members at .05, .25, .5, .75 and .95, shape (5, months), of numbers.
    shares: share of members in each category, shape (categories, months), of categories. Of a run that learned both
        are of its particles before the origin.
    last: the values that come out last in the forecast, shape (members,); of no member if none comes out.
    members: how many there are. first_month: the first simulated month of the run.
    """

    name: str
    label: str
    meaning: str
    unit: str
    span: Span
    kind: Kind
    categories: tuple[str, ...]
    months: NDArray[np.int64]
    bands: FloatArray
    shares: FloatArray
    last: FloatArray
    members: int
    first_month: int

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its values: the categories, or no and yes; nothing of numbers."""
        return ("no", "yes") if self.kind == "binary" else self.categories

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
    def axis_unit(self) -> str:
        """The unit of an axis of values; nothing where they are written as per cent."""
        return "" if self.as_percent else self.unit.replace("m3", "m³")

    @property
    def last_when(self) -> str:
        """The time of these values in words."""
        return when(int(self.months[-1]), self.span)

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
        return self.say(value) + (f" {self.axis_unit}" if money else "")

    def range_in_words(self, low: float, high: float) -> str:
        """Return a range in words, for example "15 to 90 %"."""
        return between(self.say(low, beside=high), self.say(high, beside=low))


def series(run: Run, variable: str) -> Series:
    """Return a target or a recorded variable of a run. Of a variable's values no more than the last are kept.

    Raises FigureError if the run records no such variable, or did not keep it.
    """
    name = variable_of(variable)
    if name not in RECORDED:
        raise FigureError(unknown("variable", variable, sorted({*targets(), *RECORDED})))
    if name not in run.data:
        raise FigureError(str(not_kept(variable)))
    quantity = QUANTITIES.get(variable) or RECORDED[variable]
    months = np.arange(run.first_month, run.scenario.last_month + 1)
    values = at(run.data, name, [int(month) for month in months])
    comes_out = ~np.isnan(values).any(axis=0)
    if name == "posture":
        comes_out &= ~(values == UNDEFINED).any(axis=0)
    categories = range(len(quantity.categories))
    bands, shares = [], []
    for column in (values[:, place].astype(np.float64) for place in np.flatnonzero(comes_out)):
        if quantity.kind == "category":
            shares.append([(column == code).mean() for code in categories])
        elif quantity.kind != "binary":
            bands.append(quantiles(column, LEVELS, discrete=quantity.discrete))
    ahead = comes_out & (months >= run.scenario.first_month)
    past_months, past_bands, past_shares = _past(run, name)
    return Series(
        name=variable,
        label=label_of(variable, run.country),
        meaning=run.country.fill(quantity.meaning),
        unit=quantity.unit,
        span=span_of(name),
        kind=quantity.kind,
        categories=quantity.categories,
        months=np.concatenate([past_months, months[comes_out]]),
        bands=np.concatenate([past_bands, np.reshape(bands, (len(bands), len(LEVELS))).T], axis=1),
        shares=np.concatenate([past_shares, np.reshape(shares, (len(shares), len(categories))).T], axis=1),
        last=values[:, np.flatnonzero(ahead)[-1]].astype(np.float64) if ahead.any() else np.empty(0),
        members=len(values),
        first_month=run.scenario.first_month,
    )


def _past(run: Run, name: str) -> tuple[NDArray[np.int64], FloatArray, FloatArray]:
    """Return months before those that members record, with the particles' bands and shares in them."""
    bands, shares = (np.empty((rows, 0)) for rows in (len(LEVELS), len(RECORDED[name].categories)))
    if run.learned and name == "posture":
        shares = run.data["past_posture"].to_numpy()
        months = np.flatnonzero(np.isclose(shares.sum(axis=0), 1.0))
        return months, bands, shares[:, months]
    if run.learned and name in run.data["quantity"]:
        bands = run.data["past_bands"].sel(quantity=name).to_numpy().astype(np.float64)
        months = np.flatnonzero(~np.isnan(bands).any(axis=0))
        return months, bands[:, months], shares
    return np.empty(0, dtype=np.int64), bands, shares


def label_of(variable: str, country: Country) -> str:
    """Return the name of a quantity in words, as a sentence begins; its meaning where it has no shorter one."""
    quantity = QUANTITIES.get(variable) or RECORDED[variable]
    return country.fill(quantity.label or sentence(quantity.meaning))
