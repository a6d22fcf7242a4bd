"""Whether the EU's acts on one matter fade after its onset: what elsewhere.py tells of it.

An act is a decision of the Council under the common foreign and security policy that imposes, amends or prolongs
restrictive measures: what other states are then asked to join. Acts on Russia since 2022 are not read here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product

import numpy as np
import pages
import pandas as pd
from scipy.special import logsumexp
from scipy.stats import nbinom, norm, poisson

from sim.arrays import FloatArray

SEEN = 6  # months from the onset on; the later ones are foretold
LIBYA_AT_PEACE = pd.Timestamp(2011, 11, 1)
RATES = np.geomspace(0.02, 20.0, 121)
"""Acts a month, at the onset."""
PRIORS = tuple(product((0.15, 0.25, 0.4, 0.6, 1.0, 1.6), (0.3, 0.5, 0.8)))
"""Of that rate, lognormal: median and sigma."""
HALF_LIVES = (3.0, 6.0, 9.0, 12.0, 18.0, 24.0, 36.0, 60.0)  # months
FLOORS = (0.0, 0.1, 0.2, 0.3, 0.5)  # share of the rate that lasts
SHAPES = (1.0, 2.0, 4.0, 8.0, 16.0)  # of a gamma with mean 1 that each month draws anew
FORMS = {
    "constant": [(np.inf, 1.0, np.inf)],
    "fading": [(half_life, floor, np.inf) for half_life in HALF_LIVES for floor in FLOORS],
    "noisy": [(np.inf, 1.0, shape) for shape in SHAPES],
}


def acts() -> pd.DataFrame:
    """Return the acts: state and month of onset, which name a matter, the last month that is counted, day and basis."""
    table = pd.read_csv(pages.DOCS / "elsewhere" / "eu_acts.csv", parse_dates=["onset", "until", "date"])
    return table.assign(matter=table["state"] + ", " + table["onset"].dt.strftime("%B %Y"))


def samples() -> Iterable[tuple[str, pd.DataFrame]]:
    """Yield the choices of acts on which the forms are compared, with their names."""
    table = acts()
    at_war = (table["state"] != "Libya") | (table["date"] < LIBYA_AT_PEACE)
    ended = table["until"].where(table["state"] != "Libya", LIBYA_AT_PEACE - pd.DateOffset(months=1))
    yield "all", table
    yield "acts of one day counted once", table.drop_duplicates(["matter", "date"])
    yield "days that were looked up", table[table["basis"] != "known"]
    yield "Libya to the end of its war", table.assign(until=ended)[at_war]
    yield "without Libya", table[table["state"] != "Libya"]
    yield "without Russia", table[table["state"] != "Russia"]


def by_month(table: pd.DataFrame) -> dict[str, FloatArray]:
    """Return the number of acts in each month of each matter, from its onset on."""
    counts = {}
    for matter, own in table.groupby("matter", sort=False):
        begun, until = own["onset"].iloc[0], own["until"].iloc[0]
        months = pd.period_range(begun, until, freq="M")
        counts[str(matter)] = (
            own["date"].dt.to_period("M").value_counts().reindex(months, fill_value=0).to_numpy()
        )
    return counts


def unsure() -> int:
    """Return how many acts have a day that was not looked up."""
    return int((acts()["basis"] == "known").sum())


def by_half_year() -> list[tuple[str, int, list[int | str]]]:
    """Return each matter, its acts, and how many fell into each half-year from the onset on; the last may be cut."""
    found = []
    for matter, months in by_month(acts()).items():
        halves = [int(months[at : at + 6].sum()) for at in range(0, len(months), 6)]
        found.append((matter, sum(halves), halves + [""] * (6 - len(halves))))
    return found


def log_scores(months: FloatArray, half_life: float, floor: float, shape: float) -> FloatArray:
    """Return log chances of a matter's acts, first of all its months, then of those seen: shape (2, priors).

    ``rate (floor + (1 - floor) 2**(-t / half_life))`` acts are expected in month t, counts are Poisson, or negative
    binomial if each month draws a gamma of that shape; the rate is integrated out.
    """
    since = np.arange(len(months))
    mean = (floor + (1.0 - floor) * np.exp2(-since / half_life))[:, np.newaxis] * RATES
    law = poisson(mean) if np.isinf(shape) else nbinom(shape, shape / (shape + mean))
    by_rate = law.logpmf(months[:, np.newaxis]).cumsum(axis=0)[[-1, SEEN - 1]]
    weights = np.array([norm.logpdf(np.log(RATES / median) / sigma) for median, sigma in PRIORS])
    weights -= logsumexp(weights, axis=1, keepdims=True)
    return np.asarray(logsumexp(by_rate[:, np.newaxis] + weights, axis=2))


def foretold(counts: Mapping[str, FloatArray], form: str) -> FloatArray:
    """Return each matter's log score of its later months given the first, by a form fitted to the other matters."""
    whole, seen = np.array(
        [np.hstack([log_scores(months, *numbers) for numbers in FORMS[form]]) for months in counts.values()]
    ).swapaxes(0, 1)
    best = (whole.sum(axis=0) - whole).argmax(axis=1)[:, np.newaxis]
    return np.take_along_axis(whole - seen, best, axis=1)[:, 0]


def fading() -> list[tuple[object, ...]]:
    """Return for each choice of acts: its name, acts, months foretold, log scores of the forms, and what fading gains.

    Of the gain over a constant rate also what 90 in 100 resamples of matters hold.
    """
    rng = np.random.default_rng(1)
    found = []
    for name, table in samples():
        counts = by_month(table)
        constant, fades, noisy = (foretold(counts, form) for form in FORMS)
        gain = fades - constant
        low, high = np.quantile(rng.choice(gain, (4000, len(gain))).sum(axis=1), (0.05, 0.95))
        months = sum(len(own) - SEEN for own in counts.values())
        scores = (constant.sum(), fades.sum(), noisy.sum(), gain.sum(), low, high)
        found.append((name, int(sum(own.sum() for own in counts.values())), months, *map(float, scores)))
    return found
