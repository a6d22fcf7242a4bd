"""Whatever a move does: what is kept of particles is what living them again would give; only its own part moves."""

import numpy as np
import pytest

from sim.assimilation.blocks import BLOCKS
from sim.assimilation.conditional import MONTHS_OF, ON_THE_LEAN, live_block
from sim.assimilation.moves import _STEPS_OF_BLOCKS, _STEPS_OF_THE_LEAN, Mover
from sim.assimilation.particles import KINDS, OTHERS, Part, Particles, Problem, live
from sim.draws.randomness import STRANDS
from sim.record.observations import Record
from sim.scenario import read_scenario
from sim.world.facts import gather

PARTICLES = 24
SPEC = read_scenario("march-2023")
ROUNDING = {"rtol": 1e-9, "atol": 1e-12}
"""A block adds up in another order than the model does, month by month."""


@pytest.fixture
def problem():
    return Problem(SPEC, gather(Record.load(), SPEC.as_of), SPEC.parameter_set(), 1, 0, PARTICLES)


@pytest.fixture
def particles(problem):
    """Return particles of the prior with their evidence and paths, through the last month of history."""
    particles = Particles.from_prior(problem)
    model, particles.evidence, particles.paths = live(
        problem, particles.values, particles.luck, problem.months - 1
    )
    particles.month = model.tick
    model.dismiss()
    return faint(particles)


@pytest.fixture
def mover(problem):
    return Mover(problem, np.random.default_rng(5))


def faint(particles, power=1e-3):
    """Take evidence in to a power that leaves a choice: of the whole record no particle of the prior would move."""
    particles.taken[:] = power
    return particles


def before(particles):
    return particles.z.copy(), particles.luck.copy(), particles.evidence.copy()


def moved_in(old, new):
    """Return which rows differ."""
    return {place for place in range(len(new)) if not np.array_equal(old[place], new[place])}


def holds(problem, particles, kinds):
    """Assert that values are those of the coordinates, and evidence that of the luck, values and paths at hand."""
    for name, value in problem.parameters(particles.z).items():
        np.testing.assert_allclose(particles.values[name], value, **ROUNDING, err_msg=name)
    assert np.isfinite(particles.evidence).all()
    for name in kinds:
        own, last = (particles.values, particles.luck), problem.months - 1
        told = live_block(name, problem, *own, paths=particles.paths, until=last)
        for month, evidence in told.items():
            kept = particles.evidence[KINDS.index(name), month]
            np.testing.assert_allclose(kept, evidence, **ROUNDING, err_msg=f"{name}, month {month}")


def test_a_sweep_moves_each_block_and_keeps_its_evidence(problem, particles, mover):
    z, luck, evidence = before(particles)
    accepted = mover.sweep(particles)
    assert 0.1 < accepted < 1.0
    own = Part.of(problem, *MONTHS_OF)
    assert moved_in(z, particles.z) <= set(np.flatnonzero(own.rows))
    assert moved_in(luck, particles.luck) <= set(np.flatnonzero(own.strands))
    assert moved_in(evidence, particles.evidence) <= {KINDS.index(name) for name in MONTHS_OF}
    for name in MONTHS_OF:
        if Part.of(problem, name).rows.any():
            assert moved_in(z, particles.z) & set(np.flatnonzero(Part.of(problem, name).rows)), name
    holds(problem, particles, MONTHS_OF)


def test_the_lean_moves_and_all_that_reads_it_keeps_its_evidence(problem, particles, mover):
    z, luck, evidence = before(particles)
    lean = particles.paths["between.lean"].copy()
    accepted = mover.move_lean(faint(particles, 0.05))
    assert 0.0 < accepted < 1.0
    assert moved_in(z, particles.z)
    assert moved_in(luck, particles.luck) == {STRANDS.index("lean")}
    assert moved_in(evidence, particles.evidence) <= {KINDS.index(name) for name in ON_THE_LEAN}
    assert moved_in(lean, particles.paths["between.lean"])
    holds(problem, particles, ON_THE_LEAN)


