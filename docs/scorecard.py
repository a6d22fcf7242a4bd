"""The published scorecard read for people: writes docs/scorecard.md from results/scorecard.

Run ``make scorecard`` first (an hour), then ``python docs/scorecard.py``, a minute or two. It also draws the figure of
both seeds, for its title may say no more than both allow. The words that judge are written by hand in
scorecard-words.md; a test holds the page to words and tables.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from sim.plots import save, scorecard
from sim.rivals import POOLED, SHRUNK
from sim.verification import CLASSES, FIGURES, Scorecard
from sim.verification.misses import PUBLISHED, UNLIKELY, misses

ROOT = Path(__file__).resolve().parents[1]
PAGE = Path(__file__).with_name("scorecard.md")
FOLDER = ROOT / "results" / "scorecard"
OTHER_SEED = FOLDER / "seed-2"
WORDS = Path(__file__).with_name("scorecard-words.md")

RIVALS = (
    "persistence",
    "climatology",
    "climatology since 2014",
    "random walk with drift",
    "local level",
    "ETS",
    "ARIMA",
    "simple smoothing",
    "mean reversion",
    SHRUNK,
)
OF_EVENTS = ("succession", "persistence", SHRUNK)
MISSES = 12


def number(value: float, low: float, high: float) -> str:
    """Return a skill with its interval."""
    return f"{value:+.2f} [{low:+.2f}, {high:+.2f}]"


def rows_at(table: pd.DataFrame, **at: str) -> pd.DataFrame:
    """Return the rows that have these values."""
    return table[np.logical_and.reduce([table[column] == value for column, value in at.items()])]


def cell(table: pd.DataFrame, **at: str) -> str:
    """Return the skill in the one row that fits, or nothing."""
    rows = rows_at(table, **at)
    if rows.empty:
        return ""
    row = rows.iloc[0]
    return number(row["skill"], row["low"], row["high"])


def skill_table(
    summary: pd.DataFrame,
    score: str,
    rivals: tuple[str, ...],
    targets: tuple[str, ...],
    own: str = "model",
) -> list[str]:
    """Return the skill of the model, or of another forecaster, against each rival, by target and pooled."""
    heads = (*targets, "pooled")
    lines = ["| against | " + " | ".join(f"`{t}`" if t != "pooled" else t for t in heads) + " |"]
    lines.append("|---" * (len(heads) + 1) + "|")
    for rival in rivals:
        cells = [cell(summary, forecaster=own, rival=rival, score=score, target=t) for t in heads]
        lines.append(f"| {rival} | " + " | ".join(cells) + " |")
    counts = []
    for target in heads:
        found = rows_at(summary, forecaster=own, score=score, target=target)
        counts.append("" if found.empty else str(int(found["n"].max())))
    return [*lines, "| outcomes | " + " | ".join(counts) + " |", ""]


def lead_table(by_lead: pd.DataFrame) -> list[str]:
    """Return the skill by lead, without intervals; nothing where there are too few outcomes to be pooled."""
    leads = sorted(by_lead.loc[by_lead["target"].isin(FIGURES), "lead"].unique())
    lines = ["| target | against | " + " | ".join(f"{lead} months" for lead in leads) + " |"]
    lines.append("|---" * (len(leads) + 2) + "|")
    crps = by_lead[by_lead["pooled"]].set_index(["target", "forecaster", "lead"])["crps"]
    for target in FIGURES:
        for rival in ("persistence", "climatology", "climatology since 2014"):
            pairs = [(crps.get((target, "model", n)), crps.get((target, rival, n))) for n in leads]
            cells = ["" if own is None else f"{1.0 - own / other:+.2f}" for own, other in pairs]
            lines.append(f"| `{target}` | {rival} | " + " | ".join(cells) + " |")
    return [*lines, ""]


def against_itself(summary: pd.DataFrame) -> list[str]:
    """Return what learning and what the incentives are worth."""
    asked = (
        ("learned over unlearned", "model", "unlearned"),
        ("incentives over none", "model", "incentives off"),
        ("the same, war and prices given", "model, surroundings given", "incentives off, surroundings given"),
        ("war and prices given over not", "model, surroundings given", "model"),
    )
    heads = (("crps", "pooled"), *(("crps", t) for t in FIGURES), ("brier", "un_votes"))
    lines = ["| | " + " | ".join(f"{s}, {t}" for s, t in heads) + " |", "|---" * (len(heads) + 1) + "|"]
    for words, forecaster, rival in asked:
        cells = [cell(summary, forecaster=forecaster, rival=rival, score=s, target=t) for s, t in heads]
        lines.append(f"| {words} | " + " | ".join(cells) + " |")
    return [*lines, ""]


SEEDS_ASKED = (
    ("pooled forecast, pooled, against shrunk persistence", POOLED, SHRUNK, "crps", "pooled"),
    ("pooled, against shrunk persistence", "model", SHRUNK, "crps", "pooled"),
    ("pooled, against persistence", "model", "persistence", "crps", "pooled"),
    ("pooled, against local level", "model", "local level", "crps", "pooled"),
    (
        "`cfsp_alignment`, against climatology since 2014",
        "model",
        "climatology since 2014",
        "crps",
        FIGURES[0],
    ),
    ("`un_position`, against persistence", "model", "persistence", "crps", FIGURES[1]),
    ("`eu_support`, against climatology", "model", "climatology", "crps", FIGURES[2]),
    ("events, pooled, against succession", "model", "succession", "brier", "pooled"),
    ("pooled, learned over unlearned", "model", "unlearned", "crps", "pooled"),
    ("pooled, incentives over none", "model", "incentives off", "crps", "pooled"),
    (
        "pooled, incentives over none, surroundings given",
        "model, surroundings given",
        "incentives off, surroundings given",
        "crps",
        "pooled",
    ),
)


def between_seeds(one: pd.DataFrame, other: pd.DataFrame) -> list[str]:
    """Return the skills that matter, from two seeds of everything: learning, members, luck."""
    lines = ["| skill | seed 1 | seed 2 | apart |", "|---|---|---|---|"]
    for words, forecaster, rival, score, target in SEEDS_ASKED:
        at = {"forecaster": forecaster, "rival": rival, "score": score, "target": target}
        rows = [rows_at(summary, **at) for summary in (one, other)]
        if any(row.empty for row in rows):
            continue
        found = [float(row["skill"].item()) for row in rows]
        lines.append(f"| {words} | {found[0]:+.3f} | {found[1]:+.3f} | {abs(found[0] - found[1]):.3f} |")
    return [*lines, ""]


def coverage_table(coverage: pd.DataFrame) -> list[str]:
    """Return how often the model's bands held what came."""
    lines = ["| target | outcomes | within 50 % | within 90 % |", "|---|---|---|---|"]
    own = coverage[coverage["forecaster"] == "model"]
    for target in dict.fromkeys(own["target"]):
        half, most = (own[(own["target"] == target) & (own["band"] == band)].iloc[0] for band in (0.5, 0.9))
        cells = [f"{row['coverage']:.2f} [{row['low']:.2f}, {row['high']:.2f}]" for row in (half, most)]
        lines.append(f"| {target} | {int(half['n'])} | " + " | ".join(cells) + " |")
    return [*lines, ""]


