"""Work on a Dask cluster on the loopback: the same bytes as alone, whoever joins, ends or is another."""

import inspect
import json
import logging
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

pytest.importorskip("distributed")

import cloudpickle
import distributed

from sim import read_scenario, simulate
from sim.execution import cluster
from sim.execution.cluster import ClusterError, connected
from sim.execution.workers import shared_out
from sim.runs.manifest import hashed
from sim.runs.members import ELSEWHERE, STORE
from sim.runs.results import Run
from sim.runs.storing import MEMBERS, Store, is_unfinished

cloudpickle.register_pickle_by_value(sys.modules[__name__])  # workers cannot import it

SHORT = {"as_of": date(2016, 1, 1), "until": date(2016, 3, 31)}
SPEC = replace(read_scenario("baseline"), **SHORT, events=(), questions=())
SIZE = {"members": 800, "block": 100}
STEPS = SIZE["members"] * (SPEC.last_month + 1)
ROOT = Path(__file__).parents[1]


def wait_for(what, seconds=60.0):
    until = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < until
        time.sleep(0.05)
    return found


class Loopback:
    """A scheduler and workers, each a process of its own, on 127.0.0.1."""

    def __init__(self, folder):
        self.folder, self.started = folder, []
        self.told = folder / "scheduler.json"
        self.scheduler = self.start("scheduler", "--port", 0, "--no-dashboard", "--scheduler-file", self.told)
        wait_for(lambda: self.told.exists() and self.told.read_text(encoding="utf-8").endswith("}"))
        self.address = json.loads(self.told.read_text(encoding="utf-8"))["address"]

    def start(self, what, *options, code=ROOT):
        command = [sys.executable, "-m", "dask", what, "--host", "127.0.0.1", *map(str, options)]
        environment = {**os.environ, "PYTHONPATH": str(code), "OMP_NUM_THREADS": "1"}
        # away from any folder with a package `sim` of its own
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.folder, env=environment
        )
        self.started.append(process)
        return process

    def worker(self, code=ROOT):
        own = self.folder / f"worker-{len(self.started)}"
        options = ("--nthreads", 1, "--no-nanny", "--no-dashboard", "--local-directory", own)
        return self.start("worker", self.address, *options, code=code)

    def end(self):
        for process in reversed(self.started):
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def loopback(tmp_path_factory):
    """Return a scheduler with three workers."""
    there = Loopback(tmp_path_factory.mktemp("loopback"))
    try:
        there.workers = [there.worker() for _ in range(3)]
        yield there
    finally:
        there.end()


@pytest.fixture
def crew(loopback):
    """Return the cluster when all three are there."""
    while len(loopback.workers) < 3:
        loopback.workers.append(loopback.worker())
    wait_for(lambda: there(loopback) >= 3)
    with connected(loopback.address) as found:
        yield found


def there(loopback):
    with suppress(ClusterError), connected(loopback.address) as found:
        return len(found)
    return 0


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """Return the hashes of the members' files when one process makes them."""
    store = Store(tmp_path_factory.mktemp("alone"), SIZE["members"])
    simulate(SPEC, **SIZE, store=store)
    return hashed(store.folder, [MEMBERS])


def slowly(job, progress):
    """Do a job in many steps; tell in which process."""
    for _ in range(20):
        time.sleep(0.05)
        progress(1)
    return job, os.getpid()


def broken(job, progress):
    if job == 3:
        raise ValueError("the fourth")
    return slowly(job, progress)


def test_an_interrupted_run_is_taken_up_in_its_store_and_its_workers_stop(crew, alone, tmp_path, monkeypatch):
    monkeypatch.setenv(STORE, f"file://{tmp_path / 'store'}")
    folder = tmp_path / "runs" / "0123456789ab"
    store, lived = Store(folder, SIZE["members"]), []

    def stop(steps):
        if store.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(SPEC, **SIZE, store=store, workers=crew, progress=stop)
    wait_for(lambda: not any(crew.client.processing().values()), 10.0)
    wait_for(lambda: not any(crew.client.run(at_work).values()), 10.0)
    kept = len(store.done)
    assert 0 < kept < 8
    again = Store(folder, SIZE["members"])
    simulate(SPEC, **SIZE, store=again, workers=crew, progress=lived.append)
    assert sum(lived) == STEPS * (8 - kept) // 8
    assert not (folder / MEMBERS).exists()
    assert hashed(tmp_path / "store" / folder.name, [MEMBERS]) == again.files == alone


def at_work(dask_worker):
    return dask_worker.state.executing_count


