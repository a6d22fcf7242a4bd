"""What each shipped departure does to each outcome, against its base: writes docs/effects.md.

Run with ``python docs/effects.py``, about a minute; a test holds the page to a smaller run.
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from effects_measured import (
    OUTCOMES,
    WINDOWS,
    Effect,
    clear,
    entries,
    judged,
    measure,
    runs,
    scaled,
    turns,
    verdict,
)

from sim.contrasts.assumptions import assumed
from sim.contrasts.pairs import Pairs
from sim.incentives import LEDGER

PAGE = Path(__file__).with_name("effects.md")
MEMBERS, CONTROL = 4096, 512

MECHANISMS = {
    "posture": "posture: ally, balancer, opponent",
    "media": "media and opinion",
    "arms": "arms through third countries",
    "denial": "denial and deniability",
    "reports": "reports, and what Moscow believes",
    "sanctions": "the sanctions decision",
    "gas": "the gas contract",
    "Kosovo": "Kosovo and the veto",
    "displeasure": "Moscow's displeasure and what it does",
    "accession": "accession and pressure",
}


def signed(number: float, decimals: int) -> str:
    """Return a number with its sign, and zero without one."""
    text = f"{number:+.{decimals}f}"
    return text if float(text) != 0.0 else f"{0.0:.{decimals}f}"


def cell(pairs: Pairs | None, name: str) -> str:
    """Return a difference with its interval; "0" where no member differs, nothing where there is no figure."""
    if pairs is None:
        return ""
    if pairs.discordant == 0:
        return "0"
    decimals = OUTCOMES[name][1] if name in OUTCOMES else 1
    middle, low, high = (
        signed(scaled(number, name), decimals) for number in (pairs.difference, pairs.low, pairs.high)
    )
    return f"{middle} ({low} to {high})"


def filled(text: str, effect: Effect) -> str:
    """Return a remark with its numbers: outcomes as printed, ledger terms as `gas_term`, each at .first and .end."""
    found = {name: SimpleNamespace(**values) for name, values in effect.facts.items()}
    for name in OUTCOMES:
        both = {
            w: scaled(effect.outcomes[name, w].difference, name)
            for w in WINDOWS
            if (name, w) in effect.outcomes
        }
        found[name] = SimpleNamespace(**both)
    for term in LEDGER:
        found[f"{term}_term"] = SimpleNamespace(**{w: effect.ledger[term, w].difference for w in WINDOWS})
    return text.format(**found)


def paragraph(*texts: str) -> list[str]:
    """Return lines no longer than a page is wide, and an empty one."""
    return [*textwrap.wrap(" ".join(texts), 119, break_long_words=False, break_on_hyphens=False), ""]


def terms(effect: Effect) -> str:
    """Return which incentives moved, by window."""
    parts = []
    for window, words in (("first", "in the first year"), ("end", "at the end")):
        moved = [
            f"{term} {signed(pairs.difference, 2)}"
            for term in LEDGER
            if clear(pairs := effect.ledger[term, window]) and abs(pairs.difference) >= 0.005
        ]
        parts.append(f"{words} {', '.join(moved) or 'none by a hundredth'}")
    return f"Terms of Serbia's ledger that moved: {'; '.join(parts)}."


def section(effect: Effect, entry: dict) -> list[str]:
    """Return a departure's part of the page."""
    set_by_event = {
        c.quantity for e in effect.scenario.events if e not in effect.base.events for c in e.changes
    }
    lines = [f"## {effect.scenario.title}", ""]
    lines += paragraph(
        f"`{effect.name}` against `{effect.base.name}`;",
        "; ".join(each.split(" (")[0] for each in assumed(effect.scenario, effect.base)) + ".",
        entry["why"],
    )
    lines += [
        "| outcome | unit | first year | at the end | expected | found |",
        "|---|---|---|---|---|---|",
    ]
    same, small = [], []
    for name, (unit, decimals, _) in OUTCOMES.items():
        pairs = {window: effect.outcomes.get((name, window)) for window in WINDOWS}
        given = [each for each in pairs.values() if each is not None]
        expectation = entry["expected"].get(name, "")
        if not expectation and name not in set_by_event:
            if all(each.discordant == 0 for each in given):
                same.append(name)
                continue
            sizes = [abs(round(scaled(each.difference, name), decimals)) for each in given]
            if max(sizes) == 0.0 or not any(clear(each) for each in given):
                small.append(name)
                continue
        said, found = "", "assumed" if name in set_by_event else ""
        if expectation:
            sign, window = judged(name, expectation)
            said = f"{sign} {'in the first year' if window == 'first' else 'at the end'}"
            found = verdict(effect, name, expectation)
        if name in turns(effect):
            found = f"{found}; then turns" if found else "turns"
        cells = [cell(pairs[window], name) for window in WINDOWS]
        lines.append(f"| {name} | {unit} | {cells[0]} | {cells[1]} | {said} | {found} |")
    lines.append("")
    if same:
        lines += paragraph(f"The same in every member: {', '.join(same)}.")
    if small:
        lines += paragraph(f"Not told from zero, or below the last digit: {', '.join(small)}.")
    lines += paragraph(terms(effect))
    moved = {name: pairs for name, pairs in effect.questions.items() if clear(pairs)}
    order = sorted(moved, key=lambda name: -abs(moved[name].difference))
    told = ", ".join(f"`{name}` {cell(moved[name], name)}" for name in order) or "none"
    lines += paragraph(
        f"Questions that moved, in points: {told}. The other {len(effect.questions) - len(moved)} of "
        f"{len(effect.questions)} did not, as far as can be told."
    )
    if "found" in entry:
        lines += paragraph(filled(entry["found"], effect))
    against = [n for n, e in entry["expected"].items() if verdict(effect, n, e) in ("reversed", "not zero")]
    for name in dict.fromkeys([*against, *turns(effect)]):
        lines += paragraph(f"*{name}*: {filled(entry['turns'][name], effect)}")
    return lines


