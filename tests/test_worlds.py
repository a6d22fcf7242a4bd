"""Worlds that lead to an answer: a planted one is found, none where there is none, and no consequence explains."""

import importlib.util
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from sim import read_scenario
from sim.runs.members import at
from sim.scenario import Change, Event, with_settings
from sim.sensitivity import (
    DRIVERS,
    Histories,
    SensitivityError,
    Tipping,
    courses,
    discover,
    histories,
    outcome_of,
    tipping as tipping_room,
    tipping_points,
    to_ema,
)
from sim.sensitivity.lives import lives_of_run
from sim.sensitivity.tipping import _tip

MARCH = read_scenario("march-2023")
SANCTIONS = "sanctions-before-2026"
PAGE = Path(__file__).parents[1] / "docs" / "sensitivity.md"
NAMES = [driver.quantity for driver in DRIVERS]


@pytest.fixture(scope="module")
def march(run_of):
    return run_of(MARCH, 600)


def planted(share_in, share_out, *, size=4000, seed=1):
    """Return histories of which more come to yes where gas is dear and there is no war."""
    rng = np.random.default_rng(seed)
    inputs = {name: rng.random(size) for name in [*NAMES, "a", "b", "c"]}
    inputs["war"] = (inputs["war"] > 0.5).astype(float)
    world = (inputs["market_price"] > 0.6) & (inputs["war"] == 0.0)
    came = rng.random(size) < np.where(world, share_in, share_out)
    return Histories(outcome_of(MARCH, SANCTIONS).question, 140, 0, inputs, came, rng.integers(0, 16, size))


def test_a_planted_world_is_found_on_one_half_and_judged_on_the_other():
    found = planted(0.6, 0.1)
    box = discover(found, parameters=False)[0]
    bounds = {(name, side): value for name, side, value in box.conditions}
    assert bounds[("market_price", "at least")] == pytest.approx(0.6, abs=0.05)
    assert bounds[("war", "below")] == 0.5
    assert len(bounds) == 2
    assert box.told
    assert box.density == pytest.approx(0.6, abs=0.08)
    assert box.share == pytest.approx(0.2, abs=0.03)
    assert box.coverage == pytest.approx(0.12 / (0.12 + 0.08), abs=0.06)
    judged = found.islands % 2 == 1
    assert box.base == found.came[judged].mean()
    inside = judged.copy()
    for name, side, value in box.conditions:
        inside &= (found.inputs[name] > value) == (side == "at least")
    assert box.density == found.came[inside].mean()
    assert box.coverage == found.came[inside].sum() / found.came[judged].sum()


def test_where_nothing_leads_to_an_answer_no_world_is_told():
    boxes = [discover(planted(0.2, 0.2, seed=seed)) for seed in range(12)]
    assert sum(bool(found) for found in boxes) <= 4
    assert sum(any(box.told for box in found) for found in boxes) <= 1


def test_too_few_histories_and_a_foregone_answer_are_refused():
    few = planted(0.5, 0.5, size=300)
    with pytest.raises(SensitivityError, match="fewest that serve"):
        discover(few)
    foregone = planted(1.0, 1.0)
    with pytest.raises(SensitivityError, match="one answer"):
        discover(foregone)


def test_histories_decided_by_the_landmark_are_set_aside(march):
    found = histories(march, SANCTIONS)
    months = range(MARCH.first_month, found.landmark + 1)
    decided = (at(march.data, "sanctions", months) > 0.0).any(axis=1)
    assert found.landmark == MARCH.first_month + (MARCH.last_month - MARCH.first_month) // 2
    assert found.aside == decided.sum() > 0
    price = at(march.data, "market_price", months)[~decided].mean(axis=1)
    assert found.inputs["market_price"] == pytest.approx(price, rel=1e-5)
    balancer = histories(march, "balancer-at-end-2025")
    stood = at(march.data, "posture", months) == 1.0
    assert balancer.aside == (~stood.all(axis=1)).sum()


def test_what_is_asked_of_a_window_is_explained_by_what_came_before_it(march):
    with pytest.raises(SensitivityError, match="begun by the origin"):
        histories(march, "alignment-half-in-2023")
    assert histories(march, "alignment-half-in-2024").landmark < 12 * 12


def test_no_consequence_is_a_driver(march):
    """What sanctions move is no driver, but for what is read before they can have come."""
    lives = lives_of_run(march, outcome_of(MARCH, SANCTIONS))
    imposed = with_settings(MARCH, {"sanctions": 1})
    from sim.forecasting.ensemble import simulate

    with_, without = (
        simulate(spec, members=60, seed=1, begin=lives.begin, facts=lives.facts) for spec in (imposed, MARCH)
    )
    months = range(MARCH.first_month, MARCH.last_month + 1)
    moved = {
        name
        for name in without.data_vars
        if name != "ancestor"
        and not np.array_equal(at(with_, name, months), at(without, name, months), equal_nan=True)
    }
    assert {"displeasure", "posture", "gas_discount", "cfsp_alignment_year", "sanctions_chance"} <= moved
    before = {driver.quantity for driver in DRIVERS if "before the landmark" in driver.why}
    assert moved & {*NAMES} <= before
    # and what comes after the landmark moves no driver at all
    found = histories(march, SANCTIONS)
    later = replace(imposed.events[-1], date=MARCH.until)
    after = replace(MARCH, events=(*MARCH.events, later))
    run = replace(march, held=None)
    run.__dict__["data"] = simulate(after, members=600, seed=1, begin=lives.begin, facts=lives.facts).assign(
        {name: march.data[name] for name in march.data.data_vars if "particle" in march.data[name].dims}
    )
    again = histories(run, SANCTIONS)
    for name in NAMES:
        assert np.array_equal(again.inputs[name], found.inputs[name])


