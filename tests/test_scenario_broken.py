"""Every way to break a scenario file is refused with its line, in words, and with nothing else happening."""

from pathlib import Path

import pytest

from sim.scenario import ScenarioError, read_scenario
from sim.scenario.source import SIZE_LIMIT

BROKEN = Path(__file__).parent / "broken"
SOUND = {"a-sound-base"}

EXPECTED = {
    "as-of-missing": [(1, "as_of is missing")],
    "as-of-too-early": [(2, "as_of lies outside of the model's time")],
    "as-of-too-late": [(2, "as_of lies outside of the model's time")],
    "binary": [(2, "not text in UTF-8")],
    "comments-only": [(1, "the file is empty")],
    "date-in-quotes": [(2, "as_of is of the wrong kind")],
    "date-that-is-none": [(2, "not valid TOML")],
    "date-with-time": [(2, "as_of is of the wrong kind")],
    "empty": [(1, "the file is empty")],
    "event-adds-a-fall": [(6, "cannot add this to market_price")],
    "event-adds-to-a-share": [(6, "credibility takes set only")],
    "event-after-the-end": [(5, "the event lies after the scenario's end")],
    "event-before-as-of": [(5, "the event lies before the month of as_of: history is the record's")],
    "event-beyond-bounds": [(6, "gas_discount cannot be this")],
    "event-boolean": [(6, "sanctions cannot be this")],
    "event-changes-twice": [(7, "brent is changed twice in one event")],
    "event-ends-before-it-acts": [(8, "the event ends before it acts")],
    "event-huge-count": [(6, "chapters_opened cannot be this")],
    "event-huge-number": [(6, "brent cannot be this")],
    "event-multiplies-by-zero": [(6, "cannot multiply brent by this")],
    "event-not-a-number": [(6, "gas_discount cannot be this")],
    "event-not-a-table": [(4, "this entry is of the wrong kind")],
    "event-of-half-a-chapter": [(6, "chapters_opened cannot be this")],
    "event-of-unknown-category": [(6, "war cannot be this")],
    "event-of-unknown-quantity": [(6, "unknown quantity 'gas_discuont'; did you mean 'gas_discount'?")],
    "event-on-an-outcome": [(6, "eu_support cannot be acted on")],
    "event-sets-a-parameter-out-of-bounds": [(6, "gas_weight cannot be this")],
    "event-without-change": [(4, "the event changes nothing")],
    "event-without-date": [(4, "date is missing")],
    "event-without-source": [(4, "source is missing")],
    "events-not-a-list": [(4, "events is of the wrong kind")],
    "extends-a-broken-base": [(6, "gas_discount cannot be this")],
    "extends-a-python-file": [(2, "extends leads out of the folder or is no TOML file's name")],
    "extends-an-absolute-path": [(2, "extends leads out of the folder or is no TOML file's name")],
    "extends-and-leaves-its-horizon": [
        (5, "the event lies after the scenario's end"),
        (12, "the question reaches beyond the scenario's end"),
    ],
    "extends-in-a-circle-back": [(5, "extends goes round in a circle")],
    "extends-in-a-circle": [(1, "extends goes round in a circle")],
    "extends-itself": [(2, "extends goes round in a circle")],
    "extends-nothing": [(2, "did you mean 'baseline.toml'?")],
    "extends-out-of-the-folder": [(2, "extends leads out of the folder or is no TOML file's name")],
    "key-twice": [(4, "not valid TOML")],
    "latin-1": [(4, "not text in UTF-8")],
    "members-in-the-file": [(4, "unknown key 'members'")],
    "nested-beyond-measure": [(4, "nested")],
    "not-toml": [(4, "not valid TOML")],
    "number-beyond-measure": [(4, "a number of thousands of digits")],
    "open-string": [(4, "not valid TOML")],
    "open-table": [(4, "not valid TOML")],
    "parameter-below-its-minimum": [(5, "gas_weight is beyond what it can be")],
    "parameter-not-a-table": [(5, "this entry is of the wrong kind")],
    "parameter-of-unknown-family": [(5, "unknown key 'cauchy'")],
    "parameter-with-two-priors": [(5, "gas_weight: needs one value or one prior")],
    "parameter-without-prior": [(5, "gas_weight: needs one value or one prior")],
    "parameter-without-source": [(5, "source is missing")],
    "prior-centred-below-minimum": [(5, "gas_weight is centred beyond what it can be")],
    "prior-infinite": [(6, "normal[1] is of the wrong kind")],
    "prior-not-a-number": [(5, "value is of the wrong kind")],
    "prior-with-negative-sd": [(5, "gas_weight: the sd of normal must be above 0")],
    "prior-with-one-number": [(5, "normal is no list of 2 numbers")],
    "prior-with-reversed-bounds": [(5, "gas_weight: the low of uniform must be below its high")],
    "prior-with-three-numbers": [(5, "normal is no list of 2 numbers")],
    "question-between-reversed": [(10, "between is reversed or empty")],
    "question-beyond-horizon": [(8, "the question reaches beyond the scenario's end")],
    "question-date-for-a-window": [(8, "un_position belongs to a window of time")],
    "question-equals-a-share": [(10, "eu_support never equals a number to its last digit")],
    "question-id-no-slug": [(5, "id is of the wrong kind")],
    "question-id-twice": [(12, "two questions have one id")],
    "question-id-with-control-character": [(5, "id is of the wrong kind")],
    "question-impossible-share": [(9, "eu_support cannot be this")],
    "question-not-finite": [(9, "at_least is of the wrong kind")],
    "question-of-input": [(7, "unknown target 'brent'")],
    "question-of-unknown-category": [(10, "posture cannot be this")],
    "question-of-unknown-target": [(7, "unknown target 'sanction'; did you mean 'sanctions'?")],
    "question-orders-categories": [(9, "posture has no order")],
    "question-settled-before": [(8, "the question was settled before as_of")],
    "question-window-for-a-state": [(10, "a question has one date")],
    "question-with-half-a-window": [(4, "cfsp_alignment belongs to a window of time")],
    "question-with-odd-window": [(10, "not a window of cfsp_alignment")],
    "question-with-two-comparisons": [(11, "a question makes one comparison")],
    "question-with-two-dates": [(8, "a question has one date")],
    "question-without-comparison": [(4, "a question makes one comparison")],
    "question-without-date": [(4, "a question has one date")],
    "question-without-resolution": [(4, "resolution is missing")],
    "question-without-text": [(4, "text is missing")],
    "several-slips": [
        (2, "unknown key 'colour'"),
        (7, "gas_discount cannot be this"),
        (7, "war cannot be this"),
        (12, "unknown target 'sanction'; did you mean 'sanctions'?"),
    ],
    "title-blank": [(3, "text that says something")],
    "title-missing": [(1, "title is missing")],
    "title-of-wrong-kind": [(1, "title is of the wrong kind")],
    "title-with-escape-code": [(1, "no control characters")],
    "unknown-event-key": [(8, "unknown key 'untill'; did you mean 'until'?")],
    "unknown-key-near": [(4, "unknown key 'descripton'; did you mean 'description'?")],
    "unknown-key": [(4, "unknown key 'colour'")],
    "unknown-parameter": [(5, "unknown parameter 'gas_wieght'; did you mean 'gas_weight'?")],
    "unknown-question-key": [(11, "unknown key 'at_leest'; did you mean 'at_least'?")],
    "until-before-as-of": [(3, "until is not after as_of")],
    "until-too-far": [(3, "until is too far ahead")],
    "value-in-quotes": [(5, "value is of the wrong kind")],
}
"""File, and the line and a part of the message of each problem in it."""


