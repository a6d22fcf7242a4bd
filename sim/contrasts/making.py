"""Two runs of the same members compared: outcomes and questions, with intervals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Literal

import pandas as pd
import xarray as xr

from sim.arrays import IntArray
from sim.clock import last_ended, month_end
from sim.contrasts.assumptions import ContrastError, assumed, beliefs_apart, first_month_apart, refusals
from sim.contrasts.pairs import Pairs, paired, paired_chance
from sim.forecasting import came_true
from sim.forecasting.errors import LEVEL, islands_of
from sim.forecasting.questions import IN_FORCE, came_true_pooled
from sim.forecasting.samples import Pool, outcome_by_month, pool_of, year_ends
from sim.parameters.table import alternatives
from sim.quantities.catalogue import QUANTITIES, askable
from sim.record.country import load_country
from sim.runs.results import Run
from sim.scenario import Question, Scenario

_Sides = tuple[xr.Dataset, xr.Dataset]
_Rows = Iterable[Mapping[str, Any]]
_CHANCE = "probability"
_WORDS = {"text", "resolution"}  # of a question; what is asked stands in its other fields


@dataclass(frozen=True, kw_only=True)
class Difference(Pairs):
    """A paired difference of an outcome at a date, or of a question.

    Attributes
    ----------
    kind: "outcome" or "question". name: the outcome's name, or the question's id. category: of a category, else empty.
    text: the outcome's meaning, or the question. date: on which it is read, or decided at the latest.
    unit: of the differences; "probability" for questions, categories and 0/1.
    judged_low, judged_high: range of the difference over what the record cannot settle, each judgement being held in
        both runs; of questions, sanctions and posture where both runs learned, else None.
    pooled_baseline, pooled_value: of a question about a figure that is pooled, its probability in the pooled forecast
        and what the run makes of that, members' figures being moved as the baseline's are; else None.
    The numbers are those of `sim.contrasts.pairs.Pairs`.
    """

    kind: Literal["outcome", "question"]
    name: str
    category: str
    text: str
    date: date
    unit: str
    judged_low: float | None = None
    judged_high: float | None = None
    pooled_baseline: float | None = None
    pooled_value: float | None = None


@dataclass(frozen=True, repr=False)
class Contrast:
    """What a run's assumptions change against a baseline, all else equal: the same members with the same luck.

    Attributes
    ----------
    run, baseline: the two runs.
    differences: run less baseline, of questions, then of outcomes.
    assumed: in words, what the run assumes otherwise. beliefs: parameters of which it believes otherwise: members then
        share their rows and luck, not their numbers; of runs that learned, the luck from the origin on alone.
    first_month: the first month in which members can differ, None if they cannot.
    until: the common horizon.
    """

    run: Run
    baseline: Run
    differences: tuple[Difference, ...]
    assumed: tuple[str, ...]
    beliefs: tuple[str, ...]
    first_month: int | None
    until: date

    @property
    def questions(self) -> tuple[Difference, ...]:
        """Those of every question that the run asks in the common horizon, but for what the baseline asks otherwise."""
        return tuple(item for item in self.differences if item.kind == "question")

    @property
    def outcomes(self) -> tuple[Difference, ...]:
        """Those of every outcome at each year's end and at the common horizon's end."""
        return tuple(item for item in self.differences if item.kind == "outcome")

    def acts_after(self, item: Difference) -> int | None:
        """Return the first month apart where all that a difference is about lies before it: no member can differ."""
        before = self.first_month is not None and last_ended(item.date) < self.first_month
        return self.first_month if before else None

    @property
    def members(self) -> int:
        """How many members both have."""
        return int(self.run.provenance["members"])

    @property
    def provenance(self) -> dict[str, Any]:
        """What both runs share, what sets them apart, and where they lie."""
        made, sides = self.run.provenance, {"run": self.run, "baseline": self.baseline}
        return {
            **{name: made[name] for name in ("seed", "members", "as_of", "content")},
            "until": str(self.until),
            "interval": LEVEL,
            "assumed": list(self.assumed),
            **{
                side: {"scenario": run.provenance["scenario"], "folder": str(run.folder)}
                for side, run in sides.items()
            },
        }

    def summary(self) -> pd.DataFrame:
        """Return all differences as a table, questions first, one row each."""
        rows = [{**asdict(difference), "verdict": difference.verdict} for difference in self.differences]
        first = ["kind", "name", "category", "date", "unit"]
        return pd.DataFrame(rows)[[*first, *(k for k in rows[0] if k not in (*first, "text")), "text"]]

    def __repr__(self) -> str:
        found = [difference.verdict for difference in self.differences]
        apart = sum(verdict in ("higher", "lower") for verdict in found)
        return (
            f"Contrast of {self.run.provenance['scenario']} with {self.baseline.provenance['scenario']}: "
            f"{self.members} members, seed {self.run.provenance['seed']}\n"
            f"  origin {self.run.provenance['as_of']}, until {self.until}\n"
            f"  assumed: {'; '.join(self.assumed) or 'nothing else'}\n"
            f"  {len(self.questions)} questions, {len(self.outcomes)} outcomes\n"
            f"  away from zero: {apart}; the same in every member: {found.count('same')}"
        )


def contrast(run: Run, baseline: Run) -> Contrast:
    """Compare a run with a baseline, member by member: run less baseline.

    The horizons may differ: the shorter one counts. Beliefs may differ: the members share rows and luck then.

    Raises ContrastError if the runs do not share seed, members, origin, code and record, or have one member only.
    """
    if reasons := refusals(run, baseline):
        raise ContrastError(
            f"{run.folder} and {baseline.folder} cannot be compared member by member:\n  "
            + "\n  ".join(reasons)
        )
    ours, theirs = run.scenario, baseline.scenario
    pool = pool_of(theirs, baseline.record, baseline.data)
    rows = ([*side.table("questions"), *side.table("ranges")] for side in (run, baseline))
    apart = differences(run.data, baseline.data, ours, theirs, pool)
    return Contrast(
        run=run,
        baseline=baseline,
        differences=tuple(_with_ranges(apart, *rows, state=ours.state)),
        assumed=tuple(assumed(ours, theirs)),
        beliefs=tuple(beliefs_apart(ours, theirs)),
        first_month=first_month_apart(ours, theirs),
        until=min(ours.until, theirs.until),
    )


def _with_ranges(
    found: Iterable[Difference], rows: _Rows, before: _Rows, *, state: str
) -> Iterator[Difference]:
    """Yield each difference with its range over judgement, where both sides have one.

    Parameters
    ----------
    rows, before: answers of the run and of the baseline, as their tables have them, with a column for each judgement.
        What a judgement adds is theirs; the difference that it is added to may be of fewer members.
    """
    sides = [{_about(row): row for row in side} for side in (rows, before)]
    others = [each.id for each in alternatives(state)]
    for item in found:
        category = IN_FORCE if item.name == "sanctions" else item.category
        key = (item.name,) if item.kind == "question" else (item.name, category, item.date)
        ours, theirs = (side.get(key, {}) for side in sides)
        shared = [name for name in others if None not in (ours.get(name), theirs.get(name))]
        added = [ours[name] - theirs[name] - ours["probability"] + theirs["probability"] for name in shared]
        under = [item.difference + more for more in (0.0, *added)]
        yield replace(item, judged_low=min(under), judged_high=max(under)) if added else item


def _about(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return (row["id"],) if "id" in row else (row["target"], row["category"], row["date"])


def differences(
    data: xr.Dataset,
    baseline_data: xr.Dataset,
    scenario: Scenario,
    baseline: Scenario,
    pool: Pool | None = None,
    *,
    outcomes: bool = True,
) -> list[Difference]:
    """Return the paired differences of two data sets of the same members, judged together, questions first.

    Parameters
    ----------
    data, baseline_data: on (member, month), as `sim.simulate` returns them with one seed and number of members.
    scenario, baseline: what they were simulated from. pool: of the baseline, if there is one.
    outcomes: not of questions alone.
    """
    sides, specs = (data, baseline_data), (scenario, baseline)
    islands, apart = islands_of(data), first_month_apart(*specs)
    found = list(_questions(sides, specs, pool, islands, apart))
    if outcomes:
        last = min(scenario.last_month, baseline.last_month)
        months = year_ends(scenario.first_month, last)
        # one variable after another, since all may not fit into memory; told by date
        others = [each for name in askable() for each in _outcomes(sides, name, months, islands, apart)]
        fill = load_country(scenario.state).fill
        found += [replace(each, text=fill(each.text)) for each in sorted(others, key=lambda each: each.date)]
    together = max(sum(item.discordant > 0 for item in found), 1)
    return [replace(item, together=together) for item in found]


def _questions(
    sides: _Sides,
    specs: tuple[Scenario, Scenario],
    pool: Pool | None,
    islands: IntArray | None,
    apart: int | None,
) -> Iterator[Difference]:
    """Yield the differences of the questions that can be put to both, the same before the month `apart`.

    Those are the scenario's, its own too, but for what the baseline asks otherwise or cannot answer.
    """
    theirs, last = {question.id: _asked(question) for question in specs[1].questions}, specs[1].last_month
    for question in specs[0].questions:
        if theirs.get(question.id, _asked(question)) != _asked(question) or question.last_month > last:
            continue
        hits, before = (came_true(*each) for each in zip(sides, (question, question), specs, strict=True))
        same = apart is None or question.last_month < apart
        value, baseline = (
            None if (moved := came_true_pooled(side, question, spec, pool)) is None else float(moved.mean())
            for side, spec in zip(sides, specs, strict=True)
        )
        yield Difference(
            **asdict(paired_chance(hits, before, islands, same=same)),
            kind="question",
            name=question.id,
            category="",
            text=question.text,
            date=question.last_day,
            unit=_CHANCE,
            pooled_baseline=baseline,
            pooled_value=value,
        )


def _asked(question: Question) -> dict[str, Any]:
    return {name: value for name, value in vars(question).items() if name not in _WORDS}


def _outcomes(
    sides: _Sides,
    name: str,
    months: list[int],
    islands: IntArray | None,
    apart: int | None,
) -> Iterator[Difference]:
    """Yield the differences of an outcome at the months' ends, the same before the month `apart`."""
    quantity = QUANTITIES[name]
    both = (outcome_by_month(side, name, months) for side in sides)
    for (month, category, values), (_, _, before) in zip(*both, strict=True):
        yield Difference(
            **asdict(paired(values, before, islands, same=apart is None or month < apart)),
            kind="outcome",
            name=name,
            category=category,
            text=quantity.meaning,
            date=month_end(month),
            unit=_CHANCE if values.dtype == bool else quantity.unit,
        )
