"""What learning from the record did to the answers of March 2023: writes docs/learned.md, its figures and tables.

Run with ``python docs/learned.py``, about ten minutes; an interrupted call goes on. ``--page`` makes the page again
from the tables in results/learned. The words around the numbers stand in learned-words.md, those on misfits in
learned.toml; a test holds the page to tables and words.
"""

from __future__ import annotations

import argparse
import textwrap
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from learned_checks import EXTREME, side
from learned_figures import TARGETS, answers_figure, checks_figure, label
from learned_measured import ALL, HEADLINE, Learned, measure

from sim.assimilation import DEFAULT_PARTICLES
from sim.plots import learned as parameters_figure
from sim.plots import save
from sim.scenario import read_scenario

PAGE = Path(__file__).with_name("learned.md")
WORDS = Path(__file__).with_name("learned-words.md")
REASONS = Path(__file__).with_name("learned.toml")
IMAGES = Path(__file__).with_name("images")
FOLDER = Path(__file__).resolve().parents[1] / "results" / "learned"

SCENARIO, PARTICLES, MEMBERS, OTHERS = "march-2023", 2048, 4096, 8
SHOWN, RANKED, WORST = 15, 8, 5
"""Parameters in a table (judgement: what a reader takes in)."""

ENOUGH = 1024  # particles below which a run is only for the page's making (judgement)
CONTROLS = (0.9, 1.1)  # docs/declared.md
SHARPER = 0.8
NARROW = 0.01  # a range below one point says that our judgements do not bear on the question (judgement)
OFTEN = 0.2  # share of free histories with sanctions from which it is worth a word (judgement)
UNKNOWN = "We know no reason."


def whole(share: float) -> str:
    """Return a chance in per cent, without decimals unless it is small."""
    return f"{100 * share:.0f} %" if 100 * share >= 0.95 or share == 0.0 else f"{100 * share:.1f} %"


def cell(share: float) -> str:
    """Return a chance in per cent for a table, to a tenth."""
    return f"{100 * share:.1f}"


def points(change: float) -> str:
    """Return a difference of chances in points, with its sign."""
    text = f"{100 * change:+.1f}"
    return text if float(text) else "0.0"


def figure(value: float) -> str:
    """Return a number with three digits."""
    return f"{value:.3g}"


def filled(text: str) -> str:
    """Return a paragraph, or a point of a list, in lines of the pages' width."""
    indent = "  " if text.startswith("- ") else ""
    lines = textwrap.wrap(text, 124, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines)


def rows(head: str, lines: list[str]) -> str:
    """Return a table of Markdown."""
    columns = head.count("|") - 1
    return "\n".join([head, "|" + "---|" * columns, *lines])


def answers(table: pd.DataFrame) -> str:
    """Return the table of answers."""
    lines = []
    for row in table.itertuples():
        width = row.high - row.low
        share = f"{row.seeds_sd / width:.2f}" if width > NARROW else ""
        text = f"**{row.text}**" if row.id in HEADLINE else row.text
        lines.append(
            f"| {text} | {cell(row.before)} ± {cell(row.before_mcse)} | {cell(row.learned)} ± {cell(row.learned_mcse)} "
            f"| {cell(row.low)} to {cell(row.high)} | {cell(row.seeds_min)} to {cell(row.seeds_max)} "
            f"| {cell(row.seeds_sd)} | {share} |"
        )
    return rows("| question | before | learned | range | seeds: least to greatest | sd | share |", lines)


def seed_words(table: pd.DataFrame, seeds: int, particles: int) -> str:
    """Return how the seeds' spread stands beside the range over judgement."""
    shares = {
        row.id: row.seeds_sd / (row.high - row.low)
        for row in table.itertuples()
        if row.high - row.low > NARROW
    }
    asked = {name: share for name, share in shares.items() if name in HEADLINE}
    wider = [name for name, share in shares.items() if share >= 0.5]
    text = (
        f"Of the questions in bold the standard deviation over {seeds} learning seeds is {min(asked.values()):.2f} to "
        f"{max(asked.values()):.2f} of the width of the range. "
        if asked
        else ""
    )
    if wider:
        text += "It is half of the range or more for: " + ", ".join(label(name) for name in wider) + ". "
    text += (
        "Where no share stands, the range is narrower than a point: no judgement of ours bears on the question, and "
        "the seeds' spread is all the doubt that is shown. The spread holds the members' own error too."
    )
    if particles < DEFAULT_PARTICLES:
        text += (
            f" The command takes {DEFAULT_PARTICLES:,} particles by default; if the filter's error falls with the root "
            f"of their number it has {(particles / DEFAULT_PARTICLES) ** 0.5:.1f} of what is shown here."
        )
    return text


