"""What learning does to the answers, and how far another learning seed would move it: the numbers of docs/learned.md.

`measure` learns with one seed after the other and keeps what each gave, so that an interrupted call goes on. The tables
go to results/learned; `learned.py` makes the page of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pages
import pandas as pd
import xarray as xr
from learned_checks import Check, checks, side

from sim.arrays import IntArray
from sim.assimilation import Posterior, Start, assimilate
from sim.assimilation.blocks import BLOCKS, REST
from sim.forecasting import Answer, answer, came_true
from sim.forecasting.ensemble import simulate
from sim.forecasting.judgement import ranged
from sim.parameters.table import draw
from sim.runs.members import of_members
from sim.scenario import Scenario
from sim.verification.hindcasting import Shelf

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
_READING: dict[str, Any] = {"keep_default_na": False, "na_values": [""]}

Tables = dict[str, pd.DataFrame]


def load(folder: Path) -> tuple[Tables, dict[str, Any]]:
    """Return the tables, and what made them."""
    return pages.load(folder, TABLES, **_READING)


def measure(
    scenario: Scenario, *, others: int, particles: int, members: int, folder: Path
) -> tuple[Tables, dict[str, Any], Posterior]:
    """Learn with `others` seeds beside the first; return the tables, what made them, and the first seed's posterior.

    Parameters
    ----------
    folder: where posteriors, and what each seed gave, are kept and found again.
    """
    numbers = {
        "scenario": scenario.name,
        "as_of": str(scenario.as_of),
        "particles": particles,
        "members": members,
    }
    content = pages.content("learned_measured", "learned_checks")
    shelf = Shelf(
        folder / "seeds", numbers | {"until": str(scenario.until), "content": content}, "seeds"
    ).folder

    def learned(seed: int) -> tuple[Posterior, xr.Dataset, list[Check]]:
        posterior = assimilate(scenario, particles=particles, seed=seed, cache=folder / "posteriors")
        begin = partial(posterior.start, seed=SEED)
        run = simulate(scenario, members=members, seed=SEED, begin=begin).assign(posterior.kept)
        return posterior, run, checks(posterior, scenario, members=min(members, SMALLER // 2))

    def of_seed(seed: int) -> pd.DataFrame:
        found = numbers_of(*(first if seed == SEED else learned(seed)), scenario)
        return pd.DataFrame(found, columns=["kind", "name", "of", "value"]).assign(seed=seed)

    first = posterior, data, own = learned(SEED)
    seeds = [*range(SEED, SEED + others + 1)]
    every = pd.concat([pages.once(shelf / f"seed {seed}.csv", of_seed, seed, **_READING) for seed in seeds])
    over = every.groupby(["kind", "name", "of"], sort=False, dropna=False)["value"].agg(
        first="first", seeds_min="min", seeds_mean="mean", seeds_max="max", seeds_sd="std"
    )
    over = {kind: found.droplevel("kind").reset_index() for kind, found in over.groupby("kind", sort=False)}
    prior = simulate(scenario, members=members, seed=SEED)
    before = [answer(prior, question, scenario) for question in scenario.questions]
    after, _ = ranged(data, scenario, seed=SEED)
    answers = every.loc[every["kind"] == "answer", ["seed", "name", "value"]]
    controls = over["control sd"].rename(columns={"name": "control", "first": "sd"})
    ranks = over["rank"].rename(columns={"name": "parameter", "of": "outcome", "first": "rank"})
    tables = {
        "answers": answers_table(before, after, over["answer"]),
        "seeds": answers.set_axis(["seed", "id", "probability"], axis=1),
        "parameters": parameters_table(posterior, scenario, over["mean"], over["spread"]),
        "controls": controls.assign(mean=over["control mean"]["first"])[
            ["control", "mean", "sd", "seeds_min", "seeds_max"]
        ],
        "blocks": pd.DataFrame(blocks(posterior, data, scenario, members=min(members, SMALLER))),
        "ranks": ranks.drop(columns="seeds_sd"),
        "checks": checks_table(own, every[every["kind"] == "p"]),
    }
    made = numbers | {
        "members_of_blocks": min(members, SMALLER),
        "members_of_checks": min(members, SMALLER // 2),
        "seed": SEED,
        "learning_seeds": seeds,
        "least_effective_share": round(float(posterior.provenance["least_effective_share"]), 3),
    }
    return tables, made, posterior


def learned_names(posterior: Posterior) -> list[str]:
    """Return the learned parameters, in the table's order."""
    known, data = set(posterior.names), posterior.data
    return [str(n) for n in data["coordinate"].to_numpy() if n in known and data[str(n)].attrs["learned"]]


