"""What other states and years before 2016 say of the model's forms: writes docs/elsewhere.md.

Serbia's own figures after 2015, on which forecasts are scored, are not read here. For each change of structure: the
form before, the form since, and how well either foretells that evidence. Run with ``python docs/elsewhere.py``; a test
holds the page to a new run.
"""

from __future__ import annotations

import csv
import textwrap
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import elsewhere_pools as pools
import elsewhere_talks as talks
import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp
from scoringrules import crps_ensemble

from sim.mechanisms.prices import FIT_MONTHS, PULL_KEPT, fit
from sim.observations import Record
from sim.parameters import parameter_table

PAGE = Path(__file__).with_name("elsewhere.md")
DATA = Path(__file__).with_name("elsewhere")
LAST = 2015  # the year before the first that is scored
LISTED = {2014: 15, 2015: 17, 2016: 14, 2017: 26, 2018: 32, 2019: 18, 2020: 38, 2021: 39}
"""EU listing acts by year, Al-Qaida left out: the EU's consolidated sanctions list of 13 September 2022."""
ADOPTED = ((0.003, True), (0.017, True), (1.75, True), (4.36, False), (4.36, False))
"""Years of full-scale war until a candidate adopted sanctions, or so far: the record's reference class, July 2026."""
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

FloatArray = NDArray[np.float64]


def rows(name: str) -> list[dict[str, str]]:
    """Return a table of other states."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def yearly_openings() -> dict[str, dict[int, int]]:
    """Return chapters opened by state and year, where two counts in a row are known."""
    counts: dict[str, dict[int, int]] = defaultdict(dict)
    for row in rows("chapters"):
        counts[row["state"]][int(row["date"][:4])] = int(row["opened"])
    counts["TUR"][2005] = counts["MNE"][2011] = counts["ALB"][2023] = 0  # talks had just begun, or were to
    counts["ISL"] |= {2013: 27, 2014: 27}  # suspended in May 2013: accession_events of the source
    found: dict[str, dict[int, int]] = {}
    for state, known in counts.items():
        most = 33
        found[state] = {
            year: known[year] - known[year - 1]
            for year in sorted(known)
            if year - 1 in known and known[year - 1] < most
        }
    return found


def memory(last: int) -> tuple[int, float, float]:
    """Return years foretold, and the log scores of "an opening this year" without memory and with it.

    Each year by all earlier ones of all states, rule of succession: of all years, or of those that followed a year like
    the last.
    """
    years = sorted({y for known in yearly_openings().values() for y in known if y <= last})
    plain, chain = np.ones(2), np.ones((2, 2))
    score, score_of_chain, count = 0.0, 0.0, 0
    for year in years:
        seen = [(known.get(year - 1), known[year]) for known in yearly_openings().values() if year in known]
        for before, now in seen:
            if before is not None:
                moved = int(now > 0)
                score += np.log(plain[moved] / plain.sum())
                score_of_chain += np.log(chain[int(before > 0), moved] / chain[int(before > 0)].sum())
                count += 1
        for before, now in seen:
            plain[int(now > 0)] += 1
            if before is not None:
                chain[int(before > 0), int(now > 0)] += 1
    return count, float(score), float(score_of_chain)


def passages(last: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return (still, of years that followed a moving one) and (moving, of years that followed a still one)."""
    pairs = [
        (known[y - 1] > 0, known[y] > 0)
        for known in yearly_openings().values()
        for y in known
        if y - 1 in known and y <= last
    ]
    after_moving = [now for before, now in pairs if before]
    after_still = [now for before, now in pairs if not before]
    return (after_moving.count(False), len(after_moving)), (after_still.count(True), len(after_still))


def sizes(last: int) -> tuple[list[int], int]:
    """Return the chapters opened in years with an opening, and how many of these years two at a time can give."""
    opened = [n for known in yearly_openings().values() for year, n in known.items() if n and year <= last]
    return sorted(opened), sum(n in (2, 4) for n in opened)


