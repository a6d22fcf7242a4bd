"""Posteriors in the form that ArviZ reads."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from sim.assimilation.posterior import Posterior
from sim.priors import Prior
from sim.randomness import uniforms


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

    island = posterior.data["island"].to_numpy()
    count = int(island.max()) + 1
    size = min(int((island == number).sum()) for number in range(count))
    order = np.random.default_rng(int(posterior.provenance["seed"])).permutation(island.size)
    places = np.concatenate([order[island[order] == number][:size] for number in range(count)])
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
    try:
        before_1 = int(version("arviz").partition(".")[0]) < 1
    except PackageNotFoundError:
        before_1 = False
    if before_1:
        from arviz import InferenceData

        return InferenceData(**sets)
    return xr.DataTree.from_dict(sets)


def _read(described: str) -> Prior:
    """Return the prior that `Prior.describe` wrote."""
    from sim.priors import read_prior

    family, _, numbers = described.rstrip(")").partition("(")
    return read_prior(family, tuple(float(number) for number in numbers.split(",")))
