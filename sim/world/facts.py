"""The recorded facts on the monthly grid: what the model imposes, and what the agents had been told by then.

Only what was known on the origin is here. Months from then on hold no facts, but for a contract that was signed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from sim.clock import month_number
from sim.mechanisms.choice import TEXT_KINDS, VOTE_OF
from sim.mechanisms.conditions import FIT_MONTHS, MMBTU_PER_1000_M3, PriceProcess, fit
from sim.mechanisms.energy import TERAJOULE_PER_BCM
from sim.quantities.catalogue import weighed
from sim.record.observations import Observation, Record, ReferenceClass, reference_class_count
from sim.record.resources import RecordError, Row
from sim.world.seen import Contract

_TURNS = ("statement", "denial", "veto trade", "media launch", "interconnector", "report", "halt", "issue")
TOLD_IN = {
    **dict.fromkeys(_TURNS, "turns"),
    **{"sanctions": "joins", "reversal": "joins", "UN texts": "un_votes", "opening": "accession"},
    # a change of coalition stands among the turns, and is as well known as elections are
    **dict.fromkeys(("election", "early election", "coalition"), "elections"),
}
"""By what agents and affairs ask after, the table that says whether it came."""


@dataclass(frozen=True)
class Counted:
    """Declarations of a half-year or year as a source counts them.

    Attributes
    ----------
    half_year: whether the window is a half-year. issued: in all.
    not_joined: of these, not joined by the state. not_joined_russia: of those, Russia-related; None if not told apart.
    """

    half_year: bool
    issued: int
    not_joined: int
    not_joined_russia: int | None


@dataclass(frozen=True)
class Snapshot:
    """A published share of the declarations of whole months: `first_month`, and through that by which it is found."""

    first_month: int
    value: float


@dataclass(frozen=True)
class Facts:
    """Recorded facts up to a forecast's origin, by month number.

    Attributes
    ----------
    first_month: the first simulated month; facts stand in the months before it.
    given_until: prices and the war are the record's in the months before it; the first simulated month, or a later one
        where the surroundings are given as they happened.
    complete_until: by table, the last month of which it says what happened, and so also what did not.
    prices: (gas USD per 1000 m3, Brent USD per barrel) by month, from 2000 on.
    war: regime by month. rungs, chapters: steps and chapters opened in a month.
    texts: in a month, (kind, vote) -> number of UN texts and the state's votes on them.
    apart: (month, kind) of texts on another matter than those of their kind that return: they lay no habit.
    contracts: by first month. deliveries, gdp: (month known, value) in order.
    turns: by kind, what turned in a month: issue (steps), report, denial, statement, halt, media and the like;
        sanctions, by the first measure joined that counts as such.
    elections: months of parliamentary elections. early: those of them that were not yet due.
    poles: by year, the UN ideal points of Russia and of the EU (mean of France and Germany).
    figures: the published figures of a target, by the month in which their window ends.
    declarations: what sources count of the declarations of a window that ends in a month.
    snapshots: by the month in which its window ends, a share of declarations joined of which no figure tells in part.
    process: the price process fitted to the prices known.
    reference_class: what states like it had done about sanctions.
    """

    first_month: int
    given_until: int
    complete_until: Mapping[str, int]
    prices: Mapping[int, tuple[float, float]]
    war: Mapping[int, str]
    rungs: Mapping[int, int]
    chapters: Mapping[int, int]
    texts: Mapping[int, Mapping[tuple[str, str], int]]
    apart: frozenset[tuple[int, str]]
    contracts: Mapping[int, Contract]
    deliveries: tuple[tuple[int, float], ...]
    gdp: tuple[tuple[int, float], ...]
    turns: Mapping[str, Mapping[int, int]]
    elections: frozenset[int]
    early: frozenset[int]
    poles: Mapping[int, tuple[float, float]]
    figures: Mapping[str, Mapping[int, tuple[Observation, ...]]]
    declarations: Mapping[int, tuple[Counted, ...]]
    snapshots: Mapping[int, Snapshot]
    process: PriceProcess
    reference_class: ReferenceClass

    def on_record(self, month: int, what: str) -> bool:
        """Return whether the month is history to what `TOLD_IN` names: before the origin, and covered by its table."""
        return month < self.first_month and month <= self.complete_until[TOLD_IN[what]]

    def opened_in_half(self, month: int) -> tuple[int, int]:
        """Return how many rungs and how many chapters were opened in the half-year that ends with `month`."""
        half = range(month - 5, month + 1)
        return sum(self.rungs.get(m, 0) for m in half), sum(self.chapters.get(m, 0) for m in half)

    def published(self, target: str, month: int) -> tuple[Observation, ...]:
        """Return the figures of a target whose window ends in a month of history, shorter windows first."""
        return self.figures.get(target, {}).get(month, ()) if month < self.first_month else ()

    def turn(self, kind: str, month: int) -> int:
        """Return what turned in a month, 0 if nothing of this kind is on record there."""
        return self.turns.get(kind, {}).get(month, 0)

    def poles_in(self, year: int) -> tuple[float, float]:
        """Return the UN ideal points of Russia and the EU in a year, or in the last known one before it."""
        known = [past for past in self.poles if past <= year]
        return self.poles[max(known, default=min(self.poles))]

    def signed(self, month: int) -> Contract | None:
        """Return the recorded contract that began last by `month`; None before the first."""
        return self.contracts.get(max((start for start in self.contracts if start <= month), default=-1))

    def delivered(self, month: int) -> float:
        """Return the yearly Russian deliveries last published by `month`, billion cubic metres; 0 if none ever was."""
        return _latest(self.deliveries, month)

    def gdp_known(self, month: int) -> float:
        """Return the gross domestic product last published by `month`, USD."""
        return _latest(self.gdp, month)


def gather(record: Record, as_of: date, *, surroundings: bool = False) -> Facts:
    """Return the facts known on `as_of`; the price process is fitted to them alone.

    With `surroundings` prices and the war are given as they happened to the record's end, whenever they became known:
    for asking what the model makes of a world that is told to it.
    """
    known = record.until(as_of)
    first = month_number(as_of)
    told = record if surroundings else known
    given_until = record.complete_until("war") + 1 if surroundings else first
    prices = _prices(told)

    def before(rows: Iterable[Row]) -> Iterator[tuple[int, Row]]:
        return ((month, row) for row in rows if (month := month_number(row["date"])) < first)

    texts: dict[int, Counter[tuple[str, str]]] = {}
    apart = set()
    for month, row in before(known.table("un_votes")):
        if row["kind"] in TEXT_KINDS:
            texts.setdefault(month, Counter())[row["kind"], VOTE_OF[row["vote"]]] += 1
            if row.get("lays_habit") == 0:
                apart.add((month, row["kind"]))
    turns: dict[str, Counter[int]] = {}
    for month, row in before(known.table("turns")):
        of_kind = turns.setdefault(row["kind"], Counter())
        # steps forward and back add up; of two reports in a month the better documented one counts
        add_up = row["kind"] == "issue"
        of_kind[month] = of_kind[month] + row["value"] if add_up else max(of_kind[month], row["value"])
    turns["sanctions"] = Counter(m for day in known.sanctions()[:1] if (m := month_number(day)) < first)
    elections = [
        (month, row) for month, row in before(known.table("elections")) if row["kind"] == "parliamentary"
    ]
    return Facts(
        first_month=first,
        given_until=given_until,
        complete_until={table: known.complete_until(table) for table in known.covered()},
        prices=prices,
        war={
            m: row["regime"] for row in told.table("war") if (m := month_number(row["month"])) < given_until
        },
        rungs=Counter(month for month, row in before(known.table("accession")) if row["kind"] == "status"),
        chapters=Counter(month for month, _ in before(known.chapters_opened())),
        texts=texts,
        apart=frozenset(apart),
        contracts={month_number(row["start"]): _contract(row) for row in known.table("contracts")},
        deliveries=tuple(
            (month_number(r["known_on"]), r["terajoule"] / TERAJOULE_PER_BCM)
            for r in known.table("gas_deliveries")
        ),
        gdp=_gdp(known),
        turns=turns,
        elections=frozenset(month for month, _ in elections),
        early=frozenset(month for month, row in elections if row["timing"] == "early"),
        poles=_poles(known),
        figures={target: _by_month(known.observations(target, odd=True)) for target in weighed()},
        declarations=_declarations(known),
        snapshots=_snapshots(known, first),
        process=_process(tuple(sorted(_prices(known).items()))),
        reference_class=reference_class_count(as_of, record),
    )


def _contract(row: Row) -> Contract:
    fixed = row["kind"] == "fixed"
    return Contract(
        start=month_number(row["start"]),
        end=month_number(row["contract_end"]),
        offered=row["signed_on"] < row["start"],
        fixed=fixed,
        slope=0.0 if fixed else row["slope"],
        # the stated range is read as a central 90 per cent (judgement): 3.29 standard deviations wide
        slope_spread=0.0 if fixed else float(np.log(row["slope_high"] / row["slope_low"])) / 3.29,
        lag=0 if fixed else row["lag_months"],
        price=row["price"] if fixed else 0.0,
        volume=row["volume_bcm"],
    )


def _gdp(known: Record) -> tuple[tuple[int, float], ...]:
    found = tuple((month_number(row["known_on"]), float(row["usd"])) for row in known.table("gdp"))
    if not found and known.table("gas_deliveries"):
        raise RecordError(f"gdp has no row that was known on {known.known_until}: the worth of gas needs one")
    return found or ((0, 1.0),)  # where nothing is delivered the saving is nothing, of whatever


def _prices(record: Record) -> dict[int, tuple[float, float]]:
    """Return gas and Brent by month; a month of which one was not found is without both, since they move together."""
    return {
        month_number(row["month"]): (row["gas_usd_per_mmbtu"] * MMBTU_PER_1000_M3, row["brent_usd_per_bbl"])
        for row in record.table("prices")
        if row["gas_usd_per_mmbtu"] is not None
    }


@lru_cache(maxsize=8)
def _process(prices: tuple[tuple[int, tuple[float, float]], ...]) -> PriceProcess:
    values = np.array([pair for _, pair in prices[-FIT_MONTHS:]])
    return fit(values[:, 0], values[:, 1])


def _by_month(observations: Iterable[Observation]) -> dict[int, tuple[Observation, ...]]:
    found: dict[int, tuple[Observation, ...]] = {}
    for seen in observations:
        month = month_number(seen.end)
        found[month] = (*found.get(month, ()), seen)
    return {
        month: tuple(sorted(several, key=lambda seen: seen.start or seen.end, reverse=True))
        for month, several in found.items()
    }


def _declarations(known: Record) -> dict[int, tuple[Counted, ...]]:
    found: dict[int, tuple[Counted, ...]] = {}
    for row in known.table("declarations"):
        start, end = month_number(row["start"]), month_number(row["end"])
        counted = Counted(end - start < 6, row["issued"], row["not_joined"], row["not_joined_russia_related"])
        found[end] = (*found.get(end, ()), counted)
    return found


def _snapshots(known: Record, before: int) -> dict[int, Snapshot]:
    """Return the shares of windows that ended before a month, newest first; none tells of months that another does."""
    told = {
        month
        for seen in known.observations("cfsp_alignment", odd=True)
        for month in range(month_number(seen.start or seen.end), month_number(seen.end) + 1)
    }
    found = {}
    for row in sorted(known.table("snapshots"), key=lambda row: row["end"], reverse=True):
        start, end = month_number(row["start"]), month_number(row["end"])
        if end < before and told.isdisjoint(window := range(start, end + 1)):
            found[end] = Snapshot(start, row["value"])
            told.update(window)
    return found


def _poles(known: Record) -> dict[int, tuple[float, float]]:
    points: dict[int, dict[str, float]] = {}
    for row in known.table("un_others"):
        points.setdefault(row["year"], {})[row["country"]] = row["ideal_point"]
    return {
        year: (point["Russia"], (point["France"] + point["Germany"]) / 2.0) for year, point in points.items()
    }


def _latest(known: tuple[tuple[int, float], ...], month: int) -> float:
    value = known[0][1] if known else 0.0  # before the first publication its figure is held back
    for known_in, figure in known:
        if known_in <= month:
            value = figure
    return value
