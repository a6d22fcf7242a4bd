"""What was learned: particles of equal weight, each a set of parameters and the luck that brought it to the origin."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.assimilation.blocks import control_of
from sim.draws.randomness import PastLuck, uniforms
from sim.parameters.priors import Prior
from sim.runs.manifest import MANIFEST, check, clear, readable, seal, write_text
from sim.runs.members import PARAMETER, PAST, hold_sizes, unpacked
from sim.runs.storing import packed

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

DATA, PROVENANCE = PARTS = "posterior.zarr", "provenance.json"
_NAMED = ["strand", "coordinate", "quantity"]
_CONTROL = control_of("")

STATES = "origin_states"
"""The variable that holds the model's states at the origin."""


@dataclass(frozen=True)
class Start:
    """How members begin: with what parameters, from which ancestors, and either at the origin or in January 2012.

    Attributes
    ----------
    parameters: by name, each of shape (members,). ancestor: place of each member's particle, shape (members,).
    states: the model's at the origin, from which members go on; None if they are to live the past again.
    past: the luck that brought them through it; None if they need not.
    luck: luck index of each member, shape (members,); the members' numbers if not given.
    """

    parameters: dict[str, FloatArray]
    ancestor: IntArray
    states: dict[str, FloatArray] | None = None
    past: PastLuck | None = None
    luck: IntArray | None = None


class Ancestors:
    """Particles whose parameters, states and luck are at hand, to be taken by place.

    Parameters
    ----------
    particles: as `sim.assimilation.Posterior.kept` and the folder of a run have them.
    """

    def __init__(self, particles: xr.Dataset) -> None:
        names = [str(name) for name in particles.data_vars if str(name).startswith(PARAMETER)]
        self._parameters = {
            name.removeprefix(PARAMETER): particles[name].to_numpy().astype(np.float64) for name in names
        }
        self._states, self._widths = particles[STATES].to_numpy(), particles[STATES].attrs["widths"]
        self._luck, self._seed = particles[PAST].to_numpy(), int(particles[PAST].attrs["seed"])

    def start(self, ancestor: IntArray, *, again: bool = False) -> Start:
        """Return how members begin, by the place of each one's ancestor, shape (members,).

        They go on from the origin; if `again`, they live the past again.
        """
        parameters = {name: values.take(ancestor) for name, values in self._parameters.items()}
        if again:
            luck = self._luck[:, :, ancestor].astype(np.int64)
            return Start(parameters, ancestor, past=PastLuck(self._seed, luck))
        states, row = {}, 0
        for name, width in self._widths.items():
            count = width[0] if width else 1
            taken = self._states[row : row + count].take(ancestor, axis=1)
            states[name], row = (taken.T if width else taken[0]), row + count
        return Start(parameters, ancestor, states=states)


