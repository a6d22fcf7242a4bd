"""Rivals know only what was known, and give the answer that simple cases have."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.special import stdtrit

from sim.mechanisms.scales import logistic, logit
from sim.record.observations import Record
from sim.rivals import OF_FIGURES, SHRUNK, events, figures
from sim.rivals.figures import LEVELS, SIZE, spread_of
from sim.rivals.series import Past, known, slot, with_other_houses
from sim.verification import Case, cases, rival_forecasts

RECORD = Record.load()
ORIGIN = date(2019, 7, 1)
RIVALS = pytest.mark.parametrize("name", OF_FIGURES)


def planted(record, table, **row):
    """Return the record with another row, like the table's last one but for what is given."""
    resource = record.resources[table]
    more = replace(resource, rows=(*resource.rows, {**resource.rows[-1], **row}))
    return replace(record, resources={**record.resources, table: more})


def with_news(known_on):
    """Return the record with a loud row in every table that a rival reads, known on this day."""
    record = RECORD
    for target, value in (("cfsp_alignment", 0.05), ("un_position", 3.0), ("eu_support", 0.95)):
        start = None if target == "eu_support" else date(2018, 1, 1)
        end = date(2018, 12, 31)
        record = planted(
            record, "observations", target=target, start=start, end=end, value=value, known_on=known_on
        )
    record = planted(
        record,
        "polls",
        date=date(2019, 4, 1),
        pollster="Ipsos",
        subgroup=None,
        known_on=known_on,
        **{"for": 0.9},
    )
    for kind in ("crimea", "aggression"):
        record = planted(
            record, "un_votes", kind=kind, serbia="yes", date=date(2019, 6, 1), known_on=known_on
        )
    record = planted(record, "accession", kind="opened", date=date(2014, 8, 1), known_on=known_on)
    return planted(record, "joins", date=date(2018, 6, 2), joined=1, counts_as_sanctions=1, known_on=known_on)


def asked():
    return cases(RECORD, [ORIGIN], leads=(6, 12))


@pytest.fixture(scope="module")
def as_it_was():
    return [rival_forecasts(RECORD, case) for case in asked()]


def test_a_value_planted_later_moves_no_rival(as_it_was):
    later = with_news(date(2019, 7, 2))
    assert len(as_it_was) > 6
    for case, before in zip(asked(), as_it_was, strict=True):
        for name, forecast in rival_forecasts(later, replace(case, outcome=99.0)).items():
            assert np.array_equal(forecast, before[name]), (case.target, name)


def test_a_value_planted_earlier_moves_rivals_of_every_target(as_it_was):
    earlier = with_news(ORIGIN)
    moved = {
        case.target
        for case, before in zip(asked(), as_it_was, strict=True)
        for name, forecast in rival_forecasts(earlier, case).items()
        if not np.array_equal(forecast, before[name])
    }
    # the window that decides alignment_half lies ahead; how earlier ones came out is published only once
    assert moved >= {case.target for case in asked()} - {"alignment_half"}


def test_every_rival_gives_a_sample_in_order_and_within_bounds(as_it_was):
    for case, found in zip(asked(), as_it_was, strict=True):
        for name, forecast in found.items():
            if case.classes:
                assert forecast.shape == (case.classes,)
                assert forecast.sum() == pytest.approx(1.0)
                assert 0.0 < forecast.min() < forecast.max() < 1.0, (
                    "never sure, so that log scores are finite"
                )
                continue
            assert forecast.shape == (SIZE,), name
            assert (np.diff(forecast) >= 0.0).all(), name
            if case.target in ("cfsp_alignment", "eu_support"):
                assert 0.0 < forecast[0] < forecast[-1] < 1.0
            if case.target == "chapters_opened":
                assert forecast[0] >= 16.0, "sixteen were open, and none is closed"
                assert (forecast == np.rint(forecast)).all()


def test_the_same_case_gives_the_same_numbers(as_it_was):
    case = asked()[0]
    again = rival_forecasts(RECORD, case)
    assert all(np.array_equal(again[name], as_it_was[0][name]) for name in again)


