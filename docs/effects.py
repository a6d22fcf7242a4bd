"""What each shipped departure does to each outcome, against its base: writes docs/effects.md.

The same members with the same luck live through both scenarios; what differs is what the departure does. Run with
``python docs/effects.py``, about a minute; a test holds the page to a smaller run. The words stand in effects-words.md;
what theory expects of single departures, and words on them, in effects.toml.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pages
import xarray as xr

from sim.contrasts.assumptions import assumed as assumptions, first_month_apart
from sim.contrasts.pairs import Pairs, paired, paired_chance, paired_mean
from sim.forecasting import came_true
from sim.forecasting.ensemble import simulate
from sim.mechanisms.choice import POSTURES
from sim.record.observations import Record
from sim.runs.members import at
from sim.scenario import Scenario, read_scenario
from sim.world.facts import gather
from sim.world.incentives import LEDGER

PAGE = pages.DOCS / "effects.md"
MEMBERS, CONTROL = 4096, 512
WINDOWS = ("first", "end")

_KNOWN = pages.toml("effects.toml")
MECHANISMS: dict[str, str] = _KNOWN.pop("mechanisms")
"""Mechanisms in words, by the names that departures `test`."""
OUTCOMES: dict[str, tuple[str, int, str]] = {name: tuple(of) for name, of in _KNOWN.pop("outcomes").items()}
"""Unit, decimals, and the window in which theory is judged, of each outcome."""
KEY = (("lean", "first"), ("lean", "end"), ("sanctions", "end"), ("opponent", "end"), ("ally", "end"))
"""Outcomes and windows of the overview."""


# --- measured ---


@dataclass(frozen=True)
class Effect:
    """What a departure does against its base, measured on paired members; `facts` are numbers of remarks."""

    scenario: Scenario
    base: Scenario
    outcomes: dict[tuple[str, str], Pairs]
    ledger: dict[tuple[str, str], Pairs]
    questions: dict[str, Pairs]
    facts: dict[str, dict[str, float]]

    @property
    def name(self) -> str:
        return self.scenario.name


def entries() -> dict[str, dict]:
    """Return what theory says of each departure; `expected` holds by outcome a sign and the window that is judged."""
    known = deepcopy(_KNOWN)
    for entry in known.values():
        entry["expected"] = {}
        for key, sign in (("rise", "+"), ("fall", "-"), ("stay", "0")):
            for outcome in entry.get(key, []):
                name, _, window = outcome.partition("@")
                entry["expected"][name] = sign, window or OUTCOMES[name][2]
    return known


def runs(
    members: int, among: Sequence[str] | None = None
) -> Iterator[tuple[Scenario, Scenario, xr.Dataset, xr.Dataset]]:
    """Yield departure, base, and the data of both, of all departures or of those named."""

    @lru_cache(maxsize=4)  # the bases among them are asked for again and again
    def lived(name: str) -> xr.Dataset:
        return simulate(read_scenario(name), members=members)

    for name in entries():
        if among is None or name in among:
            scenario = read_scenario(name)
            base = read_scenario(Path(scenario.chain[1]).stem)
            yield scenario, base, lived(name), lived(base.name)


def measure(scenario: Scenario, base: Scenario, data: xr.Dataset, before: xr.Dataset) -> Effect:
    """Return the paired differences of outcomes, ledger terms and questions."""
    first, last = first_month_apart(scenario, base), scenario.last_month
    if first is None:
        raise ValueError(f"{scenario.name} assumes nothing that {base.name} does not")
    spans = {"first": range(first, first + 12), "end": range(last, last + 1)}

    def mean(source: xr.Dataset, name: str, window: str) -> np.ndarray:
        return at(source, name, spans[window]).astype(np.float64).mean(axis=1)

    def value(source: xr.Dataset, name: str, window: str) -> np.ndarray | None:
        until = spans[window].stop
        if name == "sanctions":
            return at(source, name, range(base.first_month, until)).max(axis=1) > 0.0
        if name in POSTURES:
            return at(source, "posture", until - 1) == POSTURES.index(name)
        if name in ("cfsp_alignment", "un_position"):
            published = "cfsp_alignment_year" if name == "cfsp_alignment" else name
            return mean(source, published, "end") if window == "end" else None
        if name == "chapters_opened":
            return at(source, name, until - 1).astype(np.float64)
        return mean(source, name, window)

    outcomes, ledger = {}, {}
    for window in WINDOWS:
        for name in OUTCOMES:
            ours, theirs = value(data, name, window), value(before, name, window)
            if ours is not None and theirs is not None:
                outcomes[name, window] = paired(ours, theirs)
        for term in LEDGER:
            name = f"ledger_{term}"
            ledger[term, window] = paired_mean(mean(data, name, window), mean(before, name, window))
    questions = {
        q.id: paired_chance(came_true(data, q, scenario), came_true(before, q, base))
        for q in scenario.questions
    }
    facts: dict[str, dict[str, float]] = {name: {} for name in ("gain", "lose", "dear", "cheap", "spread")}
    for window in WINDOWS:
        ours, theirs = (mean(source, "gas_discount", window) for source in (data, before))
        for name, among in zip(
            facts, (ours > theirs, ours < theirs, theirs < 0.0, theirs > 0.0), strict=False
        ):
            facts[name][window] = 100.0 * float(among.mean())
        own, other = (float(mean(source, "lean", window).std(ddof=1)) for source in (data, before))
        facts["spread"][window] = own - other
    return Effect(scenario, base, outcomes, ledger, questions, facts | {"prices": long_run_prices(base)})


def long_run_prices(scenario: Scenario) -> dict[str, float]:
    """Return where the price process settles: gas on the market, and under the last contract's oil formula."""
    facts = gather(Record.load(), scenario.as_of)
    market, brent = np.exp(facts.process.level)
    return {"market": float(market), "contract": facts.contracts[max(facts.contracts)].slope * float(brent)}


