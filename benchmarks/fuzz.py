"""Hostile input: whatever stands in a file, reading it ends in what was read or in a line that says what is wrong.

``FUZZ_TIMES=1000 python -m pytest tests/test_hostile.py -k whatever`` lets Hypothesis make so many inputs for each
reader, at random; ``python benchmarks/fuzz.py READER --times 1000`` (needs atheris, Linux) lets inputs that reach new
code breed others. An input that ends in anything else than a refusal in words, takes over two seconds, or leaves a file
outside the folder that it may write to is a fault: it is made as small as it can be, printed, and tried first the next
time.

Readers: scenario files; files of observations; folders added to the record; the small files and the arrays of run
folders and posteriors, mostly with their hashes made right again, as a stranger could; the ledger of forecasts.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import math
import os
import shutil
import signal
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings, strategies as st
from typer.testing import CliRunner

from sim.assimilation import Posterior
from sim.assimilation.posterior import PARTS as OF_POSTERIOR
from sim.cli import app
from sim.forecasting import forecast
from sim.record.additions import read_additions
from sim.record.observation_file import ObservationFileError, read_observations
from sim.record.observations import Record
from sim.registry import read_ledger, register, resolve
from sim.registry.chain import _BEGINNING, ChainError
from sim.runs.manifest import DamageError, find, readable, seal, write_signed
from sim.runs.members import NotKeptError
from sim.runs.results import Run
from sim.runs.storing import PARTS, TABLES, Store
from sim.scenario import ScenarioError, read_scenario, to_toml
from sim.scenario.problems import toml_key, toml_value
from sim.scenario.source import shipped_scenarios
from sim.verification import score_run
from sim.world.facts import gather

SLOWEST = 2.0
WORDS = (
    "", "1", "-1", "0", "1e999", "nan", "9" * 5000, "2023-03-10", "0001-01-01", "9999-12-31", "=1+1", "\x1b[2J", "\0",
    "../../x", "/etc/passwd", "posture", "sanctions", "ally", "lean", "all", "a,b", "\u202e", "\ud800", "x" * 3000, '"',
    "{" * 2000, "[" * 2000, "gas_weight", "normal(0, 1)", "learned", "member", "float64", "vlen-utf8",
    "gzip", "numcodecs.lzma", "numcodecs.pickle", "sharding_indexed", "transpose", "zstd", "object", "AAAA",
)  # fmt: skip
VALUES = (
    *(None, True, False, 0, 1, -1, 2**31, 2**63, 10**30, 1.5, -0.5, 1e308, math.nan, math.inf),
    *([], {}, [1, 2], {"a": 1}, [[]], [None], {"value": 1}),
)
WORD = st.sampled_from(WORDS)
VALUE = WORD | st.sampled_from(VALUES)


# --- what is made of a file's content; `draw` is Hypothesis's choice ---


def rarely(draw: Callable, one_in: int) -> bool:
    return draw(st.integers(1, one_in)) == one_in


@st.composite
def torn(draw: Callable, raw: bytes) -> bytes:
    """Return bytes with some torn out, put in, or a word in their place."""
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(raw)))
        end = draw(st.integers(start, min(start + 40, len(raw))))
        put = draw(WORD.map(as_bytes) | st.binary(max_size=12))
        raw = raw[:start] + put + raw[end:]
    return raw


def as_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@st.composite
def json_like(draw: Callable, told: Any) -> Any:
    """Return a value of JSON with one part of it replaced, left out, doubled or renamed."""
    if isinstance(told, dict | list) and told and not rarely(draw, 12):
        changed = told.copy()
        key = draw(st.sampled_from(sorted(told) if isinstance(told, dict) else range(len(told))))
        how = draw(st.integers(0, 7))
        if how == 0:
            del changed[key]
        elif how == 1 and isinstance(changed, dict):
            changed[draw(WORD)] = changed.pop(key)
        elif how == 1:
            changed.append(told[key])
        else:
            changed[key] = draw(json_like(told[key]))
        return changed
    if type(told) in (int, float) and draw(st.booleans()):
        return told + draw(st.sampled_from((1, -1, 0.5, 1e6, -told)))
    return draw(VALUE)


@st.composite
def csv_like(draw: Callable, text: str) -> str:
    """Return a table changed as JSON is, up to three times: as a list of rows, or its head alone."""
    rows = list(csv.reader(io.StringIO(text, newline="")))
    for _ in range(draw(st.integers(1, 3))):
        known = 1 if rarely(draw, 4) else len(rows)
        changed = draw(json_like(rows[:known]))
        rows = [*(changed if isinstance(changed, list) else [changed]), *rows[known:]]
    told = io.StringIO(newline="")
    csv.writer(told, lineterminator="\n").writerows(row if isinstance(row, list) else [row] for row in rows)
    return told.getvalue()


def change(draw: Callable, path: Path) -> None:
    """Change a file, by what it holds."""
    raw = path.read_bytes()
    if not rarely(draw, 4):
        with suppress(ValueError, RecursionError):
            if path.suffix == ".json":
                path.write_bytes(as_bytes(json.dumps(draw(json_like(json.loads(raw))), indent=2)))
                return
            if path.suffix == ".csv":
                path.write_bytes(as_bytes(draw(csv_like(raw.decode()))))
                return
    path.write_bytes(draw(torn(raw)))


# --- what inputs are made of ---


@dataclass
class Ground:
    """A folder with a run that learned, one from priors, a posterior and a ledger."""

    home: Path

    @cached_property
    def shipped(self) -> list[bytes]:
        return [path.read_bytes() for path in shipped_scenarios().values()]

    @cached_property
    def runs(self) -> tuple[Path, ...]:
        march = read_scenario("march-2023")
        asked = replace(march.questions[0], at=date(2012, 12, 31))
        spec = replace(march, as_of=date(2012, 3, 10), until=date(2012, 12, 31), questions=(asked,))
        output = {"output": self.home / "out", "cache": self.home / "cache" / "posteriors"}
        return tuple(
            forecast(spec, members=8, particles=16, learned=learned, **output).folder
            for learned in (True, False)
        )

    @cached_property
    def posterior(self) -> Path:
        assert self.runs
        kept = self.home / "cache" / "posteriors"
        (found,) = (path for path in kept.iterdir() if path.is_dir() and "." not in path.name)
        return found

    @cached_property
    def ledger(self) -> bytes:
        register(Run.load(self.runs[0]), self.home / "ledger", hindcast=True)
        return (self.home / "ledger" / "ledger.jsonl").read_bytes()

    def begin(self) -> None:
        """Make each call once: what it imports is no time of any input."""
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            for command in COMMANDS:
                at_large(self, command, self.copy(self.runs[0])[0])

    def copy(self, folder: Path) -> tuple[Path, list[Path]]:
        """Return a folder's copy, for one input to spoil, and the files of its arrays."""
        place = self.home / "tried" / folder.parent.name / folder.name
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(folder, place)
        files = sorted(path for path in place.rglob("*") if path.is_file())
        return place, [path for path in files if ".zarr" in str(path)]


