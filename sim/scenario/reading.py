"""Reading a scenario: the chain of files that `extends` makes, merged and checked whole.

What may stand in a file is declared by the values of `model`; here is only where it stood.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from sim.clock import last_ended, month_end
from sim.names import printable, slug
from sim.parameters import table
from sim.record.country import resolved
from sim.scenario.declared import ENTRIES, NAME, TABLE, Declared, Key, entry, file_keys, shape
from sim.scenario.events import Event
from sim.scenario.model import (
    ENTRIES_LIMIT,
    Belief,
    Scenario,
    belief_problems,
    horizon_problems,
    same_id,
    state_problems,
    too_many,
    untimely,
)
from sim.scenario.problems import LISTED, KeyPath, Problem, ScenarioError, shown, unknown
from sim.scenario.questions import Question, decided
from sim.scenario.source import Source, find, find_base, load
from sim.scenario.writing import to_toml

DEPTH_LIMIT = 16

# what stands in them is declared apart
_IN_FILE = {"parameters": TABLE, "events": ENTRIES, "questions": ENTRIES}
HEADER = {
    name: replace(key, required=False, kind=_IN_FILE.get(name, key.kind))
    for name, key in file_keys(Scenario).items()
} | {"extends": Key(NAME, "the base: a TOML file beside this one, or a shipped one")}
"""The keys at the top of a file. All may be absent: a base may have them."""

_PARTS: dict[str, type[Declared]] = {"events": Event, "questions": Question}


@dataclass(frozen=True)
class FilePart:
    """A part of a scenario as a file states it: what is right of it, and where it stands."""

    fields: dict[str, Any]
    source: Source
    path: KeyPath

    def place(self, problem: Problem) -> Problem:
        """Return a problem of this part with its file and line."""
        return self.source.place(problem.within(*self.path))


@dataclass
class Draft:
    """What the files say, base first, and which file gave each part. `chain` goes from the file read to its base.

    Events and questions stand under a name: a question's id, and else one that no other has.
    """

    chain: list[Source]
    header: dict[str, FilePart] = field(default_factory=dict)
    beliefs: dict[str, FilePart] = field(default_factory=dict)
    events: dict[str, FilePart] = field(default_factory=dict)
    questions: dict[str, FilePart] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def listed(self) -> dict[str, dict[str, FilePart]]:
        """Events and questions, by the key under which a file lists them."""
        return {"events": self.events, "questions": self.questions}


ScenarioLike = Scenario | str | Path | Mapping[str, Any]
"""What is taken for a scenario: one, the name of a shipped one, the path of a file, or what such a file would hold."""


def read_scenario(scenario: ScenarioLike, *, name: str | None = None) -> Scenario:
    """Read a scenario strictly.

    Parameters
    ----------
    scenario: a path, or the name of a shipped scenario; or a mapping with a file's keys, which extends what lies in the
        current folder or is shipped. A scenario is returned as it is.
    name: what to call it; else the file's name, fit for a path.

    Raises ScenarioError: with everything that is wrong, in this file and in those it extends.
    """
    return scenario if isinstance(scenario, Scenario) else read_with_origins(scenario, name=name)[0]


def read_with_origins(
    scenario: str | Path | Mapping[str, Any], *, name: str | None = None
) -> tuple[Scenario, Draft]:
    """Read a scenario, and also return which file gave each of its parts.

    Raises ScenarioError: with everything that is wrong.
    """
    if isinstance(scenario, Mapping):
        draft = Draft([Source(Path("scenario"), "", dict(scenario), {})])
    else:
        draft = Draft([load(find(scenario))])
    problems = list(islice(_problems(draft), LISTED))
    if problems:
        files = list(dict.fromkeys(problem.file for problem in problems))
        problems.sort(key=lambda problem: (files.index(problem.file), problem.line or 0))
        if len(problems) == LISTED:
            what = f"{LISTED} problems or more: not all are listed"
            problems.append(Problem(what, todo="mend these first", file=problems[-1].file))
        raise ScenarioError(problems)
    try:
        made = Scenario(
            name=name or slug(draft.chain[0].path.stem),
            **{key: one.fields[key] for key, one in draft.header.items()},
            parameters={parameter: Belief(**one.fields) for parameter, one in draft.beliefs.items()},
            events=tuple(Event(**one.fields) for one in draft.events.values()),
            questions=tuple(Question(**one.fields) for one in draft.questions.values()),
            chain=tuple(printable(source.path.name) for source in draft.chain),
            notes=tuple(draft.notes),
        )
        to_toml(made)  # can be written, and read back
    except ScenarioError as error:  # the files together: each by itself is right
        raise ScenarioError(map(draft.chain[0].place, error.problems)) from None
    return made, draft


def _problems(draft: Draft) -> Iterator[Problem]:
    """Yield what is wrong with the files of a scenario, and fill the draft with what they say."""
    complete = yield from _follow(draft.chain)
    for source in reversed(draft.chain):
        yield from map(source.place, _merge(draft, source))
    if complete:
        for key, allowed in (("title", "text"), ("as_of", "a date"), ("until", "a date")):
            if key not in draft.header and key not in draft.chain[0].data:
                todo = f"add {key} = ... here or in a base"
                yield draft.chain[0].place(Problem(f"{key} is missing", allowed=allowed, todo=todo))
    wrong = list(horizon_problems({key: one.fields[key] for key, one in draft.header.items()}))
    yield from (draft.header[str(problem.where[0])].source.place(problem) for problem in wrong)
    if not wrong and {"as_of", "until"} <= set(draft.header):
        yield from _hold_to_horizon(draft)


def _follow(chain: list[Source]) -> Generator[Problem, None, bool]:
    """Append the files that the first one extends, to the last base; return whether none was missing."""
    seen = {chain[0].path.resolve()}
    while (name := chain[-1].data.get("extends")) is not None:
        last = chain[-1]
        if not isinstance(name, str):
            return False  # the shape check says so
        found = find_base(name, last.path.parent)
        if isinstance(found, Path) and found.resolve() in seen:
            found = Problem("extends goes round in a circle", todo="leave out one extends")
        elif isinstance(found, Path) and len(chain) == DEPTH_LIMIT:
            found = Problem(f"more than {DEPTH_LIMIT} files extend one another", todo="merge some of them")
        if isinstance(found, Problem):
            yield last.place(replace(found, given=shown(name), where=("extends",)))
            return False
        seen.add(found.resolve())
        try:
            chain.append(load(found))
        except ScenarioError as error:
            yield from error.problems
            return False
    return True


def _merge(draft: Draft, source: Source) -> Iterator[Problem]:
    """Add to the draft what one file says, and yield what is wrong with it by itself."""
    header: dict[str, Any] = {}
    yield from shape(HEADER, source.data, header)
    if "state" in header:
        header["state"] = resolved(header["state"], source.path.parent)
        yield from state_problems(header["state"])
    for key in ("title", "description", "as_of", "until", "state"):
        if key in header:
            draft.header[key] = FilePart({key: header[key]}, source, (key,))
    for name, raw in header.get("parameters", {}).items():
        yield from _belief(draft, name, FilePart(raw, source, ("parameters", name)))
    for kind, listed in draft.listed.items():
        yield from too_many(kind, header.get(kind, ()))
        names: set[str] = set()
        for index, raw in enumerate(header.get(kind, ())[:ENTRIES_LIMIT]):
            right: dict[str, Any] = {}
            wrong = list(entry(_PARTS[kind], raw, right))
            name = right.get("id", f"{source.label} {index}")
            stated = FilePart(right, source, (kind, index))
            if name in names:
                wrong.append(same_id(name))
            elif name in listed:
                base = printable(listed[name].source.path.name)
                draft.notes.append(str(stated.place(Problem(f"question {name} replaces that of {base}"))))
            names.add(name)
            listed[name] = stated
            yield from (problem.within(kind, index) for problem in wrong)


def _belief(draft: Draft, name: str, stated: FilePart) -> Iterator[Problem]:
    if name not in table.parameter_table():
        yield unknown("parameter", name, table.parameter_table()).within(*stated.path)
        return
    right: dict[str, Any] = {}
    wrong = list(entry(Belief, stated.fields, right))
    wrong = [each if each.where else replace(each, what=f"{name}: {each.what}") for each in wrong]
    if not wrong:
        draft.beliefs[name] = replace(stated, fields=right)
        wrong = list(belief_problems(name, Belief(**right)))
    yield from (problem.within(*stated.path) for problem in wrong)


def _hold_to_horizon(draft: Draft) -> Iterator[Problem]:
    """Leave out what bases say beyond a horizon that a later file moved; yield what else lies beyond it."""
    as_of, until = (draft.header[key].fields[key] for key in ("as_of", "until"))
    left: dict[tuple[str, str, str], list[str]] = {}
    for kind, listed in draft.listed.items():
        for name, one in list(listed.items()):
            problem = untimely(kind, one.fields, as_of, until)
            if problem is None:
                draft.notes += _inside_a_month(one)
                continue
            day = one.fields[str(problem.where[0])]
            moved = "until" if day > until else "as_of"
            if draft.chain.index(one.source) > draft.chain.index(draft.header[moved].source):
                of_kind = left.setdefault((moved, one.source.path.name, kind), [])
                of_kind.append(name if kind == "questions" else f"of {day}")
                del listed[name]
            else:
                yield one.place(problem)
    for (moved, base, kind), names in left.items():
        said = ", ".join(names)
        what = f"{kind} of {printable(base)} left out, since {moved} is {draft.header[moved].fields[moved]}: {said}"
        draft.notes.append(str(draft.header[moved].place(Problem(what))))


def _inside_a_month(question: FilePart) -> Iterator[str]:
    for name, day in decided(question.fields):
        read = month_end(last_ended(day))
        if read != day:
            what = f"{name} = {day} lies inside a month: read at {read}, the last month's end by then"
            yield str(question.place(replace(Problem(what), where=(name,))))
