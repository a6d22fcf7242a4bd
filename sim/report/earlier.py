"""The same question from earlier origins: asked once by who wants to know, kept as runs, told with what came since."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

from sim.forecasting import forecast
from sim.observations import Record
from sim.progress import Progress
from sim.report.answers import Answer, answers_of
from sim.report.past import told_by_origin
from sim.report.tables import Table
from sim.results import Run, is_finished
from sim.scenario import Scenario, to_toml
from sim.words import day_in_words, per_cent


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


def earlier_table(run: Run, answer: Answer, results: Path) -> tuple[Table, str] | None:
    """Return what was kept of a question from earlier origins, with the facts between, and that in words; else None."""
    kept = [run, *(each for each in _kept(run, results) if _made_alike(each, run))]
    said = [
        (each.scenario.as_of, answer if each is run else item)
        for each in sorted(kept, key=lambda each: each.scenario.as_of)
        for item in answers_of(each)
        if item.question.id == answer.question.id
    ]
    if len(said) < 2:
        return None
    notes = [f"{item.range} by judgement" if item.range else "" for _, item in said]
    notes[-1] = "; ".join(filter(None, (notes[-1], "this run")))
    told = [(day, item.probability, note) for (day, item), note in zip(said, notes, strict=True)]
    before, after = max(pairwise(told), key=lambda pair: abs(pair[1][1] - pair[0][1]))
    words = (
        "The same question as of earlier days: answers of the present model, told no more than was known then; nothing "
        f"was published. It moved most between {day_in_words(before[0])} and {day_in_words(after[0])}, from "
        f"{per_cent(before[1])} to {per_cent(after[1])}."
    )
    table = Table(
        f"As of earlier days: {answer.question.text}",
        ("As known on", "Answer", "What the record has from then on, to the next date"),
        told_by_origin(run, told),
        "runs of the same scenario without its events, kept by serbia-sim report --earlier; facts: serbia-sim data",
        "earlier.csv",
        [
            ["origin", "probability", "low", "high"],
            *([str(day), i.probability, i.low, i.high] for day, i in said),
        ],
    )
    return table, words


def _kept(run: Run, results: Path) -> list[Run]:
    folders = results.glob(f"{run.scenario.name}-as-of-*/*")
    return [Run.load(folder) for folder in folders if is_finished(folder)]


def _made_alike(other: Run, run: Run) -> bool:
    """Return whether a run is what `ask_earlier` makes of another now."""
    if other.scenario.as_of >= run.scenario.as_of:
        return False
    made = (other.provenance, run.provenance)
    same = all(made[0][name] == made[1][name] for name in ("content", "members", "seed"))
    return same and to_toml(other.scenario) == to_toml(as_of_earlier(run.scenario, other.scenario.as_of))
