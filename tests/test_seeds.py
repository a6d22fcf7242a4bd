"""One domain for every seed: what lies beyond is refused before anything is done."""

import numpy as np
import pytest

from sim import AlignmentModel, forecast, hindcast, read_scenario, simulate
from sim.assimilation import assimilate
from sim.draws.randomness import valid_seed


@pytest.mark.parametrize("seed", [-1, 2**63, 1.5, "1", None])
def test_a_seed_beyond_its_domain_is_refused_before_anything_is_done(tmp_path, seed):
    allowed = "allowed: a whole number from 0 to 9223372036854775807"
    for make in (
        lambda: forecast("baseline", members=2, seed=seed, learned=False, output=tmp_path),
        lambda: simulate(read_scenario("baseline"), members=2, seed=seed),
        lambda: assimilate("baseline", particles=16, seed=seed, cache=tmp_path),
        lambda: hindcast(seed=seed, keep=tmp_path),
    ):
        with pytest.raises(ValueError, match=allowed):
            make()
    if seed is not None:
        with pytest.raises(ValueError, match=allowed):
            forecast("baseline", members=2, learning_seed=seed, output=tmp_path)
        with pytest.raises(ValueError, match=allowed):
            AlignmentModel("baseline", seed=seed)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("seed", [0, 2**63 - 1, np.int64(3)])
def test_a_seed_at_the_ends_of_its_domain_works(seed):
    assert valid_seed(seed) == seed
    AlignmentModel("baseline", seed=seed).step()
