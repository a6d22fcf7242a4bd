"""The members of a run while it is being made: in memory, or written block by block, so that none is lost."""

from __future__ import annotations

import json
import logging
import os
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

from sim.record import additions
from sim.record.observations import Record
from sim.runs import manifest
from sim.runs.manifest import DamageError, Files
from sim.runs.members import ELSEWHERE, PACKED, PARAMETER, QUANTITY, STORE, opened, place_of, told
from sim.scenario import Scenario, to_toml

if TYPE_CHECKING:
    import xarray as xr

logger = logging.getLogger(__name__)

MEMBERS, PARTICLES = "members.zarr", "particles.zarr"
TABLES = ("forecast", "questions", "ranges", "summary")
"""The tables of a run."""

ATTRIBUTION = "attribution.csv"
"""What is kept of a run's attribution; it is made again at need."""

_UNFINISHED = "unfinished.json"
PROVENANCE, SCENARIO = "provenance.json", "scenario.toml"

PARTS = (MEMBERS, ELSEWHERE, PARTICLES, SCENARIO, *additions.PARTS, PROVENANCE, *(f"{t}.csv" for t in TABLES))
"""What a run is read from; what else lies in its folder, as figures do, is read by nothing."""


def packed(data: xr.Dataset) -> xr.Dataset:
    """Return a data set with its parameters as one array, since a hundred small ones take long to open."""
    names = [str(name) for name in data.data_vars if str(name).startswith(PARAMETER)]
    if not names:
        return data
    about = {name: dict(data[name].attrs) for name in names}
    values = np.stack([data[name].to_numpy() for name in names])
    return data.drop_vars(names).assign({PACKED: (("parameter", *data[names[0]].dims), values, about)})


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
    folder: what the files' paths begin at, as of `sim.runs.members.place_of`. name: of the arrays within.
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
        return manifest.hashed(self.folder, [name for name in fresh if (self.folder / name).exists()])

    def data(self) -> xr.Dataset:
        """Open what is written, read when used."""
        return opened(self.folder / self.name, self.particles)


@dataclass
class Store:
    """The members of a run folder, written block by block.

    Parameters
    ----------
    folder: the run folder. members: how many members the run will have; they lie where `sim.runs.members.STORE` names a
        store, in the folder if not.

    The blocks that an interrupted run left are kept, if they are still as it wrote them.
    """

    folder: Path
    members: int
    done: set[int] = field(default_factory=set, init=False)
    files: Files = field(default_factory=dict, init=False)
    judged: dict[str, list[float]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.address = os.environ.get(STORE) or None
        self.place = place_of(self.folder, self.address)
        if not self._take_up():
            manifest.clear(self.folder, (*PARTS, ATTRIBUTION))
        self.folder.mkdir(parents=True, exist_ok=True)
        self._mark()

    def lay_out(self, block: xr.Dataset, size: int) -> None:
        """Write the coordinates and empty arrays of all members, with a chunk for each block, if none is stored yet.

        Parameters
        ----------
        block: with the variables, of however few members. size: members of a block.
        """
        if self.done:
            return
        import xarray as xr
        import zarr
        from zarr.codecs import BloscCodec

        coords = {"member": np.arange(self.members), "month": block["month"]}
        xr.Dataset(coords=coords).to_zarr(**told(self.place / MEMBERS), mode="w", consolidated=False)
        group = zarr.open_group(**told(self.place / MEMBERS), mode="r+")
        for name, values in packed(block).data_vars.items():
            group.create_array(
                str(name),
                shape=tuple(self.members if dim == "member" else values.sizes[dim] for dim in values.dims),
                chunks=tuple(size if dim == "member" else values.sizes[dim] for dim in values.dims),
                dtype=values.dtype,
                # as small as zarr's own choice, and written and read in half the time
                compressors=BloscCodec(cname="lz4", shuffle="shuffle", typesize=values.dtype.itemsize),
                fill_value=np.nan if np.issubdtype(values.dtype, np.floating) else 0,
                dimension_names=[str(dim) for dim in values.dims],
                attributes={str(key): value for key, value in values.attrs.items()},
            )
        self.files = manifest.hashed(self.place, [MEMBERS])

    @property
    def chunks(self) -> Chunks:
        """What writes blocks, in this process or another."""
        return Chunks(self.place, MEMBERS, self.folder / PARTICLES)

    def note(self, first: int, files: Files) -> None:
        """Note that the block of members from `first` on is safe, in these files."""
        self.files |= files
        self.done.add(first)
        self._mark()

    def fail(self, causes: dict[int, str]) -> Path:
        """Note why blocks of members failed, by the first of each, and return where the others are kept."""
        self._mark(failed={str(first): why for first, why in causes.items()})
        return self.folder

    def judge(self, name: str, shifts: list[float]) -> None:
        """Note what another judgement shifts."""
        self.judged[name] = shifts
        self._mark()

    def keep(self, scenario: Scenario, record: Record, particles: xr.Dataset | None = None) -> None:
        """Keep the resolved scenario, and if there are any the observations added to the record and the particles."""
        manifest.write_text(self.folder / SCENARIO, to_toml(scenario))
        if particles is not None:
            # names go into attributes: Zarr has no settled format for text yet
            named = {QUANTITY: [str(name) for name in particles[QUANTITY].to_numpy()]}
            plain = packed(particles).drop_vars(QUANTITY).assign_attrs(named)
            plain.to_zarr(self.folder / PARTICLES, mode="w", consolidated=False)
        additions.write_added(record, self.folder)

    def finish(self, provenance: dict[str, Any]) -> None:
        """Write the provenance and then the manifest, which makes the folder a finished run."""
        known: Files | None = self.files
        if self.address:
            provenance, known = provenance | {"store": self.address}, None
            manifest.write_signed(self.folder / ELSEWHERE, {"files": self.files})
        text = json.dumps(provenance, indent=2, sort_keys=True, ensure_ascii=False)
        manifest.write_text(self.folder / PROVENANCE, text + "\n")
        manifest.seal(self.folder, PARTS, known=known)
        (self.folder / _UNFINISHED).unlink(missing_ok=True)

    def _take_up(self) -> bool:
        """Take up what an interrupted run left; return whether it is whole."""
        if not is_unfinished(self.folder):
            return False
        try:
            left = manifest.read_files(self.folder / _UNFINISHED, "starting anew")
            with manifest.readable(self.folder / _UNFINISHED, "starting anew"):
                blocks = {first for first in left["blocks"] if first in range(self.members)}
                judged = {str(name): [float(x) for x in shifts] for name, shifts in left["judged"].items()}
            safe = manifest.files_of(self.place, [MEMBERS]).keys() & left["files"].keys()
            manifest.hold(self.place, safe, left["files"], "starting anew")
        except DamageError as error:
            logger.warning("%s", error)
            return False
        for name in manifest.files_of(self.place, [MEMBERS]).keys() - left["files"].keys():
            (self.place / name).unlink()  # of a block that was not safe yet
        self.done, self.files, self.judged = blocks, left["files"], judged
        return True

    def _mark(self, **more: dict[str, str]) -> None:
        left = {"blocks": sorted(self.done), "files": self.files, "judged": self.judged}
        manifest.write_signed(self.folder / _UNFINISHED, left | more)


def is_unfinished(folder: Path) -> bool:
    """Return whether `folder` holds an interrupted run."""
    return (folder / _UNFINISHED).exists()
