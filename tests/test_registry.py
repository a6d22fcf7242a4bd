"""The ledger of forecasts: lines that cannot be changed unseen, each forecast registered once and scored once."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from math import log

import pytest
from hypothesis import given, strategies as st

from sim.quantities.catalogue import QUANTITIES, targets
from sim.record.observations import Record
from sim.record.record_series import Point
from sim.registry import ChainError, RegistrationError, read_chain, read_ledger, register, resolve
from sim.registry.chain import Link, append
from sim.registry.truth import Asked, came
from sim.scenario import Question, read_scenario
from sim.verification.scores import crps, interval_score

THEN = datetime(2026, 7, 20, tzinfo=UTC)
HEAD = "target,start,end,value,trials,source\n"
RECORD = Record.load()
NUMBERS = [name for name in targets() if QUANTITIES[name].kind not in ("binary", "category")]
"""Targets of which a number is registered for each year's end."""


def asked(name, target, day, **more):
    return Question(id=name, text=f"{name}?", target=target, resolution="as it says", **day, **more)


SPEC = replace(
    read_scenario("baseline"),
    name="july",
    as_of=RECORD.ends,
    until=date(2027, 12, 31),
    questions=(
        asked("sanctions-soon", "sanctions", {"ever_by": date(2026, 12, 31)}, at_least=1),
        asked("ally", "posture", {"at": date(2026, 12, 31)}, equals="ally"),
        asked("lean-west", "lean", {"at": date(2026, 12, 31)}, at_least=0),
    ),
)


@pytest.fixture(scope="module")
def run(run_of):
    return run_of(SPEC, 12)


@pytest.fixture(scope="module")
def past(run_of):
    return run_of(read_scenario("march-2023"), 12)


@pytest.fixture
def ledger(run, tmp_path):
    register(run, tmp_path, now=THEN)
    return tmp_path


def lines(folder):
    return (folder / "ledger.jsonl").read_bytes().splitlines(keepends=True)


def put(folder, changed):
    (folder / "ledger.jsonl").write_bytes(b"".join(changed))


def of(standings, name):
    return next(each for each in standings if each.forecast.id == name)


def test_a_run_is_registered_a_line_a_question_with_what_the_run_says(run, ledger):
    _, standings = read_ledger(ledger, today=THEN.date())
    said = of(standings, "sanctions-soon").forecast
    row = next(row for row in run.table("questions") if row["id"] == "sanctions-soon")
    assert (said.probability, said.low, said.high) == tuple(row[x] for x in ("probability", "low", "high"))
    assert (said.as_of, said.due, said.registered) == (RECORD.ends, date(2026, 12, 31), THEN)
    assert said.run == run.provenance["digest"]
    assert said.persistence == 0.0  # there were none
    assert of(standings, "ally").forecast.persistence == 0.0
    assert of(standings, "lean-west").forecast.persistence == 0.5  # nobody knows
    numbers = [each.forecast for each in standings if not each.forecast.yes_no]
    assert {(each.target, each.due.year) for each in numbers} == {
        (target, year) for target in NUMBERS for year in (2026, 2027)
    }
    table = {
        row["output_type_id"]: row["value"]
        for row in run.table("forecast")
        if (row["target"], row["target_end_date"]) == ("eu_support", date(2026, 12, 31))
        and row["output_type"] == "quantile"
    }
    assert of(standings, "eu-support-2026").forecast.quantiles == table
    assert {each.state for each in standings} == {"open"}


def test_the_same_run_again_is_told_and_writes_nothing(run, ledger):
    before = lines(ledger)
    again = register(run, ledger, now=THEN)
    assert again.new == ()
    assert len(again.known) == len(before) == len(SPEC.questions) + 2 * len(NUMBERS)
    assert lines(ledger) == before


def test_what_could_be_known_is_registered_as_a_hindcast_only(past, tmp_path):
    with pytest.raises(
        RegistrationError, match=r"2023-03-10, and the record goes on to 2026-07-03.*--hindcast"
    ):
        register(past, tmp_path)
    assert not list(tmp_path.iterdir())
    assert all(each.hindcast for each in register(past, tmp_path, hindcast=True).new)