def brier_table(brier: pd.DataFrame) -> list[str]:
    """Return Brier scores with their parts."""
    lines = [
        "| event | forecaster | outcomes | Brier | reliability | resolution | uncertainty |",
        "|---|---|---|---|---|---|---|",
    ]
    for event in CLASSES:
        for forecaster in (POOLED, "model", "unlearned", "incentives off", *OF_EVENTS):
            found = brier[(brier["target"] == event) & (brier["forecaster"] == forecaster)]
            for _, row in found.iterrows():
                parts = " | ".join(
                    f"{row[p]:.3f}" for p in ("brier", "reliability", "resolution", "uncertainty")
                )
                lines.append(f"| `{event}` | {forecaster} | {int(row['n'])} | {parts} |")
    return [*lines, ""]


def missed_table(card: Scorecard) -> list[str]:
    """Return the published forecasts that missed, the last first, with what the model alone had said."""
    found, asked = misses(card)
    published = next(name for name in PUBLISHED if name in card.forecasters)
    lines = [
        f"{len(found)} of {asked} forecasts missed ({published}): what came lay beyond the 90 % band, or had been "
        f"given less than {100.0 * UNLIKELY:.0f} %. The last {min(MISSES, len(found))}:",
        "",
        "| ended | asked on | target | came | forecast | the model alone |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {miss.ended} | {miss.origin} | `{miss.target}` | {miss.came} | {miss.said} | {miss.alone} |"
        for miss in found[:MISSES]
    ]
    return [*lines, ""]


def era_heads(first: str, eras: list[str]) -> list[str]:
    """Return the head of a table with an era in each column."""
    return [f"| {first} | " + " | ".join(eras) + " |", "|---" * (len(eras) + 1) + "|"]


