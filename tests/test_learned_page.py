"""The page on what was learned: made from its tables, its numbers by the generator, its p-values right."""

import re
from pathlib import Path

import learned
import learned_checks as checks
import learned_measured as measured
import numpy as np
import pages
import pytest

from sim.assimilation.blocks import BLOCKS
from sim.record.observations import Record
from sim.runs.members import of_members
from sim.scenario import read_scenario
from sim.world.facts import gather

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"

SPEC = read_scenario(learned.SCENARIO)
SECTIONS = re.findall(r"^#+ .*", learned.WORDS.read_text(encoding="utf-8"), re.MULTILINE)


FEW = {name: BLOCKS[name] for name in ("UN ideal point", "sanctions")}


def tiny(folder):
    """Measure with few of everything; two blocks are lived again, and the rest."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measured, "BLOCKS", FEW)
        return measured.measure(SPEC, others=1, particles=32, members=24, folder=folder)


@pytest.fixture(scope="module")
def small(made_once):
    """Return a tiny run's tables, what made them, its posterior and its folder."""
    with made_once("learned-page") as folder:
        return *tiny(folder), folder


def test_the_page_is_made_from_its_tables():
    published = (DOCS / "learned.md").read_text(encoding="utf-8")
    assert published == learned.page(*measured.load(learned.FOLDER)), "python docs/learned.py --page"


def test_the_pictures_of_the_page_exist():
    pictures = re.findall(r"!\[.*?\]\((.*?)\)", learned.WORDS.read_text(encoding="utf-8"))
    assert len(pictures) == 3
    assert all((DOCS / picture).is_file() for picture in pictures)


def test_words_written_by_hand_hold_no_results():
    """What a run can change is written by the generator; years, bands and the method's own numbers may stand."""
    for path in (learned.WORDS, DOCS / "learned.toml"):
        words = re.sub(r"\{.*?\}|\(.*?\)|learned\.\w+", "", path.read_text(encoding="utf-8"))
        for own in ("the 50 % band", "the 90 % band", "near .5", "median [5, 95 %]"):
            words = words.replace(own, "")
        assert re.findall(r"\d*\.\d+|\d+ (?:%|points|of \d+)", words) == [], path.name


def test_every_statistic_with_words_exists(small):
    known = {(row.target, row.statistic) for row in small[0]["checks"].itertuples()}
    for target, statistics in learned.REASONS.items():
        for statistic, sides in statistics.items():
            assert (target, statistic) in known
            assert set(sides) <= {"low", "high"}


def test_a_tiny_run_gives_every_section(small, tmp_path):
    tables, made, *_ = small
    pages.save(tmp_path, tables, made)
    page = learned.page(*measured.load(tmp_path))
    for section in SECTIONS:
        assert section.format(origin="March 2023") in page
    assert "a small run" in page
    assert not re.search(r"\bnan\b|\{|\}", page)
    for row in tables["answers"].itertuples():
        assert row.text in page
    assert set(measured.HEADLINE) == set(tables["answers"]["id"][:4])


def test_what_the_tables_say_holds_together(small):
    tables = small[0]
    answers, seeds = tables["answers"].set_index("id"), tables["seeds"]
    first = seeds[seeds["seed"] == measured.SEED].set_index("id")["probability"]
    assert (answers["learned"] == first.reindex(answers.index)).all()
    assert (answers["low"] <= answers["learned"]).all()
    assert (answers["learned"] <= answers["high"]).all()
    by_id = seeds.groupby("id")["probability"]
    assert np.allclose(answers["seeds_sd"], by_id.std().reindex(answers.index))
    assert (tables["controls"]["seeds_min"] <= tables["controls"]["sd"]).all()
    assert tables["checks"]["p"].between(0.0, 1.0).all()
    idle = tables["blocks"][tables["blocks"]["block"] == "UN ideal point"]
    assert (idle["change"] == 0.0).all()  # no one in the model looks at the ideal point


def test_an_interrupted_run_goes_on(small, monkeypatch, capsys):
    found, *_, folder = small
    monkeypatch.setattr("sim.assimilation.filter.ParticleFilter.learn", None)  # nothing is learned again
    again, *_ = tiny(folder)
    assert "seed 2: found" in capsys.readouterr().out
    for name in measured.TABLES:
        assert again[name].equals(found[name]), name


def test_the_figures_are_legible(small, legible, all_words):
    tables, made, *_ = small
    for draw, table in (
        (learned.answers_figure, "answers"),
        (learned.checks_figure, "checks"),
    ):
        figure = draw(tables[table], made)
        legible(figure)
        assert "32 particles" in all_words(figure)


