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
SKILL = "{skill:+.2f} [{low:+.2f}, {high:+.2f}]"
HELD = "{coverage:.2f} [{low:.2f}, {high:.2f}]"
AGAINST_ITSELF = {
    "learned over unlearned": (MODEL, UNLEARNED),
    "incentives over none": (MODEL, NO_INCENTIVES),
    "the same, war and prices given": (GIVEN, NO_INCENTIVES_GIVEN),
    "war and prices given over not": (GIVEN, MODEL),
}
"""What learning and what the incentives are worth: a forecaster, and the one that it should beat."""

BETWEEN_SEEDS = (
    ("pooled forecast, pooled, against shrunk persistence", POOLED, SHRUNK, "crps", "pooled"),
    ("pooled, against shrunk persistence", MODEL, SHRUNK, "crps", "pooled"),
    ("pooled, against persistence", MODEL, "persistence", "crps", "pooled"),
    ("pooled, against local level", MODEL, "local level", "crps", "pooled"),
    ("`cfsp_alignment`, against climatology since 2014", MODEL, RIVALS[2], "crps", FIGURES[0]),
    ("`un_position`, against persistence", MODEL, "persistence", "crps", FIGURES[1]),
    ("`eu_support`, against climatology", MODEL, "climatology", "crps", FIGURES[2]),
    ("events, pooled, against succession", MODEL, "succession", "brier", "pooled"),
    ("pooled, learned over unlearned", MODEL, UNLEARNED, "crps", "pooled"),
    ("pooled, incentives over none", MODEL, NO_INCENTIVES, "crps", "pooled"),
    ("pooled, incentives over none, surroundings given", GIVEN, NO_INCENTIVES_GIVEN, "crps", "pooled"),
)
"""The skills that matter: words, forecaster, rival, score, target."""

At = Mapping[str, Any]
"""Values of columns, which single out rows."""


def rows_at(table: pd.DataFrame, **at: Any) -> pd.DataFrame:
    """Return the rows that have these values."""
    return table[np.logical_and.reduce([table[column] == value for column, value in at.items()])]


def grid(
    table: pd.DataFrame, first: str, heads: Mapping[str, At], rows: Iterable[tuple[str, At, str]]
) -> list[str]:
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
    return [*pages.table(" | ".join((first, *heads)).lstrip(), lines), ""]


def skill_table(
    summary: pd.DataFrame, score: str, rivals: Iterable[str], targets: Iterable[str], own: str = MODEL
) -> list[str]:
    """Return the skill of the model, or of another forecaster, against each rival, by target and pooled."""
    heads = {f"`{target}`": {"target": target} for target in targets} | {"pooled": {"target": "pooled"}}
    of = {"forecaster": own, "score": score}
    rows = [(rival, of | {"rival": rival}, SKILL) for rival in rivals]
    return grid(summary, "against", heads, [*rows, ("outcomes", of, "{n}")])


def lead_table(by_lead: pd.DataFrame) -> list[str]:
    """Return the skill by lead, without intervals; nothing where there are too few outcomes to be pooled."""
    leads = sorted(by_lead.loc[by_lead["target"].isin(FIGURES), "lead"].unique())
    crps = by_lead[by_lead["pooled"]].set_index(["target", "forecaster", "lead"])["crps"]
    rows = []
    for target in FIGURES:
        for rival in RIVALS[:3]:
            pairs = [[crps.get((target, name, lead)) for name in (MODEL, rival)] for lead in leads]
            skills = ("" if own is None else f"{1.0 - own / other:+.2f}" for own, other in pairs)
            rows.append([f"`{target}`", rival, *skills])
    return pages.table(" | ".join(("target", "against", *(f"{lead} months" for lead in leads))), rows)


def against_itself(summary: pd.DataFrame) -> list[str]:
    """Return what learning and what the incentives are worth."""
    asked = [("crps", target) for target in ("pooled", *FIGURES)] + [("brier", "un_votes")]
    heads = {f"{score}, {target}": {"score": score, "target": target} for score, target in asked}
    pairs = AGAINST_ITSELF.items()
    rows = [(words, {"forecaster": own, "rival": rival}, SKILL) for words, (own, rival) in pairs]
    return grid(summary, "", heads, rows)


def between_seeds(*summaries: pd.DataFrame) -> list[str]:
    """Return the skills that matter, from two seeds of everything: learning, members, luck."""
    rows = []
    for words, *asked in BETWEEN_SEEDS:
        at = dict(zip(("forecaster", "rival", "score", "target"), asked, strict=True))
        a, b = (rows_at(summary, **at)["skill"].item() for summary in summaries)
        rows.append([words, f"{a:+.3f}", f"{b:+.3f}", abs(a - b)])
    return pages.table("skill | seed 1 | seed 2 | apart", rows)


def coverage_table(coverage: pd.DataFrame) -> list[str]:
    """Return how often the model's bands held what came."""
    own = coverage[coverage["forecaster"] == MODEL].groupby("target", sort=False)
    rows = [
        [target, of["n"].iloc[0], *(HELD.format(**band) for band in of.to_dict("records"))]
        for target, of in own
    ]
    return pages.table("target | outcomes | within 50 % | within 90 %", rows)


