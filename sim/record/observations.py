"""The record: what was observed, and when it became known.

A state's record is a Frictionless data package in two folders: one CSV file per resource, in the state's own `record`
folder or, of what belongs to the world, in that beside the states; the common `datapackage.json` states every column's
type, unit and bounds, the state's own how far each table covers. Every row has `known_on`, the day from which a
forecaster could have known it, so that `until` gives the record as it stood on a past day.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from sim.clock import month_number
from sim.names import InputError, unknown
from sim.record.country import DEFAULT
from sim.record.resources import ALL_TABLES, Resource, Row, StatedFacts, described, read_resource

STATE_YEARS_AT_LEAST = 5.0
"""Judgement: one year of the five states, so that early origins have a proper prior."""


class BeyondRecordError(InputError):
    """An origin lies beyond the record's end: says where that is, and what can be done."""


@dataclass(frozen=True)
class Observation:
    """One published figure of a target; `start` is None for a figure of a single day."""

    target: str
    start: date | None
    end: date
    value: float
    trials: int | None
    spread: float | None
    known_on: date
    source: str

    @property
    def months(self) -> int:
        """The calendar months that the window touches; 0 of a figure of a single day."""
        return 0 if self.start is None else month_number(self.end) - month_number(self.start) + 1

    @property
    def odd(self) -> bool:
        """Whether the window is none that is published again and again: it can be known, but not forecast."""
        return self.months not in (0, 6, 12)


def unweighed(seen: Observation, as_of: date) -> str | None:
    """Return why nothing that is learned up to an origin is weighed by an observation; None if it is.

    History ends with the month before the origin's: that month is forecast, and nothing of it is learned from, known or
    not, figures like all else.
    """
    if seen.known_on > as_of:
        return "known only later"
    if month_number(seen.end) >= month_number(as_of):
        return "of the origin's own month, which is forecast"
    return None


@dataclass(frozen=True)
class ReferenceClass:
    """States that had not joined EU sanctions on Russia by 2014: how many have, in how many state-years."""

    adoptions: int
    state_years: float


