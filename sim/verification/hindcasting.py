"""Rolling origins: the model and its rivals forecast what came, from what was known, again and again."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from sim.arrays import FloatArray
from sim.assimilation import DEFAULT_PARTICLES, LEARNING
from sim.cache import Cache, alone, lasting
from sim.cases import EVERY, FIRST_ORIGIN, LEADS, Case, cases, origins
from sim.clock import month_end, month_number
from sim.contents import PRESENTATION, content_digest, software
from sim.country import DEFAULT, resolved, state_digest
from sim.ensemble import SIMULATING
from sim.forecasting import DEFAULT_MEMBERS, DEFAULT_SEED, JUDGING
from sim.observations import Record
from sim.progress import Advance, Share, shown
from sim.randomness import valid_seed
from sim.results import Run
from sim.rivals import rival_forecasts
from sim.rivals.pool import POOLED
from sim.verification import scores
from sim.verification.keeping import FORECASTS, ORIGINS, Shelf, told
from sim.verification.readings import pooled_forecast, run_forecast
from sim.verification.scorecard import MODEL, Scorecard
from sim.verification.variants import VARIANTS, Variant, model_run
from sim.workers import OnError, WorkerError, Workers, shared_out

_SCORING = (
    *PRESENTATION,
    "rivals",
    *(f"verification/{name}.py" for name in ("misses", "pooling", "scorecard", "scores", "scoring")),
)
"""What cannot move a forecast of the model, only how it is scored and beside whom."""

_RIVALS = "rivals"
_STEPS = {LEARNING: 80, SIMULATING: 10, JUDGING: 20, _RIVALS: 10}  # about as long as each takes, for the bar

_LIBRARIES = ("mesa", "numpy", "pandas", "scipy", "scoringrules", "statsmodels", "xarray")


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
        `sim.cases.origins`; `docs/declared.md` has the default. members: of each run. particles: of the filter.
        seed: of all draws.
    workers: who forecasts, an origin each, as of `sim.ensemble.simulate`; a cluster's must reach `keep`.
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
            forecasts = Shelf(Path(keep) / FORECASTS, simulated, "forecasts")
            scored = Shelf(Path(keep) / ORIGINS, settings, "scored origins")
            tables = {origin: scored.table(origin) for origin in dates}
            found = {origin: table for origin, table in tables.items() if table is not None}
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
    about = _provenance(settings, done, command, time.perf_counter() - begun)
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


def _provenance(
    settings: dict[str, Any], dates: Sequence[date], command: str | None, seconds: float
) -> dict[str, Any]:
    return settings | {
        "software": software(*_LIBRARIES),
        "environment": {"python": platform.python_version(), "system": platform.platform()},
        "command": command or "sim.verification.hindcast",
        "origins": [str(origin) for origin in dates],
        "record": Record.load(settings["state"]).digest(),
        "seconds": round(seconds, 1),
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
    }
