"""Paired effects of the shipped departures, measured and judged; `effects.py` makes the page of them.

The same members with the same luck live through both scenarios; what differs is what the departure does. What theory
expects stands in effects.toml.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from sim.contrasts.assumptions import first_month_apart
from sim.contrasts.pairs import Pairs, paired_chance, paired_mean
from sim.ensemble import simulate
from sim.facts import gather
from sim.forecasting import came_true
from sim.incentives import LEDGER
from sim.mechanisms.choice import POSTURES
from sim.members import at
from sim.observations import Record
from sim.scenario import Scenario, read_scenario

EXPECTED = Path(__file__).with_name("effects.toml")
WINDOWS = ("first", "end")

OUTCOMES = {
    # name: unit, decimals, where theory is judged
    "lean": ("logit", 3, "first"),
    "sanctions": ("points", 1, "end"),
    "opponent": ("points", 1, "end"),
    "balancer": ("points", 1, "end"),
    "ally": ("points", 1, "end"),
    "cfsp_alignment": ("share", 3, "end"),
    "eu_support": ("share", 3, "end"),
    "chapters_opened": ("chapters", 2, "end"),
    "un_position": ("ideal point", 3, "end"),
    "gas_discount": ("share", 3, "first"),
    "arms": ("EUR million a month", 2, "first"),
    "displeasure": ("share", 3, "first"),
    "belief": ("probability", 3, "first"),
    "normalisation": ("share", 3, "end"),
    "dependence": ("share", 3, "end"),
    "credibility": ("share", 3, "first"),
    "pressure": ("share", 3, "first"),
}


@dataclass(frozen=True)
class Effect:
    """What a departure does against its base, measured on paired members."""

    name: str
    scenario: Scenario
    base: Scenario
    outcomes: dict[tuple[str, str], Pairs]
    ledger: dict[tuple[str, str], Pairs]
    questions: dict[str, Pairs]
    facts: dict[str, dict[str, float]]


def entries() -> dict[str, dict]:
    """Return what theory says of each departure; `expected` holds a sign, and a window if named, by outcome."""
    known = tomllib.loads(EXPECTED.read_text(encoding="utf-8"))
    for entry in known.values():
        entry["expected"] = {}
        for key, sign in (("rise", "+"), ("fall", "-"), ("stay", "0")):
            for outcome in entry.get(key, []):
                name, _, window = outcome.partition("@")
                entry["expected"][name] = f"{sign}@{window}" if window else sign
    return known


def runs(
    members: int, among: Sequence[str] | None = None
) -> Iterator[tuple[Scenario, Scenario, xr.Dataset, xr.Dataset]]:
    """Yield departure, base, and the data of both, of all departures or of those named."""
    names = [name for name in entries() if among is None or name in among]
    base_of = {name: Path(read_scenario(name).chain[1]).stem for name in names}
    kept: dict[str, xr.Dataset] = {}
    for name in names:
        base = base_of[name]
        if base not in kept:
            kept[base] = simulate(read_scenario(base), members=members)
        data = simulate(read_scenario(name), members=members)
        if name in base_of.values():
            kept[name] = data
        yield read_scenario(name), read_scenario(base), data, kept[base]


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
                paired = paired_chance if ours.dtype == bool else paired_mean
                outcomes[name, window] = paired(ours, theirs)
        for term in LEDGER:
            name = f"ledger_{term}"
            ledger[term, window] = paired_mean(mean(data, name, window), mean(before, name, window))
    questions = {
        q.id: paired_chance(came_true(data, q, scenario), came_true(before, q, base))
        for q in scenario.questions
    }
    facts: dict[str, dict[str, float]] = {name: {} for name in ("spread", "gain", "lose", "dear", "cheap")}
    for window in WINDOWS:
        ours, theirs = mean(data, "gas_discount", window), mean(before, "gas_discount", window)
        for name, among in (
            ("gain", ours > theirs),
            ("lose", ours < theirs),
            ("dear", theirs < 0.0),
            ("cheap", theirs > 0.0),
        ):
            facts[name][window] = 100.0 * float(among.mean())
        leans = [mean(source, "lean", window).std(ddof=1) for source in (data, before)]
        facts["spread"][window] = float(leans[0] - leans[1])
    facts["prices"] = long_run_prices(base)
    return Effect(scenario.name, scenario, base, outcomes, ledger, questions, facts)


def long_run_prices(scenario: Scenario) -> dict[str, float]:
    """Return where the price process settles: gas on the market, and under the last contract's oil formula."""
    facts = gather(Record.load(), scenario.as_of)
    market, brent = np.exp(facts.process.level)
    return {"market": float(market), "contract": facts.contracts[max(facts.contracts)].slope * float(brent)}


def clear(pairs: Pairs) -> bool:
    """Return whether the difference is told from zero."""
    return pairs.discordant > 0 and (pairs.low > 0.0 or pairs.high < 0.0)


def judged(name: str, expectation: str) -> tuple[str, str]:
    """Return the sign that theory expects and the window in which it is judged."""
    sign, _, window = expectation.partition("@")
    return sign, window or OUTCOMES[name][2]


def verdict(effect: Effect, name: str, expectation: str) -> str:
    """Return whether what theory expects came out."""
    sign, window = judged(name, expectation)
    pairs = effect.outcomes[name, window]
    if sign == "0":
        return "not zero" if clear(pairs) else "holds"
    if not clear(pairs):
        return "not told from zero"
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
