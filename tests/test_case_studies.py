"""The case studies: page held to tables, claims in the words held to numbers, and what is measured, on tiny numbers.

That nothing later than the origin reaches model, facts and rivals is tested where they are; here only what is new.
"""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import case_studies
import case_studies_measured as measured
import case_studies_told as words
import numpy as np
import pandas as pd
import pytest

from sim.clock import month_number
from sim.record.observations import Record
from sim.verification.scorecard import GIVEN, MODEL, NO_INCENTIVES, NO_INCENTIVES_GIVEN
from sim.verification.variants import VARIANTS, model_run

ROOT = Path(__file__).parents[1]
RECORD = Record.load()
ORIGIN = date(2016, 1, 1)


@pytest.fixture(scope="module")
def published():
    return case_studies.load()


# --- the page ---


def test_the_page_is_made_from_the_tables(published):
    page = (ROOT / "docs" / "case-studies.md").read_text(encoding="utf-8")
    assert page == case_studies.page(*published), "python docs/case_studies.py --page"


def test_the_tables_cover_both_cases(published):
    tables, made = published
    assert made["origins"] == [str(origin) for origin in measured.GAS_ORIGINS]
    assert set(tables["gas"]["origin"]) == set(made["origins"])
    assert {MODEL, NO_INCENTIVES, GIVEN, NO_INCENTIVES_GIVEN} < set(tables["break"]["forecaster"])
    assert (ROOT / "results" / "case-studies" / "gas.png").exists()
    assert (ROOT / "results" / "case-studies" / "break.png").exists()


def test_what_the_record_says_in_the_tables_is_what_it_says_now(published):
    fresh = pd.DataFrame(list(measured.terms_table(RECORD)))
    held = published[0]["terms"]
    assert list(fresh["month"]) == list(held["month"])
    assert np.allclose(fresh.drop(columns="month"), held.drop(columns="month"), rtol=1e-4)
    outcomes = [case.outcome for _, case in measured.break_cases(RECORD)]
    own = published[0]["break"]
    assert np.allclose(own[own["forecaster"] == MODEL]["outcome"], outcomes, rtol=1e-4, equal_nan=True)


def test_reported_prices_stand_in_the_record():
    contracts = {row["start"]: row for row in RECORD.table("contracts")}
    for price in measured.REPORTED:
        row = contracts[price.contract]
        told = re.findall(r"\d+(?:\.\d+)?", f"{row['reason']} {row['source']} {row['price']}")
        assert {price.low, price.high} <= {float(number) for number in told}, price.name


def test_the_words_on_gas_hold(published):
    tables, _ = published
    pairs = [pair for price in measured.REPORTED[1:] for pair in words.met(tables, price)]
    before = [pair for pair in pairs if pair[0].name[0] < "2022-01-01"]
    assert before
    for own, _, low, high in before:  # the title of the figure
        assert measured.place(own, low, high) == "above the 90 % band", own.name
    numbers = words.fields(*published)
    assert numbers["model_within"] < 0.75 * numbers["n_terms"]  # too narrow, both
    assert numbers["held_within"] < 0.75 * numbers["n_terms"]
    assert numbers["width_held"] > numbers["width_model"]
    market = numbers["market"]
    assert market["2020-01":"2020-12"].min() < min(numbers["market_before_2020"])
    assert market["2022-01":"2022-12"].max() > max(numbers["market_before_2021"])