def test_texts_are_voted_on_again_by_the_chances_that_the_model_gave(small):
    """A habit that ended with the war, or that a text never laid, is not put back by the check."""
    record = Record.load().until(SPEC.as_of)
    data = checks.lived(small[2], SPEC, members=16, facts=gather(record, SPEC.as_of))
    sure = {"vote_with_chance_crimea": 1.0, "vote_against_chance_crimea": 0.0}
    data = data.assign({name: data[name] * 0.0 + chance for name, chance in sure.items()})
    found = {check.statistic: check for check in checks.vote_checks(data, record, SPEC)}
    assert found["with Russia, before 2022"].low == 1.0


def test_p_values_count_ties_half():
    replicas = np.array([1.0, 2.0, 2.0, 3.0])
    for observed, p in ((0.0, 0.0), (2.0, 0.5), (2.5, 0.75), (9.0, 1.0)):
        assert checks.check("target", "statistic", 1, observed, replicas).p == p
    assert checks.check("target", "statistic", 1, 0.0, np.zeros(5)).p == 0.5
    assert [checks.side(p) for p in (0.0, 0.05, 0.5, 0.95, 0.96)] == ["low", "", "", "", "high"]


def test_statistics_of_a_series():
    values = np.array([[1.0, 0.0], [2.0, 3.0], [3.0, 0.0], [4.0, 3.0]])
    assert checks.SERIES["mean"](values).tolist() == [2.5, 1.5]
    assert checks.SERIES["sd of changes"](values) == pytest.approx([0.0, np.std([3.0, -3.0, 3.0])])
    assert checks.SERIES["largest jump"](values).tolist() == [1.0, 3.0]
    assert checks.SERIES["lag-1 autocorrelation"](values) == pytest.approx([0.25, -0.75])


def test_a_record_like_its_replicas_is_no_misfit_and_one_unlike_them_is():
    rng = np.random.default_rng(1)
    replicas = rng.standard_normal((12, 4000))
    like = {c.statistic: c for c in checks.coverage_checks("x", rng.standard_normal(12), replicas)}
    assert not any(checks.side(c.p) for c in like.values())
    assert like["within the 50 % band"].mean == pytest.approx(0.5, abs=0.01)
    assert like["within the 90 % band"].mean == pytest.approx(0.9, abs=0.01)
    far = {c.statistic: c for c in checks.coverage_checks("x", np.full(12, 5.0), replicas)}
    assert checks.side(far["within the 90 % band"].p) == "low"
    assert checks.side(far["mean place"].p) == "high"


def test_replicas_have_fresh_luck_and_the_parameters_that_were_learned(small):
    *_, posterior, _ = small
    facts = gather(Record.load(), SPEC.as_of)
    imposed = checks.lived(posterior, SPEC, members=16, facts=facts)
    known = set(posterior.data["join_cost"].to_numpy().tolist())
    assert set(of_members(imposed, "parameter_join_cost").tolist()) <= known
    other = checks.lived(posterior, SPEC, members=16, facts=facts, seed=checks.REPLICA_SEED + 1)
    assert not np.array_equal(imposed["lean"][:, 100], other["lean"][:, 100])
    opened = imposed["chapters_opened"].isel(month=SPEC.first_month - 1).to_numpy()
    assert (opened == 22).all()  # imposed: all as recorded


def test_free_histories_know_the_war_and_no_choice(small):
    *_, posterior, _ = small
    facts = gather(Record.load(), SPEC.as_of)
    free = checks.lived(posterior, SPEC, members=16, facts=checks.freed(facts))
    imposed = checks.lived(posterior, SPEC, members=16, facts=facts)
    before = slice(0, SPEC.first_month)
    for given in ("war", "market_price"):
        assert np.array_equal(free[given].isel(month=before), imposed[given].isel(month=before))
    opened = free["chapters_opened"].isel(month=before).to_numpy()
    recorded = imposed["chapters_opened"].isel(month=before).to_numpy()
    steps, steps_recorded = np.diff(opened, axis=1), np.diff(recorded, axis=1)
    conferences = steps_recorded.any(axis=0)
    assert conferences.sum() > 5
    leaked = (steps >= steps_recorded)[:, conferences].all(axis=0)
    assert not leaked.any(), "a recorded conference that leaked in would open chapters for every member"
    months = np.flatnonzero(steps.any(axis=0)) + 1
    assert set(months % 12) <= {5, 11}
    assert len(np.unique(opened[:, -1])) > 1