def test_the_page_names_every_driver():
    assert all(f"`{name}`" in PAGE.read_text(encoding="utf-8") for name in NAMES)


@pytest.mark.long(reason="runs today's forecast with 32,768 members, and two designs")
def test_the_page_shows_what_the_commands_print(tmp_path):
    spec = importlib.util.spec_from_file_location("console", PAGE.parent / "console.py")
    tools = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tools)
    page, fresh = (
        tools.DIGEST.sub("#", text) for text in (PAGE.read_text(), tools.renewed(PAGE.read_text(), tmp_path))
    )
    assert fresh.splitlines() == page.splitlines(), "run python docs/console.py docs/sensitivity.md"


def test_a_tipping_point_is_where_the_chance_passes():
    lever = Tipping("x", "share", 0.2, 0.0, 1.0)
    tip = _tip(lever, 0.1, 0.5, lambda value: (0.1 + max(value - 0.2, 0.0), 0.02))
    assert tip.value == pytest.approx(0.6, abs=0.01)
    assert tip.low == pytest.approx(0.6 - 1.645 * 0.02, abs=0.01)
    assert tip.high == pytest.approx(0.6 + 1.645 * 0.02, abs=0.01)
    none = _tip(lever, 0.1, 0.5, lambda value: (0.1 + 0.2 * value, 0.02))
    assert (none.value, none.reached) == (None, pytest.approx(0.3))
    price = Tipping("p", "USD", 400.0, 10.0, 100_000.0, logarithmic=True)
    falls = _tip(price, 0.7, 0.5, lambda value: (0.9 if value < 800.0 else 0.2, 0.01))
    assert falls.value == pytest.approx(800.0, rel=0.05)


def test_the_tipping_points_of_a_run(march, monkeypatch):
    monkeypatch.setattr(tipping_room, "PARAMETERS", 1)
    monkeypatch.setattr(tipping_room, "_STEPS", 2)
    first, tips = tipping_points(march, SANCTIONS, members=30)
    hits = outcome_of(MARCH, SANCTIONS).of(march.data)[:30]
    assert first == hits.mean()
    assert [tip.name for tip in tips][:-1] == [
        "market_price",
        "brent",
        "credibility",
        "pressure",
        "normalisation",
    ]
    assert all(tip.least <= tip.present <= tip.most for tip in tips)


def test_the_war_and_a_coalition_are_held_as_events_hold_them(march, run_of):
    found = courses(march, SANCTIONS)
    assert [*found][:3] == ["war = none", "war = frozen", "war = full_scale"]
    event = Event(
        date=MARCH.as_of, until=date(2026, 1, 1), changes=(Change("war", "set", "frozen"),), source="test"
    )
    again = run_of(replace(MARCH, events=(event,)), 600)
    assert found["war = frozen"][0] == outcome_of(MARCH, SANCTIONS).of(again.data).mean()
    ways = [
        found[f"coalition_change = 1, coalition_direction = {way}"][0] for way in ("pro_russian", "pro_eu")
    ]
    assert ways == sorted(ways)
    assert ways[0] < ways[1]


def test_a_run_goes_to_ema_workbench_as_experiments_and_outcomes(march):
    experiments, outcomes = to_ema(march, SANCTIONS)
    found = histories(march, SANCTIONS)
    assert {*NAMES, "sanctions_rate"} <= {*experiments.columns}
    assert len(experiments) == found.came.size
    assert outcomes[SANCTIONS].tolist() == found.came.astype(int).tolist()
    assert experiments.notna().all(axis=None)


def test_the_command_tells_worlds_in_sentences(called, march, monkeypatch):
    few = MARCH.questions[:1] + tuple(q for q in MARCH.questions if q.id == "alignment-half-in-2023")
    run = replace(march)
    run.__dict__["scenario"] = replace(MARCH, questions=few)
    run.__dict__["data"] = march.data
    monkeypatch.setattr("sim.cli.explain.load_run", lambda *_: run)
    result = called("explain", march.folder, "--worlds")
    assert result.exit_code == 0, result.stderr
    assert "By the landmark, 2024-07-31" in result.stdout
    assert "alignment-half-in-2023: its time has begun" in result.stdout
    assert all(len(line) <= 80 for line in result.stdout.splitlines())
    told = json.loads(called("explain", march.folder, "--worlds", "--json").stdout)
    assert [each["question"] for each in told["worlds"]] == [question.id for question in few]
    assert called("explain", march.folder, "--outcome", SANCTIONS).exit_code == 2


def test_what_a_run_does_not_keep_is_said(called, run_of):
    lacking = called("explain", run_of(MARCH, 600, keep="outcomes").folder, "--worlds")
    assert (lacking.exit_code, "--keep all" in lacking.stderr) == (2, True)