def test_an_answer_whose_date_has_passed_is_no_forecast(run, tmp_path):
    late = register(run, tmp_path, now=datetime(2026, 12, 31, tzinfo=UTC))
    assert {each.due for each in late.decided} == {date(2026, 12, 31)}
    assert {each.due for each in late.new} == {date(2027, 12, 31)}
    assert not any(each.hindcast for each in late.new)


def test_what_is_due_is_scored_once_and_the_forecasts_stay(ledger, tmp_path):
    seen = tmp_path / "seen.csv"
    seen.write_text(
        HEAD + "sanctions,,2026-12-31,1,,EU\neu_support,,2026-11-30,0.4,,MEI\nposture,,2030-01-31,ally,,x\n"
    )
    before, now = lines(ledger), datetime(2027, 1, 10, tzinfo=UTC)
    done = resolve(ledger, seen, now=now)
    assert [str(fault).partition(": ")[2] for fault in done.faults] == [
        "2030-01-31 is still to come: that was not observed"
    ]
    assert len(done.new) == 1  # of polls a nearer one may still come
    scored = of(done.standings, "sanctions-soon")
    p, result = scored.forecast.probability, scored.resolution
    assert result.brier == pytest.approx((p - 1.0) ** 2)
    assert result.log_score == pytest.approx(-log((12 * p + 0.5) / 13))
    assert result.persistence_score == 1.0
    assert result.basis.startswith("observations ")
    assert of(done.standings, "lean-west").why == "no record says lean: only the model knows it"
    assert of(done.standings, "ally").why == "no posture on record for 2026-12-31"
    assert of(done.standings, "eu-support-2027").state == "open"
    assert lines(ledger)[: len(before)] == before
    later = resolve(ledger, seen, now=datetime(2027, 4, 10, tzinfo=UTC))
    poll = of(later.standings, "eu-support-2026")
    assert later.new == {poll.link.digest}
    levels = {float(level): value for level, value in poll.forecast.quantiles.items()}
    assert poll.resolution.interval_score == pytest.approx(interval_score(levels, 0.4))
    written = lines(ledger)
    assert resolve(ledger, seen, now=datetime(2027, 4, 10, tzinfo=UTC)).new == frozenset()
    assert lines(ledger) == written


def test_the_record_settles_what_it_says(past, tmp_path):
    register(past, tmp_path, hindcast=True)
    standings = resolve(tmp_path).standings
    scored = {each.forecast.id: each.resolution.outcome for each in standings if each.state == "scored"}
    assert scored["sanctions-before-2024"] == 0.0
    assert scored["chapters-opened-2023"] == 22.0
    assert scored["cfsp-alignment-2023"] == 0.54
    assert scored["sanctions-before-2025"] == 0.0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x: [*x[:3], x[3].replace(b'"members": 12', b'"members": 13'), *x[4:]], "line 4 was changed"),
        (lambda x: [*x[:3], x[3].replace(b", ", b",  ", 1), *x[4:]], "line 4 was changed"),
        (lambda x: [*x[:3], *x[4:]], "line 4 was removed or moved: line 5 stands"),
        (lambda x: [*x[:3], x[4], x[3], *x[5:]], "line 4 was removed or moved: line 5 stands"),
        (lambda x: [*x[:4], x[3], *x[4:]], "line 5 was moved or repeated: it is line 4"),
        (lambda x: [*x[:3], b"\xff\xfe\n", *x[3:]], "line 4 was changed"),
        (lambda x: [*x[:3], b"[" * 100_000 + b"\n", *x[3:]], "line 4 was changed"),
        (lambda x: [*x[:3], b"\n", *x[3:]], "line 4 was changed"),
    ],
)
def test_the_first_line_that_was_touched_is_named_and_nothing_is_added(run, ledger, change, words):
    put(ledger, change(lines(ledger)))
    before = lines(ledger)
    for use in (read_ledger, resolve, lambda folder: register(run, folder, now=THEN)):
        with pytest.raises(ChainError, match=words):
            use(ledger)
    assert lines(ledger) == before


