"""What learning from the record did to the answers of March 2023: writes docs/learned.md, its figures and tables.

Run with ``python docs/learned.py``, about ten minutes; an interrupted call goes on. ``--page`` makes the page again
from the tables in results/learned. The words around the numbers stand in learned-words.md, those on misfits in
learned.toml; a test holds the page to tables and words.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pages
import pandas as pd
from drawn import HOLLOW, MARK, key, name_rows, sheet
from learned_checks import EXTREME, side
from learned_measured import ALL, HEADLINE, Tables, load, measure
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from sim.assimilation import DEFAULT_PARTICLES
from sim.plots import learned as parameters_figure, save
from sim.plots.style import FORECAST, PAST, RULE, styled
from sim.scenario import read_scenario
from sim.words import percent, sentence

PAGE, WORDS, IMAGES = (pages.DOCS / name for name in ("learned.md", "learned-words.md", "images"))
REASONS = pages.toml("learned.toml")
FOLDER = pages.RESULTS / "learned"

SCENARIO = "march-2023"
SHOWN, RANKED, WORST = 15, 8, 5
"""Parameters in a table (judgement: what a reader takes in)."""

ENOUGH = 1024  # particles below which a run is only for the page's making (judgement)
CONTROLS = (0.9, 1.1)  # docs/declared.md
SHARPER = 0.8
NARROW = 0.01  # a range below one point says that our judgements do not bear on the question (judgement)
OFTEN = 0.2  # share of free histories with sanctions from which it is worth a word (judgement)
UNKNOWN = "We know no reason."
TARGETS = {
    "cfsp_alignment": "EU declarations joined",
    "un_position": "UN ideal point",
    "eu_support": "support for the EU",
    "un_votes": "votes on UN texts",
    "chapters_opened": "chapters opened",
    "events": "what else happened",
}


# --- words ---


def label(question: str) -> str:
    """Return a question's name in words.

    >>> label("un-position-half-in-2025"), label("ally-at-end-2025")
    ('UN position half in 2025', 'ally at the end of 2025')
    """
    words = [{"un": "UN", "eu": "EU", "end": "the end of"}.get(word, word) for word in question.split("-")]
    return " ".join(words)


def whole(share: float) -> str:
    """Return a chance in per cent, without decimals unless it is small."""
    return f"{100 * share:.0f} %" if 100 * share >= 0.95 or share == 0.0 else f"{100 * share:.1f} %"


def cell(share: float) -> str:
    """Return a chance in per cent for a table, to a tenth."""
    return f"{100 * share:.1f}"


def points(change: float) -> str:
    """Return a difference of chances in points, with its sign."""
    return pages.signed(100 * change, 1)


def figure(value: float) -> str:
    """Return a number with three digits."""
    return f"{value:.3g}"


def why(check: Any) -> str:
    """Return what is known of a misfit."""
    found: str = REASONS.get(check.target, {}).get(check.statistic, {}).get(side(check.p), UNKNOWN)
    return found


def shares_of_range(table: pd.DataFrame) -> dict[str, float]:
    """Return by question the seeds' deviation over the width of the range, where that is not narrow."""
    wide = table[table["high"] - table["low"] > NARROW]
    return dict(zip(wide["id"], wide["seeds_sd"] / (wide["high"] - wide["low"]), strict=True))


def kept(table: pd.DataFrame) -> str:
    """Return how many controls kept their spread."""
    low, high = CONTROLS
    own = int(table["sd"].between(low, high).sum())
    all_ = int((table["seeds_min"].ge(low) & table["seeds_max"].le(high)).sum())
    return f"{own} of {len(table)} lie within {low} and {high} under the first seed, {all_} under every seed"


