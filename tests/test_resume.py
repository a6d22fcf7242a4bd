"""An interrupted call goes on from its last finished step, and ends in the same bytes as one left alone."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from itertools import count

import numpy as np
import pytest

import sim.forecasting.ensemble
from sim import forecast, read_scenario
from sim.assimilation import assimilate, filter as learning, making
from sim.execution.workers import BlocksError
from sim.forecasting import judgement
from sim.parameters.table import alternatives
from sim.runs.manifest import read_signed
from sim.runs.results import Run

MARCH = read_scenario("march-2023")
ASKED = replace(MARCH.questions[0], at=date(2013, 12, 31))
SPEC = replace(MARCH, as_of=date(2012, 12, 10), until=date(2013, 12, 31), questions=(ASKED,), events=())
LEARN = {"particles": 64, "seed": 5}
OF_THE_DAY = ("provenance.json", "manifest.json", "record.csv")
"""Files that tell when they were made, or the digests of those that do."""


class Stop(BaseException):
    """As Ctrl-C: no failure of a part."""


@pytest.fixture(scope="module", autouse=True)
def in_earnest():
    """Resample often, as four islands of 16 particles must, and move in as many final rounds as users do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learning, "RESAMPLE_BELOW", 0.5)
        patch.setattr(learning, "FINAL_ROUNDS", 2)
        patch.setattr(making, "FINAL_ROUNDS", 2)
        patch.setattr(making, "GROUP", 32)
        patch.setattr(making, "_FEWEST", 16)
        patch.setattr(judgement, "alternatives", alternatives)  # all of them
        yield


@contextmanager
def counted(stop_at=None, *, written=True):
    """Count the checkpoints that learning writes; stop at one of them, after it was written or before."""
    plain, numbers = making.keep_part, count(1)
    with pytest.MonkeyPatch.context() as patch:
        kept = []

        def keep(state, path):
            number = next(numbers)
            if number == stop_at and not written:
                raise Stop
            plain(state, path)
            kept.append(path)
            if number == stop_at:
                raise Stop

        patch.setattr(making, "keep_part", keep)
        yield kept


def contents(folder):
    return {
        path.relative_to(folder): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in OF_THE_DAY
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return what is learned without a stop, its folder's bytes, and how many checkpoints that took."""
    store = tmp_path_factory.mktemp("whole")
    with counted() as kept:
        made = assimilate(SPEC, cache=store, **LEARN)
    return made, contents(store), len(kept)


@pytest.mark.parametrize("written", [True, False])
def test_learning_stopped_anywhere_goes_on_to_the_same_bytes(whole, tmp_path, written):
    _, alone, steps = whole
    assert steps >= 2 * (2 + learning.FINAL_ROUNDS), (
        "a stop at each of several resamplings and rounds, in both groups"
    )
    for stop_at in range(1 + written, steps + 1, 3):
        store = tmp_path / str(stop_at)
        with counted(stop_at, written=written), pytest.raises(Stop):
            assimilate(SPEC, cache=store, **LEARN)
        done = []
        with counted() as kept:
            assimilate(SPEC, cache=store, progress=done.append, **LEARN)
        assert contents(store) == alone
        assert len(kept) == steps - stop_at + (not written), "no step that was kept is done again"
        assert sum(done) == making.learning_steps(SPEC, LEARN["particles"])
        assert len([*store.iterdir()]) == 1, "nothing is left over"


def test_a_stop_over_and_over_loses_at_most_a_step_each_time(whole, tmp_path):
    _, alone, steps = whole
    for _ in range(steps):
        with counted(1), pytest.raises(Stop):
            assimilate(SPEC, cache=tmp_path, **LEARN)
    with counted() as kept:
        assimilate(SPEC, cache=tmp_path, **LEARN)
    assert (kept, contents(tmp_path)) == ([], alone)


@pytest.mark.parametrize(
    "wrong",
    [
        {"z": np.zeros((3, 3))},
        {"luck": np.full((8, 20, 32), 200, dtype=np.uint8)},
        {"at": np.array([999, 0, 0])},
        {"generator": np.zeros(6)},
        {"stages": np.zeros((2, 2))},
    ],
)
def test_a_checkpoint_of_another_shape_is_learned_again(whole, tmp_path, wrong):
    _, alone, steps = whole
    with counted(2), pytest.raises(Stop):
        assimilate(SPEC, cache=tmp_path, **LEARN)
    (path,) = (path for path in tmp_path.rglob("*") if path.name.isdigit())
    making.keep_part({**making.find_part(path), **wrong}, path)
    with counted() as kept:
        assimilate(SPEC, cache=tmp_path, **LEARN)
    assert (len(kept), contents(tmp_path)) == (steps, alone)


def test_a_checkpoint_whose_luck_lies_one_beyond_the_last_is_learned_again(whole, tmp_path):
    _, alone, steps = whole
    with counted(2), pytest.raises(Stop):
        assimilate(SPEC, cache=tmp_path, **LEARN)
    (path,) = (path for path in tmp_path.rglob("*") if path.name.isdigit())
    found = making.find_part(path)
    luck = found["luck"].copy()
    luck[0, 0, 0] = luck.shape[2]
    making.keep_part({**found, "luck": luck}, path)
    with counted() as kept:
        assimilate(SPEC, cache=tmp_path, **LEARN)
    assert (len(kept), contents(tmp_path)) == (steps, alone)


def test_a_checkpoint_holds_numbers_alone(whole, tmp_path):
    with counted(3), pytest.raises(Stop):
        assimilate(SPEC, cache=tmp_path, **LEARN)
    (path,) = (path for path in tmp_path.rglob("*") if path.name.isdigit())
    assert path.parent.name == f"{whole[0].digest}.part"
    assert {array.dtype.kind for array in making.find_part(path).values()} == {"f", "i", "u"}


@pytest.fixture
def in_blocks(monkeypatch):
    monkeypatch.setitem(sim.forecasting.ensemble.simulate.__kwdefaults__, "block", 10)


CALL = {"members": 30, "seed": 5, "particles": 64}


@pytest.fixture(scope="module")
def run(tmp_path_factory, whole):
    folder = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sim.forecasting.ensemble.simulate.__kwdefaults__, "block", 10)
        return forecast(SPEC, output=folder, cache=folder / "cache", **CALL)


