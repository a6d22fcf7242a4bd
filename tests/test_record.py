"""The record: valid, sourced, canonical where it says so, and never known too early."""

import csv
import dataclasses
import io
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import typer
from frictionless import Package
from hypothesis import given, strategies as st
from typer.testing import CliRunner

from sim.cli.data import data, gaps, listing
from sim.cli.screen import say
from sim.clock import month_end, month_label, month_number
from sim.forecasting import forecast
from sim.parameters.table import adoption_rate
from sim.record.country import DEFAULT, state_folder
from sim.record.observations import Record, reference_class_count
from sim.record.resources import RecordError, described
from sim.verification import cases
from sim.world.facts import gather

RECORD = Record.load()
NAMES = list(RECORD.resources)
ROOT = Path(__file__).resolve().parent.parent
DAYS = st.dates(date(1999, 1, 1), date(2026, 12, 1))
PAGE = (ROOT / "docs" / "data.md").read_text("utf-8")


def columns(resource: str) -> dict[str, dict[str, Any]]:
    return {name: dict(column) for name, column in RECORD.resources[resource].columns.items()}


COMMON = {"clusters", "prices", "un_others", "war"}


def own_copy(tmp_path: Path) -> Path:
    """Copy the default state, with the tables of the world as its own; return the copy's record folder."""
    copy = shutil.copytree(state_folder(DEFAULT), tmp_path / "state") / "record"
    for name in COMMON:
        shutil.copy(ROOT / "states" / "common" / "record" / f"{name}.csv", copy)
    return copy


def load(record: Path) -> Record:
    return Record.load(str(record.parent))


# ---------------------------------------------------------------- the package


def test_the_package_is_valid_for_frictionless(tmp_path: Path) -> None:
    package, content, _ = described(DEFAULT)
    for name, stored in content.items():
        (tmp_path / name).write_bytes(stored)
    (tmp_path / "datapackage.json").write_text(json.dumps(package), "utf-8")
    report = Package(str(tmp_path / "datapackage.json")).validate()
    assert report.valid, report.flatten(["title", "message", "rowNumber", "fieldName"])


def test_every_file_is_a_resource_and_every_resource_a_file() -> None:
    own, common = (
        {path.stem for path in ROOT.glob(f"states/{of}/record/*.csv")} for of in (DEFAULT, "common")
    )
    assert common == COMMON
    assert sorted(own | common) == sorted(NAMES)
    assert not own & common


@pytest.mark.parametrize("name", NAMES)
def test_every_column_is_described_and_every_resource_states_its_terms(name: str) -> None:
    assert all(len(field["description"]) > 3 for field in columns(name).values())
    assert RECORD.resources[name].licence
    assert RECORD.resources[name].sources


@pytest.mark.parametrize("name", NAMES)
def test_every_row_has_a_source_and_a_basis_and_an_address_unless_it_is_judgement(name: str) -> None:
    for row in RECORD.table(name):
        assert row["source"]
        assert row["known_basis"]
        addresses = (row["url"] or "").split(" | ")
        assert row["source"].startswith("judgement") or all(
            re.match(r"https?://\S+$", address) for address in addresses
        ), row


def what_a_row_tells_about(name: str) -> Callable[[Any], date]:
    """The last day that a row tells about, by resource."""
    ends: dict[str, Callable[[Any], date]] = {
        "observations": lambda row: row["end"],
        "declarations": lambda row: row["end"],
        "topics": lambda row: row["end"],
        "snapshots": lambda row: row["end"],
        "prices": lambda row: (row["month"] + timedelta(days=31)).replace(day=1) - timedelta(days=1),
        "war": lambda row: row[
            "month"
        ],  # the regime of a month is seen from its first day, or from the onset
        "gdp": lambda row: date(row["year"], 12, 31),
        "gas_deliveries": lambda row: date(row["year"], 12, 31),
        "un_others": lambda row: date(row["year"], 12, 31),
        "contracts": lambda row: row["signed_on"],
        "reference_class": lambda row: row["at_risk_from"],
        "clusters": lambda row: row["known_on"],
    }
    return ends.get(name, lambda row: row["date"])


@pytest.mark.parametrize("name", NAMES)
def test_nothing_was_known_before_it_happened(name: str) -> None:
    end = what_a_row_tells_about(name)
    assert [row for row in RECORD.table(name) if row["known_on"] < end(row)] == []