def problems(path):
    with pytest.raises(ScenarioError) as caught:
        read_scenario(path)
    return caught.value.problems


def test_the_table_and_the_folder_agree():
    assert set(EXPECTED) | SOUND == {path.stem for path in BROKEN.glob("*.toml")}
    assert len(EXPECTED) >= 35


@pytest.mark.parametrize("name", EXPECTED)
def test_refused_with_line_and_reason(name):
    found = problems(BROKEN / f"{name}.toml")
    assert [problem.line for problem in found] == [line for line, _ in EXPECTED[name]]
    for problem, (_, part) in zip(found, EXPECTED[name], strict=True):
        assert part in str(problem)
        assert problem.todo or problem.allowed, "says what to do"
        assert "\n" not in str(problem)
        assert str(problem).isprintable()


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_file_of_the_folder_is_read(name):
    assert read_scenario(BROKEN / f"{name}.toml").events


def test_a_problem_in_a_base_names_the_base():
    (problem,) = problems(BROKEN / "extends-a-broken-base.toml")
    assert Path(problem.file).name == "event-beyond-bounds.toml"


def test_over_a_megabyte_is_refused_unread(tmp_path, monkeypatch):
    path = tmp_path / "large.toml"
    path.write_text("#" * (SIZE_LIMIT + 1))
    monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("it was read"))
    (problem,) = problems(path)
    assert "too large" in problem.what


