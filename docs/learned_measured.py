"""What learning does to the answers, and how far another learning seed would move it: the numbers of docs/learned.md.

`measure` learns with one seed after the other and keeps what each gave, so that an interrupted call goes on. The tables
go to results/learned; `learned.py` makes the page of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import learned_checks
import numpy as np
import pages
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy.stats import rankdata

from sim.assimilation import Posterior, Start, assimilate
from sim.assimilation.blocks import BLOCKS, REST
from sim.contents import content_digest
from sim.ensemble import simulate
from sim.forecasting import Answer, answer, came_true
from sim.forecasting.judgement import ranged
from sim.members import of_members
from sim.parameters import draw
from sim.scenario import Scenario

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SEED = 1
"""Of the members after the origin, and the first of the learning seeds: what the command takes if nothing is said."""

PRIOR_SEED = 1002
"""Of draws from the prior that stand in for what was learned: not those that the particles began with."""

SMALLER = 2048
"""Members that are lived again for a block, and for the checks half of them (judgement: digits enough)."""

HEADLINE = ("sanctions-before-2025", "opponent-at-end-2025", "balancer-at-end-2025", "ally-at-end-2025")
"""The questions that the page is about; the scenario's others follow."""

ALL = "all of them"
"""Every learned parameter at its prior, the luck of the past kept."""

TABLES = ("answers", "seeds", "parameters", "controls", "blocks", "ranks", "checks")


@dataclass(frozen=True)
class Seed:
    """What one learning seed gave.

    Attributes
    ----------
    answers: probability by question. means, spreads: of each learned parameter, in prior standard deviations.
    controls: (mean, standard deviation) of each control. ranks: rank correlation of each learned parameter with
        each outcome. p: the p-value of each posterior predictive check.
    """

    seed: int
    answers: dict[str, float]
    means: dict[str, float]
    spreads: dict[str, float]
    controls: dict[str, tuple[float, float]]
    ranks: dict[str, dict[str, float]]
    p: dict[str, float]


@dataclass(frozen=True)
class Learned:
    """The tables, by name, and what made them."""

    tables: Mapping[str, pd.DataFrame]
    provenance: Mapping[str, Any]

    def save(self, folder: Path) -> None:
        """Write them to `folder`; numbers have six digits."""
        pages.save(folder, self.tables, self.provenance)

    @classmethod
    def load(cls, folder: Path) -> Learned:
        """Read them from `folder`."""
        return cls(*pages.load(folder, TABLES, keep_default_na=False, na_values=[""]))


