"""docs/scenarios.md says what is so: its files are read, its commands run, what is said of the record is so."""

import os
import re
import shlex
import subprocess
import sys
from datetime import date
from pathlib import Path

from sim.parameters.priors import FAMILIES
from sim.quantities.catalogue import askable, targets
from sim.record.observations import Record
from sim.registry.truth import Asked, points_of

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "scenarios.md"
BLOCK = re.compile(r"^```(toml|console) ?(\S*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


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
                assert run(command, tmp_path) == expected, "run python docs/console.py docs/scenarios.md"


def test_the_page_says_which_questions_the_record_settles():
    said = re.search(
        r"^The record settles the targets, (.*?)\.", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.M
    )
    record, when = Record.load(), {"at": date(2024, 12, 31)}
    told = {name for name in askable() if points_of(Asked(name, date(2024, 1, 1), when, {}), record)}
    assert told == {*targets(), *re.findall(r"`(\w+)`", said[1])}, (
        "say in sim.record.record_series how the record tells it"
    )


def test_every_family_of_priors_is_named():
    text = PAGE.read_text(encoding="utf-8")
    assert all(f"`{family} = " in text for family in FAMILIES)