def votes() -> tuple[int, int, float, float]:
    """Return pairs of votes, of these alike, and log scores: by each state's own earlier votes, and with habit.

    Without habit a vote is drawn by the rule of succession on the state's earlier ones; with it, it is the last vote in
    so many cases as the prior's mean says.
    """
    habit = parameter_table()["vote_habit"].prior
    share = habit.numbers[0] / sum(habit.numbers)  # type: ignore[union-attr]
    cast: dict[str, list[int]] = defaultdict(list)
    for row in sorted(rows("crimea_votes"), key=lambda r: r["date"]):
        cast[row["country"]].append({"no": 0, "yes": 2}.get(row["vote"], 1))
    pairs = alike = 0
    score = score_of_habit = 0.0
    for own in cast.values():
        for place in range(1, len(own)):
            counts = np.bincount(own[:place], minlength=3) + 1.0
            chance = counts / counts.sum()
            same = own[place] == own[place - 1]
            pairs, alike = pairs + 1, alike + same
            score += np.log(chance[own[place]])
            score_of_habit += np.log((1.0 - share) * chance[own[place]] + share * same)
    return pairs, alike, float(score), float(score_of_habit)


def ideal_points() -> dict[str, FloatArray]:
    """Return the yearly points of other states to 2015, NaN where a year rests on few votes."""
    found: dict[str, FloatArray] = defaultdict(lambda: np.full(LAST - 1999, np.nan))
    for row in rows("un_points"):
        if row["weak"] == "0" and int(row["year"]) <= LAST:
            found[row["state"]][int(row["year"]) - 2000] = float(row["value"])
    return dict(found)


def habit_by_war() -> list[tuple[str, str, int, int]]:
    """Return years of two texts on human rights in Crimea, how many had voted against, and how many did so again."""
    against: dict[str, set[str]] = defaultdict(set)
    for row in rows("against_crimea"):
        against[row["date"][:4]].add(row["state"])
    pairs = (("2016", "2018"), ("2018", "2020"), ("2020", "2022"), ("2022", "2024"))
    return [(a, b, len(against[a]), len(against[a] & against[b])) for a, b in pairs]


def break_score() -> tuple[float, float]:
    """Return log scores of who kept to a vote against from 2020 to 2022: as in the other pairs, and by no habit.

    Without habit half keep to it (judgement: the lean draws the vote again, and their leans differ).
    """
    pairs = habit_by_war()
    (_, _, had, kept), others = pairs[2], [pair for pair in pairs if pair[1] != "2022"]
    share = sum(pair[3] for pair in others) / sum(pair[2] for pair in others)
    return tuple(float(kept * np.log(q) + (had - kept) * np.log(1.0 - q)) for q in (share, 0.5))  # type: ignore[return-value]


def habit_between(pair: str) -> tuple[int, int, float, float]:
    """Return states, how many voted on the second text as on the first, and log scores: without habit, and with it.

    Without habit a vote is drawn as all states voted on the first text; with it, it is the last vote in as many cases
    as the prior's mean says.
    """
    cast = np.array(VOTED[pair])
    chance = (cast.sum(axis=1) + 1.0) / (cast.sum() + 3.0)
    yes, no = talks.prior("vote_habit")
    share, kept = yes / (yes + no), int(np.trace(cast))
    with_habit = np.log((1.0 - share) * chance + share * np.eye(3))
    return int(cast.sum()), kept, float((cast * np.log(chance)).sum()), float((cast * with_habit).sum())


def positions() -> dict[str, dict[int, float]]:
    """Return the yearly points of states that are no poles, to 2024, without years that rest on few votes."""
    found: dict[str, dict[int, float]] = defaultdict(dict)
    for row in rows("un_points"):
        if row["weak"] == "0" and row["state"] not in POWERS:
            found[row["state"]][int(row["year"])] = float(row["value"])
    return dict(found)


def noise_score(last: int) -> tuple[int, float, float]:
    """Return figures to a year, and their log scores with either prior of the noise.

    Each figure by those before it: a local level with drift and noise of its own, learned on the way. The drift has
    the parameter's prior.
    """
    drifts, noises = np.geomspace(0.005, 0.4, 45)[:, np.newaxis], np.geomspace(0.005, 0.3, 45)
    count, scores = 0, np.zeros(2)
    weighed = [
        _lognormal(drifts, *talks.prior("un_step")) + _lognormal(noises, *prior) for prior in NOISES.values()
    ]
    for own in positions().values():
        known = {year: value for year, value in own.items() if year <= last}
        log_chance, level, variance = np.zeros((45, 45)), np.nan, drifts * noises * 0.0
        for year in range(min(known), last + 1):
            variance = variance + drifts**2
            if year not in known:
                continue
            if np.isnan(level).all():
                level, variance = np.full_like(log_chance, known[year]), noises**2 + 0.0 * drifts
                continue
            whole, error = variance + noises**2, known[year] - level
            log_chance -= 0.5 * (np.log(2.0 * np.pi * whole) + error**2 / whole)
            level, variance = level + variance / whole * error, variance * noises**2 / whole
            count += 1
        scores += [logsumexp(log_chance + prior) for prior in weighed]
    return count, float(scores[0]), float(scores[1])


