"""Reading a scenario: the chain of files that `extends` makes, merged and checked whole."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim import parameters as table
from sim.scenario import rules
from sim.scenario.file_format import FileBelief, FileEvent, FileQuestion, Header, shape
from sim.scenario.horizon import check_dates
from sim.scenario.lines import KeyPath
from sim.scenario.model import Belief, Change, Event, Question, Scenario
from sim.scenario.problems import Fault, Findings, ScenarioError, unknown
from sim.scenario.source import Source, find, find_base, load
from sim.scenario.toml_text import shown

DEPTH_LIMIT = 16
ENTRIES_LIMIT = 1000

Place = tuple[Source, KeyPath]


@dataclass
class Draft:
    """A scenario while its files are merged, base first: each part with the place that gave it."""

    header: dict[str, tuple[Any, Place]] = field(default_factory=dict)
    beliefs: dict[str, tuple[Belief, Place]] = field(default_factory=dict)
    events: list[tuple[Event, Place]] = field(default_factory=list)
    questions: dict[str, tuple[Question, Place]] = field(default_factory=dict)


def read_scenario(scenario: str | Path, *, name: str | None = None) -> Scenario:
    """Read a scenario strictly.

    Parameters
    ----------
    scenario: a path, or the name of a shipped scenario.
    name: what to call it; else the file's name as a slug.

    Raises
    ------
    ScenarioError: with everything that is wrong, in this file and in those it extends.
    """
    return read_with_origins(scenario, name=name)[0]


def read_with_origins(scenario: str | Path, *, name: str | None = None) -> tuple[Scenario, Draft]:
    """Read a scenario, and also return which file gave each of its parts."""
    findings = Findings()
    chain, whole = _chain(find(scenario), findings)
    draft = Draft()
    for source in reversed(chain):
        _merge(draft, source, findings)
    if whole:
        _complete(draft, chain[0], findings)
    check_dates(draft.header, draft.events, draft.questions.values(), findings)
    findings.raise_if_any()
    header = {key: value for key, (value, _) in draft.header.items()}
    resolved = Scenario(
        **header,
        name=name or _slug(chain[0].path.stem),
        parameters={parameter: belief for parameter, (belief, _) in draft.beliefs.items()},
        events=tuple(event for event, _ in draft.events),
        questions=tuple(question for question, _ in draft.questions.values()),
        chain=tuple(source.path.name for source in chain),
    )
    return resolved, draft


def _chain(path: Path, findings: Findings) -> tuple[list[Source], bool]:
    """Return the files from the given one to its last base, and whether none was missing."""
    chain = [load(path)]
    seen = {path.resolve()}
    while (name := chain[-1].data.get("extends")) is not None:
        last = chain[-1]
        if not isinstance(name, str):
            return chain, False  # the shape check says so
        found = find_base(name, last.path.parent)
        if isinstance(found, Path) and found.resolve() in seen:
            found = Fault("extends goes round in a circle", todo="leave out one extends")
        elif isinstance(found, Path) and len(chain) == DEPTH_LIMIT:
            found = Fault(f"more than {DEPTH_LIMIT} files extend one another", todo="merge some of them")
        if isinstance(found, Fault):
            fault = Fault(found.what, shown(name), found.allowed, found.todo)
            findings.add(last, ("extends",), fault)
            return chain, False
        seen.add(found.resolve())
        try:
            chain.append(load(found))
        except ScenarioError as error:
            findings.problems.extend(error.problems)
            return chain, False
    return chain, True


def _merge(draft: Draft, source: Source, findings: Findings) -> None:
    header = _header(source, findings)
    for key in ("title", "description", "as_of", "until"):
        if (value := getattr(header, key)) is not None:
            draft.header[key] = (value, (source, (key,)))
    for name, raw in header.parameters.items():
        belief = _belief(name, raw, source, findings)
        if belief is not None:
            draft.beliefs[name] = (belief, (source, ("parameters", name)))
    for index, raw in enumerate(_bounded("events", header.events, source, findings)):
        event = _event(raw, source, ("events", index), findings)
        if event is not None:
            draft.events.append((event, (source, ("events", index))))
    here: dict[str, tuple[Question, Place]] = {}
    for index, raw in enumerate(_bounded("questions", header.questions, source, findings)):
        question = _question(raw, source, ("questions", index), findings)
        if question is not None:
            path = ("questions", index, "id")
            if question.id in here:
                fault = Fault("two questions have one id", shown(question.id), todo="rename one")
                findings.add(source, path, fault)
            here[question.id] = (question, (source, ("questions", index)))
    draft.questions.update(here)


def _header(source: Source, findings: Findings) -> Header:
    """Return the top of a file, without the keys that are wrong."""
    header = shape(Header, source.data, source, (), findings)
    if header is not None:
        return header
    silent = Findings()
    good = {k: v for k, v in source.data.items() if shape(Header, {k: v}, source, (), silent) is not None}
    return Header.model_validate({k: tuple(v) if isinstance(v, list) else v for k, v in good.items()})


def _bounded(kind: str, entries: tuple[Any, ...], source: Source, findings: Findings) -> tuple[Any, ...]:
    if len(entries) > ENTRIES_LIMIT:
        fault = Fault(f"too many {kind}", str(len(entries)), f"at most {ENTRIES_LIMIT:,}", "leave some out")
        findings.add(source, (kind, ENTRIES_LIMIT), fault)
    return entries[:ENTRIES_LIMIT]


def _belief(name: str, raw: Any, source: Source, findings: Findings) -> Belief | None:
    path = ("parameters", name)
    known = table.parameter_table()
    if name not in known:
        if not findings.full:
            findings.add(source, path, unknown("parameter", name, known))
        return None
    belief = shape(FileBelief, raw, source, path, findings)
    if belief is None:
        return None
    prior = rules.belief_prior(name, belief)
    if isinstance(prior, Fault):
        findings.add(source, path, prior)
        return None
    return Belief(prior=prior, source=belief.source)


def _event(raw: Any, source: Source, path: KeyPath, findings: Findings) -> Event | None:
    event = shape(FileEvent, raw, source, path, findings)
    if event is None:
        return None
    faults = rules.event_faults(event)
    for key, fault in faults:
        findings.add(source, (*path, *key), fault)
    if faults:
        return None
    changes = tuple(
        Change(quantity=name, how=how, value=value if isinstance(value, str) else float(value))
        for how in ("set", "add", "multiply")
        for name, value in getattr(event, how).items()
    )
    return Event(date=event.date, until=event.until, changes=changes, source=event.source)


def _question(raw: Any, source: Source, path: KeyPath, findings: Findings) -> Question | None:
    question = shape(FileQuestion, raw, source, path, findings)
    if question is None:
        return None
    faults = rules.question_faults(question)
    for key, fault in faults:
        findings.add(source, (*path, *key), fault)
    return None if faults else Question(**question.model_dump())


def _complete(draft: Draft, source: Source, findings: Findings) -> None:
    for key, allowed in (("title", "text"), ("as_of", "a date"), ("until", "a date")):
        if key not in draft.header and key not in source.data:
            todo = f"add {key} = ... here or in a base"
            findings.add(source, (), Fault(f"{key} is missing", allowed=allowed, todo=todo))


def _slug(stem: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:80] or "scenario"
