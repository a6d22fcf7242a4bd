"""Other judgements that a reader may hold of what the record cannot settle: a state's ``judgement.toml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from sim.country import DEFAULT, StateError, read_toml, state_folder
from sim.priors import Prior, read_prior


@dataclass(frozen=True)
class Alternative:
    """Another judgement: a prior for the yearly rate or the slope of the hazard, or a rule for the rate.

    `short` says `text` in a few words, for a list.
    """

    id: str
    text: str
    short: str
    source: str
    rate: Prior | str | None
    slope: Prior | None


@cache
def alternatives(state: str = DEFAULT) -> tuple[Alternative, ...]:
    """Return a state's other judgements, in its table's order; raises StateError where these cannot be read."""
    path = state_folder(state) / "judgement.toml"
    try:
        return tuple(
            Alternative(
                **{name: e[name] for name in ("id", "text", "short", "source")},
                rate=_prior(e.get("rate")),
                slope=_prior(e.get("slope")),  # type: ignore[arg-type]
            )
            for e in read_toml(path)["alternatives"]
        )
    except (LookupError, TypeError, ValueError) as error:
        raise StateError(f"{path}: an alternative is not what it must be: {error!r}") from None


def _prior(entry: dict[str, Any] | None) -> Prior | str | None:
    if entry is None:
        return None
    ((family, numbers),) = entry.items()
    if family == "rule":
        return str(numbers)
    listed = numbers if isinstance(numbers, list) else [numbers]
    return read_prior(family, tuple(float(number) for number in listed))
