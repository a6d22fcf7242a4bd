"""The tuning panel without a browser: what a lever or an event says is simulated, compared, shown and saved."""

import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import pytest

from sim import Run, forecast, read_scenario
from sim.scenario import Question, Scenario, ScenarioError, with_beliefs, with_settings
from sim.widgets import LeverError, Tuning, views
from sim.widgets.levers import SOURCE, _somewhere, as_written, belief, in_words, intervention
from sim.widgets.running import Members
from sim.widgets.views import as_html, as_text

MEMBERS = 60
SPEC = Scenario(  # ten months are simulated, so that a move costs little
    name="early",
    title="An early origin",
    as_of=date(2013, 3, 10),
    until=date(2013, 12, 31),
    questions=(
        Question(
            id="leans-west",
            text="Will Serbia's lean be towards the EU?",
            target="lean",
            at=date(2013, 12, 31),
            at_least=0.0,
            resolution="the model's own",
        ),
    ),
)
EVENT = {"quantity": "market_price", "how": "multiply", "value": "2", "date": "2013-06-01"}


@pytest.fixture(scope="module")
def learned():
    """Return a panel that learned, to which tests add what they need."""
    panel = Tuning(SPEC, members=MEMBERS, particles=32)
    panel.update()
    return panel


@pytest.fixture
def panel(learned):
    """Return the panel with nothing moved, and the scenario as it is for its reference."""
    learned.reset()
    learned.update()
    learned.hold(learned.before)
    return learned


def answers(run):
    return [(row["id"], float(row["probability"])) for row in run.table("questions")]


def shown(panel):
    return [(item.id, float(f"{item.probability:.12g}")) for item in panel.shown.answers]  # as tables have it


def test_at_rest_now_is_as_it_is(panel):
    assert panel.shown is panel.before
    assert panel.shown.scenario == SPEC
    assert {item.verdict for item in panel.differences.values()} == {"same"}
    assert "Nothing is moved" in as_text(panel)


def test_levers_and_events_are_simulated_as_that_scenario_in_the_order_of_a_file(panel):
    panel.place("pressure", 0.2)
    panel.put_event(**EVENT)
    panel.update()
    expected = with_settings(SPEC, ["pressure=0.2"], source=SOURCE)
    assert panel.shown.scenario.events[:1] == expected.events
    assert [str(event) for event in panel.shown.scenario.events] == [
        "from 2013-03: pressure = 0.2",
        "from 2013-06: market_price * 2",
    ]
    again = forecast(panel.shown.scenario, members=MEMBERS, particles=32, save=False)
    assert shown(panel) == answers(again) == answers(panel.shown.run)
    assert shown(panel) != [(item.id, item.probability) for item in panel.before.answers]


def test_the_range_over_judgement_is_that_of_a_run_of_the_file(monkeypatch, judgements):
    for room in ("sim.forecasting.judgement", "sim.parameters.table"):
        monkeypatch.setattr(f"{room}.alternatives", judgements)
    asked = Question(
        id="sanctions", text="Sanctions by 2017?", target="sanctions", equals=1.0,
        ever_by=date(2016, 12, 31), resolution="the model's own",
    )  # fmt: skip
    panel = Tuning(replace(SPEC, until=asked.ever_by, questions=(asked,)), members=300, particles=32)
    panel.update()
    assert panel.shown.ranges == {}
    panel.judge()
    (row,) = forecast(panel.base, members=300, particles=32, save=False).table("questions")
    assert panel.shown.ranges["sanctions"] == pytest.approx((row["low"], row["high"]))
    low, high = (f"{100 * row[end]:.0f}" for end in ("low", "high"))
    assert low < high
    assert f"<td>{low} to {high}</td>" in as_html(panel)


def test_an_event_is_moved_and_removed(panel):
    panel.put_event(**EVENT)
    assert as_written(panel.wanted.events[0]) == {**EVENT, "until": ""}
    panel.put_event(**{**EVENT, "date": "2013-08-01", "until": "2013-10-01"}, instead=0)
    assert [str(event) for event in panel.wanted.events] == ["2013-08 to 2013-09: market_price * 2"]
    panel.drop_event(0)
    panel.update()
    assert panel.shown is panel.before


