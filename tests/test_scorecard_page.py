"""The published scorecard: its page says what its tables say."""

import importlib.util
from pathlib import Path

from sim.verification import Scorecard

ROOT = Path(__file__).parents[1]


def maker():
    spec = importlib.util.spec_from_file_location("scorecard_page", ROOT / "docs" / "scorecard.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_made_from_the_tables():
    assert (ROOT / "docs" / "scorecard.md").read_text(encoding="utf-8") == maker().page(), (
        "python docs/scorecard.py"
    )


def test_the_scorecard_covers_what_was_declared():
    card = Scorecard.load(ROOT / "results" / "scorecard")
    assert len(card.provenance["origins"]) == 16
    assert card.provenance["leads"] == [6, 12, 24]
    pooled = card.pooled()
    own = pooled[(pooled["forecaster"] == "model") & (pooled["score"] == "crps")].set_index("rival")
    assert {"persistence", "climatology", "climatology since 2014", "ETS", "ARIMA"} <= set(own.index)
    assert own.loc["persistence", "skill"] > 0.15  # what had been hoped for, and what the page claims
    assert own.loc["persistence", "low"] > 0.0
    assert own.loc["local level", "skill"] > 0.15
