"""Why events are foretold worse learned than unlearned, and whether bands are too wide (decision 27).

    python benchmarks/diagnosis.py events        paired differences of results/scorecard, both seeds, with their parts
    python benchmarks/diagnosis.py calibrated    what bands of calibrated forecasts hold of as many outcomes
    python benchmarks/diagnosis.py bands DIR     exact coverage, Brier by threshold; DIR as of `hindcast --output DIR`
    python benchmarks/diagnosis.py reach         how often a forecast that is exactly right would meet the declared aim
    python benchmarks/diagnosis.py width         where the variance of the model's figures comes from; learns 21 times
    python benchmarks/diagnosis.py evidence      posteriors with rows of the record left out; learns seven times

The first two take seconds, `reach` about a minute, those that learn so many times what 2,048 particles take. Numbers go
to standard output; decision 27 quotes them. Nothing here scores a forecast that was not scored before.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import logit, ndtr, ndtri

from sim.assimilation import assimilate
from sim.cases import ALIGNMENT_HALF, CLASSES, FIGURES, Case, cases, origins
from sim.clock import month_number
from sim.members import PARAMETER, at
from sim.observations import Record
from sim.resources import Row
from sim.rivals import SHRUNK
from sim.verification import Scorecard, pooling
from sim.verification.pooling import ERAS, SINCE_2018
from sim.verification.scorecard import MODEL, POOLED, UNLEARNED
from sim.verification.scores import as_scored
from sim.verification.variants import VARIANTS, model_run, pooled_forecast, run_forecast, scenario_at

ROOT = Path(__file__).resolve().parents[1]
CASE = ["target", "origin", "lead", "end", "text", "name"]
SHARES = (0.5, 0.9)
HISTORIES = 2000
PARTICLES = 2048
PLACES = (np.arange(199) + 0.5) / 199
ALIKE = 0.5
"""Correlation of the normal scores of a target's neighbouring ends (judgement: their forecasts err alike)."""


def paired(card: Scorecard, target: str) -> pd.DataFrame:
    """Return the cases of an event with the learned and the unlearned forecast's chance and Brier score."""
    own, other = (
        card.data[(card.data["target"] == target) & (card.data["forecaster"] == name)]
        for name in (MODEL, UNLEARNED)
    )
    found = own.merge(other, on=CASE, suffixes=("", "_other"))
    return found.assign(difference=found["brier"] - found["brier_other"])


def of_vote(row: pd.Series) -> str:
    """Return which group of forecasts of votes a case is of."""
    if row["text"] == "crimea":
        if row["origin"] < date(2016, 12, 19):
            return "Crimea, before the first yearly text"
        if row["end"] < date(2022, 1, 1):
            return "Crimea, a standing vote"
        return "Crimea, of full-scale war"
    return "others, asked before them" if row["origin"] < date(2022, 3, 1) else f"{row['text']}, since"


def events() -> None:
    """Print differences learned less unlearned, with intervals of the scorecard's own blocks, and Brier's parts."""
    for folder in ("results/scorecard", "results/scorecard/seed-2"):
        card = Scorecard.load(ROOT / folder)
        dates = sorted(card.data["origin"].unique())
        for target in CLASSES:
            found = paired(card, target)
            sums = found.groupby("origin")["difference"].agg(["sum", "count"]).reindex(dates, fill_value=0)
            drawn = pooling.resamples(len(dates)) @ sums.to_numpy(dtype=float)
            low, high = np.quantile(drawn[:, 0] / drawn[:, 1], [0.05, 0.95])
            print(
                f"{folder} {target}: {len(found)} outcomes, {found['difference'].mean():+.4f} [{low:+.4f}, {high:+.4f}]"
            )
            if folder.endswith("seed-2"):
                continue
            for name, ending in ((MODEL, ""), (UNLEARNED, "_other")):
                p, y = found[f"chance1{ending}"], found["outcome"]
                if target != "un_votes":
                    print(
                        f"  {name}: Brier {((p - y) ** 2).mean():.3f} = "
                        f"bias squared {(p.mean() - y.mean()) ** 2:.3f} + variance {p.var(ddof=0):.3f} - "
                        f"2 covariance {2 * np.cov(p, y, ddof=0)[0, 1]:.3f} + outcome's {y.var(ddof=0):.3f}"
                    )
            by = (
                found.apply(of_vote, axis=1)
                if target == "un_votes"
                else found["origin"].map(lambda day: day.year)
            )
            print(found.groupby(by)["difference"].agg(["count", "sum"]).round(3).T.to_string())


