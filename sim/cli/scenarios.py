"""The commands on scenarios: check, show, scenarios, new."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.errors import WRONG_INPUT, fail, tell

if TYPE_CHECKING:
    from sim.scenario.draft import Draft


def shipped_names() -> list[str]:
    """Return the shipped scenarios' names, for the completion of arguments."""
    from sim.scenario import shipped_scenarios

    return list(shipped_scenarios())


ScenarioArgument = Annotated[
    str,
    typer.Argument(
        metavar="SCENARIO",
        help="A scenario file, or the name of a shipped scenario.",
        autocompletion=shipped_names,
        show_default=False,
    ),
]


def check(
    scenarios: Annotated[
        list[str],
        typer.Argument(
            metavar="SCENARIO",
            help="Scenario files, or names of shipped scenarios.",
            autocompletion=shipped_names,
            show_default=False,
        ),
    ],
) -> None:
    """Validate scenarios only: every error as file:line, what, given, allowed, what to do."""
    from sim.scenario import ScenarioError
    from sim.scenario.reading import read_draft

    wrong = False
    for name in scenarios:
        try:
            print(f"{name}: ok; {_size(read_draft(name))}")
        except ScenarioError as error:
            wrong = True
            tell(str(error))
    if wrong:
        raise typer.Exit(WRONG_INPUT)


def show(scenario: ScenarioArgument) -> None:
    """Show a scenario as resolved: parameters, events, questions, and how it departs from its base."""
    from sim.cli.scenario_tables import print_scenario

    print_scenario(scenario)


def scenarios() -> None:
    """List the shipped scenarios, one line each."""
    from sim.scenario import read_scenario, shipped_scenarios

    shipped = [read_scenario(path) for path in shipped_scenarios().values()]
    width = max(len(scenario.name) for scenario in shipped)
    for scenario in shipped:
        print(f"{scenario.name:{width}}  {scenario.as_of} to {scenario.until}  {scenario.title}")


def new(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="Its name: lower-case letters, digits, hyphens.", show_default=False
        ),
    ],
    base: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="SCENARIO",
            help="The scenario that it extends.",
            autocompletion=shipped_names,
            show_default=False,
        ),
    ],
) -> None:
    """Write a scenario file to edit, NAME.toml in the current folder."""
    from sim.scenario import read_scenario
    from sim.scenario.source import find, shipped_folder
    from sim.scenario.writing import new_toml

    path = Path(f"{name}.toml")
    if fault := _name_fault(name) or _base_fault(find(base), path):
        fail(fault, status=WRONG_INPUT)
    schema = shipped_folder() / "scenario.schema.json"
    here = Path.cwd()
    near = schema.is_relative_to(here)
    place = f"./{schema.relative_to(here).as_posix()}" if near else schema.as_posix()
    text = new_toml(name, read_scenario(base), extends=find(base).name, schema=place)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        fail(f"{path}: exists already; choose another name or remove it", status=WRONG_INPUT)
    except OSError as error:
        fail(f"{path}: cannot be written: {error.strerror}")
    print(path)


def _size(draft: Draft) -> str:
    counts = (
        (len(draft.beliefs), "belief"),
        (len(draft.events), "event"),
        (len(draft.questions), "question"),
    )
    said = ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts)
    (as_of, _), (until, _) = draft.header["as_of"], draft.header["until"]
    return f"{as_of} to {until}; {said}"


def _name_fault(name: str) -> str:
    """Return why a new scenario cannot have this name, or nothing."""
    import re

    from sim.scenario.file_format import SLUG

    if len(name) > 80 or not re.fullmatch(SLUG, name):
        allowed = "lower-case letters and digits, joined by single hyphens"
        return f"{name[:80]!r} cannot be a scenario's name; allowed: {allowed}"
    if name in shipped_names():
        return f"{name}: a shipped scenario has this name; choose another"
    return ""


def _base_fault(base: Path, path: Path) -> str:
    """Return why a file in the current folder cannot extend this base, or nothing."""
    from sim.scenario.problems import Fault
    from sim.scenario.source import find_base

    if os.path.lexists(path):
        return f"{path}: exists already; choose another name or remove it"
    found = find_base(base.name, Path.cwd())
    if isinstance(found, Fault):
        todo = "copy it into the current folder, or start from a shipped scenario"
        return f"{base}: cannot be extended from here; {todo}"
    if found.resolve() != base.resolve():
        return f"{base.name}: the file of this name in the current folder hides it; rename that file"
    return ""
