"""The commands on scenarios: check, show, scenarios, new; and what all read first, a scenario and a record."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli import options
from sim.cli.errors import WRONG_INPUT, fail, refuse, tell
from sim.cli.options import argument, option
from sim.cli.screen import beside, say
from sim.resources import ALL_TABLES
from sim.words import counted

if TYPE_CHECKING:
    from sim.observations import Observation, Record
    from sim.scenario import Scenario


def check(
    scenarios: Annotated[
        list[str],
        argument(
            "SCENARIO", "Scenario files, or names of shipped scenarios.", autocompletion=options.shipped_names
        ),
    ],
    record: options.Record = None,
    beyond_record: options.BeyondRecord = False,
) -> None:
    """Validate scenarios only: every error as file:line, what, given, allowed, what to do.

    An origin after the record's end is an error too, but with --beyond-record, or with --record and facts up to it.
    """
    from sim.country import StateError
    from sim.observations import BeyondRecordError, Record
    from sim.parameters import alternatives
    from sim.scenario import ScenarioError, read_scenario

    status = 0
    for name in scenarios:
        try:
            scenario = read_scenario(name)
            known = own_record(record, scenario.as_of, scenario.state) or Record.load(scenario.state)
            known.hold(scenario.as_of, beyond=beyond_record)
            alternatives(
                scenario.state
            )  # read here, so that a run does not find them wrong once it has learned
            print(f"{name}: ok; {_size(scenario)}", *scenario.notes, sep="\n")
        except (ScenarioError, StateError, BeyondRecordError) as error:
            status = WRONG_INPUT
            tell(str(error) if isinstance(error, ScenarioError) else f"{name}: {error}")
    raise typer.Exit(status)


def scenario_of(name: str) -> Scenario:
    """Return a scenario by file or name, and tell what was made of its files."""
    from sim.scenario import read_scenario

    scenario = read_scenario(name)
    for note in scenario.notes:
        tell(note)
    return scenario


def show(scenario: options.Scenario) -> None:
    """Show a scenario as resolved: parameters, events, questions, and how it departs from its base."""
    from sim.cli.scenario_tables import print_scenario

    print_scenario(scenario)


def scenarios() -> None:
    """List the shipped scenarios, one line each."""
    from sim.scenario import read_scenario, shipped_scenarios

    shipped = [read_scenario(path) for path in shipped_scenarios().values()]
    longest = max(len(scenario.name) for scenario in shipped)
    for scenario in shipped:
        cells = f"{scenario.name:{longest}}  {scenario.as_of} to {scenario.until}  "
        say(beside(cells, scenario.title, len(cells)))


def new(
    name: Annotated[str, argument("NAME", "Its name: lower-case letters, digits, hyphens.")],
    base: Annotated[
        str,
        option("SCENARIO", "The scenario that it extends.", "--from", autocompletion=options.shipped_names),
    ],
) -> None:
    """Write a scenario file to edit, NAME.toml in the current folder."""
    from sim.scenario.source import find, shipped_folder
    from sim.scenario.writing import new_toml

    path = Path(f"{name}.toml")
    if fault := _name_fault(name) or _base_fault(find(base), path):
        refuse(fault)
    schema, here = shipped_folder() / "scenario.schema.json", Path.cwd()
    # a path that leads out of this folder would be wrong where the file is sent to
    place = f"./{schema.relative_to(here).as_posix()}" if schema.is_relative_to(here) else None
    text = new_toml(name, scenario_of(base), extends=find(base).name, schema=place)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        refuse(f"{path}: exists already; choose another name or remove it")
    except OSError as error:
        fail(f"{path}: cannot be written: {error.strerror}")
    print(path)


def _size(scenario: Scenario) -> str:
    parts = {"belief": scenario.parameters, "event": scenario.events, "question": scenario.questions}
    said = ", ".join(counted(len(some), word) for word, some in parts.items())
    return f"{scenario.as_of} to {scenario.until}; {said}"


def _name_fault(name: str) -> str:
    """Return why a new scenario cannot have this name, or nothing."""
    from sim.names import slug

    if slug(name) != name:
        allowed = "lower-case letters and digits of any script, joined by single hyphens"
        return f"{name[:80]!r} cannot be a scenario's name; allowed: {allowed}; such as {slug(name)!r}"
    if name in options.shipped_names():
        return f"{name}: a shipped scenario has this name; choose another"
    return ""


def _base_fault(base: Path, path: Path) -> str:
    """Return why a file in the current folder cannot extend this base, or nothing."""
    from sim.scenario import Problem
    from sim.scenario.source import find_base

    if os.path.lexists(path):
        return f"{path}: exists already; choose another name or remove it"
    found = find_base(base.name, Path.cwd())
    if isinstance(found, Problem) and base.resolve().parent == Path.cwd().resolve():
        return f"{base}: {found.message}"
    if isinstance(found, Problem):
        todo = "copy it into the current folder, or start from a shipped scenario"
        return f"{base}: cannot be extended from here; {todo}"
    if found.resolve() != base.resolve():
        return f"{base.name}: the file of this name in the current folder hides it; rename that file"
    return ""


def own_record(folder: Path | None, as_of: date, state: str) -> Record | None:
    """Return a state's record with what a folder adds to it; None without one.

    Rows that cannot be used, or were known at the origin and are not weighed, are told on standard error; a folder
    without any that can be used ends the command.
    """
    if folder is None:
        return None
    from sim.additions import read_additions
    from sim.observations import Record, unweighed

    shipped = Record.load(state)
    more = read_additions(folder, shipped)
    for fault in more.faults:
        tell(str(fault))
    if not more.observations and not more.stated:
        refuse(f"{folder}: no row can be used")
    for row in more.observations:
        if row.known_on <= as_of and (why := unweighed(row, as_of)):
            tell(f"{folder}: {row.target} of {row.end} is added but not weighed: it is {why}")
    record = shipped.with_observations(more.observations).with_facts(more.stated)
    for name, day, why in record.not_imposed(as_of):
        tell(f"{folder}: {name} of {day} is added but not imposed: it is {why}")
    return record


def record_in_words(record: Record, as_of: date, *, learned: bool = True) -> str:
    """Return what was added to the shipped record, and how many observations are not weighed, and why."""
    return " ".join(filter(None, (_observed(record.added, as_of, learned=learned), _stated(record, as_of))))


def _observed(rows: Sequence[Observation], as_of: date, *, learned: bool) -> str:
    from sim.observations import unweighed

    if not rows:
        return ""
    few = counted(len(rows), "observation")
    if not learned:
        return f"{few} added to the record, and not weighed."
    why = Counter(filter(None, (unweighed(row, as_of) for row in rows)))
    reasons = "".join(f", {count:,} {reason}" for reason, count in sorted(why.items()))
    return f"{few} added to the record{reasons}{': not weighed' if why else ''}."


def _stated(record: Record, as_of: date) -> str:
    counts = record.stated.counted()
    idle = len(list(record.not_imposed(as_of)))
    more = f", {idle:,} not imposed" if idle else ""
    said = [f"{count:,} in {name}" for name, count in counts.items()]
    facts = f"{counted(sum(counts.values()), 'fact')} stated: {', '.join(said)}{more}." if said else ""
    covers = [
        f"{'the record' if name == ALL_TABLES else name} to {day}"
        for name, day in record.stated.covered.items()
    ]
    return " ".join(filter(None, (facts, f"Said to be all: {', '.join(covers)}." if covers else "")))