def test_the_words_on_march_2014_hold(published):
    table = published[0]["break"]

    def the(target, window, forecaster):
        return words.the(table, target, window, forecaster)

    year = {
        name: the("cfsp_alignment", "2014", name)
        for name in (MODEL, NO_INCENTIVES, GIVEN, NO_INCENTIVES_GIVEN)
    }
    assert year[GIVEN]["median"] < year[MODEL]["median"] - 0.08  # "told of the war, the model expects a fall"
    assert year[NO_INCENTIVES_GIVEN]["median"] < year[NO_INCENTIVES]["median"] - 0.08
    assert abs(year[MODEL]["median"] - year[NO_INCENTIVES]["median"]) < 0.05  # "the same"
    assert abs(year[GIVEN]["median"] - year[NO_INCENTIVES_GIVEN]["median"]) < 0.08  # "not by the incentives"
    assert measured.place(year[MODEL], 0.5, 0.55) == "below the 90 % band"
    assert year[MODEL]["median"] < the("cfsp_alignment", "2014", "persistence")["median"]  # "further off"
    assert the("war", "to 2014-12", MODEL)["chance1"] < 0.05
    vote, told = (the("un_votes", "2014-03-27", name) for name in (MODEL, GIVEN))
    assert (
        abs(vote["chance1"] - told["chance1"]) < 0.005
    )  # "next to nothing": the price of February alone differs
    assert the("un_votes", "2014-03-27", MODEL)["chance1"] < 1.0 / 3.0  # under "where it lost"
    assert the("chapter_within_year", "to 2015-02", MODEL)["chance1"] > 0.5
    assert (
        abs(the("un_position", "2014", MODEL)["median"] - the("un_position", "2014", GIVEN)["median"]) < 0.05
    )


