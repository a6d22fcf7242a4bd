"""A moved horizon leaves out what bases say beyond it; a day inside a month means the last month that has ended."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from sim.clock import last_ended, month_end
from sim.scenario import Question, ScenarioError, read_scenario, to_toml

BASE = """
title = "Base"
as_of = 2023-03-10
until = 2025-12-31
[[events]]
date = 2023-06-01
set = { gas_discount = 0.0 }
source = "assumption"
[[events]]
date = 2025-06-01
set = { credibility = 0.8 }
source = "assumption"
"""
QUESTION = """
[[questions]]
id = "{id}"
text = "Sanctions?"
target = "sanctions"
ever_by = {day}
at_least = 1
resolution = "in force"
"""


def asked(*days):
    return "".join(QUESTION.format(id=f"by-{day}", day=day) for day in days)


@pytest.fixture
def files(tmp_path):
    def write(**texts):
        for name, text in texts.items():
            (tmp_path / f"{name}.toml").write_text(text)
        return tmp_path / f"{list(texts)[-1]}.toml"

    write(base=BASE + asked("2023-06-30", "2024-12-31", "2025-12-31"))
    return write


def ids(scenario):
    return [question.id for question in scenario.questions]


def test_what_a_base_says_beyond_a_shortened_horizon_is_left_out_and_told(files):
    scenario = read_scenario(files(child='extends = "base.toml"\nuntil = 2024-06-30\n'))
    assert ids(scenario) == ["by-2023-06-30"]
    assert [event.date.year for event in scenario.events] == [2023]
    events, questions = scenario.notes
    assert events.endswith(
        "child.toml:2: events of base.toml left out, since until is 2024-06-30: of 2025-06-01"
    )
    assert questions.endswith(
        "questions of base.toml left out, since until is 2024-06-30: by-2024-12-31, by-2025-12-31"
    )


def test_what_a_base_says_before_a_later_origin_is_left_out_and_told(files):
    scenario = read_scenario(files(child='extends = "base.toml"\nas_of = 2024-02-01\n'))
    assert ids(scenario) == ["by-2024-12-31", "by-2025-12-31"]
    assert [event.date.year for event in scenario.events] == [2025]
    assert all("since as_of is 2024-02-01" in note for note in scenario.notes)


def test_what_a_file_says_beyond_its_own_horizon_is_an_error(files):
    child = 'extends = "base.toml"\nuntil = 2024-06-30\n' + asked("2024-12-31")
    with pytest.raises(ScenarioError, match=r"child.toml:8: the question reaches beyond the scenario's end"):
        read_scenario(files(child=child))
    grandchild = 'extends = "middle.toml"\n' + asked("2025-01-31")
    with pytest.raises(ScenarioError, match=r"grandchild.toml:7: the question reaches beyond"):
        read_scenario(files(middle='extends = "base.toml"\nuntil = 2024-06-30\n', grandchild=grandchild))


def test_a_question_put_again_within_the_horizon_is_kept(files):
    again = QUESTION.format(id="by-2024-12-31", day="2023-12-31")
    scenario = read_scenario(files(child='extends = "base.toml"\nuntil = 2023-12-31\n' + again))
    assert ids(scenario) == ["by-2023-06-30", "by-2024-12-31"]
    assert scenario.questions[1].ever_by == dt.date(2023, 12, 31)
    (note, *_) = scenario.notes
    assert note.endswith("child.toml:4: question by-2024-12-31 replaces that of base.toml")


def test_a_slip_in_what_is_left_out_is_told_all_the_same(files):
    files(base=BASE + asked("2025-12-31").replace("sanctions", "sanction"))
    with pytest.raises(ScenarioError, match=r"base\.toml:\d+: unknown target 'sanction'"):
        read_scenario(files(child='extends = "base.toml"\nuntil = 2024-06-30\n'))


@pytest.mark.parametrize("until", ["2023-03-11", "2023-12-31", "2024-06-15"])
def test_the_shipped_question_can_be_shortened(files, until):
    scenario = read_scenario(files(short=f'extends = "march-2023.toml"\nuntil = {until}\n'))
    assert all(question.last_day <= scenario.until for question in scenario.questions)
    assert ("sanctions-before-2024" in ids(scenario)) == (until > "2023-12-30")


def test_notes_are_told_but_make_no_difference(files):
    scenario = read_scenario(files(child='extends = "base.toml"\nuntil = 2024-06-30\n'))
    plain = replace(scenario, notes=())
    assert plain == scenario
    assert to_toml(plain) == to_toml(scenario)


def test_a_day_inside_a_month_is_told_with_the_month_end_that_counts(files):
    text = 'title = "Dates"\nas_of = 2023-03-10\nuntil = 2025-12-31\n' + asked(
        "2025-01-01", "2025-01-31", "2024-12-31"
    )
    scenario = read_scenario(files(dates=text))
    assert [month_end(question.last_month) for question in scenario.questions] == [
        dt.date(2024, 12, 31), dt.date(2025, 1, 31), dt.date(2024, 12, 31)
    ]  # fmt: skip
    (note,) = scenario.notes
    assert "dates.toml:9: ever_by = 2025-01-01 lies inside a month: read at 2024-12-31" in note


@given(st.dates(dt.date(2012, 1, 1), dt.date(2060, 12, 31)))
def test_a_question_is_read_at_the_last_month_end_up_to_its_day(day):
    question = Question(id="q", text="?", target="sanctions", at=day, at_least=1, resolution="in force")
    read = month_end(question.last_month)
    assert read <= day < month_end(question.last_month + 1)
    assert last_ended(day) == question.last_month


@pytest.mark.parametrize(
    ("day", "right"), [("2023-03-30", False), ("2023-03-31", True), ("2023-04-29", True)]
)
def test_the_first_month_can_be_asked_about_once_it_has_ended(files, day, right):
    path = files(first='title = "First"\nas_of = 2023-03-10\nuntil = 2023-12-31\n' + asked(day))
    if right:
        (question,) = read_scenario(path).questions
        assert month_end(question.last_month) == dt.date(2023, 3, 31)
    else:
        with pytest.raises(ScenarioError, match=r"settled before as_of.*allowed: 2023-03-31 to 2023-12-31"):
            read_scenario(path)
