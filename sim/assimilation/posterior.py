"""What was learned: particles of equal weight, each a set of parameters and the luck that brought it to the origin."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.arrays import IntArray
from sim.assimilation.ancestors import Ancestors, Start
from sim.assimilation.blocks import control_of
from sim.manifest import MANIFEST, check, clear, readable, seal, write_text
from sim.members import PARAMETER, PAST, hold_sizes
from sim.randomness import uniforms

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


DATA, PROVENANCE = PARTS = "posterior.zarr", "provenance.json"
_NAMED = ["strand", "coordinate", "quantity"]
_CONTROL = control_of("")
_TOGETHER = "parameters"


@dataclass(frozen=True, repr=False)
class Posterior:
    """Parameters and hidden history together, as learned from the record up to an origin.

    A particle's history is what the model makes of its parameters and its past luck, so these two are kept: living it
    again gives every hidden state of every month. What charts and readings need of the past is kept beside them.

    Attributes
    ----------
    data: on (particle), (strand, month, particle) and (stage): one variable per parameter, ``luck``,
        ``log_probability`` of the record, ``island``, what is told of the past (`sim.assimilation.past`), and how each
        stage of the filter went.
    provenance: what made it: scenario's beliefs, origin, particles, seed, time used.
    """

    data: xr.Dataset
    provenance: dict[str, Any]

    @property
    def digest(self) -> str:
        """What names it: a digest of all that it depends on."""
        return str(self.provenance["digest"])

    @property
    def size(self) -> int:
        """Number of particles."""
        return int(self.data.sizes["particle"])

    @property
    def names(self) -> list[str]:
        """The names of the parameters."""
        return [str(name) for name in self.data.data_vars if self.data[name].attrs.get("parameter")]

    @cached_property
    def kept(self) -> xr.Dataset:
        """What a run keeps of its posterior, under the run's names: parameters, luck and past of every particle."""
        own = {name: PARAMETER + name for name in self.names} | {"luck": PAST}
        data = self.data.drop_dims(["coordinate", "stage"]).drop_vars("log_probability").rename_vars(own)
        data[PAST].attrs["seed"] = int(self.provenance["seed"])
        return data.drop_vars("strand").rename_dims(month="past")

    def start(self, members: IntArray, *, seed: int, again: bool = False) -> Start:
        """Return how members begin: each draws its ancestor by one uniform at its own address.

        Parameters
        ----------
        members: member numbers, shape (n,). seed: of the run. again: whether they are to live the past again.
        """
        return self._ancestors.start(ancestors_of(members, self.size, seed), again=again)

    @cached_property
    def _ancestors(self) -> Ancestors:
        return Ancestors(self.kept)

    def summary(self) -> pd.DataFrame:
        """Return a table by parameter: prior and posterior median and 90 %, how much was learned.

        ``sd_ratio`` is the posterior standard deviation over the prior's, both on the scale on which the prior is
        standard normal; ``shift`` the move of the mean there: 1 and 0 where nothing can be learned. ``information``
        puts the two together: what was gained over the prior, in nats, were the posterior normal on that scale.
        """
        import pandas as pd

        rows = []
        for name in self.names:
            values = self.data[name].to_numpy()
            known = name in self.data["coordinate"]
            z = self.data["z"].sel(coordinate=name).to_numpy() if known else np.zeros(1)
            shift, ratio = float(z.mean()), float(z.std())
            gained = 0.5 * (shift**2 + ratio**2 - 1.0) - np.log(ratio) if ratio > 0.0 else 0.0
            low, median, high = np.quantile(values, [0.05, 0.5, 0.95])
            about = self.data[name].attrs
            rows.append(
                {
                    "parameter": name,
                    "unit": about["units"],
                    "prior": about["prior"],
                    "learned": bool(about["learned"]),
                    "low": low,
                    "median": median,
                    "high": high,
                    "shift": shift,
                    "sd_ratio": ratio,
                    "information": float(gained),
                }
            )
        return pd.DataFrame(rows).set_index("parameter")

    def controls(self) -> pd.DataFrame:
        """Return mean and standard deviation of the negative controls, on which nothing depends.

        They go along with the blocks' parameters: 0 and 1 where the filter has enough particles, and a standard
        deviation far below 1 where it has not.
        """
        import pandas as pd

        names = [str(name) for name in self.data["coordinate"].to_numpy() if str(name).startswith(_CONTROL)]
        z = self.data["z"].sel(coordinate=names).to_numpy()
        controls = pd.Index([name.removeprefix(_CONTROL) for name in names], name="control")
        return pd.DataFrame({"mean": z.mean(axis=1), "sd": z.std(axis=1)}, index=controls)

    def save(self, folder: Path) -> None:
        """Write it to `folder`; the manifest comes last and makes it whole."""
        clear(folder, PARTS)
        folder.mkdir(parents=True, exist_ok=True)
        # names go into attributes: Zarr has no settled format for text yet
        names = {name: [str(label) for label in self.data[name].to_numpy()] for name in _NAMED}
        _together(self.data.drop_vars(_NAMED).assign_attrs(names)).to_zarr(
            folder / DATA, mode="w", consolidated=False
        )
        text = json.dumps(self.provenance, indent=2, sort_keys=True, ensure_ascii=False)
        write_text(folder / PROVENANCE, text + "\n")
        seal(folder, PARTS)

    @classmethod
    def load(cls, folder: Path) -> Posterior:
        """Read it from `folder`.

        Raises
        ------
        FileNotFoundError: if the folder holds none.
        sim.manifest.DamageError: if it is not as it was written.
        """
        import xarray as xr

        if not any((folder / name).exists() for name in (MANIFEST, PROVENANCE)):
            raise FileNotFoundError(f"{folder} holds no posterior; `serbia-sim assimilate` makes one")
        todo = "it is learned again"
        check(folder, PARTS, todo=todo)
        with readable(folder, todo):
            made = json.loads((folder / PROVENANCE).read_text(encoding="utf-8"))
            hold_sizes(folder / DATA, particle=made["particles"])
            data = xr.open_zarr(folder / DATA, chunks=None, consolidated=False, zarr_format=3).load()
            data = _apart(data)
            data = data.assign_coords({name: data.attrs[name] for name in _NAMED})
            data.attrs = {}
            found = cls(data, made)
            repr(found), found.controls(), found._ancestors.start(np.zeros(1, dtype=np.int64))
            return found

    def __repr__(self) -> str:
        made = self.provenance
        return "\n".join(
            [
                f"Posterior as known on {made['as_of']}: {self.size} particles, seed {made['seed']}",
                f"  beliefs other than the table's: {', '.join(made['beliefs']) or 'none'}",
                f"  {made['stages']} resamplings, least effective share {made['least_effective_share']:.2f}",
                f"  log evidence by island {', '.join(f'{x:.1f}' for x in made['log_evidence'])}",
                f"  digest {self.digest}",
            ]
        )


def ancestors_of(members: IntArray, particles: int, seed: int) -> IntArray:
    """Return the place among so many particles from which each member descends, shape (members,)."""
    u = uniforms(seed, "ancestor", "posterior", 0, members)
    return np.minimum((u * particles).astype(np.int64), particles - 1)


def _together(data: xr.Dataset) -> xr.Dataset:
    """Return the data with all parameters as one variable: a file for each of a hundred takes long to read."""
    names = [str(name) for name in data.data_vars if data[name].attrs.get("parameter")]
    about = {"names": names, "about": [data[name].attrs for name in names]}
    together = np.stack([data[name].to_numpy() for name in names])
    return data.drop_vars(names).assign({_TOGETHER: (("parameter", "particle"), together, about)})


def _apart(data: xr.Dataset) -> xr.Dataset:
    """Return the data with a variable for each parameter, as it was."""
    together = data[_TOGETHER]
    of_each = zip(together.attrs["names"], together.to_numpy(), together.attrs["about"], strict=True)
    apart = {name: (("particle",), values, about) for name, values, about in of_each}
    return data.drop_vars(_TOGETHER).assign(apart)
