"""The contracts of simulation, bit for bit: members are an axis, and nothing leaks along it."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sim.clock import month_label, month_number
from sim.forecasting.ensemble import simulate, simulate_block
from sim.model.alignment import AlignmentModel
from sim.quantities.catalogue import QUANTITIES, settable
from sim.record.observations import Record
from sim.scenario import Change, Event, read_scenario
from sim.world.facts import gather

SPEC = read_scenario("march-2023")
FACTS = gather(Record.load(), SPEC.as_of)


def lived(**options):
    """Return a model that has lived through its scenario."""
    spec = options.pop("spec", SPEC)
    model = AlignmentModel(spec, facts=FACTS, **{"seed": 1, **options})
    while model.tick < spec.last_month:
        model.step()
    return model


def states(model):
    """Return every state of every entity, in double precision."""
    return {(entity.name, name): values for entity in model.entities for name, values in entity.states()}


def event(day, **changes):
    made = tuple(Change(quantity=name, how="set", value=value) for name, value in changes.items())
    return replace(SPEC, events=(Event(date=day, changes=made, source="test"),))


def assert_same(left, right):
    assert left.keys() == right.keys()
    for name in left:
        np.testing.assert_array_equal(left[name], right[name], err_msg=str(name))


def test_a_member_alone_equals_itself_among_three_thousand():
    whole = states(lived(members=3_000))
    for member in (0, 7, 2999):
        alone = states(lived(members=1, luck=np.array([member])))
        assert_same(alone, {name: values[member : member + 1] for name, values in whole.items()})


@pytest.fixture(scope="module")
def whole():
    return simulate(SPEC, members=10, block=10)


@pytest.mark.parametrize(
    ("block", "workers"), [(1, 1), (4, 1), (5, 2), (2, 2), (64, 1)]
)  # threads of few blocks, processes of many
def test_any_split_into_blocks_and_workers_equals_the_whole(whole, block, workers):
    members = 3 if block == 1 else 10
    made = simulate(SPEC, members=members, block=block, workers=workers)
    assert made.identical(whole.isel(member=slice(members)))


def test_a_parameter_row_alone_equals_its_row_in_a_sweep_with_the_same_luck():
    rows = np.array([4, 0, 9])
    sweep = simulate_block(SPEC, luck=np.array([5, 5, 5]), rows=rows, facts=FACTS)
    for place, row in enumerate(rows):
        alone = simulate_block(SPEC, luck=np.array([5]), rows=np.array([row]), facts=FACTS)
        for name, values in alone.values.items():
            np.testing.assert_array_equal(values[0], sweep.values[name][place], err_msg=name)
    assert not np.array_equal(sweep.values["lean"][0], sweep.values["lean"][1])


def test_a_change_of_one_member_touches_no_other():
    plain = AlignmentModel(SPEC, seed=1, members=3, facts=FACTS)
    changed = dict(plain.parameters)
    changed["gas_weight"] = changed["gas_weight"] + np.array([0.0, 2.0, 0.0])
    other = lived(members=3, parameters=changed)
    before, after = states(lived(members=3)), states(other)
    for name in before:
        np.testing.assert_array_equal(before[name][[0, 2]], after[name][[0, 2]], err_msg=str(name))
    assert before["Serbia", "lean"][1] != after["Serbia", "lean"][1]


def test_another_seed_is_another_history():
    assert not simulate(SPEC, members=3, seed=1)["lean"].equals(simulate(SPEC, members=3, seed=2)["lean"])


def test_identical_scenarios_differ_by_exactly_zero():
    assert simulate(SPEC, members=9).identical(simulate(SPEC, members=9))


JUNE_2024 = date(2024, 6, 1)
TO_THE_SUMMER = {"until": date(2024, 8, 31), "questions": ()}


@pytest.fixture(scope="module")
def undisturbed():
    return simulate(replace(SPEC, **TO_THE_SUMMER), members=40)


@pytest.mark.parametrize(
    ("changes", "moved"),
    [
        ({"market_price": 1200.0}, ("market_price",)),
        ({"brent": 20.0}, ("brent",)),
        ({"gas_discount": 0.0}, ("gas_discount", "ledger_gas")),
        ({"war": "ceasefire"}, ("war",)),
        ({"credibility": 0.05}, ("credibility", "ledger_accession")),
        ({"pressure": 0.0}, ("pressure", "ledger_pressure")),
        ({"join_other": 0.99}, ("join_other",)),
        ({"chapters_opened": 30}, ("chapters_opened",)),
        ({"sanctions": 1}, ("sanctions", "posture")),
        ({"normalisation": 0.9}, ("normalisation", "ledger_kosovo")),
        ({"veto_resolve": 0.1}, ("veto_resolve", "ledger_kosovo", "ledger_retaliation")),
        ({"displeasure": 0.9}, ("displeasure", "ledger_retaliation")),
        ({"arms": 80.0}, ("arms", "ledger_arms")),
        ({"arms_report": 2}, ("arms_report", "belief")),
        ({"media_effort": 0.0}, ("media_effort", "eu_support", "russia_affinity")),
        ({"dependence": 0.2}, ("dependence", "ledger_gas")),
        ({"coalition_change": 1}, ("coalition_change", "baseline_lean", "lean")),
        ({"coalition_change": 1, "coalition_direction": "pro_eu"}, ("coalition_direction", "baseline_lean")),
        ({"accession_year": 2027}, ("accession_year", "chapters_opened", "credibility")),
        ({"gas_weight": 5.0}, ("ledger_gas",)),
        ({"retaliation_weight": 5.0}, ("ledger_retaliation",)),
    ],
    ids=" ".join,
)
def test_an_event_acts_in_its_month_and_changes_nothing_before_it(undisturbed, changes, moved):
    spec = replace(event(JUNE_2024, **changes), **TO_THE_SUMMER)
    with_event = simulate(spec, members=40)
    month = month_number(JUNE_2024)
    past = slice(0, month)
    assert with_event.isel(month=past).identical(undisturbed.isel(month=past))
    for name in moved:
        assert not with_event[name].isel(month=month).equals(undisturbed[name].isel(month=month)), name
    for name in changes.keys() & with_event.keys():  # parameters are the members' own, not by month
        value = changes[name]
        if isinstance(value, str):
            value = QUANTITIES[name].categories.index(value)
        np.testing.assert_allclose(with_event[name].isel(month=month), value, rtol=1e-6, err_msg=name)


def test_every_settable_quantity_is_among_the_events_tried():
    marks = test_an_event_acts_in_its_month_and_changes_nothing_before_it.pytestmark
    (cases,) = (mark.args[1] for mark in marks if mark.name == "parametrize")
    assert set(settable()) <= {name for changes, _ in cases for name in changes}


def test_the_undisturbed_path_is_read_again_after_an_overlay_ends():
    held = Event(
        date=date(2024, 6, 1),
        until=date(2024, 9, 1),
        changes=(Change(quantity="market_price", how="multiply", value=2.0),),
        source="test",
    )
    plain = simulate(SPEC, members=5)["market_price"]
    with_event = simulate(replace(SPEC, events=(held,)), members=5)["market_price"]
    start, end = month_number(date(2024, 6, 1)), month_number(date(2024, 9, 1))
    during = slice(start, end)
    np.testing.assert_allclose(with_event.isel(month=during), 2.0 * plain.isel(month=during), rtol=1e-6)
    assert with_event.isel(month=slice(end, None)).equals(plain.isel(month=slice(end, None)))


def test_overlays_apply_in_file_order():
    changes = (
        Change(quantity="brent", how="add", value=10.0),
        Change(quantity="brent", how="multiply", value=2.0),
    )
    events = tuple(Event(date=date(2024, 1, 1), changes=(change,), source="test") for change in changes)
    plain = simulate(SPEC, members=3)["brent"].isel(month=150)
    both = simulate(replace(SPEC, events=events), members=3)["brent"].isel(month=150)
    np.testing.assert_allclose(both, (plain + 10.0) * 2.0, rtol=1e-6)


def test_a_count_that_is_set_goes_on_from_there():
    data = simulate(event(date(2024, 1, 1), chapters_opened=30), members=200)["chapters_opened"]
    month = month_number(date(2024, 1, 1))
    assert (data.isel(month=month) == 30).all()
    last = data.isel(month=-1)
    assert (last >= 30).all()
    assert (last > 30).any()


def test_members_in_another_order_live_the_same_months():
    # whatever an entity might carry for one member from another would show here
    order = np.array([3, 0, 0, 4, 1])
    expected = {name: values[order] for name, values in states(lived(members=5)).items()}
    assert_same(states(lived(members=5, luck=order)), expected)


def test_recorded_facts_are_imposed_in_their_own_month():
    data = simulate(SPEC, members=4)
    december = month_number(date(2016, 12, 1))
    assert (data["votes_with"].isel(month=december) == 1).all()
    assert (data["chapters_opened"].isel(month=december) == 6).all()
    assert (data["sanctions"].isel(month=slice(0, SPEC.first_month)) == 0).all()
    assert (data["war"].isel(month=SPEC.first_month - 1) == 2).all()
    assert data["market_price"].isel(month=SPEC.first_month - 1).std() == 0
    assert data["market_price"].isel(month=SPEC.first_month).std() > 0


def test_a_price_not_yet_known_is_simulated():
    early = replace(SPEC, as_of=date(2023, 3, 2))  # February's prices come out on 5 March
    data = simulate(early, members=8)["market_price"]
    february = early.first_month - 1
    assert data.isel(month=february).std() > 0
    assert data.isel(month=february - 1).std() == 0


def test_an_origin_at_the_records_end_simulates_what_is_missing_table_by_table():
    """Accession is told to June 2026, sanctions to January, reports to December 2025, prices to May 2026."""
    last = replace(SPEC, as_of=date(2026, 7, 4), until=date(2027, 6, 30), questions=())
    data = simulate(last, members=400)
    by_month = data.isel(month=slice(0, last.first_month))

    def last_alike(name):
        differs = np.ptp(by_month[name].to_numpy(), axis=0) > 0
        return month_label(int(np.flatnonzero(differs)[0]) - 1)

    assert (by_month["chapters_opened"].isel(month=-1) == 22).all()
    assert last_alike("sanctions") >= "2026-01"
    assert by_month["sanctions"].isel(month=-1).sum() > 0
    assert last_alike("arms_report") >= "2025-12"
    assert by_month["arms_report"].isel(month=slice(-6, None)).sum() > 0
    assert last_alike("market_price") == last_alike("brent") == "2026-05"
    assert (by_month["election"].isel(month=slice(-29, None)) == 0).all()


def test_an_origin_beyond_the_record_simulates_what_is_missing():
    late = replace(SPEC, as_of=date(2028, 1, 15), until=date(2028, 12, 31), questions=())
    data = simulate(late, members=200)
    assert (data["chapters_opened"].isel(month=month_number(date(2026, 6, 1))) == 22).all()
    assert data["chapters_opened"].isel(month=month_number(date(2027, 12, 1))).std() > 0


def test_a_state_that_is_not_finite_is_named():
    model = AlignmentModel(SPEC, seed=1, members=3, facts=FACTS)
    broken = dict(model.parameters)
    broken["lean_noise"] = np.array([0.1, np.nan, 0.1])
    model = AlignmentModel(SPEC, seed=1, members=3, facts=FACTS, parameters=broken)
    with pytest.raises(FloatingPointError, match=r"Serbia\.lean is nan in 2012-01 for member 1"):
        model.step()


def test_a_state_of_the_wrong_shape_is_refused():
    model = AlignmentModel(SPEC, seed=1, members=3, facts=FACTS)
    with pytest.raises(ValueError, match=r"StateBetween\.lean holds one entry per member"):
        model.between.lean = np.zeros(2)


def test_a_state_cannot_be_changed_in_place():
    model = AlignmentModel(SPEC, seed=1, members=3, facts=FACTS)
    with pytest.raises(ValueError, match="read-only"):
        model.between.lean[0] = 1.0
