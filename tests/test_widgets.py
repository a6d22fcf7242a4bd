"""The tuning panel: what a slider says is what is simulated, compared, shown and saved."""

import subprocess
import sys
from datetime import date
from html import unescape

import pytest

from sim import forecast, read_scenario, tuning_panel
from sim.scenario import Question, Scenario, ScenarioError, with_beliefs, with_settings
from sim.widgets import LeverError
from sim.widgets.levers import SOURCE, _somewhere, belief, intervention

MEMBERS = 60
SPEC = Scenario(  # two years are simulated, so that a move costs little
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


@pytest.fixture(scope="module")
def panel():
    return tuning_panel(SPEC, members=MEMBERS, particles=32)


@pytest.fixture(autouse=True)
def at_rest(panel):
    """Begin each test with every slider at its left end."""
    if panel.run is not panel.before:
        panel.move(**dict.fromkeys(panel.sliders))


def test_at_rest_now_is_before(panel):
    assert panel.scenario == SPEC
    assert panel.run is panel.before
    assert {item.verdict for item in panel.contrast.differences} == {"same"}
    assert "Nothing is moved" in panel.table.value


def test_a_moved_slider_is_simulated_as_that_scenario(panel):
    panel.sliders["gas_discount"].value = 0.2
    expected = with_settings(SPEC, ["gas_discount=0.2"], source=SOURCE)
    assert panel.scenario == expected
    assert panel.run.table("questions") == forecast(expected, members=MEMBERS, save=False).table("questions")
    assert panel.run.table("questions") != panel.before.table("questions")
    assert panel.contrast.run is panel.run
    assert panel.contrast.baseline is panel.before


def test_interventions_and_beliefs_go_together_and_are_let_go_together(panel):
    panel.move(pressure=0.2, gas_weight=2.0)
    assert [change.quantity for event in panel.scenario.events for change in event.changes] == ["pressure"]
    assert panel.scenario.parameters["gas_weight"].prior.describe() == "2"
    panel.move(pressure=None)
    assert panel.scenario.events == ()
    assert "gas_weight" in panel.scenario.parameters


def test_picture_and_table_follow_the_sliders(panel):
    picture, table = panel.fan.value, panel.table.value
    panel.move(gas_weight=2.0)
    assert bytes(panel.fan.value[:4]) == b"\x89PNG"
    assert panel.fan.value != picture
    assert panel.table.value != table
    panel.move(gas_weight=None)
    assert (panel.fan.value, panel.table.value) == (picture, table)


def test_a_move_of_several_sliders_simulates_once(panel, monkeypatch):
    runs = []

    def counted(*args, **kwargs):
        runs.append(args)
        return forecast(*args, **kwargs)

    monkeypatch.setattr("sim.widgets.panel.forecast", counted)
    panel.move(pressure=0.2, credibility=0.9, gas_weight=1.0)
    assert len(runs) == 1


def test_a_reader_without_widgets_sees_the_table(panel):
    panel.move(gas_discount=0.2)
    bundle = panel._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    question = panel.scenario.questions[0].text
    for kind in ("text/html", "text/plain"):
        assert question in unescape(bundle[kind])
        assert "gas_discount" in bundle[kind]


def test_what_is_saved_is_read_back_with_the_same_answers(panel, tmp_path):
    panel.move(gas_discount=0.2, gas_weight=2.0)
    again = read_scenario(panel.save(tmp_path / "my-scenario.toml"))
    answers = forecast(again, members=MEMBERS, save=False).table("questions")
    assert answers == panel.run.table("questions")


def test_saving_again_writes_over_what_the_panel_wrote_and_spares_all_else(panel, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    panel.file.value = "mine.toml"
    panel.button.click()
    assert panel.message.value == "Saved: mine.toml"
    panel.move(gas_discount=0.2)
    panel.button.click()
    assert panel.message.value == "Saved: mine.toml"
    assert read_scenario("mine.toml").title == "An early origin (gas discount 0.2)"
    (tmp_path / "mine.toml").write_text("precious")
    panel.button.click()
    assert "type another name" in panel.message.value
    assert (tmp_path / "mine.toml").read_text() == "precious"


@pytest.mark.parametrize("name", ["", "  ", "no/such/folder.toml", "nul\0.toml", "."])
def test_a_name_under_which_nothing_can_be_saved_is_told(panel, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    panel.file.value = name
    panel.button.click()
    assert "not saved" in panel.message.value
    assert "; type a" in panel.message.value
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("part", "error", "said"),
    [
        ("forecast", FloatingPointError("lean is not finite"), "lean is not finite"),
        ("forecast", KeyboardInterrupt(), "interrupted"),
        ("contrast", KeyboardInterrupt(), "interrupted"),
        ("fan", RuntimeError(), "RuntimeError"),
        ("words.as_html", KeyboardInterrupt(), "interrupted"),
    ],
)
def test_a_move_that_fails_or_is_interrupted_is_told_and_taken_back(panel, monkeypatch, part, error, said):
    def broken(*_, **__):
        raise error

    panel.move(credibility=0.9)
    before = (panel.scenario, panel.run, panel.contrast, panel.fan.value, panel.table.value)
    with monkeypatch.context() as patch:
        patch.setattr(f"sim.widgets.panel.{part}", broken)
        try:
            panel.sliders["pressure"].value = 0.5
        except KeyboardInterrupt:
            assert said == "interrupted"
        else:
            assert said != "interrupted"
    assert panel.message.value.startswith("Not simulated: ")
    assert said in panel.message.value
    assert (panel.scenario, panel.run, panel.contrast, panel.fan.value, panel.table.value) == before
    stand = {name: slider.value for name, slider in panel.sliders.items() if slider.value != ""}
    assert stand == {"credibility": 0.9}


def test_after_a_failure_the_panel_goes_on(panel, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("sim.widgets.panel.forecast", lambda *_, **__: 1 / 0)
        panel.sliders["pressure"].value = 0.5
    assert panel.run is panel.before
    panel.sliders["pressure"].value = 0.2
    assert panel.message.value == ""
    assert panel.scenario == with_settings(SPEC, ["pressure=0.2"], source=SOURCE)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda panel: panel.move(pressur=0.2), "unknown slider 'pressur'; did you mean 'pressure'?"),
        (lambda panel: panel.move(pressure=1.5), "cannot stand at 1.5; it goes over 0 to 1"),
        (
            lambda _: tuning_panel(SPEC, interventions=["presure"], members=2),
            "settable quantity 'presure'; did you",
        ),
        (lambda _: tuning_panel(SPEC, interventions=["lean"], members=2), "unknown settable quantity 'lean'"),
        (
            lambda _: tuning_panel(SPEC, beliefs=["gas_wieght"], members=2),
            "parameter 'gas_wieght'; did you mean",
        ),
    ],
)
def test_what_cannot_be_moved_is_refused_with_what_can(panel, call, words):
    with pytest.raises(LeverError, match=words.replace("?", r"\?").replace(".", r"\.")):
        call(panel)
    assert panel.run is panel.before


def test_levers_go_over_what_can_be(panel):
    assert intervention("war", panel.before).stops == ("none", "frozen", "full_scale", "ceasefire")
    assert intervention("chapters_opened", panel.before).stops[:2] == (0.0, 1.0)
    assert intervention("chapters_opened", panel.before).stops[-1] == 35.0
    assert intervention("pressure", panel.before).stops[::10] == (0.0, 0.5, 1.0)
    prices = intervention("market_price", panel.before).stops
    assert 5 < len(prices) < 50
    assert min(prices) > 0


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


def test_without_ipywidgets_the_extra_is_named():
    code = (
        "import sys; sys.modules['ipywidgets'] = None; import sim; sim.tuning_panel('march-2023', members=2)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert "pip install 'serbia-sim[notebook]'" in answer.stderr


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
