"""Constants of the rivals in `sim.rivals` from other states: python benchmarks/rival_constants.py FOLDER.

FOLDER holds un_ideal_points_panel.csv (state, year, value, weak, known_on: one release of the UN ideal points) and
chapters_panel.csv (state, date, opened: counts at years' ends). No row on Serbia is in either. Great powers are left
out, whose positions are the poles of that scale, and figures known from 2016 on.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import digamma, polygamma

GREAT_POWERS = ("CHN", "DEU", "FRA", "GBR", "RUS", "USA")
BEFORE = "2016-01-01"
SHORTEST = 4  # figures from which on errors of smoothing count


def points(folder: Path) -> pd.DataFrame:
    """Return the ideal points by year and state."""
    table = pd.read_csv(folder / "un_ideal_points_panel.csv")
    if "SRB" in set(table["state"]):
        raise ValueError("the panel has rows on Serbia; constants are counted on other states alone")
    kept = table[(table["known_on"] < BEFORE) & (table["weak"] == 0) & ~table["state"].isin(GREAT_POWERS)]
    return kept.pivot(index="year", columns="state", values="value")


def worth_of_prior(by_state: pd.DataFrame) -> tuple[float, float, float]:
    """Return the root mean square change, and scale and degrees of freedom of the law of states' variances.

    By the moments of their logarithms: Smyth (2004), Statistical Applications in Genetics and Molecular Biology 3(1).
    """
    changes = by_state.diff()
    n, mean_square = changes.count(), (changes**2).mean()
    logs = np.log(mean_square) - digamma(n / 2.0) + np.log(n / 2.0)
    apart = float(logs.var(ddof=1) - polygamma(1, n / 2.0).mean())
    freedom = brentq(lambda nu: float(polygamma(1, nu / 2.0)) - apart, 0.1, 1e4)
    scale = float(np.exp((logs.mean() + digamma(freedom / 2.0) - np.log(freedom / 2.0)) / 2.0))
    return float(np.sqrt((mean_square * n).sum() / n.sum())), scale, float(freedom)


def autoregression(by_state: pd.DataFrame) -> tuple[float, float]:
    """Return the pooled autoregression around states' own means, plain and less its bias by Nickell (1981)."""
    around = by_state - by_state.mean()
    before, after = around.iloc[:-1].to_numpy(), around.iloc[1:].to_numpy()
    both = ~np.isnan(before) & ~np.isnan(after)
    plain = float((before[both] * after[both]).sum() / (before[both] ** 2).sum())
    years = float(by_state.count().mean())
    return plain, (plain * years + 1.0) / (years - 1.0)  # of phi = plain + (1 + phi) / years


def smoothing(by_state: pd.DataFrame, weight: float) -> float:
    """Return the root mean square error a year ahead of exponential smoothing with this weight."""
    errors = []
    for state in by_state:
        values = by_state[state].dropna().to_numpy()
        level = values[0]
        for place, value in enumerate(values[1:], 1):
            if place >= SHORTEST:
                errors.append(value - level)
            level += weight * (value - level)
    return float(np.sqrt(np.mean(np.square(errors))))


def chapters(folder: Path) -> tuple[int, int, float, int]:
    """Return years that were like the year before, of how many, and chapters opened in how many years with any to 2015.

    Of Turkey and Montenegro; where a year's count is missing, its two years share what was opened, which both then did.
    Montenegro's years after its last chapter are left out: there was none left to open.
    """
    table = pd.read_csv(folder / "chapters_panel.csv")
    stayed = pairs = 0
    opened: list[float] = []
    for state in ("TUR", "MNE"):
        rows = table[(table["state"] == state) & table["date"].str.endswith("-12-31")]
        counts = rows.set_index(rows["date"].str[:4].astype(int))["opened"].interpolate()
        yearly = counts.diff().fillna(counts.iloc[0])
        if state == "MNE":
            yearly = yearly.loc[: int(counts.idxmax())]
        moved = (yearly > 0.0).to_numpy()
        stayed += int((moved[1:] == moved[:-1]).sum())
        pairs += moved.size - 1
        opened += [
            value for year, value in yearly.items() if value > 0.0 and int(str(year)) < int(BEFORE[:4])
        ]
    return stayed, pairs, sum(opened), len(opened)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    found = points(folder)
    size, scale, freedom = worth_of_prior(found)
    plain, kept = autoregression(found)
    print(f"{found.shape[1]} states, {int(found.diff().count().sum())} yearly changes known before {BEFORE}")
    print(
        f"changes: root mean square {size:.3f}; scaled inverse chi-square {scale:.3f}, {freedom:.1f} degrees"
    )
    print(f"autoregression: {plain:.2f}, less its bias {kept:.2f}")
    print("smoothing: " + ", ".join(f"{w:.1f} {smoothing(found, w):.4f}" for w in np.arange(0.5, 1.01, 0.1)))
    stayed, pairs, total, years = chapters(folder)
    print(
        f"chapters: {stayed} of {pairs} years like the year before; {total:.0f} opened in {years} years to 2015"
    )
