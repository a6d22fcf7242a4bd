"""The scorecard: every case and forecaster with its scores, and what follows from them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.record.cases import CLASSES, FIGURES, UN_VOTES
from sim.record.country import DEFAULT, Country, load_country
from sim.rivals import POOLED
from sim.runs.manifest import write_text
from sim.verification import pooling, scores
from sim.verification.pooling import ERAS, SINCE_2018, WHOLE, Era
from sim.verification.scores import BANDS, murphy
from sim.words import signed

MODEL = "model"
UNLEARNED = "unlearned"
NO_INCENTIVES = "incentives off"
GIVEN = "model, surroundings given"
NO_INCENTIVES_GIVEN = "incentives off, surroundings given"

MODELS = (MODEL, UNLEARNED, NO_INCENTIVES, GIVEN, NO_INCENTIVES_GIVEN)
"""The forecasters that are this model, in one variant or another."""

OURS = (POOLED, *MODELS)
"""The forecasters that are compared with others, the published one first; all others are rivals without a theory."""

TABLE, SUMMARY, COVERAGE, BRIER, BY_ERA = "scores.csv", "summary.csv", "coverage.csv", "brier.csv", "eras.csv"
_PROVENANCE = "provenance.json"

ALL = "all"
"""The target of rows about all figures together."""

_BY_ERA = (("crps", FIGURES), ("brier", CLASSES))
_COMPARED = (("crps", FIGURES), ("log_score", FIGURES), ("brier", CLASSES), ("log_score", (UN_VOTES,)))


def scorecard_folder(results: Path, state: str) -> Path:
    """Return where the scorecard of a state lies if nothing else is said."""
    folder = results / "scorecard"
    return folder if state == DEFAULT else folder / Path(state).name


@dataclass(frozen=True, eq=False, repr=False)
class Scorecard:
    """What a hindcast found.

    Attributes
    ----------
    data: one row for each case and forecaster, with the columns of `sim.verification.scores.COLUMNS`.
    provenance: what made it.
    enough: of a part of a scorecard, the targets and leads that the whole one pools; else None.
    """

    data: pd.DataFrame
    provenance: dict[str, Any]
    enough: frozenset[pooling.Lead] | None = None

    @property
    def forecasters(self) -> tuple[str, ...]:
        """The pooled forecast and the model's variants first, then the rivals."""
        named = dict.fromkeys(self.data["forecaster"])
        return (*(name for name in OURS if name in named), *(name for name in named if name not in OURS))

    @property
    def country(self) -> Country:
        """The state whose record it is of."""
        return load_country(self.provenance.get("state", DEFAULT))

    @cached_property
    def _skills(self) -> pd.DataFrame:
        return self._compared(_COMPARED, OURS)

    def _compared(self, what: Sequence[tuple[str, Sequence[str]]], ours: Sequence[str]) -> pd.DataFrame:
        dates = sorted(self.data["origin"].unique())
        scores = [
            (pooling.Scores(self.data[self.data["target"].isin(targets)], score, dates=dates), targets)
            for score, targets in what
        ]
        found = []
        for own, other in self._pairs(ours):
            for of, targets in scores:
                some = of.skills(own, other, enough=self.enough)
                found += [each for each in some if len(targets) > 1 or each.target != pooling.ALL_TARGETS]
        return pooling.table(found)

    def of(self, era: Era) -> Scorecard:
        """Return the part of an era's origins, which pools the targets and leads that the whole scorecard pools."""
        within = self.data["origin"].map(era.__contains__).astype(bool)
        enough = pooling.leads_with_enough(self.data) if self.enough is None else self.enough
        return Scorecard(self.data[within].reset_index(drop=True), self.provenance, enough)

    def by_era(self, table: Callable[[Scorecard], pd.DataFrame]) -> pd.DataFrame:
        """Return a table of all origins and of each era that has some, one below the other, `era` as first column."""
        parts = [(WHOLE, self), *((era.name, self.of(era)) for era in (*ERAS, SINCE_2018))]
        found = [table(part).assign(era=name) for name, part in parts if len(part.data)]
        together = pd.concat(found, ignore_index=True)
        return together[["era", *(name for name in together if name != "era")]]

    @cached_property
    def _by_era(self) -> pd.DataFrame:
        return self.by_era(lambda part: part._compared(_BY_ERA, (POOLED, MODEL)))

    def skills_by_era(self) -> pd.DataFrame:
        """Return CRPS and Brier skill of the pooled forecast and of the model; columns: era, and those of `skills`."""
        return self._by_era.copy()

    def skills(self) -> pd.DataFrame:
        """Return the skill of each variant against each rival: per target and score, and pooled.

        Columns: forecaster, rival, score, target, n, skill, low, high, leads, pooled. Skill is 1 - score / rival's
        score; of log scores the rival's less the own. `pooled` is whether the target counts in the row "pooled".
        """
        return self._skills.copy()

    def summary(self) -> pd.DataFrame:
        """Return skills by target and pooled: of the pooled forecast, the model, and it with its surroundings given."""
        found = self._skills
        return found[found["forecaster"].isin([POOLED, MODEL, GIVEN])].reset_index(drop=True)

    def pooled(self) -> pd.DataFrame:
        """Return the pooled skills alone."""
        found = self._skills
        return found[found["target"] == pooling.ALL_TARGETS].reset_index(drop=True)

    def by_lead(self) -> pd.DataFrame:
        """Return the mean scores by target, lead and forecaster; `pooled` is whether there are eight outcomes."""
        keys = ["target", "lead", "forecaster"]
        grouped = self.data.groupby(keys, sort=False)
        found = grouped[["crps", "log_score", "brier"]].mean()
        found.insert(0, "n", grouped["outcome"].count())
        found["pooled"] = found["n"] >= pooling.FEWEST
        return found.reset_index()

    def coverage(self) -> pd.DataFrame:
        """Return how often the bands of 50 and 90 per cent held the figure, with intervals from blocks of origins.

        `half_width` is the bands' mean, in the target's unit; of all targets together there is none. A band of a count
        ends on counts and so holds more than its share; of an outcome on its end, the part within the share is held:
        the chance that the randomised PIT falls there (Czado, Gneiting & Held 2009, Biometrics 65(4)).
        """
        dates = sorted(self.data["origin"].unique())
        weights = pooling.resamples(len(dates))
        figures = self.data[self.data["crps"].notna()]
        found = []
        for (forecaster, target), part in _with_all(figures):
            for share in BANDS:
                low, high = part[f"low{100 * share:.0f}"], part[f"high{100 * share:.0f}"]
                held = _held(part, low, high, share)
                by_origin = held.groupby(part["origin"]).agg(["sum", "count"]).reindex(dates, fill_value=0)
                drawn = weights @ by_origin.to_numpy(dtype=np.float64)
                some = drawn[drawn[:, 1] > 0.0]
                ends = pooling.interval(some[:, 0] / some[:, 1])
                wide = float((high - low).mean()) / 2.0 if target != ALL else np.nan
                found.append((forecaster, target, share, len(part), float(held.mean()), *ends, wide))
        columns = ["forecaster", "target", "band", "n", "coverage", "low", "high", "half_width"]
        return pd.DataFrame(found, columns=columns)

    def brier(self) -> pd.DataFrame:
        """Return the Brier scores with their parts: reliability, resolution, uncertainty, within bins (Murphy 1973)."""
        columns = ["n", "brier", "reliability", "resolution", "uncertainty", "within"]
        found = []
        events = self.data[self.data["brier"].notna()]
        for (target, forecaster), part in events.groupby(["target", "forecaster"], sort=False):
            chances = part[["chance0", "chance1", "chance2"]].dropna(axis=1, how="all").to_numpy()
            parts = murphy(chances, part["outcome"].to_numpy(dtype=np.int64))
            found.append({"target": target, "forecaster": forecaster, **asdict(parts)})
        return pd.DataFrame(found, columns=["target", "forecaster", *columns])

    def save(self, folder: Path | str) -> None:
        """Write the tables and the provenance into a folder, which is made if it is not there."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        scores.write(self.data, folder / TABLE)
        tables = (
            (SUMMARY, self.skills()),
            (BY_ERA, self.skills_by_era()),
            (COVERAGE, self.by_era(Scorecard.coverage)),
            (BRIER, self.by_era(Scorecard.brier)),
        )
        for name, found in tables:
            if "leads" in found:
                found["leads"] = [" ".join(str(lead) for lead in leads) for leads in found["leads"]]
            write_text(folder / name, found.to_csv(index=False, lineterminator="\n", float_format="%.6g"))
        text = json.dumps(self.provenance, indent=2, sort_keys=True, ensure_ascii=False)
        write_text(folder / _PROVENANCE, text + "\n")

    @classmethod
    def load(cls, folder: Path | str) -> Scorecard:
        """Read a scorecard's folder.

        Raises FileNotFoundError if the folder holds none.
        """
        folder = Path(folder)
        if not (folder / TABLE).exists() or not (folder / _PROVENANCE).exists():
            raise FileNotFoundError(
                f"{folder} holds no scorecard: it has no {TABLE} and {_PROVENANCE}; `serbia-sim hindcast` makes one"
            )
        made = json.loads((folder / _PROVENANCE).read_text(encoding="utf-8"))
        return cls(scores.read(folder / TABLE), made)

    def _pairs(self, ours: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Yield who is compared with whom: each of ours with every rival, and with the variants it should beat."""
        rivals = [name for name in self.forecasters if name not in OURS]
        for own in (name for name in ours if name in self.forecasters):
            yield from ((own, rival) for rival in rivals)
            for other in _SHOULD_BEAT.get(own, ()):
                if other in self.forecasters:
                    yield own, other

    def __repr__(self) -> str:
        origins = sorted(self.data["origin"].unique())
        cases = int((self.data["forecaster"] == self.data["forecaster"].iloc[0]).sum()) if origins else 0
        best = [
            f"{row.rival} {signed(row.skill, 2)} [{signed(row.low, 2)}, {signed(row.high, 2)}]"
            for row in self.pooled().itertuples()
            if row.forecaster == MODEL and row.score == "crps" and row.rival in ("persistence", "local level")
        ]
        when = f"{len(origins)} origins, {origins[0]} to {origins[-1]}" if origins else "no origins"
        return (
            f"Scorecard: {when}\n"
            f"  {cases} forecasts scored of each of {', '.join(n for n in self.forecasters if n in OURS)}\n"
            f"  against {', '.join(n for n in self.forecasters if n not in OURS)}\n"
            f"  pooled CRPS skill against {'; '.join(best) or 'none: fewer than eight outcomes'}\n"
            f"  {self.provenance.get('members', '?')} members, seed {self.provenance.get('seed', '?')}"
        )


