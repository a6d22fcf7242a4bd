"""Skill against a rival, per target and pooled, with intervals from resampled blocks of origins; eras of origins.

Skill is ``1 - score / rival's score``, per target over its leads and origins; pooled it is the mean of the targets'
skills. Log scores, which may be negative, are compared by their mean difference, the rival's less the own: above zero
is better too.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
import pandas as pd

from sim.arrays import FloatArray

RESAMPLES = 2000
BLOCK = 2
"""Consecutive origins that are resampled together."""

LEVEL = 0.9
FEWEST = 8
"""Outcomes that a target needs at a lead to be pooled."""

Lead = tuple[str, int]
"""A target and a lead in months."""

ALL_TARGETS = "pooled"
"""The target of rows about the targets together."""

_SEED = 1
_KEYS = ["target", "origin", "lead", "start", "end", "name"]


@dataclass(frozen=True)
class Skill:
    """Skill against a rival on a target, or pooled: with its interval and the number of outcomes.

    `leads` are those with enough outcomes; `pooled` is false, and all leads are taken, where none has. For log
    scores `skill` is the mean difference, not a share of the rival's score.
    """

    forecaster: str
    rival: str
    score: str
    target: str
    n: int
    skill: float
    low: float
    high: float
    leads: tuple[int, ...]
    pooled: bool


class Scores:
    """One score of all forecasters, side by side by case.

    Parameters
    ----------
    data: rows as of `sim.verification.scores`. score: "crps", "brier" or "log_score".
    dates: the origins that are resampled; those of the data if not given.
    """

    def __init__(self, data: pd.DataFrame, score: str, *, dates: Sequence[date] | None = None) -> None:
        self._score = score
        dates = sorted(data["origin"].unique()) if dates is None else dates
        self._weights = resamples(len(dates))
        rows = data[data[score].notna()]
        cases = rows.assign(case=rows.groupby(_KEYS, sort=False, dropna=False).ngroup())
        about = ["case", "target", "lead", "origin"]
        by_case = cases.pivot(index=about, columns="forecaster", values=score)
        self._of: dict[str, FloatArray] = {name: by_case[name].to_numpy() for name in by_case}
        _, self._target, self._lead, origins = (by_case.index.get_level_values(x).to_numpy() for x in about)
        self._origin = pd.Index(dates).get_indexer(origins)

    def skills(self, forecaster: str, rival: str, *, enough: Collection[Lead] | None = None) -> list[Skill]:
        """Return the skill on every target that both forecast, and pooled.

        Parameters
        ----------
        enough: targets and leads that are pooled; those with at least eight outcomes if not given.
        """
        own, other = self._of.get(forecaster), self._of.get(rival)
        if own is None or other is None:
            return []
        both = ~np.isnan(own) & ~np.isnan(other)
        by = _difference if self._score == "log_score" else _skill
        found, draws = [], []
        for target in dict.fromkeys(self._target[both].tolist()):
            used = both & (self._target == target)
            leads, counts = np.unique(self._lead[used], return_counts=True)
            wanted = counts >= FEWEST
            if enough is not None:
                wanted = np.array([(target, lead) in enough for lead in leads.tolist()])
            pooled = bool(wanted.any())
            leads = leads[wanted] if pooled else leads
            used &= np.isin(self._lead, leads)
            sums = np.zeros((self._weights.shape[1], 3))
            np.add.at(sums, self._origin[used], np.stack([own, other, np.ones(own.size)], axis=1)[used])
            drawn = by(self._weights @ sums)
            value, ends, n = float(by(sums.sum(axis=0))), interval(drawn), int(used.sum())
            told = tuple(int(lead) for lead in leads)
            found.append(Skill(forecaster, rival, self._score, target, n, value, *ends, told, pooled))
            if pooled:
                draws.append(drawn)
        if draws:
            taken = [skill for skill in found if skill.pooled]
            mean = float(np.mean([skill.skill for skill in taken]))
            n = sum(skill.n for skill in taken)
            low, high = interval(np.mean(draws, axis=0))
            told = tuple(sorted({lead for skill in taken for lead in skill.leads}))
            found.append(Skill(forecaster, rival, self._score, ALL_TARGETS, n, mean, low, high, told, True))
        return found


def leads_with_enough(data: pd.DataFrame) -> frozenset[Lead]:
    """Return the targets and leads with at least eight outcomes."""
    cases = data.drop_duplicates(_KEYS)
    counts = cases.groupby(["target", "lead"], sort=False)["outcome"].count()
    return frozenset((str(target), int(lead)) for target, lead in counts.index[counts >= FEWEST])


@lru_cache(maxsize=64)
def resamples(origins: int) -> FloatArray:
    """Return how often each origin is drawn in each resample, in blocks of two; shape (RESAMPLES, origins).

    The blocks are the same for every forecaster, rival and target of a scorecard: skills are compared on one luck.
    """
    random = np.random.default_rng(_SEED)
    length = min(BLOCK, origins)
    blocks = -(-origins // length)
    starts = random.integers(0, origins - length + 1, size=(RESAMPLES, blocks))
    places = (starts[:, :, None] + np.arange(length)).reshape(RESAMPLES, -1)[:, :origins]
    found = np.zeros((RESAMPLES, origins))
    np.add.at(found, (np.arange(RESAMPLES)[:, None], places), 1.0)
    found.flags.writeable = False
    return found


def _skill(sums: FloatArray) -> FloatArray:
    """Return 1 - own / other; two scores of zero are alike, and against a perfect rival there is no skill to state."""
    own, other, n = sums[..., 0], sums[..., 1], sums[..., 2]
    perfect = other == 0.0
    ratio = own / np.where(perfect, 1.0, other)
    alike = (own == 0.0) & (n > 0.0)
    return np.where(perfect, np.where(alike, 0.0, np.nan), 1.0 - ratio)


def _difference(sums: FloatArray) -> FloatArray:
    n = sums[..., 2]
    return np.where(n > 0.0, (sums[..., 1] - sums[..., 0]) / np.maximum(n, 1.0), np.nan)


def interval(values: FloatArray) -> tuple[float, float]:
    """Return the central 90 per cent of the resamples that drew an outcome."""
    known = values[~np.isnan(values)]
    if not known.size:
        return float("nan"), float("nan")
    low, high = np.quantile(known, [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0])
    return float(low), float(high)


def table(found: Sequence[Skill]) -> pd.DataFrame:
    """Return skills as a table, one row each."""
    return pd.DataFrame(found, columns=list(Skill.__dataclass_fields__))


@dataclass(frozen=True)
class Era:
    """The origins of some years, first and last included."""

    first: int
    last: int

    @property
    def name(self) -> str:
        """Its years, as "2016-17"."""
        return f"{self.first}-{self.last % 100}"

    def __contains__(self, origin: date) -> bool:
        return self.first <= origin.year <= self.last


ERAS = (Era(2016, 2017), Era(2018, 2021), Era(2022, 2023), Era(2024, 2026))
"""The first year pairs in which rivals knew a figure or two, the quiet years, the full-scale war, and what came after
the model was first scored."""

SINCE_2018 = Era(2018, 2026)
"""The years of what is hoped for."""

WHOLE = "all"
"""Its name where all origins are taken together."""