def test_a_megabyte_of_keys_is_answered_with_a_bounded_list(tmp_path):
    path = tmp_path / "many.toml"
    path.write_text("".join(f"k{n} = 1\n" for n in range(50_000)))
    assert len(problems(path)) == 101


def test_keys_nested_beyond_measure_are_refused(tmp_path):
    path = tmp_path / "dotted.toml"
    path.write_text('title = "x"\n' + "a." * 200_000 + "a = 1\n")
    (problem,) = problems(path)
    assert problem.line == 2


@pytest.mark.parametrize("piece", ['\\"', '"""\\', "'''\\n", '"', "a.b = '\\n"])
def test_quotes_that_do_not_end_are_refused_at_once(tmp_path, piece):
    path = tmp_path / "quotes.toml"
    path.write_text(piece * (300_000 // len(piece)))  # looking from each quote to the end would take hours
    assert problems(path)


@pytest.mark.parametrize(("kind", "entry"), [("events", "date = 2023-06-01"), ("questions", 'id = "x"')])
def test_absurdly_many_entries_are_refused(tmp_path, kind, entry):
    path = tmp_path / "many.toml"
    path.write_text(f"[[{kind}]]\n{entry}\n" * 1001)
    assert any(f"too many {kind}" in problem.what for problem in problems(path))


def test_a_chain_without_end_is_refused(tmp_path):
    for n in range(20):
        (tmp_path / f"s{n}.toml").write_text(f'title = "x"\nextends = "s{n + 1}.toml"\n')
    (problem,) = problems(tmp_path / "s0.toml")
    assert "16 files" in problem.what


def test_a_link_out_of_the_folder_is_refused(tmp_path):
    (tmp_path / "out.toml").write_text((BROKEN / "a-sound-base.toml").read_text())
    home = tmp_path / "home"
    home.mkdir()
    (home / "base.toml").symlink_to(tmp_path / "out.toml")
    (home / "mine.toml").write_text('extends = "base.toml"\n')
    (problem,) = problems(home / "mine.toml")
    assert "link" in problem.what


@pytest.mark.parametrize("given", ["no-such-thing", "no/such.toml", "marsh-2023"])
def test_a_name_that_is_nothing_is_refused(given):
    (problem,) = problems(given)
    assert problem.file == given
    assert ("march-2023" in problem.todo) == (given == "marsh-2023")


def test_a_folder_and_an_unreadable_file_are_refused(tmp_path):
    assert "not a file" in problems(tmp_path)[0].what
    dangling = tmp_path / "dangling.toml"
    dangling.symlink_to(tmp_path / "nowhere.toml")
    assert "cannot be read" in problems(dangling)[0].what
