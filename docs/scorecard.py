"""The published scorecard read for people: writes docs/scorecard.md from results/scorecard.

Run ``make scorecard`` first (an hour), then ``python docs/scorecard.py``, a minute or two. It also draws the figure of
both seeds, for its title may say no more than both allow. The words that judge are written by hand in
scorecard-words.md; a test holds the page to words and tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pages
import pandas as pd

from sim.plots import save, scorecard
from sim.rivals import POOLED, SHRUNK
from sim.verification import CLASSES, FIGURES, Scorecard
from sim.verification.misses import PUBLISHED, UNLIKELY, misses
from sim.verification.pooling import resamples
from sim.verification.scorecard import GIVEN, MODEL, NO_INCENTIVES, NO_INCENTIVES_GIVEN, UNLEARNED
from sim.verification.scores import BANDS

PAGE = pages.DOCS / "scorecard.md"
FOLDER = pages.RESULTS / "scorecard"
OTHER_SEED = FOLDER / "seed-2"

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
CASE = ["origin", "target", "lead", "end", "text", "name"]
"""The columns that single out what was asked."""
SKILL = "{skill:+.2f} [{low:+.2f}, {high:+.2f}]"
HELD = "{coverage:.2f} [{low:.2f}, {high:.2f}]"
At = Mapping[str, Any]
"""Values of columns, which single out rows."""


def rows_at(table: pd.DataFrame, **at: Any) -> pd.DataFrame:
    """Return the rows that have these values."""
    return table[np.logical_and.reduce([table[column] == value for column, value in at.items()])]


def grid(
    table: pd.DataFrame, first: str, heads: Mapping[str, At], rows: Iterable[tuple[str, At, str]]
) -> str:
    """Return a table whose cells tell of rows of another one, each of that with most outcomes; if none, nothing.

    Parameters
    ----------
    first: head of the first column. heads: of the others, with the values that single out what they tell of.
    rows: words of the first column, such values, and what is told of a row that has both, as `str.format` takes it.
    """
    lines = []
    for words, at, told in rows:
        found = [rows_at(table, **at, **column).nlargest(1, "n") for column in heads.values()]
        lines.append([words, *("".join(told.format(**row) for _, row in one.iterrows()) for one in found)])
    return pages.table(" | ".join((first, *heads)).lstrip(), lines)


def skills(summary: pd.DataFrame, score: str, own: str = MODEL) -> str:
    """Return the skill of a forecaster by a score against each rival, by target and pooled."""
    rivals, targets = (OF_EVENTS, CLASSES) if score == "brier" else (RIVALS, FIGURES)
    heads = {f"`{target}`": {"target": target} for target in targets} | {"pooled": {"target": "pooled"}}
    of = {"forecaster": own, "score": score}
    rows = [(rival, of | {"rival": rival}, SKILL) for rival in rivals]
    return grid(summary, "against", heads, [*rows, ("outcomes", of, "{n}")])


def by_lead(scores: pd.DataFrame) -> str:
    """Return the skill by lead, without intervals; nothing where there are too few outcomes to be pooled."""
    leads = sorted(scores.loc[scores["target"].isin(FIGURES), "lead"].unique())
    crps = scores[scores["pooled"]].set_index(["target", "forecaster", "lead"])["crps"]
    rows = []
    for target in FIGURES:
        for rival in RIVALS[:3]:
            pairs = [[crps.get((target, name, lead)) for name in (MODEL, rival)] for lead in leads]
            skills = ("" if own is None else f"{1.0 - own / other:+.2f}" for own, other in pairs)
            rows.append([f"`{target}`", rival, *skills])
    return pages.table(" | ".join(("target", "against", *(f"{lead} months" for lead in leads))), rows)


def against(summary: pd.DataFrame, pairs: Mapping[str, tuple[str, str]]) -> str:
    """Return the skills of forecasters against others, which the words name in pairs."""
    asked = [("crps", target) for target in ("pooled", *FIGURES)] + [("brier", "un_votes")]
    heads = {f"{score}, {target}": {"score": score, "target": target} for score, target in asked}
    return grid(
        summary,
        "",
        heads,
        [(words, {"forecaster": a, "rival": b}, SKILL) for words, (a, b) in pairs.items()],
    )


def seeds_apart(
    summaries: Iterable[pd.DataFrame], forecaster: str, rival: str, score: str, target: str
) -> str:
    """Return a skill from two seeds of everything, learning, members and luck, as cells of a row."""
    at = {"forecaster": forecaster, "rival": rival, "score": score, "target": target}
    a, b = (rows_at(summary, **at)["skill"].item() for summary in summaries)
    return pages.cells((f"{a:+.3f}", f"{b:+.3f}", abs(a - b)))


def coverage(card: Scorecard) -> str:
    """Return how often the model's bands held what came."""
    found = card.coverage()
    heads = {f"within {100.0 * band:.0f} %": {"band": band} for band in BANDS}
    own = rows_at(found, forecaster=MODEL)
    rows = [
        [target, of["n"].iloc[0], *(HELD.format(**band) for band in of.to_dict("records"))]
        for target, of in own.groupby("target", sort=False)
    ]
    return pages.table(" | ".join(("target", "outcomes", *heads)), rows)


