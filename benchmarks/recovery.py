"""Recovery of known truth: does the filter find the parameters of histories that the model itself made?

For each history the truth is one member of the model: parameters and luck from the priors, with prices, the war and the
gas contracts as recorded. What a filter may see of it is taken down in the form of the record: figures in the windows
in which the real record has figures, votes, openings, elections, coalitions, steps on Kosovo, counted declarations. The
filter then learns from that as it does from the record. If it is right, the rank of the truth among the particles is
uniform, and intervals cover the truth as often as they say (Cook, Gelman & Rubin 2006; Talts et al. 2018).

Two things cannot be written in the form of the record: that sanctions were imposed, or that a veto was traded away.
Members in whose past either happened are passed over, as the record's own past knows of neither: truth and filter are
both conditional on that.

Run with ``python benchmarks/recovery.py``, hours for a hundred histories; ``--histories`` and ``--particles`` say how
much, ``--keep`` names a file in which every finished history is noted, so that an interrupted run goes on, and
``--write`` writes ``docs/recovery.md``, whose words stand in ``docs/recovery-words.md``.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "docs"))

import pages
from learned_checks import freed

from sim.assimilation.blocks import control_of
from sim.assimilation.filter import CollapseError, ParticleFilter
from sim.assimilation.particles import KINDS, Problem
from sim.draws.quantiles import normal_quantile
from sim.draws.randomness import uniforms
from sim.forecasting.ensemble import simulate
from sim.mechanisms.publication import published_poll
from sim.record.country import load_country
from sim.record.observations import Record
from sim.scenario import Scenario
from sim.world.facts import Counted, Facts, gather

PAGE = Path(__file__).parents[1] / "docs" / "recovery.md"
ORIGIN = date(2019, 7, 1)
SPEC = Scenario(name="recovery", title="Recovery of known truth", as_of=ORIGIN, until=date(2019, 7, 31))
FIRST_SEED = 1000
FILTER_SEED = 1
ISLANDS = 8
CANDIDATES = 64
FIRST_ELECTION = 4  # the parliament of May 2008 is due in May 2012
KEY = (
    "join_cost",
    "join_other_mean",
    "gas_weight",
    "accession_weight",
    "public_weight",
    "vote_severity_crimea",
    "vote_width",
    "un_start",
    "un_step",
    "support_mean",
    "support_noise",
    "opening_base",
    "declarations_other",
    "sanctions_rate",
)
CONTROLS = tuple(control_of(kind) for kind in KINDS)
BINS = 10
RESAMPLES = 2000
HARDLY = 0.2  # correlation of truth and estimate below which a parameter is not told (judgement)


def bare(facts: Facts) -> Facts:
    """Return facts in which nothing that agents chose is on record, and prices, war and contracts stand."""
    contracts = {month: replace(contract, offered=False) for month, contract in facts.contracts.items()}
    nothing_known = dict.fromkeys(facts.complete_until, -1)
    return replace(
        freed(facts), first_month=facts.first_month, complete_until=nothing_known, contracts=contracts
    )


TURNS = {"coalition": "coalition_change", "issue": "kosovo_step", "media": "media_launched"}
"""What is recorded of each kind of turn."""


def lived(facts: Facts, seed: int) -> tuple[int, dict[str, np.ndarray]]:
    """Live candidates through history; return the first that the form of the record can tell, month by month."""
    data = simulate(SPEC, members=CANDIDATES, seed=seed, facts=bare(facts)).isel(
        month=slice(facts.first_month)
    )
    told = (data["sanctions"].max("month") == 0.0) & (data["veto_traded"].max("month") == 0.0)
    member = int(np.flatnonzero(told)[0])
    found = {str(name): values.to_numpy() for name, values in data.isel(member=member).data_vars.items()}
    # this origin is before any text but those on Crimea, too
    assert not found["arms_report"].any(), "this origin is before any report"
    return member, found


def taken_down(facts: Facts, values: dict[str, np.ndarray], seed: int) -> Facts:
    """Return the facts that a record of this history would hold."""
    chapters = np.diff(values["chapters_opened"], prepend=0.0)
    others = values["votes"] - values["votes_with"] - values["votes_against"]
    elections = [int(month) for month in np.flatnonzero(values["election"])]
    scheduled = [FIRST_ELECTION, *(month + load_country().parliament_months for month in elections)]
    return replace(
        bare(facts),
        complete_until=dict.fromkeys(facts.complete_until, facts.first_month - 1),
        rungs=_counts(values["opening"] - chapters),
        chapters=_counts(chapters),
        texts={
            int(m): Counter(
                {
                    ("crimea", "with"): int(values["votes_with"][m]),
                    ("crimea", "against"): int(values["votes_against"][m]),
                    ("crimea", "abstain"): int(others[m]),
                }
            )
            for m in np.flatnonzero(values["votes"])
        },
        turns={kind: _counts(values[name]) for kind, name in TURNS.items()},
        elections=frozenset(elections),
        early=frozenset(m for m, due in zip(elections, scheduled, strict=False) if m < due),
        figures=dict(_figures(facts, values, seed)),
        declarations={m: tuple(_counted(c, m, values) for c in of) for m, of in facts.declarations.items()},
    )


def check_told(facts: Facts, member: int, lean: np.ndarray, seed: int) -> None:
    """Live the truth again with its choices imposed: they must lead to the same lean, or it was told wrongly.

    Not in the last months: an election called there is held after the origin, and no record knows of it yet.
    """
    again = simulate(SPEC, members=CANDIDATES, seed=seed, facts=facts)["lean"].isel(member=member).to_numpy()
    told = facts.first_month - load_country().notice_months
    apart = np.flatnonzero(again[:told] != lean[:told])
    assert not apart.size, f"the record tells another story from month {apart[0]} on"


def _counts(values: np.ndarray) -> Counter[int]:
    return Counter({int(month): int(values[month]) for month in np.flatnonzero(values)})


def _counted(counted: Counted, month: int, values: dict[str, np.ndarray]) -> Counted:
    window = slice(month - (5 if counted.half_year else 11), month + 1)
    issued, joined = (
        [int(values[f"{what}_{of}"][window].sum()) for of in ("russia", "other")]
        for what in ("issued", "joined")
    )
    refused = np.subtract(issued, joined).tolist()
    told = None if counted.not_joined_russia is None else refused[0]
    return Counted(counted.half_year, sum(issued), sum(refused), told)


def _figures(facts: Facts, values: dict[str, np.ndarray], seed: int) -> Iterator[tuple[str, dict]]:
    rng = np.random.default_rng(seed)
    issued = values["issued_russia"] + values["issued_other"]
    for target, by_month in facts.figures.items():
        made: dict[int, tuple] = defaultdict(tuple)
        for month, several in by_month.items():
            for seen in several if month < facts.first_month else ():
                if seen.odd:  # of a window that the model does not print
                    continue
                trials = seen.trials
                if target == "eu_support":
                    asked = (
                        values["parameter_poll_respondents"] if trials is None else np.array([float(trials)])
                    )
                    support, extra = values["eu_support"][month], values["parameter_poll_noise"]
                    value = published_poll(support, asked, extra, rng.standard_normal(1))[0]
                elif target == "un_position":
                    value = values["un_position"][month]
                else:
                    value = values[f"cfsp_alignment_{'half' if seen.months == 6 else 'year'}"][month]
                    trials = trials and int(issued[month + 1 - seen.months : month + 1].sum())
                if trials is None or trials > 0:
                    made[month] += (replace(seen, value=float(value), trials=trials),)
        yield target, dict(made)


def recovered(history: int, particles: int) -> dict[str, Any]:
    """Make one history, learn from it, and return where the truth lies among the particles."""
    begun, seed = time.perf_counter(), FIRST_SEED + history
    facts = gather(Record.load(), ORIGIN)
    member, values = lived(facts, seed)
    told = taken_down(facts, values, seed)
    check_told(told, member, values["lean"], seed)
    problem = Problem(SPEC, told, SPEC.parameter_set(), FILTER_SEED + history, 0, particles, ISLANDS)
    learning = ParticleFilter(problem, 0)
    found: dict[str, Any] = {"history": history, "particles": particles, "collapsed": None}
    try:
        with np.errstate(divide="raise", invalid="raise", over="raise", under="ignore"):
            learning.learn()
    except CollapseError as error:
        found["collapsed"] = str(error)
        return found
    row = np.array([member], dtype=np.int64)
    truth = {n: float(normal_quantile(uniforms(seed, "parameter", n, 0, row))[0]) for n in problem.names}
    z = dict(zip(problem.names, learning.particles.z, strict=True))
    return found | {
        "rank": {n: int((z[n] < truth[n]).sum()) for n in problem.names},
        "truth": {n: round(truth[n], 4) for n in problem.names},
        "mean": {n: round(float(z[n].mean()), 4) for n in problem.names},
        "sd": {n: round(float(z[n].std()), 4) for n in problem.names},
        "stages": len(learning.stages),
        "seconds": round(time.perf_counter() - begun, 1),
    }


def covered(places: np.ndarray, share: float) -> tuple[int, float, float]:
    """Return how many places lie in the central interval, and the exact 95 % interval of that share."""
    inside = int((np.abs(places - 0.5) <= share / 2.0).sum())
    low, high = stats.binomtest(inside, places.size).proportion_ci(0.95, method="exact")
    return inside, float(low), float(high)


def by_history(places: np.ndarray, share: float) -> tuple[float, float]:
    """Return the 95 % interval of how many places lie in the central interval, from resamples of whole histories.

    Places have shape (histories, parameters); the parameters of one history share its luck.
    """
    inside = (np.abs(places - 0.5) <= share / 2.0).mean(axis=1)
    drawn = np.random.default_rng(1).integers(0, inside.size, (RESAMPLES, inside.size))
    low, high = np.quantile(inside[drawn].mean(axis=1), [0.025, 0.975])
    return float(low), float(high)


def uniformity(places: np.ndarray) -> float:
    """Return the p-value of the chi-square test that places are uniform over ten bins."""
    counts = np.histogram(places, bins=BINS, range=(0.0, 1.0))[0]
    return float(stats.chisquare(counts).pvalue)


def places_of(whole: Sequence[dict[str, Any]], names: Sequence[str]) -> np.ndarray:
    """Return where the truth lies among the particles, from 0 to 1, shape (histories, parameters)."""
    return np.array([[(h["rank"][n] + 0.5) / (h["particles"] + 1.0) for n in names] for h in whole])


def told_by(whole: Sequence[dict[str, Any]], names: Sequence[str]) -> float:
    """Return the correlation of truth and posterior mean."""
    truth, mean = (np.array([h[of][n] for h in whole for n in names]) for of in ("truth", "mean"))
    return float(np.corrcoef(truth, mean)[0, 1])


def table(done: Sequence[dict[str, Any]]) -> str:
    """Return the table of key parameters, and of all others pooled, as Markdown."""
    whole = [each for each in done if each["collapsed"] is None]
    learned = {name for name, entry in SPEC.parameter_set().items() if entry.learned}
    every = [name for name in whole[0]["rank"] if name in learned]
    unlearned = [name for name in whole[0]["rank"] if name not in learned and name not in CONTROLS]
    groups = [
        *((f"`{name}`", [name]) for name in KEY),
        (f"all {len(every)} learned, pooled", every),
        (f"{len(unlearned)} that nothing depends on, pooled", unlearned),
        (f"{len(CONTROLS)} controls, pooled", list(CONTROLS)),
    ]
    rows = []
    for label, names in groups:
        of_history = places_of(whole, names)
        places = of_history.ravel()
        sd = np.mean([h["sd"][n] for h in whole for n in names])
        cells = [label, sd, told_by(whole, names) if len(whole) > 2 else ""]
        for share in (0.5, 0.9):
            inside, low, high = covered(places, share)
            if len(names) > 1:
                low, high = by_history(of_history, share)
            cells.append(f"{inside / places.size:.2f} ({low:.2f} to {high:.2f})")
        rows.append([*cells, places.mean(), f"{uniformity(places):.3f}" if len(names) == 1 else ""])
    heads = "parameter | sd ratio | correlation | within 50 % | within 90 % | mean place | uniform: p"
    return pages.table(heads, rows, ".2f")


def page(done: Sequence[dict[str, Any]]) -> str:
    """Return the page as text: how many bands are right, and which parameters a record of this form does not tell."""
    whole = [each for each in done if each["collapsed"] is None]
    learned = [n for n, entry in SPEC.parameter_set().items() if entry.learned and n in whole[0]["rank"]]
    every = np.abs(places_of(whole, learned) - 0.5)
    intervals = []
    for share in (0.5, 0.9):
        ends = {name: covered(places_of(whole, [name]), share)[1:] for name in KEY}
        intervals.append((share, [f"`{n}`" for n, (low, high) in ends.items() if not low <= share <= high]))
    sds = np.array([[h["sd"][n] for n in CONTROLS] for h in whole])
    kept = ((sds >= 0.9) & (sds <= 1.1)).mean(axis=0)
    found = {
        "histories": len(done),
        "collapsed": len(done) - len(whole),
        "origin": ORIGIN,
        "particles": [f"{n:,}" for n in sorted({each["particles"] for each in done})],
        "table": table(done),
        "key": len(KEY),
        "intervals": intervals,
        "learned": len(learned),
        "held_by_all": [(every <= share / 2.0).mean() for share in (0.5, 0.9)],
        "spread": sds.mean(axis=0),
        "kept": kept,
        "worst": CONTROLS[int(kept.argmin())],
        "hardly": HARDLY,
        "blind": [f"`{name}`" for name in KEY if told_by(whole, [name]) < HARDLY],
    }
    return pages.made("recovery", found, width=124)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--histories", type=int, default=100)
    parser.add_argument("--particles", type=int, default=2048)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="file in which finished histories are noted")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    asked = parser.parse_args()
    done = []
    if asked.keep is not None and asked.keep.exists():
        noted = [json.loads(line) for line in asked.keep.read_text(encoding="utf-8").splitlines()]
        done = [h for h in noted if h["history"] < asked.histories and h["particles"] == asked.particles]
    rest = sorted(set(range(asked.histories)) - {each["history"] for each in done})
    with get_context("spawn").Pool(asked.workers) as pool:
        for found in pool.imap_unordered(partial(recovered, particles=asked.particles), rest):
            done.append(found)
            if asked.keep is not None:
                with asked.keep.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(found) + "\n")
            state = found["collapsed"] or f"{found['stages']} resamplings, {found['seconds']:.0f} s"
            print(f"{len(done)} of {asked.histories}: history {found['history']}, {state}", flush=True)
            if len(done) % 10 == 0:
                print(table(done), flush=True)
    print(page(done))
    if asked.write:
        pages.write(PAGE, page(done))


if __name__ == "__main__":
    main()
