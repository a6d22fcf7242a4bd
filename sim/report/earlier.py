"""The same question from earlier origins: asked once by who wants to know, kept as runs, told with what came since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

from sim.forecasting import forecast
from sim.observations import Record
from sim.plots.words import day_in_words
from sim.progress import Progress
from sim.report.answers import Answer, answers_of
from sim.report.past import told_by_origin
from sim.report.tables import Table
from sim.report.words import per_cent
from sim.results import Run, is_finished
from sim.scenario import Scenario, to_toml


def as_of_earlier(scenario: Scenario, day: date) -> Scenario:
    """Return a scenario as of an earlier day: with its beliefs and questions, and none of its events.

    Events are what is assumed at its own origin: some, as an election that was called, are facts that came later.

    Raises
    ------
    ValueError: if the day is no earlier than the scenario's origin, or before the model's time.
    """
    if day >= scenario.as_of:
        raise ValueError(
            f"{day} is no earlier than the origin of {scenario.name}, {scenario.as_of}; name a day before it"
        )
    name, title = f"{scenario.name}-as-of-{day}", f"{scenario.title} As of {day_in_words(day)}"
    return replace(scenario, name=name, title=title, as_of=day, events=())


def ask_earlier(
    run: Run, days: Sequence[date], *, results: Path | str = "results", progress: Progress = None
) -> list[Run]:
    """Ask a run's questions as of earlier days, with its members, particles and seeds, and keep the runs in `results`.

    What the record says up to each day is learned first, told no more than was known then.

    Raises
    ------
    ValueError: as of `as_of_earlier`. sim.assimilation.CollapseError: if no particle comes near the record.
    """
    made = run.provenance
    learned = made["posterior"]
    scenarios = [as_of_earlier(run.scenario, day) for day in days]
    return [
        forecast(
            scenario,
            members=made["members"],
            seed=made["seed"],
            learned=run.learned,
            particles=learned["particles"] if learned else None,
            learning_seed=learned["seed"] if learned else None,
            record=None if run.record.digest() == Record.load().digest() else run.record,
            output=results,
            progress=progress,
        )
        for scenario in scenarios
    ]


def kept_earlier(run: Run, results: Path) -> list[Run]:
    """Return the runs that `ask_earlier` kept of a run, by their origin; those of other code are left out."""
    folders = results.glob(f"{run.scenario.name}-as-of-*/*")
    found = (Run.load(folder) for folder in folders if is_finished(folder))
    asked = ("content", "members", "seed")
    same = [
        each
        for each in found
        if each.scenario.as_of < run.scenario.as_of
        and [each.provenance[name] for name in asked] == [run.provenance[name] for name in asked]
        and to_toml(each.scenario) == to_toml(as_of_earlier(run.scenario, each.scenario.as_of))
    ]
    return sorted(same, key=lambda each: each.scenario.as_of)


def earlier_table(run: Run, answer: Answer, results: Path) -> tuple[Table, str] | None:
    """Return what was kept of a question from earlier origins, with the facts between, and that in words; else None."""
    said = [
        (each.scenario.as_of, item)
        for each in kept_earlier(run, results)
        for item in answers_of(each)
        if item.question.id == answer.question.id
    ]
    if not said:
        return None
    said.append((run.scenario.as_of, answer))
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
        "runs of the same scenario without its events, kept by serbia-sim report --earlier; the facts are from the "
        "record (serbia-sim data)",
        "earlier.csv",
        [
            ["origin", "probability", "low", "high"],
            *([str(day), i.probability, i.low, i.high] for day, i in said),
        ],
    )
    return table, words
