"""What sources count of a year's declarations weighs members once, not once more with its first half."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sim.clock import month_number
from sim.mechanisms.publication import alignment_log_density, poisson_log_chance
from sim.model.alignment import AlignmentModel
from sim.record.observations import Record
from sim.scenario import Scenario
from sim.world.facts import Counted, Snapshot, gather

SPEC = Scenario(name="a-year", title="A year", as_of=date(2013, 2, 1), until=date(2013, 2, 28))
FACTS = gather(Record.load(), SPEC.as_of)
JUNE, DECEMBER = month_number(date(2012, 6, 1)), month_number(date(2012, 12, 1))
HALF, YEAR = Counted(True, 30, 5, None), Counted(False, 70, 12, None)


def weighed(**counted):
    """Return by month the evidence of declarations issued, and the rates that members expected of each half-year."""
    facts = replace(FACTS, declarations={JUNE: counted.get("june", ()), DECEMBER: counted["december"]})
    model = AlignmentModel(SPEC, seed=1, members=3, facts=facts)
    found, halves = {}, [np.zeros(3), np.zeros(3)]
    for month in range(DECEMBER + 1):
        model.step()
        halves[month > JUNE] += model.conditions.rate_russia + model.conditions.rate_other
        if "declarations issued" in model.evidence:
            found[month] = model.evidence["declarations issued"]
    return found, halves


def test_a_year_after_its_counted_half_weighs_what_the_second_half_adds():
    found, (first, second) = weighed(june=(HALF,), december=(YEAR,))
    assert set(found) == {JUNE, DECEMBER}
    assert found[JUNE] == pytest.approx(poisson_log_chance(30, first))
    assert found[DECEMBER] == pytest.approx(poisson_log_chance(70 - 30, second))


def test_a_year_alone_weighs_whole():
    found, (first, second) = weighed(december=(YEAR,))
    assert found[DECEMBER] == pytest.approx(poisson_log_chance(70, first + second))


def test_a_figure_of_an_odd_window_weighs_by_the_months_since_its_half_year_began():
    """The government's 10 of 14 of July 2014: known to the model as to its rivals."""
    spec = replace(SPEC, as_of=date(2014, 9, 1), until=date(2014, 9, 30))
    facts = gather(Record.load(), spec.as_of)
    july = month_number(date(2014, 7, 1))
    (odd,) = facts.published("cfsp_alignment", july)
    model = AlignmentModel(spec, seed=1, members=3, facts=facts)
    while model.tick < july:
        model.step()
    conditions, between = model.conditions, model.between
    joined = conditions.rate_russia * between.chance_russia + conditions.rate_other * between.chance_other
    share = joined / (conditions.rate_russia + conditions.rate_other)
    noise = model.parameters["alignment_noise"]
    expected = alignment_log_density(np.full(3, odd.value), share, np.full(3, 14.0), noise)
    np.testing.assert_allclose(model.evidence["cfsp_alignment"], expected)


def test_a_snapshot_weighs_by_the_months_of_its_window_and_by_no_others():
    """The Commission's windows, September to August: what comes before and after a window is not in it."""
    march, august = month_number(date(2012, 3, 1)), month_number(date(2012, 8, 1))
    earlier = Snapshot(month_number(date(2012, 1, 1)), 0.9)
    facts = replace(
        FACTS, figures={}, declarations={}, snapshots={august: Snapshot(march, 0.7), march - 1: earlier}
    )
    model = AlignmentModel(SPEC, seed=1, members=3, facts=facts)
    issued, joined, found = np.zeros(3), np.zeros(3), {}
    for month in range(DECEMBER + 1):
        model.step()
        if march <= month <= august:
            given, between = model.conditions, model.between
            issued += given.rate_russia + given.rate_other
            joined += given.rate_russia * between.chance_russia + given.rate_other * between.chance_other
        if "cfsp_alignment" in model.evidence:
            found[month] = model.evidence["cfsp_alignment"]
    assert set(found) == {march - 1, august}
    expected = alignment_log_density(
        np.full(3, 0.7), joined / issued, issued, model.parameters["alignment_noise"]
    )
    np.testing.assert_allclose(found[august], expected)