def blocks(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return by block what the first answers owe to it, by size of its first column, and all of them last."""
    names = [name for name in HEADLINE if name in set(table["id"])] or list(table["id"].unique())
    of = {block: part.set_index("id").loc[names] for block, part in table.groupby("block")}
    order = sorted(of, key=lambda block: (block == ALL, -abs(of[block]["change"].iloc[0])))
    return {block: of[block] for block in order}


def ranks(table: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Return the strongest rank correlations with an outcome, by their mean over seeds."""
    part = table[table["outcome"] == outcome]
    return part.sort_values("seeds_mean", key=lambda m: -m.abs(), kind="stable").head(RANKED)


def clear_changes(table: pd.DataFrame, question: str) -> list[tuple[str, float]]:
    """Return the three blocks that change an answer most, of those that change it clearly."""
    own = table[(table["id"] == question) & (table["block"] != ALL)]
    clear = own[own["change"].abs() > 2.0 * own["mcse"]].sort_values("change", key=lambda c: -c.abs())
    return [(row.block, row.change) for row in clear.head(3).itertuples()]


def page(tables: Tables, made: dict[str, Any]) -> str:
    """Return the page as text: the words of learned-words.md, with numbers and tables in their places."""
    origin = date.fromisoformat(made["as_of"])
    answers, moved, checks = (list(tables[name].itertuples()) for name in ("answers", "parameters", "checks"))
    first, changes, parameters = answers[0], tables["blocks"], tables["parameters"]
    shares = shares_of_range(tables["answers"])
    of = {
        **globals(),
        "sentence": sentence,
        "default": DEFAULT_PARTICLES,
        **made,
        "origin": f"{origin:%B %Y}",
        "origin_day": f"{origin.day} {origin:%B %Y}",
        "seeds": len(made["learning_seeds"]),
        "answers": answers,
        "first": first,
        "others": [row for row in answers[1:] if row.id in HEADLINE],
        "shares": shares,
        "bold": [share for name, share in shares.items() if name in HEADLINE],
        "wider": [label(name) for name, share in shares.items() if share >= 0.5],
        "parameters": parameters,
        "shown": moved[:SHOWN],
        "sharper": int((parameters["sd_ratio"] < SHARPER).sum()),
        "apart": np.sqrt((parameters["seeds_sd"] ** 2).mean()),
        "worst": list(
            parameters.sort_values("seeds_sd", ascending=False, kind="stable").head(WORST).itertuples()
        ),
        "controls": list(tables["controls"].itertuples()),
        "kept": kept(tables["controls"]),
        "blocks": blocks(changes),
        "clear": clear_changes(changes, first.id),
        "all_": changes[(changes["id"] == first.id) & (changes["block"] == ALL)].iloc[0],
        "ranks": {
            label(HEADLINE[0]): ranks(tables["ranks"], "sanctions"),
            "lean at the end": ranks(tables["ranks"], "lean"),
        },
        "checks": checks,
        "missed": [check for check in checks if side(check.p)],
        "free": next(check.mean for check in checks if check.statistic == "sanctions ever in force"),
    }
    return pages.made("learned", of)


# --- figures ---


@styled
def answers_figure(table: pd.DataFrame, made: Mapping[str, Any]) -> Figure:
    """Draw each question's answer before and after learning, under every learning seed, and its range."""
    first = table.iloc[0]
    wider = first["high"] - first["low"] > first["seeds_max"] - first["seeds_min"]
    figure, [axes] = sheet(
        f"Learning takes {label(first['id'])} from {percent(first['before'])} to {percent(first['learned'])}; "
        f"judgement moves that {'further' if wider else 'no further'} than another learning seed",
        f"Chance of what the scenario asks, before and after learning from the record. {_foot(made)}",
        [1.5 * len(table)],
    )
    at = name_rows(axes, table["id"].map(label))
    width = np.maximum(table["high"] - table["low"], 0.002)
    axes.barh(at, width, 0.62, table["low"], color=FORECAST[0], label="range over judgement")
    seeds = table["seeds_min"], table["seeds_max"]
    axes.hlines(at, *seeds, color=MARK["color"], linewidth=1.2, label="all learning seeds")
    axes.plot(seeds, [at, at], **MARK | {"marker": "|", "markersize": 8})
    axes.plot(table["before"], at, label="before learning", clip_on=False, **HOLLOW)
    axes.plot(table["learned"], at, label="learned, the first seed", clip_on=False, **MARK)
    axes.set_xlim(0.0, 1.0)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
    axes.grid(axis="x", color=RULE, linewidth=0.8)
    return key(figure)


@styled
def checks_figure(table: pd.DataFrame, made: Mapping[str, Any]) -> Figure:
    """Draw the p-value of every check, with the least and the greatest of all learning seeds."""
    extreme = sum(side(p) != "" for p in table["p"])
    groups = [rows for _, rows in table.groupby("target", sort=False)]
    figure, panels = sheet(
        f"{extreme} of {len(table)} statistics of the record {'lies' if extreme == 1 else 'lie'} where fewer "
        "than one in twenty learned histories do",
        "Share of replicated histories in which the statistic is lower than on record (ties half): near 0 the record "
        f"is lower than the model expects, near 1 higher. Shaded: a misfit (judgement). {_foot(made)}",
        [len(rows) for rows in groups],
        sharex=True,
    )
    for axes, rows in zip(panels, groups, strict=True):
        target = rows["target"].iloc[0]
        at = name_rows(axes, rows["statistic"], TARGETS.get(target, target))
        for low in (0.0, 1.0 - EXTREME):
            axes.axvspan(low, low + EXTREME, color=PAST[1], linewidth=0)
        axes.axvline(0.5, color=RULE, linewidth=0.8)
        axes.hlines(
            at, rows["p_min"], rows["p_max"], color=MARK["color"], linewidth=1.2, label="all learning seeds"
        )
        axes.plot(rows["p"], at, label="first seed", **HOLLOW)
        missed = rows["p"].where([side(p) != "" for p in rows["p"]])
        axes.plot(missed, at, label="the same, a misfit", **MARK)
    axes.set_xlim(0.0, 1.0)
    axes.set_xticks([0.0, 0.5, 1.0])
    return key(figure)


def _foot(made: Mapping[str, Any]) -> str:
    return (
        f"Scenario {made['scenario']}; {made['particles']:,} particles for each of {len(made['learning_seeds'])} "
        f"learning seeds, {made['members']:,} members, {made['members_of_checks']:,} for "
        "checks. Tables: results/learned."
    )


def draw(tables: Tables, made: dict[str, Any]) -> None:
    """Draw the figures that the tables tell."""
    save(answers_figure(tables["answers"], made), IMAGES / "learned-answers.png")
    save(checks_figure(tables["checks"], made), IMAGES / "learned-checks.png")


def main() -> None:
    """Measure, draw and write, or write the page alone."""
    asked = argparse.ArgumentParser(description="Write docs/learned.md, its figures and results/learned.")
    asked.add_argument("--seeds", type=int, default=8, help="learning seeds beside the first (%(default)s)")
    asked.add_argument("--particles", type=int, default=2048, help="of each learning (%(default)s)")
    asked.add_argument("--members", type=int, default=4096, help="of each run (%(default)s)")
    asked.add_argument("--page", action="store_true", help="make the page from the tables, and learn nothing")
    given = asked.parse_args()
    if given.seeds < 1:
        asked.error("--seeds: at least one seed beside the first, or there is no spread to show")
    if not given.page:
        numbers = {"others": given.seeds, "particles": given.particles, "members": given.members}
        *found, posterior = measure(read_scenario(SCENARIO), folder=FOLDER, **numbers)
        pages.save(FOLDER, *found)
        draw(*load(FOLDER))
        save(parameters_figure(posterior), IMAGES / "learned-parameters.png")
    text = page(*load(FOLDER))
    pages.write(PAGE, text)
    if unknown := text.count(UNKNOWN):
        print(f"{unknown} misfits have no words yet: write what is known into docs/learned.toml, then --page")


if __name__ == "__main__":
    main()
