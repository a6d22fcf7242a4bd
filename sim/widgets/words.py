"""The answers of a panel as a table, and what they are held against."""

from __future__ import annotations

from html import escape

from sim.widgets.running import Shown
from sim.widgets.tuning import Tuning
from sim.words import HELD, STAR, change_in_words, judged, per_cent


def rows(panel: Tuning) -> list[tuple[str, str, str, str, str]]:
    """Return each question with its probability in the reference, now and by judgement, and the paired difference."""
    found = []
    for item in panel.shown.answers if panel.shown else ():
        ranged = judged(*panel.shown.ranges.get(item.id, (None, None))) if panel.shown else ""
        apart = panel.differences.get(item.id)
        before, changed = (per_cent(apart.baseline), change_in_words(apart)) if apart else ("", "")
        found.append((item.text, before, per_cent(item.probability, item.mcse), ranged, changed))
    return found


def as_text(panel: Tuning) -> str:
    """Return the questions as plain lines."""
    lines = [f"{before:>7} -> {now:>14} {ranged:>9}  {text}" for text, before, now, ranged, _ in rows(panel)]
    return "\n".join([held_against(panel), *lines]).replace(HELD, " ")


def as_html(panel: Tuning) -> str:
    """Return the questions as a table."""
    against = "as it is" if panel.reference is panel.before else "reference"
    names = ("Question", against, "now", "by judgement", "change, points")
    heads = "".join(f'<th scope="col">{head}</th>' for head in names)
    body = ""
    for text, *cells in rows(panel):
        body += f'<tr><th scope="row">{escape(text)}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'
    table = f'<table class="answers"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>'
    return f'<p>{escape(held_against(panel))}</p>{table}<p class="note">{escape(footnote(panel))}</p>'


def held_against(panel: Tuning) -> str:
    """Return what is moved, and what it is held against."""
    if panel.shown is None or panel.reference is None:
        return "Nothing is simulated yet."
    now = "Nothing is moved" if panel.shown is panel.before else f"Moved: {panel.shown.moves}"
    return f"{now}. Held against: {_named(panel.reference, panel)}."


def footnote(panel: Tuning) -> str:
    """Return what the numbers are."""
    basis = panel.shown.run.basis if panel.shown else ""
    rest = "what is " if panel.members.learned else ""
    return (
        f"{panel.members.members:,} histories, the same ones with the same luck on both sides, so that small "
        "differences show. ± is the error of the computation, the brackets hold the model's own difference nine times "
        f"in ten; {STAR}. By judgement: the range over what the record cannot settle, which comes a moment later. The "
        f"numbers rest on {rest}{basis}."
    )


def _named(shown: Shown, panel: Tuning) -> str:
    if shown.scenario.name == panel.base.name:
        return f"the scenario {'' if shown is panel.before else 'with '}{shown.moves}"
    return shown.scenario.title
