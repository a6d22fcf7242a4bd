"""Posterior predictive checks: what the learned model makes of 2012 to 2023 by fresh luck, held against the record.

Parameters come from the posterior, luck is drawn anew from January 2012. Two kinds of histories are lived:

- *imposed*: votes, openings, war, prices and all other facts as recorded, for figures and for votes, which move no one;
- *free*: only the war, prices and signed gas contracts as recorded, for what the first kind imposes.

Sources: Gelman, Meng & Stern (1996), Posterior predictive assessment of model fitness via realized discrepancies,
Statistica Sinica 6(4); Gelman et al. (2013), Bayesian Data Analysis, 3rd ed., chapter 6. `learned.py` makes the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import xarray as xr
from scipy.stats import rankdata

from sim.arrays import FloatArray, IntArray
from sim.assimilation import Posterior, Start
from sim.clock import month_end, month_number
from sim.draws.randomness import STRANDS, PastLuck, uniforms
from sim.forecasting import samples
from sim.forecasting.ensemble import simulate
from sim.mechanisms.choice import TEXT_KINDS, VOTES
from sim.quantities.catalogue import weighed
from sim.record.country import load_country
from sim.record.observations import Record
from sim.runs.members import at
from sim.scenario import Scenario
from sim.verification.scores import pit
from sim.world.facts import Facts, gather

REPLICA_SEED = 1001
"""Of the fresh luck: far from the seeds of learning, so that no history meets the luck that it was learned with."""

EXTREME = 0.05
"""A p-value below this, or above one less this, is a misfit (judgement)."""

_WAY = {"no": "with", "absent": "abstain", "abstain": "abstain", "yes": "against"}
_FULL_SCALE = month_number(date(2022, 2, 1))
_HALF = 6


@dataclass(frozen=True)
class Check:
    """One statistic of the record beside the same of replicated histories.

    Attributes
    ----------
    n: figures, texts, half-years or months that it is taken over.
    low, median, high: 5, 50 and 95 per cent of the replicas. mean: of the replicas.
    p: the posterior predictive p-value.
    """

    target: str
    statistic: str
    n: int
    observed: float
    low: float
    median: float
    high: float
    mean: float
    p: float


def side(p: float) -> str:
    """Return where the record stands among the replicas: "low", "high" or "" by `EXTREME`."""
    return "low" if p < EXTREME else "high" if p > 1.0 - EXTREME else ""


def check(target: str, statistic: str, n: int, observed: float, replicas: FloatArray) -> Check:
    """Return one statistic's check; p is the share of replicas below the observed one, ties counted half."""
    low, median, high = np.quantile(replicas, [0.05, 0.5, 0.95]).tolist()
    p = pit(replicas, float(observed))
    return Check(target, statistic, n, float(observed), low, median, high, float(replicas.mean()), p)


# Statistics of a series: figures down, histories across.


def autocorrelation(values: FloatArray) -> FloatArray:
    """Return the lag-1 autocorrelation, shape (histories,)."""
    off = values - values.mean(axis=0)
    return (off[1:] * off[:-1]).sum(axis=0) / np.maximum((off**2).sum(axis=0), 1e-12)


SERIES: dict[str, Callable[[FloatArray], FloatArray]] = {
    "mean": lambda x: x.mean(axis=0),
    "sd of changes": lambda x: np.diff(x, axis=0).std(axis=0),
    "largest jump": lambda x: np.abs(np.diff(x, axis=0)).max(axis=0),
    "lag-1 autocorrelation": autocorrelation,
}
"""Of figures in their order; a change is from one figure to the next, whatever lies between."""

FEWEST = 4
"""Figures below which a series is not looked at (judgement)."""


def series_checks(target: str, observed: FloatArray, replicas: FloatArray) -> Iterator[Check]:
    """Yield the checks of a series; `observed` has shape (figures,), `replicas` (figures, histories)."""
    if observed.size >= FEWEST:
        for name, statistic in SERIES.items():
            found = statistic(observed[:, np.newaxis])[0]
            yield check(target, name, observed.size, found, statistic(replicas))


def coverage_checks(target: str, observed: FloatArray, replicas: FloatArray) -> Iterator[Check]:
    """Yield how many figures lie within the replicas' central bands; each replica stands in for the record in turn."""
    if observed.size < FEWEST:
        return
    places = (rankdata(replicas, axis=1) - 0.5) / replicas.shape[1]
    own = np.array([pit(row, x) for row, x in zip(replicas, observed, strict=True)])
    for words, half in (("within the 50 % band", 0.25), ("within the 90 % band", 0.45)):
        inside = (np.abs(places - 0.5) <= half).mean(axis=0)
        yield check(target, words, observed.size, float((np.abs(own - 0.5) <= half).mean()), inside)
    yield check(target, "mean place", observed.size, float(own.mean()), places.mean(axis=0))


# Histories lived again.


def freed(facts: Facts) -> Facts:
    """Return facts in which history holds no choices: the war, prices and gas contracts stay as recorded."""
    # what is left here would happen in months in which nothing is decided
    none: dict[str, dict] = {
        name: {} for name in ("rungs", "chapters", "texts", "turns", "figures", "declarations", "snapshots")
    }
    return replace(facts, first_month=0, elections=frozenset(), early=frozenset(), **none)


def lived(
    posterior: Posterior, scenario: Scenario, *, members: int, facts: Facts, seed: int = REPLICA_SEED
) -> xr.Dataset:
    """Return histories from January 2012 to the month before the origin's, by learned parameters and fresh luck."""

    def begin(members: IntArray) -> Start:
        none = np.empty((len(STRANDS) + 1, 0, members.size), dtype=np.int64)
        return replace(posterior.start(members, seed=seed, again=True), past=PastLuck(seed, none))

    spec = replace(scenario, until=month_end(scenario.first_month), questions=(), events=())
    data = simulate(spec, members=members, seed=seed, begin=begin, facts=facts, since=0)
    return data.assign(posterior.kept)