def past_of(values, *, noise=0.01, target="un_position"):
    values = np.array(values, dtype=float)
    return Past(target, np.arange(values.size), values, np.zeros(values.size, dtype=bool), 0.0, noise)


def ahead(past, steps):
    """Return the case whose figure lies so many steps after the last one known."""
    year = 2012 + int(past.slots[-1]) + steps - 1
    end = date(year, 12, 31)
    return Case("un_position", "figure", date(year, 1, 1), 12, date(year, 1, 1), end, np.nan)


@pytest.mark.parametrize("name", sorted(set(OF_FIGURES) - {SHRUNK, "simple smoothing", "mean reversion"}))
def test_of_a_constant_series_only_the_noise_of_publication_is_left(name):
    past = past_of([0.4] * 10, noise=0.05)
    sample = OF_FIGURES[name](past, ahead(past, 2))
    assert np.median(sample) == pytest.approx(0.4)
    middle = np.quantile(sample, [0.25, 0.75])
    assert np.ptp(middle) == pytest.approx(2 * 0.674 * 0.05, rel=0.25)


@pytest.mark.parametrize("name", ["random walk with drift", "ETS", "ARIMA"])
def test_a_line_is_carried_on_by_those_who_know_trends(name):
    past = past_of(0.1 * np.arange(14) + 0.001 * np.cos(np.arange(14.0)))
    sample = OF_FIGURES[name](past, ahead(past, 3))
    slack = 0.1 if name == "ETS" else 0.01  # its trend is damped
    assert np.median(sample) == pytest.approx(1.6, abs=slack)


def test_persistence_keeps_the_last_figure_with_the_spread_of_changes_over_the_same_steps():
    past = past_of([0.0, 0.3, 0.1, 0.5, 0.2, 0.2])
    changes = np.array([0.1, 0.2, 0.1, -0.3])
    assert np.allclose(figures.changes_over(past, 2), changes)
    expected = 0.2 + np.sqrt(np.mean(changes**2)) * stdtrit(4.0, LEVELS)
    assert np.allclose(figures.persistence(past, ahead(past, 2)), expected)


def test_climatology_has_the_mean_and_spread_of_all_figures_whatever_the_lead():
    values = np.array([0.1, 0.5, 0.3, 0.4])
    past = past_of(values)
    expected = values.mean() + values.std(ddof=1) * np.sqrt(1.25) * stdtrit(3.0, LEVELS)
    assert np.allclose(figures.climatology(past, ahead(past, 1)), expected)
    assert np.allclose(figures.climatology(past, ahead(past, 3)), expected)


def test_climatology_of_a_count_that_grows_is_of_its_changes():
    past = replace(past_of([0, 2, 4, 6, 8, 10], target="chapters_opened"), current=10.0)
    case = Case("chapters_opened", "count", date(2015, 1, 1), 6, None, date(2015, 6, 30), np.nan)
    assert past.steps_to(case) == 2
    assert np.median(figures.climatology(past, case)) == 14.0


def test_drift_adds_the_mean_step_and_its_error():
    past = replace(
        past_of([0.0, 0.2, 0.1, 0.4, 0.5]), slots=np.array([0, 1, 2, 4, 5])
    )  # a gap in the fourth year
    left = np.array([0.2 - 0.1, -0.1 - 0.1, (0.3 - 0.2) / np.sqrt(2.0), 0.1 - 0.1])
    scale = np.sqrt(np.sum(left**2) / 3.0) * np.sqrt(2.0 * (1.0 + 2.0 / 5.0))
    assert np.allclose(figures.drift(past, ahead(past, 2)), 0.7 + scale * stdtrit(3.0, LEVELS))


def test_local_level_smooths_more_the_more_noise_there_is():
    wiggles = [0.5, 0.3, 0.52, 0.31, 0.48, 0.33, 0.5, 0.3]
    noisy, sharp = past_of(wiggles, noise=0.2), past_of(wiggles, noise=1e-4)
    assert np.median(OF_FIGURES["local level"](noisy, ahead(noisy, 1))) == pytest.approx(0.4, abs=0.04)
    assert np.median(OF_FIGURES["local level"](sharp, ahead(sharp, 1))) == pytest.approx(0.3, abs=0.01)


