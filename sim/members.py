"""How the members of a run lie and are read: a month by its number, and a part at a time of what may not fit.

A learned run's members begin at the origin, those of a run from priors in January 2012; the month coordinate says
which. Of a learned run each member names its ancestor among the particles, which hold parameters and past.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from ctypes import c_byte
from dataclasses import dataclass, field
from math import prod
from multiprocessing.heap import BufferWrapper
from multiprocessing.sharedctypes import rebuild_ctype  # type: ignore[attr-defined]  # typeshed leaves it out
from pathlib import Path
from platform import node
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.arrays import IntArray
from sim.clock import FIRST_YEAR, MONTHS_PER_YEAR, month_label
from sim.manifest import Files, hashed
from sim.names import InputError
from sim.places import STORE, told

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

_PACKED, _QUANTITY = "parameters", "quantity"
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


def packed(data: xr.Dataset) -> xr.Dataset:
    """Return a data set with its parameters as one array, since a hundred small ones take long to open."""
    names = [str(name) for name in data.data_vars if str(name).startswith(PARAMETER)]
    if not names:
        return data
    about = {name: dict(data[name].attrs) for name in names}
    values = np.stack([data[name].to_numpy() for name in names])
    return data.drop_vars(names).assign({_PACKED: (("parameter", *data[names[0]].dims), values, about)})


def unpacked(data: xr.Dataset) -> xr.Dataset:
    """Return a data set with each parameter by its name again, read when used."""
    if _PACKED not in data:
        return data
    array = data[_PACKED]
    single = {
        name: array[place].assign_attrs(about) for place, (name, about) in enumerate(array.attrs.items())
    }
    for name, about in array.attrs.items():
        single[name].attrs = dict(about)
    return data.drop_vars(_PACKED).assign(single)


def lay_out(path: Path, block: xr.Dataset, members: int, size: int) -> None:
    """Write the coordinates and the empty arrays of all members, with a chunk for each block.

    Parameters
    ----------
    block: with the variables, of however few members. size: members of a block.
    """
    import xarray as xr
    import zarr
    from zarr.codecs import BloscCodec

    coords = {"member": np.arange(members), "month": block["month"]}
    xr.Dataset(coords=coords).to_zarr(**told(path), mode="w", consolidated=False)
    group = zarr.open_group(**told(path), mode="r+")
    for name, values in packed(block).data_vars.items():
        group.create_array(
            str(name),
            shape=tuple(members if dim == "member" else values.sizes[dim] for dim in values.dims),
            chunks=tuple(size if dim == "member" else values.sizes[dim] for dim in values.dims),
            dtype=values.dtype,
            # as small as zarr's own choice, and written and read in half the time
            compressors=BloscCodec(cname="lz4", shuffle="shuffle", typesize=values.dtype.itemsize),
            fill_value=np.nan if np.issubdtype(values.dtype, np.floating) else 0,
            dimension_names=[str(dim) for dim in values.dims],
            attributes={str(key): value for key, value in values.attrs.items()},
        )


class Room:
    """Room in memory for all members of a run: months one after another, in each the members side by side.

    Parameters
    ----------
    empty: with the variables, of no members. members: the number after the last. begin: of the first one.
    shared: whether several processes fill it; it is then a file without a name, of which nothing is left when they
        end, whatever ends them.
    """

    def __init__(self, empty: xr.Dataset, members: int, *, shared: bool, begin: int = 0) -> None:
        self._empty, self._begin, self._end = empty, begin, members

        def made(like: NDArray[Any]) -> Any:
            size = (members - begin) * prod(like.shape[1:]) * like.itemsize
            # RawArray would first write zeros over it, here, where all could fill it
            return rebuild_ctype(c_byte * size, BufferWrapper(size), None) if shared else np.empty(size, "b")

        self._bytes: dict[str, Any] = {name: made(like) for name, like in self._each().items()}

    def of(self, first: int, size: int) -> dict[str, NDArray[Any]]:
        """Return where the variables of so many members from `first` on belong, by name, members first."""
        first -= self._begin
        return {name: values[first : first + size] for name, values in self._values().items()}

    def write(self, first: int, block: xr.Dataset) -> Files:
        """Put the members from `first` on in their place, as far as they are not there; no files come of it."""
        for name, room in self.of(first, block.sizes["member"]).items():
            values = block[name].to_numpy()
            if not np.may_share_memory(room, values):
                room[...] = values
        return {}

    def data(self) -> xr.Dataset:
        """Return all members as a data set."""
        import xarray as xr

        filled = self._values()
        variables = {
            name: (values.dims, filled[str(name)], values.attrs)
            for name, values in self._empty.data_vars.items()
        }
        return xr.Dataset(
            variables, coords={"member": np.arange(self._begin, self._end), "month": self._empty["month"]}
        )

    def _values(self) -> dict[str, NDArray[Any]]:
        return {
            name: np.frombuffer(self._bytes[name], dtype=like.dtype).reshape((*like.shape[:0:-1], -1)).T
            for name, like in self._each().items()
        }

    def _each(self) -> dict[str, NDArray[Any]]:
        return {str(name): values.to_numpy() for name, values in self._empty.data_vars.items()}


@dataclass(frozen=True)
class Chunks:
    """What writes blocks into arrays that were laid out; several processes may, each its own blocks.

    Parameters
    ----------
    folder: what the files' paths begin at, as of `sim.places.place_of`. name: of the arrays within.
    particles: where the particles lie from which the members descend, if they do.
    """

    folder: Path
    name: str
    particles: Path
    _arrays: dict[str, Any] = field(default_factory=dict, init=False, repr=False)

    def write(self, first: int, block: xr.Dataset) -> Files:
        """Write the members from `first` on, and return the hashes of the files."""
        import zarr

        fresh, place = [], self.folder / self.name
        if not (place / "zarr.json").exists():
            raise FileNotFoundError(
                f"{place} is not there on {node()}: let --output or {STORE} name what all workers reach"
            )
        for name, values in packed(block).data_vars.items():
            axis = values.dims.index("member")
            if name not in self._arrays:
                self._arrays[str(name)] = zarr.open_array(**told(place), path=str(name), mode="r+")
            array, size = self._arrays[str(name)], block.sizes["member"]
            array[(slice(None),) * axis + (slice(first, first + size),)] = values.to_numpy()
            number = first // array.chunks[axis]
            places = [number if place == axis else 0 for place in range(values.ndim)]
            fresh.append("/".join([self.name, str(name), "c", *map(str, places)]))
        # a block without anything but fill values leaves no file
        return hashed(self.folder, [name for name in fresh if (self.folder / name).exists()])

    def data(self) -> xr.Dataset:
        """Open what is written, read when used."""
        return opened(self.folder / self.name, self.particles)


def write_particles(particles: xr.Dataset, path: Path) -> None:
    """Write the particles from which members descend."""
    # names go into attributes: Zarr has no settled format for text yet
    named = {_QUANTITY: [str(name) for name in particles[_QUANTITY].to_numpy()]}
    plain = packed(particles).drop_vars(_QUANTITY).assign_attrs(named)
    plain.to_zarr(path, mode="w", consolidated=False)


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
        own = own.assign(found.assign_coords({_QUANTITY: found.attrs[_QUANTITY]}))
    return own
