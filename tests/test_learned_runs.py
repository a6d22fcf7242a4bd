"""Runs that go on from what was learned: each member alone, its history its particle's, no seam at the origin."""

from dataclasses import replace
from datetime import date
from functools import partial

import numpy as np
import pytest

from sim.assimilation import Posterior
from sim.contrasts import read_ledger
from sim.draws.randomness import uniforms
from sim.execution.cache import posteriors_folder
from sim.forecasting import forecast
from sim.forecasting.ensemble import begin_again, live_again, simulate, simulate_block
from sim.model.alignment import AlignmentModel
from sim.model.variables import VARIABLES, read
from sim.plots import FigureError, draw
from sim.record.observations import Record
from sim.runs.gallery import default_figures
from sim.runs.members import ANCESTOR, PAST, NotKeptError, at, of_members, recorded_months
from sim.runs.storing import TABLES
from sim.scenario import Change, Event, read_scenario
from sim.world.facts import gather

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
    return Posterior.load(posteriors_folder() / run.provenance["posterior"]["digest"])


@pytest.fixture(scope="module")
def eventful(run, output):
    """The same with an event; `run` was made before, so that its posterior is found."""
    return forecast(EVENTFUL, members=MEMBERS, seed=SEED, particles=PARTICLES, output=output, save=False)


@pytest.fixture(scope="module")
def whole(posterior):
    """Return the same members, recorded from January 2012 on."""
    begin = partial(posterior.start, seed=SEED, again=True)
    return simulate(SPEC, members=MEMBERS, seed=SEED, begin=begin, since=0)


@pytest.mark.parametrize("member", [0, 17, MEMBERS - 1])
def test_a_member_alone_is_the_member_of_the_run(run, whole, member):
    number = np.array([member])
    start = begin_again(run.data)(number)
    alone = simulate_block(SPEC, luck=number, seed=SEED, start=start)
    again = live_again(run, member)
    for name in NAMES:
        np.testing.assert_array_equal(alone.values[name][0], run.data[name].to_numpy()[member], err_msg=name)
        np.testing.assert_array_equal(again[name], whole[name].to_numpy()[member], err_msg=name)


def test_a_run_records_from_its_origin_on_what_it_would_have_recorded_of_these_months(run, whole):
    assert recorded_months(run.data).tolist() == list(range(ORIGIN, SPEC.last_month + 1))
    assert recorded_months(whole).tolist() == list(range(SPEC.last_month + 1))
    for name in NAMES:
        assert run.data[name].equals(whole[name].isel(month=slice(ORIGIN, None))), name


def test_months_are_found_by_their_number_and_before_the_origin_by_the_ancestor(run, whole):
    around = range(ORIGIN - 12, ORIGIN + 3)
    for name in ("lean", "ledger_gas", "baseline_lean", "chapters_opened", "sanctions"):
        np.testing.assert_array_equal(at(run.data, name, around), at(whole, name, around))
        np.testing.assert_array_equal(at(run.data, name, ORIGIN - 1), whole[name].to_numpy()[:, ORIGIN - 1])
    np.testing.assert_array_equal(at(run.data, "lean", range(ORIGIN)), whole["lean"].to_numpy()[:, :ORIGIN])
    np.testing.assert_array_equal(
        at(run.data, "brent", [ORIGIN, ORIGIN + 5]), whole["brent"].to_numpy()[:, [ORIGIN, ORIGIN + 5]]
    )


@pytest.mark.parametrize(
    ("name", "month", "told"),
    [
        ("brent", ORIGIN - 1, "brent of 2023-02 was not kept: the run's members begin at its origin"),
        ("ledger_gas", ORIGIN - 13, "ledger_gas of 2022-02 was not kept"),
        ("lean", SPEC.last_month + 1, "lean: the run ends before 2024-01"),
        ("weather", ORIGIN, "weather was not kept in this run.*--keep all"),
    ],
)
def test_what_is_not_kept_is_refused_by_name(run, name, month, told):
    with pytest.raises(NotKeptError, match=told):
        at(run.data, name, month)


def test_any_blocks_and_workers_give_the_same_run(run, posterior):
    options = {"members": MEMBERS, "seed": SEED, "begin": partial(posterior.start, seed=SEED)}
    for block, workers in ((7, 1), (20, 2)):
        other = simulate(SPEC, block=block, workers=workers, **options)
        assert other.assign(posterior.kept).equals(run.data), (block, workers)


