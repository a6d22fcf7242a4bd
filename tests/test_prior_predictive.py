"""The published page on the model before learning is what the model says now."""

import importlib.util
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"


def made():
    spec = importlib.util.spec_from_file_location("prior_predictive", DOCS / "prior_predictive.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_model_says():
    number = re.compile(r"(?<![\d-])-?\d*\.\d+")
    published = (DOCS / "prior-predictive.md").read_text(encoding="utf-8")
    fresh = made().page()
    assert number.sub("#", fresh) == number.sub("#", published), "run python docs/prior_predictive.py"
    # a processor's last digit may move a member across a band: a hundredth, not more
    assert [float(x) for x in number.findall(fresh)] == pytest.approx(
        [float(x) for x in number.findall(published)], abs=0.011
    ), "numbers moved: run python docs/prior_predictive.py and say in CHANGELOG.md that they did"
