"""What the two case studies measure: forecasts of the gas discount, and of 2014 from the first of March.

Each function returns rows of a table. What a forecaster may know comes from ``gather(record, origin)``, `model_run` and
`rival_forecasts`, which all stop at the origin's `known_on`; outcomes come from the whole record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
import pages

from sim.arrays import FloatArray
from sim.clock import month_label, month_number
from sim.forecasting import samples
from sim.mechanisms.choice import POSTURES
from sim.record.cases import (
    CHAPTER_WITHIN_YEAR,
    LEADS,
    SANCTIONS_WITHIN_YEAR,
    Case,
    chapters_by,
    event_case,
    figure_case,
    later,
    text_cases,
)
from sim.record.observations import Record
from sim.record.record_series import recorded_labels
from sim.rivals import rival_forecasts
from sim.rivals.figures import student
from sim.verification.scorecard import GIVEN, MODEL, NO_INCENTIVES, NO_INCENTIVES_GIVEN
from sim.verification.scores import band, reduced
from sim.verification.variants import VARIANTS, chance, run_forecast
from sim.world.facts import Facts, gather

if TYPE_CHECKING:
    import xarray as xr

Row = dict[str, Any]

TOLD_UNTIL = date(2023, 12, 31)
"""The last day of which the cases tell: contracts since then are extensions by weeks and months, another case."""

TOLD = pages.toml("case_studies.toml")
"""Reported prices by "price", those "left_out", and what was "told" of alignment in 2014."""

PERSISTENCE = "persistence"
GAS_ORIGINS = (
    *(date(year, 1, 1) for year in range(2016, 2020)),
    *(date(year, month, 1) for year in range(2020, 2024) for month in (1, 7)),
)
"""Every year while the record has no prices; every half-year from 2020, so that those of 2021 and 2022 are met."""

BREAK = date(2014, 3, 1)
BREAK_UNTIL = date(2015, 12, 31)
BREAK_VARIANTS = tuple(v for v in VARIANTS if v.name in {MODEL, NO_INCENTIVES, GIVEN, NO_INCENTIVES_GIVEN})
BREAK_RIVALS = ("persistence", "climatology", "succession")

_LAG = 9  # months from Brent to the price, as every contract on record has it
_NINETY = (
    1.645  # standard deviations: a contract's stated range is a central 90 per cent, as in `sim.world.facts`
)

BANDS = ("median", "low50", "high50", "low90", "high90")


@dataclass(frozen=True)
class Price:
    """A reported price, USD per 1000 m3, with the months for which it was told."""

    name: str
    start: date
    end: date
    low: float
    high: float
    contract: date
    words: str
    source: str
    url: str

    @property
    def months(self) -> range:
        return range(month_number(self.start), month_number(self.end) + 1)


REPORTED = tuple(Price(**entry) for entry in TOLD["price"])
"""The reported prices in the order of their months."""


# --- the gas discount ---


def as_recorded(record: Record) -> Facts:
    """Return all facts of the record, as if its last row were known."""
    rows = [row["known_on"] for resource in record.resources.values() for row in resource.rows]
    return gather(record, max(rows) + timedelta(days=1))


def by_terms(facts: Facts, month: int) -> tuple[float, float, float]:
    """Return the price by the recorded terms of a month: low end, middle, high end of the stated range of its slope."""
    contract = facts.contracts[max(start for start in facts.contracts if start <= month)]
    if contract.fixed:
        return contract.price, contract.price, contract.price
    brent = facts.prices[month - _LAG][1]
    apart = float(np.exp(_NINETY * contract.slope_spread))
    middle = contract.slope * brent
    return middle / apart, middle, middle * apart


def discount(price: float, market: float) -> float:
    return 1.0 - price / market


def terms_table(record: Record) -> Iterator[Row]:
    """Yield per month the market price and the discount by the recorded terms; a dear contract is a low discount."""
    facts = as_recorded(record)
    for month in range(month_number(TOLD_UNTIL) + 1):
        market = facts.prices[month][0]
        cheap, middle, dear = by_terms(facts, month)
        yield {
            "month": month_label(month),
            "market": market,
            "price": middle,
            "discount": discount(middle, market),
            "low": discount(dear, market),
            "high": discount(cheap, market),
        }


def held(record: Record, origin: date, month: int) -> FloatArray:
    """Return persistence: the discount by the terms and prices last known, spread as its past changes over the gap.

    On the logarithm of price over market, where a discount has no bound; Student's t with as many degrees of freedom as
    there were changes that do not overlap.
    """
    facts = gather(record, origin)
    last = max(facts.prices)
    past = np.array([np.log(by_terms(facts, m)[1] / facts.prices[m][0]) for m in range(last + 1)])
    steps = month - last
    changes = past[steps:] - past[:-steps]
    return 1.0 - np.exp(student(float(past[-1]), sqrt(float(np.mean(changes**2))), changes.size / steps))


def gas_until(record: Record, origin: date) -> date:
    """Return the last day that is forecast from an origin: the longest lead, or the record's end."""
    return min(later(origin, max(LEADS)) - timedelta(days=1), TOLD_UNTIL)


def gas_rows(record: Record, origin: date, data: xr.Dataset) -> Iterator[Row]:
    """Yield the model's and persistence's forecasts of the discount in every month from an origin on."""
    first = month_number(origin)
    for month in range(first, month_number(gas_until(record, origin)) + 1):
        at: Row = {"origin": str(origin), "lead": month - first + 1, "month": month_label(month)}
        lapsed = float(samples(data, "contract_lapsed", month).mean())
        yield at | {"forecaster": MODEL} | _bands(samples(data, "gas_discount", month)) | {"lapsed": lapsed}
        yield at | {"forecaster": PERSISTENCE} | _bands(held(record, origin, month)) | {"lapsed": np.nan}


