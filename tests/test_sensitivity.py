"""Which assumptions carry an answer: known indices are found, chance is told apart, members are the model's own."""

import csv
from functools import partial

import numpy as np
import pytest
import xarray as xr

from sim import forecast, read_scenario, sensitivity
from sim.forecasting.errors import Z
from sim.plots import tornado
from sim.runs.members import ANCESTOR
from sim.scenario import with_settings
from sim.sensitivity import SensitivityError, indices, of_priors, of_run, outcome_of
from sim.sensitivity.lives import designed, lives_of_priors, lives_of_run, uncertain

MARCH = read_scenario("march-2023")
SANCTIONS = "sanctions-before-2026"


def ishigami(u):
    x = np.pi * (2.0 * u - 1.0)
    return np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def g_function(u):
    a = np.array([0.0, 1.0, 4.5, 9.0])
    return np.prod((np.abs(4.0 * u - 2.0) + a) / (1.0 + a), axis=1)


def g_indices():
    own = 1.0 / (3.0 * (1.0 + np.array([0.0, 1.0, 4.5, 9.0])) ** 2)
    total = np.prod(1.0 + own) - 1.0
    return own / total, own * np.prod(1.0 + own) / (1.0 + own) / total


KNOWN = {  # first-order and total indices in closed form: Ishigami & Homma (1990); Saltelli & Sobol (1995)
    "Ishigami": (ishigami, [0.3139, 0.4424, 0.0], [0.5576, 0.4424, 0.2437]),
    "g": (g_function, *g_indices()),
}


@pytest.mark.parametrize("case", KNOWN)
def test_sobol_finds_indices_that_are_known(case):
    function, first, total = KNOWN[case]
    found = indices.sobol([f"x{n}" for n in range(len(first))], function, members=2048 * 6, seed=1)
    for item, s1, st in zip(found, first, total, strict=True):
        assert item.measures["S1"] == pytest.approx(s1, abs=1.5 * item.measures["S1_conf"] + 0.002)
        assert item.measures["ST"] == pytest.approx(st, abs=1.5 * item.measures["ST_conf"] + 0.002)
        assert item.measures["S1_conf"] < 0.06


def lucky(u, weight=2.0):
    """Return the first input times a weight, plus a normal that belongs to the value of the last, chance."""
    _, luck = np.unique(u[:, -1], return_inverse=True)
    return weight * u[:, 0] + np.random.default_rng(5).standard_normal(luck.max() + 1)[luck]


def test_what_stays_chance_is_the_total_index_of_luck():
    one, idle, chance = indices.sobol(["x", "idle", indices.CHANCE], lucky, members=10_000, seed=2)
    share = 1.0 / (1.0 + 4.0 / 12.0)
    assert chance.value == pytest.approx(share, abs=chance.error)
    assert one.measures["S1"] == pytest.approx(1.0 - share, abs=2.0 * one.measures["S1_conf"])
    assert idle.value == pytest.approx(0.0, abs=1e-9)  # with the same luck an idle input changes nothing


def test_elementary_effects_share_their_luck_and_chance_has_one_of_its_own():
    asked = []

    def function(u):
        asked.append(u)
        return lucky(u)

    one, idle, chance = indices.morris(["x", "idle", indices.CHANCE], function, members=400, seed=3)
    assert np.unique(asked[0][:, -1]).size == 2 * 100  # two lucks for each trajectory, and for it alone
    assert one.measures["mu"] == pytest.approx(2.0 * 0.9)
    assert one.measures["sigma"] == pytest.approx(0.0, abs=1e-9)
    assert idle.value == pytest.approx(0.0, abs=1e-9)
    assert chance.value > 0.5


@pytest.mark.parametrize(("method", "smallest"), [("sobol", 64 * 4), ("morris", 10 * 3)])
def test_a_design_that_is_too_small_is_refused_with_the_smallest_that_serves(method, smallest):
    make = partial(getattr(indices, method), ["x", "y"], lambda u: u[:, 0], seed=1)
    with pytest.raises(SensitivityError, match=f"serves has {smallest}"):
        make(members=smallest - 1)
    assert len(make(members=smallest)) == 2


