"""The tables of a run, as text and as rows."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from sim.forecasting.pooling import pool_of
from sim.forecasting.questions import Answer, write_chances
from sim.forecasting.ranges import Dated
from sim.forecasting.summary import write_summary
from sim.forecasting.table import forecast_rows, write_rows
from sim.observations import Record
from sim.rows import Row, rows_of
from sim.scenario import Scenario

if TYPE_CHECKING:
    from typing import Any

    import xarray as xr

Judged = tuple[list[Answer], list[Dated]]
"""Answers to questions, and what is said month by month, under every judgement."""


def table_text(name: str, data: xr.Dataset, scenario: Scenario, record: Record, judged: Judged) -> str:
    """Return a table of `sim.storing.TABLES` as the run folder holds it, CSV."""
    answers, months = judged
    text = io.StringIO(newline="")
    match name:
        case "forecast":
            rows = forecast_rows(
                data,
                scenario,
                pool_of(scenario, record),
                days_beyond_record=record.days_beyond(scenario.as_of),
            )
            write_rows(rows, text)
        case "questions":
            write_chances(
                answers, ("id", "text", "pooled", "probability", "mcse", "low", "high", "members"), text
            )
        case "ranges":
            write_chances(months, (), text)
        case _:
            write_summary(data, scenario, text)
    return text.getvalue()


def table(name: str, **made: Any) -> list[Row]:
    """Return a table as it would be read from the run folder."""
    return rows_of(io.StringIO(table_text(name, **made), newline=""))