def called(*arguments: object) -> None:
    """Call a command as its user would; an error that they would see as a traceback is raised."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code in (0, 1, 2), result.exit_code


def sealed(draw: Callable, folder: Path, path: Path, parts: tuple[str, ...]) -> None:
    """Make the hashes right again after a file was changed, mostly."""
    if path.name in ("manifest.json", "unfinished.json"):
        with suppress(ValueError, AttributeError, TypeError, RecursionError):
            told = json.loads(path.read_bytes())
            told.pop("digest", None)
            write_signed(path, told)
    elif not rarely(draw, 8):
        seal(folder, parts)


# --- the readers ---


def scenario(ground: Ground, draw: Callable) -> None:
    path = ground.home / "fuzz.toml"
    raw = draw(st.sampled_from(ground.shipped))
    if rarely(draw, 3):
        raw = draw(torn(raw))
    else:
        told = draw(json_like(tomllib.loads(raw.decode())))
        with suppress(Exception):  # what is no TOML stays as it was
            raw = "".join(f"{toml_key(str(k))} = {toml_value(v)}\n" for k, v in told.items()).encode()
    path.write_bytes(raw)
    try:
        found = read_scenario(path)
    except ScenarioError as error:
        if not all(str(problem).isprintable() for problem in error.problems):
            raise ValueError("a control code in a message") from None
        return
    to_toml(found)
    if rarely(draw, 200):
        called(draw(st.sampled_from(("check", "show"))), path)


OBSERVED = (
    "target,start,end,value,trials,source\nsanctions,,2012-06-30,0,,x\ncfsp_alignment,2012-01-01,2012-12-31,0.9,40,x\n"
    "eu_support,,2012-06-30,0.5,1000,x\nposture,,2012-12-31,ally,,x\nchapters_opened,,2012-12-31,0,,x\n"
)


def observations(ground: Ground, draw: Callable) -> None:
    path = ground.home / "observed.csv"
    path.write_text(OBSERVED, encoding="utf-8")
    change(draw, path)
    with suppress(ObservationFileError):
        read_observations(path)
        if rarely(draw, 200):
            score_run(Run.load(draw(st.sampled_from(ground.runs))), path)


ADDED = {
    "observed.csv": "target,start,end,value,trials,source,known_on\neu_support,,2023-01-31,0.5,1000,x,2023-02-02\n",
    "coverage.csv": "table,until\nelections,2023-03-31\nwar,2023-03-31\n",
}


def additions(ground: Ground, draw: Callable) -> None:
    folder = ground.home / "added"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    record = Record.load()
    tables = sorted({*record.resources} - {"observations", "topics", "snapshots"})
    for name in draw(st.lists(st.sampled_from(tables), min_size=1, max_size=2)):
        rows = record.resources[name].rows
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(draw(st.sampled_from(rows)) for _ in range(3))
    for name, text in ADDED.items():
        (folder / name).write_text(text, encoding="utf-8")
    for path in sorted(folder.iterdir()):
        if draw(st.booleans()):
            change(draw, path)
    with suppress(ObservationFileError):
        more = read_additions(folder, record)
        if rarely(draw, 10):
            known = record.with_observations(more.observations).with_facts(more.stated)
            gather(known, date(2023, 3, 10))
            list(known.not_imposed(date(2023, 3, 10)))


BESIDE = {
    "observations.csv": "target,start,end,value,trials,spread,known_on,source\n"
    "eu_support,,2012-01-31,0.5,1000,,2012-02-02,x\n",
    "facts.json": '{"rows": {"elections": [{"date": "2012-05-06", "kind": "parliamentary", "source": "x", '
    '"known_on": "2012-05-06"}]}, "covered": {"elections": "2012-06-30"}}',
}
"""Files of a run whose record was added to."""


def run_folder(ground: Ground, draw: Callable) -> None:
    folder, arrays = ground.copy(draw(st.sampled_from(ground.runs)))
    (folder / "unfinished.json").write_text(
        json.dumps({"blocks": [0], "files": json.loads((folder / "manifest.json").read_bytes())["files"]})
    )
    small = ["provenance.json", "scenario.toml", "manifest.json", "unfinished.json", *BESIDE]
    small += [f"{name}.csv" for name in ("forecast", "questions", "ranges", "summary")]
    path = draw(st.sampled_from(arrays)) if rarely(draw, 4) else folder / draw(st.sampled_from(small))
    if path.name != "unfinished.json":
        (folder / "unfinished.json").unlink()
    if path.name in BESIDE:
        path.write_text(BESIDE[path.name], encoding="utf-8")
    change(draw, path)
    sealed(draw, folder, path, PARTS)
    try:
        run = Run.load(folder)
        assert all(map(str, (run.scenario, run.first_month, run.basis, run)))
        if path.suffix == ".csv" and path.stem in TABLES:
            run.table(path.stem)
        elif path.name in BESIDE or rarely(draw, 20):
            run.record, run.record_ends  # noqa: B018
        else:
            run.data  # noqa: B018
            if path in arrays:
                name = path.relative_to(folder).parts[1]
                with readable(folder, "that"):  # what reads values has its own such block
                    run.data.get(name, run.data).load()
        if rarely(draw, 40):
            at_large(ground, draw(st.sampled_from(COMMANDS)), folder)
    except (DamageError, ScenarioError, NotKeptError, FileNotFoundError) as error:
        if "\n" in str(error) and not isinstance(error, ScenarioError):
            raise ValueError("more than a line") from None


COMMANDS = ("explain", "compare", "replay", "score", "register", "verify", "plot", "run")


def at_large(ground: Ground, command: str, folder: Path) -> None:
    observed, again = ground.home / "seen.csv", ground.home / "march-2023.toml"
    observed.write_text(OBSERVED, encoding="utf-8")
    shutil.copyfile(ground.runs[0] / "scenario.toml", again)
    more = {
        "explain": (folder, "--members", 2),
        "replay": (folder, "--member", 3, "--trace"),
        "score": (folder, "--observations", observed),
        "register": (folder, "--hindcast", "--ledger", ground.home / "another"),
        "verify": (folder, "--members", 2),
        "plot": (folder, "sanctions", "--save", ground.home / "figure.png"),
        "compare": (folder, folder),
        # which finds the folder of the run that learned
        "run": (again, "--members", 8, "--particles", 16, "--output", folder.parents[1], "--no-figures"),
    }
    if command != "run" or folder.name == ground.runs[0].name:
        called(command, *more[command])


def interrupted(ground: Ground, draw: Callable) -> None:
    """A stranger's marker of an interrupted run: it is taken up, or what lies there is made anew."""
    folder = ground.home / "begun" / "012345678901"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "members.zarr").mkdir(parents=True)
    (folder / "members.zarr" / "x").write_text("x")
    path = folder / "unfinished.json"
    path.write_text(
        json.dumps({"blocks": [0], "files": {"members.zarr/x": hashlib.sha256(b"x").hexdigest()}})
    )
    change(draw, path)
    if not rarely(draw, 8):
        sealed(draw, folder, path, ())
    Store(folder, 8)


