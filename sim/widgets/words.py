"""What a panel reads and writes: answers and differences as a table, what was moved, events as a file has them."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING, Any

from sim.assimilation import DEFAULT_PARTICLES
from sim.forecasting import DEFAULT_SEED
from sim.scenario import Event, Scenario, ScenarioError
from sim.scenario.declared import entry
from sim.scenario.settings import value_of_text
from sim.widgets.levers import SOURCE, Value
from sim.words import HELD, STAR, change_in_words, judged, per_cent

if TYPE_CHECKING:
    from pathlib import Path

    from sim.widgets.running import Members, Shown
    from sim.widgets.tuning import Tuning


def written_event(*, quantity: str, how: str, value: str, date: str, until: str = "") -> Event:
    """Return an event from what a file would say of it.

    Raises ScenarioError: with everything that is wrong, in the words in which a file's slips are told.
    """
    raw = {"date": _day(date), how: {quantity.strip(): value_of_text(value.strip())}, "source": SOURCE}
    raw |= {"until": _day(until)} if until.strip() else {}
    right: dict[str, Any] = {}
    problems = list(entry(Event, raw, right))
    if problems:
        raise ScenarioError([replace(problem, where=()) for problem in problems])
    return Event(**right)


def as_written(event: Event) -> dict[str, str]:
    """Return an event of one change as `written_event` takes it."""
    (change,) = event.changes
    value = change.value if isinstance(change.value, str) else f"{change.value:.12g}"
    said = {"quantity": change.quantity, "how": change.how, "value": value, "date": str(event.date)}
    return said | {"until": str(event.until or "")}


def in_words(stop: Value) -> str:
    """Return the place of a lever in words."""
    if isinstance(stop, str):
        return stop.replace("_", " ")
    return f"{stop:.2g}" if abs(stop) < 1.0 else f"{stop:.5g}"


def moves_in_words(places: Mapping[str, Value], events: Sequence[Event], base: Scenario) -> str:
    """Return what was moved in a scenario: levers by their places, events that were added or left out."""
    said = [f"{name.replace('_', ' ')} {in_words(stop)}" for name, stop in places.items()]
    said += [f"{', '.join(map(str, e.changes))} {e.months}" for e in events if e not in base.events]
    said += [f"without {', '.join(map(str, e.changes))}" for e in base.events if e not in events]
    return ", ".join(said) or "as it is"


def command(path: Path, members: Members) -> str:
    """Return the command that gives the same numbers from a file that was saved."""
    said = ["serbia-sim run", shlex.quote(str(path)), f"--members {members.members}"]
    said += [f"--seed {members.seed}"] if members.seed != DEFAULT_SEED else []
    if not members.learned:
        said.append("--unlearned")
    elif members.particles != DEFAULT_PARTICLES:
        said.append(f"--particles {members.particles}")
    return " ".join(said)


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


def why(error: BaseException) -> str:
    """Return what went wrong."""
    return "interrupted" if isinstance(error, KeyboardInterrupt) else str(error) or type(error).__name__


def _named(shown: Shown, panel: Tuning) -> str:
    if shown.scenario.name == panel.base.name:
        return f"the scenario {'' if shown is panel.before else 'with '}{shown.moves}"
    return shown.scenario.title


def _day(text: str) -> dt.date | str:
    with suppress(ValueError):
        return dt.date.fromisoformat(text.strip())
    return text
