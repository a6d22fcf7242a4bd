"""Parameters: the table of them, the rule that one follows, and draws of them as arrays.

The table is `sim/data/parameters.toml`; a scenario replaces entries of it by beliefs of its own. Reading it
needs neither numpy nor scipy; drawing does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from sim.names import did_you_mean
from sim.parameters.priors import RULES, Prior, Rule, stated_prior
from sim.quantities.quantity import How, in_words, within
from sim.record.country import DEFAULT, StateError, load_country, read_toml, state_folder

if TYPE_CHECKING:
    from datetime import date

    from sim.arrays import FloatArray, IntArray
    from sim.record.observations import ReferenceClass

TABLE = Path(__file__).parent.parent / "data" / "parameters.toml"
"""What a parameter is and, unless a state says otherwise, what is believed about it."""

_OF_A_STATE = {"value", "prior", "source", "learned"}


@dataclass(frozen=True)
class Parameter:
    """A number that the model takes as given, and what is believed about it.

    Parameters
    ----------
    prior: what is believed; draws are cut to what the parameter can be.
    source: where the belief comes from, or the word judgement.
    learned: something on record depends on it, so that the record may teach about it. The others are the filter's
        negative controls: they must keep their prior.
    minimum, maximum: what the parameter can be, both included; None means no bound.
    changes, discrete: as of a quantity that an event may act on.
    """

    name: str
    prior: Prior | Rule
    unit: str
    meaning: str
    source: str
    learned: bool
    minimum: float | None = None
    maximum: float | None = None
    group: str | None = None
    changes: ClassVar[tuple[How, ...]] = ("set",)
    discrete: ClassVar[bool] = False

    @property
    def fixed(self) -> bool:
        """Whether it is a value that nothing is learned about."""
        return isinstance(self.prior, Prior) and self.prior.family == "value"

    def allowed(self) -> str:
        """Return what the parameter can be, in words."""
        return "a number" + in_words(self.minimum, self.maximum)

    def admits(self, x: object) -> bool:
        """Tell whether `x` is a value that the parameter can have."""
        return within(x, self.minimum, self.maximum)

    def draw(self, u: FloatArray) -> FloatArray:
        """Return the values at uniforms `u` in (0, 1): quantiles of the prior, cut to its bounds."""
        import numpy as np

        if isinstance(self.prior, Rule):
            raise ValueError(f"parameter {self.name!r} has an unresolved rule as prior; call resolve() first")
        if self.prior.family == "value":
            return self.prior.quantile(u)
        low = 0.0 if self.minimum is None else self.prior.cdf(self.minimum)
        high = 1.0 if self.maximum is None else self.prior.cdf(self.maximum)
        x = self.prior.quantile(low + u * (high - low))
        # The cut is made in u; rounding on the way back may pass a bound by its last digit.
        lower = -math.inf if self.minimum is None else self.minimum
        upper = math.inf if self.maximum is None else self.maximum
        return np.minimum(np.maximum(x, lower), upper)


def read_table(path: Path, own: Path | None = None) -> dict[str, Parameter]:
    """Read a parameter table, with the entries of a state's `own` table in place: a prior or value, and its source.

    What the table leaves to the states to say must stand there.

    Raises ValueError: an entry is not what it must be; the message names it.
    """
    entries = read_toml(path)
    for name, entry in ({} if own is None or not own.exists() else read_toml(own)).items():
        if name not in entries or not isinstance(entry, dict):
            raise StateError(f"{own}: unknown parameter {name!r}{did_you_mean(name, entries)}")
        if unknown := set(entry) - _OF_A_STATE:
            raise StateError(
                f"{own}: {name}: a state says only {', '.join(sorted(_OF_A_STATE))}, not {min(unknown)}"
            )
        if "source" not in entry:
            raise StateError(f"{own}: {name}: 'source' is missing")
        told = {key: value for key, value in entries[name].items() if key not in {"prior", "value"}}
        entries[name] = told | entry
    if own and (missing := [name for name, entry in entries.items() if not {"prior", "value"} & set(entry)]):
        what, of = ("is", "it") if len(missing) == 1 else ("are", "them")
        raise StateError(
            f"{own}: {', '.join(missing)} {what} missing: every state says what is believed of {of}"
        )
    return {name: _parameter(name, entry) for name, entry in entries.items()}


def meanings() -> dict[str, str]:
    """Return what each parameter means, with its unit, in words that leave places for a state's own."""
    return {name: f"{entry['meaning']} ({entry['unit']})" for name, entry in read_toml(TABLE).items()}


