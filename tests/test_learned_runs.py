"""Runs that go on from what was learned: each member alone, its history its particle's, no seam at the origin."""

from dataclasses import replace
from datetime import date
from functools import partial

import numpy as np
import pytest

from sim.assimilation import Posterior
from sim.ensemble import PAST, begin_again, simulate, simulate_block
from sim.facts import gather
from sim.forecasting import forecast, making
from sim.model import AlignmentModel
from sim.observations import Record
from sim.randomness import uniforms
from sim.recording import VARIABLES, read
from sim.scenario import Change, Event, read_scenario

UNTIL = date(2023, 12, 31)
SPEC = read_scenario("march-2023")
SPEC = replace(SPEC, until=UNTIL, questions=tuple(q for q in SPEC.questions if q.last_day <= UNTIL))
EVENT = Event(
    date=date(2023, 7, 1), changes=(Change(quantity="pressure", how="set", value=0.95),), source="test"
)
EVENTFUL = replace(SPEC, events=(*SPEC.events, EVENT))
MEMBERS, PARTICLES, SEED = 48, 64, 5
ORIGIN, EVENT_MONTH = SPEC.first_month, EVENT.first_month
NAMES = [variable.name for variable in VARIABLES]


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    return tmp_path_factory.mktemp("results")


@pytest.fixture(scope="module")
def run(output):
    return forecast(SPEC, members=MEMBERS, seed=SEED, particles=PARTICLES, output=output, save=False)


@pytest.fixture(scope="module")
def posterior(run, output):
    return Posterior.load(making.posteriors_folder(output) / run.provenance["posterior"]["digest"])


@pytest.fixture(scope="module")
def eventful(run, output):
    """The same with an event; `run` was made before, so that its posterior is found."""
    return forecast(EVENTFUL, members=MEMBERS, seed=SEED, particles=PARTICLES, output=output, save=False)


@pytest.mark.parametrize("member", [0, 17, MEMBERS - 1])
def test_a_member_alone_is_the_member_of_the_run(run, member):
    number = np.array([member])
    start = begin_again(run.data)(number)
    alone = simulate_block(SPEC, luck=number, seed=SEED, start=start)
    for name in NAMES:
        np.testing.assert_array_equal(alone.values[name][0], run.data[name].to_numpy()[member], err_msg=name)


def test_any_blocks_and_workers_give_the_same_run(run, posterior):
    options = {"members": MEMBERS, "seed": SEED, "begin": partial(posterior.start, seed=SEED)}
    for block, workers in ((7, 1), (20, 2)):
        other = simulate(SPEC, block=block, workers=workers, **options)
        assert other.equals(run.data), (block, workers)


def test_a_member_has_the_history_and_the_parameters_of_its_particle(run, posterior):
    u = uniforms(SEED, "ancestor", "posterior", 0, np.arange(MEMBERS))
    ancestors = np.floor(u * posterior.size).astype(int)
    assert len(set(ancestors)) > PARTICLES / 4
    np.testing.assert_array_equal(
        run.data[PAST].to_numpy(),
        np.moveaxis(posterior.data["luck"].to_numpy(), 2, 0)[ancestors],
    )
    for name in posterior.names:
        np.testing.assert_array_equal(
            run.data[f"parameter_{name}"].to_numpy(), posterior.data[name].to_numpy()[ancestors]
        )
    everyone = posterior.start(np.arange(PARTICLES), seed=SEED)
    parameters = {name: posterior.data[name].to_numpy() for name in posterior.names}
    past = type(everyone.past)(everyone.past.seed, posterior.data["luck"].to_numpy().astype(np.int64))
    # the particles themselves, under a seed of the run that must not matter in history
    model = AlignmentModel(SPEC, members=PARTICLES, seed=999, past=past, parameters=parameters)
    for month in range(ORIGIN):
        model.step()
        for variable in VARIABLES:
            lived = read(variable, model).astype(np.float32)[ancestors]
            np.testing.assert_array_equal(
                lived, run.data[variable.name].to_numpy()[:, month], err_msg=f"{variable.name} {month}"
            )


def test_members_of_one_particle_part_at_the_origin(run, posterior):
    u = uniforms(SEED, "ancestor", "posterior", 0, np.arange(MEMBERS))
    ancestors = np.floor(u * posterior.size).astype(int)
    one, other = next((a, b) for a in range(MEMBERS) for b in range(a) if ancestors[a] == ancestors[b])
    lean = run.data["lean"].to_numpy()
    np.testing.assert_array_equal(lean[one, :ORIGIN], lean[other, :ORIGIN])
    assert (lean[one, ORIGIN:] != lean[other, ORIGIN:]).all()


def test_the_log_probability_is_that_of_the_history_which_is_lived(posterior):
    facts = gather(Record.load(), SPEC.as_of)
    start = posterior.start(np.arange(PARTICLES), seed=SEED)
    parameters = {name: posterior.data[name].to_numpy() for name in posterior.names}
    past = type(start.past)(start.past.seed, posterior.data["luck"].to_numpy().astype(np.int64))
    model = AlignmentModel(SPEC, seed=1, members=PARTICLES, past=past, parameters=parameters, facts=facts)
    total = np.zeros(PARTICLES)
    for _ in range(ORIGIN):
        model.step()
        total += model.log_evidence()
    np.testing.assert_allclose(posterior.data["log_probability"], total, rtol=1e-9)


def test_events_share_the_origin_and_change_nothing_before_their_month(run, eventful):
    assert eventful.provenance["posterior"]["digest"] == run.provenance["posterior"]["digest"]
    assert eventful.provenance["posterior"]["made"] == run.provenance["posterior"]["made"], "found again"
    for name in NAMES:
        before, after = (each.data[name].to_numpy()[:, :EVENT_MONTH] for each in (run, eventful))
        np.testing.assert_array_equal(before, after, err_msg=name)
    assert (run.data["pressure"][:, EVENT_MONTH] != eventful.data["pressure"][:, EVENT_MONTH]).all()
    assert (run.data["lean"] != eventful.data["lean"]).to_numpy()[:, EVENT_MONTH + 1 :].any()


def test_each_probability_lies_within_its_range(run, eventful):
    rows = [*run.table("questions"), *eventful.table("questions")]
    assert len(rows) == 2 * len(SPEC.questions) > 0
    for row in rows:
        assert 0.0 <= float(row["low"]) <= float(row["probability"]) <= float(row["high"]) <= 1.0


def test_a_run_that_learned_nothing_has_no_past_and_no_range(output):
    plain = forecast(SPEC, members=8, learned=False, output=output, save=False)
    assert PAST not in plain.data
    assert begin_again(plain.data) is None
    assert {row["low"] for row in plain.table("questions")} == {""}


@pytest.mark.parametrize("name", ["eu_support", "un_latent", "lean"])
def test_members_go_on_from_the_record_without_a_jump(run, name):
    change = np.abs(np.diff(run.data[name].to_numpy().astype(np.float64), axis=1)).mean(axis=0)
    at_origin = change[ORIGIN - 1]  # from the last month of history to the first simulated one
    near = np.delete(change[ORIGIN - 25 : ORIGIN + 8], 24)
    assert at_origin <= 1.3 * near.max()
    assert at_origin > 0.0
