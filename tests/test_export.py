"""Posteriors as the installed ArviZ reads them."""

from datetime import date
from importlib.metadata import PackageNotFoundError

import numpy as np
import pytest

from sim.assimilation import assimilate, posterior as posteriors, to_arviz
from sim.scenario import Scenario

SPEC = Scenario(name="short", title="A short history", as_of=date(2013, 1, 10), until=date(2015, 6, 30))


@pytest.fixture(scope="module")
def posterior():
    return assimilate(SPEC, particles=32, cache=False)


def no_arviz(name):
    raise PackageNotFoundError(name)


@pytest.mark.parametrize("installed", [no_arviz, lambda name: "1.3.0"])
def test_it_is_a_tree_of_chains_and_draws(posterior, monkeypatch, installed):
    monkeypatch.setattr(posteriors, "version", installed)
    tree = to_arviz(posterior)
    assert set(tree.children) == {"posterior", "prior", "sample_stats"}
    weight = tree["posterior"]["gas_weight"]
    assert weight.dims == ("chain", "draw")
    own, island = posterior.data["gas_weight"].to_numpy(), posterior.data["island"].to_numpy()
    for number, chain in enumerate(weight.to_numpy()):  # each chain an island, in an order that means nothing
        np.testing.assert_array_equal(np.sort(chain), np.sort(own[island == number]))
    assert not np.array_equal(weight.to_numpy().ravel(), own)
    place = dict(zip(own, posterior.data["log_probability"].to_numpy(), strict=True))
    lp = tree["sample_stats"]["lp"].to_numpy().ravel()
    np.testing.assert_array_equal(
        lp, [place[value] for value in weight.to_numpy().ravel()], "with its own score"
    )
    assert not np.array_equal(weight, tree["prior"]["gas_weight"])


@pytest.mark.filterwarnings("ignore")  # ArviZ warns of its own next versions
def test_the_installed_arviz_sums_it_up(posterior):
    az = pytest.importorskip("arviz")
    summary = az.summary(to_arviz(posterior), var_names=["gas_weight"])
    assert float(summary["mean"].iloc[0]) == pytest.approx(
        float(posterior.data["gas_weight"].mean()), abs=0.01
    )
