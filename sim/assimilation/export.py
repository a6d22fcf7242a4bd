"""Posteriors in the form that ArviZ reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.assimilation.posterior import Posterior
from sim.parameters import Prior
from sim.randomness import uniforms

if TYPE_CHECKING:
    import xarray as xr


def to_arviz(posterior: Posterior) -> xr.DataTree:
    """Return a posterior as ArviZ reads it: a tree of data sets on (chain, draw), an island being a chain.

    Groups: ``posterior`` and ``prior`` with one variable per parameter that is not fixed, ``sample_stats`` with ``lp``,
    the log probability given to the record. Islands of unequal size are cut to the least. Particles are exchangeable
    within an island: autocorrelation has no meaning here, agreement between islands has.

    Source: ArviZ's schema for inference data. ArviZ itself is not needed; version 1 takes the tree as it is.
    """
    import xarray as xr

    island = posterior.data["island"].to_numpy()
    count = int(island.max()) + 1
    size = min(int((island == number).sum()) for number in range(count))
    places = np.concatenate([np.flatnonzero(island == number)[:size] for number in range(count)])
    rows = np.arange(count * size, dtype=np.int64)
    groups: dict[str, dict[str, tuple[tuple[str, str], np.ndarray, dict[str, object]]]] = {
        "posterior": {},
        "prior": {},
    }
    for name in posterior.names:
        if name not in posterior.data["coordinate"]:
            continue
        about = {key: posterior.data[name].attrs[key] for key in ("units", "long_name")}
        values = posterior.data[name].to_numpy()[places]
        prior = _read(str(posterior.data[name].attrs["prior"]))
        drawn = prior.quantile(uniforms(int(posterior.provenance["seed"]), "parameter", name, 0, rows))
        for group, column in (("posterior", values), ("prior", drawn)):
            groups[group][name] = (("chain", "draw"), column.reshape(count, size), about)
    score = posterior.data["log_probability"].to_numpy()[places].reshape(count, size)
    coords = {"chain": np.arange(count), "draw": np.arange(size)}
    sets = {group: xr.Dataset(variables, coords=coords) for group, variables in groups.items()}
    sets["sample_stats"] = xr.Dataset({"lp": (("chain", "draw"), score)}, coords=coords)
    tree: xr.DataTree = xr.DataTree.from_dict(sets)
    return tree


def _read(described: str) -> Prior:
    """Return the prior that `Prior.describe` wrote."""
    from sim.parameters import read_prior

    family, _, numbers = described.rstrip(")").partition("(")
    return read_prior(family, tuple(float(number) for number in numbers.split(",")))