@RIVALS
@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_little_known_is_wide_but_finite(name, size):
    past = past_of([0.4, 0.41, 0.39, 0.4, 0.42][:size])
    sample = OF_FIGURES[name](past, ahead(past, 1))
    assert np.isfinite(sample).all()
    if size < 3:
        low, high = np.quantile(sample, [0.05, 0.95])
        assert high - low > 0.25, "the usual change of a year, .1, and heavy tails"


def test_the_rule_for_few():
    assert spread_of(np.array([0.1, -0.1]), fitted=0, usual=0.4, noise=0.0) == (0.4, 2.0)
    assert spread_of(np.empty(0), fitted=1, usual=0.4, noise=0.0) == (0.4, 2.0)
    scale, freedom = spread_of(np.array([0.1, -0.1, 0.1]), fitted=1, usual=0.4, noise=0.0)
    assert (scale, freedom) == (pytest.approx(np.sqrt(0.03 / 2)), 2.0)
    assert spread_of(np.zeros(9), fitted=1, usual=0.4, noise=0.05) == (0.05, 8.0)


def test_the_season_of_first_half_years_is_taken_out_and_put_back():
    half, year = (
        Case("cfsp_alignment", "figure", date(2020, 7, 1), 6, date(2021, 1, 1), end, np.nan)
        for end in (date(2021, 6, 30), date(2021, 12, 31))
    )
    past = known(RECORD, half)
    apart = [logit(np.array(a)) - logit(np.array(b)) for a, b in ((0.44, 28 / 54), (29 / 48, 52 / 91))]
    assert past.season == pytest.approx(np.mean(apart) * 2.0 / 3.0)
    assert past.published(half, np.zeros(3)) == pytest.approx(logistic(np.array([past.season] * 3)))
    assert past.published(year, np.zeros(3)) == pytest.approx(0.5)


def test_a_figure_of_an_odd_stretch_has_no_place_on_the_grid():
    case = Case("cfsp_alignment", "figure", date(2020, 7, 1), 6, date(2020, 1, 1), date(2020, 12, 31), np.nan)
    odd = {"start": date(2019, 6, 1), "end": date(2020, 3, 31), "known_on": date(2020, 6, 1), "value": 0.01}
    snapshot = planted(RECORD, "observations", target="cfsp_alignment", **odd)
    assert known(snapshot, case).values.tolist() == known(RECORD, case).values.tolist()


def test_the_grid_has_a_slot_for_each_half_year():
    days = {date(2012, 6, 30): 1, date(2012, 12, 31): 2, date(2018, 7, 31): 13, date(2022, 12, 15): 22}
    assert {day: slot(day, 2) for day in days} == days
    assert slot(date(2021, 12, 31), 1) == 10


def test_other_houses_fill_gaps_less_their_offset():
    case = Case("eu_support", "figure", date(2022, 7, 1), 6, None, date(2022, 12, 31), np.nan)
    only = replace(RECORD.resources["polls"], rows=())
    record = replace(RECORD, resources={**RECORD.resources, "polls": only})
    past = known(record, case)
    assert with_other_houses(record, past, case.origin).values.tolist() == past.values.tolist()
    row = RECORD.resources["polls"].rows[-1]

    def poll(day, value, pollster="Acme", subgroup=None):
        return {**row, "date": day, "pollster": pollster, "subgroup": subgroup, "known_on": day, "for": value}

    apart = float(logit(np.array(0.6)) - logit(np.array(0.48)))
    rows = (
        poll(date(2015, 12, 31), 0.6),  # the ministry's poll of the day says .48
        poll(date(2020, 6, 30), 0.5),
        poll(date(2022, 6, 25), 0.3, pollster="Unmeasured"),
        poll(date(2022, 6, 25), 0.3, subgroup="age=18-29"),
        poll(date(2022, 7, 15), 0.9),  # after the origin
    )
    record = replace(record, resources={**record.resources, "polls": replace(only, rows=rows)})
    filled = with_other_houses(record, past, case.origin)
    gap = slot(date(2020, 6, 30), 2)
    assert set(filled.slots) - set(past.slots) == {gap}
    between = float(np.interp(gap, past.slots, past.values))
    offset = (apart + logit(np.array(0.5)) - between) / 3.0  # the mean of two, times 2 / (2 + 1)
    assert filled.values[list(filled.slots).index(gap)] == pytest.approx(logit(np.array(0.5)) - offset)


