"""What `serbia-sim run` prints: the answers in words, or as one JSON object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.cli.compare import in_json, in_words, named
from sim.cli.own_record import record_in_words
from sim.cli.screen import beside, wrapped
from sim.report.words import POOLED, beyond, what_came
from sim.words import histories

if TYPE_CHECKING:
    from sim.contrasts import Contrast
    from sim.results import Run
    from sim.rows import Row

_PLAIN, _RANGED = 20, 29  # where a question's words begin, after its probability alone or with its range
_OUTCOME = 28


def headline(made: Run, compared: Contrast | None, *, known: bool) -> str:
    """Return the answer in words: the scenario's questions with probability, error and range."""
    spec = made.scenario
    members, seed = made.provenance["members"], made.provenance["seed"]
    lines = [
        *wrapped(spec.title),
        *wrapped(
            f"As known on {spec.as_of:%-d %B %Y}; {histories(members)} to "
            f"{spec.until:%-d %B %Y}, seed\N{NO-BREAK SPACE}{seed}."
        ),
        *wrapped(_basis(made)),
        *wrapped(beyond(made)),
        *_precise(made),
    ]
    # what --against shows in full need not stand here too
    if compared is None:
        for event in spec.events:
            lines += wrapped(f"Assumed {event} ({event.source}).", more="  ")
    lines.append("")
    since = _since(made)
    for row in made.table("questions"):
        cells = _percent(row["probability"], row["mcse"])
        if made.learned:
            low, high = (f"{100 * row[name]:.0f}" for name in ("low", "high"))
            ranged = f"[{low:>2} to {high}]" if low != high else ""  # judgement does not matter
            cells = f"{cells:<15}{ranged}"
        lines += beside(
            cells, row["text"] + _pooled(row) + since[row["id"]], _RANGED if made.learned else _PLAIN
        )
    if any(row["pooled"] is not None for row in made.table("questions")):
        lines += ["", *wrapped(POOLED)]
    if made.learned and spec.questions:
        lines += ["", *wrapped(_range_in_words())]
    if not spec.questions:
        for row in _last(made):
            lines += beside(f"{row['target']} {row['category']}", _outcome(row), _OUTCOME)
    if compared is not None:
        lines += ["", in_words(compared), "", f"Compared with: {compared.baseline.folder}"]
    else:
        lines.append("")
    return "\n".join([*lines, f"{'Found' if known else 'Written'}: {made.folder}"])


def _pooled(row: Row) -> str:
    """Return the probability by the pooled forecast, as a further word on a question."""
    return "" if row["pooled"] is None else f" Pooled: {100 * row['pooled']:.0f}\N{NO-BREAK SPACE}%."


def _since(made: Run) -> dict[str, str]:
    """Return what has come of each question since the origin, as a further word on it."""
    from sim.observations import Record

    spec, record = made.scenario, Record.load()
    found = {each.id: what_came(each, spec.as_of, record) for each in spec.questions}
    return {name: came and f" {came}" for name, came in found.items()}


def _basis(made: Run) -> str:
    """Return what the probabilities rest on, and what stands beside them."""
    if not made.learned:
        return (
            "Nothing is learned from the record: these are prior probabilities, with their Monte Carlo error."
            + _added(made)
        )
    particles = made.provenance["posterior"]["particles"]
    ranged = (
        ", [low to high] the range over what the record cannot settle, where that matters"
        if made.scenario.questions
        else ""
    )
    return (
        f"Learned from the record as known then ({particles:,} particles);{_added(made)} \u00b1 is the error of the "
        f"computation, of members and of particles{ranged}."
    )


def _precise(made: Run) -> list[str]:
    """Return which precision was asked for and reached, if one was."""
    reached = made.provenance.get("precision")
    if reached is None or not reached["met"]:
        return []
    return wrapped(
        f"Every interval that holds nine in ten reaches {100 * reached['wanted']:.2g} points or less either way: so "
        "many members, and particles, it took."
    )


def _added(made: Run) -> str:
    """Return what was added to the shipped record, as further sentences."""
    added = record_in_words(made.record, made.scenario.as_of, learned=made.learned)
    return f" {added}" if added else ""


def _range_in_words() -> str:
    """Return what the range is over, and where more of it is told."""
    from sim.forecasting import alternatives

    return (
        f"The range is over what sanctions are judged by: {'; '.join(item.short for item in alternatives())}. "
        "`serbia-sim show` has their priors, sanctions_rate and sanctions_slope."
    )


def _percent(probability: float, mcse: float) -> str:
    return f"{100 * probability:5.1f} % \u00b1 {100 * mcse:.1f}"


def _last(made: Run) -> list[Row]:
    rows = made.table("summary")
    return [row for row in rows if row["date"] == rows[-1]["date"]]


def _outcome(row: Row) -> str:
    if row["median"] is None:
        return _percent(row["mean"], row["mcse"])
    return f"{row['median']:.3g}, nine in ten from {row['low']:.3g} to {row['high']:.3g}"


def answers(made: Run, compared: Contrast | None) -> dict[str, Any]:
    """Return what `run --json` prints."""
    more = {}
    if compared is not None:
        more["against"] = {**named(compared.baseline), **in_json(compared)}
    return {
        "scenario": made.provenance["scenario"],
        "run": str(made.folder),
        "days_beyond_record": made.days_beyond_record,
        "questions": [
            {
                "id": row["id"],
                **{key: row[key] for key in ("probability", "mcse", "low", "high", "pooled")},
            }
            for row in made.table("questions")
        ],
        "outcomes": {
            row["target"]: {key: row[key] for key in ("median", "low", "high")}
            for row in _last(made)
            if row["median"] is not None
        },
        **more,
    }
