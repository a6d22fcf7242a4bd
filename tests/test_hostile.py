"""What a stranger's files hold reaches no terminal as codes, ends no command in a traceback, and leads nowhere else."""

import json
import math
import os
import pty
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import fuzz
import pytest
import typer

from sim.cli.errors import READ, WRONG_INPUT, guarded
from sim.cli.screen import Shown, shown
from sim.runs.manifest import DamageError, seal
from sim.runs.results import Run
from sim.runs.storing import PARTS
from sim.scenario import read_scenario

MARCH = read_scenario("march-2023")
ASKED = replace(MARCH.questions[0], at=date(2013, 6, 30))
SPEC = replace(MARCH, as_of=date(2012, 3, 10), until=date(2013, 6, 30), questions=(ASKED,))
EVIL = "\x1b]0;pwned\x07\x1b[2J\x9b31m\u202egnp\r\x08"


@pytest.fixture
def copied(run_of, tmp_path):
    run = run_of(SPEC, 40, learned=False)
    return shutil.copytree(run.folder, tmp_path / run.folder.parent.name / run.folder.name)


def on_a_terminal(*arguments):
    """Return what a command writes to a terminal, and its exit status."""
    parent, child = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "sim", *map(str, arguments)], stdout=child, stderr=child, stdin=child
    ) as process:
        os.close(child)
        told = b""
        while True:
            try:
                more = os.read(parent, 65536)
            except OSError:  # the other end is closed
                break
            told += more
    os.close(parent)
    return told.decode(), process.returncode


def test_text_is_shown_without_what_a_terminal_obeys():
    assert shown(f"a\tb\n{EVIL}c\u0161") == "a\tb\n?]0;pwned??[2J?31m?gnp??c\u0161"
    assert Shown(sys.stderr).fileno() == sys.stderr.fileno()


def test_codes_in_a_strangers_run_reach_no_terminal(copied):
    made = json.loads((copied / "provenance.json").read_text())
    made["title"] = EVIL
    (copied / "provenance.json").write_text(json.dumps(made))
    table = copied / "questions.csv"
    table.write_text(table.read_text().replace(ASKED.text, EVIL, 1))
    seal(copied, PARTS)
    for command in (("compare", copied, copied), ("verify", copied)):
        told, _ = on_a_terminal(*command)
        bars = re.compile(r"\x1b\[[0-9;?]*[mAKlh]|\r")  # Rich's own, of the bar of work
        assert "pwned" in told
        assert not set(bars.sub("", told)) & set(EVIL) - set("]0;pwned[2J31mgnp")


def test_a_chunk_whose_header_lies_about_its_size_ends_in_a_line(copied, capsys):
    """The decoder's own error is raised by what a stranger wrote, and so is no fault of ours."""
    chunks = [path for path in (copied / "members.zarr" / "lean").rglob("*") if path.parent.name != "lean"]
    for chunk in filter(Path.is_file, chunks):
        packed = bytearray(chunk.read_bytes())
        packed[4:8] = (2**31 + 7).to_bytes(4, "little")  # bytes when unpacked, read with a sign
        chunk.write_bytes(packed)
    seal(copied, PARTS)

    def command():
        READ.append(copied)
        Run.load(copied).data["lean"].load()

    with pytest.raises(typer.Exit) as ended:
        guarded(command)()
    assert ended.value.exit_code == WRONG_INPUT
    assert "does not come out again" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("attributes", {"_FillValue": "AAAA"}),
        ("codecs", [{"name": "bytes"}, {"name": "numcodecs.lzma"}]),
        ("codecs", [{"name": "bytes"}, {"name": "gzip", "configuration": {"level": 1}}]),
    ],
)
def test_an_array_that_is_packed_as_we_never_pack_is_refused_in_a_line(copied, key, value):
    about = json.loads((told := copied / "members.zarr" / "lean" / "zarr.json").read_text())
    told.write_text(json.dumps(about | {key: value}))
    seal(copied, PARTS)
    with pytest.raises(DamageError, match=r"members\.zarr does not hold what it should"):
        Run.load(copied).data  # noqa: B018


TIMES = int(os.environ.get("FUZZ_TIMES", "0"))
"""Inputs for each reader, where somebody asks for more than a few: then each has its time too."""


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    """Return what hostile input is made of, in a folder with a cache of its own; nothing is written elsewhere."""
    home, outside = tmp_path_factory.mktemp("fuzz"), tmp_path_factory.mktemp("outside")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SERBIA_SIM_CACHE", str(home / "cache"))
        patch.chdir(outside)
        found = fuzz.Ground(home)
        if TIMES:
            found.begin()
        yield found
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize(
    ("reader", "times"),
    [
        ("scenario", 60),
        ("observations", 60),
        ("additions", 20),
        ("run_folder", 25),
        ("interrupted", 60),
        ("posterior", 10),
        ("ledger", 20),
    ],
)
def test_whatever_stands_in_a_file_is_read_or_refused_in_words(ground, reader, times):
    slowest = fuzz.SLOWEST if TIMES else math.inf  # machines differ
    fuzz.reading(ground, reader, TIMES or times, slowest=slowest)()
