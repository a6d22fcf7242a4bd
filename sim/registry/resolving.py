"""Settle what has come due, by the record or by a file of observations, and score it once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, partial
from math import isfinite, log
from pathlib import Path
from typing import Any, Literal

from sim.cases import WAVE_MONTHS, later
from sim.names import InputError
from sim.observation_file import Fault, Line, read_observations
from sim.observations import Record
from sim.registry.chain import Chain, ChainError, Content, Link, append, read_chain
from sim.registry.registering import FILE, FOLDER, Forecast, Resolution, content_of, entry_of
from sim.registry.truth import Asked, came, points_of, points_stated
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
    sim.observation_file.ObservationFileError: if the file cannot be read at all.
    """
    path, at = Path(folder) / FILE, now or datetime.now(UTC).replace(microsecond=0)
    lines, faults, basis = _stated(observations, at.date())

    def say(links: Sequence[Link]) -> list[Content]:
        records = cache(partial(_record_of, given=record))
        return list(_said(links, path, records, at, lines=lines, stated=basis))

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
    forecasts, resolutions = _entries(chain.links, path)
    found = []
    for link, forecast, asked in forecasts:
        scored = resolutions.get(link.digest)
        state: State = "scored" if scored else "due" if forecast.due < day else "open"
        outcome: float | str = ""
        if state == "due":
            known = records(forecast.state)
            outcome = known if isinstance(known, str) else came(asked, points_of(asked, known), known.ends)
        why = outcome if isinstance(outcome, str) else "`serbia-sim resolve` can score it"
        found.append(Standing(link, forecast, scored, state, why))
    return chain, tuple(found)


def _stated(file: Path | str | None, today: date) -> tuple[list[Line], list[Fault], str]:
    """Return what a user's file says of days that have passed, rows that cannot be used, and what names its content."""
    if file is None:
        return [], [], ""
    lines, faults = read_observations(file, today)
    digest = hashlib.sha256(Path(file).read_bytes()).hexdigest()[:16]
    return lines, faults, f"observations {digest}"


def _entries(
    links: Sequence[Link], path: Path
) -> tuple[list[tuple[Link, Forecast, Asked]], dict[str, Resolution]]:
    """Return the forecasts, each with its line and its question, and the resolutions by the line they are about."""
    forecasts: list[tuple[Link, Forecast, Asked]] = []
    resolutions: dict[str, Resolution] = {}
    for link in links:
        entry = entry_of(link, path)
        if isinstance(entry, Forecast):
            forecasts.append((link, entry, _asked(entry, link, path)))
        elif entry.forecast in resolutions:
            twice = f"line {link.number} scores a forecast a second time"
            raise ChainError(f"{path}: {twice}; no command wrote it")
        else:
            resolutions[entry.forecast] = entry
    return forecasts, resolutions


def _asked(forecast: Forecast, link: Link, path: Path) -> Asked:
    try:
        asked = Asked.read(forecast.target, forecast.as_of, forecast.asked)
        if bool(asked.compared) != forecast.yes_no or (not forecast.yes_no and not forecast.quantiles):
            raise ValueError("neither a probability nor quantiles")
        if forecast.yes_no:
            asked.holds(0.0)
        # refused where the calendar ends, since what comes near it is looked for too
        later(asked.due, WAVE_MONTHS)
        chances = (forecast.probability or 0.0, forecast.persistence or 0.0)
        if forecast.members not in range(1, 2**63) or not all(0.0 <= chance <= 1.0 for chance in chances):
            raise ValueError("no chance")
        for quantiles in (forecast.quantiles, forecast.persistence_quantiles):
            # what no score comes of would be written as a line that nothing can read
            if quantiles is not None and not isfinite(interval_score(quantiles, 0.0)):
                raise ValueError("no quantiles")
    except (ValueError, TypeError, ArithmeticError):
        raise ChainError(
            f"{path}: line {link.number} holds no question that can be read; no command wrote it"
        ) from None
    return asked


def _record_of(state: str, given: Record | None) -> Record | str:
    """Return the record of a state, the one that is given if one is; or why it cannot be read."""
    try:
        return Record.load(state) if given is None else given
    except InputError as error:  # of a folder that is not here, or of a later version
        return str(error)


def _said(
    links: Sequence[Link],
    path: Path,
    records: Callable[[str], Record | str],
    at: datetime,
    *,
    lines: Sequence[Line],
    stated: str,
) -> Iterator[Content]:
    """Yield how forecasts came out that can be settled and were not yet; `stated` names the file with the lines."""
    forecasts, resolutions = _entries(links, path)
    for link, forecast, asked in forecasts:
        if link.digest in resolutions:
            continue
        record = records(forecast.state)
        if isinstance(record, str):
            continue
        basis, outcome = "record", came(asked, points_of(asked, record), record.ends)
        if isinstance(outcome, str) and lines:
            basis, outcome = stated, came(asked, points_stated(asked, lines), at.date())
        if isinstance(outcome, str):
            continue
        resolution = Resolution(
            resolved=at,
            forecast=link.digest,
            id=forecast.id,
            outcome=outcome,
            basis=basis,
            record=record.digest(),
            record_ends=record.ends,
            **_scores(forecast, outcome),
        )
        yield content_of(resolution)


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