def _lognormal(grid: FloatArray, median: float, sigma: float) -> FloatArray:
    """Return the log of what a lognormal law gives to each value of an evenly spaced grid of logarithms."""
    log_density = -0.5 * (np.log(grid / median) / sigma) ** 2
    return np.asarray(log_density - logsumexp(log_density))


def readiness_scores() -> tuple[int, list[tuple[float, float]]]:
    """Return joins of other states, and the log likelihood of a monthly walk of their readiness by the walk's size.

    Readiness on the logit, its start normal(1.5, 2); declarations that are not Russia-related.
    """
    grid = np.linspace(-9.0, 9.0, 241)
    joins = -np.logaddexp(0.0, np.stack([grid, -grid]))  # log chance to stay away, and to join
    start = -0.5 * ((grid - 1.5) / 2.0) ** 2
    cast: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for row in rows("joins"):
        month = 12 * int(row["date"][:4]) + int(row["date"][5:7] or 6)
        cast[row["state"]].append((month, int(row["joined"])))
    found = []
    for size in (0.03, 0.06, 0.12, 0.24, 0.48):
        score = 0.0
        for own in cast.values():
            weight, before = np.exp(start - logsumexp(start)), min(own)[0]
            for month, joined in sorted(own):
                if month > before:
                    step = np.exp(-0.5 * (grid - grid[:, np.newaxis]) ** 2 / (size**2 * (month - before)))
                    weight = weight @ (step / step.sum(axis=1, keepdims=True))
                seen = weight * np.exp(joins[joined])
                score += float(np.log(seen.sum()))
                weight, before = seen / seen.sum(), month
        found.append((size, score))
    return sum(map(len, cast.values())), found


def drift() -> list[tuple[str, float, float]]:
    """Return (which state, drift of a year, noise of a figure), from moves over four years and over one.

    A walk of step q seen with noise r moves by ``q**2 + 2 r**2`` in a year and ``4 q**2 + 2 r**2`` in four.
    """
    one, four = (
        np.array([np.nanmean((x[gap:] - x[:-gap]) ** 2) for x in ideal_points().values()]) for gap in (1, 4)
    )
    found = []
    for name, over in (("the median state", np.median), ("the mean square", np.mean)):
        short, long = float(over(one)), float(over(four))
        step = (long - short) / 3.0
        found.append((name, step**0.5, ((short - step) / 2.0) ** 0.5))
    return found


def level_score(step: float, noise: float) -> tuple[int, float]:
    """Return figures foretold a year ahead, and their mean log score, by a local level with these constants."""
    scores = []
    for series in ideal_points().values():
        level, variance = np.nan, np.inf
        for value in series:
            if np.isfinite(level):
                variance += step**2
                if np.isfinite(value):
                    whole = variance + noise**2
                    scores.append(-0.5 * (np.log(2.0 * np.pi * whole) + (value - level) ** 2 / whole))
            if np.isfinite(value):
                gain = 1.0 if not np.isfinite(level) else variance / (variance + noise**2)
                level = value if not np.isfinite(level) else level + gain * (value - level)
                variance = noise**2 if gain == 1.0 else (1.0 - gain) * variance
    return len(scores), float(np.mean(scores))


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


def counts_score(pull: float) -> float:
    """Return the root mean square error of the log of next year's listing acts, drawn back by a monthly pull."""
    logs = np.log(list(LISTED.values()))
    stay = (1.0 - pull) ** 12
    errors = [
        logs[i] - (logs[:i].mean() + stay * (logs[i - 1] - logs[:i].mean())) for i in range(2, logs.size)
    ]
    return float(np.sqrt(np.mean(np.square(errors))))


