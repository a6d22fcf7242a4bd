"""The published scorecard read for people: writes docs/scorecard.md from results/scorecard.

Run ``make scorecard`` first (an hour), then ``python docs/scorecard.py``. It also draws the figure of both seeds, for
its title may say no more than both allow. The words that judge are written by hand in scorecard-words.md; a test holds
the page to words and tables.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from sim.plots import save, scorecard
from sim.verification import CLASSES, FIGURES, Scorecard

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
)


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
    summary: pd.DataFrame, score: str, rivals: tuple[str, ...], targets: tuple[str, ...]
) -> list[str]:
    """Return the skill of the model against each rival, by target and pooled."""
    heads = (*targets, "pooled")
    lines = ["| against | " + " | ".join(f"`{t}`" if t != "pooled" else t for t in heads) + " |"]
    lines.append("|---" * (len(heads) + 1) + "|")
    for rival in rivals:
        cells = [cell(summary, forecaster="model", rival=rival, score=score, target=t) for t in heads]
        lines.append(f"| {rival} | " + " | ".join(cells) + " |")
    counts = []
    for target in heads:
        found = rows_at(summary, forecaster="model", score=score, target=target)
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
        found = [float(rows_at(summary, **at)["skill"].item()) for summary in (one, other)]
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
        for forecaster in ("model", "unlearned", "incentives off", "succession", "persistence"):
            found = brier[(brier["target"] == event) & (brier["forecaster"] == forecaster)]
            for _, row in found.iterrows():
                parts = " | ".join(
                    f"{row[p]:.3f}" for p in ("brier", "reliability", "resolution", "uncertainty")
                )
                lines.append(f"| `{event}` | {forecaster} | {int(row['n'])} | {parts} |")
    return [*lines, ""]


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
        "figures": skill_table(summary, "crps", RIVALS, FIGURES),
        "leads": lead_table(card.by_lead()),
        "log": skill_table(summary, "log_score", RIVALS, FIGURES),
        "events": skill_table(summary, "brier", ("succession", "persistence"), CLASSES),
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
