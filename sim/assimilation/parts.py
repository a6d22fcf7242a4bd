"""What each process has learned, kept stage by stage until all have ended: an interrupted call goes on from there."""

from __future__ import annotations

import hashlib
import io
from contextlib import suppress
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from sim.assimilation.island import State
from sim.manifest import UNREADABLE, draft_of

_DIGEST = 16  # bytes in front of the arrays, over all of them


def parts_folder(folder: Path) -> Path:
    """Return where the parts of a posterior lie until it is whole."""
    return folder.with_name(f"{folder.name}.part")


def parts_kept(folder: Path) -> int:
    """Return how many parts of a posterior an interrupted call left, ended or to their last stage."""
    return sum(path.name.isdigit() for path in parts_folder(folder).glob("*"))


def keep_part(part: State, path: Path) -> None:
    """Write a part, whole or not at all; where it cannot be written, it is learned again after an interruption."""
    body = io.BytesIO()
    np.savez(body, **part)  # type: ignore[arg-type]  # names of arrays, none of savez's own
    text = body.getbuffer()
    draft = draft_of(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as file:
            file.write(hashlib.blake2b(text, digest_size=_DIGEST).digest())
            file.write(text)
        draft.replace(path)
    except OSError:
        with suppress(OSError):
            draft.unlink()  # the little room that there is


def find_part(path: Path) -> State | None:
    """Return a part as it was kept; None if there is none, or it is damaged."""
    try:
        told = path.read_bytes()
    except OSError:
        return None
    digest, body = told[:_DIGEST], told[_DIGEST:]
    if hashlib.blake2b(body, digest_size=_DIGEST).digest() != digest:
        return None
    with suppress(*UNREADABLE, BadZipFile), np.load(io.BytesIO(body), allow_pickle=False) as kept:
        return dict(kept)
    return None
