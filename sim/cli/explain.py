"""`serbia-sim explain`: what moved the state in a run, by incentive."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from sim.cli import options
from sim.cli.compare import named
from sim.cli.errors import refuse, tell
from sim.cli.options import RESULTS, flag, load_run, option
from sim.cli.screen import row, say, say_json, width, wrapped
from sim.progress import bar
from sim.words import OUTCOMES, STAR, effect_in_words, signed

if TYPE_CHECKING:
    from sim.contrasts import Effect, Ledger
    from sim.contrasts.ledger import Groups
    from sim.results import Run

_TERM = 13  # width of a line's name
_CELL = 16
_Name = Callable[[str], str]  # tells an incentive's name as people read it


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
            default="all questions",
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
    from sim.contrasts import attribute, read_ledger
    from sim.contrasts.replays import replayed_months

    run = load_run(name, output)
    if worlds:
        from sim.cli.worlds import tell_worlds

        tell_worlds(run, outcome, threshold, as_json=as_json)
        return
    if outcome is not None:
        refuse("--outcome is of --worlds: name both, or neither")
    with bar("replaying without each incentive", replayed_months(run, members)) as advance:
        effects = attribute(run, members=members, progress=advance)
    ledger = read_ledger(run)
    if as_json:
        say_json(_in_json(run, ledger, effects))
    else:
        say(line.rstrip() for line in _in_words(run, ledger, effects))
    if replayed_months(run, members):
        tell(f"{run.folder}: attribution.csv cannot be kept there; the next call replays the members again")


def _in_json(run: Run, ledger: Ledger, effects: Iterable[Effect]) -> dict[str, Any]:
    told = asdict(ledger)
    attribution = [
        {"term": effect.term, "outcome": effect.outcome, **asdict(effect), "verdict": effect.verdict}
        for effect in effects
    ]
    return {**named(run), "ledger": told.pop("entries"), **told, "attribution": attribution}


def _in_words(run: Run, ledger: Ledger, effects: tuple[Effect, ...]) -> Iterator[str]:
    from sim.incentives import called

    made, own = run.provenance, partial(called, country=run.country)
    first, last, most = ledger.entries[0].date, ledger.entries[-1].date, ledger.movements[0]
    yield from wrapped(made["title"])
    yield from wrapped(
        f"What the model says moved {run.country.state}, in {made['members']:,} simulated histories, {run.basis}. "
        "The record says little about the weights, so that the ranges are mostly what is not known of them."
    )
    yield ""
    yield from wrapped(
        "What each line adds to the lean called for, in logits, up towards the EU's line: the median, and beneath "
        "it the range of nine members in ten"
    )
    yield from _over_time(ledger, own)
    yield ""
    yield from wrapped(
        f"What moved it most from {first} to {last}: {own(most.term)} (size: the mean whatever the sign)"
    )
    yield f"{'':{_TERM}}{'mean':>8}{'size':>8}{'rising':>9}"
    for m in ledger.movements:
        yield f"{own(m.term):<{_TERM}}{signed(m.mean, 2):>8}{m.size:>8.2f}{100.0 * m.rising:>7.0f} %"
    yield from ("", *wrapped("The year before sanctions, and the same months where none came: means"))
    yield from _groups(ledger.sanctions, own)
    yield from ("", *wrapped(f"The year up to {last}, by posture then: means (who differs, not why)"))
    yield from _groups(ledger.posture, own)
    yield ""
    yield from wrapped(
        f"Attribution: the first {effects[0].members:,} members again, each incentive switched off from "
        f"{made['as_of']} on. What changes without it, with its interval; {STAR}. Probabilities in points of per cent."
    )
    yield from _attribution(effects, own)


def _over_time(ledger: Ledger, own: _Name) -> Iterator[str]:
    dates = sorted({entry.date for entry in ledger.entries})
    terms = list(dict.fromkeys(entry.term for entry in ledger.entries))
    found = {(entry.term, entry.date): entry for entry in ledger.entries}
    most = (width() - _TERM) // _CELL
    for start in range(0, len(dates), most):
        abreast = dates[start : start + most]
        yield row("", [f"{date:%Y-%m}" for date in abreast], _TERM, _CELL)
        for term in terms:
            entries = [found[term, date] for date in abreast]
            yield row(own(term), [signed(entry.median, 2) for entry in entries], _TERM, _CELL)
            ranges = [f"{signed(entry.low, 2)} to {signed(entry.high, 2)}" for entry in entries]
            yield row("", ranges, _TERM, _CELL)


def _groups(groups: Groups, own: _Name) -> Iterator[str]:
    cell = min((width() - _TERM) // len(groups.names), _CELL + 2)
    yield row("", groups.names, _TERM, cell)
    yield row("", [f"({size:,})" for size in groups.sizes], _TERM, cell)
    for term, means in groups.means.items():
        yield row(own(term), ["-" if mean is None else signed(mean, 2) for mean in means], _TERM, cell)


def _attribution(effects: Iterable[Effect], own: _Name) -> Iterator[str]:
    """Yield what changes without each incentive: in columns, or line by line where these do not fit."""
    rows: dict[str, dict[str, str]] = {}
    for effect in effects:
        rows.setdefault(effect.term, {})[effect.outcome] = effect_in_words(effect, effect.outcome)
    cell = max(len(text) for cells in rows.values() for text in [*cells.values(), *OUTCOMES.values()]) + 2
    if _TERM + len(OUTCOMES) * cell - 2 <= width():
        yield f"{'without':<{_TERM}}" + "".join(f"{head:<{cell}}" for head in OUTCOMES.values())
        for term, cells in rows.items():
            yield f"{own(term):<{_TERM}}" + "".join(f"{cells[name]:<{cell}}" for name in OUTCOMES)
        return
    for term, cells in rows.items():
        yield f"without {own(term)}"
        for name, head in OUTCOMES.items():
            yield f"  {head:<{cell}}{cells[name]}"
