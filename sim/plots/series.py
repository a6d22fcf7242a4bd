"""What a figure is about: a recorded variable of a run, its name in words, its unit, when it comes out."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.catalogue import QUANTITIES, Kind
from sim.country import load_country
from sim.forecasting.samples import quantiles, variable_of
from sim.mechanisms.posture import UNDEFINED
from sim.plots.words import minus, percent, sentence, when
from sim.results import Run

FloatArray = NDArray[np.float64]
Span = Literal["", "half-year", "year"]


class FigureError(ValueError):
    """A figure that cannot be drawn: says what was asked for and what there is."""


_NAMES = {
    "cfsp_alignment": "{state}'s share of EU declarations joined",
    "cfsp_alignment_year": "{state}'s share of EU declarations joined",
    "cfsp_alignment_half": "{state}'s share of EU declarations joined",
    "un_position": "{state}'s position in UN votes",
    "eu_support": "Support for EU membership",
    "eu_support_published": "Support for EU membership",
    "chapters_opened": "The count of chapters opened",
    "gas_discount": "The discount on {patron}n gas",
    "sanctions": "Sanctions on {patron} in force",
    "posture": "{state}'s posture towards {patron}",
    "market_price": "The market price of gas",
    "contract_price": "The contract price of gas",
    "brent": "The price of Brent crude oil",
    "credibility": "Belief in the EU's offer",
    "pressure": "The EU's pressure",
    "lean": "{state}'s lean",
    "arms": "Arms from {state} that reach Ukraine",
    "displeasure": "{patron}'s displeasure with {state}",
    "belief": "{patron}'s belief that {state} delivers arms",
    "normalisation": "Normalisation with Kosovo",
    "dependence": "The {patron}n share of {state}'s gas",
    "media_effort": "{patron}'s media effort in {state}",
    "deniability": "The deniability of arms deliveries",
    "veto_resolve": "{patron}'s resolve to use its veto",
    "join_other": "{state}'s readiness to join other declarations",
    "russia_affinity": "Affinity for {patron} among voters",
    "relative_position": "{state}'s place between {patron} and the EU in the UN",
    "sanctions_chance": "The chance of sanctions in a month",
    "statement_belief": "The belief on which {patron} weighed a statement",
    "baseline_lean": "The lean without incentives",
}
_SPANS: dict[str, Span] = {
    "cfsp_alignment": "year",
    "cfsp_alignment_year": "year",
    "cfsp_alignment_half": "half-year",
    "un_position": "year",
}
_KINDS: dict[str, Kind] = {"share": "share", "probability": "share", "count": "count", "0 or 1": "binary"}
_KINDS_OF_CODES = "code"


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
            return f"{value:.0f}"
        if self.as_percent:
            return percent(value)
        size = max(abs(value), abs(beside))
        places = 0 if size >= 20 else 1 if size >= 5 else 2
        return minus(f"{value:,.{places}f}")

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
    known = [str(name) for name, array in data.data_vars.items() if array.dims == ("member", "month")]
    name = variable_of(variable)
    if name not in known:
        raise FigureError(unknown("variable", variable, {*known, "cfsp_alignment"}))
    array = data[name] if member is None else data[name].isel(member=[member])
    values = array.to_numpy().astype(np.float64)
    quantity = QUANTITIES.get(variable)
    if name == "posture":
        values = np.where(values == UNDEFINED, np.nan, values)
    comes_out = ~np.isnan(values).any(axis=0)
    attributes = {key: str(value) for key, value in array.attrs.items()}
    meaning = quantity.meaning if quantity else attributes.get("long_name", name)
    return Series(
        name=variable,
        label=label_of(variable, meaning),
        meaning=meaning,
        unit=quantity.unit if quantity else attributes.get("units", ""),
        span=_SPANS.get(variable, ""),
        kind=quantity.kind if quantity else _kind(attributes.get("units", "")),
        categories=quantity.categories if quantity else (),
        months=np.flatnonzero(comes_out),
        values=values[:, comes_out],
        first_month=run.scenario.first_month,
    )


def label_of(variable: str, meaning: str) -> str:
    """Return the name of a variable in words, as a sentence begins; its meaning where it has no shorter one."""
    seated = load_country()
    return _NAMES.get(variable, sentence(meaning)).format(state=seated.state, patron=seated.patron)


def unknown(kind: str, given: str, known: Iterable[str]) -> str:
    """Return what to say of a name that is not known: the nearest, and all there are."""
    names = sorted(known)
    near = difflib.get_close_matches(given, names, 1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"unknown {kind} {given!r}{hint} (there are: {', '.join(names)})"


def _kind(unit: str) -> Kind:
    return "category" if unit == _KINDS_OF_CODES else _KINDS.get(unit, "real")
