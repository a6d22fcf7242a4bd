"""The check of the filter by histories whose truth is known: its measures, its page, and truths told rightly."""

import re
from pathlib import Path

import numpy as np
import pytest
import recovery

from sim.record.observations import Record
from sim.world.facts import gather

ROOT = Path(__file__).parents[1]

FACTS = gather(Record.load(), recovery.ORIGIN)


def test_places_drawn_at_random_are_covered_and_uniform_and_crowded_ones_are_not():
    places = (np.arange(100) + 0.5) / 100.0
    assert recovery.covered(places, 0.5)[0] == 50
    assert recovery.covered(places, 0.9)[0] == 90
    assert recovery.uniformity(places) == pytest.approx(1.0)
    assert recovery.uniformity(0.5 + 0.4 * (places - 0.5)) < 1e-6


def test_the_interval_of_many_parameters_is_that_of_histories():
    alike = np.repeat(np.random.default_rng(1).random((100, 1)), 50, axis=1)
    apart = np.random.default_rng(1).random((100, 50))
    wide, narrow = (np.subtract(*recovery.by_history(places, 0.9)[::-1]) for places in (alike, apart))
    assert wide > 3.0 * narrow, "fifty parameters that go together tell no more than one"


def test_a_told_history_leads_to_the_same_lean_and_a_wrong_one_does_not():
    seed = recovery.FIRST_SEED
    member, values = recovery.lived(FACTS, seed)
    told = recovery.taken_down(FACTS, values, seed)
    recovery.check_told(told, member, values["lean"], seed)
    with pytest.raises(AssertionError, match="the record tells another story from month"):
        recovery.check_told(told, member, values["lean"] + 0.01, seed)


def test_what_is_taken_down_stands_in_the_windows_of_the_record():
    _, values = recovery.lived(FACTS, recovery.FIRST_SEED)
    told = recovery.taken_down(FACTS, values, recovery.FIRST_SEED)
    for target, by_month in FACTS.figures.items():
        windows = {m: [(seen.start, seen.end) for seen in of] for m, of in by_month.items()}
        for month, several in told.figures[target].items():
            assert {(seen.start, seen.end) for seen in several} <= set(windows[month])
            assert all(np.isfinite(seen.value) for seen in several)
    assert told.contracts.keys() == FACTS.contracts.keys()
    assert not any(contract.offered for contract in told.contracts.values())


def test_the_page_is_of_a_hundred_histories_and_hides_no_collapse():
    page = recovery.PAGE.read_text(encoding="utf-8")
    told = " ".join(page.split())
    histories, collapsed = re.search(
        r"(\d+) histories that the model itself made.*?(\d+) of them collapsed", told
    ).groups()
    assert int(histories) >= 100
    assert int(collapsed) == 0
    for name in recovery.KEY:
        assert f"| `{name}` |" in page