def agreement(table: pd.DataFrame, seeds: int) -> str:
    """Return how far the seeds' posterior means lie apart."""
    rms = float(np.sqrt((table["seeds_sd"] ** 2).mean()))
    worst = table.sort_values("seeds_sd", ascending=False, kind="stable").head(WORST)
    lines = [
        f"| `{r.parameter}` | {r.seeds_sd:.2f} | {r.shift:+.2f} | {r.sd_ratio:.2f} |"
        for r in worst.itertuples()
    ]
    words = filled(
        f"Over {seeds} learning seeds the posterior mean of a learned parameter has a standard deviation of {rms:.2f} "
        f"prior standard deviations (root mean square over {len(table)} parameters). The worst:"
    )
    return words + "\n\n" + rows("| parameter | between seeds | shift | sd ratio |", lines)


def parameters(table: pd.DataFrame) -> str:
    """Return the table of the parameters that moved most."""
    lines = [
        f"| `{r.parameter}` | {r.unit} | {figure(r.prior_median)} [{figure(r.prior_low)}, {figure(r.prior_high)}] "
        f"| {figure(r.median)} [{figure(r.low)}, {figure(r.high)}] | {r.shift:+.2f} | {r.sd_ratio:.2f} "
        f"| {r.seeds_sd:.2f} |"
        for r in table.head(SHOWN).itertuples()
    ]
    return rows("| parameter | unit | prior: median [5, 95 %] | learned | shift | sd ratio | seeds |", lines)


def controls(table: pd.DataFrame) -> str:
    """Return the table of the controls."""
    lines = [
        f"| {r.control} | {r.sd:.2f} | {r.seeds_min:.2f} to {r.seeds_max:.2f} | {r.mean:+.2f} |"
        for r in table.itertuples()
    ]
    return rows("| control of | sd, first seed | sd, all seeds | mean |", lines)


def kept(table: pd.DataFrame) -> str:
    """Return how many controls kept their spread."""
    low, high = CONTROLS
    own = int(table["sd"].between(low, high).sum())
    all_ = int((table["seeds_min"].ge(low) & table["seeds_max"].le(high)).sum())
    return f"{own} of {len(table)} lie within {low} and {high} under the first seed, {all_} under every seed"


def blocks(table: pd.DataFrame) -> str:
    """Return the table of what the answers owe to each block, by size of its first column."""
    names = [name for name in HEADLINE if (table["id"] == name).any()] or list(dict.fromkeys(table["id"]))
    of = {key: part.set_index("id") for key, part in table.groupby("block")}
    last = [ALL] if ALL in of else []
    order = sorted((b for b in of if b != ALL), key=lambda b: -abs(of[b].loc[names[0], "change"]))
    lines = []
    for block in [*order, *last]:
        part = of[block]
        cells = [
            f"{points(part.loc[n, 'change'])} ± {100 * part.loc[n, 'mcse']:.1f}"
            if part.loc[n, "mcse"]
            else "0"
            for n in names
        ]
        lines.append(f"| {block} | {int(part['parameters'].iloc[0])} | " + " | ".join(cells) + " |")
    return rows("| left at its prior | parameters | " + " | ".join(label(n) for n in names) + " |", lines)


def ranks(table: pd.DataFrame) -> str:
    """Return the table of the strongest rank correlations with each outcome, by their mean over seeds."""
    words = {"sanctions": label(HEADLINE[0]), "lean": "lean at the end"}
    lines = []
    for outcome, text in words.items():
        part = table[table["outcome"] == outcome]
        place = part["seeds_mean"].abs().sort_values(ascending=False, kind="stable").index[:RANKED]
        for r in part.loc[place].itertuples():
            lines.append(
                f"| {text} | `{r.parameter}` | {r.rank:+.2f} | {r.seeds_min:+.2f} to {r.seeds_max:+.2f} |"
            )
    return rows("| outcome | parameter | first seed | all seeds |", lines)


