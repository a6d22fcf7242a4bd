"""`serbia-sim explain`: what moved the state in a run, by incentive; or which worlds lead to an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from sim.cli import options
from sim.cli.errors import refuse, tell
from sim.cli.options import RESULTS, flag, load_run, option
from sim.cli.screen import Part, Text, answer, named, picked, table, wrapped
from sim.clock import month_end
from sim.execution.progress import bar
from sim.words import OUTCOMES, STAR, effect_in_words, minus, per_cent, percent, signed

if TYPE_CHECKING:
    from sim.contrasts import Effect, Ledger
    from sim.contrasts.ledger import Entry, Groups
    from sim.runs.results import Run
    from sim.sensitivity import Box, Histories, Tipping

_Name = Callable[[str], str]  # tells an incentive's name as people read it
_percent = partial(percent, tenths=0.1)


def explain(
    name: options.Run,
    members: Annotated[
        int, option("N", "Replay at most this many of the run's members for the attribution.", min=2)
    ] = 1024,
    worlds: Annotated[
        bool, flag("--worlds", "Which worlds lead to an answer instead: scenario discovery.")
    ] = False,
    outcome: Annotated[
        str | None,
        option(
            "QUESTION",
            "With --worlds: this question alone, with the tipping points of its chance.",
            show_default="all questions",
        ),
    ] = None,
    threshold: Annotated[
        float, option("P", "With --outcome: the chance that is to be passed.", min=0.0, max=1.0)
    ] = 0.5,
    as_json: options.Json = False,
    output: options.Output = RESULTS,
) -> None:
    """Print the ledger of incentives: what moved the state, by which and over time, and what each does in the model.

    Attribution replays the run's first members with one incentive's weight at 0 from the origin on, all else equal, one
    incentive after another; attribution.csv in the run folder keeps it. All of it is what the model says.

    The JSON object has scenario, run, ledger (term, date, median, low, high), movements (term, mean, size, rising),
    sanctions and posture (names, sizes, means by term) and attribution (term, outcome, members, baseline with the
    incentive, value without it, difference, low, high, unpaired_width, variance_ratio, discordant, verdict).

    With --worlds: which combinations of drivers, as prices, war or pressure before the outcome, and of parameters lead
    to an answer, found on one half of the members and judged on the other (docs/sensitivity.md). Its JSON object has
    scenario, run, worlds (question, landmark, open, aside, base, observed and all, with the boxes of drivers alone and
    with parameters: conditions, density, error, base, coverage, share) and tipping (of --outcome; else null).
    """
    run = load_run(name, output)
    if worlds:
        _tell_worlds(run, outcome, threshold, as_json)
    elif outcome is not None:
        refuse("--outcome is of --worlds: name both, or neither")
    else:
        _tell_incentives(run, members, as_json)


def _tell_incentives(run: Run, members: int, as_json: bool) -> None:
    from sim.contrasts import attribute, read_ledger
    from sim.contrasts.replays import replayed_months

    with bar("replaying without each incentive", replayed_months(run, members)) as advance:
        effects = attribute(run, members=members, progress=advance)
    ledger = read_ledger(run)
    attribution = [
        {"term": each.term, "outcome": each.outcome, **asdict(each), "verdict": each.verdict}
        for each in effects
    ]
    groups = picked(vars(ledger), "movements", "sanctions", "posture")
    json = {**named(run), "ledger": ledger.entries, **groups, "attribution": attribution}
    answer(as_json, json, _in_words(run, ledger, effects))
    if replayed_months(run, members):
        tell(f"{run.folder}: attribution.csv cannot be kept there; the next call replays the members again")


def _in_words(run: Run, ledger: Ledger, effects: tuple[Effect, ...]) -> Iterator[Part]:
    from sim.world.incentives import called

    made, own = run.provenance, partial(called, country=run.country)
    moved = (
        (own(m.term), signed(m.mean, 2), f"{m.size:.2f}", f"{100.0 * m.rising:.0f} %")
        for m in ledger.movements
    )
    first, last, most = ledger.entries[0].date, ledger.entries[-1].date, ledger.movements[0]
    yield [
        made["title"],
        f"What the model says moved {run.country.state}, in {made['members']:,} simulated histories, {run.basis}. "
        "The record says little about the weights, so that the ranges are mostly what is not known of them.",
    ]
    yield [
        "What each line adds to the lean called for, in logits, up towards the EU's line: the median, and beneath "
        "it the range of nine members in ten",
        _over_time(ledger, own),
    ]
    yield [
        f"What moved it most from {first} to {last}: {own(most.term)} (size: the mean whatever the sign)",
        table([("", "mean", "size", "rising"), *moved]),
    ]
    before = "The year before sanctions, and the same months where none came: means"
    yield [before, _groups(ledger.sanctions, own)]
    yield [
        f"The year up to {last}, by posture then: means (who differs, not why)",
        _groups(ledger.posture, own),
    ]
    yield [
        f"Attribution: the first {effects[0].members:,} members again, each incentive switched off from "
        f"{made['as_of']} on. What changes without it, with its interval; {STAR}. Probabilities in points of per cent.",
        _attribution(effects, own),
    ]


def _over_time(ledger: Ledger, own: _Name) -> list[str]:
    lines: dict[str, list[Entry]] = {}
    for entry in ledger.entries:
        lines.setdefault(entry.term, []).append(entry)
    rows = [["", *(f"{day:%Y-%m}" for day in dict.fromkeys(entry.date for entry in ledger.entries))]]
    for term, entries in lines.items():
        rows.append([own(term), *(signed(entry.median, 2) for entry in entries)])
        rows.append(["", *(f"{signed(entry.low, 2)} to {signed(entry.high, 2)}" for entry in entries)])
    return table(rows)


def _groups(groups: Groups, own: _Name) -> list[str]:
    rows = [["", *groups.names], ["", *(f"({size:,})" for size in groups.sizes)]]
    for term, means in groups.means.items():
        rows.append([own(term), *("-" if mean is None else signed(mean, 2) for mean in means)])
    return table(rows)


def _attribution(effects: Iterable[Effect], own: _Name) -> list[str]:
    """Return what changes without each incentive."""
    found: dict[str, dict[str, str]] = {"without": OUTCOMES}
    for effect in effects:
        found.setdefault(own(effect.term), {})[effect.outcome] = effect_in_words(effect, effect.outcome)
    return table([[term, *(cells[name] for name in OUTCOMES)] for term, cells in found.items()], "<")


def _tell_worlds(run: Run, outcome: str | None, threshold: float, as_json: bool) -> None:
    from sim.sensitivity import SensitivityError, courses, discover, histories, tipping_points

    parts: list[Part] = [[run.scenario.title, _ABOUT_WORLDS]]
    told: list[dict[str, Any]] = []
    for name in [outcome] if outcome else [question.id for question in run.scenario.questions]:
        try:
            found = histories(run, name)
            observed, every = discover(found, parameters=False), discover(found)
        except SensitivityError as error:
            if outcome:
                raise
            parts.append(f"{name}: {error}.")
            told.append({"question": name, "why_not": str(error)})
        else:
            parts.append(_worlds_in_words(run, found, observed, every))
            told.append(
                {
                    "question": name,
                    "landmark": month_end(found.landmark),
                    "open": int(found.came.size),
                    "aside": found.aside,
                    "base": float(found.came.mean()),
                    "observed": observed,
                    "all": every,
                }
            )
    tipping = None
    if outcome:
        chance, tips = tipping_points(run, outcome, threshold=threshold, progress=True)
        held = courses(run, outcome, progress=True)
        tipping = {"chance": chance, "points": tips, "courses": held}
        parts += [_tipping(chance, tips, threshold), _courses(chance, held, threshold)]
    answer(as_json, {**named(run), "worlds": told, "tipping": tipping}, parts)


_ABOUT_WORLDS = (
    "Which worlds lead to an answer: found on half of the members, judged on the others. Drivers are read from the "
    "origin to a landmark half-way to the answer; what is decided by then is set aside. \u00b1 is one standard error."
)


def _worlds_in_words(
    run: Run, found: Histories, observed: tuple[Box, ...], every: tuple[Box, ...]
) -> Iterator[Text]:
    yield found.question.text
    yield (
        f"By the landmark, {month_end(found.landmark)}, {found.aside:,} of {run.provenance['members']:,} histories are "
        f"decided; of the others {_percent(float(found.came.mean()))} come to yes."
    )
    seen = {box for box in observed if box.told}
    for what, boxes in (("What could be seen by then", observed), ("With the parameters", every)):
        told = [
            f"of histories with {_conditions(box)}, {_percent(box.density)} \u00b1 {100 * box.error:.1f} do, against "
            f"{_percent(box.base)} of all; they are {_percent(box.coverage)} of those that do, and "
            f"{_percent(box.share)} of all"
            for box in boxes
            if box.told and (boxes is observed or box not in seen)
        ]
        for words in told or [f"nothing {'more ' if seen else ''}that the other half bears out"]:
            yield wrapped(f"{what}: {words}.", "  ", "    ")


def _conditions(box: Box) -> str:
    from sim.sensitivity import DRIVERS

    drivers = {driver.quantity: driver for driver in DRIVERS if driver.yes}
    words = []
    for name, side, value in box.conditions:
        if driver := drivers.get(name):
            words.append(driver.yes if side == "at least" else driver.no)
        else:
            words.append(f"{name} {side} {value:.3g}")
    return " and ".join(words)


def _tipping(first: float, tips: Iterable[Tipping], threshold: float) -> Iterator[Text]:
    yield (
        f"Tipping points: what would have to be held from the origin on for the chance to pass {_percent(threshold)}, "
        f"from {_percent(first)}; [its interval, nine in ten]."
    )
    rows = ((tip.name, f"{tip.present:.3g}", _where(tip), tip.unit) for tip in tips)
    yield table([("", "now", "passes at", ""), *rows], "<", prose=True)


def _where(tip: Tipping) -> str:
    if tip.value is None or tip.low is None or tip.high is None:
        return f"none from {tip.least:.2g} to {tip.most:.2g}: {_percent(tip.reached)} at an end"
    return minus(f"{tip.value:.2g} [{tip.low:.2g}, {tip.high:.2g}]")


def _courses(first: float, held: dict[str, tuple[float, float]], threshold: float) -> Iterator[Text]:
    yield (
        "The war held to one course from the origin on, or another coalition at once: the chance then \u00b1 one "
        "standard error; ! where it has passed."
    )
    passed = {name: (chance >= threshold) != (first >= threshold) for name, (chance, _) in held.items()}
    rows = ((per_cent(*found, width=6), "!" if passed[name] else "", name) for name, found in held.items())
    yield table(rows, "<", prose=True)
