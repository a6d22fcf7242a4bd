"""What a hindcast keeps in its folder, so that the same call goes on and no forecast is made twice.

Scored origins are kept as tables; beside them every variant's forecasts, from which an origin is scored again when only
rivals, scores or tables have changed.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.arrays import FloatArray
from sim.cases import Case
from sim.manifest import is_whole, seal, write_text
from sim.verification import scores

logger = logging.getLogger(__name__)

ORIGINS, FORECASTS = "origins", "forecasts"
"""Folders of the origins that are scored, one table each, and of the variants' forecasts."""

_SETTINGS = "settings.json"
_CASES = "cases"


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