@cache
def parameter_table(state: str = DEFAULT) -> Mapping[str, Parameter]:
    """Return a state's table, rules unresolved. It is read once and must not be changed."""
    fill = load_country(state).fill
    return {
        name: replace(
            entry,
            meaning=fill(entry.meaning),
            source=fill(entry.source),
            group=entry.group and fill(entry.group),
        )
        for name, entry in read_table(TABLE, state_folder(state) / "parameters.toml").items()
    }


def resolve(
    table: Mapping[str, Parameter], as_of: date, counted: ReferenceClass | None = None
) -> dict[str, Parameter]:
    """Return the table with each prior that is a rule replaced by what the record said at `as_of`.

    `counted` is the reference class as known then; that of the default state's record if not given.

    The one rule, `sanctions_reference_class`: the annual rate at which states like this one join the EU's sanctions on
    Russia, as `adoption_rate` counts it.
    """
    resolved = dict(table)
    for name, parameter in table.items():
        if isinstance(parameter.prior, Rule):
            from sim.record.observations import reference_class_count

            count = counted or reference_class_count(as_of)
            prior = adoption_rate(count.adoptions, count.state_years)
            said = f"{count.adoptions} adoptions in {count.state_years:.1f} state-years known on {as_of}"
            resolved[name] = replace(parameter, prior=prior, source=f"{parameter.source}; {said}")
    return resolved


def adoption_rate(adoptions: int, state_years: float) -> Prior:
    """Return the prior of one state's yearly rate of adopting sanctions, from what others like it did.

    Their mean rate is that of Jeffreys, ``(adoptions + 1/2) / state_years``; a single state's is spread about it as
    widely as a gamma of shape 1/2, since states differ: so that its own years without sanctions speak. Without an
    adoption that is Jeffreys' posterior itself, Gamma(1/2, state-years).

    In full-scale war three of five adopted on the first day, in the first week and after 21 months, two never: a gamma
    of shape .12 fits that best (log likelihood -0.7; shape 1/2 -3.5; one rate for all -6.8); 1/2 is judgement between.
    """
    return Prior("gamma", (0.5, 0.5 * state_years / (adoptions + 0.5)))


def draw(parameters: Mapping[str, Parameter], *, rows: IntArray, seed: int) -> dict[str, FloatArray]:
    """Draw every parameter for the parameter rows `rows`, shape (members,): arrays of that shape by name.

    A row's values depend on seed, name and row only, not on which other rows or parameters are drawn.
    """
    from sim.draws.randomness import uniforms

    return {
        name: parameter.draw(uniforms(seed, "parameter", name, 0, rows))
        for name, parameter in parameters.items()
    }


def _parameter(name: str, entry: Mapping[str, Any]) -> Parameter:
    known = {"value", "prior", "unit", "meaning", "source", "learned", "minimum", "maximum", "group"}
    if unknown := set(entry) - known:
        raise ValueError(f"parameter {name!r}: unknown key {sorted(unknown)[0]!r}")
    if missing := {"unit", "meaning", "source"} - set(entry):
        raise ValueError(f"parameter {name!r}: {sorted(missing)[0]!r} is missing")
    if ("value" in entry) == ("prior" in entry):
        raise ValueError(f"parameter {name!r}: give either a value or a prior")
    try:
        stated = stated_prior({"value": entry["value"]} if "value" in entry else entry["prior"])
        if isinstance(stated, str) and stated not in RULES:
            raise ValueError(f"unknown rule {stated!r}")
    except ValueError as error:
        raise ValueError(f"parameter {name!r}: {error}") from None
    about = {key: entry[key] for key in known - {"value", "prior", "learned"} if key in entry}
    prior = Rule(stated) if isinstance(stated, str) else stated
    learned = entry.get("learned", True) and not (isinstance(prior, Prior) and prior.family == "value")
    parameter = Parameter(name=name, prior=prior, learned=learned, **about)
    if isinstance(prior, Prior) and not parameter.admits(prior.centre()):
        raise ValueError(f"parameter {name!r}: its prior is centred outside of what it can be")
    return parameter


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
    """Return the other judgements that a reader may hold of what the record cannot settle, in their file's order.

    Raises StateError: the state's ``judgement.toml`` cannot be read.
    """
    path = state_folder(state) / "judgement.toml"
    try:
        return tuple(
            Alternative(
                **{name: e[name] for name in ("id", "text", "short", "source")},
                rate=stated_prior(e["rate"]) if "rate" in e else None,
                slope=stated_prior(e["slope"]) if "slope" in e else None,  # type: ignore[arg-type]
            )
            for e in read_toml(path)["alternatives"]
        )
    except (LookupError, TypeError, ValueError) as error:
        raise StateError(f"{path}: an alternative is not what it must be: {error!r}") from None
