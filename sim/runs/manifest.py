"""What a folder holds, file by file, as it was written: a folder is read only while it is that.

A manifest lists the SHA-256 of each file and carries a digest of itself, so that one that is torn is no manifest. It is
written last, and whole or not at all.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import struct
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sim.names import InputError

logger = logging.getLogger(__name__)

MANIFEST = "manifest.json"

Files = dict[str, str]
"""SHA-256 in hexadecimal digits by the file's path within the folder."""


class DamageError(InputError):
    """What is stored is not what was written: names the file, what is wrong with it, and what to do."""


UNREADABLE = (
    *(ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RuntimeError, MemoryError),
    *(struct.error, SystemError),  # SystemError: of a codec in C whose header lies about its size
)
"""What is raised in reading what has the right hash and was never written by us."""


@contextmanager
def readable(path: Path, todo: str) -> Iterator[None]:
    """Raise DamageError, which ends with `todo`, if in this block a file does not hold what it should."""
    try:
        # Zarr warns of an array that it skips
        with warnings.catch_warnings(action="error", category=UserWarning):
            yield
    except DamageError:
        raise
    except (*UNREADABLE, UserWarning) as error:
        said = str(error).partition("\n")[0][:200] or type(error).__name__
        raise DamageError(f"{path} does not hold what it should ({said}); {todo}") from None


class Stored(Protocol):
    """What is read from a folder whose name is a digest of all that it depends on."""

    @property
    def provenance(self) -> dict[str, Any]:
        """What made it; its ``digest`` is the folder's name."""


Found = TypeVar("Found", bound=Stored)


def find(load: Callable[[Path], Found], folder: Path) -> Found | None:
    """Return what `folder` is named for, None if that is still to be made; what is damaged is told in a line."""
    try:
        found = load(folder)
    except FileNotFoundError:
        return None
    except DamageError as error:
        logger.warning("%s", error)
        return None
    if found.provenance["digest"] == folder.name:
        return found
    logger.warning("%s holds what belongs to another folder; it is made again", folder)
    return None


def clear(folder: Path, parts: Iterable[str]) -> None:
    """Remove `parts` of a folder, as far as they are there, and its manifest first."""
    for path in (folder / part for part in (MANIFEST, *parts)):
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def seal(folder: Path, parts: Iterable[str], *, name: str = MANIFEST, known: Files | None = None) -> None:
    """Write the manifest of the files that `parts` of a folder are or hold.

    Parameters
    ----------
    known: hashes of files that were taken when they were written, and are not taken again.
    """
    write_signed(folder / name, {"files": hashed(folder, parts, known=known)})


def check(folder: Path, parts: Iterable[str], *, name: str = MANIFEST, todo: str = "make it again") -> None:
    """Hold `parts` of a folder against its manifest.

    Raises DamageError if a file is missing, changed or not named, or the manifest is not whole; it ends with `todo`.
    """
    hold(folder, parts, read_files(folder / name, todo)["files"], todo)


def is_whole(folder: Path, parts: Iterable[str], *, name: str = MANIFEST, tell: str = "") -> bool:
    """Return whether a folder has a manifest and its `parts` are as it says; else a line ends with `tell`, if given."""
    try:
        check(folder, parts, name=name, todo=tell)
    except DamageError as error:
        if tell:
            logger.warning("%s", error)
        return False
    return True


def files_of(folder: Path, parts: Iterable[str]) -> dict[str, Path]:
    """Return the files that `parts` of a folder are or hold, by their path within it."""
    tops = [folder / part for part in parts]
    found = [path for top in tops for path in ([top] if top.is_file() else top.rglob("*")) if path.is_file()]
    names = {path.relative_to(folder): path for path in found}
    # file managers leave hidden files of their own; nothing here reads any
    return {n.as_posix(): path for n, path in names.items() if not any(p.startswith(".") for p in n.parts)}


def hashed(folder: Path, parts: Iterable[str], *, known: Files | None = None) -> Files:
    """Return the hashes of the files that `parts` of a folder are or hold, those `known` as they are given."""
    known = known or {}
    return known | {name: _hash(path) for name, path in files_of(folder, parts).items() if name not in known}


def hold(folder: Path, parts: Iterable[str], files: Files, todo: str) -> None:
    """Hold `parts` of a folder against the hashes of `files`; raises DamageError as `check` does."""
    for name, wrong in damages(folder, parts, files):
        raise DamageError(f"{folder / name} {wrong}; {todo}")


def damages(folder: Path, parts: Iterable[str], files: Files) -> Iterator[tuple[str, str]]:
    """Yield each file of `parts` of a folder that is not as the hashes of `files` say, and what is wrong with it."""
    there = files_of(folder, parts)
    for name in sorted({*files, *there}):
        if name not in there:
            yield name, "is missing"
        elif name not in files:
            yield name, "does not belong there"
        elif _hash(there[name]) != files[name]:
            yield name, "is damaged: it is not as it was written"


def read_files(path: Path, todo: str) -> dict[str, Any]:
    """Return a signed file that names files with their hashes, under ``files``; raises DamageError as `read_signed`."""
    told = read_signed(path, todo)
    with readable(path, todo):
        if not all(type(text) is str for pair in told["files"].items() for text in pair):
            raise ValueError("files are not named with their hashes")
    return told


def write_signed(path: Path, content: dict[str, Any]) -> None:
    """Write JSON with a digest of itself."""
    write_text(path, _signed(content))


def read_signed(path: Path, todo: str) -> dict[str, Any]:
    """Return what `write_signed` wrote; raises DamageError, which ends with `todo`, if the file is anything else."""
    try:
        raw = path.read_bytes()
        content: dict[str, Any] = json.loads(raw)
        del content["digest"]
        if raw == _signed(content).encode():
            return content
    except (FileNotFoundError, NotADirectoryError):
        raise DamageError(f"{path} is missing; {todo}") from None
    except (ValueError, TypeError, KeyError, RecursionError):  # no JSON, or of another shape
        pass
    raise DamageError(f"{path} is damaged: it is empty, torn or changed; {todo}")


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all: whoever reads it, or is interrupted, finds the old one or the new."""
    draft = draft_of(path)
    with draft.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def draft_of(path: Path) -> Path:
    """Return where this process writes what is to take a path's place; what is left of ended ones is removed."""
    begin = f".{path.name}."
    for left in path.parent.glob(".*"):
        owner = left.name.removeprefix(begin).partition(".")[0]
        if left.name.startswith(begin) and owner.isdecimal() and _has_gone(int(owner)):
            shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)
    return path.with_name(f"{begin}{os.getpid()}")


def _has_gone(process: int) -> bool:
    if os.name == "nt":  # there the question would end it
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except (OverflowError, PermissionError):
        pass
    return False


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _signed(content: dict[str, Any]) -> str:
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return json.dumps({"digest": digest, **content}, indent=1) + "\n"