def test_what_is_raised_in_a_job_is_raised_here_and_each_is_told_when_it_is_done(crew):
    with pytest.raises(ValueError, match="the fourth"):
        shared_out(broken, range(8), workers=crew)
    told, steps = [], []
    done = shared_out(
        slowly, range(7), workers=crew, progress=steps.append, finish=lambda *made: told.append(made)
    )
    assert [job for job, _ in done] == list(range(7))
    assert sorted(told) == list(enumerate(done))
    assert sum(steps) == 7 * 20
    assert len(steps) > 7, "the bar moves more often than once a job"
    assert len({process for _, process in done}) == 3


def test_who_joins_late_with_other_code_is_refused_and_the_rest_goes_on(loopback, crew, tmp_path, caplog):
    shutil.copytree(ROOT / "sim", tmp_path / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "sim" / "clock.py").open("a", encoding="utf-8") as file:
        file.write("# another\n")
    late, done = loopback.worker(code=tmp_path), []
    with caplog.at_level(logging.WARNING, logger="sim.execution.cluster"):
        while not caplog.records:
            shared_out(slowly, range(3), workers=crew, finish=lambda _, made: done.append(made))
            assert len(done) < 90
        shared_out(slowly, range(8), workers=crew, finish=lambda _, made: done.append(made))
    (told,) = caplog.records  # once
    assert " is refused: its code is " in told.getMessage()
    assert late.pid not in {process for _, process in done}
    late.kill()


@pytest.mark.parametrize("what", ["Python", "mesa", "record or tables"])
def test_who_has_another_version_is_refused_with_both(loopback, crew, monkeypatch, caplog, what):
    versions, digest = cluster.software, cluster.content_digest
    if what == "Python":
        monkeypatch.setattr(platform, "python_version", lambda: "3.99.1")
    elif what == "mesa":
        monkeypatch.setattr(cluster, "software", lambda *names: versions(*names) | {"mesa": "3.99.1"})
    else:
        monkeypatch.setattr(
            cluster, "content_digest", lambda without=None: digest(without) if without else "3.99.1"
        )
    with pytest.raises(ClusterError, match="may take part"), connected(loopback.address):
        pass
    assert len(caplog.records) == 3
    assert f" is refused: its {what} is " in caplog.text
    assert ", here 3.99.1" in caplog.text


def test_a_scheduler_that_is_not_there_is_told_with_what_to_do(called, tmp_path, capfd, monkeypatch):
    monkeypatch.setattr("sim.execution.cluster._ANSWER", 0.5)
    asked = ("run", "march-2023", "--members", 10, "--unlearned", "--output", tmp_path)
    result = called(*asked, "--cluster", "tcp://127.0.0.1:9")
    assert result.exit_code == 1
    assert result.stderr.startswith("no Dask scheduler answers at tcp://127.0.0.1:9 ")
    assert "start one with `dask scheduler`" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert capfd.readouterr() == ("", "")
    assert not list(tmp_path.glob("march-2023/*"))


@pytest.mark.long(reason="waits until Dask gives its scheduler up; a quick test has one that was never there")
def test_a_scheduler_that_ends_is_told(tmp_path):
    own = Loopback(tmp_path)
    try:
        own.worker()
        wait_for(lambda: there(own))
        with (
            pytest.raises(ClusterError, match="no longer answers"),
            connected(own.address) as crew,
        ):
            shared_out(slowly, range(50), workers=crew, progress=lambda _: own.scheduler.kill())
    finally:
        own.end()


def test_a_worker_that_is_killed_changes_no_byte(loopback, crew, alone, tmp_path):
    seen, killed, processes = [], [], crew.client.run(os.getpid)

    def kill_one(steps):
        seen.append(steps)
        at_job = [processes[worker] for worker, jobs in crew.client.processing().items() if jobs]
        if at_job and not killed:
            os.kill(at_job[-1], signal.SIGKILL)
            killed.append(at_job[-1])
            loopback.workers = [each for each in loopback.workers if each.pid != at_job[-1]]

    store = Store(tmp_path, SIZE["members"])
    simulate(SPEC, **SIZE, store=store, workers=crew, progress=kill_one)
    assert hashed(tmp_path, [MEMBERS]) == store.files == alone
    assert sum(seen) == STEPS
    assert killed
    assert len(crew) == 2


