"""Rolling origins: the model and its rivals forecast what came, from what was known, again and again.

What is finished is kept, so that the same call goes on and no forecast is made twice: scored origins as tables, and
beside them every variant's forecasts, from which an origin is scored again when only rivals or scores have changed.
"""

from __future__ import annotations

import json
import logging
import platform
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.arrays import FloatArray
from sim.assimilation import DEFAULT_PARTICLES, LEARNING
from sim.clock import month_end, month_number
from sim.contents import PRESENTATION, content_digest, software
from sim.draws.randomness import valid_seed
from sim.execution.cache import Cache, lasting
from sim.execution.locks import alone
from sim.execution.progress import Advance, Share, shown
from sim.execution.workers import OnError, WorkerError, Workers, shared_out
from sim.forecasting import DEFAULT_MEMBERS, DEFAULT_SEED, JUDGING
from sim.forecasting.ensemble import SIMULATING
from sim.record.cases import EVERY, FIRST_ORIGIN, LEADS, Case, cases, origins
from sim.record.country import DEFAULT, resolved, state_digest
from sim.record.observations import Record
from sim.rivals import POOLED, rival_forecasts
from sim.runs.manifest import is_whole, seal, write_text
from sim.runs.results import Run
from sim.verification import scores
from sim.verification.scorecard import MODEL, Scorecard
from sim.verification.variants import VARIANTS, Variant, model_run, pooled_forecast, run_forecast

_SCORING = (
    *PRESENTATION,
    "rivals",
    *(f"verification/{name}.py" for name in ("misses", "pooling", "scorecard", "scores", "scoring")),
)
"""What cannot move a forecast of the model, only how it is scored and beside whom."""

logger = logging.getLogger(__name__)

_RIVALS = "rivals"
_STEPS = {LEARNING: 80, SIMULATING: 10, JUDGING: 20, _RIVALS: 10}  # about as long as each takes, for the bar

_LIBRARIES = ("mesa", "numpy", "pandas", "scipy", "scoringrules", "statsmodels", "xarray")
_SETTINGS, _CASES = "settings.json", "cases"