_SHOULD_BEAT = {
    POOLED: (MODEL,),
    MODEL: (UNLEARNED, NO_INCENTIVES),
    NO_INCENTIVES: (UNLEARNED,),
    GIVEN: (NO_INCENTIVES_GIVEN, MODEL),
}
"""Variants compared with variants: the value of learning, of the mechanism, of knowing the surroundings."""


def _held(part: pd.DataFrame, low: pd.Series, high: pd.Series, share: float) -> pd.Series:
    """Return how far each outcome is held; scorecards from before `atom` was kept take bands with their ends."""
    whole = ((low <= part["outcome"]) & (part["outcome"] <= high)).astype(float)
    atom, ends = part["atom"], ((1.0 - share) / 2.0, (1.0 + share) / 2.0)
    below, upto = part["pit"] - atom / 2.0, part["pit"] + atom / 2.0
    within = (upto.clip(*ends) - below.clip(*ends)) / atom.where(atom > 0.0)
    return within.where((part["kind"] == "count") & (atom > 0.0), whole)


def _with_all(figures: pd.DataFrame) -> Iterator[tuple[tuple[str, str], pd.DataFrame]]:
    """Yield the rows of each forecaster and target, and of each forecaster over all targets."""
    for forecaster, part in figures.groupby("forecaster", sort=False):
        for target, some in part.groupby("target", sort=False):
            yield (str(forecaster), str(target)), some
        yield (str(forecaster), ALL), part