def frailty(shape: float) -> float:
    """Return the best log likelihood of the adoptions if rates differ as a gamma of this shape; inf: one rate."""
    times = np.array([t for t, _ in ADOPTED])
    done = np.array([d for _, d in ADOPTED])
    if np.isinf(shape):
        rate = done.sum() / times.sum()
        return float(done.sum() * np.log(rate) - rate * times.sum())
    scale = np.exp(np.linspace(-9.0, 9.0, 4001))[:, np.newaxis]
    log_survival = shape * (np.log(scale) - np.log(scale + times))
    log_density = log_survival + np.log(shape) - np.log(scale + times)
    return float(np.where(done, log_density, log_survival).sum(axis=1).max())


def words(*texts: str) -> list[str]:
    """Return a paragraph as lines."""
    return [*textwrap.wrap(" ".join(texts), 120, break_long_words=False, break_on_hyphens=False), ""]


def table(heads: Sequence[str], body: Sequence[Sequence[Any]]) -> list[str]:
    """Return a table as lines, fractions to three digits."""
    cells = [[f"{x:.3f}" if isinstance(x, float) else str(x) for x in one] for one in body]
    rule = "|---" + "|---:" * (len(heads) - 1) + "|"
    first, *others = ("| " + " | ".join(one) + " |" for one in (heads, *cells))
    return [first, rule, *others, ""]


def of_memory() -> Iterator[str]:
    """Yield what was found on whether a year opens something."""
    yield from words(
        "Turkey opened chapters in every year to 2010, then in three of six, and none from 2017 on; Montenegro moved",
        "to the end; Iceland's government ended talks in 2013; Albania stood still to 2024 and then opened everything.",
        "Whether a year brings an opening, foretold from the years before:",
    )
    yield from table(
        ("years to", "foretold", "without memory", "with memory"),
        [(str(last), *memory(last)) for last in (LAST, 2025)],
    )
    said = []
    for last in (LAST, 2025):
        stalled, resumed = passages(last)
        said.append(
            f"To {last}, {stalled[0]} of {stalled[1]} years that followed a moving one stood still, "
            f"{resumed[0]} of {resumed[1]} that followed a still one moved."
        )
    yield from words(
        *said,
        "To 2015 the years are too few to tell the two apart; that memory helps is learned from later years of other",
        "states.",
    )


def of_sizes() -> Iterator[str]:
    """Yield what was found on how much opens at once."""
    opened, possible = sizes(LAST)
    yield from words(
        f"Years with openings brought {', '.join(map(str, opened))} chapters. Two at a time, the form before, can give",
        f"{possible} of these {len(opened)}; one and a Poisson number more can give all. Clusters, since May 2021,",
        "open whole.",
    )


def of_votes() -> Iterator[str]:
    """Yield what was found on votes."""
    pairs, alike, plain, with_habit = votes()
    yield from words(
        f"Of other states' votes on the texts on Crimea of 2016 to 2020, {alike} of {pairs} were as the one before.",
        f"Foretold from each state's own earlier votes: log score {plain:.1f} without habit, {with_habit:.1f} with the",
        "prior's mean. That Serbia's votes on one kind of text differ from month to month by a severity drawn anew had",
        "no such support, and is gone.",
    )


def of_war() -> Iterator[str]:
    """Yield what was found on votes after the war had changed."""
    yield from words(
        "States that voted against the yearly text on human rights in Crimea, as printed at the time, and how many of",
        "them did so again two years later (Serbia left out, and Armenia, whose figures are kept apart):",
    )
    body = [(f"{a} and {b}", had, kept, kept / had) for a, b, had, kept in habit_by_war()]
    yield from table(("texts of", "against", "again", "share"), body)
    with_habit, without = break_score()
    yield from words(
        "From 2020 to 2022 full-scale war began, and nearly half left; in no other two years did a quarter. Log score",
        f"of who stayed: {with_habit:.1f} if they keep to their vote as in the other years (before), {without:.1f} if",
        "the vote is drawn anew and half of them cast it again (since; the half is judgement). So the first vote of a",
        "kind in full-scale war owes nothing to habit. What a truce does is not known; it ends none. This was looked",
        "for because Serbia's votes of December 2022 had been missed.",
    )