@pytest.mark.parametrize(
    ("slip", "said"),
    [
        (
            {"quantity": "gas_discuont", "how": "set"},
            "unknown quantity 'gas_discuont'; did you mean 'gas_discount'?",
        ),
        (
            {"quantity": "pressure", "how": "set", "value": "1.5"},
            "pressure cannot be this; given 1.5; allowed: a number from 0 to 1 (share); change the value",
        ),
        (
            {"date": "2012-06-01"},
            "the event lies before the month of as_of: history is the record's; given 2012-06-01; "
            "allowed: 2013-03-01 to 2013-12-31; move it, or move as_of back",
        ),
        ({"date": "soon"}, 'date is of the wrong kind; given "soon"; allowed: a date such as 2024-12-31'),
        ({"until": "2013-06-30"}, "the event ends before it acts; given 2013-06-30"),
    ],
)
def test_a_slip_in_an_event_is_told_as_in_a_file_and_changes_nothing(panel, tmp_path, slip, said):
    with pytest.raises(ScenarioError) as told:
        panel.put_event(**{**EVENT, **slip})
    (problem,) = told.value.problems
    assert said in problem.message
    assert panel.wanted.events == ()


def test_a_belief_waits_until_it_is_learned_again_and_interventions_do_not(panel):
    panel.place("gas_weight", 2.0)
    panel.place("pressure", 0.2)
    panel.update()
    assert panel.to_learn == ("gas_weight",)
    assert panel.shown.scenario.parameters == {}
    assert [change.quantity for event in panel.shown.scenario.events for change in event.changes] == [
        "pressure"
    ]
    with pytest.raises(ValueError, match="gas weight is to be learned again first"):
        panel.save("nowhere.toml")
    panel.learn()
    assert panel.to_learn == ()
    assert panel.shown.scenario.parameters["gas_weight"].prior.describe() == "2"
    panel.place("gas_weight", None)
    assert panel.to_learn == ("gas_weight",)


def test_without_learning_a_belief_is_answered_at_once():
    panel = Tuning(SPEC, members=MEMBERS, learned=False)
    panel.move(gas_weight=2.0)
    assert panel.to_learn == ()
    assert shown(panel) == answers(forecast(panel.shown.scenario, members=MEMBERS, learned=False, save=False))


def test_differences_are_against_what_is_held(panel):
    panel.move(pressure=0.2)
    held, before = panel.shown, panel.differences["leans-west"]
    panel.hold(held)
    assert panel.differences["leans-west"].verdict == "same"
    panel.move(pressure=None)
    assert panel.differences["leans-west"].difference == -before.difference
    assert "Held against: the scenario with pressure 0.2." in as_text(panel)
    panel.hold(panel.before)
    assert panel.differences["leans-west"].verdict == "same"


def test_another_scenario_lets_go_and_keeps_a_reference_of_the_same_origin(panel):
    panel.move(pressure=0.2)
    other = with_settings(SPEC, ["pressure=0.9"], source="a test")
    try:
        panel.open(other)
        assert (panel.wanted.places, panel.shown) == ({}, None)
        panel.update()
        assert panel.reference.scenario == SPEC
        assert panel.differences["leans-west"].discordant > 0
        with pytest.raises(ScenarioError, match="no such file"):
            panel.open("no-such-scenario")
        assert panel.base == other
    finally:
        panel.open(SPEC)
        panel.update()


def test_another_state_of_one_origin_is_learned_by_itself_and_held_against_no_other(monkeypatch):
    learned = []
    monkeypatch.setattr(
        "sim.widgets.running.assimilate", lambda spec, **_: learned.append(spec.state) or len(learned)
    )
    members, other = Members(members=2), replace(SPEC, state="moldova")
    assert members.posterior(SPEC) != members.posterior(other)
    assert learned == [SPEC.state, "moldova"]
    panel = Tuning(SPEC, members=2, learned=False, interventions=(), beliefs=())
    panel.update()
    assert panel.reference is not None
    panel.open(other)
    assert panel.reference is None


def test_the_page_names_quantities_in_the_words_of_the_state_that_is_open(monkeypatch):
    reacton = pytest.importorskip("reacton")
    pytest.importorskip("solara")
    from ipywidgets.widgets.widget import _instances

    from sim.widgets import page

    def offered():
        return next(each.options for each in _instances.values() if getattr(each, "label", "") == "of")

    monkeypatch.setattr(page, "_start", lambda work: None)
    panel = Tuning(SPEC, members=2, learned=False, interventions=(), beliefs=())
    _, drawn = reacton.render(page.Panel(panel), handle_error=False)
    assert "Serbia's share of EU declarations joined" in offered()
    labels = {getattr(each, "label", "") for each in _instances.values()}
    assert "First month without it, or empty" in labels  # `until` is no last month
    panel.open(replace(SPEC, state="moldova"))
    assert "Moldova's share of EU declarations joined" in offered()
    drawn.close()


