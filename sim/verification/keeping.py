"""What a hindcast keeps in its folder, so that the same call goes on and no forecast is made twice.

Scored origins are kept as tables; beside them every variant's forecasts, from which an origin is scored again when only
rivals, scores or tables have changed.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.cases import Case
from sim.manifest import is_whole, seal, write_text
from sim.verification import rows

if TYPE_CHECKING:
    import pandas as pd

FloatArray = NDArray[np.float64]

ORIGINS, FORECASTS = "origins", "forecasts"
"""Folders of the origins that are scored, one table each, and of the variants' forecasts."""

_SETTINGS = "settings.json"
_CASES = "cases"


class Shelf:
    """A folder of what was made with some settings, code and record; emptied if it was made with others."""

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        self.folder = folder.absolute()
        text = json.dumps(settings, indent=2, sort_keys=True) + "\n"
        marker = folder / _SETTINGS
        if not marker.exists() or marker.read_bytes() != text.encode():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            write_text(marker, text)

    def table(self, origin: date) -> pd.DataFrame | None:
        """Return the table of a scored origin, None if there is none that is whole."""
        path = self.folder / f"{origin}.csv"
        return rows.read(path) if self._holds(path) else None

    def put_table(self, origin: date, table: pd.DataFrame) -> None:
        """Keep the table of a scored origin."""
        path = self.folder / f"{origin}.csv"
        rows.write(table, path)
        self._seal(path)

    def forecasts(self, name: str, at: Sequence[Case]) -> list[FloatArray] | None:
        """Return a variant's forecasts of an origin's cases, None if they are not there, whole, of these cases."""
        path = self.folder / f"{at[0].origin} {name}.npz"
        if not self._holds(path):
            return None
        with np.load(path) as found:
            if found[_CASES].tolist() != [_told(case) for case in at]:
                return None
            return [found[str(place)] for place in range(len(at))]

    def put_forecasts(self, name: str, at: Sequence[Case], forecasts: Sequence[FloatArray]) -> None:
        """Keep a variant's forecasts of an origin's cases."""
        path = self.folder / f"{at[0].origin} {name}.npz"
        partial = path.with_name(f".{path.name}")
        arrays: dict[str, Any] = {str(place): forecast for place, forecast in enumerate(forecasts)}
        arrays[_CASES] = np.array([_told(case) for case in at])
        with partial.open("wb") as file:
            np.savez_compressed(file, **arrays)
        partial.replace(path)
        self._seal(path)

    def _holds(self, path: Path) -> bool:
        again = "it is made again"
        return path.exists() and is_whole(
            self.folder, (path.name, _SETTINGS), name=_seal_of(path), tell=again
        )

    def _seal(self, path: Path) -> None:
        seal(self.folder, (path.name, _SETTINGS), name=_seal_of(path))


def _seal_of(path: Path) -> str:
    return f"{path.stem}.json"


def _told(case: Case) -> str:
    return " ".join(
        str(part) for part in (case.target, case.lead, case.start, case.end, case.text, case.name)
    )
