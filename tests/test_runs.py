"""Run folders: found again, kept when interrupted, the same whatever made them."""

from dataclasses import replace
from datetime import date

import pytest

import sim.forecasting.ensemble
import sim.forecasting.making
from sim.forecasting import RunOptions, forecast
from sim.record.observations import Observation, Record
from sim.runs.results import Run, is_finished
from sim.runs.storing import MEMBERS, is_unfinished
from sim.scenario import read_scenario, with_settings

MARCH = read_scenario("march-2023")
SPEC = replace(MARCH, until=date(2023, 12, 31), questions=MARCH.questions[4:5])
TABLES = ("forecast.csv", "questions.csv", "summary.csv", "scenario.toml")
MONTHS = SPEC.last_month + 1 - SPEC.first_month  # that a member lives


def made(output, **options):
    return forecast(SPEC, **{"members": 12, "output": output, **options})


def tables(run):
    return {name: (run.folder / name).read_bytes() for name in TABLES}


def all_times(folder):
    return {path: path.stat().st_mtime_ns for path in [folder, *folder.rglob("*")]}


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return made(tmp_path_factory.mktemp("plain"))


@pytest.fixture
def counted(monkeypatch):
    """Simulate in blocks of four, and return the first member of each block as it is simulated, but for the range's."""
    firsts, simulate_block, ranged = (
        [],
        sim.forecasting.ensemble.simulate_block,
        sim.forecasting.making.ranged,
    )

    def counting(scenario, *, luck, **options):
        firsts.append(int(luck[0]))
        return simulate_block(scenario, luck=luck, **options)

    def uncounted(*args, **options):
        before = list(firsts)
        answers = ranged(*args, **options)
        firsts[:] = before
        return answers

    monkeypatch.setattr(sim.forecasting.ensemble, "simulate_block", counting)
    monkeypatch.setattr("sim.forecasting.making.ranged", uncounted)
    monkeypatch.setitem(sim.forecasting.ensemble.simulate.__kwdefaults__, "block", 4)
    return firsts


def stop_after(member_months):
    """Return a progress that interrupts once this much is done."""
    done = 0

    def progress(more):
        nonlocal done
        done += more
        if done > member_months:
            raise KeyboardInterrupt

    return progress


def test_the_same_call_finds_its_run_and_does_no_work(plain, monkeypatch):
    before = all_times(plain.folder)
    monkeypatch.setattr(sim.forecasting.making, "simulate", None)
    again = made(plain.folder.parents[1])
    assert again.folder == plain.folder
    assert again.provenance == plain.provenance
    assert all_times(plain.folder) == before


def test_whatever_could_move_a_number_finds_another_folder(tmp_path, monkeypatch):
    def folder(spec=SPEC, members=12, seed=1, **learning):
        return RunOptions(members, seed, **learning).folder(spec, tmp_path)

    poll = Observation("eu_support", None, date(2022, 11, 1), 0.4, 1000, None, date(2022, 12, 1), "test")
    record = Record.load().with_observations([poll])

    others = [
        folder(seed=2),
        folder(members=13),
        folder(with_settings(SPEC, ["gas_discount=0"])),
        folder(with_settings(SPEC, ["gas_discount=0.1"])),
        folder(replace(SPEC, until=date(2024, 1, 31))),
        folder(learned=False),
        folder(particles=64),
        folder(learning_seed=2),
        folder(record=record),
        folder(record=record, learned=False),
    ]
    assert len({folder(), *others}) == 11
    assert folder() == folder()
    assert folder().parent == tmp_path / "march-2023"
    here = folder()
    monkeypatch.setattr("sim.forecasting.options.content_digest", lambda: "other code")
    assert folder() != here


