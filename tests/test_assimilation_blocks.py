"""The table of blocks is what the model is: which parameter and which luck touches which evidence."""

from collections import Counter
from copy import deepcopy
from datetime import date

import numpy as np
import pytest

from sim.assimilation.blocks import BLOCKS, FAMILIES, LEAN, REST, block_of, control_of, family_of
from sim.assimilation.conditional import LEANS, MONTHS_OF, ON_THE_LEAN, live_block, live_lean
from sim.assimilation.particles import KINDS, OTHERS, Part, Particles, Problem, live
from sim.draws.randomness import STRANDS
from sim.parameters.table import parameter_table
from sim.quantities.catalogue import TARGETS
from sim.record.observations import Record
from sim.scenario import Scenario, read_scenario
from sim.world.facts import gather

BASES = 8
LAST_DIGITS = 1e-9  # what cancels leaves a last digit on some processors and with some NumPy
MARCH = read_scenario("march-2023")
TURNED = Scenario(
    name="turned",
    title="Sanctions are on record",
    state="north-macedonia",
    as_of=date(2025, 12, 31),
    until=date(2026, 6, 30),
)
WHOLE = Scenario(name="whole", title="The whole record", as_of=date(2024, 2, 1), until=date(2024, 2, 29))
TODAY = read_scenario("today")
"""Of an origin that knows a share of declarations joined of another window than half-years and years."""
RECORD = Record.load()
TABLE = parameter_table()
CUT = [name for name, block in BLOCKS.items() if block.cut]
NOT_CUT = [name for name, block in BLOCKS.items() if not block.cut]


def problem_of(spec, size=2 * BASES):
    record = Record.load(spec.state)
    return Problem(spec, gather(record, spec.as_of), spec.parameter_set(), 1, 0, size)


def kinds_of(problem, z, luck):
    """Return the evidence by kind as the model names it, shape (months, particles)."""
    model = problem.model(problem.parameters(z), luck)
    found = {}
    for month in range(problem.months):
        model.step()
        for kind, log_density in model.evidence.items():
            found.setdefault(kind, np.zeros((problem.months, z.shape[1])))[month] = log_density
    model.dismiss()
    return found


