"""The scorecard on made-up forecasts: its tables, its folder, its words, its figure. Nothing is simulated or fitted."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from sim import plots
from sim.cli.scoring import skills_in_words
from sim.cli.screen import say
from sim.record.cases import FIGURES, Case
from sim.record.observations import Record
from sim.rivals import OF_CLASSES, OF_FIGURES, POOLED
from sim.verification import Scorecard, cases, origins, scores
from sim.verification.pooling import ALL_TARGETS, ERAS, SINCE_2018
from sim.verification.scorecard import (
    GIVEN,
    MODEL,
    MODELS,
    NO_INCENTIVES,
    NO_INCENTIVES_GIVEN,
    OURS,
    UNLEARNED,
)

SIZE = dict.fromkeys(FIGURES, 0.1) | {"eu_support": 0.04, "chapters_opened": 2.0}


def made_up_card(models=MODELS, seed=1):
    """Return a scorecard whose figures are forecast with honest normal errors, whose chances are drawn at random.

    It has the cases that ended by 2023, whose numbers were counted by hand.
    """
    random = np.random.default_rng(seed)
    record = Record.load()
    dates = origins(record, last=date(2023, 7, 1))
    found = []
    for case in (case for case in cases(record, dates) if case.end <= date(2023, 12, 31)):
        rivals = OF_CLASSES if case.classes else OF_FIGURES
        for place, name in enumerate([*([POOLED] if MODEL in models else []), *models, *rivals]):
            if case.classes:
                forecast = random.dirichlet(np.ones(case.classes)) * 0.7
                forecast[int(case.outcome)] += 0.3
            else:
                size = SIZE[case.target] * (1.0 + 0.15 * place)
                values = case.outcome + size * (random.normal() + random.normal(size=500))
                forecast = np.rint(values) if case.kind == "count" else values
            found.append(scores.scored(case, name, forecast))
    made = {
        "origins": [str(day) for day in dates],
        "leads": [6, 12, 24],
        "members": 500,
        "particles": 1000,
        "seed": seed,
    }
    return Scorecard(scores.table(found), made)


@pytest.fixture(scope="module")
def card():
    return made_up_card()


def test_every_case_has_every_forecaster_once(card):
    keys = ["target", "origin", "lead", "start", "end", "name", "forecaster"]
    assert not card.data.duplicated(keys).any()
    assert (card.data[card.data["forecaster"] == MODEL]["target"].value_counts() > 0).all()
    assert card.forecasters[: len(OURS)] == OURS


def test_a_folder_gives_the_scorecard_back(card, tmp_path):
    card.save(tmp_path / "card")
    again = Scorecard.load(tmp_path / "card")
    pd.testing.assert_frame_equal(again.data, card.data)
    assert again.provenance == card.provenance
    assert {path.name for path in (tmp_path / "card").iterdir()} == {
        "scores.csv",
        "summary.csv",
        "eras.csv",
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
    targets = part[part["target"] != ALL_TARGETS]
    (pooled,) = part.loc[part["target"] == ALL_TARGETS, "skill"]
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
    assert (part["target"] == ALL_TARGETS).sum() == 1
    assert (
        part.loc[part["target"] == ALL_TARGETS, "n"].item() == part.loc[part["target"].isin(SIZE), "n"].sum()
    )
    assert "un_votes" in set(part["target"])


def test_means_by_lead_say_which_are_pooled(card):
    found = card.by_lead().set_index(["target", "lead", "forecaster"])
    assert not found.loc[("un_position", 24, MODEL), "pooled"]
    assert found.loc[("un_position", 12, MODEL), "pooled"]
    rows_of = card.data[(card.data["target"] == "eu_support") & (card.data["lead"] == 6)]
    mean = rows_of.loc[rows_of["forecaster"] == MODEL, "crps"].mean()
    assert found.loc[("eu_support", 6, MODEL), "crps"] == pytest.approx(mean)


def test_bands_of_a_count_hold_no_more_than_their_share():
    """Of an honest forecaster; with their ends they hold two thirds and more, since counts lie on them."""
    random = np.random.default_rng(5)
    origins = [date(2016 + place // 2, 1 + 6 * (place % 2), 1) for place in range(20)]
    sample = np.sort(random.poisson(1.0, 4000)).astype(float)
    found = [
        scores.scored(
            Case("chapters_opened", "count", day, 6, None, day, float(random.poisson(1.0))), MODEL, sample
        )
        for day in origins
        for _ in range(50)
    ]
    card = Scorecard(scores.table(found), {})
    held = card.coverage().set_index(["target", "band"])["coverage"]["all"]
    assert held[0.5] == pytest.approx(0.5, abs=0.04)
    assert held[0.9] == pytest.approx(0.9, abs=0.03)
    before = Scorecard(card.data.assign(atom=np.nan), {}).coverage().set_index(["target", "band"])["coverage"]
    assert before["all"][0.5] > 0.65, "scorecards that kept no atoms take bands with their ends"


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


def test_eras_part_the_origins_and_pool_what_the_whole_pools(card):
    eras = [card.of(era) for era in ERAS]
    assert sum(len(era.data) for era in eras) == len(card.data)
    assert len(card.of(SINCE_2018).data) == sum(len(era.data) for era in eras[1:])
    found = card.skills_by_era()
    assert set(found["forecaster"]) == {MODEL, POOLED}
    own = found[(found["forecaster"] == MODEL) & (found["rival"] == "ETS") & (found["score"] == "crps")]
    whole = card.skills()
    whole = whole[(whole["forecaster"] == MODEL) & (whole["rival"] == "ETS") & (whole["score"] == "crps")]
    all_of_it = own[own["era"] == "all"]
    assert all_of_it["skill"].tolist() == whole["skill"].tolist()
    for era in ("2016-17", "2018-21"):
        part = own[own["era"] == era].set_index("target")
        assert part.loc[ALL_TARGETS, "skill"] == pytest.approx(part["skill"].drop(ALL_TARGETS).mean())
        assert part.loc["un_position", "leads"] == (6, 12), "24 months have too few outcomes in all"
    by_era = own[own["era"].isin([era.name for era in ERAS])]
    assert (
        by_era[by_era["target"] == ALL_TARGETS]["n"].sum()
        == all_of_it[all_of_it["target"] == ALL_TARGETS]["n"].item()
    )


def test_the_skill_of_an_era_is_that_of_its_origins(card):
    found = card.skills_by_era().set_index(["era", "forecaster", "rival", "score", "target"])
    rows_of = card.data[(card.data["target"] == "eu_support") & card.data["lead"].isin([6, 12])]
    sums = {
        name: sum(
            row.crps
            for row in rows_of[rows_of["forecaster"] == name].itertuples()
            if 2018 <= row.origin.year <= 2021
        )
        for name in (MODEL, "shrunk persistence")
    }
    skill = found.loc[("2018-21", MODEL, "shrunk persistence", "crps", "eu_support"), "skill"]
    assert skill == pytest.approx(1.0 - sums[MODEL] / sums["shrunk persistence"])


def test_bands_and_chances_are_told_by_era(card):
    found = card.by_era(Scorecard.coverage)
    half = found[(found["forecaster"] == MODEL) & (found["band"] == 0.5)].set_index(["era", "target"])
    assert half.loc[("all", "all"), "n"] == sum(half.loc[(era.name, "all"), "n"] for era in ERAS[:3])
    own = card.data[(card.data["forecaster"] == MODEL) & (card.data["target"] == "un_position")]
    wide = (own["high50"] - own["low50"]).mean() / 2.0
    assert half.loc[("all", "un_position"), "half_width"] == pytest.approx(wide)
    assert np.isnan(half.loc[("all", "all"), "half_width"]), "shares and chapters have no width together"
    chances = card.by_era(Scorecard.brier)
    assert set(chances["era"]) == {"all", "2016-17", "2018-21", "2022-23", "2018-26"}


def test_an_era_without_an_origin_is_left_out(card):
    assert "2024-26" not in set(card.skills_by_era()["era"]), "this record ends before"
    early = card.of(ERAS[0])
    assert set(early.skills_by_era()["era"]) == {"all", "2016-17"}


def test_its_words_fit_a_terminal(card, capsys):
    say(*skills_in_words(card))
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("2018-21, ") for line in lines)
    assert max(len(line) for line in lines) <= 80
    assert any(line.startswith("climatology since 2014") for line in lines)


def test_a_skill_against_a_rival_that_was_all_but_right_is_told_short(card, capsys):
    rows = card.data["forecaster"] == "persistence"
    right = card.data.assign(brier=card.data["brier"].where(~rows, 1e-9))
    say(*skills_in_words(Scorecard(right, card.provenance)))
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("persistence")]
    assert any("<\N{MINUS SIGN}99 [<\N{MINUS SIGN}99,<\N{MINUS SIGN}99]" in line for line in lines)


def test_its_repr_has_five_lines(card):
    assert len(repr(card).splitlines()) == 5
    assert "16 origins, 2016-01-01 to 2023-07-01" in repr(card)


@pytest.mark.parametrize("models", [MODELS, (MODEL,)])
def test_the_figure_is_legible_and_says_what_was_found(models, all_words, legible):
    card = made_up_card(models)
    figure = plots.scorecard(card)
    legible(figure)
    words = all_words(figure)
    assert "of 10 rivals" in words
    assert "of 2018-21" in words
    assert "development sample" in words
    low = card.pooled().query(f"forecaster == '{POOLED}' and score == 'crps'").set_index("rival")["low"]
    rivals = [rival for rival in low.index if rival not in MODELS]
    beaten = sum(low[rival] > 0.0 for rival in rivals)
    assert (
        f"with one seed, the pooled forecast is clearly better than {beaten} of {len(rivals)} rivals" in words
    )


def test_a_rival_is_beaten_only_if_it_is_with_every_seed(card, all_words, monkeypatch):
    once = plots.scorecard(card)
    skills = card.skills()
    skills.loc[skills["rival"] == "persistence", "low"] = -0.01
    other = Scorecard(card.data, {**card.provenance, "seed": 2})
    monkeypatch.setattr(Scorecard, "skills", lambda self: skills if self is other else card._skills.copy())
    both = all_words(plots.scorecard(card, [other]))
    assert "the pooled forecast is clearly better than 9 of 10 rivals; not told from persistence" in both
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
