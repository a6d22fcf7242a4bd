"""How the members of a run lie and are read: a month by its number, and a part at a time of what may not fit.

A learned run's members begin at the origin, those of a run from priors in January 2012; the month coordinate says
which. Of a learned run each member names its ancestor among the particles, which hold parameters and past.

They lie in the run's folder, or in a store that many machines reach. Only the user's environment names a store. A run's
folder states in which one its members lie, and nobody follows that elsewhere: a stranger's folder sends nobody to an
address.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.arrays import IntArray
from sim.clock import FIRST_YEAR, MONTHS_PER_YEAR, month_label
from sim.names import InputError

if TYPE_CHECKING:
    import xarray as xr

Values = NDArray[np.float32]

ANCESTOR = "ancestor"
"""The variable of a learned run that says from which particle a member descends."""

ISLAND = "island"
"""The variable of a learned run that says on which island of the filter a particle stood."""

PAST = "past_luck"
"""The variable of a learned run that holds the luck which brought its particles to the origin."""

PARAMETER = "parameter_"
"""How the names of a run's parameters begin."""

EARLIER = "past_"
"""How the names of what is kept of the particles' past begin."""

STORE = "SERBIA_SIM_STORE"
"""The environment variable that names a store, a path or an fsspec address."""

ELSEWHERE = "members.json"
"""What a run's folder holds in place of members that lie in a store: the hashes of their files."""

PACKED, QUANTITY = "parameters", "quantity"
"""The variable that packs all parameters, and the coordinate of what is kept of the particles' past."""

_CODECS = {"bytes", "blosc", "zstd"}  # what our arrays are packed by
_EPOCH = (FIRST_YEAR - 1970) * MONTHS_PER_YEAR


class NotKeptError(InputError):
    """What is asked of a run was not kept: says what, and how to keep it."""


def recorded_months(data: xr.Dataset) -> IntArray:
    """Return the numbers of the months that the members record, shape (months,)."""
    return data["month"].to_numpy().astype("datetime64[M]").astype(np.int64) - _EPOCH


def at(data: xr.Dataset, name: str, months: int | Sequence[int]) -> Values:
    """Return a recorded variable of all members in a month, shape (members,), or in several, (members, months).

    Months before the first recorded one come from the members' ancestors, as far as the run keeps them.

    Raises NotKeptError if the run does not keep the variable, or not in these months.
    """
    if isinstance(months, int):
        return np.asarray(at(data, name, [months])[:, 0])
    wanted = np.asarray(months, dtype=np.int64)
    if name not in data:
        raise not_kept(name)
    first, count = int(recorded_months(data)[0]), data.sizes["month"]
    if wanted.size and wanted.max() >= first + count:
        raise NotKeptError(f"{name}: the run ends before {month_label(int(wanted.max()))}")
    places = wanted[wanted >= first] - first
    # neighbours as a slice: read in one go
    whole = bool(places.size) and bool((np.diff(places) == 1).all())
    chosen = slice(int(places[0]), int(places[-1]) + 1) if whole else places
    later = data[name].isel(month=chosen).to_numpy() if places.size else None
    earlier = wanted[wanted < first]
    if not earlier.size:
        return np.empty((data.sizes["member"], 0), np.float32) if later is None else np.asarray(later)
    before = _before(data, name, earlier - first)
    return before if later is None else np.concatenate([before, later], axis=1)


def _before(data: xr.Dataset, name: str, back: IntArray) -> Values:
    """Return a variable in months so far before the first recorded one, as negative numbers."""
    kept = EARLIER + name
    if kept not in data or data.sizes[data[kept].dims[0]] < -int(back.min()):
        month = month_label(int(recorded_months(data)[0] + back.min()))
        raise NotKeptError(
            f"{name} of {month} was not kept: the run's members begin at its origin; "
            "`serbia-sim replay` tells the past of one"
        )
    return np.asarray(data[kept].to_numpy()[back][:, data[ANCESTOR].to_numpy()].T)


def of_members(data: xr.Dataset, name: str) -> NDArray[Any]:
    """Return what every member has of its particle, or by itself, as a parameter: members are the last axis."""
    values: NDArray[Any] = data[name].to_numpy()
    return values[..., data[ANCESTOR].to_numpy()] if "particle" in data[name].dims else values


def not_kept(name: str) -> NotKeptError:
    """Return what to say of a recorded variable that a run does not keep."""
    return NotKeptError(
        f"{name} was not kept in this run, which holds what answers, tables and standard figures need; "
        'make it with --keep all (keep="all" in Python)'
    )


def unpacked(data: xr.Dataset) -> xr.Dataset:
    """Return a data set with each parameter by its name again, read when used."""
    if PACKED not in data:
        return data
    array = data[PACKED]
    single = {name: array[place] for place, name in enumerate(array.attrs)}
    for name, about in array.attrs.items():
        single[name].attrs = dict(about)
    return data.drop_vars(PACKED).assign(single)


def hold_sizes(path: Path, **sizes: int) -> None:
    """Raise ValueError if an array is not of its size along a named dimension, or is packed as we never pack.

    That is before room is made for it, and before a decoder that we have no need of gets what a stranger wrote.
    """
    for array in sorted(path.glob("*/zarr.json")):
        about = json.loads(array.read_text(encoding="utf-8"))
        for name, size in zip(about["dimension_names"], about["shape"], strict=True):
            if sizes.get(name, size) != size:
                raise ValueError(f"{array.parent.name}: {size} along {name}, not {sizes[name]}")
        if other := {str(codec["name"]) for codec in about["codecs"]} - _CODECS:
            raise ValueError(f"{array.parent.name} is packed by {', '.join(sorted(other))}")


def opened(members: Path, particles: Path) -> xr.Dataset:
    """Return members, with their particles if there are any: read when used, and not kept in memory then."""
    import xarray as xr

    how: dict[str, Any] = {"chunks": None, "cache": False, "consolidated": False, "zarr_format": 3}
    own, *theirs = (
        unpacked(xr.open_dataset(engine="zarr", **how, **told(path, "filename_or_obj")))
        for path in (members, particles)
        if path.exists()
    )
    for found in theirs:
        own = own.assign(found.assign_coords({QUANTITY: found.attrs[QUANTITY]}))
    return own


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
    """Return as arguments of zarr and xarray where arrays lie, and of an address its settings.

    A ``file:`` address is given as the path that it is: newer zarr (3.4) takes no settings for one.
    """
    if getattr(place, "protocol", "") == "file":
        return {name: place.path}  # type: ignore[attr-defined]
    return {name: str(place), "storage_options": getattr(place, "storage_options", None) or None}
