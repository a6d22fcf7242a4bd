"""What the package consists of: folders that come with it, and a digest by which a result names what made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).parent
# templates are code by other means
_CONTENT = (".py", ".toml", ".json", ".csv", ".txt", ".jinja", ".css", ".vue")

PRESENTATION = (
    "cli",
    "plots",
    "exports.py",
    "report",
    "widgets",
    "contrasts",
    "sensitivity",
    "registry",
    "record/record_series.py",
    "execution",
    "runs/gallery.py",
    "words.py",
    "model/narration.py",
    "model/narration.jinja",
)
"""Modules and templates that cannot move what is learned or scored."""


def shipped(folder: str) -> Path:
    """Return a folder that is shipped: in the installed package, or atop a source checkout."""
    installed = _PACKAGE / folder
    return installed if installed.is_dir() else _PACKAGE.parent / folder


@cache
def content_digest(without: Sequence[str] = ()) -> str:
    """Return a digest of the package's code, templates, tables and states, but for the modules in `without`.

    A module in a package is named by its path, as in "verification/scores.py".
    """
    states = shipped("states")
    found = {path.relative_to(_PACKAGE): path for path in _PACKAGE.rglob("*")}
    found |= {path.relative_to(states.parent): path for path in states.rglob("*")}
    left_out = {name for name in found if any(name.is_relative_to(module) for module in without)}
    return digest_of({name: found[name] for name in found.keys() - left_out})


def digest_of(files: Mapping[Path, Path]) -> str:
    """Return a digest of code, templates and tables among files, by the names they go by; no scenario is part of it."""
    import hashlib

    digest = hashlib.sha256()
    for name, path in sorted(files.items()):
        if path.suffix in _CONTENT and path.parent.name != "scenarios" and path.is_file():
            digest.update(name.as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def software(*libraries: str) -> dict[str, str]:
    """Return the versions of this package and of some libraries, by name."""
    from importlib.metadata import version

    return {name: version(name) for name in ("serbia-sim", *libraries)}
