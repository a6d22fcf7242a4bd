"""A month in words says what the values say."""

from datetime import date

import pytest

from sim.clock import month_number
from sim.model.narration import tell
from sim.model.variables import VARIABLES
from sim.record.country import load_country
from sim.words import HELD
from sim.world.incentives import LEDGER

JULY_2024 = month_number(date(2024, 7, 1))

QUIET = {variable.name: 0.0 for variable in VARIABLES} | {
    "lean": -0.34,
    "ledger_gas": -0.5,
    "ledger_accession": 0.25,
    "sanctions_chance": 0.0041,
    "posture": 1.0,
    "issued_russia": 5.0,
    "joined_russia": 1.0,
    "issued_other": 4.0,
    "joined_other": 3.0,
    "market_price": 420.0,
    "contract_price": 300.0,
    "war": 2.0,
    "chapters_opened": 22.0,
    "arms_let_through": 1.0,
}


def told(before=QUIET, **values):
    return tell(QUIET | values, before, JULY_2024, load_country()).replace(HELD, " ")


def test_a_quiet_month_tells_lean_declarations_gas_and_the_choice_not_made():
    text = told()
    assert text.splitlines()[0] == "July 2024"
    assert "leans \N{MINUS SIGN}0.34" in text
    assert "its ledger: accession +0.25, pressure 0.00, " in text
    assert ", gas \N{MINUS SIGN}0.50, " in text
    assert "joins 1 of 5 declarations on Russia and 3 of 4 others" in text
    assert "costs it 300 USD per 1000 m3, the market asks 420" in text
    assert "imposes no sanctions on Russia; the chance was 0.41 %" in text
    for silent in ("In the UN", "chapters", "lapse", "renews", "conduct", "There is", "report", "Kosovo"):
        assert silent not in text
    for silent in ("elsewhere", "outlet", "holds arms"):
        assert silent not in text


def test_every_incentive_is_told_with_what_it_adds():
    adds = {term.variable: 0.01 * place for place, term in enumerate(LEDGER.values(), start=1)}
    text = told(**adds)
    for term in LEDGER.values():
        assert f"{term.name} {adds[term.variable]:+.2f}" in text


@pytest.mark.parametrize("name", QUIET)
def test_what_the_words_rest_on_is_recorded(name):
    assert name in {variable.name for variable in VARIABLES}


def test_sanctions_are_told_when_imposed_and_while_in_force():
    imposed = told(sanctions=1.0)
    assert "It imposes sanctions on Russia." in imposed
    assert "no sanctions" not in imposed
    assert "stay in force" in told(before=QUIET | {"sanctions": 1.0}, sanctions=1.0)
    assert "It imposes sanctions on Russia." in told(before=None, sanctions=1.0)


def test_before_the_war_there_is_nothing_to_join():
    assert "There are no EU sanctions on Russia to join." in told(sanctions_chance=0.0, posture=-1.0)


def test_votes_are_counted_three_ways():
    assert "votes 1 with Russia, 2 against, 3 abstained or absent" in told(
        votes=6.0, votes_with=1.0, votes_against=2.0
    )
    assert "votes 0 with Russia, 1 against, 0 abstained or absent" in told(votes=1.0, votes_against=1.0)


def test_the_contract_lapses_once_and_is_renewed():
    lapsed = {"contract_lapsed": 1.0, "contract_price": 420.0}
    assert "Russia lets the gas contract lapse; gas costs it 420 USD" in told(**lapsed)
    assert "lapse" not in told(before=QUIET | lapsed, **lapsed)
    assert "Russia renews the gas contract for years; gas costs it 300 USD" in told(contract_renewed=1.0)
    assert "for half a year" in told(contract_renewed=2.0)


def test_a_report_is_told_with_what_follows_from_it():
    text = told(
        arms_report=1.0,
        arms=7.0,
        statement=1.0,
        statement_belief=0.3,
        denied=1.0,
        deniability=0.9,
        belief=0.25,
    )
    order = [
        "A report, by hearsay",
        '"deeply concerned"',
        "likely at 30 %",
        "Belgrade denies; 90 %",
        "0 % to 25 %",
    ]
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert "with documents" in told(arms_report=2.0)


def test_arms_held_back_are_told_while_there_is_full_scale_war():
    text = told(arms_let_through=0.0, arms=3.14)
    assert (
        "Belgrade holds arms for third countries back; EUR 3.1 million a month still reach Ukraine." in text
    )
    assert "back; none reach Ukraine." in told(arms_let_through=0.0)
    assert "holds arms" not in told(arms_let_through=0.0, war=3.0)


def test_gas_from_elsewhere_and_a_new_outlet_are_told():
    text = told(gas_elsewhere=1.0, dependence=0.78)
    assert "Serbia signs for gas from elsewhere; 78 % of its gas is still Russian." in text
    lapsed = told(gas_elsewhere=1.0, contract_lapsed=1.0)
    assert lapsed.index("lapse") < lapsed.index("from elsewhere")
    text = told(media_launched=1.0, media_effort=1.3)
    assert "Russia launches an outlet in Serbia; its media effort is 1.30 of January 2012's." in text


def test_kosovo_elections_and_coalitions_are_told():
    assert "takes a step forward" in told(kosovo_step=1.0)
    assert "takes a step back" in told(kosovo_step=-1.0)
    assert "Moscow trades its veto on Kosovo away; 40 %" in told(veto_traded=1.0, veto_resolve=0.4)
    assert "Accession takes a step on the way to talks." in told(opening=1.0)
    assert "elects a parliament" in told(election=1.0)
    assert "Another coalition governs; without incentives it would lean +0.80." in told(
        coalition_change=1.0, baseline_lean=0.8
    )
    assert "takes the sanctions on Russia back" in told(before=QUIET | {"sanctions": 1.0})


def test_chapters_are_told_when_they_open():
    assert "The EU opens chapters: 25 in total." in told(chapters_opened=25.0)
    assert "chapters" not in told(before=None, chapters_opened=25.0)


@pytest.mark.parametrize(("code", "words"), [(0, "an ally"), (1, "a balancer"), (2, "an opponent")])
def test_a_new_posture_is_told(code, words):
    before = QUIET | {"posture": float((code + 1) % 3)}
    assert f"this is the conduct of {words}." in told(before=before, posture=float(code))
    assert "conduct" not in told(before=QUIET | {"posture": float(code)}, posture=float(code))


def test_no_posture_is_told_before_there_is_one():
    assert "conduct" not in told(posture=-1.0)
    assert "conduct" not in tell(QUIET | {"posture": -1.0}, None, JULY_2024, load_country())


@pytest.mark.parametrize(
    ("code", "words"),
    [(0, "peace"), (1, "a frozen conflict"), (2, "full-scale war"), (3, "a ceasefire")],
)
def test_the_war_is_told_when_it_changes(code, words):
    before = QUIET | {"war": float((code + 1) % 4)}
    assert f"There is {words} in Ukraine." in told(before=before, war=float(code))
    assert f"There is {words} in Ukraine." in tell(
        QUIET | {"war": float(code)}, None, JULY_2024, load_country()
    )


@pytest.mark.parametrize("before", [None, QUIET])
def test_every_line_is_a_sentence(before):
    values = QUIET | {"votes": 2.0, "chapters_opened": 25.0, "posture": 2.0, "sanctions": 1.0}
    lines = tell(values, before, JULY_2024, load_country()).splitlines()
    assert all(line.startswith("  ") and line.endswith(".") for line in lines[1:])