def test_a_picture_and_the_table_follow_the_levers(panel):
    before = [draw(panel.shown.run) for draw in (views.posture, views.ledger)]
    fans = {name: views.fan(panel.shown.run, name) for name in views.drawable(panel.base).values()}
    table = as_html(panel)
    panel.move(gas_discount=0.2)
    assert as_html(panel) != table
    assert views.fan(panel.shown.run, "gas_discount", panel.before.run) != fans["gas_discount"]
    assert views.ledger(panel.shown.run) != before[1]
    assert all("nan" not in drawn for drawn in (*before, *fans.values()))


def test_the_words_of_a_scenario_are_escaped(panel):
    wild = Question(**{**vars(SPEC.questions[0]), "text": "Will <script>alert(1)</script> & more?"})
    panel.open(Scenario(**{**vars(SPEC), "title": "<b>bold</b>", "questions": (wild,)}))
    panel.update()
    try:
        assert "<script>" not in as_html(panel)
        assert wild.text in unescape(as_html(panel))
    finally:
        panel.open(SPEC)
        panel.update()


def test_what_is_saved_is_read_back_with_the_same_answers_and_its_own_title(panel, tmp_path):
    panel.move(gas_discount=0.2, gas_weight=2.0)
    path = panel.save(tmp_path / "my scenario.toml", title="Dear gas")
    again = read_scenario(path)
    assert again.title == "Dear gas"
    assert answers(forecast(again, members=MEMBERS, particles=32, save=False)) == shown(panel)
    assert panel.members.command(path) == f"serbia-sim run '{path}' --members 60 --particles 32"


def test_saving_again_writes_over_what_the_panel_wrote_and_spares_all_else(panel, tmp_path):
    path = tmp_path / "mine.toml"
    panel.save(path)
    panel.move(gas_discount=0.2)
    panel.save(path)
    assert read_scenario(path).title == "An early origin (gas discount 0.2)"
    path.write_text("precious")
    with pytest.raises(FileExistsError):
        panel.save(path)
    assert path.read_text() == "precious"


def test_a_report_is_of_the_run_that_the_saved_file_makes(panel, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(
        sys.modules, "sim.report", SimpleNamespace(write_report=lambda run: run.folder / "report.html")
    )
    panel.move(pressure=0.2)
    said = panel.report(title="A page")
    assert (panel.message, panel.working) == ("", {})
    assert answers(Run.load(Path(said.removeprefix("Written: ")).parent)) == shown(panel)
    monkeypatch.setitem(sys.modules, "sim.report", None)
    assert panel.report() == ""
    assert panel.message.startswith("Not written: ")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (FloatingPointError("lean is not finite"), "lean is not finite"),
        (KeyboardInterrupt(), "interrupted"),
        (RuntimeError(), "RuntimeError"),
    ],
)
def test_a_move_that_fails_or_is_interrupted_is_told_and_taken_back(panel, monkeypatch, error, said):
    panel.move(credibility=0.9)
    good = panel.shown

    def broken(*_, **__):
        raise error

    monkeypatch.setattr("sim.widgets.running.simulate", broken)
    panel.place("pressure", 0.5)
    try:
        panel.update()
    except KeyboardInterrupt:
        assert said == "interrupted"
    assert panel.message.startswith("Not simulated: ")
    assert said in panel.message
    assert panel.shown is good
    assert panel.wanted.places == {"credibility": 0.9}
    monkeypatch.undo()
    panel.move(pressure=0.2)
    assert panel.message == ""
    assert panel.shown.moves.places == {"credibility": 0.9, "pressure": 0.2}