def test_to_live_again_moves_what_goes_along_and_all_evidence_is_that_of_whole_histories(
    problem, particles, mover
):
    z, luck, _ = before(particles)
    model = mover.relive(particles)
    along = Part.of(problem, *(name for name in BLOCKS if name not in MONTHS_OF))
    assert moved_in(z, particles.z)
    assert moved_in(z, particles.z) <= set(np.flatnonzero(along.rows))
    assert not moved_in(luck, particles.luck)
    assert not particles.stale
    holds(problem, particles, MONTHS_OF)
    _, whole, _ = live(problem, particles.values, particles.luck, problem.months - 1)
    np.testing.assert_allclose(particles.evidence, whole, **ROUNDING)
    model.dismiss()


def test_the_rest_moves_and_the_model_stands_where_its_particles_would(problem, particles, mover):
    z, luck, _ = before(particles)
    model = mover.relive(particles)
    model, accepted = mover.move_rest(particles, model)
    assert 0.0 < accepted < 1.0
    assert moved_in(z, particles.z)
    assert (*STRANDS, OTHERS).index(OTHERS) in moved_in(luck, particles.luck)
    again, whole, paths = live(problem, particles.values, particles.luck, problem.months - 1)
    np.testing.assert_allclose(particles.evidence, whole, **ROUNDING)
    for name, path in paths.items():
        np.testing.assert_allclose(particles.paths[name], path, **ROUNDING, err_msg=name)
    for name, state in again.states().items():
        np.testing.assert_allclose(model.states()[name], state, **ROUNDING, err_msg=name)


def test_evidence_is_weighed_by_its_powers_through_the_month_ones_own_or_anothers(problem, particles):
    power = np.arange(len(KINDS) * problem.months).reshape(len(KINDS), problem.months) % 3 / 2.0
    particles.month = month = problem.months // 2
    told = (power[:, : month + 1, np.newaxis] * particles.evidence[:, : month + 1]).sum(axis=(0, 1))
    np.testing.assert_allclose(particles.weighed(power), told)
    np.testing.assert_allclose(particles.weighed(power, 2.0 * particles.evidence), 2.0 * told)


def test_what_is_not_learned_is_drawn_from_its_prior_for_each_particle(problem, particles, mover):
    z, *_ = before(particles)
    free = [
        place
        for place, name in enumerate(problem.names)
        if name in problem.table and not problem.table[name].learned
    ]
    mover.draw_free(particles)
    assert moved_in(z, particles.z) == set(free)
    drawn = particles.z[free]
    assert np.unique(drawn).size == drawn.size
    assert abs(drawn.mean()) < 4.0 / drawn.size**0.5
    assert drawn.std() == pytest.approx(1.0, abs=3.0 / drawn.size**0.5)
    holds(problem, particles, ())


def test_a_refused_redraw_leaves_the_luck_as_it_was(problem, particles, mover):
    """Of evidence that rules everything else out nothing is accepted, and nothing is left behind."""
    z, luck, _ = before(particles)
    particles.evidence[:] = 1e6  # what is proposed could not be likelier
    mover.sweep(faint(particles, 1.0))
    mover.move_lean(particles)
    assert np.array_equal(particles.luck, luck)
    swept = np.flatnonzero(Part.of(problem, *MONTHS_OF).rows)
    told = [p for p in swept if problem.names[p] in problem.table]
    assert np.array_equal(particles.z[told], z[told])


@pytest.mark.parametrize("steps", [_STEPS_OF_BLOCKS, _STEPS_OF_THE_LEAN], ids=["blocks", "lean"])
def test_without_evidence_proposals_taken_by_their_ratio_leave_the_prior_as_it_is(mover, steps):
    """However often they are taken: a step that widened or narrowed would pile up, as a wrong ratio would."""
    z = np.random.default_rng(2).standard_normal((4, 4000))
    rows = np.array([True, True, True, False])
    both = (lambda at: mover._step_together(at, rows, steps), lambda at: mover._step(at, rows[:, np.newaxis]))
    for propose in both:
        at = z
        for _ in range(30):
            proposed, ratio = propose(at)
            at = np.where(mover._accept(ratio), proposed, at)
        assert np.array_equal(at[3], z[3])
        assert (at[:3] != z[:3]).mean() > 0.99
        np.testing.assert_allclose(at[:3].mean(axis=1), 0.0, atol=0.06)
        np.testing.assert_allclose(np.cov(at[:3]), np.eye(3), atol=0.1)
