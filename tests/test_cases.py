"""What is to be forecast, counted by hand from the record."""

from collections import Counter
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sim.record.cases import event_case, scored_until
from sim.record.observations import Record
from sim.verification import cases, origins

RECORD = Record.load()
ORIGINS = origins(RECORD)
CASES = cases(RECORD, ORIGINS)


def planted(record, table, **row):
    """Return the record with another row, like the table's last one but for what is given."""
    resource = record.resources[table]
    more = replace(resource, rows=(*resource.rows, {**resource.rows[-1], **row}))
    return replace(record, resources={**record.resources, table: more})


def of(target, **wanted):
    return [c for c in CASES if c.target == target and all(getattr(c, k) == v for k, v in wanted.items())]


def test_origins_are_the_half_years_from_2016_to_the_last_that_can_be_scored():
    assert scored_until(RECORD) == date(2026, 6, 30) < RECORD.ends
    assert ORIGINS[0] == date(2016, 1, 1)
    assert ORIGINS[-1] == date(2026, 1, 1)
    assert len(ORIGINS) == 21
    assert {(day.month, day.day) for day in ORIGINS} == {(1, 1), (7, 1)}
    assert origins(RECORD, leads=(12, 24))[-1] == date(2025, 7, 1)
    assert origins(RECORD, first=date(2020, 1, 1), last=date(2020, 12, 31), every=3)[-1] == date(2020, 10, 1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ({"first": date(2016, 1, 2)}, "first day of a month"),
        ({"first": date(2012, 1, 1)}, "no origin before 2012-02-01"),
        ({"first": date(2026, 2, 1)}, "no origin from 2026-02-01"),
        ({"leads": ()}, "counted from 1"),
        ({"every": 0}, "counted from 1"),
    ],
)
def test_origins_that_cannot_be_are_refused(call, words):
    with pytest.raises(ValueError, match=words):
        origins(RECORD, **call)


def test_the_number_of_cases_by_target_and_lead():
    """Counted by hand: seven first half-years (2018-2024), years 2016-2023; 24 texts from December 2016 on."""
    found = Counter((case.target, case.lead) for case in CASES)
    assert found == {
        ("cfsp_alignment", 6): 8 + 7,
        ("cfsp_alignment", 12): 8 + 7,
        ("cfsp_alignment", 24): 7 + 7,
        ("un_position", 6): 9,
        ("un_position", 12): 9,
        ("un_position", 24): 8,
        ("eu_support", 6): 10,
        ("eu_support", 12): 9,
        ("eu_support", 24): 7,
        ("chapters_opened", 6): 21,
        ("chapters_opened", 12): 20,
        ("chapters_opened", 24): 18,
        ("un_votes", 6): 24,
        ("un_votes", 12): 24,
        ("un_votes", 24): 46,
        ("chapter_within_year", 12): 20,
        ("sanctions_within_year", 12): 19,
        ("alignment_half", 0): 17,
    }


def test_a_figure_is_of_the_window_that_ends_at_origin_plus_lead():
    (half,) = of("cfsp_alignment", origin=date(2018, 1, 1), lead=6)
    assert (half.start, half.end, half.outcome, half.half_year) == (
        date(2018, 1, 1),
        date(2018, 6, 30),
        0.44,
        True,
    )
    (year,) = of("cfsp_alignment", origin=date(2021, 7, 1), lead=6)
    assert (year.start, year.end, year.outcome, year.half_year) == (
        date(2021, 1, 1),
        date(2021, 12, 31),
        0.62,
        False,
    )
    (point,) = of("un_position", origin=date(2021, 1, 1), lead=24)
    assert (point.end, point.outcome) == (date(2022, 12, 31), 0.362546)


def test_two_windows_that_end_on_one_day_are_two_cases():
    more = planted(
        RECORD, "observations", target="cfsp_alignment", start=date(2021, 7, 1), end=date(2021, 12, 31)
    )
    found = [c for c in cases(more, [date(2021, 1, 1)]) if c.target == "cfsp_alignment" and c.lead == 12]
    assert [c.start for c in found] == [date(2021, 1, 1), date(2021, 7, 1)]


def test_the_nearest_wave_within_three_months_is_taken():
    (wave,) = of("eu_support", origin=date(2018, 1, 1), lead=6)
    assert (wave.end, wave.outcome) == (date(2018, 7, 31), 0.55)
    assert of("eu_support", origin=date(2020, 1, 1), lead=6) == [], "no wave in 2020"
    (late,) = of("eu_support", origin=date(2022, 7, 1), lead=6)
    assert (late.end, late.outcome) == (date(2022, 12, 15), 0.43)


def test_chapters_are_counted_by_the_day():
    counts = {(c.origin, c.lead): c.outcome for c in of("chapters_opened")}
    assert counts[date(2016, 1, 1), 6] == 2.0
    assert counts[date(2016, 1, 1), 12] == 6.0
    assert counts[date(2021, 7, 1), 6] == 22.0


def test_texts_are_cast_once_at_the_shortest_lead_and_procedural_ballots_do_not_count():
    found = of("un_votes", origin=date(2022, 7, 1))
    assert [(c.end, c.lead, c.text, c.outcome) for c in found] == [
        (date(2022, 10, 12), 6, "aggression", 2.0),
        (date(2022, 11, 14), 6, "emergency", 1.0),
        (date(2022, 12, 15), 6, "crimea", 1.0),
        (date(2023, 2, 23), 12, "aggression", 2.0),
        (date(2023, 12, 19), 24, "crimea", 1.0),
    ]


def test_events():
    opened = {c.origin: c.outcome for c in of("chapter_within_year")}
    assert [day for day, came in opened.items() if not came] == [
        date(2020, 1, 1),
        date(2020, 7, 1),
        date(2022, 1, 1),
        date(2022, 7, 1),
        *(date(year, month, 1) for year in (2023, 2024, 2025) for month in (1, 7)),
    ]
    assert {c.outcome for c in of("sanctions_within_year")} == {0.0}
    half = {c.origin: (c.end, c.outcome) for c in of("alignment_half")}
    assert half[date(2016, 7, 1)] == (date(2016, 12, 31), 1.0)
    assert half[date(2018, 1, 1)] == (date(2018, 6, 30), 0.0)
    assert half[date(2022, 7, 1)] == (date(2022, 12, 31), 0.0)
    assert half[date(2023, 1, 1)] == (date(2023, 6, 30), 1.0)


def test_sanctions_count_only_what_counts_as_sanctions():
    day = date(2021, 3, 1)
    more = planted(RECORD, "joins", date=day, joined=1, counts_as_sanctions=1, known_on=day)
    assert event_case(more, "sanctions_within_year", date(2020, 7, 1)).outcome == 1.0
    assert event_case(more, "sanctions_within_year", date(2021, 7, 1)) is None, "they are in force"
    belarus = planted(RECORD, "joins", date=day, joined=1, counts_as_sanctions=0, known_on=day)
    assert event_case(belarus, "sanctions_within_year", date(2020, 7, 1)).outcome == 0.0


def test_a_blind_case_has_no_outcome():
    for case in CASES:
        assert np.isnan(case.blind().outcome)
        assert replace(case.blind(), outcome=case.outcome) == case