def of_texts() -> Iterator[str]:
    """Yield what was found on votes on a text that is not the one before."""
    yield from words(
        "The text of March 2014 was on Ukraine's territorial integrity, the yearly one since 2016 is on human rights",
        "in Crimea. The record has both as texts on Crimea. How states voted on one and on the next, an absence",
        "counted as an abstention, and log scores of the second votes: drawn as all states had voted on the first, or",
        "with the prior's mean of habit:",
    )
    body = [
        (pair, count, kept, kept / count, *scores)
        for pair in VOTED
        for count, kept, *scores in [habit_between(pair)]
    ]
    yield from table(("texts", "states", "alike", "share", "without habit", "with habit"), body)
    yield from words(
        "Between texts of one matter habit is what the prior says. From the text of 2014 to the first yearly one it",
        "foretells worse than none (a habit of one half would do best: not taken, for one pair of texts). So the vote",
        "of March 2014 lays no habit (before: it did). Absences are not to blame: of the absent as of the abstaining",
        "three in four abstained or stayed away in 2016 too. Whether other texts of the emergency session, each on a",
        "matter of its own, lay one is open: no roll calls of other states on them are at hand.",
    )


def of_noise() -> Iterator[str]:
    """Yield what was found on the noise of published positions."""
    body = [(f"to {last}", *noise_score(last)) for last in (LAST, 2024)]
    yield from words(
        "Log scores of the yearly UN positions of twelve other states (the six powers, which are poles of the scale,",
        "left out), each figure foretold from those before it, by a local level whose drift and noise are learned on",
        "the way from priors: drift .07 (sigma .4) as it is, noise .064 (.2) as judged from published standard errors,",
        "or .045 (.5):",
    )
    yield from table(
        ("outcomes", "figures", "noise .064, surely (before)", ".045, less surely (since)"), body
    )
    yield from words(
        "The former section's verdict is of eighteen states with the powers among them, and of fixed constants; a",
        "prior that lets each state's own figures speak is better in both spans.",
    )


def of_standstill() -> Iterator[str]:
    """Yield what was found on how long talks stand still."""
    yield from words(
        "Steps of seven candidates by half-year, from candidate status on: Turkey, North Macedonia, Albania,",
        "Montenegro, Iceland, Croatia, and Moldova, whose half-years are Ukraine's too (those of Croatia, Iceland and",
        "Montenegro were not looked up day by day). Each half-year foretold by those before it, a state's own chances",
        "to stall and to resume being learned on the way, as Serbia's are:",
    )
    yield from table(
        (
            "half-years to",
            "states",
            "half-years",
            "the priors as they are",
            "the best for all, fitted",
            "each state by the others",
        ),
        [(str(last), *talks.foretold(last)) for last in (LAST, 2025)],
    )
    alike, *_, unlike = talks.by_precision()
    middle = talks.by_precision()[2]
    yield from words(
        "Four numbers fitted to all gain three; but a state foretold by what the others make likely is foretold no",
        "better than by the priors, which came from years. Nor do long standstills foretell longer ones: best log",
        f"likelihood {alike[1]:.1f} if all resume with one chance, {middle[1]:.1f} if chances differ as the prior's do",
        f"(precision 13), {unlike[1]:.1f} if they differ more (4). The priors stay. What is known of Serbia's",
        "standstill since 2022 is learned from her own record.",
    )


def of_readiness() -> Iterator[str]:
    """Yield what was found on how fast readiness to join declarations moves."""
    count, found = readiness_scores()
    yield from words(
        f"{count} joins and refusals of declarations that are not Russia-related, by seven other states, 2010 to 2026;",
        "log likelihood by the size of a month's step of readiness (logit): "
        + ", ".join(f"{score:.1f} ({size:g})" for size, score in found)
        + ". The prior's median is .12. It stays.",
    )


def of_pools() -> Iterator[str]:
    """Yield what was found on pools of two forecasts."""
    yield from words(
        "A linear pool of calibrated forecasts is wider than they are (Hora 2004; Ranjan & Gneiting 2010), a quantile",
        "average as wide as they are on average (Lichtendahl, Grushka-Cockayne & Winkler 2013). Pooled here: shrunk",
        "persistence, and in the model's place a local level with the priors' medians (UN positions of twelve states)",
        "or the chain of talks that move or stand still, learned from a state's own past (chapters, and in whole",
        "numbers: every other value between two counts goes up). CRPS, and shares held by the 50 and 90 % bands:",
    )
    body = []
    for years, last in ((1, LAST), (2, LAST), (1, 2024), (2, 2024)):
        body += [
            (f"UN, {years} y, to {last}", name, count, f"{score:.4f}", *held)
            for name, count, score, *held in pools.positions(positions(), years, last)
        ]
    for halves in (2, 4):
        body += [(f"chapters, {halves // 2} y, to 2025", *row) for row in pools.chapters(halves)]
    yield from table(("of", "forecaster", "forecasts", "CRPS", "50 %", "90 %"), body)
    yield from words(
        "On positions the two are level; on chapters the quantile average is worse by one in a hundred, and its bands",
        "are no more honest. The linear pool stays. It is ahead of shrunk persistence in five of six rows.",
    )


