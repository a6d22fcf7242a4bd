"""Whatever a move does: what is kept of particles is what living them again would give; only its own part moves."""

import numpy as np
import pytest

from sim.assimilation.blocks import BLOCKS
from sim.assimilation.cloud import KINDS, OTHERS, Cloud, Part, World, live
from sim.assimilation.conditional import MONTHS_OF, ON_THE_LEAN, live_block
from sim.assimilation.moves import Mover
from sim.facts import gather
from sim.observations import Record
from sim.randomness import STRANDS
from sim.scenario import read_scenario

PARTICLES = 24
SPEC = read_scenario("march-2023")
ROUNDING = {"rtol": 1e-9, "atol": 1e-12}
"""A block adds up in another order than the model does, month by month."""


@pytest.fixture
def world():
    return World(SPEC, gather(Record.load(), SPEC.as_of), SPEC.parameter_set(), 1, 0, PARTICLES)


@pytest.fixture
def cloud(world):
    """Return particles of the prior with their evidence and paths, through the last month of history."""
    cloud = Cloud.from_prior(world)
    model, cloud.evidence, cloud.paths = live(world, cloud.values, cloud.luck, world.months - 1)
    model.dismiss()
    return cloud


@pytest.fixture
def mover(world):
    return Mover(world, np.random.default_rng(5))


def faint(world, power=1e-3):
    """Return powers of the evidence that leave a choice: of the whole record no particle of the prior would move."""
    return np.full((len(KINDS), world.months), power)


def before(cloud):
    return cloud.z.copy(), cloud.luck.copy(), cloud.evidence.copy()


def moved_in(old, new):
    """Return which rows differ."""
    return {place for place in range(len(new)) if not np.array_equal(old[place], new[place])}


def holds(world, cloud, kinds):
    """Assert that values are those of the coordinates, and evidence that of the luck, values and paths at hand."""
    for name, value in world.parameters(cloud.z).items():
        np.testing.assert_allclose(cloud.values[name], value, **ROUNDING, err_msg=name)
    assert np.isfinite(cloud.evidence).all()
    for name in kinds:
        told = live_block(name, world.seated(cloud.values, cloud.luck), cloud.paths, world.months - 1)
        for month, evidence in told.items():
            kept = cloud.evidence[KINDS.index(name), month]
            np.testing.assert_allclose(kept, evidence, **ROUNDING, err_msg=f"{name}, month {month}")


def test_a_sweep_moves_each_block_and_keeps_its_evidence(world, cloud, mover):
    z, luck, evidence = before(cloud)
    accepted = mover.sweep(cloud, faint(world), world.months - 1)
    assert 0.1 < accepted < 1.0
    own = Part.of(world, *MONTHS_OF)
    assert moved_in(z, cloud.z) <= set(np.flatnonzero(own.rows))
    assert moved_in(luck, cloud.luck) <= set(np.flatnonzero(own.strands))
    assert moved_in(evidence, cloud.evidence) <= {KINDS.index(name) for name in MONTHS_OF}
    for name in MONTHS_OF:
        if Part.of(world, name).rows.any():
            assert moved_in(z, cloud.z) & set(np.flatnonzero(Part.of(world, name).rows)), name
    holds(world, cloud, MONTHS_OF)


def test_the_lean_moves_and_all_that_reads_it_keeps_its_evidence(world, cloud, mover):
    z, luck, evidence = before(cloud)
    lean = cloud.paths["between.lean"].copy()
    accepted = mover.move_lean(cloud, faint(world, 0.05), world.months - 1)
    assert 0.0 < accepted < 1.0
    assert moved_in(z, cloud.z)
    assert moved_in(luck, cloud.luck) == {STRANDS.index("lean")}
    assert moved_in(evidence, cloud.evidence) <= {KINDS.index(name) for name in ON_THE_LEAN}
    assert moved_in(lean, cloud.paths["between.lean"])
    holds(world, cloud, ON_THE_LEAN)


def test_to_live_again_moves_what_goes_along_and_all_evidence_is_that_of_whole_histories(world, cloud, mover):
    z, luck, _ = before(cloud)
    model = mover.relive(cloud, faint(world), world.months - 1)
    along = Part.of(world, *(name for name in BLOCKS if name not in MONTHS_OF))
    assert moved_in(z, cloud.z)
    assert moved_in(z, cloud.z) <= set(np.flatnonzero(along.rows))
    assert not moved_in(luck, cloud.luck)
    assert not cloud.stale
    holds(world, cloud, MONTHS_OF)
    _, whole, _ = live(world, cloud.values, cloud.luck, world.months - 1)
    np.testing.assert_allclose(cloud.evidence, whole, **ROUNDING)
    model.dismiss()


def test_the_rest_moves_and_the_model_stands_where_its_particles_would(world, cloud, mover):
    z, luck, _ = before(cloud)
    model = mover.relive(cloud, faint(world), world.months - 1)
    model, accepted = mover.move_rest(cloud, faint(world), world.months - 1, model)
    assert 0.0 < accepted < 1.0
    assert moved_in(z, cloud.z)
    assert (*STRANDS, OTHERS).index(OTHERS) in moved_in(luck, cloud.luck)
    again, whole, paths = live(world, cloud.values, cloud.luck, world.months - 1)
    np.testing.assert_allclose(cloud.evidence, whole, **ROUNDING)
    for name, path in paths.items():
        np.testing.assert_allclose(cloud.paths[name], path, **ROUNDING, err_msg=name)
    for name, state in again.states().items():
        np.testing.assert_allclose(model.states()[name], state, **ROUNDING, err_msg=name)


def test_evidence_is_weighed_by_its_powers_through_the_month_ones_own_or_anothers(world, cloud):
    power = np.arange(len(KINDS) * world.months).reshape(len(KINDS), world.months) % 3 / 2.0
    month = world.months // 2
    told = (power[:, : month + 1, np.newaxis] * cloud.evidence[:, : month + 1]).sum(axis=(0, 1))
    np.testing.assert_allclose(cloud.weighed(power, month), told)
    np.testing.assert_allclose(cloud.weighed(power, month, 2.0 * cloud.evidence), 2.0 * told)


def test_what_is_not_learned_is_drawn_from_its_prior_for_each_particle(world, cloud, mover):
    z, *_ = before(cloud)
    free = [
        place
        for place, name in enumerate(world.names)
        if name in world.table and not world.table[name].learned
    ]
    mover.draw_free(cloud)
    assert moved_in(z, cloud.z) == set(free)
    drawn = cloud.z[free]
    assert np.unique(drawn).size == drawn.size
    assert abs(drawn.mean()) < 4.0 / drawn.size**0.5
    assert drawn.std() == pytest.approx(1.0, abs=3.0 / drawn.size**0.5)
    holds(world, cloud, ())


def test_a_refused_redraw_leaves_the_luck_as_it_was(world, cloud, mover):
    """Of evidence that rules everything else out nothing is accepted, and nothing is left behind."""
    z, luck, _ = before(cloud)
    cloud.evidence[:] = 1e6  # what is proposed could not be likelier
    mover.sweep(cloud, np.ones((len(KINDS), world.months)), world.months - 1)
    mover.move_lean(cloud, np.ones((len(KINDS), world.months)), world.months - 1)
    assert np.array_equal(cloud.luck, luck)
    swept = np.flatnonzero(Part.of(world, *MONTHS_OF).rows)
    told = [p for p in swept if world.names[p] in world.table]
    assert np.array_equal(cloud.z[told], z[told])
