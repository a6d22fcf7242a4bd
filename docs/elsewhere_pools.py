"""How pools of a model's forecast and a rival's do on other states: for docs/elsewhere.py.

A linear pool mixes the two laws; a quantile average takes each quantile halfway. On UN positions a local level with
the priors' medians stands for the model, on chapters the chain of talks that move or stand still, learned from the
state's own past. Sources: Hora (2004), Decision Analysis 1(4); Ranjan & Gneiting (2010), JRSS B 72(1); Lichtendahl,
Grushka-Cockayne & Winkler (2013), Management Science 59(7).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from elsewhere_talks import chapters_by_half, lived, prior
from numpy.typing import NDArray
from scipy.special import ndtri

from sim.mechanisms.scales import logistic
from sim.rivals.figures import LEVELS, _moving, shrunk_scale, student
from sim.rivals.series import Past
from sim.verification.scores import crps

FloatArray = NDArray[np.float64]
FIRST = 2004  # year of the first forecast of a position: four figures and more are known
USUAL = 0.1  # change of a position in a year, as rivals have it
LAST_CHAPTER = 33
DRAWS = 4000

Row = tuple[str, int, float, float, float]
"""Forecaster; forecasts; mean CRPS; shares within the 50 and 90 % bands."""


def positions(series: Mapping[str, Mapping[int, float]], years: int, last: int) -> list[Row]:
    """Score forecasts of UN positions so many years ahead, of outcomes to a year."""

    def cases() -> Iterable[tuple[FloatArray, FloatArray, float]]:
        for own in series.values():
            for now in range(max(FIRST, min(own) + 4), last - years + 1):
                if now in own and now + years in own:
                    known = {year: value for year, value in own.items() if year <= now}
                    yield _level(known, years), _persistence(known, years), own[now + years]

    return _scores(cases(), _halfway)


def chapters(halves: int) -> list[Row]:
    """Score forecasts of chapters opened so many half-years ahead, of talks that were on, to 2025."""

    def cases() -> Iterable[tuple[FloatArray, FloatArray, float]]:
        random = np.random.default_rng(1)
        for by_half in chapters_by_half().values():
            opened = list(by_half.values())
            counts = np.cumsum(np.maximum(opened, 0.0))
            talks = max((place for place, n in enumerate(opened) if n < 0), default=0)  # the first conference
            clusters = min(by_half) > 2 * 2014 - 1  # of the methodology since 2020: whole clusters
            for now in range(talks + 1, len(opened) - halves):
                if counts[now] < LAST_CHAPTER:
                    past = counts[talks : now + 1]
                    known = Past("chapters_opened", np.arange(past.size), past, past < 0, 0.0, 0.0, past[-1])
                    rival = np.clip(np.rint(_moving(known, halves)), past[-1], LAST_CHAPTER)
                    model = _chain(opened[: now + 1], halves, past[-1], clusters, random)
                    yield model, np.sort(rival), float(counts[now + halves])

    return _scores(cases(), _halfway_in_whole_numbers)


def _scores(
    cases: Iterable[tuple[FloatArray, FloatArray, float]],
    average: Callable[[FloatArray, FloatArray], FloatArray],
) -> list[Row]:
    found: dict[str, list[tuple[float, bool, bool]]] = defaultdict(list)
    for model, rival, outcome in cases:
        laws = {
            "the model's part": model,
            "shrunk persistence": rival,
            "linear pool": np.sort(np.concatenate([model, rival])),
            "quantile average": average(model, rival),
        }
        for name, law in laws.items():
            bands = np.quantile(law, [0.25, 0.75, 0.05, 0.95], method="inverted_cdf")
            held = [bool(bands[i] <= outcome <= bands[i + 1]) for i in (0, 2)]
            found[name].append((crps(law, outcome), held[0], held[1]))
    rows = []
    for name, scores in found.items():
        mean, half, most = np.mean(scores, axis=0).tolist()
        rows.append((name, len(scores), mean, half, most))
    return rows


def _halfway(model: FloatArray, rival: FloatArray) -> FloatArray:
    return (model + rival) / 2.0


def _halfway_in_whole_numbers(model: FloatArray, rival: FloatArray) -> FloatArray:
    """Return quantiles halfway, every other one that lies between two counts rounded up."""
    up = np.arange(model.size) % 2 > 0
    middle = (model + rival) / 2.0
    return np.sort(np.where(up, np.ceil(middle), np.floor(middle)))


def local_level(
    figures: Mapping[int, float], step: FloatArray | float, noise: FloatArray | float
) -> Iterator[tuple[float, Any, Any]]:
    """Yield each figure by year but the first, with its mean and variance by those before it.

    A level that walks by `step` a year and is seen with `noise`: numbers, or arrays of which each pair is tried.
    """
    begun = min(figures)
    mean, variance = figures[begun], noise**2
    for year in range(begun + 1, max(figures) + 1):
        variance = variance + step**2
        if year in figures:
            whole = variance + noise**2
            yield figures[year], mean, whole
            mean, variance = mean + variance / whole * (figures[year] - mean), variance * noise**2 / whole


def changes(figures: Mapping[int, float], years: int) -> FloatArray:
    """Return the changes of figures over so many years."""
    return np.array([figures[year + years] - figures[year] for year in figures if year + years in figures])


def _level(known: Mapping[int, float], years: int) -> FloatArray:
    """Return a local level's forecast with the medians of the priors of drift and noise."""
    asked = {**known, max(known) + years: np.nan}
    *_, (_, mean, variance) = local_level(asked, prior("un_step")[0], prior("un_noise")[0])
    return np.asarray(mean + np.sqrt(variance) * ndtri(LEVELS))


def _persistence(known: Mapping[int, float], years: int) -> FloatArray:
    moved = changes(known, years)
    scale, freedom = shrunk_scale(moved, overlap=years, usual=USUAL * np.sqrt(years))
    return student(known[max(known)], scale, freedom)


def _chain(
    opened: list[int], halves: int, count: float, clusters: bool, random: np.random.Generator
) -> FloatArray:
    """Return the chain's forecast of the count, ascending, its parameters weighed by the state's own half-years."""
    middle, spread = prior("opening_base")
    chance = logistic(random.normal(middle, spread, DRAWS))
    stall, resume = (random.beta(*prior(f"opening_{name}"), DRAWS) for name in ("stall", "resume"))
    typical, sigma = prior("opening_extra")
    extra = typical * np.exp(random.normal(0.0, sigma, DRAWS))
    log_weight, moving = lived(opened, stall, resume, chance)
    if not clusters:
        log_weight += sum((n - 1) * np.log(extra) - extra for n in opened if n > 0)
    weight = np.exp(log_weight - log_weight.max())
    drawn = random.choice(DRAWS, DRAWS, p=weight / weight.sum())
    on, total = random.random(DRAWS) < moving[drawn], np.full(DRAWS, count)
    for _ in range(halves):
        u = random.random(DRAWS)
        on = np.where(on, u >= stall[drawn], u < resume[drawn])
        opens = on & (random.random(DRAWS) < chance[drawn])
        size = 7.0 if clusters else 1.0 + random.poisson(extra[drawn])
        total = np.minimum(total + opens * size, LAST_CHAPTER)
    return np.quantile(total, LEVELS, method="inverted_cdf")
