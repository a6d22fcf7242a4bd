"""What `serbia-sim run` prints: the answers in words, or as one JSON object."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from sim.cli.compare import in_json, in_words, named
from sim.cli.learning import record_in_words

if TYPE_CHECKING:
    from sim.contrasts import Contrast
    from sim.results import Run

_WIDTH = 80
_PLAIN, _RANGED = 20, 29  # where a question's words begin, after its probability alone or with its range


def headline(made: Run, compared: Contrast | None, *, known: bool) -> str:
    """Return the answer in words: the scenario's questions with probability, Monte Carlo error and range."""
    spec = made.scenario
    lines = [
        spec.title,
        f"As known on {spec.as_of:%-d %B %Y}; {made.provenance['members']:,} simulated histories to "
        f"{spec.until:%-d %B %Y}, seed {made.provenance['seed']}.",
        *textwrap.wrap(_basis(made), _WIDTH),
    ]
    # what --against shows in full need not stand here too
    if compared is None:
        lines += [f"Assumed {event} ({event.source})." for event in spec.events]
    lines.append("")
    indent = _RANGED if made.learned else _PLAIN
    for row in made.table("questions"):
        probability = _percent(float(row["probability"]), float(row["mcse"]))
        if made.learned:
            low, high = (f"{100 * float(row[name]):.0f}" for name in ("low", "high"))
            ranged = f"[{low:>2} to {high}]" if low != high else ""  # judgement does not matter
            probability = f"{probability:<15}{ranged}"
        text = textwrap.wrap(row["text"], _WIDTH - indent, break_on_hyphens=False)
        lines.append(f"{probability:<{indent}}{text[0]}")
        lines += [" " * indent + more for more in text[1:]]
    if made.learned and spec.questions:
        lines += ["", *textwrap.wrap(_range_in_words(), _WIDTH)]
    if not spec.questions:
        lines += [f"{row['target']} {row['category']}".ljust(28) + _outcome(row) for row in _last(made)]
    if compared is not None:
        lines += ["", in_words(compared), "", f"Compared with: {compared.baseline.folder}"]
    else:
        lines.append("")
    return "\n".join([*lines, f"{'Found' if known else 'Written'}: {made.folder}"])


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


def _added(made: Run) -> str:
    """Return how many observations were added to the shipped record, as a further sentence."""
    rows = made.record.added
    if not rows:
        return ""
    return " " + record_in_words(rows, made.scenario.as_of, learned=made.learned)


def _range_in_words() -> str:
    """Return what the range is over, and where more of it is told."""
    from sim.forecasting import alternatives

    return (
        f"The range is over what sanctions are judged by: {'; '.join(item.short for item in alternatives())}. "
        "`serbia-sim show` has their priors, sanctions_rate and sanctions_slope."
    )


def _percent(probability: float, mcse: float) -> str:
    return f"{100 * probability:5.1f} % \u00b1 {100 * mcse:.1f}"


def _last(made: Run) -> list[dict[str, str]]:
    rows = made.table("summary")
    return [row for row in rows if row["date"] == rows[-1]["date"]]


def _outcome(row: dict[str, str]) -> str:
    if not row["median"]:
        return _percent(float(row["mean"]), float(row["mcse"]))
    return f"{float(row['median']):.3g}, nine in ten from {float(row['low']):.3g} to {float(row['high']):.3g}"


def answers(made: Run, compared: Contrast | None) -> dict[str, Any]:
    """Return what `run --json` prints."""

    def number(text: str) -> float | None:
        return float(text) if text else None

    more = {}
    if compared is not None:
        more["against"] = {**named(compared.baseline), **in_json(compared)}
    return {
        "scenario": made.provenance["scenario"],
        "run": str(made.folder),
        "questions": [
            {"id": row["id"], **{key: number(row[key]) for key in ("probability", "mcse", "low", "high")}}
            for row in made.table("questions")
        ],
        "outcomes": {
            row["target"]: {key: number(row[key]) for key in ("median", "low", "high")}
            for row in _last(made)
            if row["median"]
        },
        **more,
    }
