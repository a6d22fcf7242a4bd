"""Work on several processes or threads: the bar moves, no guard is needed, and nobody outlives the parent."""

import os
import signal
import subprocess
import sys
import threading
import time
from multiprocessing import parent_process
from pathlib import Path

import pytest

from sim.assimilation.making import warn_of_few
from sim.execution.workers import shared_out

SCRIPT = """
import sys
from dataclasses import replace
from datetime import date
from sim import read_scenario, simulate

spec = replace(read_scenario("march-2023"), until=date(2023, 12, 31), questions=())
seen = []
data = simulate(spec, members=4000, block=500, workers=2, progress=seen.append)
print(len(seen), sum(seen), 4000 * (spec.last_month + 1), data.sizes["member"], __file__)
"""


def halves(job, progress):
    """Do a job in two steps."""
    progress(job)
    progress(job)
    return 2 * job


def slowly(job, progress):
    """Do a job in many steps, as blocks are done, and tell in which process and thread."""
    for _ in range(20):
        time.sleep(0.005)
        progress(1)
    return job, (os.getpid(), threading.get_ident())


def warned(job, progress):
    """Do a job, of which another process warns as whoever learns with few particles."""
    if parent_process() is not None:
        warn_of_few(16)
    return slowly(job, progress)


def broken(job, progress):
    if job == 3:
        raise ValueError("the fourth")
    return slowly(job, progress)


def started(tmp_path, *arguments):
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # a group of processes, as a terminal makes it
        # a shell lets what it starts in the background ignore Ctrl-C, and that is inherited
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509  # one thread
    )


def children(process):
    """Return the workers of a process: its children but for the tracker of its resources."""
    if not Path("/proc/self/task").exists():
        pytest.skip("no /proc to look for processes in")
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
    return [int(pid) for pid in listed if "spawn_main" in command_of(pid)]


