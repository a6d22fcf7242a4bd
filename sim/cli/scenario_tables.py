"""A resolved scenario as tables for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from rich import box
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sim.assimilation import Posterior
from sim.catalogue import QUANTITIES, settable
from sim.cli import screen
from sim.clock import month_end
from sim.country import load_country
from sim.forecasting import RunOptions
from sim.manifest import find
from sim.observations import Record
from sim.parameters import parameter_table
from sim.registry.truth import Asked, known_then
from sim.scenario import Question, Scenario, ScenarioError, read_scenario
from sim.scenario.problems import toml_value
from sim.scenario.reading import Draft, Stated, read_with_origins

_PARAMETER_WIDTH = 32


def print_scenario(name: str) -> None:
    """Print a scenario as resolved, and how it departs from its base and from the parameter table."""
    scenario, draft = read_with_origins(name)
    months = scenario.last_month - scenario.first_month + 1
    sections = {
        "Parameters": _parameters(scenario, draft),
        "What events can set, and where it stands": _levers(scenario),
        "Events": _events(scenario, draft),
        "Questions": _questions(scenario, draft),
        "How it departs from its base": Text("\n".join(_departures(scenario, draft)) or "not at all"),
    }
    console = screen.console(markup=False, emoji=False, highlight=False)
    with console.capture() as capture:
        console.print(Text(scenario.title, style="bold"))
        console.print(" extends ".join(scenario.chain), style="dim")
        if scenario.description:
            console.print(scenario.description.strip())
        for note in scenario.notes:
            console.print(note)
        console.print(f"as of {scenario.as_of}, until {scenario.until}: {months} months")
        for title, body in sections.items():
            console.print("", Text(title, style="bold"), sep="\n")
            console.print(Padding(body, (0, 0, 0, 2)))
    # Rich fills every line with blanks: of no use in a file, and in the way of copying from a terminal.
    print("\n".join(line.rstrip() for line in capture.get().splitlines()), file=console.file)


def _departures(scenario: Scenario, draft: Draft) -> Iterator[str]:
    before = None
    if len(draft.chain) == 1:
        yield "no base: what it says of parameters is held against the parameter table"
    else:
        try:
            before = read_scenario(draft.chain[1].path)
        except ScenarioError:
            yield f"{draft.chain[1].path.name} is no whole scenario by itself"
    for key in ("as_of", "until") if before is not None else ():
        old, now = getattr(before, key), getattr(scenario, key)
        if old != now:
            yield f"{key}: {old} -> {now}"
    priors = {name: parameter.prior for name, parameter in parameter_table(scenario.state).items()}
    if before is not None:
        priors |= {name: belief.prior for name, belief in before.parameters.items()}
    for name, belief in scenario.parameters.items():
        if priors[name] != belief.prior:
            yield f"{name}: {priors[name].describe()} -> {belief.prior.describe()}"
    if before is None:
        return
    kept = sum(stated.source is not draft.chain[0] for stated in draft.events.values())
    yield from map(str, scenario.events[kept:])  # a base's events come first
    old_questions = {question.id: question for question in before.questions}
    added = [q.id for q in scenario.questions if q.id not in old_questions]
    changed = [q.id for q in scenario.questions if q.id in old_questions and q != old_questions[q.id]]
    if added:
        yield f"questions of its own: {len(added)}"
    if changed:
        yield f"questions put otherwise: {', '.join(changed)}"


def _table(*headings: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _levers(scenario: Scenario) -> Table:
    """Return every settable quantity with its value at the origin: by the record, or as learned if that is kept."""
    record = Record.load(scenario.state)
    learned = find(Posterior.load, RunOptions().posterior_folder(scenario))
    table = _table("quantity", "stands at", "values")
    for name in settable():
        quantity, value = QUANTITIES[name], known_then(Asked(name, scenario.as_of, {}, {}), record)
        stands = _NOT_ON_RECORD.get(name, "not on record; known once a run has learned")
        if value is not None:
            stands = quantity.categories[int(value)] if quantity.categories else f"{value:.4g}"
        elif learned is not None and name not in _NOT_ON_RECORD and name in learned.data["quantity"]:
            bands = learned.data["past_bands"].sel(quantity=name).isel(month=-1)
            low, middle, high = (float(bands.sel(level=level)) for level in (0.05, 0.5, 0.95))
            stands = f"{middle:.2g} as learned, nine in ten {low:.2g} to {high:.2g}"
        unit = "" if quantity.discrete else f" ({quantity.unit})"
        meaning = load_country(scenario.state).fill(quantity.meaning)
        table.add_row(name, stands, f"{meaning}: {quantity.allowed()}{unit}", end_section=True)
    return table


_NOT_ON_RECORD = {
    "coalition_direction": "drawn as one changes",
    "accession_year": "0, none is named",
    "arms_report": "0, none in a usual month",
}
"""Where those settable quantities stand of which neither record nor learning says a value."""


def _events(scenario: Scenario, draft: Draft) -> Table | Text:
    if not scenario.events:
        return Text("none")
    table = _table("months", "what", "source")
    for event, stated in zip(scenario.events, draft.events.values(), strict=True):
        origin = _origin(stated, draft)
        table.add_row(event.months, "\n".join(map(str, event.changes)), event.source + origin)
    return table


def _questions(scenario: Scenario, draft: Draft) -> Text:
    text = Text("" if scenario.questions else "none")
    for question, stated in zip(scenario.questions, draft.questions.values(), strict=True):
        origin = _origin(stated, draft)
        text.append("\n" if text else "")
        text.append(f"{question.id}\n", style="bold")
        text.append(f"{question.text}\n{_decided(question)}\n")
        text.append(f"{question.resolution}{origin}\n", style="dim")
    text.rstrip()
    return text


def _origin(stated: Stated, draft: Draft) -> str:
    return f" ({stated.source.path.name})" if len(draft.chain) > 1 else ""


def _decided(question: Question) -> str:
    if question.at:
        when = f"at {question.at}"
    elif question.ever_by:
        when = f"ever by {question.ever_by}"
    else:
        when = f"over {question.start} to {question.end}"
    read = month_end(question.last_month)
    when += "" if read == question.last_day else f", read at {read}"
    if question.between is not None:
        what = "between {:g} and {:g}".format(*question.between)
    elif question.equals is not None:
        what = f"= {toml_value(question.equals)}"
    else:
        what = f"<= {question.at_most:g}" if question.at_least is None else f">= {question.at_least:g}"
    unit = QUANTITIES[question.target].unit
    return f"{question.target} {what} {when}" + ("" if unit in ("category", "0 or 1") else f" ({unit})")


def _parameters(scenario: Scenario, draft: Draft) -> Table:
    table = _table("parameter, belief, unit", "meaning and source")
    table.columns[0].max_width = _PARAMETER_WIDTH
    entries = scenario.parameter_set().values()
    for group, members in groupby(entries, key=lambda parameter: parameter.group or "others"):
        table.add_row(Text(group, style="bold"), "")
        for parameter in members:
            believed = Text(f"{parameter.name}\n{parameter.prior.describe()}")
            believed.append(f"\n{parameter.unit}", style="dim")
            about = Text(parameter.meaning)
            about.append(f"\n{parameter.source}", style="dim")
            if parameter.name in scenario.parameters:
                origin = draft.beliefs[parameter.name].source.path.name
                before = parameter_table(scenario.state)[parameter.name].prior.describe()
                about.append(f"\n* departs: {origin}; the parameter table says {before}", style="yellow")
            table.add_row(believed, about, end_section=True)
    return table
