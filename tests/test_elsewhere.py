"""What chose the forms: other states and earlier years, and nothing that a forecast of Serbia is scored on."""

import csv
import re
from pathlib import Path

import elsewhere
import elsewhere_pools as pools
import elsewhere_talks as talks
import pytest

DOCS = Path(__file__).parents[1] / "docs"


def test_the_page_is_what_the_evidence_says():
    number = re.compile(r"-?\d*\.\d+")
    published, fresh = (DOCS / "elsewhere.md").read_text(encoding="utf-8"), elsewhere.page()
    assert number.sub("#", fresh) == number.sub("#", published), "run python docs/elsewhere.py"
    # forecasts of prices are drawn: another processor's last digit may move the third
    assert [float(x) for x in number.findall(fresh)] == pytest.approx(
        [float(x) for x in number.findall(published)], abs=0.002
    )


def test_no_row_is_serbias():
    for path in (DOCS / "elsewhere").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            states = {row.get("state") or row["country"] for row in csv.DictReader(file)}
        assert states
        assert not states & {"SRB", "Serbia", "YUG"}, path.name


def test_each_form_that_was_changed_does_better_on_its_evidence():
    _, without, with_memory = elsewhere.memory(2025)
    assert with_memory > without
    *_, plain, habit = elsewhere.votes()
    assert habit > plain
    assert all(half <= fitted for *_, fitted, half in elsewhere.gas())
    assert elsewhere.frailty(0.5) > elsewhere.frailty(float("inf"))
    with_habit, without = elsewhere.break_score()
    assert without > with_habit
    for last in (2015, 2024):
        _, before, since = elsewhere.noise_score(last)
        assert since > before


def test_the_priors_are_those_that_were_asked_of_other_states():
    assert talks.prior("un_noise") == elsewhere.NOISES["since"]
    _, sizes = elsewhere.readiness_scores()
    assert talks.prior("join_other_noise")[0] == max(sizes, key=lambda pair: pair[1])[0]


def test_what_was_left_does_no_better():
    for last in (2015, 2025):
        _, _, as_it_is, _, by_the_others = talks.foretold(last)
        assert by_the_others < as_it_is
    alike, *_, unlike = talks.by_precision()
    assert alike[1] > unlike[1], "states that differ would foretell long standstills"
    for halves in (2, 4):
        scores = {name: score for name, _, score, *_ in pools.chapters(halves)}
        assert scores["linear pool"] < scores["quantile average"]
        assert scores["linear pool"] < scores["shrunk persistence"]


def test_steps_agree_with_the_counts_of_chapters():
    """Half-years that were not looked up one by one sum to the counts at years' ends, of other sources."""
    counted = 0
    for row in elsewhere.rows("chapters"):
        halves = talks.chapters_by_half()[row["state"]]
        if row["date"].endswith("-12-31") and talks.half_of(row["date"]) in halves:
            so_far = sum(max(n, 0) for half, n in halves.items() if half <= talks.half_of(row["date"]))
            if row["basis"] == "printed" and (row["state"], row["date"]) != ("MNE", "2017-12-31"):  # of June
                assert so_far == int(row["opened"]), row
                counted += 1
    assert counted > 10