def test_given_data_finds_the_index_of_correlated_inputs_and_none_of_idle_ones():
    rng, n = np.random.default_rng(7), 4_000
    x = rng.standard_normal((3, n))
    y = x[0] + x[1]
    inputs = {"own": x[0], "with the other": 0.6 * x[0] + 0.8 * x[1], "idle": x[2], "same": np.ones(n)}
    found = {item.name: item for item in indices.importances(inputs, y, None, seed=1)}
    assert set(found) == {"own", "with the other", "idle"}
    assert found["own"].value == pytest.approx(0.5, abs=0.04)  # less what sixteen bins cannot tell
    assert found["with the other"].value == pytest.approx(0.98, abs=0.03)
    assert abs(found["idle"].value) < 2.0 * found["idle"].error
    idle = {str(k): rng.standard_normal(1000) for k in range(36)}
    noise = [item.value for item in indices.importances(idle, rng.standard_normal(1000), None, seed=1)]
    assert np.mean(noise) == pytest.approx(0.0, abs=3.0 * np.std(noise) / 6.0)


def test_chance_is_what_members_of_one_particle_do_not_share():
    rng = np.random.default_rng(8)
    ancestor = rng.integers(0, 800, 4000)
    y = rng.standard_normal(800)[ancestor] + 2.0 * rng.standard_normal(4000)
    data = xr.Dataset({ANCESTOR: (("member",), ancestor)})
    share, error = indices.chance(data, y, None, seed=1)
    assert share == pytest.approx(0.8, abs=2.0 * error)
    assert 0.0 < error < 0.08
    alone = xr.Dataset({ANCESTOR: (("member",), np.arange(4000))})
    assert indices.chance(alone, y, None, seed=1) is None


def test_rows_of_a_design_are_members_with_those_parameters_and_that_luck():
    asked = outcome_of(MARCH, "lean")
    lives = lives_of_priors(asked, seed=1, record=None, workers=1, progress=None)
    names = uncertain(lives.table)
    u = np.full((4, len(names) + 1), 0.5)
    u[1, -1] = 0.25  # other luck
    u[2, names.index("pressure_weight")] = 0.9
    lean = lives.lived(designed(lives.table, u), 4, "")
    assert lean[0] == lean[3]
    assert len({*lean}) == 3
    start = designed(lives.table, u)(np.arange(4))
    quantile = lives.table["pressure_weight"].draw(np.array([0.5, 0.9]))
    assert start.parameters["pressure_weight"][[0, 2]] == pytest.approx(quantile)


def test_members_of_the_priors_are_those_of_an_unlearned_run():
    asked = outcome_of(MARCH, "lean@2024-06-30")
    lives = lives_of_priors(asked, seed=1, record=None, workers=1, progress=None)
    run = forecast(MARCH, members=5, learned=False, save=False)
    assert lives.lived(lives.begin, 5, "") == pytest.approx(asked.of(run.data))


def test_members_are_the_same_in_whatever_portions_they_are_lived(monkeypatch):
    lives = lives_of_priors(outcome_of(MARCH, "lean"), seed=3, record=None, workers=1, progress=None)
    at_once = lives.lived(lives.begin, 12, "living")
    monkeypatch.setattr("sim.sensitivity.lives.PORTION", 5)
    np.testing.assert_array_equal(lives.lived(lives.begin, 12, "living"), at_once)


@pytest.fixture(scope="module")
def march(run_of):
    return run_of(MARCH, 300)


def test_held_members_are_the_runs_own_but_for_what_is_held(march):
    lives = lives_of_run(march, outcome_of(MARCH, "lean"))
    as_it_is, held = lives.held(40, [("pressure_weight", 3.0)], "")
    assert as_it_is == pytest.approx(lives.outcome.of(march.data)[:40])
    by_event = with_settings(MARCH, {"pressure_weight": 3.0})
    assert held == pytest.approx(lives.lived(lives.begin, 40, "", by_event))
    assert held.mean() > as_it_is.mean()