def test_a_line_made_anew_shows_in_the_next(ledger):
    old = lines(ledger)
    first = json.loads(old[0])
    said = {name: value for name, value in first.items() if name not in ("digest", "line", "before")}
    forged = Link(1, first["before"], {**said, "probability": 0.9})
    put(ledger, [forged.text.encode() + b"\n", *old[1:]])
    with pytest.raises(ChainError, match="line 2 was written after another line 1"):
        read_ledger(ledger)


@pytest.mark.parametrize(
    "other",
    [
        {"members": 0},
        {"members": 10**400},
        {"persistence_quantiles": {}},
        {"persistence_quantiles": {"nan": 1.0}},
        {"persistence_quantiles": {"0.01": 1e308, "0.02": 1e308}},
        {"probability": 7.0},
        {"asked": {"at": "soon"}},
        # a poll near that day is looked for too, where the calendar has ended
        {"target": "eu_support", "due": "2020-01-01", "asked": {"at": "9999-11-30", "at_least": 0.5}},
        {"target": "zebra"},
        {"due": 3},
        {"text": None},
    ],
)
def test_a_sound_line_that_no_command_wrote_is_told_and_not_a_traceback(ledger, other):
    first = json.loads(lines(ledger)[0])
    said = {name: value for name, value in first.items() if name not in ("digest", "line", "before")}
    put(ledger, [Link(1, first["before"], {**said, **other}).text.encode() + b"\n"])
    with pytest.raises(ChainError, match="line 1"):
        read_ledger(ledger)


def test_a_due_line_of_a_state_that_is_not_here_is_told_and_left(run, ledger):
    first = json.loads(lines(ledger)[0])
    said = {name: value for name, value in first.items() if name not in ("digest", "line", "before")}
    put(ledger, [Link(1, first["before"], said | {"state": "atlantis"}).text.encode() + b"\n"])
    found = resolve(ledger, now=datetime(2031, 1, 1, tzinfo=UTC))
    assert not found.new
    (standing,) = found.standings
    assert (standing.state, standing.why.partition("(")[0]) == ("due", "no state is named 'atlantis' ")


def test_lines_of_before_a_field_came_are_read_and_those_of_a_later_version_are_told(ledger):
    first = json.loads(lines(ledger)[0])
    said = {name: value for name, value in first.items() if name not in ("digest", "line", "before")}
    earlier = {name: value for name, value in said.items() if name != "persistence_quantiles"}
    put(ledger, [Link(1, first["before"], earlier).text.encode() + b"\n"])
    assert read_ledger(ledger)[1][0].forecast.persistence_quantiles is None
    put(ledger, [Link(1, first["before"], {**said, "mood": 1}).text.encode() + b"\n"])
    with pytest.raises(ChainError, match="no forecast that this version can read, for its 'mood'"):
        read_ledger(ledger)


def test_a_torn_last_line_is_cut_off_by_the_next_and_its_forecasts_are_registered(run, ledger):
    whole = lines(ledger)
    put(ledger, [*whole[:-1], whole[-1][:100]])
    chain, standings = read_ledger(ledger)
    assert (len(standings), chain.torn) == (len(whole) - 1, 100)
    assert len(register(run, ledger, now=THEN).new) == 1
    assert lines(ledger) == whole


def test_an_editor_that_takes_the_last_end_of_line_breaks_nothing(tmp_path):
    path = tmp_path / "chain"
    append(path, lambda _: [{"n": 1}])
    path.write_bytes(path.read_bytes().rstrip())
    append(path, lambda _: [{"n": 2}])
    assert [link.content["n"] for link in read_chain(path).checked().links] == [1, 2]


def test_writers_at_the_same_time_lose_nothing(tmp_path):
    path = tmp_path / "chain"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: append(path, lambda links: [{"n": n, "seen": len(links)}]), range(40)))
    links = read_chain(path).checked().links
    assert {link.content["n"] for link in links} == set(range(40))
    assert [link.content["seen"] for link in links] == list(range(40))