def a_month_after(day: date) -> date:
    """The same day of the next month, or its last; a month's end stays one."""
    first = (day.replace(day=1) + timedelta(days=31)).replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    ends = (day + timedelta(days=1)).month != day.month
    return last if ends or day.day > last.day else first.replace(day=day.day)


@pytest.mark.parametrize("name", ["polls", "media"])
def test_a_survey_was_known_a_month_after_or_when_it_was_first_reported(name: str) -> None:
    later = 0
    for row in RECORD.table(name):
        rule = a_month_after(row["date"])
        assert row["known_on"] >= rule
        later += (reported := row["known_on"] > rule)
        assert row["known_basis"].startswith("date of the first report" if reported else "rule: "), row
    assert later == {"polls": 8, "media": 10}[name]


def test_a_figure_of_isac_was_known_two_months_after_or_when_it_was_first_reported() -> None:
    rows = [row for row in RECORD.table("observations") if row["target"] == "cfsp_alignment"]
    reported = {}
    for row in [*rows, *RECORD.table("declarations")]:
        if row["end"].day < 30:  # the government's of July 2014
            continue
        rule = date(row["end"].year, 8, 31) if row["end"].month == 6 else date(row["end"].year + 1, 3, 1)
        rule -= timedelta(days=0 if row["end"].month == 6 else 1)
        assert row["known_on"] >= rule
        if row["known_on"] > rule:
            assert row["known_basis"].startswith("date of the first report")
            reported[row["start"], row["end"]] = row["known_on"]
    assert reported == {
        (date(2018, 1, 1), date(2018, 12, 31)): date(2019, 4, 4),
        (date(2019, 1, 1), date(2019, 12, 31)): date(2020, 3, 3),
        (date(2024, 1, 1), date(2024, 6, 30)): date(2024, 9, 18),
    }


def test_an_election_was_known_the_day_after_and_its_result_when_it_was_announced() -> None:
    for row in RECORD.table("elections"):
        assert row["known_on"] == row["date"] + timedelta(days=1) <= row["result_known_on"]
        final = "preliminary" not in row["reason"]
        assert not final or row["result_known_on"] >= row["date"] + timedelta(days=8)
    night = RECORD.until(date(2016, 4, 25)).table("elections")[-1]
    assert (night["date"], night["result"]) == (date(2016, 4, 24), None)
    assert str(RECORD.until(date(2016, 5, 6)).table("elections")[-1]["result"]).startswith("SNS 48.25%")


STATEMENTS = {
    "2016/982": date(2016, 7, 31),
    "2020/120": date(2020, 3, 13),
    "2020/435": date(2020, 5, 7),
    "to 23 June 2021": date(2020, 8, 31),
    "2020/907": date(2020, 8, 13),
    "2021/448": date(2021, 4, 12),
    "2022/264": date(2022, 3, 1),
    "2022/265": date(2022, 3, 1),
    "2022/346": date(2022, 3, 31),
    "2022/356": date(2022, 3, 31),
}


@pytest.mark.parametrize(("measure", "day"), STATEMENTS.items())
def test_a_join_has_the_day_of_the_statement_not_of_the_council(measure: str, day: date) -> None:
    (row,) = [row for row in RECORD.table("joins") if measure in row["measure"]]
    assert (row["date"], row["known_on"]) == (day, day)
    assert "Council decision" in row["known_basis"] or "the Council decided on" in row["known_basis"]


def test_of_the_fourth_package_on_belarus_one_listing_was_joined() -> None:
    package = [row for row in RECORD.table("joins") if "fourth package" in row["measure"]]
    assert sorted((row["joined"], "78 persons" in row["measure"]) for row in package) == [
        (0, True),
        (1, False),
    ]
    (told,) = [row for row in RECORD.table("events") if "fourth" in row["event"]]
    assert "only the listing of Belaeronavigatsia" in told["event"]
    assert told["date"] == package[0]["date"]


# ---------------------------------------------------------------- where it ends


def test_the_record_says_where_it_ends_and_no_row_tells_of_later_days() -> None:
    assert date(2026, 7, 3) == RECORD.ends == RECORD.until(date(2020, 1, 1)).ends
    for name in NAMES:
        end = what_a_row_tells_about(name)
        assert all(end(row) <= RECORD.ends for row in RECORD.table(name)), name
    assert f"ends on {RECORD.ends.day} {RECORD.ends:%B %Y}" in PAGE