def measure(
    scenario: Scenario,
    *,
    others: int,
    particles: int,
    members: int,
    folder: Path,
    say: Callable[[str], None] = print,
) -> tuple[Learned, Posterior]:
    """Learn with `others` seeds beside the first, and return the tables and the first seed's posterior.

    Parameters
    ----------
    folder: where posteriors, and what each seed gave, are kept and found again.
    say: told how it goes.
    """
    learn = partial(assimilate, scenario, particles=particles, cache=folder / "posteriors")
    seeds, first, data, own = [], None, None, []
    for seed in range(SEED, SEED + others + 1):
        kept = folder / "seeds" / f"{_digest(scenario, particles, members, seed)}.json"
        if kept.exists() and seed != SEED:
            say(f"learning seed {seed}: found")
            seeds.append(Seed(**json.loads(kept.read_text(encoding="utf-8"))))
            continue
        say(f"learning seed {seed} of {SEED} to {SEED + others}: {particles:,} particles")
        posterior = learn(seed=seed)
        begin = partial(posterior.start, seed=SEED)
        run = simulate(scenario, members=members, seed=SEED, begin=begin).assign(posterior.kept)
        checks = learned_checks.checks(posterior, scenario, members=min(members, SMALLER // 2))
        found = _seed(seed, posterior, run, checks, scenario)
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(asdict(found)), encoding="utf-8")
        seeds.append(found)
        if seed == SEED:
            first, data, own = posterior, run, checks
    if first is None or data is None:
        raise ValueError("the first seed was not learned")
    say("before learning, the range over judgement, and each block at its prior")
    prior = simulate(scenario, members=members, seed=SEED)
    before = [answer(prior, question, scenario) for question in scenario.questions]
    after, _ = ranged(data, scenario, seed=SEED)
    tables = {
        "answers": answers_table(before, after, seeds),
        "seeds": pd.DataFrame(
            [(one.seed, *each) for one in seeds for each in one.answers.items()],
            columns=["seed", "id", "probability"],
        ),
        "parameters": parameters_table(first, scenario, seeds),
        "controls": controls_table(seeds),
        "blocks": blocks_table(first, data, scenario, members=min(members, SMALLER)),
        "ranks": ranks_table(seeds),
        "checks": checks_table(own, seeds),
    }
    provenance = {
        "scenario": scenario.name,
        "as_of": str(scenario.as_of),
        "particles": particles,
        "members": members,
        "members_of_blocks": min(members, SMALLER),
        "members_of_checks": min(members, SMALLER // 2),
        "seed": SEED,
        "learning_seeds": [one.seed for one in seeds],
        "least_effective_share": round(float(first.provenance["least_effective_share"]), 3),
    }
    return Learned(tables, provenance), first


def _digest(scenario: Scenario, particles: int, members: int, seed: int) -> str:
    """Return what names a seed's numbers: all that they depend on, this folder's code included."""
    here = Path(__file__)
    code = [here.read_text("utf-8"), here.with_name("learned_checks.py").read_text("utf-8")]
    asked = [
        scenario.name,
        str(scenario.as_of),
        str(scenario.until),
        particles,
        members,
        seed,
        content_digest(),
        code,
    ]
    return hashlib.blake2b(json.dumps(asked).encode(), digest_size=6).hexdigest()


def _names(posterior: Posterior) -> list[str]:
    """Return the learned parameters, in the table's order."""
    known, data = set(posterior.names), posterior.data
    return [str(n) for n in data["coordinate"].to_numpy() if n in known and data[str(n)].attrs["learned"]]


def _seed(
    seed: int,
    posterior: Posterior,
    run: xr.Dataset,
    checks: Sequence[learned_checks.Check],
    scenario: Scenario,
) -> Seed:
    names = _names(posterior)
    z = posterior.data["z"].sel(coordinate=names).to_numpy()
    return Seed(
        seed=seed,
        answers={q.id: answer(run, q, scenario).probability for q in scenario.questions},
        means=dict(zip(names, z.mean(axis=1).tolist(), strict=True)),
        spreads=dict(zip(names, z.std(axis=1).tolist(), strict=True)),
        controls={
            str(name): (float(row["mean"]), float(row["sd"])) for name, row in posterior.controls().iterrows()
        },
        ranks=rank_correlations(run, names, scenario),
        p={f"{one.target}/{one.statistic}": one.p for one in checks},
    )


def rank_correlations(
    run: xr.Dataset, names: Sequence[str], scenario: Scenario
) -> dict[str, dict[str, float]]:
    """Return the rank correlation over members of each parameter with each outcome, 0 where one does not vary."""
    sanctions = next((q for q in scenario.questions if q.target == "sanctions"), None)
    outcomes = {"lean": run["lean"].isel(month=-1).to_numpy()}
    if sanctions is not None:
        asked = {q.id: q for q in scenario.questions}
        outcomes["sanctions"] = came_true(run, asked.get(HEADLINE[0], sanctions), scenario)
    ranks = {name: rankdata(values) for name, values in outcomes.items()}
    found: dict[str, dict[str, float]] = {}
    for name in names:
        of_parameter = rankdata(of_members(run, f"parameter_{name}"))
        found[name] = {
            outcome: float(np.corrcoef(of_parameter, rank)[0, 1])
            if np.ptp(rank) and np.ptp(of_parameter)
            else 0.0
            for outcome, rank in ranks.items()
        }
    return found


def answers_table(before: Sequence[Answer], after: Sequence[Answer], seeds: Sequence[Seed]) -> pd.DataFrame:
    """Return by question: before learning, learned, range over judgement, and what the seeds say."""
    rows = []
    for prior, own in zip(before, after, strict=True):
        found = np.array([one.answers[own.id] for one in seeds])
        rows.append(
            {
                "id": own.id,
                "text": own.text,
                "before": prior.probability,
                "before_mcse": prior.mcse,
                "learned": own.probability,
                "learned_mcse": own.mcse,
                "low": own.low,
                "high": own.high,
                "seeds_min": found.min(),
                "seeds_max": found.max(),
                "seeds_sd": found.std(ddof=1),
            }
        )
    headline = {name: place for place, name in enumerate(HEADLINE)}
    rows.sort(key=lambda row: headline.get(row["id"], len(headline)))
    return pd.DataFrame(rows)


def parameters_table(posterior: Posterior, scenario: Scenario, seeds: Sequence[Seed]) -> pd.DataFrame:
    """Return by learned parameter, most moved first: prior, posterior, shift, spread, and the seeds' disagreement."""
    names = _names(posterior)
    table = posterior.summary().loc[names].reset_index()
    entries = scenario.parameter_set()
    middle = np.array([0.05, 0.5, 0.95])
    priors = np.stack([entries[name].draw(middle) for name in names])
    for place, word in enumerate(("prior_low", "prior_median", "prior_high")):
        table[word] = priors[:, place]
    means = np.array([[one.means[name] for name in names] for one in seeds])
    table["seeds_sd"] = means.std(axis=0, ddof=1)
    spreads = np.array([[one.spreads[name] for name in names] for one in seeds])
    table["seeds_sd_ratio_min"], table["seeds_sd_ratio_max"] = spreads.min(axis=0), spreads.max(axis=0)
    order = ["parameter", "unit", "prior", "prior_low", "prior_median", "prior_high", "low", "median", "high"]
    order += ["shift", "sd_ratio", "information", "seeds_sd", "seeds_sd_ratio_min", "seeds_sd_ratio_max"]
    return table.sort_values("information", ascending=False, kind="stable", ignore_index=True)[order]


def controls_table(seeds: Sequence[Seed]) -> pd.DataFrame:
    """Return mean and standard deviation of each control under the first seed, and the least and greatest of all."""
    rows = []
    for name, (mean, sd) in seeds[0].controls.items():
        all_ = [one.controls[name][1] for one in seeds]
        rows.append({"control": name, "mean": mean, "sd": sd, "seeds_min": min(all_), "seeds_max": max(all_)})
    return pd.DataFrame(rows)


def blocks_table(posterior: Posterior, data: xr.Dataset, scenario: Scenario, *, members: int) -> pd.DataFrame:
    """Return how an answer changes if one block's parameters are left at their priors, by paired members.

    The members' other parameters and the luck of their past stay; the block's are drawn from the prior instead, and
    history and future are lived again.
    """
    table, names = scenario.parameter_set(), _names(posterior)
    in_blocks = {name for block in BLOCKS.values() for name in block.parameters}
    parts = {kind: [n for n in block.parameters if n in names] for kind, block in BLOCKS.items()}
    parts[REST] = [n for n in names if n not in in_blocks]
    parts[ALL] = names
    own = data.isel(member=slice(members))
    questions = [q for q in scenario.questions if q.id in HEADLINE] or list(scenario.questions)
    rows = []
    for kind, chosen in parts.items():

        def begin(numbers: IntArray, chosen: Sequence[str] = tuple(chosen)) -> Start:
            start = posterior.start(numbers, seed=SEED, again=True)
            drawn = draw({name: table[name] for name in chosen}, rows=numbers, seed=PRIOR_SEED)
            return replace(start, parameters={**start.parameters, **drawn})

        again = simulate(scenario, members=members, seed=SEED, begin=begin)
        for question in questions:
            apart = came_true(again, question, scenario).astype(float) - came_true(own, question, scenario)
            rows.append(
                {
                    "block": kind,
                    "parameters": len(chosen),
                    "id": question.id,
                    "change": apart.mean(),
                    "mcse": apart.std() / np.sqrt(members),
                }
            )
    return pd.DataFrame(rows)


def ranks_table(seeds: Sequence[Seed]) -> pd.DataFrame:
    """Return rank correlations by parameter and outcome: of the first seed, the least and the greatest of all."""
    rows = []
    for name, of_first in seeds[0].ranks.items():
        for outcome, own in of_first.items():
            all_ = [one.ranks[name][outcome] for one in seeds]
            row = {"parameter": name, "outcome": outcome, "rank": own}
            rows.append(row | {"seeds_min": min(all_), "seeds_mean": np.mean(all_), "seeds_max": max(all_)})
    return pd.DataFrame(rows)


def checks_table(checks: Sequence[learned_checks.Check], seeds: Sequence[Seed]) -> pd.DataFrame:
    """Return the checks of the first seed, the least and the greatest p-value of all, and how many share its misfit."""
    rows = []
    for one in checks:
        all_ = [seed.p[f"{one.target}/{one.statistic}"] for seed in seeds]
        extreme = sum(learned_checks.side(p) == learned_checks.side(one.p) != "" for p in all_)
        rows.append(asdict(one) | {"p_min": min(all_), "p_max": max(all_), "seeds_extreme": extreme})
    return pd.DataFrame(rows)
