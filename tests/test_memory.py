"""What stays in memory: nothing of a history that was lived, and of a stored run one variable after another."""

import gc
import tracemalloc
import weakref

import numpy as np
import pytest

from sim import read_scenario
from sim.forecasting.ensemble import simulate
from sim.forecasting.judgement import ranged
from sim.forecasting.tables import table_text
from sim.model.alignment import AlignmentModel
from sim.record.observations import Record
from sim.runs.storing import TABLES, Store

MARCH = read_scenario("march-2023")
MANY, BLOCK = 40_000, 4_000
VARIABLE = MANY * 4 * (MARCH.last_month + 1 - MARCH.first_month)  # bytes of its forecast


def test_a_dismissed_model_is_gone():
    model = AlignmentModel("march-2023", seed=1, members=3)
    model.step()
    watched = [weakref.ref(model.between), weakref.ref(model.conditions), weakref.ref(model)]
    array = weakref.ref(np.asarray(model.between.lean).base)
    model.dismiss()
    del model
    gc.collect()
    assert [seen() for seen in watched] == [None, None, None]
    assert array() is None


@pytest.fixture(scope="module")
def few():
    return simulate(MARCH, members=40, keep="outcomes", since=MARCH.first_month)


@pytest.fixture(scope="module")
def many(few, tmp_path_factory):
    """Return the same few members stored a thousand times over."""
    store = Store(tmp_path_factory.mktemp("many"), MANY)
    block = few.isel(member=np.arange(BLOCK) % few.sizes["member"])
    store.lay_out(block, BLOCK)
    for first in range(0, MANY, BLOCK):
        store.note(first, store.chunks.write(first, block))
    return store.chunks.data()


def peak(work):
    """Return what `work` returns, and the most memory that it held at once, bytes."""
    gc.collect()
    tracemalloc.start()
    try:
        made = work()
        return made, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_the_tables_of_a_stored_run_are_those_of_one_in_memory_and_need_room_for_few_variables(many):
    def told(data):
        judged = ranged(data, MARCH, seed=1)
        return [table_text(name, data, MARCH, Record.load(), judged) for name in TABLES]

    texts, most = peak(lambda: told(many))
    assert most < 4.0 * VARIABLE
    held = many.copy().load()
    assert sum(values.nbytes for values in held.values()) > 25 * VARIABLE
    assert texts == told(held)
