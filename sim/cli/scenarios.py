"""The commands on scenarios: check, show, scenarios, new; and what all read first, a scenario and a record."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli import options
from sim.cli.errors import WRONG_INPUT, fail, refuse, tell
from sim.cli.options import argument, option, shipped, shipped_names
from sim.cli.screen import say, table
from sim.record.resources import ALL_TABLES
from sim.words import counted

if TYPE_CHECKING:
    from sim.record.observations import Record
    from sim.scenario import Scenario


def check(
    scenarios: Annotated[list[str], shipped("Scenario files, or names of shipped scenarios.")],
    record: options.Record = None,
    beyond_record: options.BeyondRecord = False,
) -> None:
    """Validate scenarios only: every error as file:line, what, given, allowed, what to do.

    An origin after the record's end is an error too, but with --beyond-record, or with --record and facts up to it.
    """
    from sim.parameters.table import alternatives
    from sim.record.country import StateError
    from sim.record.observations import BeyondRecordError, Record
    from sim.scenario import ScenarioError, read_scenario

    status = 0
    for name in scenarios:
        try:
            scenario = read_scenario(name)
            known = own_record(record, scenario.as_of, scenario.state) or Record.load(scenario.state)
            known.hold(scenario.as_of, beyond=beyond_record)
            _ = alternatives(scenario.state)  # a run would read them only once it has learned
            parts = {"belief": scenario.parameters, "event": scenario.events, "question": scenario.questions}
            size = ", ".join(counted(len(some), word) for word, some in parts.items())
            print(f"{name}: ok; {scenario.as_of} to {scenario.until}; {size}", *scenario.notes, sep="\n")
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
    from sim.cli.showing import resolved

    say(*resolved(scenario))


def scenarios() -> None:
    """List the shipped scenarios, one line each."""
    from sim.scenario import read_scenario, shipped_scenarios

    found = [read_scenario(path) for path in shipped_scenarios().values()]
    rows = ((each.name, f"{each.as_of} to {each.until}", each.title) for each in found)
    say([table(rows, "<", prose=True)])


def new(
    name: Annotated[str, argument("NAME", "Its name: lower-case letters, digits, hyphens.")],
    base: Annotated[
        str, option("SCENARIO", "The scenario that it extends.", "--from", autocompletion=shipped_names)
    ],
) -> None:
    """Write a scenario file to edit, NAME.toml in the current folder."""
    from sim.scenario.source import find, shipped_folder
    from sim.scenario.writing import new_toml

    path = Path(f"{name}.toml")
    if fault := _fault(name, base):
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


def _fault(name: str, base: str) -> str:
    """Return why a new scenario cannot have this name, or this base in the current folder, or nothing."""
    from sim.names import slug
    from sim.scenario import Problem
    from sim.scenario.source import find, find_base

    if slug(name) != name:
        allowed = "lower-case letters and digits of any script, joined by single hyphens"
        return f"{name[:80]!r} cannot be a scenario's name; allowed: {allowed}; such as {slug(name)!r}"
    if name in shipped_names():
        return f"{name}: a shipped scenario has this name; choose another"
    place = find(base)
    found = find_base(place.name, Path.cwd())
    if isinstance(found, Problem):
        todo = (
            "cannot be extended from here; copy it into the current folder, or start from a shipped scenario"
        )
        return f"{place}: {found.message if place.resolve().parent == Path.cwd().resolve() else todo}"
    if found.resolve() != place.resolve():
        return f"{place.name}: the file of this name in the current folder hides it; rename that file"
    return ""


def own_record(folder: Path | None, as_of: date, state: str) -> Record | None:
    """Return a state's record with what a folder adds to it; None without one.

    Rows that cannot be used, or were known at the origin and are not weighed, are told on standard error; a folder
    without any that can be used ends the command.
    """
    if folder is None:
        return None
    from sim.record.additions import read_additions
    from sim.record.observations import Record, unweighed

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
    """Return what was added to the shipped record, and how much of it is not weighed or not imposed, and why."""
    from sim.record.observations import unweighed

    said = []
    if record.added:
        why = Counter(filter(None, (unweighed(row, as_of) for row in record.added))) if learned else Counter()
        reasons = "".join(f", {count:,} {reason}" for reason, count in sorted(why.items()))
        end = ", and not weighed" if not learned else ": not weighed" if why else ""
        said.append(f"{counted(len(record.added), 'observation')} added to the record{reasons}{end}.")
    if facts := record.stated.counted():
        tables = ", ".join(f"{count:,} in {name}" for name, count in facts.items())
        idle = len(list(record.not_imposed(as_of)))
        end = f", {idle:,} not imposed" if idle else ""
        said.append(f"{counted(sum(facts.values()), 'fact')} stated: {tables}{end}.")
    if covered := record.stated.covered:
        names = {name: "the record" if name == ALL_TABLES else name for name in covered}
        said.append(
            f"Said to be all: {', '.join(f'{names[name]} to {day}' for name, day in covered.items())}."
        )
    return " ".join(said)