def posterior(ground: Ground, draw: Callable) -> None:
    folder, arrays = ground.copy(ground.posterior)
    small = [folder / "provenance.json", folder / "manifest.json"]
    path = draw(st.sampled_from(small if rarely(draw, 3) else arrays))
    change(draw, path)
    sealed(draw, folder, path, OF_POSTERIOR)
    with suppress(DamageError, FileNotFoundError):
        found = find(Posterior.load, folder)
        if found is not None and rarely(draw, 4):
            repr(found), found.summary(), found.controls(), found.kept


def ledger(ground: Ground, draw: Callable) -> None:
    raw, folder = ground.ledger, ground.home / "hostile"
    folder.mkdir(exist_ok=True)
    if rarely(draw, 4):
        raw = draw(torn(raw))
    else:
        said = [json.loads(line) for line in raw.splitlines()[:4]]
        place = draw(st.integers(1, len(said)))
        before, raw = _BEGINNING, b""
        for number, content in enumerate(said, 1):
            for name in ("digest", "line", "before"):
                content.pop(name)
            told = draw(json_like(content)) if number == place else content
            line = {"line": number, "before": before} | (told if isinstance(told, dict) else content)
            before = hashlib.sha256(json.dumps(line).encode()).hexdigest()
            raw += json.dumps({"digest": before} | line).encode() + b"\n"  # as a stranger could: NaN too
    (folder / "ledger.jsonl").write_bytes(raw)
    if rarely(draw, 50):
        called(draw(st.sampled_from(("ledger", "resolve"))), "--ledger", folder)
    else:
        with suppress(ChainError):
            read_ledger(folder)
            resolve(folder)


