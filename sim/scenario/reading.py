"""Reading a scenario: the chain of files that `extends` makes, merged and checked whole.

Checking needs no pydantic, so that `serbia-sim check` starts at once; see `docs/decisions/0009-light-start.md`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import parameters as table
from sim.scenario import rules
from sim.scenario.draft import Draft, Place, StatedBelief
from sim.scenario.file_format import FileBelief, FileEvent, FileQuestion, Header, shape
from sim.scenario.horizon import check_dates
from sim.scenario.problems import Fault, Findings, ScenarioError, unknown
from sim.scenario.source import Source, find, find_base, load
from sim.scenario.toml_text import shown

if TYPE_CHECKING:
    from sim.scenario.model import Scenario

DEPTH_LIMIT = 16
ENTRIES_LIMIT = 1000


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
    from sim.scenario.resolving import resolved

    draft = read_draft(scenario)
    return resolved(draft, name=name), draft


def read_draft(scenario: str | Path) -> Draft:
    """Read a scenario's files and check them whole, without making the scenario.

    Raises
    ------
    ScenarioError: with everything that is wrong.
    """
    findings = Findings()
    chain, whole = _chain(find(scenario), findings)
    draft = Draft(chain)
    for source in reversed(chain):
        try:
            _merge(draft, source, findings)
        except RecursionError:
            findings.add(source, (), Fault("lists or tables nested beyond measure", todo="flatten them"))
    if whole:
        _complete(draft, chain[0], findings)
    check_dates(draft, findings)
    findings.raise_if_any()
    return draft


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
    header = shape(Header, source.data, source, (), findings).entry
    for key in ("title", "description", "as_of", "until"):
        if (value := getattr(header, key)) is not None:
            draft.header[key] = (value, (source, (key,)))
    for name, raw in header.parameters.items():
        belief = _belief(name, raw, source, findings)
        if belief is not None:
            draft.beliefs[name] = (belief, (source, ("parameters", name)))
    for index, raw in enumerate(_bounded("events", header.events, source, findings)):
        _event(raw, (source, ("events", index)), draft, findings)
    ids: set[str] = set()
    for index, raw in enumerate(_bounded("questions", header.questions, source, findings)):
        name = _question(raw, (source, ("questions", index)), draft, findings)
        if name in ids:
            fault = Fault("two questions have one id", shown(name), todo="rename one")
            findings.add(source, ("questions", index, "id"), fault)
        ids.add(name)


def _bounded(kind: str, entries: tuple[Any, ...], source: Source, findings: Findings) -> tuple[Any, ...]:
    if len(entries) > ENTRIES_LIMIT:
        fault = Fault(f"too many {kind}", str(len(entries)), f"at most {ENTRIES_LIMIT:,}", "leave some out")
        findings.add(source, (kind, ENTRIES_LIMIT), fault)
    return entries[:ENTRIES_LIMIT]


def _belief(name: str, raw: Any, source: Source, findings: Findings) -> StatedBelief | None:
    path = ("parameters", name)
    known = table.parameter_table()
    if name not in known:
        if not findings.full:
            findings.add(source, path, unknown("parameter", name, known))
        return None
    shaped = shape(FileBelief, raw, source, path, findings)
    prior = rules.belief_prior(name, shaped.entry, shaped.wrong)
    if isinstance(prior, Fault):
        findings.add(source, path, prior)
        return None
    if shaped.wrong or prior is None:
        return None
    return StatedBelief(prior, shaped.entry.source)


def _event(raw: Any, place: Place, draft: Draft, findings: Findings) -> None:
    source, path = place
    shaped = shape(FileEvent, raw, source, path, findings)
    event = shaped.entry
    faults = rules.event_faults(event, shaped.wrong)
    for key, fault in faults:
        findings.add(source, (*path, *key), fault)
    if "date" not in shaped.wrong:
        draft.event_days.append((event.date, (source, (*path, "date"))))
    if not faults and not shaped.wrong:
        draft.events.append((event, place))


def _question(raw: Any, place: Place, draft: Draft, findings: Findings) -> str:
    """Add a question to the draft and return its id, or its place in words if it has none."""
    source, path = place
    shaped = shape(FileQuestion, raw, source, path, findings)
    question = shaped.entry
    faults = rules.question_faults(question, shaped.wrong)
    for key, fault in faults:
        findings.add(source, (*path, *key), fault)
    name = f"{source.label} {path}" if "id" in shaped.wrong else question.id
    draft.question_days.pop(name, None)
    for last in ("at", "ever_by", "end"):
        if last not in shaped.wrong and (day := getattr(question, last)) is not None:
            draft.question_days[name] = (day, (source, (*path, last)))
    if not faults and not shaped.wrong:
        draft.questions[name] = (question, place)
    return name


def _complete(draft: Draft, source: Source, findings: Findings) -> None:
    for key, allowed in (("title", "text"), ("as_of", "a date"), ("until", "a date")):
        if key not in draft.header and key not in source.data:
            todo = f"add {key} = ... here or in a base"
            findings.add(source, (), Fault(f"{key} is missing", allowed=allowed, todo=todo))
