"""Scores of one forecast, the lower the better, and the row of the table of all cases and forecasters that has them.

References: Gneiting & Raftery (2007), Journal of the American Statistical Association 102(477), on CRPS and log score;
Murphy (1973), Journal of Applied Meteorology 12(4), on the parts of the Brier score; Stephenson, Coelho & Jolliffe
(2008), Weather and Forecasting 23(4), on what binning leaves over; Czado, Gneiting & Held (2009), Biometrics 65(4), on
the PIT of counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from sim.arrays import FloatArray, IntArray
from sim.forecasting import quantiles
from sim.names import rows_of
from sim.record.cases import Case
from sim.rivals.figures import LEVELS
from sim.runs.manifest import write_text

SMALLEST_KERNEL = 1e-3
"""Least width of the log score's kernel, a tenth of a point of a share (judgement)."""

BANDS = (0.5, 0.9)
"""Central bands whose coverage is counted."""

BINS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Edges of the bins within which chances count as one forecast."""


def reduced(values: FloatArray, *, discrete: bool) -> FloatArray:
    """Return a sample as its quantiles at `LEVELS`, shape (SIZE,): all forecasters are scored from as many values.

    Of a discrete quantity they are values that occur. A sample of as many values is its own.
    """
    how: Literal["inverted_cdf", "hazen"] = "inverted_cdf" if discrete else "hazen"
    return np.asarray(np.quantile(np.asarray(values, dtype=np.float64), LEVELS, method=how))


def crps(sample: FloatArray, outcome: float) -> float:
    """Return the continuous ranked probability score, ``E|X - y| - E|X - X'| / 2``, in the target's unit."""
    import scoringrules

    # statistic of the sample as it is ("qd"), not of the law behind it: rivals' quantiles are no random draws
    return float(scoringrules.crps_ensemble(outcome, sample, estimator="qd", backend="numpy"))


def log_score(sample: FloatArray, outcome: float, *, discrete: bool) -> float:
    """Return minus the log of the density, or of the probability of a count, at the outcome.

    A figure's density is that of normal kernels on the sample, their width by Silverman's rule and at least
    `SMALLEST_KERNEL`. A count's probability is ``(hits + 1/2) / (n + 18)`` for n values and 36 possible counts, so that
    what no value hit still has a chance.
    """
    if discrete:
        hits = float(np.sum(sample == outcome))
        return float(-np.log((hits + 0.5) / (sample.size + 18.0)))
    quarter = float(np.subtract(*np.quantile(sample, [0.75, 0.25])))
    spread = min(float(sample.std()), quarter / 1.34) if quarter > 0.0 else float(sample.std())
    width = max(1.06 * spread * sample.size**-0.2, SMALLEST_KERNEL)
    exponents = -0.5 * ((outcome - sample) / width) ** 2
    highest = float(exponents.max())
    density = np.log(np.mean(np.exp(exponents - highest))) + highest
    return float(np.log(width * np.sqrt(2.0 * np.pi)) - density)


def brier(chances: FloatArray, outcome: int) -> float:
    """Return ``(p - y)^2`` for an event, the sum of that over the classes for three."""
    if chances.size == 2:
        return float((chances[1] - outcome) ** 2)
    happened = np.arange(chances.size) == outcome
    return float(np.sum((chances - happened) ** 2))


def interval_score(quantiles: Mapping[float, float] | Mapping[str, float], outcome: float) -> float:
    """Return the weighted interval score of quantiles by their level, a number or text, in the target's unit.

    Equation: ``2 / K * sum over levels t of (t - [y < q_t]) (y - q_t)`` for K quantiles; with many it is the CRPS.
    Source: Bracher, Ray, Gneiting & Reich (2021), PLOS Computational Biology 17(2), e1008618.
    """
    losses = [(float(level) - float(outcome < each)) * (outcome - each) for level, each in quantiles.items()]
    return 2.0 * sum(losses) / len(losses)


def pit(sample: FloatArray, outcome: float) -> float:
    """Return the probability integral transform, ``P(X < y) + P(X = y) / 2``: for counts the middle, no random draw."""
    return float(np.mean(sample < outcome) + np.mean(sample == outcome) / 2.0)


def band(sample: FloatArray, share: float, *, discrete: bool) -> tuple[float, float]:
    """Return the ends of the central band that holds this share of the sample, both included."""
    low, high = quantiles(sample, [(1.0 - share) / 2.0, (1.0 + share) / 2.0], discrete=discrete)
    return float(low), float(high)


@dataclass(frozen=True)
class Murphy:
    """The parts of a Brier score: ``brier = reliability - resolution + uncertainty + within``.

    `within` is what forecasts of one bin differ among themselves; 0 where they are alike.
    """

    brier: float
    reliability: float
    resolution: float
    uncertainty: float
    within: float
    n: int


def murphy(chances: FloatArray, outcomes: IntArray) -> Murphy:
    """Return the parts of the Brier score of forecasts in `BINS`; of three classes the sum over the classes.

    Parameters
    ----------
    chances: shape (forecasts, classes). outcomes: the class of each, shape (forecasts,).
    """
    n, classes = chances.shape
    counted = (1,) if classes == 2 else range(classes)
    total = np.zeros(4)
    for one in counted:
        total += _parts(chances[:, one], (outcomes == one).astype(np.float64))
    score, reliability, resolution, uncertainty = (float(part) for part in total)
    within = score - (reliability - resolution + uncertainty)
    return Murphy(score, reliability, resolution, uncertainty, within, n)


def _parts(p: FloatArray, y: FloatArray) -> FloatArray:
    rate = y.mean()
    bins = np.digitize(p, BINS[1:-1])
    reliability = resolution = 0.0
    for chosen in (bins == one for one in np.unique(bins)):
        reliability += chosen.mean() * (p[chosen].mean() - y[chosen].mean()) ** 2
        resolution += chosen.mean() * (y[chosen].mean() - rate) ** 2
    return np.array([np.mean((p - y) ** 2), reliability, resolution, rate * (1.0 - rate)])


_FOUND = (
    *("median", "low50", "high50", "low90", "high90", "chance0", "chance1", "chance2"),
    *("crps", "log_score", "brier", "pit", "atom"),
)
COLUMNS = (
    *("target", "kind", "origin", "lead", "start", "end", "text", "name", "outcome", "forecaster"),
    *_FOUND,
)
"""Columns of the table: the case, the forecast (a figure's median and bands, or a chance per class), its scores.

`atom` is the chance that a figure's forecast gave to the very value that came: of a count more than nothing."""


def table(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Return rows as a table with a number in every column that is no date and no word."""
    found = pd.DataFrame(list(rows), columns=list(COLUMNS))
    return found.astype(dict.fromkeys(("outcome", *_FOUND), "float64") | {"lead": "int64"})


def write(rows: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV, under its own name only when it is whole."""
    write_text(path, rows.to_csv(index=False, lineterminator="\n"))


def read(path: Path) -> pd.DataFrame:
    """Read a table as it was written: the same numbers, dates and words."""
    with path.open(encoding="utf-8", newline="") as file:
        return table(rows_of(file))


def as_scored(case: Case, forecast: FloatArray) -> FloatArray:
    """Return what of a forecast is scored: a sample's thousand quantiles, a chance per class as it is."""
    return forecast if case.classes else reduced(forecast, discrete=case.kind == "count")


def scored(case: Case, forecaster: str, forecast: FloatArray) -> dict[str, Any]:
    """Return the row of a forecast: of a sample of any size, or of a chance per class."""
    row: dict[str, Any] = dict.fromkeys(COLUMNS) | vars(case) | {"forecaster": forecaster}
    if case.classes:
        outcome = int(case.outcome)
        row |= {f"chance{i}": float(chance) for i, chance in enumerate(forecast)}
        row["brier"] = brier(forecast, outcome)
        if case.kind != "event":  # of events the Brier score alone was declared
            row["log_score"] = float(-np.log(forecast[outcome]))
        return row
    discrete, sample = case.kind == "count", as_scored(case, forecast)
    row["median"] = band(sample, 0.0, discrete=discrete)[0]
    for share in BANDS:
        low, high = band(sample, share, discrete=discrete)
        row |= {f"low{100 * share:.0f}": low, f"high{100 * share:.0f}": high}
    row["crps"] = crps(sample, case.outcome)
    row["log_score"] = log_score(sample, case.outcome, discrete=discrete)
    row["pit"] = pit(sample, case.outcome)
    row["atom"] = float(np.mean(sample == case.outcome))
    return row