# --- what is measured ---


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Return the folder of a tiny measurement, and what was asked of the model."""
    folder, asked = tmp_path_factory.mktemp("cases"), []

    def listening(origin, until, variant, **settings):
        run = model_run(origin, until, variant, **settings)
        asked.append((origin, until, variant, run.scenario.as_of))
        return run

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(case_studies, "model_run", listening)
        case_studies.measure(folder, members=8, particles=32, seed=1, origins=[ORIGIN])
    return folder, asked


def test_the_model_is_asked_as_of_each_origin_and_told_only_what_is_said(small):
    _, asked = small
    assert all(as_of == origin for origin, _, _, as_of in asked)
    told = {(origin, variant.name): variant.given for origin, _, variant, _ in asked}
    assert told == {
        (measured.BREAK, MODEL): False,
        (measured.BREAK, NO_INCENTIVES): False,
        (measured.BREAK, GIVEN): True,
        (measured.BREAK, NO_INCENTIVES_GIVEN): True,
        (ORIGIN, MODEL): False,
    }
    assert all(variant.learned for _, _, variant, _ in asked)


def test_bands_are_in_order_and_chances_add_up(small):
    tables, _ = case_studies.load(small[0])
    for table in (tables["gas"], tables["break"]):
        figures = table[table["median"].notna()]
        ends = figures[["low90", "low50", "median", "high50", "high90"]].to_numpy()
        assert len(ends)
        assert (np.diff(ends, axis=1) >= 0.0).all()
    chances = tables["break"][tables["break"]["chance0"].notna()]
    sums = chances[list(measured.CHANCES)].sum(axis=1)
    assert len(sums)
    assert np.allclose(sums, 1.0, atol=1e-5)
    assert tables["gas"]["lead"].max() == 24
    assert set(tables["gas"]["forecaster"]) == {MODEL, measured.PERSISTENCE}


def test_a_finished_measurement_is_found_and_other_numbers_start_anew(small, monkeypatch):
    folder, _ = small
    before = {key: (folder / f"{key}.csv").read_bytes() for key in case_studies.KEYS}

    class Asked(Exception):  # noqa: N818
        pass

    def refuse(*_, **__):
        raise Asked

    monkeypatch.setattr(case_studies, "model_run", refuse)
    case_studies.measure(folder, members=8, particles=32, seed=1, origins=[ORIGIN])
    assert {key: (folder / f"{key}.csv").read_bytes() for key in case_studies.KEYS} == before
    with pytest.raises(Asked):
        case_studies.measure(folder, members=9, particles=32, seed=1, origins=[ORIGIN])


def test_the_terms_are_those_by_which_the_model_pays():
    facts = measured.as_recorded(RECORD)
    data = model_run(date(2022, 7, 1), date(2022, 7, 31), VARIANTS[1], members=5, particles=32, seed=1).data[
        "gas_discount"
    ]  # the priors alone
    price = {m: (1.0 - data.isel(month=m).to_numpy()) * facts.prices[m][0] for m in (70, 100, 121)}
    assert np.allclose(price[121], measured.by_terms(facts, 121)[1])  # frozen at 270
    slopes = [price[m] / facts.prices[m - 9][1] for m in (70, 100)]  # one draw for the whole contract
    assert np.allclose(*slopes, rtol=1e-5)
    assert np.std(slopes[0]) > 0.0
    low, middle, high = measured.by_terms(facts, 70)
    assert middle / facts.prices[61][1] == pytest.approx(3.35)
    assert (low / middle, high / middle) == pytest.approx(((3.29 / 3.40) ** 0.5, (3.40 / 3.29) ** 0.5))


def planted(known_on):
    """Return the record with a last price of a tenth, and with a new contract, known from a day."""
    prices, contracts = RECORD.resources["prices"], RECORD.resources["contracts"]
    last = next(row for row in prices.rows if row["month"] == date(2015, 11, 1))
    cheap = {**last, "gas_usd_per_mmbtu": last["gas_usd_per_mmbtu"] / 10.0, "known_on": known_on}
    terms = {**contracts.rows[2], "start": date(2015, 1, 1), "slope": 9.9, "known_on": known_on}
    return replace(
        RECORD,
        resources={
            **RECORD.resources,
            "prices": replace(prices, rows=(*prices.rows, cheap)),
            "contracts": replace(contracts, rows=(*contracts.rows, terms)),
        },
    )


def test_persistence_sees_what_was_known_and_nothing_later():
    month = month_number(date(2016, 6, 1))
    as_it_was = measured.held(RECORD, ORIGIN, month)
    assert np.array_equal(measured.held(RECORD.until(ORIGIN), ORIGIN, month), as_it_was)
    assert np.array_equal(measured.held(planted(date(2016, 1, 2)), ORIGIN, month), as_it_was)
    assert not np.array_equal(measured.held(planted(ORIGIN), ORIGIN, month), as_it_was)


def test_persistence_keeps_the_last_discount_and_widens_with_the_gap():
    near, far = (measured.held(RECORD, ORIGIN, month_number(date(year, 6, 1))) for year in (2016, 2017))
    facts = measured.as_recorded(RECORD)
    last = month_number(date(2015, 11, 1))  # that of December was known on 5 January
    known = measured.discount(measured.by_terms(facts, last)[1], facts.prices[last][0])
    assert np.median(near) == pytest.approx(known, abs=0.01)
    assert np.ptp(far[50:-50]) > np.ptp(near[50:-50])


@pytest.mark.parametrize(
    ("low", "high", "where"),
    [
        (0.5, 0.5, "in the 50 % band"),
        (0.35, 0.65, "in the 90 % band"),
        (0.05, 0.3, "partly in the 90 % band"),
        (0.0, 0.05, "below the 90 % band"),
        (0.95, 1.2, "above the 90 % band"),
    ],
)
def test_where_an_outcome_lies(low, high, where):
    row = {"low90": 0.1, "low50": 0.4, "median": 0.5, "high50": 0.6, "high90": 0.9}
    assert measured.place(row, low, high) == where


def test_a_reported_price_is_met_at_the_declared_leads_or_the_nearest():
    prices = {price.name: price for price in measured.REPORTED}
    met = measured.meetings(prices["end of 2021"], measured.GAS_ORIGINS)
    december = month_number(date(2021, 12, 1))
    assert met == [(date(2021, 7, 1), december), (date(2021, 1, 1), december), (date(2020, 1, 1), december)]
    assert measured.meetings(prices["early 2016"], measured.GAS_ORIGINS) == [
        (ORIGIN, 50)
    ]  # lead 3, of 1 to 3


def test_the_figures_are_drawn_and_saved(published, tmp_path):
    case_studies.draw(published[0], tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"gas.png", "break.png"}