def half(day: date) -> int:
    """Return the number of a half-year."""
    return 2 * day.year + (day.month > 6)


def level(some: pd.DataFrame, step: float, noise: float, lag: int, every: int) -> np.ndarray:
    """Return what bands hold, (cases, histories, 2): a local level with known monthly step and noise of a figure.

    Figures come at the scored ends and `every` so many months in the three years before, known after `lag` months.
    """
    random, due = np.random.default_rng(1), [month_number(day) for day in some["end"]]
    ends = sorted({*due, *range(min(due) - 36, min(due), every)})
    states = np.cumsum(random.normal(0.0, step, (HISTORIES, max(ends) + 1)), axis=1)
    seen = {end: states[:, end] + random.normal(0.0, noise, HISTORIES) for end in ends}
    found = []
    for origin, end in zip(some["origin"], due, strict=True):
        mean, variance, last = np.zeros(HISTORIES), 1e6, 0
        for known in (k for k in ends if k + lag < month_number(origin)):
            variance, last = variance + step**2 * (known - last), known
            gain = variance / (variance + noise**2)
            mean, variance = mean + gain * (seen[known] - mean), (1.0 - gain) * variance
        place = np.abs(seen[end] - mean) / np.sqrt(variance + step**2 * (end - last) + noise**2)
        found.append(np.stack([place < ndtri((1.0 + share) / 2.0) for share in SHARES], axis=1))
    return np.stack(found).astype(float)