def meetings(price: Price, origins: Sequence[date]) -> list[tuple[date, int]]:
    """Return from which origins a price was forecast, and for which month: at the declared leads, else the nearest."""
    pairs = [
        (abs(month - month_number(origin) + 1 - lead), origin, month)
        for month in price.months
        for origin in origins
        for lead in LEADS
        if month_number(origin) <= month < month_number(origin) + max(LEADS)
    ]
    nearest = min(off for off, *_ in pairs)
    return sorted({(origin, month) for off, origin, month in pairs if off == nearest}, reverse=True)


def place(row: Mapping[str, Any], low: float, high: float) -> str:
    """Return where a point or range lies: in the band of 50 or of 90 per cent, partly in the latter, above or below."""
    for share in ("50", "90"):
        if row[f"low{share}"] <= low and high <= row[f"high{share}"]:
            return f"in the {share} % band"
    if high < row["low90"]:
        return "below the 90 % band"
    return "above the 90 % band" if low > row["high90"] else "partly in the 90 % band"


def _bands(values: FloatArray, *, discrete: bool = False) -> Row:
    sample = reduced(values, discrete=discrete)
    ends = [band(sample, share, discrete=discrete) for share in (0.0, 0.5, 0.9)]
    found = (ends[0][0], *ends[1], *ends[2])
    return {name: end + 0.0 for name, end in zip(BANDS, found, strict=True)}  # a count of minus zero is zero


# --- the break of March 2014 ---

CHANCES = ("chance0", "chance1", "chance2", "chance3")

_HALF, _YEAR, _NEXT = date(2014, 6, 30), date(2014, 12, 31), date(2015, 12, 31)
_FIGURES = (
    ("2014-H1", "cfsp_alignment", date(2014, 1, 1), _HALF),
    ("2014-H2", "cfsp_alignment", date(2014, 7, 1), _YEAR),
    ("2014", "cfsp_alignment", date(2014, 1, 1), _YEAR),
    ("2015", "cfsp_alignment", date(2015, 1, 1), _NEXT),
    ("2014", "un_position", date(2014, 1, 1), _YEAR),
    ("2014-06", "eu_support", None, _HALF),
    ("2014-12", "eu_support", None, _YEAR),
)
_YEAR_ENDS = (("2014-12", _YEAR), ("2015-12", _NEXT))


def break_cases(record: Record) -> Iterator[tuple[str, Case]]:
    """Yield the window's name and the case of each outcome; what the record does not hold has no number as outcome."""

    def case(target: str, start: date | None, end: date, outcome: float) -> Case:
        return replace(figure_case(target, BREAK, start, end), outcome=outcome)

    yield from (("2014-03-27", text) for text in text_cases(record, BREAK, date(2014, 4, 1)))
    for window, target, start, end in _FIGURES:
        seen = {(o.start, o.end): o.value for o in record.observations(target)}
        yield window, case(target, start, end, seen.get((start, end), np.nan))
    for window, end in _YEAR_ENDS:
        yield window, case("chapters_opened", None, end, float(chapters_by(record, end)))
    for target in (CHAPTER_WITHIN_YEAR, SANCTIONS_WITHIN_YEAR):
        event = event_case(record, target, BREAK)
        if event is not None:
            yield "to 2015-02", event
    labels = {label.month: POSTURES.index(label.posture) for label in recorded_labels(record)}
    for window, end in _YEAR_ENDS:
        yield window, case("posture", None, end, float(labels[month_number(end)]))
    war = {month_number(row["month"]): row["regime"] for row in record.table("war")}
    yield "to 2014-12", case("war", BREAK, _YEAR, float(war[month_number(_YEAR)] != "none"))


def forecast_of(data: xr.Dataset, case: Case) -> FloatArray:
    """Return a run's forecast of a case: members' values, or a chance per class; of a posture also of having none."""
    month = month_number(case.end)
    if case.target == "war":
        return chance(samples(data, "war", month) > 0.0)
    if case.target == "posture":
        codes = samples(data, "posture", month).astype(np.int64)
        hits = np.bincount(np.where(codes < 0, len(POSTURES), codes), minlength=len(POSTURES) + 1)
        return np.asarray((hits + 0.5) / (codes.size + 0.5 * hits.size))
    return run_forecast(data, case)


def break_rows(record: Record, forecaster: str, data: xr.Dataset) -> Iterator[Row]:
    """Yield a variant's forecasts of every outcome of 2014."""
    for window, case in break_cases(record):
        yield _row(window, case, forecaster, forecast_of(data, case.blind()))


def rival_rows(record: Record) -> Iterator[Row]:
    """Yield the rivals' forecasts, where they have one."""
    for window, case in break_cases(record):
        if case.target not in {"posture", "war"}:
            for name, made in rival_forecasts(record, case, only=BREAK_RIVALS).items():
                yield _row(window, case, name, made)


def _row(window: str, case: Case, forecaster: str, made: FloatArray) -> Row:
    row: Row = {"target": case.target, "window": window, "forecaster": forecaster, "outcome": case.outcome}
    row |= dict.fromkeys((*BANDS, *CHANCES), np.nan)
    if case.classes:
        return row | {f"chance{i}": float(share) for i, share in enumerate(made)}
    return row | _bands(made, discrete=case.kind == "count")


def month_of(label: str) -> int:
    """Return the month number of a label such as "2016-01"."""
    return month_number(date.fromisoformat(f"{label}-01"))
