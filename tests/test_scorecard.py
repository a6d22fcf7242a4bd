"""The scorecard on made-up forecasts: its tables, its folder, its words, its figure. Nothing is simulated or fitted."""

import numpy as np
import pandas as pd
import pytest

from sim import plots
from sim.observations import Record
from sim.rivals import OF_CLASSES, OF_FIGURES
from sim.verification import Scorecard, cases, origins, rows
from sim.verification.pooling import POOLED
from sim.verification.scorecard import GIVEN, MODEL, MODELS, NO_INCENTIVES, NO_INCENTIVES_GIVEN, UNLEARNED
from sim.verification.words import skill_lines

SIZE = {"cfsp_alignment": 0.1, "un_position": 0.1, "eu_support": 0.04, "chapters_opened": 2.0}


def made_up_card(models=MODELS, seed=1):
    """Return a scorecard whose figures are forecast with honest normal errors, whose chances are drawn at random."""
    random = np.random.default_rng(seed)
    record = Record.load()
    dates = origins(record)
    found = []
    for case in cases(record, dates):
        rivals = OF_CLASSES if case.classes else OF_FIGURES
        for place, name in enumerate([*models, *rivals]):
            if case.classes:
                forecast = random.dirichlet(np.ones(case.classes)) * 0.7
                forecast[int(case.outcome)] += 0.3
            else:
                size = SIZE[case.target] * (1.0 + 0.15 * place)
                values = case.outcome + size * (random.normal() + random.normal(size=500))
                forecast = np.rint(values) if case.kind == "count" else values
            found.append(rows.scored(case, name, forecast))
    made = {
        "origins": [str(day) for day in dates],
        "leads": [6, 12, 24],
        "members": 500,
        "particles": 1000,
        "seed": seed,
    }
    return Scorecard(rows.table(found), made)


@pytest.fixture(scope="module")
def card():
    return made_up_card()


def test_every_case_has_every_forecaster_once(card):
    keys = ["target", "origin", "lead", "start", "end", "name", "forecaster"]
    assert not card.data.duplicated(keys).any()
    assert (card.data[card.data["forecaster"] == MODEL]["target"].value_counts() > 0).all()
    assert card.forecasters[: len(MODELS)] == MODELS


def test_a_folder_gives_the_scorecard_back(card, tmp_path):
    card.save(tmp_path / "card")
    again = Scorecard.load(tmp_path / "card")
    pd.testing.assert_frame_equal(again.data, card.data)
    assert again.provenance == card.provenance
    assert {path.name for path in (tmp_path / "card").iterdir()} == {
        "scores.csv",
        "summary.csv",
        "coverage.csv",
        "brier.csv",
        "provenance.json",
    }
    assert len(pd.read_csv(tmp_path / "card" / "summary.csv")) == len(card.skills())


def test_a_folder_without_a_scorecard_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="holds no scorecard"):
        Scorecard.load(tmp_path)


def test_variants_are_compared_with_rivals_and_with_what_they_should_beat(card):
    pairs = set(zip(card.skills()["forecaster"], card.skills()["rival"], strict=True))
    assert {(MODEL, UNLEARNED), (MODEL, NO_INCENTIVES), (GIVEN, NO_INCENTIVES_GIVEN), (GIVEN, MODEL)} <= pairs
    assert {(MODEL, rival) for rival in (*OF_FIGURES, *OF_CLASSES)} <= pairs
    assert (MODEL, MODEL) not in pairs


def test_the_pooled_skill_is_the_mean_of_the_targets_skills(card):
    found = card.skills()
    part = found[(found["forecaster"] == MODEL) & (found["rival"] == "ETS") & (found["score"] == "crps")]
    targets = part[part["target"] != POOLED]
    (pooled,) = part.loc[part["target"] == POOLED, "skill"]
    assert len(targets) == 4
    assert pooled == pytest.approx(targets["skill"].mean())
    assert dict(zip(targets["target"], targets["n"], strict=True))["un_position"] == 16, (
        "seven at 24 months left out"
    )


