"""A run held in memory is the run that would have been written, without its folder."""

from datetime import date

import pytest

from sim import contrast, forecast, plots, read_scenario
from sim.scenario import with_settings

MEMBERS = 40


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    held = forecast("march-2023", members=MEMBERS, output=folder / "held", save=False)
    return held, forecast("march-2023", members=MEMBERS, output=folder / "written")


def test_nothing_is_written(pair):
    held, _ = pair
    assert not held.folder.parents[1].exists()
    assert "held in memory" in repr(held)
    assert "held in memory" not in repr(pair[1])


def test_it_has_the_members_of_the_written_run(pair):
    held, written = pair
    assert held.data.equals(written.data.load())
    assert {name: array.attrs for name, array in held.data.items()} == {
        name: array.attrs for name, array in written.data.items()
    }


@pytest.mark.parametrize("table", ["forecast", "questions", "summary"])
def test_it_has_the_tables_of_the_written_run(pair, table):
    held, written = pair
    assert held.table(table) == written.table(table) != []


def test_a_table_holds_text_dates_counts_and_numbers(pair):
    for run in pair:
        for row in run.table("forecast"):
            assert [
                type(row[name]) for name in ("target", "target_end_date", "days_beyond_record", "value")
            ] == [
                str,
                date,
                int,
                float,
            ]
        blank = [row["target_start_date"] for row in run.table("forecast") if row["target"] == "posture"]
        assert set(blank) == {None}
        assert {type(row["members"]) for row in run.table("questions")} == {int}


def test_a_table_that_no_run_has_is_refused_with_those_there_are(pair):
    with pytest.raises(ValueError, match="no table 'answers'; it has forecast, questions, ranges, summary"):
        pair[0].table("answers")


def test_its_provenance_says_what_the_written_run_says(pair):
    held, written = pair
    assert held.provenance.keys() == written.provenance.keys()
    for key in set(held.provenance) - {"seconds", "made"}:
        assert held.provenance[key] == written.provenance[key]


def test_it_is_the_written_run_if_there_is_one(pair):
    written = pair[1]
    again = forecast("march-2023", members=MEMBERS, output=written.folder.parents[1], save=False)
    assert again == written
    assert again.held is None


@pytest.mark.parametrize("name", plots.FIGURES)
def test_figures_are_drawn_from_it(pair, name):
    held, written = pair
    member = 3 if name in plots.OF_A_MEMBER else None
    here, there = (plots.draw(run, name, member=member) for run in (held, written))
    assert [text.get_text() for text in here.texts] == [text.get_text() for text in there.texts] != []


def test_it_is_compared_with_a_written_run(pair):
    changed = with_settings(read_scenario("march-2023"), ["pressure=0.1"])
    after = forecast(changed, members=MEMBERS, save=False)
    summary = contrast(after, pair[0]).summary()
    assert len(summary) > 0
    assert summary.equals(contrast(after, pair[1]).summary())
