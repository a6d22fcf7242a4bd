"""The filter: the same whatever the processes, deaf to later rows and to events, right where the answer is known."""

import shutil
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from sim.assimilation import (
    CollapseError,
    Posterior,
    assimilate,
    filter as learning,
    making,
    posterior_digest,
)
from sim.assimilation.blocks import control_of
from sim.assimilation.filter import effective_share
from sim.assimilation.making import parts_folder, parts_kept
from sim.assimilation.moves import Mover
from sim.assimilation.particles import KINDS, Particles
from sim.parameters.priors import Prior
from sim.record.country import load_country
from sim.record.observations import Record
from sim.scenario import Belief, Change, Event, Scenario
from sim.world.facts import gather

SPEC = Scenario(name="short", title="A short history", as_of=date(2014, 7, 1), until=date(2015, 6, 30))
RECORD = Record.load()
FACTS = gather(RECORD, SPEC.as_of)
PARTICLES = 64


def learned(spec=SPEC, **options) -> Posterior:
    return assimilate(spec, **{"particles": PARTICLES, "cache": False, **options})


def same(one: Posterior, other: Posterior) -> bool:
    return one.data.identical(other.data)


def with_rows(*rows: tuple[str, dict]) -> Record:
    """Return the record with more rows: each its table's last one, changed as told."""
    changed = dict(RECORD.resources)
    for table, different in rows:
        held = changed[table]
        changed[table] = replace(held, rows=(*held.rows, {**held.rows[-1], **different}))
    return replace(RECORD, resources=changed)


def ideal_point(value: float, known_on: date) -> tuple[str, dict]:
    window = {"start": date(2013, 1, 1), "end": date(2013, 12, 31)}
    return "observations", {"target": "un_position", "value": value, "known_on": known_on, **window}


IN_USE = learning.FINAL_ROUNDS
"""As users have them: read before the tests' own settings take their place."""


@pytest.fixture(scope="module", autouse=True)
def as_in_use():
    """Resample in time: islands are of 16 particles here, and an eighth of these would be two."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learning, "RESAMPLE_BELOW", 0.4)
        patch.setattr(making, "_FEWEST", 16)
        yield


@contextmanager
def in_earnest():
    """Move particles in as many final rounds as users do, where their moves are judged."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learning, "FINAL_ROUNDS", IN_USE)
        patch.setattr(making, "FINAL_ROUNDS", IN_USE)
        yield


@pytest.fixture(scope="module")
def posterior():
    return learned()


@pytest.fixture(scope="module")
def many():
    with in_earnest():
        return learned(particles=512)


def test_the_same_seed_gives_the_same_posterior_and_another_seed_another(posterior):
    assert same(learned(), posterior)
    other = learned(seed=2)
    assert other.digest != posterior.digest
    assert not same(other, posterior)


def test_any_number_of_workers_gives_the_same_islands(monkeypatch):
    monkeypatch.setattr(making, "GROUP", 32)
    short = replace(SPEC, as_of=date(2012, 9, 10))
    with in_earnest():  # as the other processes do
        alone, together = learned(short, workers=1), learned(short, workers=2)
    assert same(alone, together)
    assert np.unique(alone.data["island"], return_counts=True)[1].tolist() == [16, 16, 16, 16]
    assert alone.provenance["islands"] == 4
    assert len(alone.provenance["log_evidence"]) == 4
    z = alone.data["z"].to_numpy()
    assert not np.intersect1d(z[:, :32], z[:, 32:]).size, "groups know nothing of one another"


def test_no_particle_is_resampled_from_another_island(monkeypatch):
    taken = []
    plain = Particles.take

    def noted(particles, part, indices):
        taken.append(indices)
        plain(particles, part, indices)

    monkeypatch.setattr(Particles, "take", noted)
    made = learned(particles=40)
    island_of = made.data["island"].to_numpy()
    assert island_of.tolist() == [0] * 20 + [1] * 20
    assert taken
    for indices in taken:
        np.testing.assert_array_equal(island_of[indices], island_of)


