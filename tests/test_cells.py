"""What stands in a table is no formula to a spreadsheet, and is read back as it was."""

import csv
import datetime as dt
import io
from dataclasses import replace

from hypothesis import given, strategies as st

from sim.forecasting.questions import Answer
from sim.forecasting.tables import chances_text
from sim.names import plain_cell, rows_of, safe_cell
from sim.record.additions import read_added, write_added
from sim.record.observations import Observation, Record

SIGNS = "=+-@\t\r\n\N{FULLWIDTH EQUALS SIGN}"
TEXTS = st.text(st.sampled_from(f"{SIGNS}' a1(") | st.characters(codec="utf-8"), max_size=6)


@given(TEXTS)
def test_a_text_becomes_a_cell_that_is_no_formula_and_is_read_back(text):
    cell = safe_cell(text)
    assert not cell.startswith(tuple(SIGNS))
    assert plain_cell(cell) == text
    assert cell == text or text.lstrip("' ")[0] in "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"


def test_numbers_and_dates_stay_what_they_are():
    for cell in (-1.5, -3, dt.date(2023, 3, 10), None):
        assert safe_cell(cell) is cell


def test_a_question_that_is_a_formula_stands_in_its_table_as_text():
    text = '=HYPERLINK("http://example.org")'
    table = chances_text([Answer(id="a", text=text, probability=0.5, mcse=0.1, members=9)])
    (row,) = csv.DictReader(io.StringIO(table, newline=""))
    assert row["text"] == f"'{text}"
    assert rows_of(io.StringIO(table, newline=""))[0]["text"] == text
    assert row["probability"] == "0.5"


def test_an_added_source_that_is_a_formula_is_kept_as_text_and_read_back(tmp_path):
    row = Observation(
        target="eu_support", start=None, end=dt.date(2022, 1, 1), value=0.4, trials=None, spread=None,
        known_on=dt.date(2022, 2, 1), source="@SUM(A1)",
    )  # fmt: skip
    record = Record.load()
    write_added(replace(record, added=(row,)), tmp_path)
    assert ",'@SUM(A1)" in (tmp_path / "record.csv").read_text(encoding="utf-8")
    assert read_added(record, tmp_path).added == (row,)
