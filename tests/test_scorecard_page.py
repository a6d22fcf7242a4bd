"""The published scorecard: its page says what its tables say."""

import importlib.util
from datetime import date
from pathlib import Path

from sim.verification import MODELS, Scorecard, hindcast

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


def test_a_small_scorecard_has_what_the_published_one_has(tmp_path):
    """Every variant and rival on one origin, as `make scorecard` has them on sixteen."""
    page = maker()
    made = hindcast(
        first=date(2022, 7, 1), last=date(2022, 7, 1), leads=(6, 12), members=32, particles=32, keep=tmp_path
    )
    made.save(tmp_path)
    small, whole = Scorecard.load(tmp_path), Scorecard.load(page.FOLDER)
    assert small.forecasters == whole.forecasters
    assert set(MODELS) < set(small.forecasters)
    assert set(small.data["target"]) == set(whole.data["target"]) == {*page.FIGURES, *page.CLASSES}
    shared = ["origin", "target", "lead", "forecaster", "start", "end"]
    both = small.data.merge(whole.data, on=shared, suffixes=("", " published"))
    assert len(both) == len(small.data), "the same cases"
    assert (both["outcome"] - both["outcome published"]).abs().max() < 1e-6
    assert "| `un_votes` | model |" in "\n".join(page.brier_table(small.brier()))


def test_both_seeds_are_of_the_same_hindcast():
    one, other = (Scorecard.load(folder).provenance for folder in (maker().FOLDER, maker().OTHER_SEED))
    assert (one["seed"], other["seed"]) == (1, 2)
    for of in ("origins", "leads", "members", "particles", "record", "variants"):
        assert one[of] == other[of], of
