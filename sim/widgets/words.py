"""What a panel writes: the questions before and now with their difference, and the events."""

from __future__ import annotations

from html import escape

from sim.contrasts import Difference
from sim.forecasting import Answer
from sim.widgets.tuning import Shown, Tuning


def rows(panel: Tuning) -> list[tuple[str, str, str, str]]:
    """Return each question with its probability in the reference and now, and the paired difference."""
    shown = panel.shown
    return [
        (item.text, *_compared(item, panel.differences.get(item.id)))
        for item in (shown.answers if shown else ())
    ]


def change(item: Difference) -> str:
    """Return a difference of probabilities in words, in percentage points; * is not chance."""
    if item.verdict == "same":
        return "none"
    star = "" if item.verdict == "unclear" else "*"
    return f"{_points(item.difference)} [{_points(item.low)} to {_points(item.high)}]{star}"


def as_text(panel: Tuning) -> str:
    """Return the questions as plain lines."""
    lines = [f"{before:>7} -> {now:>14}  {text}" for text, before, now, _ in rows(panel)]
    return "\n".join([moves(panel), *lines])


def as_html(panel: Tuning) -> str:
    """Return the questions as a table."""
    against = "as it is" if panel.reference is panel.before else "reference"
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("Question", against, "now", "change, points"))
    body = "".join(
        f'<tr><th scope="row">{escape(text)}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        + "</tr>"
        for text, *cells in rows(panel)
    )
    return (
        f'<table class="answers"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>'
        f'<p class="note">{escape(footnote(panel))}</p>'
    )


def moves(panel: Tuning) -> str:
    """Return what is moved, and what it is held against."""
    shown, reference = panel.shown, panel.reference
    if shown is None or reference is None:
        return "Nothing is simulated yet."
    now = "Nothing is moved" if shown is panel.before else f"Moved: {shown.moves}"
    return f"{now}. Held against: {_named(reference, panel)}."


def footnote(panel: Tuning) -> str:
    """Return what the numbers are."""
    basis = panel.shown.run.basis if panel.shown else ""
    learned = "" if basis.startswith("learned") else "the "
    return (
        f"{panel.members.members:,} histories, the same ones with the same luck on both sides, so that small differences "
        "show. ± is the error of the computation, the brackets hold the model's own difference nine times in ten; "
        "* is not chance: of ten such tables in which nothing differs, nine have none. What the record cannot settle "
        f"comes on top: run the saved file for its range. The numbers rest on {learned}{basis}."
    )


def _named(shown: Shown, panel: Tuning) -> str:
    scenario = shown.scenario.title if shown.scenario.name != panel.base.name else "the scenario"
    return (
        f"{scenario}, {shown.moves}" if shown.moves == "as it is" or scenario == "the scenario" else scenario
    )


def _compared(item: Answer, difference: Difference | None) -> tuple[str, str, str]:
    now = f"{100.0 * item.probability:.1f} % ± {100.0 * item.mcse:.1f}"
    if difference is None:
        return "", now, ""
    return f"{100.0 * difference.baseline:.1f} %", now, change(difference)


def _points(share: float) -> str:
    number = f"{100.0 * share:+.1f}"
    return "0.0" if number in ("+0.0", "-0.0") else number.replace("-", "\N{MINUS SIGN}")