def effects_in(spec):
    """Return what each coordinate and each strand of luck moves when it alone is drawn again, and all kinds.

    Eight particles are lived as they are, and once more for every coordinate and strand with that one from another
    particle; all of them are members of the same model.
    """
    problem = problem_of(spec)
    particles = Particles.from_prior(problem)
    own, other = slice(0, BASES), slice(BASES, 2 * BASES)
    changed = [*problem.names, *STRANDS, OTHERS]
    z = np.tile(particles.z[:, own], 1 + len(changed))
    luck = np.tile(particles.luck[:, :, own], 1 + len(changed))
    for place, name in enumerate(changed, start=1):
        here = slice(place * BASES, (place + 1) * BASES)
        if name in problem.names:
            z[problem.names.index(name), here] = particles.z[problem.names.index(name), other]
        else:
            luck[(*STRANDS, OTHERS).index(name), :, here] = particles.luck[0, :, other]
    found = {name: set() for name in changed}
    evidence = kinds_of(problem, z, luck)
    for kind, values in evidence.items():
        months, columns = values.shape
        by_change = values.reshape(months, columns // BASES, BASES)
        alike = np.isclose(by_change, by_change[:, :1], rtol=0.0, atol=LAST_DIGITS)
        moved = ~alike.all(axis=(0, 2))
        for name, moves in zip(changed, moved[1:], strict=True):
            if moves:
                found[name].add(kind)
    told = {kind for kind, values in evidence.items() if values.any()}
    return found, told


@pytest.fixture(scope="module", params=[MARCH, WHOLE], ids=["march-2023", "whole record"])
def effects(request):
    return effects_in(request.param)


@pytest.fixture(scope="module")
def whole():
    return effects_in(WHOLE)


def moved_by(block, found):
    return set().union(*(found[name] for name in (*block.parameters, *block.strands)))


@pytest.mark.parametrize("name", NOT_CUT)
def test_a_block_touches_its_own_evidence_and_no_other(effects, name):
    found, told = effects
    block = BLOCKS[name]
    assert moved_by(block, found) == set(block.evidence) & told


@pytest.mark.parametrize("name", CUT)
def test_a_cut_block_touches_its_own_evidence_and_other_evidence_too(effects, name):
    found, told = effects
    block = BLOCKS[name]
    moved = moved_by(block, found)
    assert moved > set(block.evidence) & told
    assert "no sanctions" in moved, "by way of the lean"


@pytest.mark.parametrize("name", BLOCKS)
def test_everything_in_a_block_matters_to_its_own_evidence(whole, name):
    block = BLOCKS[name]
    idle = NOTHING_YET | AFFINITY
    for each in (*block.parameters, *block.strands):
        assert bool(whole[0][each] & set(block.evidence)) == (each not in idle), each


AFFINITY = {
    "affinity_start",
    "affinity_mean",
    "war_shock_affinity",
    "affinity",
}
"""Of opinion, what no poll asks: only the correlation of shocks would tell, and each is drawn by itself here."""

NOTHING_YET = {
    "dependence_start",  # it cancels until gas from elsewhere was signed for
    "diversification_cost",  # whether gas from elsewhere was signed for is not on record
    "diversification_precision",
    "diversification_step",
}
"""What may be learned, but that no evidence depends on up to February 2024."""


REPORTS = {"reports of deliveries", "denials", "statements of concern"}

LEFT_ALONE = {
    "affinity_noise",  # by way of the lean, a little
    "affinity_pull",
    "belief_forgetting",  # these from the first report of 2023 on
    "belief_prior",
    "denial_candour",
    "denial_gain",
    "denial_precision",
    "displeasure_belief",
    "document_trust",
    "report_documented",
    "report_trust",
}
"""Not learned although evidence depends on it, since the answers hardly do (decision 0018)."""


def test_parameters_that_are_not_learned_touch_nothing_but_by_decision(effects):
    found, _ = effects
    free = {name for name, entry in TABLE.items() if not entry.learned and name in found}
    assert free > LEFT_ALONE
    for name in free - LEFT_ALONE:
        assert not found[name], name


def test_what_is_left_alone_touches_evidence_and_most_of_it_that_of_reports_alone(whole):
    found, _ = whole
    for name in LEFT_ALONE:
        assert found[name], name
        if not name.startswith("affinity"):
            assert found[name] & REPORTS, name


def test_controls_touch_nothing(effects):
    found, _ = effects
    for kind in KINDS:
        assert not found[control_of(kind)], kind


def test_parameters_that_can_be_learned_touch_some_evidence(whole):
    idle = {name for name, entry in TABLE.items() if entry.learned and not whole[0][name]}
    assert idle == NOTHING_YET


IN_NO_BLOCK = {"gas contract", "reports of deliveries", "veto trade", "denials", "statements of concern"}
"""Evidence from which only the rest is learned, since what it says reaches far."""


def test_all_evidence_is_told_by_the_whole_record_and_each_kind_has_its_place(whole):
    blocks = {kind for block in BLOCKS.values() for kind in block.evidence}
    assert blocks | IN_NO_BLOCK == whole[1], (
        "a kind of evidence belongs to a block, or to the rest on purpose"
    )
    assert {kind for target in TARGETS.values() for kind in target.evidence} <= whole[1]


def test_the_names_exist_and_each_belongs_to_one_block():
    parameters = Counter(name for block in BLOCKS.values() for name in block.parameters)
    strands = Counter(name for block in BLOCKS.values() for name in block.strands)
    kinds = Counter(name for block in BLOCKS.values() for name in block.evidence)
    assert set(parameters) <= {name for name, entry in TABLE.items() if entry.learned}
    assert set(strands) <= set(STRANDS)
    for count in (parameters, strands, kinds):
        assert set(count.values()) == {1}
    for name, block in BLOCKS.items():
        assert {block_of(kind) for kind in block.evidence} == {name}
        assert family_of(name) in FAMILIES
    assert block_of("veto trade") == REST


def test_parts_share_out_all_that_is_learned_and_nothing_else():
    problem = problem_of(MARCH)
    parts = [Part.of(problem, kind) for kind in KINDS]
    owners = sum(part.rows.astype(int) for part in parts)
    table = problem.table
    learned = [name not in table or table[name].learned for name in problem.names]
    np.testing.assert_array_equal(owners, np.array(learned, dtype=int))
    np.testing.assert_array_equal(sum(part.strands.astype(int) for part in parts), 1)
    np.testing.assert_array_equal(sum(part.kinds.astype(int) for part in parts), 1)
    together = Part.of(problem, *KINDS)
    np.testing.assert_array_equal(together.rows, owners > 0)
    assert together.strands.all()
    assert together.kinds.all()


def test_rows_of_the_evidence_add_up_to_all_of_it():
    problem = problem_of(MARCH, BASES)
    particles = Particles.from_prior(problem)
    model, evidence, _ = live(problem, problem.parameters(particles.z), particles.luck, problem.months - 1)
    by_kind = kinds_of(problem, particles.z, particles.luck)
    for name, block in BLOCKS.items():
        own = sum(by_kind[kind] for kind in block.evidence if kind in by_kind)
        np.testing.assert_allclose(evidence[KINDS.index(name)], own, atol=1e-12)
    np.testing.assert_allclose(evidence.sum(axis=0), sum(by_kind.values()), atol=1e-9)
    assert model.tick == problem.months - 1


def test_a_family_is_taken_whole_and_the_rest_stays():
    problem = problem_of(MARCH, BASES)
    particles = Particles.from_prior(problem)
    _, particles.evidence, particles.paths = live(problem, particles.values, particles.luck, 40)
    before, particles.month = deepcopy(particles), 40
    part = Part.of(problem, "opinion")
    indices = np.array([3, 3, 3, 0, 1, 2, 7, 7])
    particles.take(part, indices)
    np.testing.assert_array_equal(particles.z[part.rows], before.z[part.rows][:, indices])
    np.testing.assert_array_equal(particles.z[~part.rows], before.z[~part.rows])
    np.testing.assert_array_equal(particles.evidence[part.kinds], before.evidence[part.kinds][:, :, indices])
    np.testing.assert_array_equal(particles.evidence[~part.kinds], before.evidence[~part.kinds])
    np.testing.assert_array_equal(
        particles.luck[part.strands, :41], before.luck[part.strands, :41][:, :, indices]
    )
    np.testing.assert_array_equal(particles.luck[part.strands, 41:], before.luck[part.strands, 41:])
    np.testing.assert_array_equal(particles.luck[~part.strands], before.luck[~part.strands])
    for name, path in before.paths.items():
        np.testing.assert_array_equal(particles.paths[name], path)
    assert particles.stale == {"opinion"}, "its evidence is of the paths that it came from"
    for name, values in problem.parameters(particles.z).items():
        np.testing.assert_array_equal(particles.values[name], values)
    particles.take(Part.of(problem, REST), indices)
    for name, path in before.paths.items():
        np.testing.assert_array_equal(
            particles.paths[name], path[..., indices], "what others read goes with the lean"
        )
    assert particles.stale == set(KINDS), "the evidence of all others is of paths that were taken away"


def lived(name, problem, parameters, luck, paths):
    """Return a block's evidence as the whole model's is kept, shape (months, particles)."""
    evidence = np.zeros((problem.months, luck.shape[2]))
    last = problem.months - 1
    for month, told in live_block(name, problem, parameters, luck, paths=paths, until=last).items():
        evidence[month] = told
    return evidence


@pytest.mark.parametrize("spec", [MARCH, WHOLE, TODAY], ids=["march-2023", "whole record", "today"])
@pytest.mark.parametrize("name", MONTHS_OF)
def test_a_block_lived_by_itself_gives_the_evidence_of_the_whole_model(name, spec):
    problem = problem_of(spec, BASES)
    particles = Particles.from_prior(problem)
    parameters = problem.parameters(particles.z)
    _, evidence, paths = live(problem, parameters, particles.luck, problem.months - 1)
    # another set of the block's parameters and luck, given the same paths of all else
    part = Part.of(problem, name)
    z, luck = particles.z.copy(), particles.luck.copy()
    z[part.rows], luck[part.strands] = z[part.rows][:, ::-1], luck[part.strands][:, :, ::-1]
    own = lived(name, problem, parameters, particles.luck, paths)
    other = lived(name, problem, problem.parameters(z), luck, paths)
    np.testing.assert_array_equal(own, evidence[KINDS.index(name)])
    assert not np.array_equal(own, other)
    if not BLOCKS[name].cut:  # nothing else reads it, so that the whole model agrees there too
        _, moved, _ = live(problem, problem.parameters(z), luck, problem.months - 1)
        np.testing.assert_array_equal(other, moved[KINDS.index(name)])


@pytest.mark.parametrize("spec", [MARCH, WHOLE], ids=["march-2023", "whole record"])
def test_the_lean_lived_by_itself_is_that_of_the_whole_model_and_so_is_all_evidence_that_reads_it(spec):
    problem = problem_of(spec, BASES)
    particles = Particles.from_prior(problem)
    last = problem.months - 1
    _, evidence, paths = live(problem, problem.parameters(particles.z), particles.luck, last)
    rows, strands = np.isin(problem.names, LEAN.parameters), np.isin((*STRANDS, OTHERS), LEAN.strands)
    z, luck = particles.z.copy(), particles.luck.copy()
    z[rows], luck[strands] = z[rows][:, ::-1], luck[strands][:, :, ::-1]
    parameters = problem.parameters(z)
    _, moved, whole = live(problem, parameters, luck, last)
    alone = live_lean(problem, parameters, luck, paths=paths, until=last)
    for name in LEANS:
        np.testing.assert_array_equal(alone[name], whole[name])
        assert not np.allclose(alone[name], paths[name])
    for place, kind in enumerate(KINDS):
        if kind in ON_THE_LEAN:
            own = lived(kind, problem, parameters, luck, alone)
            np.testing.assert_array_equal(own, moved[place], err_msg=kind)
            assert not np.array_equal(own, evidence[place]), kind
        else:
            np.testing.assert_array_equal(moved[place], evidence[place], kind)


def test_the_lean_alone_is_moved_by_what_no_other_block_has():
    own = {*LEAN.parameters, *LEAN.strands}
    for name, block in BLOCKS.items():
        assert not own & {*block.parameters, *block.strands}, name
    assert set(LEAN.parameters) <= {name for name, entry in TABLE.items() if entry.learned}


@pytest.mark.parametrize("name", MONTHS_OF)
def test_a_block_of_a_state_that_imposed_sanctions_gives_the_evidence_of_the_whole_model(name):
    problem = problem_of(TURNED, BASES)
    particles = Particles.from_prior(problem)
    parameters = problem.parameters(particles.z)
    _, evidence, paths = live(problem, parameters, particles.luck, problem.months - 1)
    own = lived(name, problem, parameters, particles.luck, paths)
    np.testing.assert_array_equal(own, evidence[KINDS.index(name)])