def judged_under(patch, stop_after=None):
    """Note under which judgements members are lived again; stop after so many."""
    plain, lived = judgement.under, []

    def under(other, *args, **options):
        if len(lived) == stop_after:
            raise Stop
        found = plain(other, *args, **options)
        lived.append(other.id)
        return found

    patch.setattr(judgement, "under", under)
    return lived


@pytest.mark.parametrize("stop_after", [0, 3])
def test_a_judgement_that_is_finished_is_not_asked_again(run, tmp_path, monkeypatch, in_blocks, stop_after):
    how = {"output": tmp_path, "cache": run.folder.parents[1] / "cache", **CALL}
    with monkeypatch.context() as patch:
        judged_under(patch, stop_after)
        with pytest.raises(Stop):
            forecast(SPEC, **how)
    lived = judged_under(monkeypatch)
    again = forecast(SPEC, **how)
    assert lived == [other.id for other in alternatives()][stop_after:]
    assert contents(again.folder) == contents(run.folder)


def failing(patch, *firsts):
    """Let the blocks of these members fail."""
    plain = sim.forecasting.ensemble.simulate_block

    def block(scenario, **options):
        if options.get("into") is None and (first := left.pop(0)) in firsts:  # of those that are written
            raise FloatingPointError(f"overflow in block {first}")
        return plain(scenario, **options)

    left = [0, 10, 20]
    patch.setattr(sim.forecasting.ensemble, "simulate_block", block)


def test_a_block_that_fails_is_told_with_its_cause_and_the_rest_goes_on(
    run, tmp_path, monkeypatch, in_blocks
):
    how = {"output": tmp_path, "cache": run.folder.parents[1] / "cache", **CALL}
    with monkeypatch.context() as patch:
        failing(patch, 0, 10)
        with pytest.raises(BlocksError) as told:
            forecast(SPEC, on_error="continue", **how)
    (marker,) = tmp_path.rglob("unfinished.json")
    assert str(told.value) == (
        f"2 of 3 blocks of members failed; the others are kept in {marker.parent}, the same call makes these again: "
        "members from 0 on (FloatingPointError: overflow in block 0); "
        "members from 10 on (FloatingPointError: overflow in block 10)"
    )
    left = read_signed(marker, "")
    assert left["blocks"] == [20]
    assert left["failed"] == {str(n): f"FloatingPointError: overflow in block {n}" for n in (0, 10)}
    with pytest.raises(FileNotFoundError, match="interrupted run"):
        Run.load(marker.parent)
    done = []
    again = forecast(SPEC, progress=done.append, **how)
    assert sum(done) == 20 * (SPEC.last_month + 1 - SPEC.first_month)
    assert contents(again.folder) == contents(run.folder)


def test_without_that_the_first_failure_ends_it(run, tmp_path, monkeypatch, in_blocks):
    failing(monkeypatch, 0)
    with pytest.raises(FloatingPointError, match="block 0"):
        forecast(SPEC, output=tmp_path, cache=run.folder.parents[1] / "cache", **CALL)
    with pytest.raises(ValueError, match="on_error is stop or continue, not 'ignore'"):
        forecast(SPEC, output=tmp_path, on_error="ignore", **CALL)