def test_a_table_says_how_far_no_row_means_that_nothing_happened() -> None:
    months = {name: month_label(RECORD.complete_until(name)) for name in RECORD.covered()}
    assert months == {
        "war": "2026-06",
        "accession": "2026-06",
        "elections": "2026-06",
        "un_votes": "2026-02",
        "joins": "2026-01",
        "turns": "2025-12",
    }
    for name in RECORD.covered():
        stated = RECORD.resources[name].covers_until
        assert stated
        assert f"| {name} | {stated.day} {stated:%B %Y} |" in PAGE
    with pytest.raises(ValueError, match=r"unknown table that says what did not happen 'polls'.*accession"):
        RECORD.complete_until("polls")


def test_every_row_that_history_imposes_lies_in_a_month_that_its_table_covers() -> None:
    for name in ("accession", "elections", "un_votes", "turns"):
        last = max(month_number(row["date"]) for row in RECORD.table(name))
        assert last <= RECORD.complete_until(name), name


@given(DAYS)
def test_what_is_known_covers_no_later_than_its_day(day: date) -> None:
    known = RECORD.until(day)
    for name in RECORD.covered():
        assert known.complete_until(name) <= RECORD.complete_until(name)
        assert month_end(known.complete_until(name)) <= day
        assert known.until(date(2030, 1, 1)).complete_until(name) == known.complete_until(name)


def test_adoptions_were_not_known_before_they_happened() -> None:
    for row in RECORD.table("reference_class"):
        assert (row["adopted_on"] is None) == (row["adopted_known_on"] is None)
        assert row["adopted_on"] is None or row["at_risk_from"] < row["adopted_on"] <= row["adopted_known_on"]


# ---------------------------------------------------------------- knowing


@given(DAYS)
def test_until_shows_nothing_that_became_known_later(day: date) -> None:
    known = RECORD.until(day)
    for name in NAMES:
        later = {
            column: told["knownOn"]
            for column, told in RECORD.resources[name].columns.items()
            if "knownOn" in told
        }
        for row in known.table(name):
            assert row["known_on"] <= day
            for column, known_on in later.items():
                assert row[column] is None or row[known_on] is None or row[known_on] <= day
    assert all(
        item.known_on <= day
        for target in ("eu_support", "un_position")
        for item in known.observations(target)
    )


@given(DAYS)
def test_until_leaves_out_what_was_known_later_and_nothing_else(day: date) -> None:
    for name in NAMES:
        known = sum(row["known_on"] <= day for row in RECORD.table(name))
        assert len(RECORD.until(day).table(name)) == known


@given(DAYS, DAYS)
def test_knowledge_only_grows_and_until_twice_is_until_the_earlier(one: date, other: date) -> None:
    early, late = sorted((one, other))
    assert RECORD.until(late).until(early).resources == RECORD.until(early).resources
    for name in NAMES:
        known_on = [row["known_on"] for row in RECORD.until(early).table(name)]
        assert len(known_on) <= len(RECORD.until(late).table(name))


def test_the_end_of_a_contracts_terms_is_blank_until_the_next_terms_are_known() -> None:
    contract = RECORD.until(date(2014, 6, 1)).table("contracts")[-1]
    assert contract["end"] is None
    assert contract["contract_end"] == date(2021, 12, 31)
    assert RECORD.until(date(2016, 1, 8)).table("contracts")[2]["end"] == date(2015, 12, 31)


def test_a_record_may_be_empty_and_says_so() -> None:
    assert "nothing was known" in repr(RECORD.until(date(1990, 1, 1)))


def test_the_representation_has_five_lines_at_most() -> None:
    assert len(repr(RECORD).splitlines()) <= 5
    assert "cfsp_alignment 16" not in repr(RECORD.until(date(2013, 1, 1)))