def of_positions() -> Iterator[str]:
    """Yield what was found on drift and noise of ideal points."""
    yield from table(("from moves over one and four years", "drift of a year", "noise of a figure"), drift())
    (count, ours), (_, others) = (level_score(*constants) for constants in ((0.07, 0.064), (0.065, 0.05)))
    yield from words(
        f"A year ahead, {count} figures of eighteen states to {LAST}: mean log score {ours:.3f} with the medians that",
        f"the priors had (drift .07, noise .064), {others:.3f} with others between the two rows (.065, .05). The",
        "drift stays; on the noise see below.",
    )


def of_gas() -> Iterator[str]:
    """Yield what was found on how fast the price of gas returns to its level."""
    yield from words(
        "CRPS of the log price, forecasts from 2006 to 2015, each fitted to the eight years before it:"
    )
    yield from table(
        ("months ahead", "forecasts", "no change", "pull as fitted (before)", "half the pull (since)"), gas()
    )
    yield from words(
        "At six months the difference from no change is nothing; at a year and two years half the pull is ahead of",
        "both.",
    )


def of_declarations() -> Iterator[str]:
    """Yield what was found on how fast the EU's declarations return to their level."""
    counts = ", ".join(f"{n} ({year})" for year, n in LISTED.items())
    yield from words(
        f"Listing acts by year, a proxy for what is declared: {counts}. Error of next year's logarithm:",
        f"{counts_score(6 / 96):.3f} when drawn back to the mean so far by the prior's mean pull (.0625 a month),",
        f"{counts_score(0.02):.3f} by a slower one (.02). It stays.",
    )


def of_sanctions() -> Iterator[str]:
    """Yield what was found on when states adopt sanctions."""
    yield from words(
        "In full-scale war three of five candidates adopted them on the first day, in the first week and after 21",
        "months, two not in more than four years. Log likelihood of that by how far states' rates differ, as a gamma",
        "of this shape:",
    )
    yield from table(
        ("one rate for all (before)", "2", "1", "1/2 (since)", ".12, the best"),
        [[frailty(shape) for shape in (np.inf, 2.0, 1.0, 0.5, 0.12)]],
    )
    yield from words(
        "One half is judgement between the best and one rate, since five states are few. It lets the years that Serbia",
        "held out speak.",
    )


SECTIONS = (
    ("Openings have memory", of_memory),
    ("How many chapters an opening brings", of_sizes),
    ("Votes have habit", of_votes),
    ("Full-scale war ended the habit", of_war),
    ("A vote on another text lays no habit", of_texts),
    ("Looked at and left: constants of drift and noise of UN positions", of_positions),
    ("How noisy a published UN position is", of_noise),
    ("The price of gas", of_gas),
    ("Looked at and left: how fast the EU's declarations return to their level", of_declarations),
    ("States differ in how soon they adopt sanctions", of_sanctions),
    ("Looked at and left: how long talks stand still", of_standstill),
    ("Looked at and left: how fast readiness to join moves", of_readiness),
    ("Looked at and left: quantile averages in place of the linear pool", of_pools),
)
"""The page's sections: title, and what yields its lines."""


def page() -> str:
    """Return the page."""
    lines = ["# Elsewhere: what chose the forms", ""]
    lines += words(
        "Forms and priors are chosen on other states and on years before 2016, never on what Serbia's forecasts are",
        "scored on, but for one prior that follows what the EU issued in 2022 and 2024 (decision 18). Below, for each",
        "change of structure of November 2026, and for what was looked at and left: the evidence, and how well the",
        "form before and the form since foretell it (log scores: higher is better; CRPS and errors: lower is better).",
        "Written by `python docs/elsewhere.py` from the tables beside it, `docs/elsewhere/`, each row with its source.",
        "Whoever wrote this knew Serbia's",
        "years to 2026.",
    )
    for title, said in SECTIONS:
        lines += [f"## {title}", "", *said()]
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
