"""What each shipped departure does to each outcome, against its base: writes docs/effects.md.

Run with ``python docs/effects.py``, about a minute; a test holds the page to a smaller run. The words stand in
effects-words.md and, on single departures, in effects.toml.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pages
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

from sim.contrasts import assumptions
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
KEY = (("lean", "first"), ("lean", "end"), ("sanctions", "end"), ("opponent", "end"), ("ally", "end"))
"""Outcomes and windows of the overview."""


def cell(pairs: Pairs | None, name: str) -> str:
    """Return a difference with its interval; "0" where no member differs, nothing where there is no figure."""
    if pairs is None:
        return ""
    if pairs.discordant == 0:
        return "0"
    decimals = OUTCOMES[name][1] if name in OUTCOMES else 1
    middle, low, high = (
        pages.signed(scaled(number, name), decimals) for number in (pairs.difference, pairs.low, pairs.high)
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


def assumed(effect: Effect) -> str:
    """Return what a departure assumes and its base does not."""
    return "; ".join(each.split(" (")[0] for each in assumptions.assumed(effect.scenario, effect.base))


def terms(effect: Effect, window: str) -> str:
    """Return which incentives moved."""
    moved = [
        f"{term} {pages.signed(pairs.difference, 2)}"
        for term in LEDGER
        if clear(pairs := effect.ledger[term, window]) and abs(pairs.difference) >= 0.005
    ]
    return ", ".join(moved) or "none by a hundredth"


def questions(effect: Effect) -> list[str]:
    """Return the questions that moved, the most moved first."""
    moved = {name: pairs for name, pairs in effect.questions.items() if clear(pairs)}
    order = sorted(moved, key=lambda name: -abs(moved[name].difference))
    return [f"`{name}` {cell(moved[name], name)}" for name in order]


def outcomes(effect: Effect, entry: dict) -> tuple[list[list[str]], list[str], list[str]]:
    """Return a departure's rows; then what is the same in every member, and what is not told from zero."""
    set_by_event = {
        c.quantity for e in effect.scenario.events if e not in effect.base.events for c in e.changes
    }
    rows: list[list[str]] = []
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
        rows.append([name, unit, *(cell(pairs[window], name) for window in WINDOWS), said, found])
    return rows, same, small


def astonishing(effect: Effect, entry: dict) -> list[str]:
    """Return the outcomes that came out otherwise than expected, and those that turn."""
    found = [n for n, e in entry["expected"].items() if verdict(effect, n, e) in ("reversed", "not zero")]
    return list(dict.fromkeys([*found, *turns(effect)]))


def overview(effects: list[Effect]) -> str:
    """Return a table of departures by outcome and window."""
    heads = " | ".join(f"{name}, {'first year' if window == 'first' else 'end'}" for name, window in KEY)
    rows = [[f"`{e.name}`", *(cell(e.outcomes[key], key[0]) for key in KEY)] for e in effects]
    return "\n".join(pages.table(f"departure | {heads}", rows))


def hardly_matters(effect: Effect) -> bool:
    """Return whether sanctions and the ally at the end move by less than two points, whole intervals."""
    ends = [effect.outcomes[name, "end"] for name in ("sanctions", "ally")]
    return max(abs(end) for pairs in ends for end in (pairs.low, pairs.high)) < 0.02


def page(members: int = MEMBERS) -> str:
    """Return the page as text."""
    known = entries()
    effects, control = [], []
    for scenario, base, data, before in runs(members):
        effects.append(measure(scenario, base, data, before))
        few = slice(0, CONTROL)
        control.append(measure(scenario, base, data.isel(member=few), before.isel(member=few)))
    found = {
        "members": members,
        "known": known,
        "effects": effects,
        "control": (CONTROL, control),
        "mechanisms": MECHANISMS,
        "pairing": np.median([e.outcomes["lean", "first"].variance_ratio or 0.0 for e in effects]),
        "verdicts": [verdict(e, n, x) for e in effects for n, x in known[e.name]["expected"].items()],
        "quiet": [f"`{e.name}`" for e in effects if hardly_matters(e)],
    }
    calls = (assumed, astonishing, filled, outcomes, overview, questions, terms)
    return pages.made("effects", found | {call.__name__: call for call in calls}, width=119)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"written: {PAGE}")
