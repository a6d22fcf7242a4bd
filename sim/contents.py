"""What the package consists of, as a digest: a result names the code and the record that made it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path

_PACKAGE = Path(__file__).parent
_CONTENT = (".py", ".toml", ".json", ".csv")

PRESENTATION = (
    "cli",
    "plots",
    "exports",
    "report",
    "widgets",
    "gallery.py",
    "words.py",
    "narration.py",
    "contrasts",
    "reproduction.py",
    "sensitivity",
    "registry",
    "cache.py",
    "locks.py",
    "progress.py",
    "workers.py",
    "cluster.py",
)
"""Rooms whose code cannot move what is learned or scored."""


@cache
def content_digest(without: Sequence[str] = ()) -> str:
    """Return a digest of the package's code, tables and record, but for the rooms and modules in `without`.

    A module in a room is named by its path, as in "verification/words.py".
    """
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*")):
        name = path.relative_to(_PACKAGE)
        if (
            path.suffix in _CONTENT
            and path.is_file()
            and not any(name.is_relative_to(room) for room in without)
        ):
            digest.update(name.as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def software(*libraries: str) -> dict[str, str]:
    """Return the versions of this package and of some libraries, by name."""
    return {name: version(name) for name in ("serbia-sim", *libraries)}
