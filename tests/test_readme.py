"""What the README shows is what the commands print."""

import difflib
import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PERCENT = re.compile(r"^ *(\d+\.\d) % \u00b1", re.MULTILINE)
NUMBER = re.compile(r"(?<![\w.])-?\d[\d,]*\.?\d*(?![\w.])")


def console():
    spec = importlib.util.spec_from_file_location("console", ROOT / "docs" / "console.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_tour_is_real(tmp_path):
    """Learning turns on last digits, so that another processor tells another member's story: likeness is asked for."""
    tools = console()
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    fresh = tools.renewed(page, tmp_path)
    hint = "run python docs/console.py README.md"
    shown, now = (NUMBER.sub("#", tools.DIGEST.sub("#", text)).splitlines() for text in (page, fresh))
    assert difflib.SequenceMatcher(None, shown, now, autojunk=False).ratio() > 0.8, hint
    answers, again = (PERCENT.findall(text.split("```")[1]) for text in (page, fresh))
    assert len(answers) == len(again) > 10, hint
    for before, after in zip(answers, again, strict=True):
        assert float(after) == pytest.approx(float(before), abs=6.0), (
            hint
        )  # points; two posteriors differ by some


def test_the_pictures_of_the_page_exist():
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    pictures = re.findall(r"!\[.*?\]\((.*?)\)", page)
    assert pictures
    assert all((ROOT / picture).is_file() for picture in pictures)