def chain(some: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return what bands of a count hold by their share, and with their ends, (cases, histories, 2).

    Talks stall with .17 and resume with .15 a half-year; moving ones open something with .85, 3.5 chapters on average.
    """
    random, draws = np.random.default_rng(2), 4000
    stall, resume, opens, size = 0.17, 0.15, 0.85, 3.5
    first, steps = half(some["origin"].min()) - 5, 40

    def lived(moving: np.ndarray, halves: int) -> Iterator[np.ndarray]:
        for _ in range(halves):
            u = random.random(moving.size)
            moving = np.where(moving, u >= stall, u < resume)
            yield (
                moving * (random.random(moving.size) < opens) * (1 + random.poisson(size - 1.0, moving.size))
            )

    opened = np.stack(list(lived(np.ones(HISTORIES, bool), steps)), axis=1)
    belief = np.ones((HISTORIES, steps + 1))
    for t in range(steps):
        before = belief[:, t] * (1.0 - stall) + (1.0 - belief[:, t]) * resume
        belief[:, t + 1] = np.where(opened[:, t] > 0, 1.0, before * (1.0 - opens) / (1.0 - before * opens))
    laws = {
        (halves, place): np.sort(sum(lived(random.random(draws) < place / 200.0, halves)))
        for halves in (1, 2, 4)
        for place in range(201)
    }
    exact, closed = [], []
    for origin, lead in zip(some["origin"], some["lead"], strict=True):
        t, halves = half(origin) - first, lead // 6
        outcome, of = opened[:, t : t + halves].sum(axis=1), np.rint(belief[:, t] * 200).astype(int)
        sides = [
            np.array(
                [np.searchsorted(laws[halves, p], y, side) / draws for p, y in zip(of, outcome, strict=True)]
            )
            for side in ("left", "right")
        ]
        exact.append(np.stack([held(*sides, share) for share in SHARES], axis=1))
        ends = [((1.0 - share) / 2.0, (1.0 + share) / 2.0) for share in SHARES]
        closed.append(np.stack([(sides[1] >= a) & (sides[0] < b) for a, b in ends], axis=1).astype(float))
    return np.stack(exact), np.stack(closed)


def held(below: np.ndarray, upto: np.ndarray, share: float) -> np.ndarray:
    """Return the part of an outcome's step of the distribution function, or whether its place, lies within a share."""
    a, b = (1.0 - share) / 2.0, (1.0 + share) / 2.0
    part = (np.clip(upto, a, b) - np.clip(below, a, b)) / np.maximum(upto - below, 1e-12)
    return np.where(upto > below, part, (below > a) & (below < b))


def calibrated() -> None:
    """Print what bands of calibrated forecasts hold: the same origins, leads and ends; targets go by themselves."""
    data = Scorecard.load(ROOT / "results" / "scorecard").data
    some = data[(data["forecaster"] == MODEL) & data["crps"].notna()]
    by = {target: some[some["target"] == target] for target in FIGURES}
    parts = {
        "cfsp_alignment": level(by["cfsp_alignment"], 0.008, 0.07, 2, 6),
        "un_position": level(by["un_position"], 0.07 / 12.0**0.5, 0.045, 7, 12),
        "eu_support": level(by["eu_support"], 0.012, 0.03, 1, 6),
    }
    exact, closed = chain(by["chapters_opened"])
    days = np.concatenate([by[name]["origin"] for name in (*parts, "chapters_opened")])
    for ends, counts in (("by their share", exact), ("with their ends", closed)):
        whole = np.concatenate([*parts.values(), counts])
        print(f"bands of counts {ends}:")
        if ends == "by their share":
            for name, part in parts.items():
                said(name, part)
            said("figures without chapters", np.concatenate(list(parts.values())))
        said("chapters_opened", counts)
        said("all", whole)
        for era in (*ERAS, SINCE_2018):
            said(era.name, whole[[day in era for day in days]])
        dates = sorted(set(days))
        place = np.array([dates.index(day) for day in days])
        inside = np.zeros(2)
        for n in range(400):
            sums = np.zeros((len(dates), 3))
            np.add.at(sums, place, np.column_stack([whole[:, n], np.ones(len(days))]))
            drawn = pooling.resamples(len(dates)) @ sums
            low, high = np.quantile(drawn[:, :2] / drawn[:, 2:], [0.05, 0.95], axis=0)
            inside += (low <= SHARES) & (high >= SHARES)
        print(f"  block intervals that hold .5 and .9, which should be 90 in 100: {inside / 4}")


def said(name: str, part: np.ndarray) -> None:
    """Print what two bands hold on average, and in nine of ten histories."""
    low, high = np.quantile(part.mean(axis=0), [0.05, 0.95], axis=0)
    mean, whole = part.mean(axis=(0, 1)), (part.mean(axis=0)[:, 1] == 1.0).mean()
    told = ", ".join(f"{m:.2f} [{a:.2f}, {b:.2f}]" for m, a, b in zip(mean, low, high, strict=True))
    print(
        f"  {name}: {len(part)} outcomes, {told}; 90 % bands hold all in {100 * whole:.0f} of 100 histories"
    )


def bands(folder: Path) -> None:
    """Print what bands hold by their share, and the Brier score of alignment by its threshold."""
    record, thresholds = Record.load(), np.round(np.arange(0.40, 0.66, 0.02), 2)
    found, brier = [], []
    for origin in origins(record):
        asked = cases(record, [origin])
        kept = {name: np.load(folder / "forecasts" / f"{origin} {name}.npz") for name in (MODEL, UNLEARNED)}
        events_at = [case for case in asked if case.target == ALIGNMENT_HALF]
        for number, case in enumerate(asked):
            if case.target not in FIGURES:
                continue
            laws = {name: several[str(number)] for name, several in kept.items()}
            pool = pooled_forecast(record, case.blind(), laws[MODEL])
            for name, law in (laws | ({} if pool is None else {"pooled": as_scored(case, pool)})).items():
                below, upto = np.mean(law < case.outcome), np.mean(law <= case.outcome)
                found.append(
                    (name, case.target, origin, *(float(held(below, upto, share)) for share in SHARES))
                )
            if (
                any((case.start, case.end) == (e.start, e.end) for e in events_at)
                and case.target == "cfsp_alignment"
            ):
                brier.append([_briers(laws[name], case, thresholds) for name in (MODEL, UNLEARNED)])
    table = pd.DataFrame(found, columns=["forecaster", "target", "origin", "50 %", "90 %"])
    print(table.groupby(["forecaster", "target"])[["50 %", "90 %"]].mean().round(3).to_string())
    for era in (None, *ERAS, SINCE_2018):
        some = table if era is None else table[table["origin"].map(era.__contains__).astype(bool)]
        print(
            era.name if era else "all", some.groupby("forecaster")[["50 %", "90 %"]].mean().round(3).to_dict()
        )
    print(pd.DataFrame(np.mean(brier, axis=0), [MODEL, UNLEARNED], thresholds).round(3).to_string())


def _briers(law: np.ndarray, case: Case, thresholds: np.ndarray) -> np.ndarray:
    return np.array([(np.mean(law >= x) - (case.outcome >= x)) ** 2 for x in thresholds])


def width() -> None:
    """Print the variance of the model's forecasts by its source, and the mean squared error of their medians.

    Shares on the logit. "noise" is of publication, "counting" binomial; "start" what is not known of the state in the
    origin's month. The rest is drift, and of alignment also what is not known of the share.
    """
    record, found = Record.load(), []
    for origin in origins(record):
        asked = cases(record, [origin])
        figures = [case for case in asked if case.target in FIGURES and case.kind == "figure"]
        if not figures:
            continue
        until, first = max(case.end for case in asked), month_number(origin)
        settings = {"members": PARTICLES, "particles": PARTICLES, "seed": 1}
        data = model_run(origin, until, VARIANTS[0], **settings).data
        noise = {
            name: data[PARAMETER + name].to_numpy() for name in ("un_noise", "poll_noise", "alignment_noise")
        }
        asked_of = data[PARAMETER + "poll_respondents"].to_numpy()
        for case in figures:
            law, counting = run_forecast(data, case.blind()), 0.0
            scale: Callable = (lambda x: x) if case.target == "un_position" else logit
            if case.target == "un_position":
                printed, start = (
                    (noise["un_noise"] ** 2).mean(),
                    at(data, "un_latent", first).var(dtype=float),
                )
            elif case.target == "eu_support":
                support = at(data, "eu_support", month_number(case.end)).astype(float)
                printed = (noise["poll_noise"] ** 2).mean()
                counting = _counted(support, asked_of)
                start = logit(at(data, "eu_support", first).astype(float)).var()
            else:
                window = range(max(first, month_number(case.start or case.end)), month_number(case.end) + 1)
                other, russia, ready = (
                    np.stack([at(data, name, m).astype(float) for m in window])
                    for name in ("issued_other", "issued_russia", "join_other")
                )
                joined, issued = (other * ready).sum(axis=0), (other + russia).sum(axis=0)
                share = np.clip(joined / np.maximum(issued, 1.0), 0.02, 0.98)
                printed, start = 16.0 * (noise["alignment_noise"] ** 2).mean(), np.nan
                counting = _counted(share, issued)
            error = scale(case.outcome) - np.median(scale(law))
            found.append((case.target, scale(law).var(), printed, counting, start, error**2))
    names = ["target", "variance", "noise", "counting", "start", "squared error"]
    print(pd.DataFrame(found, columns=names).groupby("target").mean().round(4).to_string())


def _counted(share: np.ndarray, trials: np.ndarray) -> float:
    return float(np.mean(1.0 / (trials * share + 0.5) + 1.0 / (trials * (1.0 - share) + 0.5)))


def evidence() -> None:
    """Print what is learned with all of the record, and with some rows left out."""
    half_of_2022 = (date(2022, 1, 1), date(2022, 6, 30))

    def published(row: Row) -> bool:
        return (row["start"], row["end"]) == half_of_2022 and row.get(
            "target", "cfsp_alignment"
        ) == "cfsp_alignment"

    def chapters(row: Row) -> bool:
        return bool(row["kind"] == "opened" and row["date"] >= date(2021, 12, 1))

    def text(row: Row) -> bool:
        return bool(row["resolution"] == "A/RES/ES-11/5")

    talks, votes = ("opening_stall", "opening_resume"), ("vote_habit",)
    asked: tuple[tuple[str, date, tuple[str, ...], tuple[str, ...], Callable[[Row], bool]], ...] = (
        ("all", date(2018, 1, 1), votes, (), bool),
        ("all", date(2025, 1, 1), votes, (), bool),
        ("but for ES-11/5", date(2025, 1, 1), votes, ("un_votes",), text),
        ("all", date(2023, 1, 1), ("declarations_russia_full_scale",), (), bool),
        (
            "but for the first half of 2022",
            date(2023, 1, 1),
            ("declarations_russia_full_scale",),
            ("observations", "declarations"),
            published,
        ),
        ("all", date(2022, 7, 1), talks, (), bool),
        ("but for December 2021", date(2022, 7, 1), talks, ("accession",), chapters),
    )
    record = Record.load()
    for number, (name, origin, parameters, tables, gone) in enumerate(asked):
        kept = {
            table: replace(each, rows=tuple(row for row in each.rows if table not in tables or not gone(row)))
            for table, each in record.resources.items()
        }
        part = replace(record, resources=kept, files_digest=f"part {number} of {record.digest()}")
        spec = scenario_at(origin, date(origin.year, 12, 31), VARIANTS[0])
        learned = assimilate(spec, particles=PARTICLES, record=part, cache=False).data
        told = ", ".join(
            f"{p} {learned[p].mean().item():.3f} ({learned[p].std().item():.3f})" for p in parameters
        )
        print(f"{origin}, {name}: {told}", flush=True)


def law(some: pd.DataFrame) -> np.ndarray:
    """Return quantiles at `PLACES`, (cases, places): straight in normal scores through the five of a scorecard."""
    places, ends = ndtri(PLACES), ndtri([0.05, 0.25, 0.5, 0.75, 0.95])
    kept = np.maximum.accumulate(
        some[["low90", "low50", "median", "high50", "high90"]].to_numpy(float), axis=1
    )
    slopes = np.diff(kept, axis=1) / np.diff(ends)
    found = np.stack([np.interp(places, ends, row) for row in kept])
    found += (
        np.minimum(places - ends[0], 0.0) * slopes[:, :1]
        + np.maximum(places - ends[-1], 0.0) * slopes[:, -1:]
    )
    return found


def crps_of(quantiles: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    """Return twice the mean quantile loss over `PLACES`, (cases,)."""
    gap = outcome[:, None] - quantiles
    return 2.0 * np.where(gap >= 0.0, PLACES * gap, (PLACES - 1.0) * gap).mean(axis=1)


def reach() -> None:
    """Print how often the skill since 2018 has its lower end above zero if outcomes come from a forecast itself.

    Outcomes of one target and end are one draw's place in each forecast of it; places of neighbouring ends go together.
    """
    data = Scorecard.load(ROOT / "results" / "scorecard").data
    data = data[data["crps"].notna()]
    enough = pooling.leads_with_enough(data)
    data = data[data["origin"].map(SINCE_2018.__contains__)]
    by = {
        name: data[data["forecaster"] == name].set_index(CASE[:-2]).sort_index()
        for name in (POOLED, SHRUNK, MODEL)
    }
    cases = by[POOLED].index
    laws = {name: law(part.loc[cases]) for name, part in by.items()}
    dates = sorted(data["origin"].unique())

    def skill(outcome: np.ndarray) -> pooling.Skill:
        rows = [
            by[name].reset_index().assign(outcome=outcome, crps=crps_of(laws[name], outcome), name="")
            for name in (POOLED, SHRUNK)
        ]
        return pooling.Scores(pd.concat(rows), "crps", dates=dates).skills(POOLED, SHRUNK, enough=enough)[-1]

    came = skill(by[POOLED]["outcome"].to_numpy(float))
    print(
        f"what came, by five quantiles of each forecast: {came.skill:+.3f} [{came.low:+.2f}, {came.high:+.2f}]"
    )
    ended = [(target, end) for target, _, _, end in cases]
    distinct = sorted(set(ended))
    place, random = np.array([distinct.index(each) for each in ended]), np.random.default_rng(1)
    counts = np.array([target == "chapters_opened" for target, _ in ended])
    for name, quantiles in laws.items():
        found = []
        for _ in range(400):
            z = random.normal(size=len(distinct))
            for k in range(1, len(distinct)):
                if distinct[k][0] == distinct[k - 1][0]:
                    z[k] = ALIKE * z[k - 1] + (1.0 - ALIKE**2) ** 0.5 * z[k]
            outcome = np.array(
                [np.interp(u, PLACES, row) for u, row in zip(ndtr(z)[place], quantiles, strict=True)]
            )
            found.append(skill(np.where(counts, np.rint(outcome), outcome)))
        skills, above = np.array([each.skill for each in found]), [each.low > 0.0 for each in found]
        print(
            f"if {name} were exactly right: skill {skills.mean():+.3f} (sd {skills.std():.3f}), "
            f"lower end above 0 in {np.mean(above):.0%} of 400 histories",
            flush=True,
        )


if __name__ == "__main__":
    tasks = {"events": events, "calibrated": calibrated, "reach": reach, "width": width, "evidence": evidence}
    if sys.argv[1:2] == ["bands"] and len(sys.argv) == 3:
        bands(Path(sys.argv[2]))
    elif len(sys.argv) == 2 and sys.argv[1] in tasks:
        tasks[sys.argv[1]]()
    else:
        raise SystemExit(__doc__)
