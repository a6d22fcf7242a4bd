"""Who sits at the table: names, voter blocs and the order of accession, read from `data/country.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "country.toml"


@dataclass(frozen=True)
class Bloc:
    """Voters who use the same media: their share, trust in outlets with Russia's message, and offsets (logit)."""

    name: str
    share: float
    trust: float
    support_offset: float
    affinity_offset: float


@dataclass(frozen=True)
class Country:
    """The state in between, its patron, the union it may join, and its voters; shares of blocs add up to 1."""

    state: str
    patron: str
    union: str
    clusters_from: date
    interconnector_from: date
    cluster_order: tuple[str, ...]
    blocs: tuple[Bloc, ...]


@lru_cache(maxsize=1)
def load_country() -> Country:
    """Return the shipped country."""
    data = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    total = sum(bloc["share"] for bloc in data["blocs"])
    blocs = tuple(Bloc(**{**bloc, "share": bloc["share"] / total}) for bloc in data.pop("blocs"))
    return Country(**{**data, "cluster_order": tuple(data["cluster_order"])}, blocs=blocs)
