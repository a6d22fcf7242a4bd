"""What lies between the agents, over the years: contract, elections, dialogue, arms and conduct, recorded and not."""

import shutil
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sim.clock import month_number
from sim.forecasting.ensemble import simulate_block
from sim.mechanisms.energy import LONGEST_LAG
from sim.model.alignment import AlignmentModel
from sim.record.country import DEFAULT, state_folder
from sim.record.observations import Record
from sim.record.resources import RecordError
from sim.scenario import read_scenario
from sim.world.facts import gather

RECORD = Record.load()
SPEC = replace(read_scenario("march-2023"), until=date(2030, 12, 31), questions=())
FACTS = gather(RECORD, SPEC.as_of)
MEMBERS = 600
FIRST = SPEC.first_month


def month(year, calendar_month):
    return month_number(date(year, calendar_month, 1))


@pytest.fixture(scope="module")
def run():
    """Return what each member lived, by variable: shape (members, months)."""
    return simulate_block(SPEC, luck=np.arange(MEMBERS), facts=FACTS).values


@pytest.fixture(scope="module")
def parameters():
    return simulate_block(replace(SPEC, until=date(2023, 3, 31)), luck=np.arange(MEMBERS)).parameters


def rows_where(values):
    """Return the (member, month) places of what is true, as pairs of ints."""
    return [(int(k), int(m)) for k, m in np.argwhere(values)]


# ---------------------------------------------------------------- the gas contract


def lagging(months):
    """Return the record with this lag in every contract."""
    held = RECORD.resources["contracts"]
    rows = tuple({**row, "lag_months": months if row["kind"] == "oil" else None} for row in held.rows)
    return replace(RECORD, resources={**RECORD.resources, "contracts": replace(held, rows=rows)})


@pytest.mark.parametrize("lag", [0, 4, 12])
def test_a_contract_follows_brent_by_its_own_lag_and_so_does_what_is_expected_of_it(lag):
    facts = gather(lagging(lag), SPEC.as_of)
    model = AlignmentModel(SPEC, seed=1, members=3, facts=facts)
    brent = {month: price for month, (_, price) in facts.prices.items()}
    while model.tick < month(2014, 1):
        model.step()
        past = brent[model.tick - lag]
        np.testing.assert_allclose(model.contract.contract_price, model.contract.slope * past, rtol=1e-12)
        ahead = model.conditions.lagged_brent(lag, 12)
        assert len(ahead) == 12
        for later in range(min(lag, 11) + 1):
            np.testing.assert_allclose(ahead[later], brent[model.tick - lag + later], rtol=1e-12)


def test_a_contract_that_follows_brent_by_more_than_the_model_keeps_is_refused_by_the_record(tmp_path):
    copy = shutil.copytree(state_folder(DEFAULT), tmp_path / "state")
    path = copy / "record" / "contracts.csv"
    text = path.read_text("utf-8")
    assert ",,9,,2012-01-01," in text
    path.write_text(text.replace(",,9,,2012-01-01,", f",,{LONGEST_LAG + 1},,2012-01-01,", 1), "utf-8")
    with pytest.raises(RecordError, match=r"contracts.csv:2: lag_months is 13; allowed is 0 to 12"):
        Record.load(str(copy))


def test_recorded_contracts_are_imposed_and_no_other_is_signed_before_the_last_one_ends(run):
    end = month(2025, 5)
    assert (run["contract_renewed"][:, : end + 1] == 0).all()
    assert (run["contract_lapsed"][:, : end + 1] == 0).all()
    fixed = slice(month(2022, 1), month(2022, 6))
    assert (run["contract_price"][:, fixed] == 270.0).all()
    for contract in FACTS.contracts.values():
        if contract.fixed:
            continue
        last = min(
            contract.end, *(c.start - 1 for c in FACTS.contracts.values() if c.start > contract.start), 999
        )
        months = np.arange(max(contract.start, contract.lag), last + 1)
        slope = run["contract_price"][:, months] / run["brent"][:, months - contract.lag]
        np.testing.assert_allclose(slope, np.repeat(slope[:, :1], months.size, axis=1), rtol=1e-5)
        assert abs(np.median(slope) / contract.slope - 1.0) < 0.02


def test_when_the_last_contract_ends_each_member_is_renewed_for_years_or_months_or_lapses(run):
    june = month(2025, 6)
    renewed, lapsed = run["contract_renewed"][:, june], run["contract_lapsed"][:, june]
    assert set(zip(renewed.tolist(), lapsed.tolist(), strict=True)) == {(0.0, 1.0), (1.0, 0.0), (2.0, 0.0)}


def test_a_renewal_for_years_lasts_36_months_and_one_for_months_6(run):
    settled = (run["contract_renewed"] > 0) | (np.diff(run["contract_lapsed"], axis=1, prepend=0) > 0)
    for member, first in rows_where(run["contract_renewed"] > 0):
        length = 36 if run["contract_renewed"][member, first] == 1 else 6
        later = settled[member, first + 1 :]
        ends = first + 1 + int(np.argmax(later)) if later.any() else None
        assert ends == (first + length if first + length <= SPEC.last_month else None)


def test_after_a_lapse_serbia_pays_the_market_price(run):
    lapsed = run["contract_lapsed"] > 0
    assert lapsed.any()
    assert (run["gas_discount"][lapsed] == 0.0).all()
    assert (run["contract_price"][lapsed] == run["market_price"][lapsed]).all()
    assert (run["gas_discount"][~lapsed] != 0.0).mean() > 0.99


