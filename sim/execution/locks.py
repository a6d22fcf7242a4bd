"""Locks, so that one at a time makes a folder, of a posterior or among the runs.

A lock goes when the process that has it ends, whatever ends it: it is the system's, `flock`, on a file that says who
has it, for whoever waits. A file that a killed process left locks nothing, and the next one takes it over: decision 26.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

logger = logging.getLogger(__name__)

_PAUSE = 0.2  # seconds between two tries to have a lock


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
