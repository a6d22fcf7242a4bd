"""What a line of the ledger says: a forecast, or how one came out.

Lines are kept for good: a field that comes later gets a default, which is what earlier lines say; none is taken away.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import MISSING, asdict, dataclass, fields
from datetime import date, datetime
from functools import cached_property
from math import isfinite
from pathlib import Path
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from sim.record.cases import WAVE_MONTHS, later
from sim.record.country import DEFAULT
from sim.registry.chain import ChainError, Content, Link
from sim.registry.truth import Asked
from sim.verification.scores import interval_score

Quantiles = dict[str, float]
"""Values by their level, written as in the forecast table."""


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """A forecast as it was registered: of a yes-no question its probability, of a number its quantiles.

    Attributes
    ----------
    registered: when, UTC. hindcast: whether the truth could be known then; such are never pooled with the others.
    state: that it is about. scenario, scenario_digest: its name, and the SHA-256 of what it resolved to.
    run: digest of all that made the run.
    run_content: SHA-256 of the run's manifest, which lists its files. code: digest of code and tables.
    record, record_ends: digest of the record, and its last day. days_beyond_record: from then to `as_of`.
    members, seed: of the run. as_of: its origin.
    id, text, target: of the question. due: the day that decides it at the latest. asked: its time and comparison.
    probability: of yes, as published: the pooled one where there is one. quantiles: of a number, likewise.
    model_probability, mcse, low, high: the model's own, its error, its range over judgement where it has one.
    model_quantiles: of a number, the model's own.
    persistence: chance of yes if all stays as it was known on `as_of`, one half where that was not known; of a number
        persistence_quantiles, None where nothing was known.
    """

    entry: Literal["forecast"] = "forecast"
    registered: datetime
    hindcast: bool
    scenario: str
    scenario_digest: str
    run: str
    run_content: str
    code: str
    record: str
    record_ends: date
    days_beyond_record: int
    members: int
    seed: int
    as_of: date
    id: str
    text: str
    target: str
    due: date
    asked: dict[str, Any]
    probability: float | None = None
    model_probability: float | None = None
    mcse: float | None = None
    low: float | None = None
    high: float | None = None
    quantiles: Quantiles | None = None
    model_quantiles: Quantiles | None = None
    persistence: float | None = None
    persistence_quantiles: Quantiles | None = None
    state: str = DEFAULT

    def __post_init__(self) -> None:
        """Refuse what nothing could score: raises ValueError, TypeError or ArithmeticError."""
        if bool(self.question.compared) != self.yes_no or not (self.yes_no or self.quantiles):
            raise ValueError("neither a probability nor quantiles")
        if self.yes_no:
            self.question.holds(0.0)
        # refused where the calendar ends, since what comes near it is looked for too
        later(self.question.due, WAVE_MONTHS)
        chances = (self.probability or 0.0, self.persistence or 0.0)
        if self.members not in range(1, 2**63) or not all(0.0 <= chance <= 1.0 for chance in chances):
            raise ValueError("no chance")
        for quantiles in (self.quantiles, self.persistence_quantiles):
            # what no score comes of would be written as a line that nothing can read
            if quantiles is not None and not isfinite(interval_score(quantiles, 0.0)):
                raise ValueError("no quantiles")

    @cached_property
    def question(self) -> Asked:
        """What is asked, and when; raises ValueError or TypeError if that is no question."""
        return Asked.read(self.target, self.as_of, self.asked)

    @property
    def yes_no(self) -> bool:
        """Whether it is the probability of an event, rather than the distribution of a number."""
        return self.probability is not None


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """How a forecast came out, and its score; the forecast's own line stays as it is.

    Attributes
    ----------
    resolved: when, UTC. forecast: digest of the line that it is about. id: of its question, for who reads the file.
    outcome: 1 for yes and 0 for no, or the number. basis: what says so. record, record_ends: as of a forecast.
    brier, log_score: of a probability. interval_score: of quantiles. persistence_score: the rival's Brier or interval
    score; None if it said nothing.
    """

    entry: Literal["resolution"] = "resolution"
    resolved: datetime
    forecast: str
    id: str
    outcome: float
    basis: str
    record: str
    record_ends: date
    brier: float | None = None
    log_score: float | None = None
    interval_score: float | None = None
    persistence_score: float | None = None


def content_of(entry: Forecast | Resolution) -> Content:
    """Return an entry as a line holds it: dates as text."""
    said = asdict(entry)
    return {name: each.isoformat() if isinstance(each, date) else each for name, each in said.items()}


def entry_of(link: Link, path: Path) -> Forecast | Resolution:
    """Return what a line says; raises ChainError if it is neither a forecast nor a resolution."""
    kind = Resolution if link.content.get("entry") == "resolution" else Forecast
    hints = get_type_hints(kind)
    needed = {field.name for field in fields(kind) if field.default is MISSING}
    if unlike := (link.content.keys() - hints.keys()) | (needed - link.content.keys()):
        raise ChainError(
            f"{path}: line {link.number} is no {kind.__name__.lower()} that this version can read, for its "
            f"{min(unlike)!r:.60}; a later one may"
        )
    found = {}
    for name, value in link.content.items():
        try:
            found[name] = _as_type(value, hints[name])
        except (ValueError, TypeError):
            wrong = f"line {link.number}: {name} is not what it must be; no command wrote it"
            raise ChainError(f"{path}: {wrong}") from None
    try:
        return kind(**found)
    except (ValueError, TypeError, ArithmeticError):
        wrong = f"line {link.number} holds no question that can be read; no command wrote it"
        raise ChainError(f"{path}: {wrong}") from None


def _as_type(value: Any, hint: Any) -> Any:
    """Return a value of JSON as what a field holds; raises ValueError or TypeError if it cannot be."""
    if hint in (date, datetime):
        return hint.fromisoformat(value)
    if isinstance(hint, UnionType):
        for each in get_args(hint):
            with suppress(ValueError, TypeError):
                return _as_type(value, each)
    elif get_origin(hint) is dict and isinstance(value, dict):
        return {name: _as_type(each, get_args(hint)[1]) for name, each in value.items()}
    elif hint is Any or type(value) is hint or value in get_args(hint):
        return value
    raise ValueError(value)


def forecasts_of(links: Sequence[Link], path: Path) -> list[tuple[Link, Forecast, Resolution | None]]:
    """Return the forecasts of a ledger, each with its line, and how it came out once that is scored.

    Raises ChainError if a line is none that a command wrote.
    """
    entries = [(link, entry_of(link, path)) for link in links]
    resolutions: dict[str, Resolution] = {}
    for link, entry in entries:
        if isinstance(entry, Resolution) and resolutions.setdefault(entry.forecast, entry) is not entry:
            twice = f"line {link.number} scores a forecast a second time"
            raise ChainError(f"{path}: {twice}; no command wrote it")
    return [
        (link, entry, resolutions.get(link.digest)) for link, entry in entries if isinstance(entry, Forecast)
    ]
