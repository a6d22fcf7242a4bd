"""What was asked and found: the answer in a sentence, every question with its numbers, runs side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.contrasts.departures import Departure
from sim.observations import Record
from sim.registry.truth import what_came
from sim.report.tables import Cell, Row, Table, marks
from sim.words import (
    HELD,
    change_in_words,
    day_in_words,
    judged,
    judged_in_words,
    likelihood,
    odds,
    per_cent,
    places_of,
)

if TYPE_CHECKING:
    from sim.results import Run
    from sim.scenario import Question


@dataclass(frozen=True)
class Answer:
    """A question with its answer: `probability` is the published one; `pooled` says that the model's own is another.

    `model` is the model's own probability, with its error and its range over judgement, None if it has none.
    """

    question: Question
    probability: float
    model: float
    mcse: float
    low: float | None
    high: float | None
    pooled: bool
    came: str

    @property
    def range(self) -> str:
        """The range over judgement in words, nothing if there is none or it does not matter."""
        ends = judged(self.low, self.high)
        return ends and f"{ends}{HELD}%"

    @property
    def found(self) -> str:
        """The published answer in words and odds."""
        return f"{likelihood(self.probability)}: {odds(self.probability)}"

    @property
    def number(self) -> str:
        """The published answer as a number with what stands beside it, as sentences."""
        said = per_cent(self.probability, None if self.pooled else self.mcse)
        if self.pooled:
            said += f" by the pooled forecast; the model alone {per_cent(self.model, self.mcse)}"
        if self.range:
            said += f", and {self.range} by other judgements of what the record cannot settle"
        return f"{said}. {self.came}".rstrip()


def answers_of(run: Run) -> list[Answer]:
    """Return the answers of a run, in the order of its questions."""
    rows = {row["id"]: row for row in run.table("questions")}
    found, record = [], Record.load(run.scenario.state)
    for question in run.scenario.questions:
        row = rows[question.id]
        model, pooled = row["probability"], row["pooled"]
        numbers = {name: row[name] for name in ("mcse", "low", "high")}
        came = what_came(question, run.scenario.as_of, record)
        published = model if pooled is None else pooled
        found.append(Answer(question, published, model, pooled=pooled is not None, came=came, **numbers))
    return found


def main_answer(answers: Sequence[Answer]) -> Answer | None:
    """Return the answer that the page begins with: the last about an opponent, else the first of all."""
    about = [each for each in answers if each.question.equals == "opponent"]
    last = max(about, key=lambda each: each.question.last_day, default=None)
    return last or next(iter(answers), None)


def question_table(run: Run, answers: Sequence[Answer]) -> Table:
    """Return every question with its published answer, error, range, the model's own where it is another, what came."""
    came = any(each.came for each in answers)
    rows: list[Row] = []
    data: list[Sequence[object]] = [
        ["id", "text", "published", "pooled", "model", "mcse", "low", "high", "came", "decided_by"]
    ]
    for each, mark in zip(answers, marks([_ends(each) for each in answers], most=1.0), strict=True):
        alone = per_cent(each.model, each.mcse)
        ranged = f"{each.range} by judgement" if each.range else ""
        answer = Cell(alone, ranged, mark)
        if each.pooled:
            note = f"pooled; the model alone {alone}" + (f", {ranged}" if ranged else "")
            answer = Cell(per_cent(each.probability), note, mark)
        rows.append([each.question.text, answer, *[each.came] * came])
        numbers = [each.probability, int(each.pooled), each.model, each.mcse, each.low, each.high]
        data.append([each.question.id, each.question.text, *numbers, each.came, each.question.resolution])
    return Table(
        "The published answers",
        ("Question", f"Answer, from 0 to 100{HELD}%", *["What came"] * came),
        rows,
        f"questions.csv of run {run.provenance['digest']}",
        "questions.csv",
        data,
    )


def _ends(answer: Answer) -> tuple[float, float, float, bool]:
    """Return what is drawn of an answer: its range over judgement, about the published probability."""
    middle = answer.probability
    if answer.low is None or answer.high is None or not answer.range or answer.pooled:
        return middle, middle, middle, True
    return answer.low, middle, answer.high, True


def decided_table(run: Run) -> Table:
    """Return how each question is decided."""
    return Table(
        "How each question is decided",
        ("Question", "Decided by", "On"),
        [[q.text, q.resolution, day_in_words(q.last_day)] for q in run.scenario.questions],
        f"scenario.toml of run {run.provenance['digest']}",
        "resolutions.csv",
    )


def side_by_side(
    runs: Sequence[Run],
    names: Sequence[str],
    answers: Sequence[Sequence[Answer]],
    contrasts: Sequence[Departure | None],
) -> Table:
    """Return the questions of several runs beside one another, each with its paired change from the first.

    Parameters
    ----------
    names, answers: of each run. contrasts: of each after the first with the first, None if they share no luck.
    """
    by_id = [{each.question.id: each for each in found} for found in answers]
    texts = {name: each.question.text for found in by_id for name, each in found.items()}
    columns = ("difference", "low", "high", "verdict", "judged_low", "judged_high")
    rows: list[Row] = []
    data: list[Sequence[object]] = [["id", "text", "run", "published", *columns]]
    paired = [{item.name: item for item in each.questions} if each else {} for each in (None, *contrasts)]
    for name, text in texts.items():
        row: list[str | Cell] = [text]
        for run, of_run, of_pairs in zip(runs, by_id, paired, strict=True):
            found, pairs = of_run.get(name), of_pairs.get(name)
            if found is None:
                row.append("not asked")
                continue
            published, pooled = found.probability, found.pooled
            if pairs is not None and pairs.pooled_value is not None:
                published, pooled = pairs.pooled_value, True
            notes = [f"pooled; the model alone {per_cent(found.model)}"] * pooled
            if pairs is not None:
                notes.append(change_in_words(pairs, places=places_of(100.0 * (pairs.high - pairs.low), 2)))
                notes.append(judged_in_words(pairs.judged_low, pairs.judged_high, after=" by judgement"))
            row.append(Cell(per_cent(published), "; ".join(filter(None, notes))))
            numbers = ["" if pairs is None else getattr(pairs, of) for of in columns]
            data.append([name, text, run.provenance["digest"], published, *numbers])
        rows.append(row)
    return Table(
        "Every question in every run: the published answer, and beneath it the paired change of the model's answer "
        "from the first run, in points of per cent; * is no accident of the draws; by judgement, its range over "
        "what the record cannot settle",
        ("Question", *names),
        rows,
        f"questions.csv of runs {', '.join(str(run.provenance['digest']) for run in runs)}",
        "side-by-side.csv",
        data,
    )
