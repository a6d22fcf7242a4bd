"""A scored forecast as a row of the table of all cases and forecasters."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.arrays import FloatArray
from sim.cases import Case
from sim.verification import scores

DATES = ("origin", "start", "end")
WORDS = ("target", "kind", "text", "name", "forecaster")

COLUMNS = (
    *("target", "kind", "origin", "lead", "start", "end", "text", "name", "outcome", "forecaster"),
    *("median", "low50", "high50", "low90", "high90", "chance0", "chance1", "chance2"),
    *("crps", "log_score", "brier", "pit", "atom"),
)
"""Columns of the table: the case, the forecast (a figure's median and bands, or a chance per class), its scores.

`atom` is the chance that a figure's forecast gave to the very value that came: of a count more than nothing."""


def table(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Return rows as a table with a number in every column that is no date and no word."""
    found = pd.DataFrame(list(rows), columns=list(COLUMNS))
    numbers = [name for name in COLUMNS if name not in (*DATES, *WORDS, "lead")]
    return found.astype(dict.fromkeys(numbers, "float64") | {"lead": "int64"})


def write(rows: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV, under its own name only when it is whole."""
    partial = path.with_name(f".{path.name}.partial")
    rows.to_csv(partial, index=False, lineterminator="\n")
    partial.replace(path)


def read(path: Path) -> pd.DataFrame:
    """Read a table as it was written: the same numbers, dates and words."""
    with path.open(encoding="utf-8", newline="") as file:
        return table({name: _cell(name, row[name]) for name in row} for row in csv.DictReader(file))


def as_scored(case: Case, forecast: FloatArray) -> FloatArray:
    """Return what of a forecast is scored: a sample's thousand quantiles, a chance per class as it is."""
    return forecast if case.classes else scores.reduced(forecast, discrete=case.kind == "count")


def scored(case: Case, forecaster: str, forecast: FloatArray) -> dict[str, Any]:
    """Return the row of a forecast: of a sample of any size, or of a chance per class."""
    row: dict[str, Any] = dict.fromkeys(COLUMNS)
    row |= {name: getattr(case, name) for name in COLUMNS[:9]} | {"forecaster": forecaster}
    if case.classes:
        outcome = int(case.outcome)
        row |= {f"chance{i}": float(chance) for i, chance in enumerate(forecast)}
        row["brier"] = scores.brier(forecast, outcome)
        if case.kind != "event":  # of events the Brier score alone was declared
            row["log_score"] = scores.log_score_of_chances(forecast, outcome)
        return row
    discrete, sample = case.kind == "count", as_scored(case, forecast)
    row["median"] = scores.band(sample, 0.0, discrete=discrete)[0]
    for share in scores.BANDS:
        low, high = scores.band(sample, share, discrete=discrete)
        row |= {f"low{100 * share:.0f}": low, f"high{100 * share:.0f}": high}
    row["crps"] = scores.crps(sample, case.outcome)
    row["log_score"] = scores.log_score(sample, case.outcome, discrete=discrete)
    row["pit"] = scores.pit(sample, case.outcome)
    row["atom"] = float(np.mean(sample == case.outcome))
    return row


def _cell(name: str, text: str) -> str | date | float | None:
    if name in WORDS:
        return text
    if name in DATES:
        return date.fromisoformat(text) if text else None
    return float(text) if text else None