def interrupted_after(steps):
    """Return a progress that interrupts once this many steps are done."""
    done = 0

    def progress(more):
        nonlocal done
        done += more
        if done >= steps:
            raise KeyboardInterrupt

    return progress


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """Return a learning of two groups of islands, stopped in the second, and what the whole of it gives."""
    store, short = tmp_path_factory.mktemp("stopped"), replace(SPEC, as_of=date(2013, 1, 10))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(making, "GROUP", 32)
        whole = learned(short)
        steps = making.learning_steps(short, PARTICLES)
        with pytest.raises(KeyboardInterrupt):
            learned(short, cache=store, progress=interrupted_after(steps // 2 + 1))
    return short, whole, store, steps


@pytest.fixture
def two_groups(stopped, monkeypatch, tmp_path):
    """Return the same in a folder of the test's own."""
    monkeypatch.setattr(making, "GROUP", 32)
    short, whole, store, steps = stopped
    shutil.copytree(store, tmp_path, dirs_exist_ok=True)
    return short, whole, tmp_path / whole.digest, steps


def test_an_interrupted_learning_goes_on_from_the_groups_that_are_finished(two_groups, tmp_path):
    short, whole, folder, steps = two_groups
    assert parts_kept(folder) == 1
    done = []
    assert same(learned(short, cache=tmp_path, progress=done.append), whole)
    assert (done[0], sum(done)) == (steps // 2, steps)
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


@pytest.mark.parametrize(
    "damage", [lambda body: body[:-1], lambda body: b"", lambda body: body[:-40] + b"x" * 40]
)
def test_a_group_that_is_damaged_is_learned_again(two_groups, tmp_path, damage):
    short, whole, folder, _ = two_groups
    (part,) = parts_folder(folder).iterdir()
    part.write_bytes(damage(part.read_bytes()))
    done = []
    assert same(learned(short, cache=tmp_path, progress=done.append), whole)
    assert set(done) == {1}


def test_what_cannot_be_kept_is_told_in_a_line_and_used_all_the_same(
    posterior, tmp_path, monkeypatch, caplog
):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Posterior, "save", full)
    assert same(learned(cache=tmp_path), posterior)
    (line,) = caplog.messages
    assert "No space left on device; what is learned is not kept there" in line
    assert parts_folder(tmp_path / posterior.digest).exists(), "an interrupted process would go on from here"


def test_what_was_learned_is_found_again_without_work(posterior, tmp_path, monkeypatch):
    made = learned(cache=tmp_path)
    assert same(made, posterior)
    loaded = Posterior.load(tmp_path / made.digest)
    assert loaded.data.equals(made.data)
    assert {n: v.attrs for n, v in loaded.data.items()} == {n: v.attrs for n, v in made.data.items()}
    assert loaded.provenance == made.provenance
    monkeypatch.setattr(making, "shared_out", None)
    found = learned(cache=tmp_path)
    assert found.data.equals(made.data)
    members = np.arange(20)
    for one, other in ((found, made), (loaded, posterior)):
        starts = [each.start(members, seed=3, again=True) for each in (one, other)]
        np.testing.assert_array_equal(starts[0].past.index, starts[1].past.index)
        for name, values in starts[0].parameters.items():
            np.testing.assert_array_equal(values, starts[1].parameters[name])


def test_a_folder_without_a_posterior_says_how_to_make_one(tmp_path):
    with pytest.raises(FileNotFoundError, match="holds no posterior; `serbia-sim assimilate` makes one"):
        Posterior.load(tmp_path)


def test_what_became_known_later_does_not_matter(posterior):
    later = SPEC.as_of + timedelta(days=1)
    record = with_rows(
        ideal_point(5.0, later),
        (
            "observations",
            {"target": "eu_support", "end": date(2013, 6, 30), "value": 0.99, "known_on": later},
        ),
        ("un_votes", {"date": date(2014, 4, 10), "kind": "crimea", "vote": "no", "known_on": later}),
        ("accession", {"date": date(2013, 2, 1), "kind": "opened", "chapter": 1, "known_on": later}),
        ("prices", {"month": date(2014, 5, 1), "gas_usd_per_mmbtu": 999.0, "known_on": later}),
    )
    assert same(learned(record=record), posterior)
    assert posterior_digest(SPEC, particles=64, record=record) != posterior_digest(SPEC, particles=64)


def test_an_absurd_figure_that_was_known_pulls_the_posterior_to_it(posterior):
    record = with_rows(ideal_point(1.5, SPEC.as_of - timedelta(days=1)))
    pulled = learned(record=record)
    before = posterior.data["un_noise"]
    assert pulled.data["un_noise"].mean() > before.mean() + 2.0 * before.std()
    assert pulled.provenance["log_evidence"][0] < posterior.provenance["log_evidence"][0] - 10.0
    assert pulled.provenance["stages"] > posterior.provenance["stages"], "by tempering"


def test_a_collapse_names_month_evidence_and_what_to_do(monkeypatch):
    monkeypatch.setattr(learning, "_MOST_STAGES", 3)
    record = with_rows(ideal_point(5.0, SPEC.as_of))
    with pytest.raises(CollapseError) as told:
        learned(record=record)
    for words in ("2013-12", "'UN ideal point'", "`serbia-sim data`", "widen the beliefs", "--particles"):
        assert words in str(told.value)


def test_a_figure_beyond_all_belief_is_an_error_and_no_silent_answer():
    record = with_rows(ideal_point(50.0, SPEC.as_of))
    with pytest.raises(
        CollapseError, match=r"2013-12: .*'UN ideal point' drags 'un_noise' .*`serbia-sim data`"
    ):
        learned(record=record)


def test_beliefs_change_what_is_learned_and_events_do_not(posterior):
    event = Event(
        date=date(2014, 9, 1), changes=(Change(quantity="pressure", how="set", value=0.9),), source="test"
    )
    forced = replace(SPEC, events=(event,), until=date(2016, 1, 31), name="other")
    assert posterior_digest(forced, particles=PARTICLES) == posterior.digest
    assert same(learned(forced), posterior)
    belief = {"support_mean": Belief(prior=Prior("normal", (1.5, 0.1)), source="test")}
    believed = learned(replace(SPEC, parameters=belief))
    assert believed.digest != posterior.digest
    assert believed.data["support_mean"].mean() > 1.0 > posterior.data["support_mean"].quantile(0.9)
    assert believed.provenance["beliefs"] == ["support_mean"]


def rate(shape: tuple[float, float], happened: int, occasions: int) -> tuple[float, float]:
    return shape[0] + happened, shape[1] + occasions - happened


def known_answers() -> dict[str, tuple[float, float]]:
    """Return the beta distributions that the recorded elections, coalitions and rounds make of the priors."""
    months, elections = range(FACTS.first_month), sorted(FACTS.elections)
    changed = {month for month in months if FACTS.turn("coalition", month)}
    steps = sum(FACTS.turn("issue", month) != 0 for month in months)
    notice = load_country().notice_months
    callable_in = [m for m in months if m + notice < FACTS.first_month and m not in FACTS.elections]
    called = sum(m + notice in FACTS.early for m in callable_in)
    others = [m for m in months if m not in FACTS.elections]
    return {
        "coalition_at_election": rate((1.0, 3.0), len(changed & set(elections)), len(elections)),
        "coalition_exit": rate((1.0, 400.0), len(changed & set(others)), len(others)),
        "election_early": rate((1.0, 40.0), called, len(callable_in)),
        "dialogue_rate": rate((1.5, 50.0), steps, len(months)),
    }


@pytest.mark.parametrize("name", known_answers())
def test_rates_are_learned_as_the_conjugate_prior_says(many, name):
    exact = stats.beta(*known_answers()[name])
    values = many.data[name].to_numpy()
    prior = SPEC.parameter_set()[name].prior
    assert prior.family == "beta"
    # particles that share an ancestor are not independent: a quarter of their number is taken to be
    error = exact.std() / np.sqrt(values.size / 4.0)
    assert abs(values.mean() - exact.mean()) < 4.0 * error
    places = exact.cdf(values)
    assert np.mean(places < 0.25) == pytest.approx(0.25, abs=0.08)
    assert np.mean(places > 0.75) == pytest.approx(0.25, abs=0.08)


def test_the_known_answers_differ_from_the_priors_by_more_than_the_error():
    found = known_answers()
    assert found["coalition_at_election"] == (2.0, 4.0)
    assert found["dialogue_rate"] == (2.5, 79.0)
    assert found["election_early"] == (2.0, 65.0)


def test_what_nothing_depends_on_keeps_its_prior(many):
    z = dict(zip(many.data["coordinate"].to_numpy(), many.data["z"].to_numpy(), strict=True))
    free = [name for name, entry in SPEC.parameter_set().items() if name in z and not entry.learned]
    controls = [control_of(kind) for kind in KINDS]
    assert len(free) > 10
    values = np.stack([z[name] for name in (*free, *controls)])
    assert values.mean() == pytest.approx(0.0, abs=0.08)
    assert values.std(axis=1).mean() == pytest.approx(1.0, abs=0.08)
    assert np.abs(values.mean(axis=1)).max() < 0.35
    assert values.std(axis=1).min() > 0.75


def test_parameters_are_the_priors_quantiles_at_the_particles_coordinates(posterior):
    from scipy.special import ndtr

    for name in ("gas_weight", "support_mean", "coalition_at_election"):
        at = ndtr(posterior.data["z"].sel(coordinate=name).to_numpy())
        np.testing.assert_array_equal(posterior.data[name], SPEC.parameter_set()[name].draw(at))
    table = posterior.summary()
    assert set(table.index) == set(SPEC.parameter_set())
    assert table.loc["poll_respondents", "low"] == table.loc["poll_respondents", "high"] == 1040.0
    assert (table["low"] <= table["median"]).all()
    assert (table["median"] <= table["high"]).all()


def test_the_posterior_is_laid_out_by_particle_and_its_controls_by_name(posterior):
    sizes = {name: values.dims for name, values in posterior.data.data_vars.items()}
    assert sizes["z"] == ("coordinate", "particle")
    assert sizes["log_probability"] == sizes["gas_weight"] == ("particle",)
    controls = posterior.controls()
    assert (controls.index.name, [*controls.columns]) == ("control", ["mean", "sd"])


def test_progress_counts_every_step_and_too_few_particles_are_refused():
    done: list[int] = []
    learned(particles=16, progress=done.append)
    assert sum(done) == making.learning_steps(SPEC, 16) == SPEC.first_month + learning.FINAL_ROUNDS
    with pytest.raises(ValueError, match="at least 16 particles, got 15"):
        learned(particles=15)


@pytest.mark.parametrize(("ratio", "chance"), [(0.3, 0.3), (0.05, 0.05), (1.0, 1.0), (4.0, 1.0)])
def test_a_move_is_accepted_by_the_ratio_of_its_chances(ratio, chance):
    mover = SimpleNamespace(rng=np.random.default_rng(1))
    taken = Mover._accept(mover, np.full(40_000, np.log(ratio)))
    assert taken.mean() == pytest.approx(chance, abs=0.01)


@pytest.mark.parametrize("step", [lambda rng, n: rng.standard_normal(n), lambda rng, n: np.zeros(n)])
def test_systematic_resampling_takes_each_as_often_as_its_weight_says(step: Callable):
    rng = np.random.default_rng(1)
    weight = np.exp(step(rng, 40))
    taken = learning.systematic(weight, rng)
    expected = 40 * weight / weight.sum()
    counts = np.bincount(taken, minlength=40)
    assert (np.abs(counts - expected) < 1.0).all()
    assert taken.size == 40


def test_the_effective_share_of_particles_is_kishs():
    # weights 1 and 3: 4 ** 2 / (2 * 10); the mean of it and of an island whose weights are even
    uneven = np.log([1.0, 3.0])
    assert effective_share(uneven) == pytest.approx(0.8)
    assert effective_share(np.array([*uneven, 0.0, 0.0]), 2) == pytest.approx(0.9)


def test_tempering_takes_in_no_more_than_the_particles_can_bear():
    pending = np.linspace(0.0, 500.0, 200)
    power, share = learning.next_power(pending, effective_share(pending), 1)
    assert 0.0 < power < 1.0
    assert share == pytest.approx(learning.RESAMPLE_BELOW, abs=1e-6)
    assert learning.next_power(0.001 * pending, effective_share(0.001 * pending), 1)[0] == 1.0
