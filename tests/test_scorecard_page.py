"""The published scorecard: its page says what its tables say."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest
import scorecard as page

from sim.plots import scorecard
from sim.record.observations import Record
from sim.rivals import OF_CLASSES, OF_FIGURES, POOLED, SHRUNK
from sim.verification import MODELS, Scorecard, cases, hindcast, origins

ROOT = Path(__file__).parents[1]


def test_the_page_is_made_from_the_tables():
    assert (ROOT / "docs" / "scorecard.md").read_text(encoding="utf-8") == page.page(), (
        "python docs/scorecard.py"
    )


def test_the_scorecard_covers_what_was_declared():
    card = Scorecard.load(ROOT / "results" / "scorecard")
    assert len(card.provenance["origins"]) == len(origins(Record.load()))
    assert card.provenance["leads"] == [6, 12, 24]
    pooled = card.pooled()
    own = pooled[(pooled["forecaster"] == POOLED) & (pooled["score"] == "crps")].set_index("rival")
    assert {*page.RIVALS} <= set(own.index)
    clear = own.loc[[*page.RIVALS], "low"] > 0.0
    assert [*clear.index[~clear]] == [SHRUNK], "what the page claims of all ten years"
    assert own.loc[SHRUNK, "skill"] > 0.0


def test_the_words_say_of_the_eras_what_the_tables_do():
    """What was hoped for from 2018 on, and missed: the page says so with both seeds."""
    for folder in (page.FOLDER, page.OTHER_SEED):
        eras = Scorecard.load(folder).skills_by_era()
        told = eras[
            (eras["forecaster"] == POOLED)
            & (eras["rival"] == SHRUNK)
            & (eras["target"] == "pooled")
            & (eras["score"] == "crps")
        ].set_index("era")
        assert told.loc["2018-26", "low"] < 0.0 < told.loc["2018-26", "skill"] < 0.05
        assert told.loc["2024-26", "high"] < 0.0


def test_the_published_cases_and_forecasters_are_those_of_today():
    whole, record = Scorecard.load(page.FOLDER), Record.load()
    asked = cases(record, origins(record), leads=whole.provenance["leads"])
    assert {*whole.forecasters} == {POOLED, *MODELS, *OF_FIGURES, *OF_CLASSES}
    own = whole.data[whole.data["forecaster"] == MODELS[0]]
    assert len(own) == len(asked)
    assert np.allclose(own["outcome"], [case.outcome for case in asked], atol=1e-6)
    assert list(own["target"]) == [case.target for case in asked]


@pytest.mark.long(reason="every variant learns; quick tests hindcast two, and hold the published cases")
def test_a_small_scorecard_has_what_the_published_one_has(tmp_path):
    """Every variant and rival on one origin, as `make scorecard` has them on sixteen."""
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
    assert "| `un_votes` | model |" in page.brier(small)
    assert "| shrunk persistence, `eu_support` |" in "\n".join(page.era_skills(small))


def test_both_seeds_are_of_the_same_hindcast():
    one, other = (Scorecard.load(folder).provenance for folder in (page.FOLDER, page.OTHER_SEED))
    assert (one["seed"], other["seed"]) == (1, 2)
    for of in ("origins", "leads", "members", "particles", "record", "variants"):
        assert one[of] == other[of], of


def test_the_figures_title_says_no_more_than_every_seed_allows(legible, all_words):
    cards = [Scorecard.load(folder) for folder in (page.FOLDER, page.OTHER_SEED)]
    figure = scorecard(cards[0], cards[1:])
    legible(figure)
    title = " ".join(figure.texts[0].get_text().split())
    lows = [
        page.rows_at(card.summary(), forecaster=POOLED, score="crps", target="pooled").set_index("rival")[
            "low"
        ]
        for card in cards
    ]
    rivals = [rival for rival in page.RIVALS if rival in lows[0].index]
    beaten = [rival for rival in rivals if all(low[rival] > 0.0 for low in lows)]
    assert (
        f"with each of 2 seeds, the {POOLED} is clearly better than {len(beaten)} of {len(rivals)} rivals"
        in title
    )
    assert title.endswith(f"from 2018 on it is no better than {SHRUNK}")
    assert "all again with seed 2" in all_words(figure)
    (drawn,) = [
        line
        for line in (page.FOLDER / "scorecard.svg").read_text(encoding="utf-8").splitlines()
        if "clearly" in line
    ]
    assert f"{len(beaten)} of {len(rivals)} rivals" in drawn


@pytest.mark.parametrize(("state", "better"), [("moldova", "none"), ("north-macedonia", "2")])
def test_the_title_of_a_card_that_mostly_loses_says_so_first(legible, state, better):
    figure = scorecard(Scorecard.load(page.FOLDER / state))
    legible(figure)
    title = " ".join(figure.texts[0].get_text().split())
    said = f"the {POOLED} is clearly worse than 6 of 10 rivals and better than {better}; not told from "
    assert title.startswith(f"On figures, with one seed, {said}")


def test_the_last_misses_come_first_and_are_misses():
    card = Scorecard.load(page.FOLDER)
    published = next(name for name in page.PUBLISHED if name in card.forecasters)
    own = card.data[card.data["forecaster"] == published]
    told = page.page().split("## The last misses\n\n")[1].split("\n\n## ")[0].splitlines()
    figures = own[own["crps"].notna()]
    beyond = ((figures["outcome"] < figures["low90"]) | (figures["outcome"] > figures["high90"])).sum()
    unlikely = 0
    for row in own[own["brier"].notna()].itertuples():
        unlikely += getattr(row, f"chance{int(row.outcome)}") < 0.25
    assert told[0].startswith(f"{beyond + unlikely} of {len(own)} forecasts missed ({published})")
    ends = [line.split(" | ")[0].strip("| ") for line in told[4:] if line]
    assert 0 < len(ends) <= page.MISSES
    assert ends == sorted(ends, reverse=True)