def test_log_scores_of_figures_and_of_votes_are_not_pooled_together(card):
    found = card.skills()
    part = found[
        (found["forecaster"] == MODEL) & (found["rival"] == "persistence") & (found["score"] == "log_score")
    ]
    assert (part["target"] == POOLED).sum() == 1
    assert part.loc[part["target"] == POOLED, "n"].item() == part.loc[part["target"].isin(SIZE), "n"].sum()
    assert "un_votes" in set(part["target"])


def test_means_by_lead_say_which_are_pooled(card):
    found = card.by_lead().set_index(["target", "lead", "forecaster"])
    assert not found.loc[("un_position", 24, MODEL), "pooled"]
    assert found.loc[("un_position", 12, MODEL), "pooled"]
    rows_of = card.data[(card.data["target"] == "eu_support") & (card.data["lead"] == 6)]
    mean = rows_of.loc[rows_of["forecaster"] == MODEL, "crps"].mean()
    assert found.loc[("eu_support", 6, MODEL), "crps"] == pytest.approx(mean)


def test_the_bands_of_an_honest_forecaster_hold_about_what_they_say(card):
    found = card.coverage()
    of_all = found[(found["target"] == "all") & (found["forecaster"] == MODEL)].set_index("band")
    assert of_all.loc[0.5, "coverage"] == pytest.approx(0.5, abs=0.15)
    assert of_all.loc[0.9, "coverage"] == pytest.approx(0.9, abs=0.1)
    assert (of_all["low"] <= of_all["coverage"]).all()
    assert (of_all["coverage"] <= of_all["high"]).all()
    assert set(of_all["n"]) == {134}


def test_brier_scores_come_with_their_parts(card):
    found = card.brier()
    total = found["reliability"] - found["resolution"] + found["uncertainty"] + found["within"]
    assert np.allclose(total, found["brier"])
    plain = card.data[card.data["forecaster"] == MODEL].groupby("target")["brier"].mean()
    for row in found[found["forecaster"] == MODEL].itertuples():
        assert row.brier == pytest.approx(plain[row.target])


def test_its_words_fit_a_terminal(card):
    lines = list(skill_lines(card))
    assert max(len(line) for line in lines) <= 80
    assert any(line.startswith("climatology since 2014") for line in lines)


def test_its_repr_has_five_lines(card):
    assert len(repr(card).splitlines()) == 5
    assert "16 origins, 2016-01-01 to 2023-07-01" in repr(card)


@pytest.mark.parametrize("models", [MODELS, (MODEL,)])
def test_the_figure_is_legible_and_says_what_was_found(models, all_words, legible):
    card = made_up_card(models)
    figure = plots.scorecard(card)
    legible(figure)
    words = all_words(figure)
    assert "of 7 rivals" in words
    assert "development sample" in words
    low = card.pooled().query("forecaster == 'model' and score == 'crps'").set_index("rival")["low"]
    rivals = [rival for rival in low.index if rival not in MODELS]
    beaten = sum(low[rival] > 0.0 for rival in rivals)
    assert (
        f"with the one seed drawn, the model is clearly better than {beaten} of {len(rivals)} rivals" in words
    )


def test_a_rival_is_beaten_only_if_it_is_with_every_seed(card, all_words, monkeypatch):
    once = plots.scorecard(card)
    skills = card.skills()
    skills.loc[skills["rival"] == "persistence", "low"] = -0.01
    other = Scorecard(card.data, {**card.provenance, "seed": 2})
    monkeypatch.setattr(Scorecard, "skills", lambda self: skills if self is other else card._skills.copy())
    both = all_words(plots.scorecard(card, [other]))
    assert "the model is clearly better than 6 of 7 rivals; not told from persistence" in both
    assert "not told from persistence" not in all_words(once)
    assert "seeds 1 and 2" in both


def test_a_figure_needs_the_model():
    with pytest.raises(plots.FigureError, match="has no 'model'"):
        plots.scorecard(made_up_card((UNLEARNED,)))


def test_the_figure_of_a_short_hindcast_says_that_nothing_is_pooled(card, all_words, legible):
    short = Scorecard(card.data[card.data["origin"] <= card.data["origin"].iloc[0]], card.provenance)
    figure = plots.scorecard(short)
    legible(figure)
    assert "Too few outcomes to pool" in all_words(figure)