@pytest.fixture(scope="module")
def small(march):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sensitivity, "SCREENED", 8)
        return of_run(march, SANCTIONS)


def test_a_run_tells_what_carries_it(small, march, tmp_path, legible, all_words):
    asked = outcome_of(MARCH, SANCTIONS)
    assert small.mean == asked.of(march.data).mean()
    assert len(small.swings) == sensitivity.SHOWN
    assert [swing.size for swing in small.swings] == sorted((s.size for s in small.swings), reverse=True)
    assert {"sanctions_rate", "Serbia.lean at the origin"} <= {item.name for item in small.importances}
    words = {item.name: item.in_words for item in small.importances}
    assert words["sanctions_rate"] == "sanctions_rate"
    assert words["Serbia.sanctions_chance at the origin"].startswith(
        "chance of imposing sanctions in this month"
    )
    assert not any(" at the origin" in each or "." in each for each in words.values())
    rate = next(swing for swing in small.swings if swing.name == "sanctions_rate")
    assert rate.at_low.value <= rate.at_low.baseline <= rate.at_high.value
    with small.save(tmp_path).open() as file:
        rows = {row["input"]: row for row in csv.DictReader(file)}
    assert float(rows["sanctions_rate"]["at_high_value"]) == rate.at_high.value
    assert len(rows) == len(small.importances)
    figure = tornado(small)
    legible(figure)
    assert "sanctions_rate" in all_words(figure)


def test_the_priors_are_asked_by_a_design(monkeypatch):
    monkeypatch.setattr(sensitivity, "SWING_MEMBERS", 4)
    monkeypatch.setattr(indices, "FEWEST_MORRIS", 2)
    found = of_priors(MARCH, "lean@2023-12-31", method="morris", members=240)
    assert found.members == 2 * (
        len(found.importances) + 2
    )  # chance is an input too, and each begins somewhere
    assert found.chance is None
    assert found.importances[0].value > 0.0


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("sanctions-before-2062", "no outcome"),
        ("leen", "did you mean 'lean'"),
        ("posture", "ask a question"),
        ("lean@2031-12-31", "live from"),
        ("lean@soon", "not one"),
    ],
)
def test_an_outcome_that_is_not_there_is_told(name, said):
    with pytest.raises(SensitivityError, match=said):
        outcome_of(MARCH, name)


def test_the_command_prints_and_keeps_what_it_found(called, march, copy_of, monkeypatch):
    march = copy_of(march)
    monkeypatch.setattr(sensitivity, "SCREENED", 4)
    monkeypatch.setattr(sensitivity, "SWING_MEMBERS", 16)
    result = called("sensitivity", march.folder, "--outcome", SANCTIONS, "--no-figures")
    assert result.exit_code == 0
    assert "Chance:" in result.stdout
    (told,) = [line for line in result.stdout.splitlines() if line.startswith("sanctions_rate")]
    with (march.folder / "sensitivity" / f"{SANCTIONS}-given-data.csv").open() as file:
        (kept,) = [row for row in csv.DictReader(file) if row["input"] == "sanctions_rate"]
    error = 100.0 * float(kept["S1_conf"]) / Z
    assert told.endswith(f"\u00b1 {error:.1f}"), (
        "one standard error; the file has half an interval of nine in ten"
    )
    assert all(len(line) <= 80 for line in result.stdout.splitlines() if "/" not in line)
    assert (march.folder / "sensitivity" / f"{SANCTIONS}-given-data.csv").exists()
    wrong = called("sensitivity", march.folder, "--outcome", "nothing")
    assert (wrong.exit_code, "no outcome" in wrong.stderr) == (2, True)
    assert called("sensitivity", march.folder, "--outcome", SANCTIONS, "--members", 10).exit_code == 2


def test_a_library_that_is_missing_is_named_with_its_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "SALib.sample.sobol", None)
    with pytest.raises(SensitivityError, match=r"SALib is not installed.*serbia-sim\[sensitivity\]"):
        indices.sobol(["x"], lambda u: u[:, 0], members=4096, seed=1)
