"""Tables of the page: cells, and the same numbers as a file to take away; and those of the answers.

What a table is called, and where it comes from, stands in the page's template.
"""

from __future__ import annotations

import csv
import io
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sim.contrasts import Contrast
from sim.names import printable, safe_cell
from sim.registry.truth import Answer
from sim.runs.results import Run
from sim.words import acting, change_in_words, day_in_words, judged_in_words, per_cent, places_of

WIDTH = 120.0
"""Width of the picture of an interval, in its own units."""


Interval = tuple[float, float, float, bool]
"""Low, middle and high, and whether it can be told from zero."""


@dataclass(frozen=True)
class Cell:
    """What stands in a cell: words, smaller words beneath, an interval as a picture."""

    text: str
    note: str = ""
    interval: Interval | None = None

    def __str__(self) -> str:
        return " ".join(filter(None, (self.text, self.note)))


Row = Sequence[str | Cell]


@dataclass(frozen=True)
class Table:
    """A table, or the numbers of a chart.

    Attributes
    ----------
    rows: cells, the first of each names its row. data: the rows of its file by column; those of the table if not given.
    words: what it says, in a sentence that stands before it. most: what its pictures reach at least, to be drawn whole.
    """

    rows: Sequence[Row] = ()
    data: Sequence[Mapping[str, object]] = ()
    words: str = ""
    most: float = 0.0

    def href(self, heads: Sequence[str]) -> str:
        """Return the file, as an address that holds it; `heads` are those of the rows."""
        if self.data:
            return csv_address([[*self.data[0]], *([*row.values()] for row in self.data)])
        return csv_address([heads, *([str(cell) for cell in row] for row in self.rows)])

    def place(self, value: float) -> float:
        """Return where a value lies in its pictures, from 0 to `WIDTH`: all have one scale, which holds zero too."""
        cells = (cell for row in self.rows for cell in row if isinstance(cell, Cell))
        ends = [0.0, self.most, *(end for cell in cells if cell.interval for end in cell.interval[:3])]
        over = (max(ends) - min(ends)) or 1.0
        return round(4.0 + (WIDTH - 8.0) * (value - min(ends)) / over, 1)


def csv_address(rows: Iterable[Sequence[object]]) -> str:
    """Return rows as an address of a CSV file that holds them, no cell of which a spreadsheet takes for a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return f"data:text/csv;charset=utf-8;base64,{b64encode(text.getvalue().encode()).decode()}"


def _safe(cell: object) -> object:
    """Return a cell with an apostrophe before what a spreadsheet would compute; numbers stay as they are."""
    if not isinstance(cell, str):
        return cell
    text = printable(cell)
    try:
        float(text)
    except ValueError:
        return safe_cell(text)
    return text


def answer_cell(answer: Answer) -> Cell:
    """Return a published answer, with the model's own where it is another, and its range as a picture."""
    alone, middle = per_cent(answer.model, answer.mcse), answer.probability
    if answer.pooled:
        note = ", ".join(filter(None, (f"pooled; the model alone {alone}", answer.judged)))
        return Cell(per_cent(middle), note, (middle, middle, middle, True))
    low, high = (answer.low, answer.high) if answer.range else (middle, middle)
    return Cell(alone, answer.judged, (low or 0.0, middle, high or 0.0, True))


def main_answer(answers: Sequence[Answer], question: str | None = None) -> Answer | None:
    """Return the answer that the page begins with: of the question by its id, if it is asked.

    Else it is the last about an opponent, else the first of all.
    """
    if chosen := [each for each in answers if each.question.id == question]:
        return chosen[0]
    about = [each for each in answers if each.question.equals == "opponent"]
    last = max(about, key=lambda each: each.question.last_day, default=None)
    return last or next(iter(answers), None)


def question_table(answers: Sequence[Answer]) -> Table:
    """Return every question with its published answer, error, range, the model's own where it is another, what came."""
    came = any(each.came for each in answers)
    numbers = ("model", "mcse", "low", "high", "came")
    return Table(
        rows=[[each.question.text, answer_cell(each), *[each.came] * came] for each in answers],
        data=[
            {
                **{"id": each.question.id, "text": each.question.text},
                **{"published": each.probability, "pooled": int(each.pooled)},
                **{name: getattr(each, name) for name in numbers},
                "decided_by": each.question.resolution,
            }
            for each in answers
        ],
        most=1.0,
    )


def decided_table(run: Run) -> Table:
    """Return how each question is decided."""
    return Table([[q.text, q.resolution, day_in_words(q.last_day)] for q in run.scenario.questions])


def side_by_side(
    runs: Sequence[Run],
    answers: Sequence[Sequence[Answer]],
    contrasts: Sequence[Contrast | None],
) -> Table:
    """Return the questions of several runs beside one another, each with its paired change from the first.

    Parameters
    ----------
    answers: of each run. contrasts: of each with the first, None of the first and of those that share no luck.
    """
    by_id = [{each.question.id: each for each in found} for found in answers]
    texts = {name: each.question.text for found in by_id for name, each in found.items()}
    columns = ("difference", "low", "high", "verdict", "judged_low", "judged_high")
    rows: list[Row] = []
    data = []
    paired = [{item.name: item for item in each.questions} if each else {} for each in contrasts]
    for name, text in texts.items():
        row: list[str | Cell] = [text]
        for run, of_run, apart, of_pairs in zip(runs, by_id, contrasts, paired, strict=True):
            found, pairs = of_run.get(name), of_pairs.get(name)
            if found is None:
                row.append("not asked")
                continue
            published, pooled = found.probability, found.pooled
            if pairs is not None and pairs.pooled_value is not None:
                published, pooled = pairs.pooled_value, True
            notes = [f"pooled; the model alone {per_cent(found.model)}"] * pooled
            if apart is not None and pairs is not None:
                notes.append(change_in_words(pairs, places=places_of(100.0 * (pairs.high - pairs.low), 2)))
                notes.append(acting(apart.acts_after(pairs)))
                notes.append(judged_in_words(pairs.judged_low, pairs.judged_high, after=" by judgement"))
            row.append(Cell(per_cent(published), "; ".join(filter(None, notes))))
            about = {"id": name, "text": text, "run": run.provenance["digest"], "published": published}
            data.append({**about, **{of: "" if pairs is None else getattr(pairs, of) for of in columns}})
        rows.append(row)
    return Table(rows, data)
