"""What was learned, found in the cache and kept there: whole or not at all, whoever else learns the same meanwhile."""

from __future__ import annotations

import shutil
from pathlib import Path
from secrets import token_hex

from sim.assimilation.parts import parts_folder
from sim.assimilation.posterior import PARTS, Posterior
from sim.cache import Cache, posteriors_folder, take_place, unkept, writable
from sim.manifest import draft_of, find, is_whole


def is_kept(folder: Path) -> bool:
    """Return whether a posterior is kept in this folder, whole."""
    try:
        return is_whole(folder, PARTS)
    except OSError:  # a folder that cannot be read keeps nothing for us
        return False


def find_posterior(cache: Cache, digest: str) -> tuple[Posterior | None, Path | None]:
    """Return the posterior that is kept, and the folder to keep it in if there is none; that is made sure of here.

    A cache that cannot be written is told in a line, and a folder that ends with this process takes its place.
    """
    if cache is False:
        return None, None
    store = posteriors_folder(cache)
    if found := _found(store / digest):
        shutil.rmtree(
            parts_folder(store / digest), ignore_errors=True
        )  # of a call that ended before it could
        return found, None
    other = writable(store)  # before minutes of learning
    if other is None or other == store:
        return None, other and other / digest
    return _found(other / digest), other / digest


def keep_posterior(posterior: Posterior, folder: Path) -> None:
    """Keep it in its folder; where that fails, as on a full disk, it is told in a line."""
    draft = draft_of(folder)
    draft = draft.with_name(f"{draft.name}.{token_hex(4)}")  # another thread may learn the same
    try:
        posterior.save(draft)
        if not is_kept(folder):  # else another process was first, and someone may be reading it
            take_place(draft, folder)
        shutil.rmtree(parts_folder(folder), ignore_errors=True)
    except OSError as error:  # minutes of work are not lost for want of a disk
        unkept(folder, error)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _found(folder: Path) -> Posterior | None:
    try:
        return find(Posterior.load, folder)
    except OSError:
        return None
