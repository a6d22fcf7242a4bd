"""What the README shows is what the commands print."""

import difflib
import importlib.util
import re
import shlex
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "README.md").read_text(encoding="utf-8")
PERCENT = re.compile(r"^ *(\d+\.\d) % \u00b1", re.MULTILINE)
NUMBER = re.compile(r"(?<![\w.])-?\d[\d,]*\.?\d*(?![\w.])")
HINT = "run python docs/console.py README.md"


@pytest.fixture
def tools():
    spec = importlib.util.spec_from_file_location("console", ROOT / "docs" / "console.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def likeness(tools, fresh):
    """Return how much of the page's lines are those of a fresh one, numbers aside."""
    shown, now = (NUMBER.sub("#", tools.DIGEST.sub("#", text)).splitlines() for text in (PAGE, fresh))
    return difflib.SequenceMatcher(None, shown, now, autojunk=False).ratio()


def questions(page):
    """Return the words of the first block, which are the answers' and the questions'."""
    words = page.split("```")[1].split("\n\n")[1]
    return re.sub(r"[\s#]+", " ", NUMBER.sub("#", re.sub(r"\[.*?\]", "", words)))


def test_every_command_of_the_tour_says_what_the_page_shows(tools, called, tmp_path, monkeypatch):
    """With few members and particles, in this process; with as many as a reader takes in the test below."""

    def printed(command, folder):
        call, _, rest = command.partition(" | ")
        name, *arguments = shlex.split(call)
        if name != "serbia-sim":
            return in_shell(command)
        if arguments[0] == "run":
            arguments += ["--members", "64", "--no-figures"]
        told = called(*arguments)
        assert told.exit_code == (2 if "typo.toml" in call else 0), told.output
        return in_shell(rest, told.output) if rest else told.output

    def in_shell(command, given=""):
        done = subprocess.run(
            ["bash", "-c", command], input=given, capture_output=True, text=True, check=True
        )
        return done.stdout

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tools, "printed", printed)
    fresh = tools.renewed(PAGE, tmp_path)
    assert likeness(tools, fresh) > 0.8, HINT
    assert questions(fresh) == questions(PAGE), HINT
    assert re.search(r"^member 7: all [\d,]+ numbers equal.*$", PAGE, re.MULTILINE)[0] in fresh, HINT
    blocks = [block["text"] for block in tools.BLOCK.finditer(PAGE)]
    told = [block for block in blocks if block.startswith(("$ serbia-sim new", "$ printf"))]
    assert len(told) == 2
    assert all(block in fresh for block in told), HINT


@pytest.mark.long(reason="learns as users do; a quick test holds all but the digits, with few members")
def test_the_tour_is_real(tools, tmp_path):
    """Learning turns on last digits, so that another processor tells another member's story: likeness is asked for."""
    fresh = tools.renewed(PAGE, tmp_path)
    assert likeness(tools, fresh) > 0.8, HINT
    answers, again = (PERCENT.findall(text.split("```")[1]) for text in (PAGE, fresh))
    assert len(answers) == len(again) > 10, HINT
    for before, after in zip(answers, again, strict=True):
        assert float(after) == pytest.approx(float(before), abs=6.0), (
            HINT
        )  # points: two posteriors differ by some


def test_the_pictures_of_the_page_exist():
    pictures = re.findall(r"!\[.*?\]\((.*?)\)", PAGE)
    assert pictures
    assert all((ROOT / picture).is_file() for picture in pictures)