def test_the_digest_is_of_the_content(tmp_path: Path) -> None:
    copy = own_copy(tmp_path)
    assert load(copy).digest() == RECORD.digest() == RECORD.until(date(2020, 1, 1)).digest()
    with (copy / "war.csv").open("a", encoding="utf-8") as file:
        file.write("2024-01-01,full_scale,2024-01-01,rule,someone,,\n")
    changed = load(copy)
    assert changed.digest() != RECORD.digest()
    assert len(changed.table("war")) == len(RECORD.table("war")) + 1


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("2012-03-01,none,", "2012-03-01,peace,", r"war.csv:4: regime is 'peace'; allowed are none, frozen"),
        ("2012-03-01,none,", "2012-3-1,none,", r"war.csv:4: month is '2012-3-1'; a date is needed"),
        ("2012-03-01,none,", "2012-03-01,,", r"war.csv:4: regime is blank"),
        ("2012-03-01,none,", "2012-03-01,none,x,", r"war.csv:4: 8 values for 7 columns"),
        ("month,regime,", "month,state,", r"war.csv:1: columns are"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    copy = own_copy(tmp_path)
    text = (copy / "war.csv").read_text("utf-8")
    assert old in text
    (copy / "war.csv").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(RecordError, match=complaint):
        load(copy)


def test_a_value_out_of_bounds_is_refused(tmp_path: Path) -> None:
    copy = own_copy(tmp_path)
    text = (copy / "clusters.csv").read_text("utf-8").replace("\n2,1,", "\n7,1,", 1)
    (copy / "clusters.csv").write_text(text, "utf-8")
    with pytest.raises(RecordError, match=r"clusters.csv:2: cluster is 7; allowed is 1 to 6"):
        load(copy)


def test_unknown_names_are_refused_with_the_nearest() -> None:
    with pytest.raises(KeyError, match="did you mean 'prices'"):
        RECORD.table("price")
    with pytest.raises(ValueError, match="did you mean 'eu_support'"):
        RECORD.observations("eu_suport")


def test_a_target_without_a_published_series_has_no_observations() -> None:
    assert RECORD.observations("posture") == ()


def test_a_record_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        RECORD.scope = "other"  # type: ignore[misc]


# ---------------------------------------------------------------- canonical content

CFSP = (
    "2012 .99|2015 .65|2016 24/41|2017 19/41|H1 2018 .44|2018 28/54|H1 2019 29/48|2019 52/91|"
    "H1 2020 .48|2020 .56|H1 2021 .53|2021 .62|H1 2022 34/78|2022 65/136|H1 2023 34/65|2023 .54|H1 2024 27/57"
)


def test_the_alignment_series_is_the_canonical_one() -> None:
    expected = []
    for entry in CFSP.split("|"):
        window, figure = entry.rsplit(" ", 1)
        year = int(window[-4:])
        end = date(year, 6, 30) if window.startswith("H1") else date(year, 12, 31)
        joined, _, issued = figure.partition("/")
        share = int(joined) / int(issued) if issued else float(figure)
        expected.append((date(year, 1, 1), end, share, int(issued) if issued else None))
    series = RECORD.observations("cfsp_alignment")
    found = [(item.start, item.end, item.value, item.trials) for item in series]
    assert found == expected


def test_the_governments_figure_of_2014_is_known_to_all_and_of_no_window_that_is_scored() -> None:
    (odd,) = [item for item in RECORD.observations("cfsp_alignment", odd=True) if item.odd]
    assert odd not in RECORD.observations("cfsp_alignment")
    assert (odd.end, odd.value, odd.trials) == (date(2014, 7, 28), 10 / 14, 14)
    assert odd.known_on == odd.end
    facts = gather(RECORD, date(2014, 9, 1))
    assert facts.published("cfsp_alignment", month_number(odd.end)) == (odd,)
    ahead = cases(RECORD, [date(2014, 2, 1)], leads=(6, 12, 24))
    assert not [case for case in ahead if case.end == odd.end]


def test_figures_of_the_commission_are_kept_apart() -> None:
    windows = {(item.start, item.end) for item in RECORD.observations("cfsp_alignment")}
    for row in RECORD.table("snapshots"):
        assert (row["start"], row["end"]) not in windows
        assert (row["start"].month, row["end"].month) == (9, 8)
    assert [row["value"] for row in RECORD.table("snapshots")] == [0.51, 0.62]
    assert not [item for item in RECORD.observations("cfsp_alignment") if item.end > date(2024, 6, 30)]


def test_topics_add_up_to_what_was_not_joined_where_the_source_tells_all() -> None:
    rows = [row for row in RECORD.table("topics") if row["end"] == date(2024, 6, 30)]
    assert sum(row["count"] for row in rows) == 30
    named = {row["topic"]: row["count"] for row in rows}
    counted = {row["end"]: row for row in RECORD.table("declarations")}[date(2024, 6, 30)]
    assert counted["not_joined_russia_related"] == named["war_in_ukraine"] + named["russia_internal"]


def test_the_un_series_is_the_published_one_with_its_error() -> None:
    series = RECORD.observations("un_position")
    assert [item.end.year for item in series] == list(range(2012, 2025))
    assert series[0].value == pytest.approx(0.456640)
    assert series[-1].value == pytest.approx(0.342037)
    assert series[-1].spread == pytest.approx((0.477505 - 0.206737) / 3.29, abs=5e-5)
    assert all(item.known_on == date(item.end.year + 1, 7, 31) for item in series)


def test_eu_support_is_the_ministrys_series_without_its_implausible_wave() -> None:
    series = RECORD.observations("eu_support")
    assert [item.value for item in series] == [
        *(0.49, 0.41, 0.50, 0.51, 0.46, 0.44, 0.49, 0.48, 0.41),
        *(0.47, 0.49, 0.52, 0.55, 0.55, 0.53, 0.54, 0.54, 0.43),
    ]
    assert all(item.start is None and item.source.startswith("SEIO/MEI") for item in series)
    odd = [row for row in RECORD.table("polls") if row["date"] == date(2022, 8, 31)]
    assert [(row["for"], row["canonical"]) for row in odd] == [(0.57, "no")]
    assert "implausible" in odd[0]["reason"]
    canonical = [(row["date"], row["for"]) for row in RECORD.table("polls") if row["canonical"] == "yes"]
    assert canonical == [(item.end, item.value) for item in series]


def test_no_window_of_a_target_is_observed_twice() -> None:
    windows = [(row["target"], row["start"], row["end"]) for row in RECORD.table("observations")]
    assert len(windows) == len(set(windows))


def test_counts_of_declarations_agree_with_the_observed_shares() -> None:
    counted = {(row["start"], row["end"]): row for row in RECORD.table("declarations")}
    for item in RECORD.observations("cfsp_alignment"):
        if (row := counted.get((item.start, item.end))) is None:
            continue
        joined = round(item.value * row["issued"])
        unaccounted = 1 if item.end == date(2022, 12, 31) else 0
        assert joined + row["not_joined"] + unaccounted == row["issued"]


@pytest.mark.parametrize("name", ["prices", "war"])
def test_months_follow_one_another(name: str) -> None:
    months = [row["month"] for row in RECORD.table(name)]
    assert all(later == (one + timedelta(days=31)).replace(day=1) for one, later in pairwise(months))
    assert months[-1] == {"prices": date(2026, 6, 1), "war": date(2026, 7, 1)}[name]


def test_the_last_price_of_gas_is_that_of_may_2026() -> None:
    without = [row["month"] for row in RECORD.table("prices") if row["gas_usd_per_mmbtu"] is None]
    assert without == [date(2026, 6, 1)]
    facts = gather(RECORD, date(2026, 8, 1))
    assert month_label(max(facts.prices)) == "2026-05"


def test_the_war_changes_when_it_did() -> None:
    rows = RECORD.table("war")
    changes = [
        (row["month"], row["regime"]) for before, row in pairwise(rows) if row["regime"] != before["regime"]
    ]
    assert changes == [(date(2014, 3, 1), "frozen"), (date(2022, 2, 1), "full_scale")]


def test_contract_terms_follow_one_another_without_gap_to_september_2026() -> None:
    rows = RECORD.table("contracts")
    assert rows[0]["start"] == date(2012, 1, 1)
    assert rows[-1]["end"] == date(2026, 9, 30)
    assert all(
        later["start"] == one["end"] + timedelta(days=1) and later["start"].day == 1
        for one, later in pairwise(rows)
    )
    for row in rows:
        assert row["end_known_on"] >= row["signed_on"]
        if row["kind"] == "oil":
            assert row["slope_low"] <= row["slope"] <= row["slope_high"]
            assert (row["price"], row["lag_months"]) == (None, 9)
        else:
            assert (row["slope"], row["price"]) == (None, 270)


def brent(month: date, lag: int = 9) -> float:
    by_month = {row["month"]: row["brent_usd_per_bbl"] for row in RECORD.table("prices")}
    number = month.year * 12 + month.month - 1 - lag
    return float(by_month[date(number // 12, number % 12 + 1, 1)])


@pytest.mark.parametrize(
    ("month", "price", "column"),
    [
        (date(2012, 2, 1), 488, "slope"),
        (date(2013, 1, 1), 470, "slope"),
        (date(2013, 3, 1), 399, "slope_high"),
        (date(2025, 6, 1), 330, "slope_high"),
    ],
)
def test_slopes_give_back_the_prices_that_they_were_computed_from(
    month: date, price: float, column: str
) -> None:
    terms = next(row for row in RECORD.table("contracts") if row["start"] <= month <= row["end"])
    # one month's Brent stands for the mean of two or three, and a slope is rounded to two decimals
    assert terms[column] * brent(month) == pytest.approx(price, rel=0.06)


def test_the_slope_of_2022_spans_the_expected_prices() -> None:
    (terms,) = [row for row in RECORD.table("contracts") if row["start"] == date(2022, 6, 1)]
    first = brent(date(2022, 6, 1))
    assert terms["slope_low"] * first == pytest.approx(310, abs=1)
    assert terms["slope_high"] * first == pytest.approx(408, abs=1)


def test_twenty_two_chapters_opened_and_two_closed_and_all_have_a_cluster_but_two() -> None:
    steps = RECORD.table("accession")
    opened = [row["chapter"] for row in steps if row["kind"] == "opened"]
    closed = [row["chapter"] for row in steps if row["kind"] == "closed"]
    assert (len(opened), len(set(opened)), sorted(closed)) == (22, 22, [25, 26])
    assert set(closed) <= set(opened)
    assert [row["date"] for row in steps if row["kind"] == "status"] == [
        date(2012, 3, 1),
        date(2013, 6, 28),
        date(2014, 1, 21),
    ]
    chapters = {row["chapter"]: row for row in RECORD.table("clusters")}
    assert sorted(chapters) == list(range(1, 36))
    assert [number for number, row in chapters.items() if row["cluster"] is None] == [34, 35]
    assert {row["name"] for row in steps if row["kind"] == "closed"} == {
        "Science and research",
        "Education and culture",
    }


def test_volumes_are_deliveries_not_the_ceiling() -> None:
    cubic_metres = [row["terajoule"] / 37_800 for row in RECORD.table("gas_deliveries")]
    assert min(cubic_metres) > 0.9
    assert max(cubic_metres) < 2.5
    assert {row["year"]: row["terajoule"] for row in RECORD.table("gas_deliveries")}[2020] == pytest.approx(
        50_884.517
    )


def test_serbia_voted_with_russia_on_crimea_until_2021_and_not_since() -> None:
    crimea = [row for row in RECORD.table("un_votes") if row["kind"] == "crimea"]
    assert {row["vote"] for row in crimea if date(2016, 1, 1) < row["date"] < date(2022, 1, 1)} == {"no"}
    assert {row["vote"] for row in crimea if row["date"] > date(2022, 1, 1)} == {"abstain"}
    assert {row["date"].year for row in crimea} == {2014, *range(2016, 2026)}, (
        "one text or two in every year since"
    )
    kinds = {
        row["resolution"][-1]: row["kind"]
        for row in RECORD.table("un_votes")
        if "RES/ES-11" in row["resolution"]
    }
    assert [number for number, kind in kinds.items() if kind == "aggression"] == ["1", "4", "6", "7"]
    assert [number for number, kind in kinds.items() if kind == "emergency"] == ["2", "3", "5", "8", "9"]


def test_votes_turn_the_posture_in_december_2016_and_april_2022() -> None:
    """At least half of a window's votes with Russia; without a text, the last window that had one."""
    texts = [row for row in RECORD.table("un_votes") if row["kind"] != "procedural"]
    with_russia, turns = None, []
    for number in range(2014 * 12 + 2, 2026 * 12 + 2):
        end = date((number + 1) // 12, (number + 1) % 12 + 1, 1)
        window = [row for row in texts if end.replace(year=end.year - 1) <= row["date"] < end]
        if window:
            share = sum(row["vote"] == "no" for row in window) / len(window)
            if (share >= 0.5) != with_russia:
                turns.append((number // 12, number % 12 + 1, share >= 0.5))
            with_russia = share >= 0.5
    assert turns == [(2014, 3, False), (2016, 12, True), (2022, 4, False)]


def test_serbia_joined_no_sanctions_on_russia_and_three_measures_at_their_edge() -> None:
    joined = [row for row in RECORD.table("joins") if row["joined"] and row["class"] != "control"]
    at_war = [row for row in joined if row["date"] >= date(2022, 2, 24)]
    assert [(row["date"], row["class"]) for row in at_war] == [
        (date(2022, 3, 12), "yanukovych"),
        (date(2022, 4, 22), "belarus"),
        (date(2025, 11, 12), "transnistria"),
    ]
    assert {row["class"] for row in joined if row not in at_war} == {"belarus"}
    assert not any(row["joined"] and row["counts_as_sanctions"] for row in RECORD.table("joins"))


def test_the_relative_position_moved_in_2022_because_russia_did() -> None:
    others = {(row["country"], row["year"]): row["ideal_point"] for row in RECORD.table("un_others")}
    serbia = {item.end.year: item.value for item in RECORD.observations("un_position")}

    def relative(year: int) -> float:
        union = (others["France", year] + others["Germany", year]) / 2
        return float((serbia[year] - others["Russia", year]) / (union - others["Russia", year]))

    assert relative(2021) == pytest.approx(0.28, abs=0.01)
    assert relative(2022) == pytest.approx(0.58, abs=0.01)
    assert abs(serbia[2022] - serbia[2021]) < 0.01


# ---------------------------------------------------------------- the reference class


@pytest.mark.parametrize(
    ("as_of", "adoptions", "state_years"),
    [
        (date(2012, 1, 1), 0, 5.0),
        (date(2022, 2, 23), 0, 39.7),
        (date(2023, 3, 10), 2, 42.8),
        (date(2023, 11, 24), 2, 45.0),
        (date(2023, 11, 25), 3, 45.0),
        (date(2023, 12, 31), 3, 45.2),
    ],
)
def test_the_reference_class_counts_what_was_known(as_of: date, adoptions: int, state_years: float) -> None:
    count = reference_class_count(as_of)
    assert count.adoptions == adoptions
    assert count.state_years == pytest.approx(state_years, abs=0.05)


def test_a_run_with_its_own_record_counts_the_reference_class_by_it():
    as_of = date(2023, 3, 10)
    held = RECORD.resources["reference_class"]
    rows = tuple({**row, "adopted_on": date(2023, 1, 1), "adopted_known_on": as_of} for row in held.rows)
    more = {**RECORD.resources, "reference_class": dataclasses.replace(held, rows=rows)}
    record = dataclasses.replace(RECORD, resources=more)
    count = reference_class_count(as_of, record)
    assert count.adoptions == len(rows) > reference_class_count(as_of).adoptions
    runs = [
        forecast("march-2023", members=3, learned=False, save=False, record=known)
        for known in (RECORD, record)
    ]
    for run, known in zip(runs, (reference_class_count(as_of), count), strict=True):
        prior = adoption_rate(known.adoptions, known.state_years)
        assert run.provenance["parameters"]["sanctions_rate"].startswith(prior.describe())
    shipped, own = (run.data["parameter_sanctions_rate"] for run in runs)
    assert (own > shipped).all()


@given(DAYS)
def test_state_years_have_a_floor(as_of: date) -> None:
    assert reference_class_count(as_of).state_years >= 5.0


# ---------------------------------------------------------------- the command and the page


def run(*arguments: str) -> Any:
    app = typer.Typer()
    app.command()(data)
    return CliRunner().invoke(app, list(arguments))


@pytest.mark.parametrize("width", [50, 80, 120])
def test_the_overview_fits_and_names_every_resource_target_and_gap(width: int, monkeypatch: Any) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    text = run().stdout
    assert max(len(line) for line in text.splitlines()) <= width
    counted: dict[str, list[str]] = {}
    for line in text.partition("they end\n")[2].partition("Derived")[0].splitlines():
        counted.setdefault(line[:16].strip(), []).extend(line[16:].split())
    years = [2000 + int(year) for year in counted.pop("")]
    assert years == list(range(2012, 2025))
    for target, figures in counted.items():
        ends = Counter(item.end.year for item in RECORD.observations(target))
        assert figures == [str(ends[year] or ".") for year in years]
    assert all(name in text for name in [*NAMES, "cfsp_alignment", "un_position", "eu_support", "posture"])
    words = " ".join(text.split())
    assert "cfsp_alignment: none in 2013 to 2014" in words
    assert "eu_support: none in 2020, 2023 to 2024" in words
    assert "The record ends on 2026-07-03." in words
    assert "joins to 2026-02-24" in words
    assert "1 row of prices known later, from 2026-07-05 on (rule: fifth day of the next month)." in words
    overview = text.partition("\n\n")[0]
    assert max(re.findall(r"\d{4}-\d\d-\d\d", overview)) <= f"{RECORD.ends}"


@pytest.mark.parametrize("width", [50, 80])
@pytest.mark.parametrize("name", NAMES)
def test_every_table_fits_a_terminal_and_loses_nothing(
    name: str, width: int, monkeypatch: Any, capsys: Any
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    say(*listing(RECORD.resources[name]))
    text = capsys.readouterr().out
    # a word that is too long stands alone
    assert all(len(line) <= width or len(line.split()) == 1 for line in text.splitlines())
    shown = {column for column in columns(name) if column not in ("known_basis", "source", "url", "reason")}
    told = text.split()
    for row in RECORD.table(name):
        cells = (row[column] for column in shown)
        assert all(
            word in told for cell in cells if isinstance(cell, str | date) for word in str(cell).split()
        )


@pytest.mark.parametrize("name", NAMES)
def test_a_table_in_a_pipe_is_its_file(name: str) -> None:
    answer = run(name)
    assert answer.exit_code == 0
    stored = list(csv.DictReader(io.StringIO(described(DEFAULT)[1][f"{name}.csv"].decode(), newline="")))
    printed = list(csv.DictReader(io.StringIO(answer.stdout)))
    numbers = {key for key, field in columns(name).items() if field["type"] == "number"}
    assert len(printed) == len(stored)
    for one, other in zip(printed, stored, strict=True):
        for key, text in other.items():
            same = float(one[key]) == float(text) if key in numbers and text else one[key] == text
            assert same, (key, text, one[key])


def test_an_unknown_table_is_refused_with_status_2() -> None:
    answer = run("price")
    assert answer.exit_code == 2
    assert "did you mean 'prices'" in answer.stderr
    assert answer.stdout == ""


def test_gaps_follow_from_the_rows() -> None:
    found = list(gaps(RECORD))
    assert ("gas_deliveries", "ends with 2020") in found
    assert ("gdp", "ends with 2023") in found
    assert ("un_others", "ends with 2023") not in found
    early = list(gaps(RECORD.until(date(2017, 3, 1))))
    assert ("observations", "cfsp_alignment: none in 2013 to 2014") in early


def test_the_page_lists_every_resource_with_its_number_of_rows() -> None:
    listed = {name: int(rows) for name, rows in re.findall(r"^\| (\w+) \| (\d+) \|", PAGE, re.MULTILINE)}
    assert listed == {name: len(RECORD.table(name)) for name in NAMES}


def test_the_page_states_the_counts_that_the_record_gives() -> None:
    count = reference_class_count(date(2023, 3, 10))
    assert f"{count.adoptions} adoptions in {count.state_years:.1f} state-years" in PAGE
    for terms in RECORD.table("contracts")[-6:]:
        assert (
            f"slope {terms['slope']:.2f} with {terms['slope_low']:.2f} and {terms['slope_high']:.2f}" in PAGE
        )
    deliveries = {row["year"]: round(row["terajoule"]) for row in RECORD.table("gas_deliveries")}
    assert f"{deliveries[2020]} TJ" in PAGE
    assert f"{deliveries[2010]} TJ" in PAGE


def test_the_examples_of_the_page_run() -> None:
    code = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert code
    names: dict[str, Any] = {}
    exec(code[1], names)  # noqa: S102  the page's own example
    assert len(names["record"].table("contracts")) == 6


def test_every_column_of_the_pages_list_of_common_columns_is_in_every_table() -> None:
    for entry in described(DEFAULT)[0]["resources"]:
        names = [field["name"] for field in entry["schema"]["fields"]]
        assert names[-5:] == ["known_on", "known_basis", "source", "url", "reason"]
