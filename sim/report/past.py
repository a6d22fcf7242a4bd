"""How the forecast changed: the same question from earlier origins, with the facts that came between.

It is asked again by who wants to know, and kept as runs; else the scorecard tells of sanctions within a year.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby, pairwise
from pathlib import Path

from sim.clock import MONTHS_PER_YEAR, month_end, month_number
from sim.execution.progress import Progress
from sim.forecasting import forecast
from sim.record.cases import SANCTIONS_WITHIN_YEAR, Case
from sim.record.country import load_country
from sim.record.observations import Record
from sim.registry.truth import Answer, answers_of
from sim.report.tables import Cell, Row, Table
from sim.runs.results import Run, is_finished
from sim.scenario import Scenario, to_toml
from sim.verification import Scorecard
from sim.verification.scorecard import MODEL
from sim.verification.variants import run_forecast
from sim.words import day_in_words, month_in_words, per_cent


def as_of_earlier(scenario: Scenario, day: date) -> Scenario:
    """Return a scenario as of an earlier day, with its beliefs and questions, and none of its events.

    Events are what is assumed at its own origin: some, as an election that was called, are facts that came later.

    Raises ValueError if the day is no earlier than the scenario's origin, or before the model's time.
    """
    if day >= scenario.as_of:
        raise ValueError(
            f"{day} is no earlier than the origin of {scenario.name}, {scenario.as_of}; name a day before it"
        )
    name, title = f"{scenario.name}-as-of-{day}", f"{scenario.title} As of {day_in_words(day)}"
    return replace(scenario, name=name, title=title, as_of=day, events=())


def ask_earlier(run: Run, day: date, results: Path | str = "results", *, progress: Progress = None) -> Run:
    """Ask a run's questions as of an earlier day, with as many members and particles, and keep that run in `results`.

    Raises ValueError: as of `as_of_earlier`. sim.assimilation.CollapseError: if no particle comes near the record.
    """
    learned = run.provenance["posterior"] or {}
    return forecast(
        as_of_earlier(run.scenario, day),
        members=run.provenance["members"],
        seed=run.provenance["seed"],
        learned=run.learned,
        particles=learned.get("particles"),
        learning_seed=learned.get("seed"),
        record=None if run.record.digest() == Record.load(run.scenario.state).digest() else run.record,
        output=results,
        progress=progress,
    )


def earlier_table(run: Run, answer: Answer, results: Path) -> Table | None:
    """Return what was kept of a question from earlier origins, with the facts between; None if nothing was."""
    folders = filter(is_finished, results.glob(f"{run.scenario.name}-as-of-*/*"))
    kept = [run, *(each for each in map(Run.load, folders) if _made_alike(each, run))]
    said = [
        (each.scenario.as_of, answer if each is run else item)
        for each in sorted(kept, key=lambda each: each.scenario.as_of)
        for item in answers_of(each)
        if item.question.id == answer.question.id
    ]
    if len(said) < 2:
        return None
    notes = [item.judged for _, item in said]
    notes[-1] = "; ".join(filter(None, (notes[-1], "this run")))
    told = [(day, item.probability, note) for (day, item), note in zip(said, notes, strict=True)]
    before, after = max(pairwise(told), key=lambda pair: abs(pair[1][1] - pair[0][1]))
    return Table(
        _told_by_origin(run, told),
        data=[
            {"origin": str(day), "probability": item.probability, "low": item.low, "high": item.high}
            for day, item in said
        ],
        words="The same question as of earlier days: answers of the present model, told no more than was known then; "
        f"nothing was published. It moved most between {day_in_words(before[0])} and {day_in_words(after[0])}, from "
        f"{per_cent(before[1])} to {per_cent(after[1])}.",
    )


def _made_alike(other: Run, run: Run) -> bool:
    """Return whether a run is what `ask_earlier` makes of another now."""
    if other.scenario.as_of >= run.scenario.as_of:
        return False
    same = all(other.provenance[name] == run.provenance[name] for name in ("content", "members", "seed"))
    return same and to_toml(other.scenario) == to_toml(as_of_earlier(run.scenario, other.scenario.as_of))


def origins_table(run: Run, card: Scorecard) -> Table | None:
    """Return what the model says of sanctions within a year at each earlier origin, with what came, if there is one."""
    data, as_of = card.data, run.scenario.as_of
    said = data[(data["target"] == SANCTIONS_WITHIN_YEAR) & (data["forecaster"] == MODEL)]
    said = said[said["origin"] < as_of]
    found = [(row.origin, float(row.chance1), int(row.outcome)) for row in said.itertuples()]
    if not found:
        return None
    chances = [(day, chance, "they came" if came else "none came") for day, chance, came in found]
    last = run.scenario.first_month + MONTHS_PER_YEAR - 1
    if last <= run.scenario.last_month:
        own = Case(SANCTIONS_WITHIN_YEAR, "event", as_of, MONTHS_PER_YEAR, None, month_end(last), 0.0)
        chances.append((as_of, float(run_forecast(run.data, own)[1]), "this run"))
    least, most = (pick(found, key=lambda each: each[1]) for pick in (min, max))
    words = (
        "At earlier dates nothing was published; this is what the present model says of them, told no more than was "
        f"known then. Its chance of sanctions within a year was lowest on {day_in_words(least[0])}, "
        f"{per_cent(least[1])}, and highest on {day_in_words(most[0])}, {per_cent(most[1])}."
    )
    if not any(came for *_, came in found):
        words += " None came: no score can tell whether 1 % or 5 % a year was right."
    data = [{"origin": str(day), "chance": chance, "came": came} for day, chance, came in chances]
    return Table(_told_by_origin(run, chances), data, words)


def _told_by_origin(run: Run, said: Sequence[tuple[date, float, str]]) -> list[Row]:
    """Return a row for each origin: its chance with a note, and what the record has from then on to the next."""
    days = [*(day for day, *_ in said), date.max]
    record = run.record.until(run.scenario.as_of)
    return [
        [
            day_in_words(day),
            Cell(per_cent(chance), note, (0.0, chance, chance, True)),
            "; ".join(fact for _, fact in facts_between(record, since, until)),
        ]
        for (day, chance, note), (since, until) in zip(said, pairwise(days), strict=True)
    ]


_TURNS = {"coalition", "issue", "halt", "interconnector"}
"""Turns of the record that are told; reports and statements about arms are not (judgement)."""


def facts_between(record: Record, since: date, until: date) -> list[tuple[date, str]]:
    """Return what the record has from one day to the day before another, by day: each fact with its date in words."""
    within = sorted({fact for fact in _facts(record) if since <= fact[0] < until})
    return [(day, f"{when or day_in_words(day)}: {what}") for day, when, what in within]


def _facts(record: Record) -> Iterator[tuple[date, str, str]]:
    """Yield day, the time in words where it is no day, and what happened."""
    for before, now in pairwise(record.table("war")):
        if before["regime"] != now["regime"]:
            month = month_in_words(month_number(now["month"]))
            yield now["month"], month, f"war in Ukraine, {now['regime'].replace('_', ' ')}"
    for row in record.table("elections"):
        if row["kind"] == "parliamentary":
            yield row["date"], "", f"parliamentary election, {(row['result'] or 'result open').split(';')[0]}"
    opened = [row for row in record.table("accession") if row["kind"] == "opened"]
    for day, rows in groupby(opened, key=lambda row: row["date"]):
        chapters = [str(row["chapter"]) for row in rows]
        yield day, "", f"the EU opens chapter{'s' * (len(chapters) > 1)} {', '.join(chapters)}"
    for row in record.table("turns"):
        if row["kind"] in _TURNS and row["reason"]:
            about = f"{load_country(record.state).issue}, " if row["kind"] == "issue" else ""
            yield row["date"], "", about + row["reason"].rstrip(".")
    for row in record.table("contracts"):
        if row["signed_on"]:
            yield row["signed_on"], "", f"gas contract with Russia to {day_in_words(row['contract_end'])}"
