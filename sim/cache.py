"""Where what was learned is kept, found from any output folder; and locks, so that one at a time makes a folder.

A posterior lies there in a folder named by a digest of all that it depends on, so that what is found is what would be
learned again. Clearing it costs the minutes of learning, nothing else.

Who makes a folder, here or among the runs, has its lock, which goes when the process ends, whatever ends it: the
system's, `flock`, on a file that says who has it, for whoever waits. A file that a killed process left locks nothing,
and the next one takes it over (decision 26).
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import re
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile, mkdtemp
from typing import Any, Literal

logger = logging.getLogger(__name__)

ENVIRONMENT = "SERBIA_SIM_CACHE"
"""The environment variable that sets another folder."""

_PAUSE = 0.2  # seconds between two tries to have a lock

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
        with suppress(FileNotFoundError):  # a process that learns may finish its own meanwhile
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _ours(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.glob("*")) if _OURS.fullmatch(path.name)]


def _size(path: Path) -> int:
    """Return the bytes of the files in a folder."""
    size = 0
    for file in path.rglob("*"):
        with suppress(FileNotFoundError):
            size += file.stat().st_size if file.is_file() else 0
    return size


@contextmanager
def alone(path: Path, what: str) -> Iterator[bool]:
    """Hold the lock at `path` while the block runs; whoever else holds it is waited for, and named in a line.

    Parameters
    ----------
    what: is made in the block, for the line. It is held by one block at a time, in this process too.

    Yields
    ------
    Whether it was waited for: what is to be made may be there now. Where there are no locks a line says so.
    """
    told, place = "", None
    try:
        while (place := _taken(path)) is None:
            owner = _owner(path)
            if owner and owner != told:
                told = owner
                logger.warning("%s is being made by %s; waiting for it (Ctrl-C leaves it be)", what, owner)
            time.sleep(_PAUSE)
    except OSError as error:
        logger.warning("%s: no lock (%s); make this by one call at a time", path, error.strerror or error)
    if place is None:
        yield bool(told)
        return
    try:
        yield bool(told)
    finally:
        with suppress(OSError):
            path.unlink()  # while it is held, so that who waits sees that this file is no lock any more
            path.parent.rmdir()  # if nothing came of it
        os.close(place)


def sweep(path: Path) -> None:
    """Remove a lock's file if nobody holds it: who did was killed when all was made, and none comes to take it over."""
    with suppress(OSError):
        if path.exists() and (place := _taken(path)) is not None:
            path.unlink()
            os.close(place)


def _taken(path: Path) -> int | None:
    """Return the descriptor of the lock, None if another has it; raises OSError where there can be none."""
    try:
        from fcntl import LOCK_EX, LOCK_NB, flock
    except ImportError:
        raise OSError("this system has none") from None
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        place = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except FileNotFoundError:  # who had it has just removed the folder
        return None
    try:
        flock(place, LOCK_EX | LOCK_NB)
        if os.fstat(place).st_nlink == 0:  # who had it has just removed it
            raise BlockingIOError
        with suppress(OSError):  # a full disk takes no name
            os.ftruncate(place, 0)
            since = datetime.now().astimezone().isoformat(timespec="seconds")
            os.write(place, json.dumps([socket.gethostname(), os.getpid(), since]).encode())
    except BlockingIOError:
        os.close(place)
        return None
    except BaseException as error:
        with suppress(OSError):
            if isinstance(error, OSError) and not os.fstat(place).st_size:
                path.unlink()  # where there are no locks it says nothing
        os.close(place)
        raise
    return place


def _owner(path: Path) -> str:
    """Return who holds a lock, in words; nothing if its file has just gone."""
    try:
        host, process, since = json.loads(path.read_text(encoding="utf-8"))
        begun = datetime.fromisoformat(since)
        return f"process {int(process)} on {ascii(host)[1:-1]} since {begun:%-d %B, %H:%M:%S}"
    except FileNotFoundError:
        return ""
    except (OSError, ValueError, TypeError, RecursionError):
        return "another process"  # which has not written its name yet, or a file of someone else
