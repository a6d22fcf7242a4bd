"""What the README shows is what the commands print."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NUMBER = re.compile(r"(?<![\w.])-?\d[\d,]*\.?\d*(?![\w.])")


def console():
    spec = importlib.util.spec_from_file_location("console", ROOT / "docs" / "console.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def numbers(text):
    return [float(found.replace(",", "")) for found in NUMBER.findall(text)]


def test_the_tour_is_real(tmp_path):
    tools = console()
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    fresh = tools.DIGEST.sub("<digest>", tools.renewed(page, tmp_path))
    page = tools.DIGEST.sub("<digest>", page)
    hint = "run python docs/console.py README.md"
    assert NUMBER.sub("#", fresh) == NUMBER.sub("#", page), hint
    # another processor may carry a member across a line: a tenth of a per cent
    assert numbers(fresh) == pytest.approx(numbers(page), rel=0.01, abs=0.11), hint


def test_the_pictures_of_the_page_exist():
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    pictures = re.findall(r"!\[.*?\]\((.*?)\)", page)
    assert pictures
    assert all((ROOT / picture).is_file() for picture in pictures)