def hindcast(
    *,
    state: str = DEFAULT,
    first: date = FIRST_ORIGIN,
    last: date | None = None,
    every: int = EVERY,
    leads: Sequence[int] = LEADS,
    members: int = DEFAULT_MEMBERS,
    particles: int = DEFAULT_PARTICLES,
    seed: int = DEFAULT_SEED,
    workers: Workers = 1,
    variants: Sequence[Variant] = VARIANTS,
    keep: Path | str | None = None,
    cache: Cache = True,
    progress: Advance | bool | None = None,
    command: str | None = None,
    on_error: OnError = "stop",
) -> Scorecard:
    """Forecast from every origin, score against what came, beside rivals that knew the same rows.

    Parameters
    ----------
    state: whose record, by its name or its folder's path. first, last, every, leads: which origins and leads, see
        `sim.record.cases.origins`; `docs/declared.md` has the default. members: of each run. particles: of the filter.
        seed: of all draws.
    workers: who forecasts, an origin each, as of `sim.forecasting.ensemble.simulate`; a cluster's must reach `keep`.
    variants: of the model, those of `sim.verification.variants.VARIANTS` by default.
    keep: folder in which finished origins and the variants' forecasts are kept: an interrupted call goes on, origins
        are added. With other leads, variants, rivals or scores origins are scored again from the forecasts, and what
        these lack is simulated; with other members, particles, seed, code or record all are dropped, as a line tells.
        Another call with the same folder is waited for.
    cache: where what was learned is kept, see `sim.forecasting.forecast`.
    progress: True shows a bar; a function is called with the steps done since the last call, `hindcast_steps` in all.
    on_error: "continue" goes on with the other origins where one fails, as long as one is scored; the provenance of the
        scorecard has under "failed" which, and why. The same call makes these again.

    Raises ValueError if there is no such origin.
    """
    seed, state = valid_seed(seed), resolved(state)
    record = Record.load(state)
    dates = origins(record, first=first, last=last, every=every, leads=leads)
    begun = time.perf_counter()
    settings = {
        "state": state,
        "data": state_digest(state),
        "members": members,
        "particles": particles,
        "seed": seed,
        "leads": sorted(leads),
        "variants": [variant.name for variant in variants],
        "content": content_digest(without=PRESENTATION),
    }
    found: dict[date, pd.DataFrame] = {}
    failed: dict[date, str] = {}
    with (
        nullcontext() if keep is None else alone(Path(keep) / ".lock", f"{keep}"),
        shown(progress, "hindcasting", hindcast_steps(len(dates), variants)) as advance,
    ):
        scored = forecasts = None
        if keep is not None:
            made = settings | {"content": content_digest(without=_SCORING)}
            simulated = {key: made[key] for key in made if key not in {"variants", "leads"}}
            forecasts = Shelf(Path(keep) / "forecasts", simulated, "forecasts")
            scored = Shelf(Path(keep) / "origins", settings, "scored origins")
            found = {day: table for day in dates if (table := scored.table(day)) is not None}
        if advance is not None and found:
            advance(hindcast_steps(len(found), variants))

        def take(origin: date, table: pd.DataFrame) -> None:
            found[origin] = table
            if scored is not None:
                scored.put_table(origin, table)

        run = partial(model_run, members=members, particles=particles, seed=seed, state=state)
        work = _Work(state, run, forecasts, tuple(leads), tuple(variants), cache)
        left = [origin for origin in dates if origin not in found]
        noted = failed if on_error == "continue" else None
        shared_out(work, left, workers=workers, progress=advance, finish=take, failed=noted)
    if not found:
        causes = "; ".join(f"{day} ({why})" for day, why in failed.items())
        raise WorkerError(f"every origin failed: {causes}")
    done = [origin for origin in dates if origin in found]
    about = settings | {
        "software": software(*_LIBRARIES),
        "environment": {"python": platform.python_version(), "system": platform.platform()},
        "command": command or "sim.verification.hindcast",
        "origins": [str(origin) for origin in done],
        "record": record.digest(),
        "seconds": round(time.perf_counter() - begun, 1),
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    if failed:
        about["failed"] = {str(origin): why for origin, why in failed.items()}
    return Scorecard(scores.table(row for day in done for row in found[day].to_dict("records")), about)


def hindcast_steps(origins: int, variants: Sequence[Variant] = VARIANTS) -> int:
    """Return the number of steps that `hindcast` reports as progress."""
    return origins * (_STEPS[_RIVALS] + sum(sum(_steps(variant).values()) for variant in variants))


def _steps(variant: Variant) -> dict[str, int]:
    """Return the steps of a variant's tasks; what a given variant learned is found, the plain one's."""
    judged = [JUDGING] if variant.learned else []
    learned = [LEARNING] if variant.learned and not variant.given else []
    return {task: _STEPS[task] for task in (SIMULATING, *judged, *learned)}


@dataclass(frozen=True)
class _Work:
    """What is the same for all origins: a worker gets it once, then each origin."""

    state: str
    run: Callable[..., Run]
    shelf: Shelf | None
    leads: tuple[int, ...]
    variants: tuple[Variant, ...]
    cache: Cache

    def __call__(self, origin: date, advance: Advance | None) -> pd.DataFrame:
        """Return the rows of an origin: every variant and rival on every case, and the pooled forecast."""
        record = Record.load(self.state)
        at = cases(record, [origin], leads=self.leads)
        found = []
        share = Share(advance, {_RIVALS: _STEPS[_RIVALS]})
        one_more = share.task(_RIVALS, len(at))
        for case in at:
            found += [scores.scored(case, name, made) for name, made in rival_forecasts(record, case).items()]
            one_more(1)
        share.finish()
        # what two variants learn alike is learned once, whether it is kept or not
        with lasting(self.cache) as kept:
            for variant in self.variants:
                share = Share(advance, _steps(variant))
                made = self._forecasts(origin, at, variant, kept, share)
                found += [scores.scored(case, variant.name, own) for case, own in zip(at, made, strict=True)]
                for case, own in zip(at, made, strict=True) if variant.name == MODEL else ():
                    pooled = pooled_forecast(record, case.blind(), own)
                    found += [] if pooled is None else [scores.scored(case, POOLED, pooled)]
                share.finish()
        return scores.table(found)

    def _forecasts(
        self, origin: date, at: Sequence[Case], variant: Variant, cache: Cache, progress: Share
    ) -> list[FloatArray]:
        """Return a variant's forecast of each case, kept or made: a thousand quantiles, or a chance per class."""
        found = {} if self.shelf is None else self.shelf.forecasts(variant.name, origin)
        missing = [case for case in at if told(case) not in found]
        if missing:
            until = month_end(max(month_number(case.end) for case in missing))
            data = self.run(origin, until, variant, cache=cache, progress=progress).data
            found |= {
                told(case): scores.as_scored(case, run_forecast(data, case.blind())) for case in missing
            }
            if self.shelf is not None:
                self.shelf.put_forecasts(variant.name, origin, found)
        return [found[told(case)] for case in at]


class Shelf:
    """A folder of what was made with some settings, code and record; emptied if it was made with others.

    Parameters
    ----------
    settings: by name. holding: what lies in the folder, for the line that tells what is dropped, and why.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any], holding: str) -> None:
        self.folder = folder.absolute()
        text = json.dumps(settings, indent=2, sort_keys=True) + "\n"
        marker = folder / _SETTINGS
        if not marker.exists() or marker.read_bytes() != text.encode():
            if dropped := len([*folder.glob("*.csv"), *folder.glob("*.npz")]):
                why = _changed(marker, settings)
                logger.warning("%s: %d %s dropped and made again: %s", folder, dropped, holding, why)
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            write_text(marker, text)

    def table(self, origin: date) -> pd.DataFrame | None:
        """Return the table of a scored origin, None if there is none that is whole."""
        path = self.folder / f"{origin}.csv"
        return scores.read(path) if self._holds(path) else None

    def put_table(self, origin: date, table: pd.DataFrame) -> None:
        """Keep the table of a scored origin."""
        path = self.folder / f"{origin}.csv"
        scores.write(table, path)
        self._seal(path)

    def forecasts(self, name: str, origin: date) -> dict[str, FloatArray]:
        """Return a variant's forecasts of an origin's cases, as far as they are there, whole: by `told` of the case."""
        path = self.folder / f"{origin} {name}.npz"
        if not self._holds(path):
            return {}
        with np.load(path) as found:
            return {case: found[str(place)] for place, case in enumerate(found[_CASES].tolist())}

    def put_forecasts(self, name: str, origin: date, forecasts: Mapping[str, FloatArray]) -> None:
        """Keep a variant's forecasts of an origin's cases, in place of those that are kept."""
        path = self.folder / f"{origin} {name}.npz"
        partial = path.with_name(f".{path.name}")
        arrays: dict[str, Any] = {str(place): each for place, each in enumerate(forecasts.values())}
        arrays[_CASES] = np.array([*forecasts])
        with partial.open("wb") as file:
            np.savez_compressed(file, **arrays)
        partial.replace(path)
        self._seal(path)

    def _holds(self, path: Path) -> bool:
        parts, name = (path.name, _SETTINGS), f"{path.stem}.json"
        return path.exists() and is_whole(self.folder, parts, name=name, tell="it is made again")

    def _seal(self, path: Path) -> None:
        seal(self.folder, (path.name, _SETTINGS), name=f"{path.stem}.json")


def told(case: Case) -> str:
    """Return what names a case among those of an origin."""
    return f"{case.target} {case.lead} {case.start} {case.end} {case.text} {case.name}"


def _changed(marker: Path, settings: Mapping[str, Any]) -> str:
    """Return in words which settings are others now."""
    before: dict[str, Any] = {}
    with suppress(OSError, ValueError, TypeError):
        before = dict(json.loads(marker.read_text(encoding="utf-8")))
    named = {"content": "code and record"}
    return "; ".join(
        f"{named.get(name, name)} {before.get(name)!a:.60}, now {value!r}"
        for name, value in settings.items()
        if before.get(name) != value
    )