def test_of_two_updates_the_newest_wins(panel, monkeypatch):
    panel.place("pressure", 0.2)
    first = Thread(target=panel.update)

    def run(self, scenario, *, work, **_):
        monkeypatch.undo()  # the second goes its way, while the first has begun
        first_told.append(work)
        panel.place("pressure", 0.8)
        panel.update()
        work(2)(1)

    first_told = []
    monkeypatch.setattr("sim.widgets.running.Members.run", run)
    first.start()
    first.join()
    assert len(first_told) == 1
    assert (panel.shown.moves.places, panel.message) == ({"pressure": 0.8}, "")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda panel: panel.move(pressur=0.2), "unknown slider 'pressur'; did you mean 'pressure'?"),
        (lambda panel: panel.move(pressure=1.5), "cannot stand at 1.5; it goes over 0 to 1"),
        (lambda panel: panel.add_lever("presure", belief=False), "settable quantity 'presure'; did you"),
        (lambda panel: panel.add_lever("lean", belief=False), "unknown settable quantity 'lean'"),
        (lambda panel: panel.add_lever("gas_wieght", belief=True), "parameter 'gas_wieght'; did you mean"),
    ],
)
def test_what_cannot_be_moved_is_refused_with_what_can(panel, call, words):
    with pytest.raises(LeverError, match=words.replace("?", r"\?").replace(".", r"\.")):
        call(panel)
    assert panel.wanted.places == {}


def test_levers_go_over_what_can_be_and_say_what_comes_by_itself(panel):
    run = panel.before.run
    assert intervention("war", run).stops == ("none", "frozen", "full_scale", "ceasefire")
    assert intervention("war", run).present == "none"
    assert intervention("chapters_opened", run).stops[::35] == (0.0, 35.0)
    pressure = intervention("pressure", run)
    assert pressure.stops[::10] == (0.0, 0.5, 1.0)
    assert len(pressure.spread) == len(pressure.stops)
    assert sum(pressure.spread) == pytest.approx(1.0)
    prices = intervention("market_price", run)
    assert 5 < len(prices.stops) < 50
    assert min(prices.stops) < prices.present < max(prices.stops)
    assert 0.8 < sum(prices.spread) <= 1.0
    panel.add_lever("market_price", belief=False)
    assert panel.levers["market_price"] == prices


def test_a_belief_shows_what_was_learned_over_its_prior(panel):
    posterior = panel.members.posterior(SPEC)
    lever = belief("gas_weight", SPEC, posterior)
    assert lever.present == pytest.approx(float(posterior.data["gas_weight"].median()))
    assert lever.spread != lever.prior
    assert sum(lever.prior) > 0.9


def test_numbers_below_zero_have_a_true_minus(panel):
    assert in_words(-1.6) == "\N{MINUS SIGN}1.6"
    drawn = views.ledger(panel.shown.run)
    assert re.search(r">\N{MINUS SIGN}[\d.]+</span>", drawn)
    assert not re.search(r">-", drawn)


def test_what_does_not_vary_has_a_lever_over_what_else_it_could_be():
    held = with_settings(SPEC, ["market_price=400"], source="test")
    run = forecast(held, members=2, learned=False, save=False)
    assert intervention("market_price", run).stops == tuple(50.0 * stop for stop in range(1, 17))
    with pytest.raises(LeverError, match="does not vary in this scenario"):
        _somewhere("x", (1.0,))


@pytest.mark.parametrize("name", ["gas_weight", "lean_adjustment", "sanctions_rate", "sanctions_slope"])
def test_levers_of_beliefs_stay_where_the_parameter_can_be(name):
    lever = belief(name, SPEC)
    assert len(lever.stops) > 2
    for stop in lever.stops:
        assert SPEC.parameter_set()[name].admits(stop)


@pytest.mark.parametrize(
    "call", ["import sim; sim.tune('march-2023', members=2)", "from sim.cli import main; main()"]
)
def test_without_solara_the_extra_is_named(call):
    code = f"import sys; sys.modules['solara'] = None; sys.argv[1:] = ['tune']; {call}"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert answer.returncode != 0
    assert "pip install 'serbia-sim[panel]'" in answer.stderr


@pytest.mark.parametrize(
    ("beliefs", "words"),
    [
        ({"gas_wieght": 1.0}, "unknown parameter 'gas_wieght'; did you mean 'gas_weight'"),
        ({"gas_weight": -1.0}, "gas_weight is beyond what it can be; given -1"),
    ],
)
def test_a_belief_that_cannot_be_is_refused(beliefs, words):
    with pytest.raises(ScenarioError, match=words):
        with_beliefs(SPEC, beliefs, source="judgement")


def test_a_belief_without_a_source_is_refused():
    with pytest.raises(ScenarioError, match=r"source is of the wrong kind.*text that says something"):
        with_beliefs(SPEC, {"gas_weight": 1.0}, source="")
