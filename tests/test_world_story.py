"""The story of the report, told by one member: arms reported, concern, denial, belief, displeasure, price."""

import re
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sim.clock import month_number
from sim.forecasting import forecast
from sim.forecasting.ensemble import simulate_block
from sim.model.narration import tell
from sim.record.country import load_country
from sim.record.observations import Record
from sim.scenario import read_scenario
from sim.world.facts import gather

MARCH, APRIL = month_number(date(2023, 3, 1)), month_number(date(2023, 4, 1))
REPORT = replace(read_scenario("march-2023"), until=date(2023, 3, 31), questions=())
BASELINE = replace(read_scenario("baseline"), until=date(2024, 1, 31), questions=())
PRICE = "as costs it"  # "Gas costs it ..." begins a sentence, "gas costs it ..." ends one
BELIEFS = re.compile(
    r"Moscow's belief goes from (\d+) % to (\d+) %, its displeasure from (\d+) % to (\d+) %\."
)


def in_order(text, *words):
    places = [text.find(part) for part in words]
    assert min(places) >= 0, f"{words[places.index(-1)]!r} is not told in\n{text}"
    assert places == sorted(places), text


def told(values, member, month):
    now, before = ({name: float(v[member, m]) for name, v in values.items()} for m in (month, month - 1))
    return tell(now, before, month, load_country())


@pytest.fixture(scope="module")
def member():
    """Return the first member in which a report, a statement of concern and a denial fall into March 2023."""
    lived = simulate_block(REPORT, luck=np.arange(2000)).values
    story = (lived["arms_report"] > 0) & (lived["statement"] > 0) & (lived["denied"] > 0)
    found = np.flatnonzero(story[:, MARCH])
    assert 20 < found.size < 1000, "neither a curiosity nor the rule"
    return int(found[0])


@pytest.fixture(scope="module")
def march(member, called, tmp_path_factory):
    """Return March 2023 as `replay --trace` tells it of that member."""
    made = forecast(REPORT, members=member + 1, learned=False, output=tmp_path_factory.mktemp("results"))
    result = called("replay", made.folder, "--member", member, "--trace")
    assert result.exit_code == 0, result.stderr
    assert f"member {member}: all" in result.stdout.split("\n\n")[-1]
    (text,) = (part for part in result.stdout.split("\n\n") if part.startswith("March 2023\n"))
    return text


def test_the_report_is_told_as_it_came(march):
    in_order(
        march, "A report, ", '"deeply concerned"', "Belgrade denies", "Moscow's belief", "its displeasure"
    )
    assert PRICE in march


def test_the_price_of_gas_comes_after_what_put_it_at_risk(march):
    in_order(march, "its displeasure", PRICE)


def test_what_moscow_believes_and_its_displeasure_rise(march):
    before, after, calm, displeased = (int(number) for number in BELIEFS.search(march).groups())
    assert after > before
    assert displeased >= calm


def test_the_member_told_is_one_in_which_it_happened(member):
    lived = simulate_block(REPORT, luck=np.array([member])).values
    assert lived["belief"][0, MARCH] > lived["belief"][0, MARCH - 1]
    assert lived["statement_belief"][0, MARCH] > lived["belief"][0, MARCH]
    assert lived["displeasure"][0, MARCH] > lived["displeasure"][0, MARCH - 1]
    assert (lived["arms_report"][0, :MARCH] == 0).all(), "the first report of its life"


@pytest.fixture(scope="module")
def known():
    """Return what members lived that know the record to January 2024."""
    return simulate_block(BASELINE, luck=np.arange(200), facts=gather(Record.load(), BASELINE.as_of)).values


@pytest.mark.parametrize(
    ("month", "words"),
    [
        (MARCH, ("A report, by hearsay", '"deeply concerned"', "Belgrade denies", "Moscow's belief")),
        (APRIL, ("A report, with documents", "Belgrade denies", "Moscow's belief")),
    ],
)
def test_what_is_on_record_is_told_of_every_member(known, month, words):
    for member in range(200):
        text = told(known, member, month)
        in_order(text, *words)
        assert PRICE in text
        assert ("concerned" in text) == (month == MARCH)


def test_the_recorded_report_and_documents_raise_what_is_believed_before_denials(known):
    for month in (MARCH, APRIL):
        assert (known["statement_belief"][:, month] > known["belief"][:, month - 1]).all()
    # a denial believed more than the report is possible by the priors, and rare
    assert (known["belief"][:, MARCH] > known["belief"][:, MARCH - 1]).mean() > 0.9
    assert (known["displeasure"][:, MARCH] > known["displeasure"][:, MARCH - 1]).mean() > 0.9


def test_other_recorded_turns_are_told_in_their_months(known):
    text = told(known, 0, month_number(date(2012, 5, 1)))
    in_order(text, "Serbia elects a parliament.", "Another coalition governs")
    assert "a step forward" in told(known, 0, month_number(date(2013, 4, 1)))
    assert "a step back" in told(known, 0, month_number(date(2022, 7, 1)))
    assert "dialogue" not in told(known, 0, month_number(date(2022, 11, 1))), "one back, one forward"
    assert "Serbia elects a parliament." in told(known, 0, month_number(date(2023, 12, 1)))
    assert "full-scale war" in told(known, 0, month_number(date(2022, 2, 1)))