def test_succession_of_events_is_k_plus_1_over_n_plus_2():
    """From January 2014, known by January 2019: nothing in the years from Jan and Jul 2014, an opening in all after."""
    (case,) = (c for c in cases(RECORD, [date(2019, 1, 1)]) if c.target == "chapter_within_year")
    assert events.succession(RECORD, case)[1] == pytest.approx((7 + 1) / (9 + 2))
    # seven stayed as they were of eight that followed another
    assert events.persistence(RECORD, case)[1] == pytest.approx((7 + 1) / (8 + 2))


def test_rivals_for_sanctions_count_from_when_there_were_any_to_join():
    (case,) = (c for c in cases(RECORD, [date(2016, 1, 1)]) if c.target == "sanctions_within_year")
    assert events.succession(RECORD, case)[1] == pytest.approx((0 + 1) / (2 + 2))


def test_rivals_for_votes_know_the_kinds_apart():
    crimea, war = (
        Case("un_votes", "votes", date(2022, 7, 1), 6, None, date(2022, 12, 1), np.nan, kind)
        for kind in ("crimea", "aggression")
    )
    for rival in (events.succession, events.persistence):
        assert rival(RECORD, crimea).argmax() == 0
    # by July 2022: eleven Crimea texts (one absence, ten with Russia), one on the aggression, two other emergency texts
    overall = np.array([10 + 1, 1 + 1, 3 + 1]) / 17.0
    assert np.allclose(events.succession(RECORD, crimea), (np.array([10, 1, 0]) + 3 * overall) / 14.0)
    assert np.allclose(events.succession(RECORD, war), (np.array([0, 0, 1]) + 3 * overall) / 4.0)
    assert events.persistence(RECORD, war).argmax() == 2


def test_nothing_known_is_no_forecast():
    case = Case("un_position", "figure", date(2012, 7, 1), 6, date(2012, 1, 1), date(2012, 12, 31), np.nan)
    assert rival_forecasts(RECORD, case) == {}
    vote = Case("un_votes", "votes", date(2012, 7, 1), 6, None, date(2012, 12, 1), np.nan, "crimea")
    assert np.allclose(rival_forecasts(RECORD, vote)["persistence"], 1.0 / 3.0)


CHANGES = st.lists(st.floats(-2.0, 2.0), max_size=12).map(np.array)


@given(CHANGES, st.integers(1, 6), st.floats(0.05, 1.0))
def test_a_shrunk_spread_lies_between_what_is_usual_and_what_was_seen(changes, overlap, usual):
    scale, freedom = figures.shrunk_scale(changes, overlap=overlap, usual=usual)
    prior = usual * np.sqrt((figures.WORTH - 2.0) / figures.WORTH)
    seen = float(np.sqrt(np.mean(changes**2))) if changes.size else prior
    assert min(prior, seen) - 1e-12 <= scale <= max(prior, seen) + 1e-12
    assert freedom == pytest.approx(figures.WORTH + changes.size / overlap)


def test_a_shrunk_spread_forgets_what_is_usual_as_more_is_seen():
    seen = np.tile([0.3, -0.3], 400)
    assert figures.shrunk_scale(seen, overlap=1, usual=0.1)[0] == pytest.approx(0.3, rel=0.01)
    none, _ = figures.shrunk_scale(np.empty(0), overlap=1, usual=0.1)
    # the variance of Student's t with this scale is the usual change squared
    assert none**2 * figures.WORTH / (figures.WORTH - 2.0) == pytest.approx(0.1**2)