def command_of(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8")
    except OSError:
        return ""  # it has ended


def wait_for(what, seconds=60.0):
    until = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < until
        time.sleep(0.1)
    return found


def test_one_worker_works_here_and_now():
    seen = []
    assert shared_out(halves, [1, 2, 3], workers=1, progress=seen.append) == [2, 4, 6]
    assert seen == [1, 1, 2, 2, 3, 3]


@pytest.mark.parametrize("threads", [False, True])
def test_the_caller_works_too_and_what_comes_of_the_jobs_keeps_their_order(threads):
    seen = []
    done = shared_out(slowly, range(40), workers=2, threads=threads, progress=seen.append)
    assert [job for job, _ in done] == list(range(40))
    assert sum(seen) == 40 * 20
    worked = {who for _, who in done}
    assert len(worked) == 2
    assert len({process for process, _ in worked}) == (1 if threads else 2)
    assert (os.getpid(), threading.get_ident()) in worked


def test_what_the_caller_warns_of_is_not_said_again_by_every_process(capfd):
    worked = {who for _, who in shared_out(warned, range(8), workers=2)}
    assert len(worked) == 2
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("threads", [False, True])
def test_what_is_raised_in_a_job_is_raised_whoever_does_it(threads):
    for workers in (1, 2, 3):
        with pytest.raises(ValueError, match="the fourth"):
            shared_out(broken, range(8), workers=workers, threads=threads, progress=[].append)


def test_threads_end_with_their_next_step_when_the_caller_is_interrupted():
    began, steps = threading.Event(), []

    def endless(job, progress):
        if job == 0:  # the other thread takes the first job
            began.set()
            while True:
                time.sleep(0.005)
                steps.append(job)
                progress(1)
        assert began.wait(10.0)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shared_out(endless, range(2), workers=2, threads=True)
    ended = len(steps)
    time.sleep(0.1)
    assert len(steps) == ended


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_a_job_that_fails_is_told_and_the_rest_is_done_if_so_asked(workers):
    failed = {}
    done = shared_out(broken, range(8), workers=workers, progress=[].append, failed=failed)
    assert [job for job, _ in done] == [0, 1, 2, 4, 5, 6, 7]
    assert failed == {3: "ValueError: the fourth"}


def killed(job, progress):
    if parent_process() is not None:
        os.kill(os.getpid(), signal.SIGKILL)
    return slowly(job, progress)


def test_what_a_killed_worker_had_is_told_and_the_rest_is_done_here():
    failed = {}
    done = shared_out(killed, range(12), workers=2, progress=[].append, failed=failed)
    assert failed
    assert {why.partition(",")[0] for why in failed.values()} == {
        "WorkerError: a worker process was ended from outside"
    }
    assert sorted([*failed, *(job for job, _ in done)]) == list(range(12))


@pytest.mark.parametrize("workers", [1, 2])
def test_each_job_is_told_when_it_is_done_and_not_in_the_end(workers):
    told, steps = [], []
    shared_out(
        slowly,
        range(12),
        workers=workers,
        progress=steps.append,
        finish=lambda *done: told.append((done, sum(steps))),
    )
    assert sorted(job for (job, _), _ in told) == list(range(12))
    assert all(job == of for (job, (of, _)), _ in told)
    assert told[0][1] < 12 * 20


SHARED = Path("/dev/shm")  # noqa: S108  -- only looked at


@pytest.mark.skipif(not SHARED.is_dir(), reason="shared memory has no folder here")
def test_a_parent_that_is_killed_leaves_no_shared_memory_behind(tmp_path):
    (tmp_path / "script.py").write_text(
        SCRIPT.replace("members=4000, block=500", "members=8000, block=1000"), encoding="utf-8"
    )
    script = started(tmp_path, "script.py")
    try:
        workers = wait_for(lambda: children(script))
    finally:
        script.kill()
        script.communicate()
    wait_for(lambda: ended(workers))
    assert not list(SHARED.glob(f"pym-{script.pid}-*"))


def test_two_workers_report_their_steps_and_need_no_guard(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    script = started(tmp_path, "script.py")
    told, wrong = script.communicate(timeout=120)
    assert (script.returncode, wrong) == (0, ""), wrong
    times, done, months, members, path = told.split()
    assert int(times) > 2, "more often than once a block"
    assert done == months
    assert (members, Path(path).name) == ("4000", "script.py")


COMMAND = ("-m", "sim", "run", "march-2023", "--unlearned", "--no-figures", "--workers", "2")


@pytest.fixture
def long_run(tmp_path):
    """Return a command with two workers that are at work, and these."""
    process = started(tmp_path, *COMMAND, "--members", "300000", "--keep", "outcomes")
    workers = wait_for(lambda: children(process))  # one beside the process itself, which works too
    yield process, workers
    process.kill()
    process.communicate()


def ended(workers):
    return not any("spawn_main" in command_of(pid) for pid in workers)


def test_workers_end_with_a_parent_that_is_killed(long_run):
    process, workers = long_run
    process.kill()
    wait_for(lambda: ended(workers))


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_the_run_in_a_line_and_its_workers_with_it(long_run, sent, status):
    process, workers = long_run
    time.sleep(1.0)
    if sent == signal.SIGINT:
        os.killpg(process.pid, sent)  # as a terminal does
    else:
        process.send_signal(sent)
    told, wrong = process.communicate(timeout=60)
    assert process.returncode == status
    assert told == ""
    assert wrong.startswith("interrupted; what is finished is kept in results")
    assert len(wrong.splitlines()) == 1
    wait_for(lambda: ended(workers))


SWALLOWED = """
import os, sys, time, weakref
from sim.cli.errors import hear_termination
class Thing: pass
hear_termination()
thing = Thing()
kept = weakref.ref(thing, lambda _: os.kill(os.getpid(), int(sys.argv[1])))  # Python prints what this raises
try:
    del thing
    while True:
        time.sleep(10)
except KeyboardInterrupt as cause:
    print(type(cause).__name__)
"""


@pytest.mark.parametrize(
    ("sent", "named"), [(signal.SIGTERM, "Terminated"), (signal.SIGINT, "KeyboardInterrupt")]
)
def test_a_signal_is_not_lost_where_nothing_can_be_raised(tmp_path, sent, named):
    process = started(tmp_path, "-c", SWALLOWED, str(int(sent)))
    try:
        told, wrong = process.communicate(timeout=30)
    finally:
        process.kill()
    assert (told, wrong) == (f"{named}\n", "")


def test_ctrl_c_ends_a_run_whose_workers_are_threads(tmp_path):
    process = started(tmp_path, *COMMAND, "--members", "8000")
    try:
        wait_for(lambda: list(tmp_path.glob("results/*/*/unfinished.json")))
        assert not children(process)
        process.send_signal(signal.SIGINT)
        told, wrong = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, told) == (130, "")
    assert wrong.startswith("interrupted; what is finished is kept in results")
    assert len(wrong.splitlines()) == 1


def test_a_worker_that_is_killed_is_told(long_run):
    process, (other,) = long_run
    os.kill(other, signal.SIGKILL)
    _, wrong = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "a worker process was ended from outside, as when memory runs out; take fewer workers" in wrong
    assert len(wrong.splitlines()) == 1