def test_a_run_in_a_store_is_whole_and_nobody_follows_it_elsewhere(called, tmp_path, monkeypatch):
    monkeypatch.setenv(STORE, "memory://serbia-sim")
    asked = ("run", "march-2023", "--members", 40, "--unlearned", "--no-figures", "--output", tmp_path)
    assert called(*asked).exit_code == 0
    (folder,) = tmp_path.glob("march-2023/*")
    assert (folder / ELSEWHERE).exists()
    assert Run.load(folder).data.sizes["member"] == 40
    assert called("verify", folder).exit_code == 0
    from upath import UPath

    chunk = UPath(f"memory://serbia-sim/{folder.name}/{MEMBERS}/lean/c/0/0")
    chunk.write_bytes(chunk.read_bytes()[:-1] + b"?")
    damaged = called("verify", folder)
    assert damaged.exit_code == 1
    assert f"{MEMBERS}/lean/c/0/0" in damaged.stdout
    monkeypatch.delenv(STORE)
    refused = called("verify", folder)
    assert refused.exit_code == 2
    assert f"its members lie in memory://serbia-sim; to read them set {STORE}=" in refused.stderr


@pytest.mark.long(reason="calls the command three times; quick tests interrupt and kill in this process")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_a_command_that_is_ended_lets_its_workers_go_and_goes_on(loopback, crew, tmp_path, called, sent):
    asked = ["run", "march-2023", "--members", "8192", "--unlearned", "--no-figures"]
    place = ["--output", str(tmp_path / "cluster"), "--cluster", loopback.address]
    process = subprocess.Popen(
        [sys.executable, "-m", "sim", *asked, *place],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # a shell lets what it starts in the background ignore Ctrl-C, and that is inherited
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    )
    wait_for(lambda: any(crew.client.processing().values()))
    process.send_signal(sent)
    told, wrong = process.communicate(timeout=60)
    if sent == signal.SIGINT:
        assert (process.returncode, told) == (130, "")
        assert wrong.startswith("interrupted; what is finished is kept in ")
        assert len(wrong.splitlines()) == 1
    wait_for(lambda: not any(crew.client.run(at_work).values()), 10.0)
    (folder,) = (tmp_path / "cluster").glob(
        "march-2023/[!.]*"
    )  # beside it a killed owner's lock, which holds nobody
    assert is_unfinished(folder)
    assert called(*asked, *place).exit_code == 0
    assert called(*asked, "--output", tmp_path / "alone").exit_code == 0
    (other,) = (tmp_path / "alone").glob("march-2023/*")
    assert hashed(folder, [MEMBERS]) == hashed(other, [MEMBERS])
    for table in other.glob("*.csv"):
        assert (folder / table.name).read_bytes() == table.read_bytes()


@pytest.mark.long(reason="learns in earnest, and hindcasts; quick tests share out jobs in the same way")
def test_islands_and_origins_are_those_of_one_process(crew, tmp_path, monkeypatch):
    from sim.assimilation import filter as learning, making
    from sim.verification import Variant, hindcast

    options = {"members": 30, "block": 10}
    assert simulate(SPEC, **options, workers=crew).identical(simulate(SPEC, **options))
    # workers learn as in use: tests/conftest.py patches this process alone
    monkeypatch.setattr(making, "GROUP", 64)
    monkeypatch.setattr(learning, "RESAMPLE_BELOW", 0.12)
    learned = [
        making.assimilate(SPEC, particles=128, workers=workers, cache=False).data for workers in (1, crew)
    ]
    assert learned[0].identical(learned[1])
    few = {"members": 8, "particles": 50, "leads": (6,), "variants": (Variant("unlearned", learned=False),)}
    asked = few | {"first": date(2022, 1, 1), "last": date(2022, 7, 1)}
    cards = [
        hindcast(**asked, workers=workers, keep=tmp_path / str(n)).data for n, workers in enumerate((1, crew))
    ]
    assert cards[0].equals(cards[1])


def test_a_cluster_of_this_machine_has_as_many_workers_as_asked_each_with_one_thread(monkeypatch):
    meant, real = {}, inspect.signature(distributed.LocalCluster)

    def local(*given, **more):
        meant.update(real.bind(*given, **more).arguments)
        raise InterruptedError

    monkeypatch.setattr(distributed, "LocalCluster", local)
    with pytest.raises(InterruptedError), connected("local", workers=3):
        pass
    assert (meant["n_workers"], meant["threads_per_worker"]) == (3, 1)


@pytest.mark.long(reason="starts a cluster of its own by the command; quick tests have one that was there")
def test_a_cluster_of_this_machine_begins_and_ends_with_the_call(tmp_path):
    asked = [
        "run",
        "march-2023",
        "--members",
        "40",
        "--unlearned",
        "--no-figures",
        "--cluster",
        "local",
        "--workers",
        "2",
    ]
    made = subprocess.run(
        [sys.executable, "-m", "sim", *asked, "--output", str(tmp_path)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (made.returncode, made.stderr) == (0, "")