READERS = {
    each.__name__: each
    for each in (scenario, observations, additions, run_folder, interrupted, posterior, ledger)
}


def reading(ground: Ground, name: str, times: int, *, slowest: float = SLOWEST) -> Callable:
    """Return a test by Hypothesis: so many inputs of a reader, each in so many seconds of processor time at most."""

    @settings(max_examples=times, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def test(data: st.DataObject) -> None:
        if slowest < math.inf:  # of this process's own time, since the machine may be busy
            signal.signal(signal.SIGPROF, _late)
            signal.setitimer(signal.ITIMER_PROF, 5.0 * slowest)
        begun = time.process_time()
        try:
            with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
                READERS[name](ground, data.draw)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0.0)
        assert (taken := time.process_time() - begun) <= slowest, f"{taken:.1f} seconds"

    return test


def _late(*_: object) -> None:
    raise TimeoutError("far too slow")


def by_coverage() -> None:
    """Let inputs of a reader breed others that reach more code of what reads."""
    import atheris

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("reader", choices=READERS)
    parser.add_argument("--times", type=int, default=1000)
    asked = parser.parse_args()
    read = ["sim", "tomllib", "csv"]
    for name in [each for each in sys.modules if each.partition(".")[0] in read]:
        del sys.modules[name]
    with atheris.instrument_imports(include=read):
        anew = import_module("fuzz")  # it tells which code of what reads an input reaches
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        os.environ["SERBIA_SIM_CACHE"] = f"{folder}/cache"
        os.chdir(folder)
        ground = anew.Ground(Path(folder))
        ground.begin()
        test = anew.reading(ground, asked.reader, asked.times)
        options = (f"-runs={asked.times}", "-max_len=4096", "-len_control=0", "-print_final_stats=1")
        atheris.Setup([sys.argv[0], *options], test.hypothesis.fuzz_one_input)
        atheris.Fuzz()


if __name__ == "__main__":
    by_coverage()
