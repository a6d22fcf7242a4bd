"""What each process has learned, kept until all have: an interrupted call finds it again."""

from __future__ import annotations

import hashlib
import io
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from sim.assimilation.island import Stage
from sim.manifest import UNREADABLE, draft_of

FloatArray = NDArray[np.float64]
Done = tuple[FloatArray, NDArray[np.int32], list[Stage], FloatArray]
"""Coordinates, luck, the stages, log evidence by island."""

_DIGEST = 16  # bytes in front of the arrays, over all of them


def parts_folder(folder: Path) -> Path:
    """Return where the parts of a posterior lie until it is whole."""
    return folder.with_name(f"{folder.name}.part")


def parts_kept(folder: Path) -> int:
    """Return how many parts of a posterior an interrupted call left."""
    return sum(path.name.isdigit() for path in parts_folder(folder).glob("*"))


def keep_part(done: Done, path: Path) -> None:
    """Write a part, whole or not at all; where it cannot be written, it is learned again after an interruption."""
    z, luck, stages, evidence = done
    body = io.BytesIO()
    several = np.array([astuple(stage) for stage in stages], dtype=np.float64)
    np.savez(body, z=z, luck=luck, stages=several, evidence=evidence)
    text = body.getvalue()
    draft = draft_of(path)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(hashlib.blake2b(text, digest_size=_DIGEST).digest() + text)
        draft.replace(path)


def find_part(path: Path) -> Done | None:
    """Return a part as it was kept; None if there is none, or it is damaged."""
    try:
        told = path.read_bytes()
    except OSError:
        return None
    digest, body = told[:_DIGEST], told[_DIGEST:]
    if hashlib.blake2b(body, digest_size=_DIGEST).digest() != digest:
        return None
    with suppress(*UNREADABLE, BadZipFile), np.load(io.BytesIO(body)) as kept:
        stages = [Stage(int(month), *rest) for month, *rest in kept["stages"].tolist()]
        return kept["z"], kept["luck"], stages, kept["evidence"]
    return None
