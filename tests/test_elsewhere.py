"""What chose the forms: other states and earlier years, and nothing that a forecast of Serbia is scored on."""

import csv
import re
from pathlib import Path

import elsewhere
import elsewhere_fading
import numpy as np
import pandas as pd
import pytest
from elsewhere_readiness import readiness

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


def test_the_acts_of_the_eu_are_none_that_forecasts_are_scored_on():
    acts = elsewhere_fading.acts()
    assert not acts.duplicated("act").any()
    assert ((acts["date"] >= acts["onset"]) & (acts["date"] < acts["until"] + pd.DateOffset(months=1))).all()
    assert acts.loc[acts["state"] == "Russia", "date"].max() < pd.Timestamp(elsewhere.LAST + 1, 1, 1)


def test_a_rate_that_fades_is_told_from_one_that_stays():
    """The comparison can find fading where there is some, and does not where acts come at one rate."""
    first, floor = np.full(6, 4), np.array([1, 0, 0, 1, 0, 0])
    for later, sign in ((floor, 1.0), (first, -1.0)):
        counts = {name: np.concatenate([first, later, later]) for name in "abcd"}
        fading, constant = (elsewhere_fading.foretold(counts, form) for form in ("fading", "constant"))
        assert sign * (fading - constant).sum() > 0.0


def test_the_prior_is_that_which_was_asked_of_other_states():
    assert elsewhere.prior_of("un_noise") == elsewhere.NOISES["since"]
    median = elsewhere.prior_of("join_other_noise")[0]
    _, scores = readiness((median / 2.0, median, 2.0 * median))
    assert max(scores) == scores[1]


def test_steps_agree_with_the_counts_of_chapters():
    """Chapters that were looked up one by one sum to the counts at years' ends, of other sources."""
    steps = elsewhere.rows("steps")
    known = {row["state"]: row["date"] for row in steps if row["step"] == "last"}
    counted = 0
    for row in elsewhere.rows("chapters"):
        state, end = row["state"], row["date"]
        if row["basis"] != "printed" or not end.endswith("-12-31") or end > known.get(state, ""):
            continue
        if (state, end) == ("MNE", "2017-12-31"):  # printed is the count of June
            continue
        opened = [each for each in steps if (each["state"], each["step"]) == (state, "chapters")]
        assert sum(int(each["chapters"]) for each in opened if each["date"] <= end) == int(row["opened"]), row
        counted += 1
    assert counted > 10