def brier(card: Scorecard) -> str:
    """Return Brier scores with their parts."""
    parts = ["n", "brier", "reliability", "resolution", "uncertainty"]
    asked = [(e, f) for e in CLASSES for f in (POOLED, MODEL, UNLEARNED, NO_INCENTIVES, *OF_EVENTS)]
    found = card.brier().set_index(["target", "forecaster"])[parts]
    found = found.loc[[each for each in asked if each in found.index]].reset_index()
    heads = "event | forecaster | outcomes | Brier | reliability | resolution | uncertainty"
    return pages.table(heads, found.assign(target="`" + found["target"] + "`").itertuples(index=False))


def published(card: Scorecard) -> list[str]:
    return [name for name in PUBLISHED if name in card.forecasters]


def eras(table: pd.DataFrame) -> dict[str, At]:
    """Return the eras of a table as heads of columns."""
    return {era: {"era": era} for era in dict.fromkeys(table["era"])}


def era_skills(card: Scorecard) -> list[str]:
    """Return the pooled CRPS skill by era against each rival, then by target against shrunk persistence."""
    found, told = rows_at(card.skills_by_era(), score="crps"), []
    for own in published(card):
        pooled = {"forecaster": own, "target": "pooled"}
        rivals = (*RIVALS, *([MODEL] if own == POOLED else []))
        rows = [(rival, pooled | {"rival": rival}, SKILL) for rival in rivals]
        rows += [(f"{SHRUNK}, `{t}`", pooled | {"rival": SHRUNK, "target": t}, SKILL) for t in FIGURES]
        told.append(grid(found, f"{own} against", eras(found), [*rows, ("outcomes", pooled, "{n}")]))
    return told


def era_events(card: Scorecard) -> str:
    """Return the Brier scores by era, with the number of outcomes."""
    found = card.by_era(Scorecard.brier)
    known = set(zip(found["target"], found["forecaster"], strict=True))
    asked = [(event, name) for event in CLASSES for name in (POOLED, MODEL, UNLEARNED, *OF_EVENTS)]
    rows = [
        (f"`{event}`, {name}", {"target": event, "forecaster": name}, "{brier:.3f} ({n})")
        for event, name in asked
        if (event, name) in known
    ]
    return grid(found, "Brier score (outcomes)", eras(found), rows)


def events_apart(cards: Iterable[Scorecard]) -> str:
    """Return what learning does to the Brier score of each event: learned less unlearned, below zero is better.

    Differences outcome by outcome, of each seed, with what nine in ten of the scorecard's own block resamples hold.
    """
    rows: list[list[Any]] = [[f"`{target}`"] for target in CLASSES]
    for card in cards:
        dates = sorted(card.data["origin"].unique())
        brier = card.data.pivot(index=CASE, columns="forecaster", values="brier")
        apart = (brier[MODEL] - brier[UNLEARNED]).dropna()
        for target, row in zip(CLASSES, rows, strict=True):
            found = apart.xs(target, level="target")
            sums = found.groupby("origin").agg(["sum", "count"]).reindex(dates, fill_value=0)
            drawn = resamples(len(dates)) @ sums.to_numpy(dtype=float)
            low, high = np.quantile(drawn[:, 0] / drawn[:, 1], [0.05, 0.95])
            row.append(f"{found.mean():+.3f} [{low:+.3f}, {high:+.3f}] ({found.size})")
    return pages.table("Brier, learned less unlearned (outcomes) | seed 1 | seed 2", rows)


def era_bands(card: Scorecard) -> list[str]:
    """Return by era how often bands held what came, and how wide they were."""
    found = card.by_era(Scorecard.coverage)
    rows = [
        (
            f"{t}, {100.0 * b:.0f} %",
            {"target": t, "band": b},
            HELD + ("; {half_width:.2g}" if t in FIGURES else ""),
        )
        for t in ("all", *FIGURES)
        for b in BANDS
    ]
    return [
        grid(rows_at(found, forecaster=own), f"{own}: held; half-width", eras(found), rows)
        for own in published(card)
    ]


def page() -> str:
    """Return the page as text: the hand-written words, which call for the tables."""
    card, other = Scorecard.load(FOLDER), Scorecard.load(OTHER_SEED)
    summaries = card.summary(), other.summary()
    found = {
        "card": card,
        "cards": (card, other),
        "summary": summaries[0],
        "summaries": summaries,
        "misses": misses(card),
    }
    found |= {"UNLIKELY": UNLIKELY, "GIVEN": GIVEN, "NO_INCENTIVES_GIVEN": NO_INCENTIVES_GIVEN}
    return pages.made("scorecard", globals() | card.provenance | found)


if __name__ == "__main__":
    figure = scorecard(Scorecard.load(FOLDER), [Scorecard.load(OTHER_SEED)])
    for suffix in (".png", ".svg"):
        save(figure, FOLDER / f"scorecard{suffix}")
    pages.write(PAGE, page())
