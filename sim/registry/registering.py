"""How the forecasts of a run are registered: a line for each of its questions, and each number at each year's end."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np

from sim.clock import calendar_month, month_number
from sim.forecasting.tables import MODEL, QUANTILE_LEVELS
from sim.names import InputError
from sim.quantities.catalogue import QUANTITIES, TARGETS
from sim.record.cases import FIGURES, figure_case
from sim.record.observations import Record
from sim.registry.chain import Content, Link, append
from sim.registry.entries import Forecast, Quantiles, content_of, entry_of
from sim.registry.truth import Asked, answers_of, as_written, known_then
from sim.rivals import POOLED, rival_forecasts
from sim.runs.manifest import MANIFEST
from sim.runs.results import Run
from sim.scenario import to_toml
from sim.verification.scores import reduced

FOLDER = Path("results") / "ledger"
"""Where the ledger lies if nothing else is said."""

FILE = "ledger.jsonl"


class RegistrationError(InputError):
    """A run cannot be registered as a forecast: says why, and what can be done."""


@dataclass(frozen=True)
class Registered:
    """What came of registering a run.

    Attributes
    ----------
    path: the ledger. new: what was written. known: forecasts of the run that were in the ledger already.
    decided: forecasts left out, since their date had passed.
    """

    path: Path
    new: tuple[Forecast, ...]
    known: tuple[Forecast, ...]
    decided: tuple[Forecast, ...]


def register(
    run: Run, folder: Path | str = FOLDER, *, hindcast: bool = False, now: datetime | None = None
) -> Registered:
    """Append a run's forecasts to the ledger; those that it has already are not written again.

    Parameters
    ----------
    run: in a folder. folder: of the ledger.
    hindcast: register what could be known too, marked as such: the forecasts of a run whose origin lies before the
        record's end, and those whose date has passed.
    now: the time at which it is registered, if not the present.

    Raises
    ------
    RegistrationError: if the run was not written, or the record goes on after its origin and `hindcast` is not said.
    ChainError: if the ledger is not as it was written.
    """
    if run.held is not None:
        raise RegistrationError(
            "a run that is held in memory is gone with the session; write it, with save=True"
        )
    as_of, ends = run.scenario.as_of, run.record.ends
    if as_of < ends and not hindcast:
        raise RegistrationError(
            f"{run.folder}: its origin is {as_of}, and the record goes on to {ends}: what came is known, so this is no "
            f"forecast; take one from {ends} on, or register it as a hindcast with --hindcast"
        )
    path, at = Path(folder) / FILE, now or datetime.now(UTC).replace(microsecond=0)
    made = list(_forecasts(run, at))
    decided = () if hindcast else tuple(each for each in made if each.hindcast)
    found: list[Forecast] = []

    def say(links: Sequence[Link]) -> list[Content]:
        there = {(e.run, e.id) for link in links if isinstance(e := entry_of(link, path), Forecast)}
        found.extend(each for each in made if (each.run, each.id) in there)
        return [content_of(each) for each in made if each not in found and each not in decided]

    written = append(path, say) if len(made) > len(decided) else []
    ids = {link.content["id"] for link in written}
    return Registered(path, tuple(each for each in made if each.id in ids), tuple(found), decided)


def _forecasts(run: Run, at: datetime) -> Iterator[Forecast]:
    record, made = run.record, run.provenance
    common: dict[str, Any] = {
        "registered": at,
        "state": run.scenario.state,
        **{name: made[name] for name in ("scenario", "members", "seed")},
        "scenario_digest": hashlib.sha256(to_toml(run.scenario).encode()).hexdigest(),
        "run": made["digest"],
        "run_content": hashlib.sha256((run.folder / MANIFEST).read_bytes()).hexdigest(),
        "code": made["content"],
        "record": made["record"]["digest"],
        "record_ends": run.record_ends,
        "days_beyond_record": run.days_beyond_record,
        "as_of": run.scenario.as_of,
    }
    for told in (*_questions(run), *_numbers(run, record)):
        truth_known = run.scenario.as_of < record.ends or told["due"] <= at.date()
        yield Forecast(**common, hindcast=truth_known, **told)


def _questions(run: Run) -> Iterator[dict[str, Any]]:
    for answer in answers_of(run):
        question, written = answer.question, as_written(answer.question)
        asked = Asked.read(question.target, run.scenario.as_of, written)
        last = known_then(asked, run.record)
        yield {
            "target": asked.target,
            "due": asked.due,
            "id": question.id,
            "text": question.text,
            "asked": written,
            "persistence": 0.5 if last is None else float(asked.holds(last)),
            "model_probability": answer.model,
            **{name: getattr(answer, name) for name in ("probability", "mcse", "low", "high")},
        }


def _numbers(run: Run, record: Record) -> Iterator[dict[str, Any]]:
    """Yield the forecasts of numbers at the ends of years, or of whole years: their quantiles in the forecast table."""
    found: dict[tuple[str, date | None, date], dict[str, Quantiles]] = {}
    for row in run.table("forecast"):
        start, end = row["target_start_date"], row["target_end_date"]
        of_year = calendar_month(month_number(end)) == 12 and (start is None or start.month == 1)
        if of_year and row["output_type"] == "quantile" and QUANTITIES[row["target"]].kind != "binary":
            of_key = found.setdefault((row["target"], start, end), {}).setdefault(row["model_id"], {})
            of_key[row["output_type_id"]] = row["value"]
    for (target, start, end), by_model in found.items():
        when = {"start": str(start), "end": str(end)} if start else {"at": str(end)}
        asked = Asked.read(target, run.scenario.as_of, when)
        yield {
            "target": asked.target,
            "due": asked.due,
            "id": f"{target.replace('_', '-')}-{end.year}",
            "text": f"{TARGETS[target].short}, {'in' if start else 'at the end of'} {end.year}",
            "asked": when,
            "quantiles": by_model.get(POOLED, by_model[MODEL]),
            "model_quantiles": by_model[MODEL],
            "persistence_quantiles": _persistence(record, asked),
        }


def _persistence(record: Record, asked: Asked) -> Quantiles | None:
    """Return the rival's quantiles of a number, None where it knows none."""
    case = figure_case(asked.target, asked.as_of, asked.when.get("start"), asked.due)
    rivals = rival_forecasts(record, case, only=("persistence",)) if asked.target in FIGURES else {}
    if "persistence" not in rivals:
        return None
    sample = reduced(rivals["persistence"], discrete=QUANTITIES[asked.target].discrete)
    values = np.quantile(sample, QUANTILE_LEVELS)
    return {f"{level:g}": float(f"{value:.6g}") for level, value in zip(QUANTILE_LEVELS, values, strict=True)}
