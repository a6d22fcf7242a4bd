"""`serbia-sim explain`: what moved the state in a run, by incentive."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.errors import WRONG_INPUT, fail, tell
from sim.cli.runs import RESULTS, OutputOption, RunArgument, load_run
from sim.cli.screen import width, wrapped
from sim.progress import bar
from sim.report.words import change_in_words, signed

if TYPE_CHECKING:
    from sim.contrasts import Effect, Ledger
    from sim.contrasts.ledger import Groups
    from sim.results import Run

_TERM = 13  # width of a line's name
_CELL = 16
_OUTCOMES = {
    "lean": "lean at the end",
    "sanctions": "sanctions by the end",
    "opponent": "opponent at the end",
}


def explain(
    name: RunArgument,
    members: Annotated[
        int,
        typer.Option(
            min=2, metavar="N", help="Replay at most this many of the run's members for the attribution."
        ),
    ] = 1024,
    worlds: Annotated[
        bool,
        typer.Option("--worlds", help="Which worlds lead to an answer instead: scenario discovery."),
    ] = False,
    outcome: Annotated[
        str | None,
        typer.Option(
            metavar="QUESTION",
            help="With --worlds: this question alone, with the tipping points of its chance.",
            show_default="all questions",
        ),
    ] = None,
    threshold: Annotated[
        float,
        typer.Option(min=0.0, max=1.0, metavar="P", help="With --outcome: the chance that is to be passed."),
    ] = 0.5,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of words.")] = False,
    output: OutputOption = RESULTS,
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
    from sim.contrasts import ContrastError, attribute, read_ledger
    from sim.contrasts.replays import replayed_months

    run = load_run(name, output)
    if worlds:
        from sim.cli.worlds import told_worlds

        print(told_worlds(run, outcome, threshold, as_json=as_json), flush=True)
        return
    if outcome is not None:
        fail("--outcome is of --worlds: name both, or neither", status=WRONG_INPUT)
    try:
        with bar("replaying without each incentive", replayed_months(run, members)) as advance:
            effects = attribute(run, members=members, progress=advance)
    except ContrastError as error:
        fail(str(error), status=WRONG_INPUT)
    ledger = read_ledger(run)
    told = (
        json.dumps(_in_json(run, ledger, effects), indent=2) if as_json else _in_words(run, ledger, effects)
    )
    print(told, flush=True)
    if replayed_months(run, members):
        tell(f"{run.folder}: attribution.csv cannot be kept there; the next call replays the members again")


def _in_json(run: Run, ledger: Ledger, effects: Iterable[Effect]) -> dict[str, Any]:
    return {
        "scenario": run.provenance["scenario"],
        "run": str(run.folder),
        "ledger": [{**asdict(entry), "date": str(entry.date)} for entry in ledger.entries],
        "movements": [asdict(movement) for movement in ledger.movements],
        "sanctions": asdict(ledger.sanctions),
        "posture": asdict(ledger.posture),
        "attribution": [
            {"term": effect.term, "outcome": effect.outcome, **asdict(effect), "verdict": effect.verdict}
            for effect in effects
        ],
    }


def _in_words(run: Run, ledger: Ledger, effects: tuple[Effect, ...]) -> str:
    made = run.provenance
    first, last, most = ledger.entries[0].date, ledger.entries[-1].date, ledger.movements[0]
    lines = [
        *wrapped(made["title"]),
        *wrapped(
            f"What the model says moved {run.country.state}, in {made['members']:,} simulated histories, {run.basis}. "
            "The record says little about the weights, so that the ranges are mostly what is not known of them."
        ),
        "",
        *wrapped(
            "What each line adds to the lean called for, in logits, up towards the EU's line: the median, and beneath "
            "it the range of nine members in ten"
        ),
        *_over_time(ledger),
        "",
        *wrapped(
            f"What moved it most from {first} to {last}: {most.term} (size: the mean whatever the sign)"
        ),
        f"{'':{_TERM}}{'mean':>8}{'size':>8}{'rising':>9}",
    ]
    lines += [
        f"{m.term:<{_TERM}}{signed(m.mean, 2):>8}{m.size:>8.2f}{100.0 * m.rising:>7.0f} %"
        for m in ledger.movements
    ]
    lines += ["", *wrapped("The year before sanctions, and the same months where none came: means")]
    lines += _groups(ledger.sanctions)
    lines += ["", *wrapped(f"The year up to {last}, by posture then: means (who differs, not why)")]
    lines += _groups(ledger.posture)
    lines += [
        "",
        *wrapped(
            f"Attribution: the first {effects[0].members:,} members again, each incentive switched off from "
            f"{made['as_of']} on. What changes without it, with its interval; * is not chance: of ten such "
            "tables in which nothing differs, nine have none. Probabilities in points of per cent."
        ),
        *_attribution(effects),
    ]
    from sim.incentives import SHIELDED, called

    own = called(SHIELDED, run.country)
    text = "\n".join(line.rstrip() for line in lines)
    return text.replace(f"\n{SHIELDED:<{_TERM}}", f"\n{own:<{_TERM}}").replace(
        f"without {SHIELDED}", f"without {own}"
    )


def _over_time(ledger: Ledger) -> Iterator[str]:
    dates = sorted({entry.date for entry in ledger.entries})
    terms = list(dict.fromkeys(entry.term for entry in ledger.entries))
    found = {(entry.term, entry.date): entry for entry in ledger.entries}
    most = (width() - _TERM) // _CELL
    for start in range(0, len(dates), most):
        abreast = dates[start : start + most]
        yield " " * _TERM + "".join(f"{date:%Y-%m}".rjust(_CELL) for date in abreast)
        for term in terms:
            entries = [found[term, date] for date in abreast]
            yield f"{term:<{_TERM}}" + "".join(signed(entry.median, 2).rjust(_CELL) for entry in entries)
            ranges = [f"{signed(entry.low, 2)} to {signed(entry.high, 2)}" for entry in entries]
            yield " " * _TERM + "".join(text.rjust(_CELL) for text in ranges)


def _groups(groups: Groups) -> Iterator[str]:
    cell = min((width() - _TERM) // len(groups.names), _CELL + 2)
    for heads in (groups.names, [f"({size:,})" for size in groups.sizes]):
        yield " " * _TERM + "".join(head.rjust(cell) for head in heads)
    for term, means in groups.means.items():
        cells = ["-" if mean is None else signed(mean, 2) for mean in means]
        yield f"{term:<{_TERM}}" + "".join(text.rjust(cell) for text in cells)


def _attribution(effects: Iterable[Effect]) -> Iterator[str]:
    """Yield what changes without each incentive: in columns, or line by line where these do not fit."""
    rows: dict[str, dict[str, str]] = {}
    for effect in effects:
        scale, places = (1.0, 2) if effect.outcome == "lean" else (100.0, 1)
        rows.setdefault(effect.term, {})[effect.outcome] = change_in_words(effect, scale, places)
    cell = max(len(text) for cells in rows.values() for text in [*cells.values(), *_OUTCOMES.values()]) + 2
    if _TERM + len(_OUTCOMES) * cell - 2 <= width():
        yield f"{'without':<{_TERM}}" + "".join(f"{head:<{cell}}" for head in _OUTCOMES.values())
        for term, cells in rows.items():
            yield f"{term:<{_TERM}}" + "".join(f"{cells[name]:<{cell}}" for name in _OUTCOMES)
        return
    for term, cells in rows.items():
        yield f"without {term}"
        for name, head in _OUTCOMES.items():
            yield f"  {head:<{cell}}{cells[name]}"
