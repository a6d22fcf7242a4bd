"""What other states and years before 2016 say of the model's forms: writes docs/elsewhere.md.

Serbia's own figures after 2015, on which forecasts are scored, are not read here. For each change of structure: the
form before, the form since, and how well either foretells that evidence. Run with ``python docs/elsewhere.py``, half a
minute; a test holds the page to a new run. The words stand in elsewhere-words.md, which asks for what is counted here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import product

import numpy as np
import pages
import pandas as pd
from scipy.special import expit, logsumexp
from scipy.stats import norm
from scoringrules import crps_ensemble

from sim.arrays import FloatArray
from sim.mechanisms.conditions import FIT_MONTHS, PULL_KEPT, fit
from sim.parameters.priors import Prior
from sim.parameters.table import parameter_table
from sim.record.observations import Record

PAGE = pages.DOCS / "elsewhere.md"
LAST = 2015  # the year before the first that is scored
ADOPTED = ((0.003, True), (0.017, True), (1.75, True), (4.36, False), (4.36, False))
"""Years of full-scale war until a candidate adopted sanctions, or so far: the record's reference class, July 2026."""
MOST = 33  # chapters that can be opened
POWERS = ("CHN", "DEU", "FRA", "GBR", "RUS", "USA")
"""States that are poles of the UN scale; what is asked about Serbia is asked of the others."""
VOTED = {
    "68/262 of 2014, 71/205 of 2016": ((9, 1, 0), (13, 60, 7), (1, 36, 62)),
    "71/205 of 2016, 72/190 of 2017": ((20, 3, 0), (4, 90, 3), (0, 3, 66)),
    "72/190 of 2017, 73/263 of 2018": ((23, 1, 0), (2, 91, 3), (0, 8, 61)),
    "73/263 of 2018, 74/168 of 2019": ((19, 6, 0), (2, 95, 3), (0, 3, 61)),
}
"""States by their votes on a text (rows: no, abstained or absent, yes) and on the next one (columns): 189 members of
the General Assembly in Voeten's roll calls (dgrtwo/unvotes, commit 7eb7034), without Serbia and three states that are
kept apart.
"""
NOISES = {"before": (0.064, 0.2), "since": (0.045, 0.5)}
"""Priors of the noise of a published UN position, lognormal: median and sigma."""


def rows(name: str) -> pd.DataFrame:
    """Return a table of other states, with the year of each row that has a date."""
    found = pd.read_csv(pages.DOCS / "elsewhere" / f"{name}.csv", dtype={"date": str})
    return found.assign(year=found["date"].str[:4].astype(int)) if "date" in found else found


def prior_of(name: str) -> tuple[float, ...]:
    """Return the numbers of a parameter's prior."""
    entry = parameter_table()[name].prior
    return entry.numbers if isinstance(entry, Prior) else ()


def openings(last: int) -> pd.DataFrame:
    """Return chapters opened by year to the last and state, where two counts in a row are known."""
    counts = rows("chapters").groupby(["year", "state"])["opened"].last().unstack()
    counts = counts.reindex(range(counts.index[0] - 1, counts.index[-1] + 1))
    for year, state in ((2005, "TUR"), (2011, "MNE"), (2023, "ALB")):
        counts.loc[year, state] = 0  # talks had just begun, or were to
    counts.loc[[2013, 2014], "ISL"] = 27  # suspended in May 2013: accession_events of the source
    return counts.diff().where(counts.shift() < MOST).loc[:last]


def moves(last: int) -> pd.DataFrame:
    """Return by state and year whether it opened something (`now`), and whether the year before did (`before`)."""
    moved = np.sign(openings(last))
    return pd.DataFrame({"before": moved.shift().unstack(), "now": moved.unstack()}).dropna(subset="now")


def memory(last: int) -> tuple[int, float, float]:
    """Return years foretold, and the log scores of "an opening this year" without memory and with it.

    Each year by all earlier ones of all states, rule of succession: of all years, or of those that followed a year like
    the last.
    """
    plain, chain = np.ones(2), np.ones((2, 2))
    scores = []
    for _, year in moves(last).groupby("year"):
        pairs = year.dropna().astype(int).to_numpy()
        scores += [
            (plain[now] / plain.sum(), chain[before, now] / chain[before].sum()) for before, now in pairs
        ]
        np.add.at(plain, year["now"].astype(int), 1)
        np.add.at(chain, tuple(pairs.T), 1)
    without, with_memory = np.log(scores).sum(axis=0).tolist()
    return len(scores), without, with_memory


