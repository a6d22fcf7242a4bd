"""Priors: what is believed about one number before the record is read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.arrays import FloatArray

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "value": ("x",),
    "normal": ("mean", "sd"),
    "halfnormal": ("scale",),
    "lognormal": ("median", "sigma of the logarithm"),
    "beta": ("a", "b"),
    "gamma": ("shape", "rate"),
    "uniform": ("low", "high"),
}
"""The families of priors and the names of their numbers, in the order in which a file gives them."""

RULES = ("sanctions_reference_class",)
"""The priors that are counted from the record; see `sim.parameters.table.resolve`."""

_ANY_SIGN: Mapping[str, set[str]] = {"value": {"x"}, "normal": {"mean"}, "uniform": {"low", "high"}}


@dataclass(frozen=True)
class Prior:
    """A belief about one number: a fixed value, or a distribution of one of `FAMILIES`.

    Raises ValueError: there is no such family, or the numbers do not make one of it; the message says what is allowed.

    >>> Prior("normal", (0.8, 0.2)).describe()
    'normal(0.8, 0.2)'
    >>> Prior("value", (3.0,)).describe()
    '3'
    """

    family: str
    numbers: tuple[float, ...]

    def __post_init__(self) -> None:
        if self.family not in FAMILIES:
            raise ValueError(f"unknown family of priors {self.family!r}; there are {', '.join(FAMILIES)}")
        names = FAMILIES[self.family]
        if len(self.numbers) != len(names):
            raise ValueError(f"{self.family} takes {len(names)} number(s): {', '.join(names)}")
        if not all(math.isfinite(number) for number in self.numbers):
            raise ValueError(f"{self.family} takes finite numbers")
        for name, number in zip(names, self.numbers, strict=True):
            if number <= 0 and name not in _ANY_SIGN.get(self.family, ()):
                raise ValueError(f"the {name} of {self.family} must be above 0")
        if self.family == "uniform" and not self.numbers[0] < self.numbers[1]:
            raise ValueError("the low of uniform must be below its high")

    def cdf(self, x: float) -> float:
        """Return P(X <= x); for a fixed value the step from 0 to 1."""
        from scipy.special import betainc, gammainc, ndtr

        first, last = self.numbers[0], self.numbers[-1]
        match self.family:
            case "value":
                p = float(x >= first)
            case "normal":
                p = ndtr((x - first) / last)
            case "halfnormal":
                p = math.erf(max(x, 0.0) / (first * math.sqrt(2.0)))
            case "lognormal":
                p = ndtr(math.log(x / first) / last) if x > 0 else 0.0
            case "beta":
                p = betainc(first, last, min(max(x, 0.0), 1.0))
            case "gamma":
                p = gammainc(first, max(x, 0.0) * last)
            case _:
                p = min(max((x - first) / (last - first), 0.0), 1.0)
        return float(p)

    def quantile(self, u: FloatArray) -> FloatArray:
        """Return the value below which the share `u` of the prior lies, elementwise, `u` in (0, 1)."""
        import numpy as np
        from scipy.special import betaincinv, erfinv, gammaincinv, ndtri

        first, last = self.numbers[0], self.numbers[-1]
        match self.family:
            case "value":
                x = np.full(np.shape(u), first)
            case "normal":
                x = first + last * ndtri(u)
            case "halfnormal":
                x = first * math.sqrt(2.0) * erfinv(u)
            case "lognormal":
                x = first * np.exp(last * ndtri(u))
            case "beta":
                x = betaincinv(first, last, u)
            case "gamma":
                x = gammaincinv(first, u) / last
            case _:
                x = first + (last - first) * u
        return np.asarray(x, dtype=np.float64)

    def centre(self) -> float:
        """Return the prior's middle in closed form: the mean of beta and gamma, else the median."""
        first, last = self.numbers[0], self.numbers[-1]
        match self.family:
            case "value" | "normal" | "lognormal":
                return first
            case "halfnormal":
                return 0.6744897501960817 * first  # the upper quartile of the standard normal
            case "beta":
                return first / (first + last)
            case "gamma":
                return first / last
            case _:
                return (first + last) / 2.0

    def describe(self) -> str:
        """Return it as a reader would write it down."""
        numbers = ", ".join(f"{number:.6g}" for number in self.numbers)
        return numbers if self.family == "value" else f"{self.family}({numbers})"


@dataclass(frozen=True)
class Rule:
    """A prior counted from the record as known at the forecast's origin; see `sim.parameters.table.resolve`."""

    name: str

    def describe(self) -> str:
        """Return it in words."""
        return f"by rule: {self.name}"


def stated_prior(entry: Mapping[str, Any]) -> Prior | str:
    """Make a prior of a table that states one, as ``{ normal = [0.8, 0.2] }``; of a rule return its name.

    Raises ValueError: it does not state one family, or its numbers are wrong.
    """
    if len(entry) != 1:
        raise ValueError("a prior has one family")
    ((family, numbers),) = entry.items()
    if family == "rule":
        return str(numbers)
    listed = numbers if isinstance(numbers, list) else [numbers]
    return Prior(family, tuple(float(number) for number in listed))
