"""A resolved scenario in words, as `show` prints it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from sim.assimilation import Posterior
from sim.cli.screen import Part, table, wrapped
from sim.clock import month_end
from sim.forecasting import RunOptions
from sim.parameters.table import parameter_table
from sim.quantities.catalogue import QUANTITIES, settable
from sim.record.country import load_country
from sim.record.observations import Record
from sim.registry.truth import Asked, known_then
from sim.runs.manifest import find
from sim.scenario import Question, Scenario, ScenarioError, read_scenario
from sim.scenario.problems import toml_value
from sim.scenario.reading import Draft, FilePart, read_with_origins


def resolved(name: str) -> Iterator[Part]:
    """Yield a scenario as resolved, and how it departs from its base and from the parameter table."""
    scenario, draft = read_with_origins(name)
    months = scenario.last_month - scenario.first_month + 1
    yield [
        scenario.title,
        " extends ".join(scenario.chain),
        scenario.description.strip(),
        *(wrapped(note, more="    ") for note in scenario.notes),
        f"as of {scenario.as_of}, until {scenario.until}: {months} months",
    ]
    yield from _parameters(scenario, draft)
    yield ["What events can set, and where it stands", table(_levers(scenario), prose=True)]
    yield ["Events", table(_events(scenario, draft), prose=True) or "none"]
    yield "Questions"
    yield from _questions(scenario, draft)
    yield ["How it departs from its base", *(list(_departures(scenario, draft)) or ["not at all"])]


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


def _levers(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """Yield every settable quantity with its value at the origin: by the record, or as learned if that is kept."""
    record = Record.load(scenario.state)
    learned = find(Posterior.load, RunOptions().posterior_folder(scenario))
    for name in settable():
        quantity, value = (
            QUANTITIES[name],
            known_then(Asked(name, scenario.as_of, {"at": scenario.as_of}, {}), record),
        )
        stands = _NOT_ON_RECORD.get(name, "not on record; known once a run has learned")
        if value is not None:
            stands = quantity.categories[int(value)] if quantity.categories else f"{value:.4g}"
        elif learned is not None and name not in _NOT_ON_RECORD and name in learned.data["quantity"]:
            bands = learned.data["past_bands"].sel(quantity=name).isel(month=-1)
            low, middle, high = (float(bands.sel(level=level)) for level in (0.05, 0.5, 0.95))
            stands = f"{middle:.2g} as learned, nine in ten {low:.2g} to {high:.2g}"
        unit = "" if quantity.discrete else f" ({quantity.unit})"
        meaning = load_country(scenario.state).fill(quantity.meaning)
        about = f"{meaning}: {quantity.allowed()}{unit}"
        yield name, f"{about}\nat the origin: {stands}"


_NOT_ON_RECORD = {
    "coalition_direction": "drawn as one changes",
    "accession_year": "0, none is named",
    "arms_report": "0, none in a usual month",
}
"""Where those settable quantities stand of which neither record nor learning says a value."""


def _events(scenario: Scenario, draft: Draft) -> Iterator[tuple[str, str]]:
    for event, stated in zip(scenario.events, draft.events.values(), strict=True):
        source = event.source + _origin(stated, draft)
        yield event.months, "\n".join([*map(str, event.changes), source])


def _questions(scenario: Scenario, draft: Draft) -> Iterator[Part]:
    if not scenario.questions:
        yield "none"
    for question, stated in zip(scenario.questions, draft.questions.values(), strict=True):
        told = (question.text, _decided(question), question.resolution + _origin(stated, draft))
        yield [[question.id], *(wrapped(text, "    ", "    ") for text in told)]


def _origin(stated: FilePart, draft: Draft) -> str:
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


def _parameters(scenario: Scenario, draft: Draft) -> Iterator[Part]:
    entries, defaults = scenario.parameter_set().values(), parameter_table(scenario.state)
    longest = max(map(len, defaults))
    for group, members in groupby(entries, key=lambda parameter: parameter.group or "others"):
        rows = []
        for parameter in members:
            texts = [parameter.meaning, f"{parameter.prior.describe()}, {parameter.unit}", parameter.source]
            if parameter.name in scenario.parameters:
                origin = draft.beliefs[parameter.name].source.path.name
                before = defaults[parameter.name].prior.describe()
                texts.append(f"* departs: {origin}; the parameter table says {before}")
            rows.append((f"{parameter.name:{longest}}", "\n".join(texts)))
        yield [[f"Parameters: {group}"], table(rows, prose=True)]