def test_shrunk_persistence_keeps_the_last_figure():
    past = past_of([0.0, 0.3, 0.1, 0.5, 0.2, 0.2])
    changes = np.array([0.1, 0.2, 0.1, -0.3])
    nu, n = figures.WORTH, changes.size / 2.0
    prior = (nu - 2.0) / nu * (0.1 * np.sqrt(2.0)) ** 2
    scale = np.sqrt((nu * prior + n * np.mean(changes**2)) / (nu + n))
    expected = 0.2 + scale * stdtrit(nu + n, LEVELS)
    assert np.allclose(figures.shrunk_persistence(past, ahead(past, 2)), expected)


def test_simple_smoothing_weighs_the_newest_figure_most_and_gaps_by_their_length():
    past = past_of([0.0, 1.0])
    assert np.median(figures.simple_smoothing(past, ahead(past, 1))) == pytest.approx(0.8)
    gap = replace(past, slots=np.array([0, 2]))
    assert np.median(figures.simple_smoothing(gap, ahead(gap, 1))) == pytest.approx(1.0 - 0.2**2)


def test_mean_reversion_keeps_less_of_the_distance_the_farther_ahead():
    past = past_of([0.0, 0.0, 0.0, 1.0])
    centres = [np.median(figures.mean_reversion(past, ahead(past, steps))) for steps in (1, 2, 8)]
    assert centres == pytest.approx([0.25 + 0.75 * figures.KEPT**k for k in (1, 2, 8)])


def chapters(values, steps):
    """Return the past of a count by half-years from January 2012, and the case so many half-years after."""
    past = replace(past_of(values, target="chapters_opened"), current=float(values[-1]))
    year, half = divmod(len(values) - 1 + steps, 2)
    end = date(2012 + year, 6, 30) if half else date(2011 + year, 12, 31)
    case = Case("chapters_opened", "count", date(2012, 1, 1), 6, None, end, np.nan)
    assert past.steps_to(case) == steps
    return past, case


def test_a_count_that_stood_still_is_expected_to_and_one_that_moved_to_move():
    """A half-year like the one before: three of four by other states, all eight pairs seen here."""
    again = (3.0 + 8.0) / (4.0 + 8.0)
    still = figures.shrunk_persistence(*chapters([2.0] * 10, 1))
    assert np.mean(still == 2.0) == pytest.approx(again, abs=0.001)
    moving = figures.shrunk_persistence(*chapters(np.arange(10.0), 1))
    assert np.mean(moving == 9.0) == pytest.approx(1.0 - again, abs=0.001)
    # of those that move the mean is that of nine moves by one and 4.5 of the usual two in a half-year with any
    assert np.mean(moving[moving > 9.0]) - 9.0 == pytest.approx((9.0 + 4.5 * 2.0) / 13.5, rel=0.02)


def test_smoothing_and_reversion_of_a_count_are_of_its_pace():
    past, case = chapters(2.0 * np.arange(10.0), 3)
    for rival in (figures.simple_smoothing, figures.mean_reversion):
        assert np.median(rival(past, case)) == 24.0, "two in each half-year, and three to come"


@given(st.lists(st.integers(0, 1), min_size=1, max_size=30), st.integers(1, 4))
def test_the_chance_of_recurrence_lies_between_that_of_other_states_and_what_was_seen(outcomes, lag):
    pairs = [before == after for before, after in zip(outcomes[:-lag], outcomes[lag:], strict=True)]
    seen = float(np.mean(pairs)) if pairs else 0.75
    found = events.recurrence(outcomes, lag)
    assert min(seen, 0.75) - 1e-12 <= found <= max(seen, 0.75) + 1e-12


def test_shrunk_persistence_of_sanctions_leans_on_candidates_that_joined_none():
    (case,) = (c for c in cases(RECORD, [date(2016, 1, 1)]) if c.target == "sanctions_within_year")
    # two half-years' origins whose year was known: none joined, no pair of years apart by a year
    assert events.shrunk_persistence(RECORD, case)[1] == pytest.approx(0.05)
