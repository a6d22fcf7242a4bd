"""Settle what has come due, by the record or by a file of observations, and score it once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, partial
from math import log
from pathlib import Path
from typing import Any, Literal

from sim.names import InputError
from sim.record.observation_file import Fault, Line, read_observations
from sim.record.observations import Record
from sim.registry.chain import Chain, Content, Link, append, read_chain
from sim.registry.entries import Forecast, Resolution, content_of, forecasts_of
from sim.registry.registering import FILE, FOLDER
from sim.registry.truth import came, came_by_record, points_stated
from sim.verification.scores import interval_score

State = Literal["open", "due", "scored"]


@dataclass(frozen=True)
class Standing:
    """Where a registered forecast stands.

    Attributes
    ----------
    link: its line. resolution: how it came out, once it is scored.
    state: open until its date, then due, then scored. why: what is due cannot be settled for this reason.
    """

    link: Link
    forecast: Forecast
    resolution: Resolution | None
    state: State
    why: str = ""


@dataclass(frozen=True)
class Resolved:
    """What came of resolving: digests of the lines scored just now, where all stand, rows that could not be used."""

    new: frozenset[str]
    standings: tuple[Standing, ...]
    faults: tuple[Fault, ...]


def resolve(
    folder: Path | str = FOLDER,
    observations: Path | str | None = None,
    *,
    record: Record | None = None,
    now: datetime | None = None,
) -> Resolved:
    """Score the forecasts of a ledger that can be settled and were not yet: append a line for each.

    Parameters
    ----------
    observations: CSV with the columns target, start, end, value, trials, source, for what the record does not say;
        where both speak, the record counts. record: of all forecasts; each state's own if not given.
    now: the present if not given.

    Raises
    ------
    ChainError: if the ledger is not as it was written.
    sim.record.observation_file.ObservationFileError: if the file cannot be read at all.
    """
    path, at = Path(folder) / FILE, now or datetime.now(UTC).replace(microsecond=0)
    lines, faults, stated = _stated(observations, at.date())
    records = cache(partial(_record_of, given=record))

    def say(links: Sequence[Link]) -> Iterator[Content]:
        for link, said, done in forecasts_of(links, path):
            known = records(said.state)
            if done is not None or isinstance(known, str):
                continue
            basis, outcome = "record", came_by_record(said.question, known)
            if isinstance(outcome, str) and lines:
                basis, outcome = stated, came(said.question, points_stated(said.question, lines), at.date())
            if isinstance(outcome, float):
                resolution = Resolution(
                    resolved=at,
                    forecast=link.digest,
                    id=said.id,
                    outcome=outcome,
                    basis=basis,
                    record=known.digest(),
                    record_ends=known.ends,
                    **_scores(said, outcome),
                )
                yield content_of(resolution)

    written = append(path, say) if path.exists() else []
    new = frozenset(link.content["forecast"] for link in written)
    _, standings = read_ledger(folder, record=record, today=at.date())
    return Resolved(new, standings, tuple(faults))


def read_ledger(
    folder: Path | str = FOLDER, *, record: Record | None = None, today: date | None = None
) -> tuple[Chain, tuple[Standing, ...]]:
    """Return a ledger's chain, and where each of its forecasts stands; raises ChainError if it was changed."""
    path = Path(folder) / FILE
    chain = read_chain(path).checked()
    records, day = cache(partial(_record_of, given=record)), today or datetime.now(UTC).date()
    found = []
    for link, said, done in forecasts_of(chain.links, path):
        state: State = "scored" if done else "due" if said.due < day else "open"
        outcome: float | str = ""
        if state == "due":
            known = records(said.state)
            outcome = known if isinstance(known, str) else came_by_record(said.question, known)
        why = outcome if isinstance(outcome, str) else "`serbia-sim resolve` can score it"
        found.append(Standing(link, said, done, state, why))
    return chain, tuple(found)


def _stated(file: Path | str | None, today: date) -> tuple[list[Line], list[Fault], str]:
    """Return what a user's file says of days that have passed, rows that cannot be used, and what names its content."""
    if file is None:
        return [], [], ""
    lines, faults = read_observations(file, today)
    digest = hashlib.sha256(Path(file).read_bytes()).hexdigest()[:16]
    return lines, faults, f"observations {digest}"


def _record_of(state: str, given: Record | None) -> Record | str:
    """Return the record of a state, the one that is given if one is; or why it cannot be read."""
    try:
        return Record.load(state) if given is None else given
    except InputError as error:  # of a folder that is not here, or of a later version
        return str(error)


def _scores(forecast: Forecast, outcome: float) -> dict[str, Any]:
    """Return the scores of a forecast's probability or quantiles, and of persistence beside it."""
    if forecast.probability is None:
        quantiles = forecast.persistence_quantiles
        return {
            "interval_score": interval_score(forecast.quantiles or {}, outcome),
            "persistence_score": None if quantiles is None else interval_score(quantiles, outcome),
        }
    p, rival = forecast.probability, forecast.persistence
    # as in the scorecard: no hit among so many members is no proof that nothing could happen
    said = (p * forecast.members + 0.5) / (forecast.members + 1.0)
    return {
        "brier": (p - outcome) ** 2,
        "log_score": -log(said if outcome else 1.0 - said),
        "persistence_score": None if rival is None else (rival - outcome) ** 2,
    }