def test_a_renewed_contract_keeps_its_terms(run):
    for member, first in rows_where(run["contract_renewed"] > 0)[:200]:
        slopes = [run["contract_price"][member, m] / run["brent"][member, m - 9] for m in (first - 1, first)]
        assert np.isclose(*slopes, rtol=1e-5)


@pytest.mark.parametrize("as_of", [date(2023, 3, 10), date(2024, 1, 15)])
def test_dependence_falls_by_deals_and_only_once_gas_from_elsewhere_can_come(as_of):
    spec = replace(SPEC, as_of=as_of, until=date(2027, 12, 31))
    model = AlignmentModel(spec, seed=1, members=40)
    opened, deals = [], np.zeros(40)
    while model.tick < spec.last_month:
        before, was_open = model.contract.dependence_logit, model.contract.interconnector
        model.step()
        is_open = model.contract.interconnector
        opened.append(is_open.mean())
        assert (is_open >= was_open).all(), "it does not close again"
        signed = model.contract.signed_elsewhere
        deals = deals + signed
        assert not ((signed > 0) & (was_open == 0)).any()
        fall = signed * model.parameters["diversification_step"]
        np.testing.assert_allclose(before - model.contract.dependence_logit, fall, atol=1e-12)
    assert opened[month(2022, 12)] == 0.0
    if as_of.year == 2024:
        assert (opened[month(2023, 11)], opened[month(2023, 12)]) == (0.0, 1.0)
    else:
        assert 0.0 < opened[month(2023, 6)] < 1.0
    assert (deals > 0).mean() > 0.5
    assert deals.mean() < 10.0


# ---------------------------------------------------------------- elections and coalitions


def test_recorded_elections_are_imposed(run):
    recorded = {month_number(r["date"]) for r in RECORD.table("elections") if r["kind"] == "parliamentary"}
    past = {m for m in recorded if m < FIRST}
    assert len(past) == 5
    assert {m for m in range(FIRST) if run["election"][:, m].any()} == past
    assert all(run["election"][:, m].all() for m in past)


def test_elections_come_within_48_months_and_earlier_only_when_called(run, parameters):
    for member in range(MEMBERS):
        held = np.flatnonzero(run["election"][member, month(2022, 4) :])
        gaps = np.diff(held)
        assert (gaps <= 48).all()
        assert (gaps >= 3).all(), "a month to call it in, and two months' notice"
    uncalled = {**parameters, "election_early": np.zeros(MEMBERS)}
    model = AlignmentModel(SPEC, seed=1, members=MEMBERS, facts=FACTS, parameters=uncalled)
    held = []
    while model.tick < SPEC.last_month:
        model.step()
        held += [model.tick] * bool(model.politics.election.all())
        assert model.politics.election.all() or not model.politics.election.any()
    assert [m for m in held if m >= FIRST] == [month(2026, 4), month(2030, 4)]


def test_a_called_election_is_near_at_once_and_held_two_months_later(parameters):
    called = {**parameters, "election_early": np.ones(MEMBERS)}
    model = AlignmentModel(SPEC, seed=1, members=MEMBERS, facts=FACTS, parameters=called)
    while model.tick < FIRST:
        model.step()
    assert (model.politics.near == 1.0).all()
    held = []
    for _ in range(2):
        model.step()
        held.append(model.politics.election.all())
    assert held == [False, True]


def test_the_baseline_jumps_when_the_coalition_changes_and_only_then(run):
    jumped = np.diff(run["baseline_lean"], axis=1) != 0.0
    np.testing.assert_array_equal(jumped, run["coalition_change"][:, 1:] > 0)
    assert run["coalition_change"][:, month(2012, 5)].all()
    assert not run["coalition_change"][:, month(2012, 6) : FIRST].any()
    after = run["coalition_change"][:, FIRST:] > 0
    elections = run["election"][:, FIRST:] > 0
    assert after[elections].mean() > 10 * after[~elections].mean() > 0.0


def test_sanctions_are_taken_back_by_a_new_coalition_only(run):
    reversed_ = np.diff(run["sanctions"], axis=1) < 0
    assert reversed_.any()
    assert (run["coalition_change"][:, 1:][reversed_] == 1).all()
    changed = (run["coalition_change"][:, 1:] > 0) & (run["sanctions"][:, :-1] > 0)
    assert 0.0 < reversed_[changed].mean() < 0.6, "a new coalition may keep them"


# ---------------------------------------------------------------- Kosovo


def test_recorded_steps_on_kosovo_are_imposed_and_others_are_one_step_long(run):
    steps = {}
    for row in RECORD.until(SPEC.as_of).table("turns"):
        if row["kind"] == "issue":
            steps[month_number(row["date"])] = steps.get(month_number(row["date"]), 0) + row["value"]
    assert steps[month(2022, 11)] == 0, "a step back and one forward"
    for m in range(FIRST):
        assert (run["kosovo_step"][:, m] == steps.get(m, 0)).all(), m
    assert set(np.unique(run["kosovo_step"][:, FIRST:])) == {-1.0, 0.0, 1.0}
    moved = np.diff(run["normalisation"], axis=1)
    np.testing.assert_array_equal(np.sign(moved), run["kosovo_step"][:, 1:])
