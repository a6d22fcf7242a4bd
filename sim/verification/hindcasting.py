"""Rolling origins: the model and its rivals forecast what came, from what was known, again and again."""

from __future__ import annotations

import json
import platform
import shutil
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.assimilation import DEFAULT_PARTICLES, LEARNING
from sim.cache import Cache, lasting
from sim.cases import EVERY, FIRST_ORIGIN, LEADS, Case, cases, origins
from sim.clock import month_end, month_number
from sim.contents import PRESENTATION, content_digest
from sim.ensemble import SIMULATING
from sim.forecasting import DEFAULT_MEMBERS, DEFAULT_SEED, JUDGING
from sim.manifest import is_whole, seal, write_text
from sim.observations import Record
from sim.progress import Advance, Share, shown
from sim.randomness import valid_seed
from sim.rivals import rival_forecasts
from sim.verification import rows
from sim.verification.readings import run_forecast
from sim.verification.scorecard import Scorecard
from sim.verification.variants import VARIANTS, Variant, model_run

if TYPE_CHECKING:
    import pandas as pd

ORIGINS = "origins"
"""Folder of the origins that are finished, one table each."""

_RIVALS = "rivals"
_STEPS = {LEARNING: 80, SIMULATING: 10, JUDGING: 20, _RIVALS: 10}  # about as long as each takes, for the bar

_SETTINGS = "settings.json"
_LIBRARIES = ("mesa", "numpy", "pandas", "scipy", "scoringrules", "statsmodels", "xarray")


def hindcast(
    *,
    first: date = FIRST_ORIGIN,
    last: date | None = None,
    every: int = EVERY,
    leads: Sequence[int] = LEADS,
    members: int = DEFAULT_MEMBERS,
    particles: int = DEFAULT_PARTICLES,
    seed: int = DEFAULT_SEED,
    workers: int = 1,
    variants: Sequence[Variant] = VARIANTS,
    keep: Path | str | None = None,
    cache: Cache = True,
    progress: Advance | bool | None = None,
    command: str | None = None,
) -> Scorecard:
    """Forecast from every origin, score against what came, beside rivals that knew the same rows.

    Parameters
    ----------
    first, last, every, leads: which origins and leads, see `sim.cases.origins`; `docs/declared.md` has the
        default. members: of each run. particles: of the filter. seed: of all draws. workers: processes of a run.
    variants: of the model, those of `sim.verification.variants.VARIANTS` by default.
    keep: folder in which finished origins are kept, so that an interrupted call goes on and the same call does no work
        again. They are dropped when a setting, the code or the record has changed.
    cache: where what was learned is kept, see `sim.forecasting.forecast`.
    progress: True shows a bar; a function is called with the steps done since the last call, `hindcast_steps` in all.

    Raises
    ------
    ValueError: if there is no such origin.
    """
    seed = valid_seed(seed)
    record = Record.load()
    dates = origins(record, first=first, last=last, every=every, leads=leads)
    begun = time.perf_counter()
    settings = {
        "members": members,
        "particles": particles,
        "seed": seed,
        "leads": sorted(leads),
        "variants": [variant.name for variant in variants],
        "content": content_digest(without=PRESENTATION),
    }
    folder = None if keep is None else _kept(Path(keep) / ORIGINS, settings)
    tables = []
    # what two variants learn alike is learned once, whether it is kept or not
    with (
        shown(progress, "hindcasting", hindcast_steps(len(dates), variants)) as advance,
        lasting(cache) as kept,
    ):
        run = _Runs(members, particles, seed, workers, kept)
        for origin in dates:
            path = None if folder is None else folder / f"{origin}.csv"
            if path is not None and path.exists() and _is_whole(path):
                tables.append(rows.read(path))
                if advance is not None:
                    advance(hindcast_steps(1, variants))
                continue
            found = _scored(record, cases(record, [origin], leads=leads), variants, run, advance)
            if path is not None:
                rows.write(found, path)
                seal(path.parent, (path.name, _SETTINGS), name=f"{origin}.json")
            tables.append(found)
    return Scorecard(_joined(tables), _provenance(settings, dates, command, time.perf_counter() - begun))


def hindcast_steps(origins: int, variants: Sequence[Variant] = VARIANTS) -> int:
    """Return the number of steps that `hindcast` reports as progress."""
    return origins * (_STEPS[_RIVALS] + sum(sum(_steps(variant).values()) for variant in variants))


def _steps(variant: Variant) -> dict[str, int]:
    """Return the steps of a variant's tasks; what a given variant learned is found, the plain one's."""
    tasks = [SIMULATING, *([JUDGING] if variant.learned else [])]
    return {
        task: _STEPS[task]
        for task in (*tasks, *([LEARNING] if variant.learned and not variant.given else []))
    }


class _Runs:
    """Makes the runs of an origin with one set of numbers."""

    def __init__(self, members: int, particles: int, seed: int, workers: int, cache: Cache) -> None:
        self._run = partial(
            model_run, members=members, particles=particles, seed=seed, workers=workers, cache=cache
        )

    def data(self, at: Sequence[Case], variant: Variant, progress: Share) -> Any:
        until = month_end(max(month_number(case.end) for case in at))
        return self._run(at[0].origin, until, variant, progress=progress).data


def _scored(
    record: Record,
    at: Sequence[Case],
    variants: Sequence[Variant],
    runs: _Runs,
    advance: Advance | None,
) -> pd.DataFrame:
    """Return the rows of one origin: every variant and rival on every case."""
    found = []
    share = Share(advance, {_RIVALS: _STEPS[_RIVALS]})
    one_more = share.task(_RIVALS, len(at))
    for case in at:
        found += [rows.scored(case, name, made) for name, made in rival_forecasts(record, case).items()]
        one_more(1)
    share.finish()
    for variant in variants:
        share = Share(advance, _steps(variant))
        data = runs.data(at, variant, share)
        found += [rows.scored(case, variant.name, run_forecast(data, case.blind())) for case in at]
        share.finish()
    return rows.table(found)


def _joined(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    return rows.table([row for table in tables for row in table.to_dict("records")])


def _kept(folder: Path, settings: dict[str, Any]) -> Path:
    """Return the folder of finished origins, emptied if they were made with other settings, code or record."""
    marker = folder / _SETTINGS
    text = json.dumps(settings, indent=2, sort_keys=True) + "\n"
    if not marker.exists() or marker.read_bytes() != text.encode():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        write_text(marker, text)
    return folder


def _is_whole(path: Path) -> bool:
    again = "the origin is forecast again"
    return is_whole(path.parent, (path.name, _SETTINGS), name=f"{path.stem}.json", tell=again)


def _provenance(
    settings: dict[str, Any], dates: Sequence[date], command: str | None, seconds: float
) -> dict[str, Any]:
    return settings | {
        "software": {"serbia-sim": version("serbia-sim")} | {name: version(name) for name in _LIBRARIES},
        "environment": {"python": platform.python_version(), "system": platform.platform()},
        "command": command or "sim.verification.hindcast",
        "origins": [str(origin) for origin in dates],
        "record": Record.load().digest(),
        "seconds": round(seconds, 1),
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
    }