def numbers_of(
    posterior: Posterior, run: xr.Dataset, found: Sequence[Check], scenario: Scenario
) -> Iterator[tuple[str, str, str, float]]:
    """Yield what one learning seed gave: kind, name, of what, value.

    Probabilities by question; mean and spread of each learned parameter, in prior standard deviations, and its rank
    correlation over members with each outcome, 0 where one does not vary; mean and standard deviation of each control;
    the p-value of each posterior predictive check.
    """
    for question in scenario.questions:
        yield "answer", question.id, "", answer(run, question, scenario).probability
    names = learned_names(posterior)
    for name, z in zip(names, posterior.data["z"].sel(coordinate=names).to_numpy(), strict=True):
        yield "mean", name, "", float(z.mean())
        yield "spread", name, "", float(z.std())
    for name, row in posterior.controls().iterrows():
        yield "control mean", str(name), "", float(row["mean"])
        yield "control sd", str(name), "", float(row["sd"])
    outcomes = {"lean": run["lean"].isel(month=-1).to_numpy()}
    asked = {question.id: question for question in scenario.questions if question.target == "sanctions"}
    if asked:
        question = asked.get(HEADLINE[0], next(iter(asked.values())))
        outcomes["sanctions"] = came_true(run, question, scenario)
    drawn = pd.DataFrame({name: of_members(run, f"parameter_{name}") for name in names}).rank()
    ranks = {name: drawn.corrwith(pd.Series(values).rank()) for name, values in outcomes.items()}
    for name, row in pd.DataFrame(ranks).fillna(0.0).iterrows():
        yield from (("rank", str(name), str(outcome), rank) for outcome, rank in row.items())
    for check in found:
        yield "p", check.target, check.statistic, check.p


def answers_table(before: Sequence[Answer], after: Sequence[Answer], over: pd.DataFrame) -> pd.DataFrame:
    """Return by question: before learning, learned, range over judgement, and what the seeds say."""
    columns = ["id", "text", "before", "before_mcse", "learned", "learned_mcse", "low", "high"]
    rows = [
        (own.id, own.text, prior.probability, prior.mcse, own.probability, own.mcse, own.low, own.high)
        for prior, own in zip(before, after, strict=True)
    ]
    found = pd.DataFrame(rows, columns=columns).join(
        over[["seeds_min", "seeds_max", "seeds_sd"]]
    )  # in the same order
    first = {name: place for place, name in enumerate(HEADLINE)}
    return found.sort_values("id", key=lambda ids: ids.map(first).fillna(len(first)), kind="stable")


def parameters_table(
    posterior: Posterior, scenario: Scenario, means: pd.DataFrame, spreads: pd.DataFrame
) -> pd.DataFrame:
    """Return by learned parameter, most moved first: prior, posterior, shift, spread, and the seeds' disagreement."""
    names, entries = learned_names(posterior), scenario.parameter_set()
    table = posterior.summary().loc[names].reset_index()
    priors = np.stack([entries[name].draw(np.array([0.05, 0.5, 0.95])) for name in names])
    table[["prior_low", "prior_median", "prior_high"]] = priors
    table["seeds_sd"] = means["seeds_sd"]
    table[["seeds_sd_ratio_min", "seeds_sd_ratio_max"]] = spreads[["seeds_min", "seeds_max"]]
    order = ["parameter", "unit", "prior", "prior_low", "prior_median", "prior_high", "low", "median", "high"]
    order += ["shift", "sd_ratio", "information", "seeds_sd", "seeds_sd_ratio_min", "seeds_sd_ratio_max"]
    return table.sort_values("information", ascending=False, kind="stable", ignore_index=True)[order]


def blocks(
    posterior: Posterior, data: xr.Dataset, scenario: Scenario, *, members: int
) -> Iterator[dict[str, Any]]:
    """Yield how an answer changes if one block's parameters are left at their priors, by paired members.

    The members' other parameters and the luck of their past stay; the block's are drawn from the prior instead, and
    history and future are lived again.
    """
    table, names = scenario.parameter_set(), learned_names(posterior)
    in_blocks = {name for block in BLOCKS.values() for name in block.parameters}
    parts = {kind: [n for n in block.parameters if n in names] for kind, block in BLOCKS.items()}
    parts |= {REST: [n for n in names if n not in in_blocks], ALL: names}
    own = data.isel(member=slice(members))
    questions = [q for q in scenario.questions if q.id in HEADLINE] or list(scenario.questions)
    for kind, chosen in parts.items():

        def begin(numbers: IntArray, chosen: Sequence[str] = tuple(chosen)) -> Start:
            start = posterior.start(numbers, seed=SEED, again=True)
            drawn = draw({name: table[name] for name in chosen}, rows=numbers, seed=PRIOR_SEED)
            return replace(start, parameters={**start.parameters, **drawn})

        again = simulate(scenario, members=members, seed=SEED, begin=begin)
        for question in questions:
            apart = came_true(again, question, scenario).astype(float) - came_true(own, question, scenario)
            of = {"block": kind, "parameters": len(chosen), "id": question.id}
            yield of | {"change": apart.mean(), "mcse": apart.std() / np.sqrt(members)}


def checks_table(found: Sequence[Check], every: pd.DataFrame) -> pd.DataFrame:
    """Return the checks of the first seed, the least and the greatest p-value of all, and how many share its misfit."""
    rows = []
    for one in found:
        p = every.loc[(every["name"] == one.target) & (every["of"] == one.statistic), "value"]
        extreme = sum(side(each) == side(one.p) != "" for each in p)
        rows.append(asdict(one) | {"p_min": p.min(), "p_max": p.max(), "seeds_extreme": extreme})
    return pd.DataFrame(rows)
