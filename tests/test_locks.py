"""Two callers, one folder: the second is told who is first, waits, and goes on where that one ended or was killed."""

import json
import logging
import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from sim.assimilation import is_kept
from sim.execution.locks import alone
from sim.forecasting import forecast
from sim.runs.results import Run, is_finished

HOLDER = """
import sys, time
from pathlib import Path
from sim.execution.locks import alone
with alone(Path(sys.argv[1]), "it"):
    print("held", flush=True)
    time.sleep(600)
"""
RUN = """
import sys, time
from pathlib import Path
from dataclasses import replace
from datetime import date
from sim import forecast, read_scenario
import sim.assimilation.making as making
plain = making.keep_part
def keep(state, path):
    plain(state, path)
    print("kept", flush=True)
    while not Path(sys.argv[2]).exists():
        time.sleep(0.02)
making.keep_part = keep
spec = replace(read_scenario("march-2023"), as_of=date(2012, 6, 10), until=date(2013, 6, 30), questions=(), events=())
print(forecast(spec, members=20, particles=16, output=sys.argv[1], cache=sys.argv[1] + "/cache").folder)
"""


@pytest.fixture
def started():
    """Start a script in a process of its own; what still runs in the end is killed."""
    running = []

    def start(script, *arguments):
        process = subprocess.Popen(
            [sys.executable, "-Wignore", "-c", script, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


def wait_for(found):
    until = time.monotonic() + 60
    while not found():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_who_waits_is_told_who_is_first_and_goes_on_when_that_one_is_killed(tmp_path, started, caplog):
    first = started(HOLDER, tmp_path / "lock")
    assert first.stdout.readline() == "held\n"
    got = []

    def second():
        with alone(tmp_path / "lock", "the folder") as waited:
            got.append(waited)

    with caplog.at_level(logging.WARNING):
        thread = threading.Thread(target=second)
        thread.start()
        wait_for(lambda: caplog.messages)
        assert not got
        first.send_signal(signal.SIGKILL)
        thread.join(60)
    assert got == [True]
    (line,) = caplog.messages
    host = re.escape(os.uname().nodename)
    assert re.fullmatch(
        rf"the folder is being made by process {first.pid} on {host} since \d+ \w+, [\d:]+; waiting for it "
        r"\(Ctrl-C leaves it be\)",
        line,
    )
    assert not (tmp_path / "lock").exists()


def test_the_file_of_a_dead_owner_locks_nothing(tmp_path, caplog):
    (tmp_path / "lock").write_text(
        json.dumps(["elsewhere", 1, "2026-01-01T00:00:00+00:00"]), encoding="utf-8"
    )
    with alone(tmp_path / "lock", "it") as waited:
        assert not waited
        assert json.loads((tmp_path / "lock").read_text(encoding="utf-8"))[1] == os.getpid()
    assert not caplog.messages
    assert not (tmp_path / "lock").exists()


def test_one_at_a_time_however_many_come_at_once(tmp_path):
    inside, most, done = [], [], []

    def come():
        for _ in range(3):
            with alone(tmp_path / "here" / "lock", "it"):
                inside.append(1)
                most.append(len(inside))
                time.sleep(0.002)
                inside.pop()
        done.append(1)

    threads = [threading.Thread(target=come) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert (len(done), max(most)) == (4, 1)
    assert not (tmp_path / "here").exists(), "nothing is left, since nothing came of it"


def test_a_lock_whose_file_was_removed_meanwhile_is_none(tmp_path, monkeypatch):
    plain, removed = os.open, []

    def late(path, *how):
        place = plain(path, *how)
        if not removed:  # by who had it, after we had opened it
            Path(path).unlink()
            removed.append(path)
        return place

    monkeypatch.setattr(os, "open", late)
    with alone(tmp_path / "lock", "it"):
        assert (tmp_path / "lock").exists(), "else the next one would take another file's lock"


@pytest.mark.parametrize("content", ["", "[1", "{}", '["\\u001b[2J", "x", 3]', "9" * 5000])
def test_a_torn_or_hostile_name_is_another_process(tmp_path, started, caplog, content):
    first = started(HOLDER, tmp_path / "lock")
    assert first.stdout.readline() == "held\n"
    (tmp_path / "lock").write_text(content, encoding="utf-8")
    thread = threading.Thread(target=lambda: alone(tmp_path / "lock", "it").__enter__())
    thread.start()
    wait_for(lambda: caplog.messages)
    first.kill()
    thread.join(60)
    assert caplog.messages == ["it is being made by another process; waiting for it (Ctrl-C leaves it be)"]


def test_where_there_are_no_locks_it_is_said_and_the_work_is_done(tmp_path, monkeypatch, caplog):
    def none(*_):
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr("fcntl.flock", none)
    with alone(tmp_path / "lock", "it") as waited:
        assert not waited
    assert caplog.messages == [
        f"{tmp_path / 'lock'}: no lock (Function not implemented); make this by one call at a time"
    ]
    assert not list(tmp_path.iterdir())


def test_two_calls_of_one_run_make_it_once_and_a_killed_one_is_gone_on_from(tmp_path, started):
    killed = started(RUN, tmp_path, tmp_path / "never")
    assert killed.stdout.readline() == "kept\n"
    killed.kill()
    killed.communicate()
    first = started(RUN, tmp_path, tmp_path / "go")
    assert first.stdout.readline() == "kept\n"
    second = started(RUN, tmp_path, tmp_path)
    told = second.stderr.readline()
    (tmp_path / "go").touch()
    while first.poll() is None:
        for folder in (tmp_path / "march-2023").glob("[!.]*"):
            with suppress(FileNotFoundError):  # so a reader is told; of damage there is none
                Run.load(folder)
        time.sleep(0.02)
    (made, wrong), (found, more) = first.communicate(), second.communicate()
    assert (first.returncode, second.returncode, wrong, more) == (0, 0, "", "")
    assert f"is being made by process {first.pid} on " in told
    assert found == made.splitlines()[-1] + "\n", "the second did nothing but find it"
    folder = Path(found.strip())
    assert is_finished(folder)
    (posterior,) = (tmp_path / "cache").iterdir()
    assert is_kept(posterior)
    assert list(folder.parent.iterdir()) == [folder]
    undisturbed, _ = started(RUN, tmp_path / "other", tmp_path).communicate()
    for name in ("forecast.csv", "questions.csv", "ranges.csv", "summary.csv"):
        assert (Path(undisturbed.splitlines()[-1]) / name).read_bytes() == (folder / name).read_bytes()


def test_a_lock_that_outlived_its_finished_run_goes_and_one_that_is_held_stays(tmp_path, started):
    def call():
        return forecast("march-2023", members=2, learned=False, output=tmp_path).folder

    folder = call()
    lock = folder.with_name(f".{folder.name}.lock")
    lock.touch()  # as a kill leaves it between the run's last file and the lock's end
    assert call() == folder
    assert list(folder.parent.iterdir()) == [folder]
    assert started(HOLDER, lock).stdout.readline() == "held\n"
    assert call() == folder, "who finds a run waits for nobody"
    assert lock.exists()
