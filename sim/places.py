"""Where the members of a run lie: in its folder, or in a store that many machines reach.

Only the user's environment names a store. A run's folder states in which one its members lie, and nobody follows that
elsewhere: a stranger's folder sends nobody to an address.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

STORE = "SERBIA_SIM_STORE"
"""The environment variable that names a store, a path or an fsspec address."""

ELSEWHERE = "members.json"
"""What a run's folder holds in place of members that lie in a store: the hashes of their files."""


def place_of(folder: Path, store: str | None) -> Path:
    """Return under what the members of a run lie: its folder, or what has its name in a store.

    Raises OSError if the address cannot be used, or the environment names another store.
    """
    if store is None:
        return folder.absolute()
    if store != os.environ.get(STORE):
        raise FileNotFoundError(f"{folder}: its members lie in {store}; to read them set {STORE}={store}")
    try:
        from upath import UPath

        more = {"auto_mkdir": True} if store.startswith("file:") else {}
        place: Path = UPath(store, **more).absolute() / folder.name
        place.exists()
    except (ImportError, ValueError) as error:
        raise OSError(
            f"{STORE}={store}: {error}; an address needs pip install 'serbia-sim[cluster]', and what fsspec asks for "
            "its kind"
        ) from None
    return place


def told(place: Path, name: str = "store") -> dict[str, Any]:
    """Return as arguments of zarr and xarray where arrays lie, and of an address its settings."""
    return {name: str(place), "storage_options": getattr(place, "storage_options", None) or None}
