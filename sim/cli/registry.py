"""The commands of the ledger of forecasts: register, resolve, ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Annotated

from sim.cli import options
from sim.cli.errors import refuse, tell
from sim.cli.options import RESULTS, flag, load_run, option
from sim.cli.screen import Part, say, table
from sim.names import printable
from sim.quantities.catalogue import QUANTITIES
from sim.record.country import DEFAULT
from sim.words import counted, day_in_words, judged, per_cent

if TYPE_CHECKING:
    from sim.registry import Chain, Forecast, Resolution, Standing

_FORECASTS = (
    "Forecast: chance \u00b1 one standard error [range over judgement]; of a number median, nine in ten."
)
_SCORED = ("due", "forecast", "came", "score", "persist.", "question")
_WAITING = ("due", "forecast", "question")

_LEDGER = RESULTS / "ledger"


def register(
    name: options.Run,
    hindcast: Annotated[
        bool, flag("--hindcast", "Register what could be known already too, marked as such.")
    ] = False,
    ledger: options.Ledger = _LEDGER,
    output: options.Output = RESULTS,
) -> None:
    """Register a run's forecast in the ledger of forecasts, before what it is about has come.

    A line is added for each question, with its probability, error and range, and for each number at each year's end,
    with its quantiles; each with what persistence says, and with the digests of scenario, code, record and run. Nothing
    in the ledger is ever changed: each line holds the digest of the line before. A run that is registered is not
    registered again.

    A run whose origin lies before the record's end is no forecast, nor is an answer whose date has passed: both are
    registered with --hindcast only, and their scores are kept apart.
    """
    from sim.registry import register as add

    run = load_run(name, output)
    done = add(run, ledger, hindcast=hindcast)
    if done.decided:
        left = counted(len(done.decided), "forecast")
        tell(f"{left} left out: the date has passed; --hindcast registers them as hindcasts")
    if done.known:
        when = day_in_words(max(each.registered for each in done.known))
        known = counted(len(done.known), "forecast")
        tell(f"{known} of this run in the ledger since {when}, and not registered again")
    if done.new:
        kind = "hindcast" if all(each.hindcast for each in done.new) else "forecast"
        print(f"Registered: {counted(len(done.new), kind)} in {done.path}")
    else:
        print(f"Nothing registered in {done.path}")


def resolve(
    observations: Annotated[
        Path | None,
        option("FILE", "CSV: target,start,end,value,trials,source, for what the record does not say."),
    ] = None,
    ledger: options.Ledger = _LEDGER,
) -> None:
    """Score what has come due in the ledger of forecasts, each forecast once, and print where all stand.

    What came is read from the record, or from a file of observations where the record does not say. Questions that ask
    whether something ever comes true are scored as soon as it does. A probability gets the Brier and the log score, a
    number the weighted interval score of its quantiles; beside it stands persistence, which says that all stays as it
    was known on the origin. The scores are added as lines; the forecasts' own lines stay.

    What is due and cannot be settled is listed with the reason.
    """
    from sim.registry import read_ledger, resolve as settle

    _there(ledger)
    done = settle(ledger, observations)
    chain, _ = read_ledger(ledger)
    for fault in done.faults:
        tell(str(fault))
    say(*_in_words(chain, done.standings, done.new))


def ledger(ledger: options.Ledger = _LEDGER) -> None:
    """Verify the ledger of forecasts, and print where its forecasts stand: open, due or scored.

    If a line was changed, removed, repeated or moved, the first is named and the status is 2. The digest of the last
    line stands for all of them: whoever noted it can tell whether lines were taken from the end since.
    """
    from sim.registry import read_ledger

    _there(ledger)
    chain, standings = read_ledger(ledger)
    say(*_in_words(chain, standings))


def _there(folder: Path) -> None:
    from sim.registry import FILE

    if not (folder / FILE).exists():
        refuse(f"{folder / FILE}: there is no ledger; `serbia-sim register RUN` begins one")


def _in_words(
    chain: Chain, standings: Sequence[Standing], new: frozenset[str] | None = None
) -> Iterator[Part]:
    """Yield where forecasts stand, in parts; `new` are the digests of the lines scored just now."""
    from sim.record.observations import Record

    torn = f"After them {chain.torn} bytes that are no line: a write was interrupted; the next one cuts them off."
    states = sorted({each.forecast.state for each in standings}) or [DEFAULT]
    ends = {state: day_in_words(Record.load(state).ends) for state in states}
    yield [
        "" if new is None else f"Scored now: {len(new)}",
        f"{chain.path}: {len(chain.links)} lines, each as it was written.",
        torn if chain.torn else "",
        [f"Last digest: {chain.last}"],
        *(
            f"The record{'' if state == DEFAULT else f' of {state}'} ends on {day}."
            for state, day in ends.items()
        ),
    ]
    for hindcast in (False, True):
        part = [each for each in standings if each.forecast.hindcast == hindcast]
        if hindcast and not part:
            return
        if hindcast:
            yield "Hindcasts: what came could be known when they were registered."
        counts = {state: sum(each.state == state for each in part) for state in ("open", "due", "scored")}
        yield [", ".join(f"{count} {state}" for state, count in counts.items()) + ".", *_means(part)]
        yield from _listed(part, new or frozenset())


def _means(standings: Iterable[Standing]) -> Iterator[str]:
    """Yield the mean scores, beside those of persistence on the same questions."""
    scored = [(each.forecast, each.resolution) for each in standings if each.resolution]
    if chances := [(r.brier, r.persistence_score or 0.0) for _, r in scored if r.brier is not None]:
        own, rival = map(fmean, zip(*chances, strict=True))
        yield (
            f"Brier score of {counted(len(chances), 'yes-no question')}: {own:.3f}; persistence {rival:.3f}, always "
            "one half 0.250. The lower, the better."
        )
    numbers = sorted(
        (f.target, r.interval_score, r.persistence_score)
        for f, r in scored
        if r.interval_score is not None and r.persistence_score is not None
    )
    for target, rows in groupby(numbers, key=itemgetter(0)):
        _, owns, rivals = zip(*rows, strict=True)
        yield (
            f"Interval score of {target}, {counted(len(owns), 'figure')}: {fmean(owns):.3g}; persistence "
            f"{fmean(rivals):.3g}."
        )


def _listed(standings: Iterable[Standing], new: frozenset[str]) -> Iterator[Part]:
    def run_of(each: Standing) -> tuple[str, str, str]:
        said = each.forecast
        return f"{said.registered}", said.scenario, said.run

    for (_, scenario, run), part in groupby(sorted(standings, key=run_of), key=run_of):
        rows = sorted(part, key=lambda each: (each.state != "scored", each.forecast.due, each.link.number))
        said = rows[0].forecast
        unknown = f", {said.days_beyond_record} days beyond the record" if said.days_beyond_record else ""
        waiting = [_waiting(each) for each in rows if each.resolution is None]
        scored = [
            _scored(each.forecast, each.resolution, new=each.link.digest in new)
            for each in rows
            if each.resolution is not None
        ]
        yield [
            f"{printable(scenario)}, run {printable(run)}: as of {said.as_of}{unknown}, registered "
            f"{said.registered:%Y-%m-%d}",
            table([_SCORED, *scored], "<<>>><", prose=True) if scored else [],
            _FORECASTS if waiting else "",
            table([_WAITING, *waiting], "<", prose=True) if waiting else [],
        ]


def _waiting(each: Standing) -> tuple[str, str, str]:
    said = each.forecast
    why = f"\ndue, not settled: {printable(each.why)}" if each.state == "due" else ""
    return f"{said.due}", _forecast(said), printable(said.text) + why


def _scored(said: Forecast, came: Resolution, *, new: bool) -> tuple[str, ...]:
    if said.probability is not None:
        score, outcome = came.brier, "yes" if came.outcome else "no"
        told = per_cent(said.probability)
    else:
        score = came.interval_score
        outcome, told = (QUANTITIES[said.target].said(value) for value in (came.outcome, _at(said, 0.5)))
    scores = ("-" if value is None else f"{value:.3f}" for value in (score, came.persistence_score))
    return f"{said.due}", told, outcome, *scores, ("new: " if new else "") + printable(said.text)


def _forecast(said: Forecast) -> str:
    """Return a forecast in words: chance, error and range over judgement, or median and nine in ten."""
    if said.probability is None:
        low, middle, high = (QUANTITIES[said.target].said(_at(said, level)) for level in (0.05, 0.5, 0.95))
        return f"{middle}, {low} to {high}"
    if said.model_probability not in (None, said.probability):
        return f"{per_cent(said.probability, width=5)} pooled"  # error and range are the model's own
    ranged = judged(said.low, said.high)
    return per_cent(said.probability, said.mcse, width=5) + (f" [{ranged}]" if ranged else "")


def _at(said: Forecast, level: float) -> float:
    """Return the quantile nearest to a level."""
    return min(((abs(float(at) - level), value) for at, value in (said.quantiles or {}).items()))[1]