def checks(table: pd.DataFrame) -> str:
    """Return the table of the posterior predictive checks; misfits stand in bold."""
    lines = []
    for r in table.itertuples():
        p = f"**{r.p:.2f}**" if side(r.p) else f"{r.p:.2f}"
        lines.append(
            f"| {TARGETS.get(r.target, r.target)} | {r.statistic} | {r.n} | {figure(r.observed)} "
            f"| {figure(r.median)} [{figure(r.low)}, {figure(r.high)}] | {p} | {r.p_min:.2f} to {r.p_max:.2f} |"
        )
    return rows("| of | statistic | n | record | replicas: median [5, 95 %] | p | p, all seeds |", lines)


def misfits(table: pd.DataFrame, seeds: int) -> str:
    """Return the misfits, each with its reason where we know one."""
    reasons = tomllib.loads(REASONS.read_text(encoding="utf-8"))
    lines = []
    for r in table.itertuples():
        if where := side(r.p):
            why = reasons.get(r.target, {}).get(r.statistic, {}).get(where, UNKNOWN)
            lines.append(
                f"- **{TARGETS.get(r.target, r.target)}, {r.statistic}**: {figure(r.observed)} on record, "
                f"{figure(r.median)} [{figure(r.low)}, {figure(r.high)}] in the model; p = {r.p:.2f}, a misfit under "
                f"{r.seeds_extreme} of {seeds} learning seeds. {why}"
            )
    head = f"{len(lines)} of {len(table)} statistics have p below {EXTREME:.2f} or above {1 - EXTREME:.2f} (judgement)."
    return "\n".join([head, "", *map(filled, lines)]) if lines else head


def short(found: Mapping[str, pd.DataFrame], seeds: int) -> str:
    """Return the summary for a reader of policy, every number from the tables."""
    table = found["answers"].set_index("id")
    first, name = table.iloc[0], str(table.index[0])
    width = first["high"] - first["low"]
    moved = found["parameters"]
    sharper = int((moved["sd_ratio"] < SHARPER).sum())
    most = ", ".join(f"`{p}`" for p in moved["parameter"].head(3))
    lines = [
        f"- **{label(name).capitalize()}: {whole(first['learned'])}, before learning {whole(first['before'])}.** Over "
        f"judgements that the record cannot settle the answer runs from {whole(first['low'])} to "
        f"{whole(first['high'])}. "
        "That range, not the single figure, is what to plan with."
    ]
    others = [q for q in HEADLINE[1:] if q in table.index]
    if others:
        each = "; ".join(
            f"{label(q)}: {whole(table.loc[q, 'learned'])} (before {whole(table.loc[q, 'before'])}, range "
            f"{whole(table.loc[q, 'low'])} to {whole(table.loc[q, 'high'])})"
            for q in others
        )
        lines.append(f"- **Posture.** {each[:1].upper()}{each[1:]}.")
    lines.append(
        f"- **Chance in the computation.** Learned again with other seeds, {seeds} in all, the first answer lies "
        f"between {whole(first['seeds_min'])} and {whole(first['seeds_max'])}, with a standard deviation of "
        f"{100 * first['seeds_sd']:.1f} points"
        + (f": {first['seeds_sd'] / width:.2f} of the range over judgement." if width > 0.0 else ".")
    )
    lines.append(
        f"- **What was learned.** {sharper} of {len(moved)} parameters lost a fifth or more of their prior's spread, "
        f"most of all {most}. Of the controls, which nothing should move, {kept(found['controls'])}."
    )
    changes = found["blocks"][found["blocks"]["id"] == name].set_index("block")
    own = changes.drop(index=ALL)
    clear = own[own["change"].abs() > 2.0 * own["mcse"]].sort_values("change", key=lambda c: -c.abs())
    told = ", ".join(f"{b} {points(r['change'])} points" for b, r in clear.head(3).iterrows())
    all_ = changes.loc[ALL]
    lines.append(
        "- **What moved the answer.** Left at its prior, "
        + (
            f"these blocks would change {label(name)}: {told}. "
            if told
            else "no single block would change it clearly. "
        )
        + f"All parameters at their priors, with the past's luck kept, change it by {points(all_['change'])} ± "
        f"{100 * all_['mcse']:.1f} points."
    )
    missed = found["checks"][found["checks"]["p"].map(side) != ""]
    named = "; ".join(f"{TARGETS.get(r.target, r.target)}: {r.statistic}" for r in missed.itertuples())
    lines.append(
        f"- **Where it does not look like Serbia.** {len(missed)} of {len(found['checks'])} statistics of the record "
        f"lie at the edge of what the learned model gives{': ' + named if named else ''}."
    )
    free = found["checks"][found["checks"]["statistic"] == "sanctions ever in force"].iloc[0]
    if free["mean"] >= OFTEN:
        lines.append(
            f"- **Parameters are not all.** With learned parameters but fresh luck and free choices from 2012, "
            f"{whole(free['mean'])} of histories had sanctions before the origin; Serbia had none. The learned answers "
            "rest on the path that Serbia took, by which the filter knows where it stands, as much as on parameters."
        )
    return "\n".join(map(filled, lines))