def overview(effects: list[Effect], names: tuple[tuple[str, str], ...]) -> list[str]:
    """Return a table of departures by outcome and window."""
    headings = [f"{name}, {'first year' if w == 'first' else 'end'}" for name, w in names]
    lines = [f"| departure | {' | '.join(headings)} |", "|---|" + "---|" * len(names)]
    for effect in effects:
        cells = [cell(effect.outcomes[key], key[0]) for key in names]
        lines.append(f"| `{effect.name}` | {' | '.join(cells)} |")
    return [*lines, ""]


KEY = (("lean", "first"), ("lean", "end"), ("sanctions", "end"), ("opponent", "end"), ("ally", "end"))


def page(members: int = MEMBERS) -> str:
    """Return the page as text."""
    known = entries()
    effects, control = [], []
    for scenario, base, data, before in runs(members):
        effects.append(measure(scenario, base, data, before))
        few = slice(0, CONTROL)
        control.append(measure(scenario, base, data.isel(member=few), before.isel(member=few)))
    judgements = [verdict(e, n, x) for e in effects for n, x in known[e.name]["expected"].items()]
    ratios = [e.outcomes["lean", "first"].variance_ratio or 0.0 for e in effects]
    lines = ["# What each departure does", ""]
    lines += paragraph(
        f"Made by `python docs/effects.py`: {members:,} members, seed 1. Each member lives through the departure and "
        "through its base with the same parameters and the same luck; a cell is the mean of what the members do "
        "otherwise, with its 90 % interval. The interval is the simulation's: what more members would narrow. Priors "
        "are those of the parameter table, nothing is learned, and nothing was moved to make a direction come out. "
        f"Pairing leaves, in the median departure, {float(np.median(ratios)):.3f} of the variance that independent "
        "runs would have of the lean in the first year."
    )
    lines += paragraph(
        "*First year*: the mean of the twelve months from the first in which anything differs; for sanctions, posture "
        "and chapters, how they stand when those months are over. *At the end*: December 2025, alignment and ideal "
        "point for that year. Sanctions count once imposed; they, posture and questions are in percentage points. "
        "The balancer is what the other two leave. `eu_support` is the share itself, before a poll prints it. "
        "*Expected* is what theory says, from "
        "[effects.toml](effects.toml); where the column is empty it says nothing. Before its first month a departure "
        "changes nothing in any member: a test holds it to that."
    )
    counts = {
        word: judgements.count(word) for word in ("holds", "not told from zero", "reversed", "not zero")
    }
    lines += paragraph(
        f"Of {len(judgements)} expectations {counts['holds']} hold, {counts['not told from zero']} are not told from "
        f"zero and {counts['reversed'] + counts['not zero']} come out otherwise; by chance alone one in ten of the "
        "intervals misses."
    )
    lines += ["## In short", "", *overview(effects, KEY)]
    quiet = [
        e
        for e in effects
        if all(
            max(abs(e.outcomes[k, "end"].low), abs(e.outcomes[k, "end"].high)) < 0.02
            for k in ("sanctions", "ally")
        )
    ]
    lines += paragraph(
        "Departures that hardly matter for where Serbia ends up (less than two points on sanctions and on the ally, "
        f"whole intervals): {', '.join(f'`{e.name}`' for e in quiet) or 'none'}."
    )
    lines += ["| what is tested | by |", "|---|---|"]
    for key, words in MECHANISMS.items():
        by = ", ".join(f"`{name}`" for name, entry in known.items() if key in entry["tests"])
        lines.append(f"| {words} | {by} |")
    lines.append("")
    for effect in effects:
        lines += section(effect, known[effect.name])
    lines += [f"## The first {CONTROL} members alone", ""]
    lines += paragraph(
        "A smaller run of the same: how far its figures lie from those above is what members are for."
    )
    lines += overview(control, KEY)
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"written: {PAGE}")