@dataclass(frozen=True, repr=False)
class Posterior:
    """Parameters and hidden history together, as learned from the record up to an origin.

    A particle's history is what the model makes of its parameters and its past luck, so these two are kept: living it
    again gives every hidden state of every month. What charts and readings need of the past is kept beside them.

    Attributes
    ----------
    data: on (particle), (strand, month, particle) and (stage): one variable per parameter, ``luck``,
        ``log_probability`` of the record, ``island``, what is told of the past, and how each stage of the filter went:
        see `sim.assimilation.dataset`.
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
        data = self._by_prefix.drop_dims(["coordinate", "stage"]).drop_vars(["log_probability", "strand"])
        data = data.rename_vars(luck=PAST).rename_dims(month="past")
        data[PAST].attrs["seed"] = int(self.provenance["seed"])
        return data

    @property
    def _by_prefix(self) -> xr.Dataset:
        """The data with parameters under the names that a run has for them."""
        return self.data.rename_vars({name: PARAMETER + name for name in self.names})

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
            known, about = name in self.data["coordinate"], self.data[name].attrs
            z = self.data["z"].sel(coordinate=name).to_numpy() if known else np.zeros(1)
            shift, ratio = float(z.mean()), float(z.std())
            gained = 0.5 * (shift**2 + ratio**2 - 1.0) - np.log(ratio) if ratio > 0.0 else 0.0
            band = np.quantile(self.data[name].to_numpy(), [0.05, 0.5, 0.95])
            said = (about["units"], about["prior"], bool(about["learned"]))
            rows.append((name, *said, *band, shift, ratio, float(gained)))
        columns = ["parameter", "unit", "prior", "learned", "low", "median", "high"]
        columns += ["shift", "sd_ratio", "information"]
        return pd.DataFrame(rows, columns=columns).set_index("parameter")

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
        plain = packed(self._by_prefix.drop_vars(_NAMED).assign_attrs(names))
        plain.to_zarr(folder / DATA, mode="w", consolidated=False)
        text = json.dumps(self.provenance, indent=2, sort_keys=True, ensure_ascii=False)
        write_text(folder / PROVENANCE, text + "\n")
        seal(folder, PARTS)

    @classmethod
    def load(cls, folder: Path) -> Posterior:
        """Read it from `folder`.

        Raises
        ------
        FileNotFoundError: if the folder holds none.
        sim.runs.manifest.DamageError: if it is not as it was written.
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
            data = unpacked(data).assign_coords({name: data.attrs[name] for name in _NAMED})
            own = [str(name) for name in data.data_vars if str(name).startswith(PARAMETER)]
            data = data.rename_vars({name: name.removeprefix(PARAMETER) for name in own})
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


def to_arviz(posterior: Posterior) -> Any:
    """Return a posterior as the installed ArviZ reads it: data sets on (chain, draw), an island being a chain.

    That is xarray's DataTree for ArviZ 1, and where there is no ArviZ; InferenceData for ArviZ before 1, which is what
    Python 3.11 gets.

    Groups: ``posterior`` and ``prior`` with one variable per parameter that is not fixed, ``sample_stats`` with ``lp``,
    the log probability given to the record. Islands of unequal size are cut to the least. Particles are exchangeable
    within an island, and stand in an order of their own: as resampled, copies of one ancestor stand side by side, which
    ArviZ takes for a chain that hardly moves. What tells is agreement between islands: `r_hat`, and `ess_bulk` by it.

    Source: ArviZ's schema for inference data.
    """
    import xarray as xr

    island, seed = posterior.data["island"].to_numpy(), int(posterior.provenance["seed"])
    count = int(island.max()) + 1
    size = min(int((island == number).sum()) for number in range(count))
    order = np.random.default_rng(seed).permutation(island.size)
    places = np.concatenate([order[island[order] == number][:size] for number in range(count)])
    rows = np.arange(count * size, dtype=np.int64)
    dims, shape = ("chain", "draw"), (count, size)
    coords = {"chain": np.arange(count), "draw": np.arange(size)}
    sets = {group: xr.Dataset(coords=coords) for group in ("posterior", "prior", "sample_stats")}
    for name in posterior.names:
        if name in posterior.data["coordinate"]:
            values = posterior.data[name]
            about = {key: values.attrs[key] for key in ("units", "long_name")}
            prior, u = _described(str(values.attrs["prior"])), uniforms(seed, "parameter", name, 0, rows)
            sets["posterior"][name] = (dims, values.to_numpy()[places].reshape(shape), about)
            sets["prior"][name] = (dims, prior.quantile(u).reshape(shape), about)
    score = posterior.data["log_probability"].to_numpy()[places]
    sets["sample_stats"]["lp"] = (dims, score.reshape(shape))
    try:
        before_1 = int(version("arviz").partition(".")[0]) < 1
    except PackageNotFoundError:
        before_1 = False
    if before_1:
        from arviz import InferenceData

        return InferenceData(**sets)
    return xr.DataTree.from_dict(sets)


def _described(prior: str) -> Prior:
    """Return the prior that `Prior.describe` wrote."""
    family, _, numbers = prior.rstrip(")").partition("(")
    return Prior(family, tuple(float(number) for number in numbers.split(",")))