# --- judged ---


def clear(pairs: Pairs) -> bool:
    """Return whether the difference is told from zero."""
    return pairs.discordant > 0 and (pairs.low > 0.0 or pairs.high < 0.0)


def verdict(effect: Effect, name: str, expectation: tuple[str, str]) -> str:
    """Return whether what theory expects came out."""
    sign, window = expectation
    pairs = effect.outcomes[name, window]
    if not clear(pairs):
        return "holds" if sign == "0" else "not told from zero"
    if sign == "0":
        return "not zero"
    return "holds" if (pairs.difference > 0.0) == (sign == "+") else "reversed"


def turns(effect: Effect) -> list[str]:
    """Return the outcomes that go one way in the first year and the other way at the end, both told from zero."""
    found = []
    for name, (_, decimals, _) in OUTCOMES.items():
        if name == "balancer":  # what the other two leave
            continue
        pairs = [effect.outcomes[name, window] for window in WINDOWS if (name, window) in effect.outcomes]
        signs = {np.sign(round(scaled(each.difference, name), decimals)) for each in pairs if clear(each)}
        if {-1.0, 1.0} <= signs:
            found.append(name)
    return found


def scaled(number: float, name: str) -> float:
    """Return a difference in the unit in which the page prints it."""
    return 100.0 * number if OUTCOMES.get(name, ("points",))[0] == "points" else number


# --- told ---


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
    found: dict[str, dict[str, float]] = {name: {} for name in OUTCOMES} | dict(effect.facts)
    for (name, window), pairs in effect.outcomes.items():
        found[name][window] = scaled(pairs.difference, name)
    for (term, window), pairs in effect.ledger.items():
        found.setdefault(f"{term}_term", {})[window] = pairs.difference
    return text.format(**{name: SimpleNamespace(**values) for name, values in found.items()})


def assumed(effect: Effect) -> str:
    """Return what a departure assumes and its base does not."""
    return "; ".join(each.split(" (")[0] for each in assumptions(effect.scenario, effect.base))


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
        expectation = entry["expected"].get(name)
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
            said = f"{expectation[0]} {'in the first year' if expectation[1] == 'first' else 'at the end'}"
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
    return pages.table(f"departure | {heads}", rows)


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
        "pairing": np.median([e.outcomes["lean", "first"].variance_ratio or 0.0 for e in effects]),
        "verdicts": [verdict(e, n, x) for e in effects for n, x in known[e.name]["expected"].items()],
        "quiet": [f"`{e.name}`" for e in effects if hardly_matters(e)],
    }
    return pages.made("effects", globals() | found, width=119)


if __name__ == "__main__":
    pages.write(PAGE, page())