def brier_table(brier: pd.DataFrame) -> list[str]:
    """Return Brier scores with their parts."""
    parts = ["n", "brier", "reliability", "resolution", "uncertainty"]
    asked = [(e, f) for e in CLASSES for f in (POOLED, MODEL, UNLEARNED, NO_INCENTIVES, *OF_EVENTS)]
    found = brier.set_index(["target", "forecaster"])[parts]
    found = found.loc[[each for each in asked if each in found.index]].reset_index()
    heads = "event | forecaster | outcomes | Brier | reliability | resolution | uncertainty"
    return pages.table(heads, found.assign(target="`" + found["target"] + "`").itertuples(index=False))


def missed_table(card: Scorecard) -> list[str]:
    """Return the published forecasts that missed, the last first, with what the model alone had said."""
    found, asked = misses(card)
    said = (
        f"{len(found)} of {asked} forecasts missed ({published(card)[0]}): what came lay beyond the 90 % band, or had "
        f"been given less than {100.0 * UNLIKELY:.0f} %. The last {min(MISSES, len(found))}:"
    )
    rows = [(m.ended, m.origin, f"`{m.target}`", m.came, m.said, m.alone) for m in found[:MISSES]]
    return [said, "", *pages.table("ended | asked on | target | came | forecast | the model alone", rows)]


def published(card: Scorecard) -> list[str]:
    return [name for name in PUBLISHED if name in card.forecasters]


def eras(table: pd.DataFrame) -> dict[str, At]:
    """Return the eras of a table as heads of columns."""
    return {era: {"era": era} for era in dict.fromkeys(table["era"])}


def era_skills(card: Scorecard) -> list[str]:
    """Return the pooled CRPS skill by era against each rival, then by target against shrunk persistence."""
    found = rows_at(card.skills_by_era(), score="crps")
    lines = []
    for own in published(card):
        pooled = {"forecaster": own, "target": "pooled"}
        rivals = (*RIVALS, *([MODEL] if own == POOLED else []))
        rows = [(rival, pooled | {"rival": rival}, SKILL) for rival in rivals]
        rows += [(f"{SHRUNK}, `{t}`", pooled | {"rival": SHRUNK, "target": t}, SKILL) for t in FIGURES]
        lines += grid(found, f"{own} against", eras(found), [*rows, ("outcomes", pooled, "{n}")])
    return lines


def era_events(card: Scorecard) -> list[str]:
    """Return the Brier scores by era, with the number of outcomes."""
    found = card.by_era(Scorecard.brier)
    asked = [(event, name) for event in CLASSES for name in (POOLED, MODEL, UNLEARNED, *OF_EVENTS)]
    known = set(zip(found["target"], found["forecaster"], strict=True))
    rows = [
        (f"`{event}`, {name}", {"target": event, "forecaster": name}, "{brier:.3f} ({n})")
        for event, name in asked
        if (event, name) in known
    ]
    return grid(found, "Brier score (outcomes)", eras(found), rows)


def era_bands(card: Scorecard) -> list[str]:
    """Return by era how often bands held what came, and how wide they were."""
    found = card.by_era(Scorecard.coverage)
    lines = []
    for own in published(card):
        rows = []
        for target in ("all", *FIGURES):
            told = HELD + ("; {half_width:.2g}" if target in FIGURES else "")
            at = {"forecaster": own, "target": target}
            rows += [(f"{target}, {100.0 * band:.0f} %", at | {"band": band}, told) for band in BANDS]
        lines += grid(found, f"{own}: held; half-width", eras(found), rows)
    return lines


def page() -> str:
    """Return the page as text: the hand-written words, with the tables in their places."""
    card = Scorecard.load(FOLDER)
    summary = card.summary()
    tables = {
        "misses": missed_table(card),
        "eras": era_skills(card),
        "era_events": era_events(card),
        "era_bands": era_bands(card),
        "pooled": skill_table(summary, "crps", RIVALS, FIGURES, POOLED),
        "pooled_events": skill_table(summary, "brier", OF_EVENTS, CLASSES, POOLED),
        "figures": skill_table(summary, "crps", RIVALS, FIGURES),
        "by_lead": lead_table(card.by_lead()),
        "log": skill_table(summary, "log_score", RIVALS, FIGURES),
        "events": skill_table(summary, "brier", OF_EVENTS, CLASSES),
        "itself": against_itself(summary),
        "seeds_apart": between_seeds(summary, Scorecard.load(OTHER_SEED).summary()),
        "coverage": coverage_table(card.coverage()),
        "brier": brier_table(card.brier()),
    }
    told = {name: "\n".join(lines).rstrip() for name, lines in tables.items()}
    return pages.made("scorecard", card.provenance | told)


if __name__ == "__main__":
    figure = scorecard(Scorecard.load(FOLDER), [Scorecard.load(OTHER_SEED)])
    for suffix in (".png", ".svg"):
        save(figure, FOLDER / f"scorecard{suffix}")
    pages.write(PAGE, page())