@pytest.mark.parametrize("block", [6, 2])  # threads of few blocks, processes of many
def test_another_output_and_two_workers_give_the_same_bytes(plain, tmp_path, monkeypatch, block):
    monkeypatch.setitem(sim.forecasting.ensemble.simulate.__kwdefaults__, "block", block)
    other = made(tmp_path, workers=2)
    assert other.folder.name == plain.folder.name
    assert tables(other) == tables(plain)
    assert other.data.load().identical(plain.data.load())


def test_an_interrupted_run_keeps_its_blocks_and_resumes_the_rest(plain, tmp_path, counted):
    with pytest.raises(KeyboardInterrupt):
        made(tmp_path, progress=stop_after(4 * MONTHS))
    folder = RunOptions(12).folder(SPEC, tmp_path)
    assert is_unfinished(folder)
    assert not is_finished(folder)
    assert not (folder / "forecast.csv").exists()
    with pytest.raises(
        FileNotFoundError, match="holds an interrupted run; the same call of `serbia-sim run` finishes it"
    ):
        Run.load(folder)
    assert counted == [0, 4]
    counted.clear()
    done = []
    resumed = made(tmp_path, progress=done.append)
    assert counted == [4, 8]
    assert sum(done) == 8 * MONTHS
    assert tables(resumed) == tables(plain)
    assert resumed.data.load().identical(plain.data.load())
    assert not is_unfinished(folder)


def test_an_interrupted_run_of_two_workers_is_finished_by_any_number(plain, tmp_path, monkeypatch):
    monkeypatch.setitem(sim.forecasting.ensemble.simulate.__kwdefaults__, "block", 2)
    with pytest.raises(KeyboardInterrupt):
        made(tmp_path, workers=2, progress=stop_after(8 * MONTHS))
    assert is_unfinished(RunOptions(12).folder(SPEC, tmp_path))
    done = []
    resumed = made(tmp_path, progress=done.append)
    assert 0 < sum(done) < 12 * MONTHS
    assert tables(resumed) == tables(plain)
    assert resumed.data.load().identical(plain.data.load())


def test_a_run_that_stopped_at_once_begins_again(plain, tmp_path, counted):
    with pytest.raises(KeyboardInterrupt):
        made(tmp_path, progress=stop_after(0))
    counted.clear()
    assert tables(made(tmp_path)) == tables(plain)
    assert counted == [0, 4, 8]


def test_a_run_that_stops_before_its_tables_are_written_resumes_with_no_simulation(plain, tmp_path, counted):
    def broken(*_):
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sim.forecasting.tables.summary", broken)
        with pytest.raises(KeyboardInterrupt):
            made(tmp_path)
    counted.clear()
    assert tables(made(tmp_path)) == tables(plain)
    assert counted == []


def test_a_run_is_read_back_as_it_was_made(plain):
    run = Run.load(str(plain.folder))
    assert replace(run.scenario, chain=SPEC.chain) == SPEC
    assert (run.provenance["members"], run.provenance["seed"], run.provenance["as_of"]) == (
        12,
        1,
        "2023-03-10",
    )
    assert dict(run.data.sizes) | {"member": 12, "month": MONTHS} == dict(run.data.sizes)
    assert run.data["lean"].dtype == "float32"
    assert run.data["lean"].attrs["units"] == "logit"
    assert [row["id"] for row in run.table("questions")] == ["sanctions-before-2024"]
    assert "Run of march-2023: 12 members, seed 1" in repr(run)
    assert (run.folder / MEMBERS).is_dir()


def test_a_folder_without_a_run_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"is not a run folder: it has no provenance\.json"):
        Run.load(tmp_path)
    with pytest.raises(FileNotFoundError, match="is not a run folder"):
        Run.load(tmp_path / "nowhere")


@pytest.mark.parametrize("options", [{"members": 0}, {"members": -3}, {"workers": 0}])
def test_counts_below_1_are_refused_and_nothing_is_written(tmp_path, options):
    with pytest.raises(ValueError, match="counted from 1"):
        made(tmp_path, **options)
    assert list(tmp_path.iterdir()) == []