def test_a_member_has_the_history_and_the_parameters_of_its_particle(run, whole, posterior):
    u = uniforms(SEED, "ancestor", "posterior", 0, np.arange(MEMBERS))
    ancestors = np.floor(u * posterior.size).astype(int)
    assert len(set(ancestors)) > PARTICLES / 4
    np.testing.assert_array_equal(run.data[ANCESTOR], ancestors)
    np.testing.assert_array_equal(
        of_members(run.data, PAST), posterior.data["luck"].to_numpy()[:, :, ancestors]
    )
    for name in posterior.names:
        np.testing.assert_array_equal(
            of_members(run.data, f"parameter_{name}"), posterior.data[name].to_numpy()[ancestors]
        )
    everyone = posterior.start(np.arange(PARTICLES), seed=SEED, again=True)
    parameters = {name: posterior.data[name].to_numpy() for name in posterior.names}
    past = type(everyone.past)(everyone.past.seed, posterior.data["luck"].to_numpy().astype(np.int64))
    # the particles themselves, under a seed of the run that must not matter in history
    model = AlignmentModel(SPEC, members=PARTICLES, seed=999, past=past, parameters=parameters)
    for month in range(ORIGIN):
        model.step()
        for variable in VARIABLES:
            lived = read(variable, model).astype(np.float32)
            np.testing.assert_array_equal(
                lived[ancestors],
                whole[variable.name].to_numpy()[:, month],
                err_msg=f"{variable.name} {month}",
            )
            if variable.name == "gas_discount":
                bands = np.quantile(lived.astype(float), [0.05, 0.25, 0.5, 0.75, 0.95])
                kept = posterior.data["past_bands"].sel(quantity="gas_discount")[:, month]
                np.testing.assert_allclose(kept, bands, rtol=1e-6)
            if variable.name == "posture":
                shares = [(lived == code).mean() for code in range(3)]
                assert posterior.data["past_posture"].to_numpy()[:, month].tolist() == shares
            if variable.name == "war":
                assert (lived == posterior.data["past_war"].to_numpy()[month]).all(), month


def test_members_of_one_particle_part_at_the_origin(run, whole, posterior):
    u = uniforms(SEED, "ancestor", "posterior", 0, np.arange(MEMBERS))
    ancestors = np.floor(u * posterior.size).astype(int)
    one, other = next((a, b) for a in range(MEMBERS) for b in range(a) if ancestors[a] == ancestors[b])
    lean = whole["lean"].to_numpy()
    np.testing.assert_array_equal(lean[one, :ORIGIN], lean[other, :ORIGIN])
    assert (lean[one, ORIGIN:] != lean[other, ORIGIN:]).all()


def test_the_log_probability_is_that_of_the_history_which_is_lived(posterior):
    facts = gather(Record.load(), SPEC.as_of)
    start = posterior.start(np.arange(PARTICLES), seed=SEED, again=True)
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
    place = EVENT_MONTH - ORIGIN
    for name in NAMES:
        before, after = (each.data[name].to_numpy()[:, :place] for each in (run, eventful))
        np.testing.assert_array_equal(before, after, err_msg=name)
    assert (run.data["pressure"][:, place] != eventful.data["pressure"][:, place]).all()
    assert (run.data["lean"] != eventful.data["lean"]).to_numpy()[:, place + 1 :].any()


def test_each_probability_lies_within_its_range(run, eventful):
    rows = [*run.table("questions"), *eventful.table("questions")]
    assert len(rows) == 2 * len(SPEC.questions) > 0
    for row in rows:
        assert 0.0 <= row["low"] <= row["probability"] <= row["high"] <= 1.0


def test_a_run_that_learned_nothing_has_no_past_and_no_range(output):
    plain = forecast(SPEC, members=8, learned=False, output=output, save=False)
    assert PAST not in plain.data
    assert ANCESTOR not in plain.data
    assert recorded_months(plain.data).tolist() == list(range(SPEC.last_month + 1))
    assert begin_again(plain.data) is None
    assert {row["low"] for row in plain.table("questions")} == {None}


@pytest.mark.parametrize("name", ["eu_support", "un_latent", "lean"])
def test_members_go_on_from_the_record_without_a_jump(whole, name):
    change = np.abs(np.diff(whole[name].to_numpy().astype(np.float64), axis=1)).mean(axis=0)
    at_origin = change[ORIGIN - 1]  # from the last month of history to the first simulated one
    near = np.delete(change[ORIGIN - 25 : ORIGIN + 8], 24)
    assert at_origin <= 1.3 * near.max()
    assert at_origin > 0.0


@pytest.mark.parametrize("keep", ["outcomes", "all"])
def test_a_run_answers_the_same_whatever_it_keeps(run, output, keep):
    made = forecast(
        SPEC, members=MEMBERS, seed=SEED, particles=PARTICLES, output=output, save=False, keep=keep
    )
    assert ("brent" in made.data) == (keep == "all")
    assert made.folder.name != run.folder.name or keep == "all"
    for name in TABLES:
        assert made.table(name) == run.table(name) != []
    assert read_ledger(made) == read_ledger(run)
    for name, variable in default_figures(made):
        words = [[text.get_text() for text in draw(each, name, variable).texts] for each in (made, run)]
        assert words[0] == words[1] != []
    assert [text.get_text() for text in draw(made, "story", member=3).texts] == [
        text.get_text() for text in draw(run, "story", member=3).texts
    ]


def test_a_figure_of_what_was_not_kept_says_so_and_what_to_do(output):
    few = forecast(
        SPEC, members=MEMBERS, seed=SEED, particles=PARTICLES, output=output, save=False, keep="outcomes"
    )
    with pytest.raises(FigureError, match=r"market_price was not kept in this run.*--keep all"):
        draw(few, "fan", "market_price")
    with pytest.raises(ValueError, match="a run keeps outcomes or all of its members, not 'some'"):
        forecast(SPEC, members=2, keep="some")
