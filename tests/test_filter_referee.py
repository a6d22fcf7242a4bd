"""The filter against an exact referee: where the model is linear and Gaussian, the Kalman filter knows the answer.

With its parameters fixed and no pull from the lean the UN ideal point is a random walk, of which the record has yearly
means with noise: nothing else in the model answers to it. Source: Kalman (1960), Journal of Basic Engineering 82(1).
"""

from datetime import date

import numpy as np
import pytest

from sim.assimilation import assimilate
from sim.clock import month_number
from sim.record.observations import Record
from sim.scenario import with_beliefs
from sim.verification.variants import VARIANTS, scenario_at
from sim.world.facts import gather

ORIGIN = date(2018, 1, 1)
STEP, NOISE, FIRST, SPREAD = 0.1, 0.03, 0.45, 0.08
"""A livelier walk and a sharper figure than the priors have: a filter that learned nothing would be far off."""


def kalman(published: dict[int, float], months: int) -> tuple[float, float]:
    """Return mean and standard deviation of the ideal point after `months`, given yearly means by their last month.

    The state is the ideal point and the sum of the year's months so far; `FIRST` and `SPREAD` stand before month 0.
    """
    mean, cov = np.array([FIRST, 0.0]), np.diag([SPREAD**2, 0.0])
    for month in range(months):
        move = np.array([[1.0, 0.0], [1.0, float(month % 12 != 0)]])  # in January the sum begins again
        mean = move @ mean
        shock = np.array([1.0, 1.0])
        cov = move @ cov @ move.T + STEP**2 / 12.0 * np.outer(shock, shock)
        if month in published:
            seen = np.array([0.0, 1.0 / 12.0])
            gain = cov @ seen / (seen @ cov @ seen + NOISE**2)
            mean = mean + gain * (published[month] - seen @ mean)
            cov = cov - np.outer(gain, seen @ cov)
    return float(mean[0]), float(np.sqrt(cov[0, 0]))


@pytest.fixture(scope="module")
def learned():
    """Return the particles' ideal points at the origin, shape (particles,)."""
    fixed = {"un_step": STEP, "un_noise": NOISE, "un_link": 0.0}
    spec = with_beliefs(scenario_at(ORIGIN, date(2018, 12, 31), VARIANTS[0]), fixed, source="a known world")
    posterior = assimilate(spec, particles=1024, cache=False)
    states = posterior.start(np.arange(1024), seed=1).states
    return next(values for name, values in states.items() if name.endswith(".un_latent"))


def test_the_filter_finds_what_the_kalman_filter_knows(learned):
    facts = gather(Record.load(), ORIGIN)
    months = month_number(ORIGIN)
    published = {
        month: seen.value for month in range(months) for seen in facts.published("un_position", month)
    }
    assert len(published) >= 4
    mean, sd = kalman(published, months)
    prior_sd = (SPREAD**2 + months * STEP**2 / 12.0) ** 0.5
    assert sd < 0.6 * prior_sd, "the record tells much, so that there is something to find"
    # an error as of a hundred independent particles, four times over
    assert abs(learned.mean() - mean) < 4.0 * sd / 100**0.5
    assert learned.std() == pytest.approx(sd, rel=0.25)