@dataclass(frozen=True, repr=False)
class Record:
    """What was observed, as tables that know when each row became known.

    >>> from datetime import date
    >>> record = Record.load().until(date(2023, 3, 10))
    >>> [row["vote"] for row in record.table("un_votes")][-1]
    'yes'
    """

    resources: Mapping[str, Resource]
    files_digest: str
    ends: date
    """The last day on which anything was looked for: of later days the record says nothing."""
    state: str = DEFAULT
    known_until: date | None = None
    scope: str = "all of it"
    added: tuple[Observation, ...] = ()
    stated: StatedFacts = field(default_factory=StatedFacts)

    @classmethod
    def load(cls, state: str = DEFAULT) -> "Record":
        """Read the record of a state, given by name or path; a table that it lacks is read as one without rows.

        Raises
        ------
        sim.record.country.StateError: there is no such state.
        RecordError: a value does not fit its column, or a file that is needed is missing or none of the record's.
        """
        package, content, digest = described(state)
        resources = [read_resource(entry, content.get(entry["path"])) for entry in package["resources"]]
        ends = date.fromisoformat(package["endsOn"])
        return cls({resource.name: resource for resource in resources}, digest, ends, state)

    def until(self, as_of: date) -> "Record":
        """Return what was known on `as_of`: the rows with `known_on` up to that day.

        A cell that became known later than its row (its column names another date column as `knownOn` in the
        schema) is None until that date.
        """
        resources = {name: _known(resource, as_of) for name, resource in self.resources.items()}
        known_until = min(as_of, self.known_until or as_of)
        return replace(self, resources=resources, scope=f"known on {as_of}", known_until=known_until)

    def table(self, resource: str) -> tuple[Row, ...]:
        """Return the rows of a resource in the order of its file; raises KeyError for an unknown resource."""
        if resource not in self.resources:
            raise KeyError(unknown("resource of the record", resource, self.resources))
        return self.resources[resource].rows

    def with_observations(self, rows: Iterable[Observation]) -> "Record":
        """Return the record with observations added to its own; `digest` then names both."""
        more = tuple(rows)
        if not more:
            return self
        resource = self.resources["observations"]
        as_rows = [{name: getattr(row, name, None) for name in resource.columns} for row in more]
        resources = dict(self.resources)
        resources["observations"] = replace(resource, rows=(*resource.rows, *as_rows))
        told = [self.files_digest, *([str(cell) for cell in astuple(row)] for row in more)]
        digest = hashlib.sha256(json.dumps(told).encode()).hexdigest()
        return replace(self, resources=resources, files_digest=digest, added=(*self.added, *more))

    def with_facts(self, stated: StatedFacts) -> "Record":
        """Return the record with facts added to its tables, or tables that cover more; `digest` then names both."""
        if not stated:
            return self
        resources, ends = dict(self.resources), self.ends
        for name, rows in stated.rows.items():
            resource = resources[name]
            by_time = sorted((*resource.rows, *rows), key=lambda row: row[resource.time_field or "known_on"])
            resources[name] = replace(resource, rows=tuple(by_time))
        for name, day in stated.covered.items():
            if name == ALL_TABLES:
                ends = max(ends, day)
            for each in self.covered() if name == ALL_TABLES else (name,):
                until = resources[each].covers_until
                resources[each] = replace(resources[each], covers_until=max(day, until or day))
        digest = hashlib.sha256(json.dumps([self.files_digest, stated.written()]).encode()).hexdigest()
        return replace(self, resources=resources, files_digest=digest, ends=ends, stated=stated)

    def not_imposed(self, as_of: date) -> Iterator[tuple[str, date, str]]:
        """Yield table, day and reason of each fact stated that was known on `as_of` and that no history imposes."""
        for name, rows in self.stated.rows.items():
            time = self.resources[name].time_field or "known_on"
            for row in rows:
                if row["known_on"] > as_of or not isinstance(day := row[time], date):
                    continue
                if month_number(day) >= month_number(as_of) and name != "contracts":
                    yield name, day, "of the origin's own month, which is forecast"
                elif name in self.covered() and month_number(day) > self.complete_until(name):
                    until = self.resources[name].covers_until
                    yield name, day, f"after {until}, up to which {name} covers; coverage.csv can say more"

    def told(self, as_of: date) -> dict[str, Any]:
        """Return what a provenance says of the record that a forecast from `as_of` knew."""
        return {
            "digest": self.digest(),
            "added": len(self.added),
            "stated": self.stated.counted(),
            "ends": str(self.ends),
            "days_beyond": self.days_beyond(as_of),
        }

    def observations(self, target: str, *, odd: bool = False) -> tuple[Observation, ...]:
        """Return the canonical series of a target, by end date; raises ValueError for an unknown target.

        Figures of odd windows are left out if not asked for: the model and its rivals know them, nothing scores them.
        """
        resource = self.resources["observations"]
        if target not in (known := resource.columns["target"]["constraints"]["enum"]):
            raise ValueError(unknown("target", target, known))
        names = Observation.__dataclass_fields__
        rows = (row for row in resource.rows if row["target"] == target)
        found = (Observation(**{name: row[name] for name in names}) for row in rows)
        # A half-year comes before the year that ends later, a year before its own second half.
        in_order = sorted(found, key=lambda item: (item.end, item.start or item.end))
        return tuple(item for item in in_order if odd or not item.odd)

    def covered(self) -> tuple[str, ...]:
        """Return the names of the tables that say what did not happen too, as far as they cover."""
        return tuple(name for name, resource in self.resources.items() if resource.covers_until is not None)

    def complete_until(self, resource: str) -> int:
        """Return the number of the last whole month of which a table says what happened, and so also what did not.

        Raises ValueError for a table whose gaps say nothing.
        """
        until = self.resources[resource].covers_until
        if until is None:
            raise ValueError(unknown("table that says what did not happen", resource, self.covered()))
        day = until if self.known_until is None else min(until, self.known_until)
        return month_number(day + timedelta(days=1)) - 1

    def days_beyond(self, as_of: date) -> int:
        """Return how many days an origin lies after the record's end; 0 if it does not."""
        return max((as_of - self.ends).days, 0)

    def hold(self, as_of: date, *, beyond: bool = False) -> None:
        """Hold an origin against the record's end; raises BeyondRecordError if it lies after it, and not `beyond`."""
        if not beyond and self.days_beyond(as_of):
            raise BeyondRecordError(
                f"as_of {as_of} is beyond the record, which ends on {self.ends}: what happened between is not in it, "
                f"and would be simulated; set as_of to {self.ends} at the latest, or state what happened since with "
                "--record DIR (docs/data.md), or simulate it with --beyond-record (in Python beyond_record=True)"
            )

    def chapters_opened(self) -> tuple[Row, ...]:
        """Return the row of each negotiating chapter that was opened, by day."""
        return tuple(row for row in self.table("accession") if row["kind"] == "opened")

    def sanctions(self) -> list[date]:
        """Return the days on which the state joined a measure that counts as sanctions on Russia, in order."""
        joined = (row for row in self.table("joins") if row["joined"] and row["counts_as_sanctions"])
        return sorted(row["date"] for row in joined)

    def digest(self) -> str:
        """Return the SHA-256 of the names and the content of all files, whatever part of them is selected."""
        return self.files_digest

    def __repr__(self) -> str:
        observed = Counter(row["target"] for row in self.table("observations"))
        known = [row["known_on"] for resource in self.resources.values() for row in resource.rows]
        said = (
            f"Record ({self.scope}): {len(known)} rows in {len(self.resources)} resources",
            f"  observations: {', '.join(f'{target} {count}' for target, count in observed.items())}",
            f"  known from {min(known)} to {max(known)}" if known else "  nothing was known",
            f"  digest {self.files_digest[:16]}",
        )
        return "\n".join(said)


def reference_class_count(as_of: date, record: Record | None = None) -> ReferenceClass:
    """Count adoptions of sanctions and the years at risk in a record's reference class, as known on `as_of`.

    A state is at risk from the day of Council Decision 2014/145/CFSP to its adoption, or to `as_of` while no
    adoption is known. The state-years are at least 5, one year of the five states (judgement).
    """
    rows = (record or Record.load()).until(as_of).table("reference_class")
    adoptions = sum(row["adopted_on"] is not None for row in rows)
    days = sum(((row["adopted_on"] or as_of) - row["at_risk_from"]).days for row in rows)
    return ReferenceClass(adoptions, max(days / 365.25, STATE_YEARS_AT_LEAST))


def state_years_since(as_of: date, since: date, record: Record | None = None) -> float:
    """Return the state-years at risk in the reference class from `since` to `as_of`, as known then, at least 1/2."""
    rows = (record or Record.load()).until(as_of).table("reference_class")
    days = sum(max(((row["adopted_on"] or as_of) - since).days, 0) for row in rows)
    return max(days / 365.25, 0.5)


def _known(resource: Resource, as_of: date) -> Resource:
    """Return a table as it was known on a day; see `Record.until`."""
    later = [(name, each["knownOn"]) for name, each in resource.columns.items() if "knownOn" in each]

    def known(row: Row) -> Row:
        late = [pair for pair in later if row[pair[1]] is not None and row[pair[1]] > as_of]
        return {**row, **{name: None for pair in late for name in pair}} if late else row

    return replace(resource, rows=tuple(known(row) for row in resource.rows if row["known_on"] <= as_of))