def checks(posterior: Posterior, scenario: Scenario, *, members: int) -> list[Check]:
    """Return all checks of a posterior against the record as it was known on the scenario's origin."""
    record = Record.load().until(scenario.as_of)
    facts = gather(record, scenario.as_of)
    imposed = lived(posterior, scenario, members=members, facts=facts)
    free = lived(posterior, scenario, members=members, facts=freed(facts))
    return [
        *figure_checks(imposed, record),
        *vote_checks(imposed, record, scenario),
        *opening_checks(free, facts),
        *event_checks(free, facts),
    ]


def figure_checks(data: xr.Dataset, record: Record) -> Iterator[Check]:
    """Yield the checks of published figures: coverage of all, the series of years or polls."""
    for target in weighed():
        seen = record.observations(target)
        whole = np.array([one.months != _HALF for one in seen], dtype=bool)
        observed = np.array([one.value for one in seen])
        replicas = [
            samples(data, target, month_number(one.end), half_year=one.months == _HALF) for one in seen
        ]
        if seen:
            yield from series_checks(target, observed[whole], np.stack(replicas)[whole])
            yield from coverage_checks(target, observed, np.stack(replicas))


def vote_checks(data: xr.Dataset, record: Record, scenario: Scenario) -> Iterator[Check]:
    """Yield the checks of votes on UN texts: each text on record is voted on again, by the chances the model gave then.

    Votes move nothing that moves the lean, so that a history with recorded votes is none other than one with its own.
    """
    texts = [
        (month_number(row["date"]), row["kind"], _WAY[row["vote"]])
        for row in record.table("un_votes")
        if row["kind"] in TEXT_KINDS and month_number(row["date"]) < scenario.first_month
    ]
    if len(texts) < FEWEST:
        return
    own = np.array([VOTES.index(way) for *_, way in texts])[:, np.newaxis]
    members, cast = np.arange(data.sizes["member"], dtype=np.int64), []
    for number, (month, kind, _) in enumerate(texts):
        with_russia, against = (
            at(data, f"vote_{way}_chance_{kind}", month).astype(np.float64) for way in ("with", "against")
        )
        u = uniforms(REPLICA_SEED, "voted again", f"text {number}", month, members)
        cast.append(np.where(u < with_russia, 0, np.where(u > 1.0 - against, 2, 1)))
    votes = np.stack(cast)
    late = np.array([month >= _FULL_SCALE for month, *_ in texts])
    every = np.ones_like(late)
    for words, chosen, code in (
        ("with Russia", every, 0),
        ("abstained or absent", every, 1),
        ("against Russia", every, 2),
        ("with Russia, before 2022", ~late, 0),
        ("against Russia, since 2022", late, 2),
    ):
        if chosen.any():
            found = (own[chosen] == code).mean()
            yield check("un_votes", words, int(chosen.sum()), found, (votes[chosen] == code).mean(axis=0))
    turned, replicas = ((np.diff(x, axis=0) != 0).sum(axis=0).astype(np.float64) for x in (own, votes))
    yield check("un_votes", "turns from one text to the next", len(texts), turned[0], replicas)


def opening_checks(data: xr.Dataset, facts: Facts) -> Iterator[Check]:
    """Yield the checks of chapters opened, half-year by half-year from 2012."""
    ends = np.arange(_HALF - 1, facts.first_month, _HALF)
    replicas = np.diff(at(data, "chapters_opened", ends).T.astype(np.float64), axis=0, prepend=0.0)
    months = [range(end - _HALF + 1, end + 1) for end in ends]
    own = np.array([[float(sum(facts.chapters.get(m, 0) for m in half))] for half in months])
    pairs = ends < month_number(load_country().clusters_from)
    for words, least, most in (("none", 0, 0), ("one", 1, 1), ("two", 2, 2), ("three or more", 3, np.inf)):
        observed, of_replicas = ((least <= x[pairs]) & (x[pairs] <= most) for x in (own, replicas))
        name = f"half-years with {words}, to 2020"
        yield check("chapters_opened", name, int(pairs.sum()), observed.mean(), of_replicas.mean(axis=0))

    def first(x: FloatArray) -> FloatArray:
        return np.where((x > 0).any(axis=0), (x > 0).argmax(axis=0), ends.size).astype(np.float64)

    yield check("chapters_opened", "opened in all", ends.size, own.sum(), replicas.sum(axis=0))
    yield check("chapters_opened", "half-years before the first", ends.size, first(own)[0], first(replicas))


def event_checks(data: xr.Dataset, facts: Facts) -> Iterator[Check]:
    """Yield the checks of what happened, counted from January 2012 to the origin."""
    months = facts.first_month

    def turned(kind: str) -> float:
        return float(sum(n for month, n in facts.turns.get(kind, {}).items() if 0 <= month < months))

    recorded = {
        "election": ("parliamentary elections", float(sum(0 <= m < months for m in facts.elections))),
        "coalition_change": ("changes of coalition", turned("coalition")),
        "kosovo_step": ("steps on Kosovo, forward less back", turned("issue")),
        "statement": ("statements of concern by Moscow", turned("statement")),
        "denied": ("denials by Belgrade", turned("denial")),
    }
    for variable, (words, count) in recorded.items():
        replicas = at(data, variable, range(months)).astype(np.float64).sum(axis=1)
        yield check("events", words, months, count, replicas)
    imposed = at(data, "sanctions", range(months)).max(axis=1).astype(np.float64)
    yield check("events", "sanctions ever in force", months, 0.0, imposed)
