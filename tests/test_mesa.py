"""The model among other Mesa models: it steps by hand, lists its agents, and draws from no generator of Mesa's."""

import copy
import inspect
from dataclasses import replace
from datetime import date

import mesa
import numpy as np
import pytest

from sim.clock import month_number
from sim.forecasting.ensemble import simulate_block
from sim.model.alignment import AlignmentModel
from sim.model.variables import VARIABLES, read
from sim.record.observations import Record
from sim.scenario import Change, Event, read_scenario
from sim.world.facts import gather

SPEC = read_scenario("march-2023")
FACTS = gather(Record.load(), SPEC.as_of)
SHORT = replace(SPEC, until=date(2023, 12, 31), questions=())


def made(members=3, **options):
    return AlignmentModel(options.pop("spec", SPEC), members=members, facts=FACTS, **{"seed": 1, **options})


def test_the_model_steps_by_hand():
    model = made()
    assert model.tick == -1
    for month in range(3):
        model.step()
        assert model.tick == month
    assert model.between.lean.shape == (3,)
    assert model.running


def test_the_model_stops_at_the_end_of_its_scenario():
    model = made(spec=SHORT)
    model.run_model()
    assert model.tick == SHORT.last_month == month_number(date(2023, 12, 31))
    assert not model.running


def test_the_agents_are_russia_the_eu_serbia_and_four_blocs():
    model = made()
    assert set(model.agents) == set(model.actors), "who is in no turn never decides"
    assert len(model.blocs) == 4
    assert [actor.name for actor in model.actors[:3]] == ["Russia", "EU", "Serbia"]
    assert np.isclose(sum(bloc.bloc.share for bloc in model.blocs), 1.0)


def test_no_generator_of_mesas_is_touched():
    model = made()
    ours, theirs = model.random.getstate(), copy.deepcopy(model.rng.bit_generator.state)
    outside = np.random.get_state()[1].copy()  # noqa: NPY002  the global generator is what is looked at
    for _ in range(20):
        model.step()
    assert model.random.getstate() == ours
    assert model.rng.bit_generator.state == theirs
    np.testing.assert_array_equal(np.random.get_state()[1], outside)  # noqa: NPY002


def batch(seeds=None, **options):
    parameters = {"spec": ["march-2023"], "collect": [True]}
    if seeds and "rng" in inspect.signature(mesa.batch_run).parameters:
        options["rng"] = seeds
    elif seeds:  # before Mesa 3.5, which overrules a parameter of that name
        parameters["seed"] = seeds
    few = {"number_processes": 1, "max_steps": 30, "display_progress": False}
    return mesa.batch_run(AlignmentModel, parameters=parameters, **few, **options)


def test_batch_run_lives_the_history_of_each_seed():
    rows = batch([1, 2], data_collection_period=1)
    for seed in (1, 2):
        own = [row for row in rows if row["seed"] == seed]
        by_hand = made(members=1, seed=seed)
        assert len(own) >= 30
        for row in own[:30]:
            by_hand.step()
            assert row["lean"] == by_hand.between.lean[0]
            assert row["chapters_opened"] == 0.0


@pytest.mark.filterwarnings("ignore:The `iterations` keyword:DeprecationWarning")  # of Mesa 3.5, not of 3.3
def test_iterations_of_batch_run_are_histories_apart_that_can_be_lived_again():
    rows = batch(iterations=3)
    assert len({row["lean"] for row in rows}) == 3
    seeds = [row["seed"] for row in rows]
    assert len(set(seeds)) == 3
    again = batch(seeds)
    assert [row["lean"] for row in again] == [row["lean"] for row in rows]


def test_mesas_collector_is_for_one_member():
    with pytest.raises(ValueError, match="takes one member, got 3"):
        made(collect=True)


def test_what_is_collected_is_what_is_recorded():
    model = made(members=1, collect=True, spec=SHORT)
    model.run_model()
    collected = model.datacollector.get_model_vars_dataframe()
    alone = simulate_block(SHORT, luck=np.arange(1), facts=FACTS)
    assert len(collected) == SHORT.last_month + 1
    assert set(collected.pop("seed")) == {1}
    for name in collected.columns:
        np.testing.assert_array_equal(
            collected[name].to_numpy(np.float32), alone.values[name][0], err_msg=name
        )


def test_every_recorded_variable_has_one_entry_per_member():
    model = made()
    model.step()
    for variable in VARIABLES:
        assert read(variable, model).shape == (3,), variable.name


def lived(*changes, members=60):
    """Return what the members of a world do in which events set these values from the origin on."""
    made = tuple(Change(quantity=name, how="set", value=value) for name, value in changes)
    events = (Event(date=SPEC.as_of, changes=made, source="test"),) if made else ()
    spec = replace(SHORT, events=events)
    return simulate_block(spec, luck=np.arange(members), facts=FACTS).values


@pytest.mark.parametrize(
    ("less", "more", "sign"),
    [
        (("gas_discount", 0.0), ("gas_discount", 0.9), -1.0),
        (("credibility", 0.05), ("credibility", 0.95), 1.0),
        (
            ("pressure", 0.0),
            ("pressure", 1.0),
            1.0,
        ),
    ],
)
def test_in_the_world_each_incentive_moves_lean_and_the_chance_of_sanctions_its_way(less, more, sign):
    held = ("opening_base", -15.0)  # nothing opens
    low, high = lived(less, held), lived(more, held)
    after = slice(SHORT.first_month, None)
    moved = sign * (high["lean"] - low["lean"])[:, after]
    assert (moved >= -1e-6).all()
    assert (moved[:, -1] > 0.0).mean() > 0.9
    open_choice = (low["sanctions"] == 0.0).all(axis=1) & (high["sanctions"] == 0.0).all(axis=1)
    chance = sign * (high["sanctions_chance"] - low["sanctions_chance"])[open_choice, SHORT.first_month :]
    assert open_choice.sum() > 30
    assert (chance >= -1e-9).all()
    assert (chance[:, -1] > 0.0).any()
    np.testing.assert_array_equal(low["lean"][:, : SHORT.first_month], high["lean"][:, : SHORT.first_month])
