"""Where what was learned is kept, found from any output folder.

A posterior lies there in a folder named by a digest of all that it depends on, so that what is found is what would be
learned again. What is longest unused goes once the folder is full; that, like clearing it, costs the minutes of
learning, nothing else.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from math import inf
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory, TemporaryFile, mkdtemp
from typing import Any, Literal

logger = logging.getLogger(__name__)

ENVIRONMENT = "SERBIA_SIM_CACHE"
"""The environment variable that sets another folder."""

MOST = "SERBIA_SIM_CACHE_GB"
"""The environment variable that sets how many gigabytes the user's cache may hold."""

_MOST_GB = 5.0  # as ccache has it by default: some three hundred posteriors of 4,096 particles
_IN_USE = 3600.0  # seconds after which nobody who came upon it still reads it, or learns it (judgement)

Cache = Path | str | bool
"""Where to keep what is learned: True for the user's cache folder, another folder, False for nowhere."""

_OURS = re.compile(r"\.?([0-9a-f]{12})(\..*)?")  # a posterior, its parts until it is whole, a draft of it


def posteriors_folder(where: Path | str | Literal[True] = True) -> Path:
    """Return the folder under which posteriors are kept."""
    if where is not True:
        return Path(where)
    if given := os.environ.get(ENVIRONMENT):
        return Path(given).expanduser() / "posteriors"
    from platformdirs import user_cache_path

    return user_cache_path("serbia-sim", appauthor=False) / "posteriors"


def passing() -> Path:
    """Return a new folder that goes when this process ends."""
    folder = mkdtemp(prefix="serbia-sim-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


@contextmanager
def lasting(where: Cache) -> Iterator[Cache]:
    """Give a cache for work that learns the same thing more than once: for False one that ends with the block."""
    if where is not False:
        yield where
        return
    with TemporaryDirectory(prefix="serbia-sim-") as folder:
        yield Path(folder)


@cache  # told once
def writable(folder: Path) -> Path | None:
    """Return the folder if it can be written; else, told in a line, one that ends with this process, or None."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        unkept(folder, error)
    try:
        return _stand_in()
    except OSError:
        return None


def unkept(folder: Path, error: OSError) -> None:
    """Say in a line that what is learned cannot be kept there."""
    told = "%s: %s; what is learned is not kept there (%s names another folder)"
    logger.warning(told, folder, error.strerror or error, ENVIRONMENT)


@cache
def _stand_in() -> Path:
    return passing()


def take_place(draft: Path, folder: Path) -> None:
    """Put a finished folder where `folder` is to be, in one step: no reader finds half of it.

    What lies there is moved out of the way first, since it is damaged or of the same content.
    """
    try:
        draft.rename(folder)
    except OSError:
        old = draft.with_name(f"{draft.name}.old")
        folder.rename(old)
        draft.rename(folder)
        shutil.rmtree(old) if old.is_dir() else old.unlink()


@dataclass(frozen=True)
class Entry:
    """A posterior in the cache: its digest, how many bytes it takes, what made it; of one begun nothing tells that."""

    digest: str
    size: int
    provenance: dict[str, Any] | None


def entries(folder: Path) -> list[Entry]:
    """Return what is kept in the folder, the newest first; then what was begun and is not whole."""
    found = []
    for path in _ours(folder):
        made = None
        with suppress(OSError, ValueError):
            told = json.loads((path / "provenance.json").read_text(encoding="utf-8"))
            made = told if isinstance(told, dict) and told.get("digest") == path.name else None
        found.append(Entry(path.name, _size(path), made))
    return sorted(found, key=lambda entry: str((entry.provenance or {}).get("made", "")), reverse=True)


def clear(folder: Path) -> None:
    """Remove what was learned from the folder, and nothing else that lies there."""
    for path in _ours(folder):
        _remove(path)


def touch(entry: Path) -> None:
    """Note that an entry is used, before it is read: what was longest unused goes first."""
    with suppress(OSError):  # it is not there, or someone else's
        os.utime(entry)


def most_bytes() -> float:
    """Return how many bytes the user's cache may hold; what `MOST` says amiss is told in a line, and does not count."""
    given = os.environ.get(MOST) or str(_MOST_GB)
    with suppress(ValueError):
        if 0.0 <= (most := 1e9 * float(given)) < inf:
            return most
    logger.warning("%s is %r, no number of gigabytes; %g holds", MOST, given, _MOST_GB)
    return 1e9 * _MOST_GB


def evict(folder: Path, most: float | None = None) -> None:
    """Remove what is longest unused, until no more than `most` bytes are kept, by default `most_bytes`.

    What was used within the hour stays: another process may be reading it, or learning it.
    """
    left = most_bytes() if most is None else most
    used = {path: path.stat().st_mtime for path in _ours(folder)}
    for path in sorted(used, key=lambda path: used[path], reverse=True):
        left -= _size(path)
        if left < 0.0 and used[path] < time.time() - _IN_USE:
            _remove(path)


def _remove(path: Path) -> None:
    """Remove an entry, moved out of the way first: no reader finds half of it."""
    gone = path.with_name(f"{path.name}.{token_hex(4)}")
    with suppress(FileNotFoundError):  # a process that learns may finish its own meanwhile
        path.rename(gone)
        shutil.rmtree(gone) if gone.is_dir() else gone.unlink()


def _ours(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.glob("*")) if _OURS.fullmatch(path.name)]


def _size(path: Path) -> int:
    """Return the bytes of the files in a folder."""
    size = 0
    for file in path.rglob("*"):
        with suppress(FileNotFoundError):
            size += file.stat().st_size if file.is_file() else 0
    return size
