"""docs/scenarios.md says what is so: its files are read, its commands run, its tables are the catalogue's."""

import os
import re
import shlex
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from sim.catalogue import QUANTITIES, askable, settable, targets
from sim.country import neutral
from sim.observations import Record
from sim.priors import FAMILIES
from sim.registry.truth import Asked, points_of

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "scenarios.md"
BLOCK = re.compile(r"^```(toml|console) ?(\S*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def row(name):
    quantity = QUANTITIES[name]
    unit = "" if quantity.discrete else f" ({quantity.unit})"
    return f"| `{name}` | {neutral(quantity.meaning)} | {quantity.allowed()}{unit} |"


def run(command, folder):
    program, *arguments = shlex.split(command)
    assert program == "serbia-sim"
    result = subprocess.run(
        [sys.executable, "-m", "sim", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return result.stdout


def test_every_command_says_what_the_page_says(tmp_path):
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    assert {"toml", "console"} == {kind for kind, _, _ in blocks}
    for kind, name, text in blocks:
        if kind == "toml":
            (tmp_path / name).write_text(text, encoding="utf-8")
        else:
            for step in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                command, _, expected = step.partition("\n")
                assert run(command, tmp_path) == expected, command


@pytest.mark.parametrize(("names", "before"), [(settable, "## Questions"), (askable, "## Bases")])
def test_the_tables_are_the_catalogues(names, before):
    section = PAGE.read_text(encoding="utf-8").split(before)[0].rsplit("## ", 1)[1]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    assert sorted(rows) == sorted(row(name) for name in names())


def test_the_page_says_which_questions_the_record_settles():
    said = re.search(
        r"^The record settles the targets, (.*?)\.", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.M
    )
    record, when = Record.load(), {"at": date(2024, 12, 31)}
    told = {name for name in askable() if points_of(Asked(name, date(2024, 1, 1), when, {}), record)}
    assert told == {*targets(), *re.findall(r"`(\w+)`", said[1])}, (
        "say in sim.registry.truth how the record tells it"
    )


def test_every_family_of_priors_is_named():
    text = PAGE.read_text(encoding="utf-8")
    assert all(f"`{family} = " in text for family in FAMILIES)