def page(found: Learned) -> str:
    """Return the page as text: the words of learned-words.md, with numbers and tables in their places."""
    tables, made = found.tables, found.provenance
    seeds = made["learning_seeds"]
    origin = date.fromisoformat(made["as_of"])
    of = {
        "origin": f"{origin:%B %Y}",
        "origin_day": f"{origin.day} {origin:%B %Y}",
        "scenario": made["scenario"],
        "made": filled(
            f"Made by `python docs/learned.py`: scenario `{made['scenario']}`, "
            f"{made['particles']:,} particles for each of the learning seeds {seeds[0]} "
            f"to {seeds[-1]}, {made['members']:,} members with seed {made['seed']}; {made['members_of_blocks']:,} "
            f"members for blocks, {made['members_of_checks']:,} for checks."
        ),
        "warning": (
            ""
            if made["particles"] >= ENOUGH
            else f"\n**This is a small run: {made['particles']} particles are too few, and the seeds show it.**\n"
        ),
        "short": short(tables, len(seeds)),
        "answers": answers(tables["answers"]) + "\n",
        "seed_words": filled(seed_words(tables["answers"], len(seeds), made["particles"])),
        "agreement": agreement(tables["parameters"], len(seeds)),
        "shown": min(SHOWN, len(tables["parameters"])),
        "parameters": parameters(tables["parameters"]),
        "declared": kept(tables["controls"]),
        "controls": controls(tables["controls"]),
        "blocks": blocks(tables["blocks"]),
        "ranks": ranks(tables["ranks"]),
        "checked": f"{made['members_of_checks']:,}",
        "checks": checks(tables["checks"]),
        "misfits": misfits(tables["checks"], len(seeds)),
    }
    return WORDS.read_text(encoding="utf-8").format_map(of)


def main() -> None:
    """Measure, draw and write, or write the page alone."""
    asked = argparse.ArgumentParser(description="Write docs/learned.md, its figures and results/learned.")
    asked.add_argument(
        "--seeds", type=int, default=OTHERS, help="learning seeds beside the first (%(default)s)"
    )
    asked.add_argument("--particles", type=int, default=PARTICLES, help="of each learning (%(default)s)")
    asked.add_argument("--members", type=int, default=MEMBERS, help="of each run (%(default)s)")
    asked.add_argument("--page", action="store_true", help="make the page from the tables, and learn nothing")
    given = asked.parse_args()
    if given.seeds < 1:
        asked.error("--seeds: at least one seed beside the first, or there is no spread to show")
    if not given.page:
        found, posterior = measure(
            read_scenario(SCENARIO),
            others=given.seeds,
            particles=given.particles,
            members=given.members,
            folder=FOLDER,
        )
        found.save(FOLDER)
        draw(Learned.load(FOLDER))
        save(parameters_figure(posterior), IMAGES / "learned-parameters.png")
    found = Learned.load(FOLDER)
    PAGE.write_text(page(found), encoding="utf-8")
    unknown = PAGE.read_text(encoding="utf-8").count(UNKNOWN)
    print(f"written: {PAGE.name}, and the tables in results/learned")
    if unknown:
        print(f"{unknown} misfits have no words yet: write what is known into docs/learned.toml, then --page")


def draw(found: Learned) -> None:
    """Draw the figures that the tables tell."""
    save(answers_figure(found.tables["answers"], found.provenance), IMAGES / "learned-answers.png")
    save(checks_figure(found.tables["checks"], found.provenance), IMAGES / "learned-checks.png")


if __name__ == "__main__":
    main()