@given(place=st.integers(0, 10_000), sign=st.integers(0, 255))
def test_no_byte_can_be_changed_unseen(tmp_path_factory, place, sign):
    path = tmp_path_factory.mktemp("chain") / "chain"
    append(path, lambda _: [{"n": n, "text": "čekaj"} for n in range(4)])
    whole = bytearray(path.read_bytes())
    place %= len(whole)
    same = whole[place] == sign
    whole[place] = sign
    path.write_bytes(whole)
    chain = read_chain(path)
    assert bool(chain.fault or chain.torn) is not same


def points(*values):
    return [Point(date(2024, month, 28), value, date(2024, month, 28)) for month, value in values]


def test_what_ever_comes_is_settled_as_soon_as_it_has_come():
    question = Asked("sanctions", date(2024, 1, 15), {"ever_by": date(2024, 12, 31)}, {"at_least": 1.0})
    assert came(question, points((1, 0.0), (2, 1.0)), date(2024, 2, 28)) == 1.0
    assert isinstance(came(question, points((1, 0.0), (2, 0.0)), date(2024, 2, 28)), str)
    assert came(question, points((1, 0.0), (12, 0.0)), date(2024, 12, 31)) == 0.0


def test_of_polls_the_nearest_counts_once_no_nearer_one_can_come():
    question = Asked("eu_support", date(2024, 1, 15), {"at": date(2024, 6, 30)}, {})
    waves = points((5, 0.4), (8, 0.5))
    assert came(question, waves, date(2024, 9, 1)) == 0.4
    assert isinstance(came(question, waves[:1], date(2024, 8, 31)), str)
    assert isinstance(came(question, points((2, 0.4)), date(2025, 1, 1)), str)


def test_the_interval_score_of_many_quantiles_is_the_crps():
    import numpy as np

    sample = np.sort(np.random.default_rng(1).normal(size=4000))
    levels = (np.arange(4000) + 0.5) / 4000
    quantiles = dict(zip(levels.tolist(), sample.tolist(), strict=True))
    assert interval_score(quantiles, 0.7) == pytest.approx(crps(sample, 0.7), rel=1e-3)


def test_the_commands_say_what_they_do(called, past, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    place = ("--ledger", "ledger")
    nothing = called("ledger", *place)
    assert nothing.exit_code == 2
    assert "`serbia-sim register RUN` begins one" in nothing.stderr
    refused = called("register", past.folder, *place)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert not (tmp_path / "ledger").exists()
    lines_of_it = len(past.scenario.questions) + 3 * len(NUMBERS)
    assert f"{lines_of_it} hindcasts" in called("register", past.folder, "--hindcast", *place).stdout
    done = called("resolve", *place)
    assert done.exit_code == 0
    assert done.stdout.startswith("Scored now: 18\n")
    assert "new: Will Serbia impose sanctions" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    shown = called("ledger", *place).stdout
    assert "47 lines, each as it was written." in shown
    assert "Brier score of 9 yes-no questions:" in shown.partition("Hindcasts: ")[2]
    assert "Brier" not in shown.partition("Hindcasts: ")[0]


def test_escape_codes_in_a_ledger_never_reach_the_terminal(called, ledger):
    first = json.loads(lines(ledger)[0])
    said = {name: value for name, value in first.items() if name not in ("digest", "line", "before")}
    hostile = "\x1b[2Jgone\x07\u202e"
    put(
        ledger,
        [
            Link(
                1, first["before"], {**said, "text": hostile, "scenario": hostile, "run": hostile}
            ).text.encode()
            + b"\n"
        ],
    )
    assert b"\x1b" not in (ledger / "ledger.jsonl").read_bytes()
    shown = called("ledger", "--ledger", ledger)
    assert shown.exit_code == 0
    assert "?[2Jgone??" in shown.stdout
    assert not {"\x1b", "\x07", "\u202e"} & set(shown.stdout)