def era_skills(card: Scorecard) -> list[str]:
    """Return the pooled CRPS skill by era against each rival, then by target against shrunk persistence."""
    found = card.skills_by_era()
    found = found[found["score"] == "crps"]
    eras = list(dict.fromkeys(found["era"]))
    lines = []
    for own in (name for name in PUBLISHED if name in card.forecasters):
        lines += era_heads(f"{own} against", eras)
        for rival in (*RIVALS, *(["model"] if own == POOLED else [])):
            cells = [cell(found, era=era, forecaster=own, rival=rival, target="pooled") for era in eras]
            lines.append(f"| {rival} | " + " | ".join(cells) + " |")
        for target in FIGURES:
            cells = [cell(found, era=era, forecaster=own, rival=SHRUNK, target=target) for era in eras]
            lines.append(f"| {SHRUNK}, `{target}` | " + " | ".join(cells) + " |")
        pooled = rows_at(found, forecaster=own, target="pooled").groupby("era")["n"].max()
        lines += ["| outcomes | " + " | ".join(str(pooled.get(era, "")) for era in eras) + " |", ""]
    return lines


def era_events(card: Scorecard) -> list[str]:
    """Return the Brier scores by era, with the number of outcomes."""
    found = card.by_era(Scorecard.brier)
    eras = list(dict.fromkeys(found["era"]))
    lines = era_heads("Brier score (outcomes)", eras)
    for event in CLASSES:
        for own in (POOLED, "model", "unlearned", *OF_EVENTS):
            rows = [rows_at(found, era=era, target=event, forecaster=own) for era in eras]
            if all(row.empty for row in rows):
                continue
            cells = ["" if row.empty else f"{row['brier'].item():.3f} ({row['n'].item()})" for row in rows]
            lines.append(f"| `{event}`, {own} | " + " | ".join(cells) + " |")
    return [*lines, ""]


def era_bands(card: Scorecard) -> list[str]:
    """Return by era how often bands held what came, and how wide they were."""
    found = card.by_era(Scorecard.coverage)
    eras = list(dict.fromkeys(found["era"]))
    lines = []
    for own in (name for name in PUBLISHED if name in card.forecasters):
        lines += era_heads(f"{own}: held; half-width", eras)
        for target in ("all", *FIGURES):
            for band in (0.5, 0.9):
                rows = [rows_at(found, era=era, forecaster=own, target=target, band=band) for era in eras]
                cells = ["" if row.empty else held(row.iloc[0]) for row in rows]
                lines.append(f"| {target}, {100.0 * band:.0f} % | " + " | ".join(cells) + " |")
        lines.append("")
    return lines


def held(row: pd.Series) -> str:
    """Return how often a band held what came, with its interval, and its half-width."""
    wide = "" if np.isnan(row["half_width"]) else f"; {row['half_width']:.2g}"
    return f"{row['coverage']:.2f} [{row['low']:.2f}, {row['high']:.2f}]{wide}"


def page() -> str:
    """Return the page as text: the hand-written words, with the tables in their places."""
    card = Scorecard.load(FOLDER)
    summary, made = card.summary(), card.provenance
    tables = {
        "made": [
            f"`make scorecard`: {len(made['origins'])} origins from {made['origins'][0]} to {made['origins'][-1]}, "
            f"leads of {', '.join(map(str, made['leads']))} months, {made['members']:,} members, "
            f"{made['particles']:,} particles, seed {made['seed']}."
        ],
        "misses": missed_table(card),
        "eras": era_skills(card),
        "era events": era_events(card),
        "era bands": era_bands(card),
        "pooled": skill_table(summary, "crps", RIVALS, FIGURES, POOLED),
        "pooled events": skill_table(summary, "brier", OF_EVENTS, CLASSES, POOLED),
        "figures": skill_table(summary, "crps", RIVALS, FIGURES),
        "leads": lead_table(card.by_lead()),
        "log": skill_table(summary, "log_score", RIVALS, FIGURES),
        "events": skill_table(summary, "brier", OF_EVENTS, CLASSES),
        "itself": against_itself(summary),
        "seeds": between_seeds(summary, Scorecard.load(OTHER_SEED).summary()),
        "coverage": coverage_table(card.coverage()),
        "brier": brier_table(card.brier()),
    }
    text = WORDS.read_text(encoding="utf-8")
    for name, lines in tables.items():
        text = text.replace(f"<!-- {name} -->", "\n".join(lines).rstrip() + "\n")
    return text


if __name__ == "__main__":
    figure = scorecard(Scorecard.load(FOLDER), [Scorecard.load(OTHER_SEED)])
    for suffix in (".png", ".svg"):
        save(figure, FOLDER / f"scorecard{suffix}")
    PAGE.write_text(page(), encoding="utf-8")
    print(f"written: {PAGE}")