def passages(last: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return (still, of years that followed a moving one) and (moving, of years that followed a still one)."""
    known = moves(last).dropna()
    followed = pd.crosstab(known["before"], known["now"]).to_numpy()
    return (followed[1, 0], followed[1].sum()), (followed[0, 1], followed[0].sum())


def sizes(last: int) -> tuple[list[int], int]:
    """Return the chapters opened in years with an opening, and how many of these years two at a time can give."""
    opened = sorted(int(n) for n in openings(last).to_numpy().ravel() if n > 0)
    return opened, sum(n in (2, 4) for n in opened)


def habit() -> float:
    """Return the share of votes that are the last vote again, by the prior's mean."""
    yes, no = prior_of("vote_habit")
    return yes / (yes + no)


def votes() -> tuple[int, int, float, float]:
    """Return pairs of votes, of these alike, and log scores: by each state's own earlier votes, and with habit.

    Without habit a vote is drawn by the rule of succession on the state's earlier ones; with it, it is the last vote in
    so many cases as the prior's mean says.
    """
    table = rows("crimea_votes").sort_values("date", kind="stable")
    found = []
    for _, own in table["vote"].map({"no": 0, "yes": 2}).fillna(1).astype(int).groupby(table["country"]):
        cast = own.to_numpy()
        for place in range(1, len(cast)):
            counts = np.bincount(cast[:place], minlength=3) + 1.0
            chance, same = counts[cast[place]] / counts.sum(), cast[place] == cast[place - 1]
            found.append((same, np.log(chance), np.log((1.0 - habit()) * chance + habit() * same)))
    alike, without, with_habit = np.sum(found, axis=0).tolist()
    return len(found), int(alike), without, with_habit


def habit_by_war() -> list[tuple[int, int, int, int]]:
    """Return years of two texts on human rights in Crimea, how many had voted against, and how many did so again."""
    against = rows("against_crimea").groupby("year")["state"].agg(set)
    pairs = ((2016, 2018), (2018, 2020), (2020, 2022), (2022, 2024))
    return [(a, b, len(against[a]), len(against[a] & against[b])) for a, b in pairs]


def break_score() -> tuple[float, float]:
    """Return log scores of who kept to a vote against from 2020 to 2022: as in the other pairs, and by no habit.

    Without habit half keep to it (judgement: the lean draws the vote again, and their leans differ).
    """
    first, second, (_, _, had, kept), last = habit_by_war()
    others = np.array([pair[2:] for pair in (first, second, last)]).sum(axis=0)
    as_before, half = (
        kept * np.log(q) + (had - kept) * np.log(1.0 - q) for q in (others[1] / others[0], 0.5)
    )
    return float(as_before), float(half)


def habit_between(pair: str) -> tuple[int, int, float, float, float]:
    """Return states, how many voted on the second text as on the first, their share, and two log scores.

    Without habit a vote is drawn as all states voted on the first text; with it, it is the last vote in as many cases
    as the prior's mean says.
    """
    cast = np.array(VOTED[pair])
    chance = (cast.sum(axis=1) + 1.0) / (cast.sum() + 3.0)
    kept, states = int(np.trace(cast)), int(cast.sum())
    with_habit = (1.0 - habit()) * chance + habit() * np.eye(3)
    scores = (float((cast * np.log(law)).sum()) for law in (chance, with_habit))
    return states, kept, kept / states, *scores  # type: ignore[return-value]


def positions(last: int) -> Iterator[pd.Series]:
    """Yield the yearly points to a year of each state but the powers, without years that rest on few votes."""
    table = rows("un_points")
    chosen = table[(table["weak"] == 0) & ~table["state"].isin(POWERS) & (table["year"] <= last)]
    for _, own in chosen.groupby("state", sort=False):
        yield own.set_index("year")["value"]


def local_level(
    figures: pd.Series, step: FloatArray, noise: FloatArray
) -> Iterator[tuple[float, FloatArray, FloatArray]]:
    """Yield each figure by year but the first, with its mean and variance by those before it.

    A level that walks by `step` a year and is seen with `noise`: arrays of which each pair is tried.
    """
    begun = figures.index.min()
    mean, variance = figures[begun], noise**2
    for year in range(begun + 1, figures.index.max() + 1):
        variance = variance + step**2
        if year in figures:
            whole = variance + noise**2
            yield figures[year], mean, whole
            mean, variance = mean + variance / whole * (figures[year] - mean), variance * noise**2 / whole


def noise_score(last: int) -> tuple[int, float, float]:
    """Return figures to a year, and their log scores with either prior of the noise.

    Each figure by those before it: a local level with drift and noise of its own, learned on the way. The drift has
    the parameter's prior.
    """
    drifts, noises = np.geomspace(0.005, 0.4, 45)[:, np.newaxis], np.geomspace(0.005, 0.3, 45)
    weighed = [
        _lognormal(drifts, *prior_of("un_step")) + _lognormal(noises, *prior) for prior in NOISES.values()
    ]
    count, scores = 0, np.zeros(2)
    for own in positions(last):
        log_chance = np.zeros((45, 45))
        for value, mean, variance in local_level(own, drifts, noises):
            log_chance += norm.logpdf(value, mean, np.sqrt(variance))
            count += 1
        scores += [logsumexp(log_chance + prior) for prior in weighed]
    return count, float(scores[0]), float(scores[1])


def _lognormal(grid: FloatArray, median: float, sigma: float) -> FloatArray:
    """Return the log of what a lognormal law gives to each value of an evenly spaced grid of logarithms."""
    log_density = norm.logpdf(np.log(grid / median) / sigma)
    return np.asarray(log_density - logsumexp(log_density))


@cache
def gas(leads: tuple[int, ...] = (6, 12, 24)) -> tuple[tuple[int, int, float, float, float], ...]:
    """Return lead in months, forecasts, and the mean CRPS of the log price: no change, fitted pull, the share kept.

    Origins every half-year from 2006, each fitted to what came before; outcomes to December 2015.
    """
    table = Record.load().table("prices")
    end = (LAST + 1 - 2000) * 12
    prices = np.array([(row["gas_usd_per_mmbtu"], row["brent_usd_per_bbl"]) for row in table[:end]])
    rng = np.random.default_rng(1)
    found: dict[int, list[list[float]]] = defaultdict(list)
    for origin in range(72, end, 6):
        past = prices[max(0, origin - FIT_MONTHS) : origin]
        process = fit(past[:, 0], past[:, 1])
        shocks = process.scale[0] * rng.standard_t(process.freedom, (max(leads), 4000))
        now = np.log(prices[origin - 1, 0])
        for lead in leads:
            if origin + lead > end:
                continue
            outcome = np.log(prices[origin + lead - 1, 0])
            own = []
            for kept in (0.0, 1.0 / PULL_KEPT, 1.0):
                x = np.full(shocks.shape[1], now)
                for shock in shocks[:lead]:
                    x += kept * process.pull[0] * (process.level[0] - x) + shock
                own.append(float(crps_ensemble(outcome, x)))
            found[lead].append(own)
    means = ((lead, len(scores), *np.mean(scores, axis=0)) for lead, scores in found.items())
    return tuple((lead, count, float(a), float(b), float(c)) for lead, count, a, b, c in means)


def frailty(shape: float) -> float:
    """Return the best log likelihood of the adoptions if rates differ as a gamma of this shape; inf: one rate."""
    times, done = np.array(ADOPTED).T
    if np.isinf(shape):
        rate = done.sum() / times.sum()
        return float(done.sum() * np.log(rate) - rate * times.sum())
    scale = np.exp(np.linspace(-9.0, 9.0, 4001))[:, np.newaxis]
    log_survival = shape * (np.log(scale) - np.log(scale + times))
    log_density = log_survival + np.log(shape) - np.log(scale + times)
    return float(np.where(done > 0.0, log_density, log_survival).sum(axis=1).max())


def readiness(sizes: tuple[float, ...]) -> tuple[int, list[float]]:
    """Return joins and refusals of other states, and their log likelihood by the size of a month's step of readiness.

    Readiness on the logit walks, its start normal(1.5, 2); declarations that are not Russia-related. Of a row that
    tells its year alone the month is June.
    """
    table = rows("joins")
    month = 12 * table["year"] + table["date"].str[5:7].replace("", "6").astype(int)
    cast = table.assign(month=month).sort_values(["month", "joined"])
    grid = np.linspace(-9.0, 9.0, 241)
    chances = expit(np.stack([-grid, grid]))  # to stay away, and to join
    begun = norm.pdf(grid, 1.5, 2.0)
    scores = np.zeros(len(sizes))
    for (_, own), (place, size) in product(cast.groupby("state"), enumerate(sizes)):
        weight = begun / begun.sum()
        for passed, answer in zip(own["month"].diff().fillna(0.0), own["joined"], strict=True):
            if passed:
                step = norm.pdf(grid, grid[:, np.newaxis], size * np.sqrt(passed))
                weight = weight @ (step / step.sum(axis=1, keepdims=True))
            seen = weight * chances[answer]
            scores[place] += np.log(seen.sum())
            weight = seen / seen.sum()
    return len(cast), scores.tolist()


def page() -> str:
    """Return the page; its words call the functions above."""
    return pages.made("elsewhere", globals() | {"inf": np.inf}, width=120)


if __name__ == "__main__":
    pages.write(PAGE, page())
