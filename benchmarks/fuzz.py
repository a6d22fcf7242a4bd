"""Hostile input: whatever stands in a file, reading it ends in what was read or in a line that says what is wrong.

``python benchmarks/fuzz.py --times 1000`` makes so many inputs for each reader, at random; with ``--coverage`` (needs
atheris, Linux) inputs that reach new code breed others, until ``--times`` are done for the reader named by ``--only``.
An input that ends in anything else than a refusal in words, takes over two seconds, or leaves a file outside the folder
that it may write to is a fault: it is printed, and kept under ``--keep``.

Readers: scenario files; files of observations; folders added to the record; the small files and the arrays of run
folders and posteriors, mostly with their hashes made right again, as a stranger could; the ledger of forecasts.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import tomllib
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

SLOWEST = 2.0
WORDS = (
    "", "1", "-1", "0", "1e999", "nan", "9" * 5000, "2023-03-10", "0001-01-01", "9999-12-31", "=1+1", "\x1b[2J", "\0",
    "../../x", "/etc/passwd", "posture", "sanctions", "ally", "lean", "all", "a,b", "\u202e", "\ud800", "x" * 3000, '"',
    "{" * 2000, "[" * 2000, "gas_weight", "normal(0, 1)", "learned", "member", "float64", "vlen-utf8",
    "gzip", "numcodecs.lzma", "numcodecs.pickle", "sharding_indexed", "transpose", "zstd", "object", "AAAA",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**31, 2**63, 10**30, 1.5, -0.5, 1e308, float("nan"), float("inf"), [], {}, [1, 2],
    {"a": 1},
    [[]], [None], {"value": 1},
)  # fmt: skip


class Choices:
    """Choices that bytes make: the same bytes, the same input."""

    def __init__(self, raw: bytes) -> None:
        self._raw, self._at = raw, 0

    def below(self, many: int) -> int:
        """Return a number from 0 on below `many`; 0 when the bytes are spent."""
        width = 1 if many <= 256 else 3
        taken = self._raw[self._at : self._at + width]
        self._at += width
        return int.from_bytes(taken, "little") % max(many, 1)

    def of(self, several: Any) -> Any:
        return several[self.below(len(several))]

    def rest(self, most: int = 12) -> bytes:
        taken = self._raw[self._at : self._at + self.below(most + 1) + 1]
        self._at += len(taken)
        return taken

    def value(self) -> Any:
        return self.of(WORDS) if self.below(2) else self.of(VALUES)

    def bytes_of(self, raw: bytes) -> bytes:
        """Return bytes with some torn out, put in, or a word in their place."""
        for _ in range(1 + self.below(3)):
            start = self.below(len(raw) + 1)
            end = min(start + self.below(40), len(raw))
            put = self.of(WORDS).encode("utf-8", "surrogatepass") if self.below(3) == 0 else self.rest()
            raw = raw[:start] + put + raw[end:]
        return raw

    def json_of(self, told: Any) -> Any:
        """Return a value of JSON with one part of it replaced, left out, doubled or renamed."""
        if isinstance(told, dict) and told and self.below(12):
            key = self.of(sorted(told))
            changed = dict(told)
            match self.below(8):
                case 0:
                    del changed[key]
                case 1:
                    changed[self.of(WORDS)] = changed.pop(key)
                case _:
                    changed[key] = self.json_of(told[key])
            return changed
        if isinstance(told, list) and told and self.below(12):
            place = self.below(len(told))
            match self.below(6):
                case 0:
                    return told[:place] + told[place + 1 :]
                case 1:
                    return [*told, told[place]]
                case _:
                    return [*told[:place], self.json_of(told[place]), *told[place + 1 :]]
        if type(told) in (int, float) and self.below(2):
            return told + self.of((1, -1, 0.5, 1e6, -told))
        return self.value()

    def csv_of(self, text: str) -> str:
        rows = list(csv.reader(io.StringIO(text, newline="")))
        for _ in range(1 + self.below(3)):
            if not rows or not any(rows):
                break
            row = self.of(rows) if self.below(4) else rows[0]
            match self.below(6):
                case 0:
                    rows.remove(row)
                case 1:
                    rows.append(list(row))
                case 2:
                    row.append(self.of(WORDS))
                case 3 if row:
                    row.pop(self.below(len(row)))
                case _ if row:
                    row[self.below(len(row))] = self.of(WORDS)
        told = io.StringIO(newline="")
        csv.writer(told, lineterminator="\n").writerows(rows)
        return told.getvalue()

    def file(self, path: Path) -> None:
        """Change a file, by what it holds."""
        raw = path.read_bytes()
        how = self.below(4)
        if path.suffix == ".json" and how:
            with suppress(ValueError, RecursionError):
                text = json.dumps(self.json_of(json.loads(raw)), indent=2)
                path.write_bytes(text.encode("utf-8", "surrogatepass"))
                return
        if path.suffix == ".csv" and how:
            path.write_bytes(self.csv_of(raw.decode()).encode("utf-8", "surrogatepass"))
            return
        path.write_bytes(self.bytes_of(raw))


@dataclass
class Ground:
    """A folder with what inputs are made of: a run that learned, one from priors, a posterior, a ledger."""

    home: Path
    stamps: dict[Path, dict[Path, tuple[int, ...]]] = field(default_factory=dict)

    @cached_property
    def spec(self) -> Any:
        from sim.scenario import read_scenario

        march = read_scenario("march-2023")
        asked = replace(march.questions[0], at=date(2012, 12, 31))
        return replace(march, as_of=date(2012, 3, 10), until=date(2012, 12, 31), questions=(asked,))

    @cached_property
    def shipped(self) -> list[bytes]:
        from sim.scenario.source import shipped_scenarios

        return [path.read_bytes() for path in shipped_scenarios().values()]

    @cached_property
    def runs(self) -> tuple[Path, Path]:
        from sim.forecasting import forecast

        made = [
            forecast(
                self.spec,
                members=8,
                particles=16,
                learned=learned,
                output=self.home / "out",
                cache=self.home / "cache" / "posteriors",
            ).folder
            for learned in (True, False)
        ]
        return made[0], made[1]

    @cached_property
    def posterior(self) -> Path:
        assert self.runs
        (found,) = (
            path
            for path in (self.home / "cache" / "posteriors").iterdir()
            if path.is_dir() and "." not in path.name
        )
        return found

    @cached_property
    def ledger(self) -> bytes:
        from sim.registry import register
        from sim.results import Run

        register(Run.load(self.runs[0]), self.home / "ledger", hindcast=True)
        return (self.home / "ledger" / "ledger.jsonl").read_bytes()

    @contextmanager
    def put_back(self, folder: Path) -> Any:
        """Undo what the block does to a folder."""
        kept = self.home / "kept" / folder.name
        if not kept.exists():
            shutil.copytree(folder, kept)
            self.stamps[folder] = stamps(folder)
        try:
            yield
        finally:
            if (there := stamps(folder)) != (before := self.stamps[folder]):
                for path in there.keys() - before.keys():
                    path.unlink()
                for path in before.keys() - {path for path in before if there.get(path) == before[path]}:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(kept / path.relative_to(folder), path)
                self.stamps[folder] = stamps(folder)

    def known(self, folder: Path, changed: Path) -> dict[str, str]:
        """Return the hashes of all files of a folder but one."""
        files = json.loads((self.home / "kept" / folder.name / "manifest.json").read_bytes())["files"]
        return {
            name: digest for name, digest in files.items() if name != changed.relative_to(folder).as_posix()
        }


def stamps(folder: Path) -> dict[Path, tuple[int, ...]]:
    """Return what tells of each file of a folder whether it was written since."""
    found = {}
    for top, _, names in os.walk(folder):
        for name in names:
            told = os.lstat(path := Path(top, name))
            found[path] = (told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns)
    return found


def called(*arguments: object) -> None:
    """Call a command as its user would; an error that they would see as a traceback is raised."""
    from typer.testing import CliRunner

    from sim.cli import app

    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code in (0, 1, 2), result.exit_code


def scenario(ground: Ground, choices: Choices) -> None:
    from sim.scenario import read_scenario, to_toml

    path = ground.home / "fuzz.toml"
    raw = choices.of(ground.shipped)
    if choices.below(3):
        from sim.scenario.problems import toml_key, toml_value

        told = choices.json_of(tomllib.loads(raw.decode()))
        with suppress(Exception):  # what is no TOML is torn below
            told = {str(key): value for key, value in told.items()}
            raw = "".join(f"{toml_key(key)} = {toml_value(value)}\n" for key, value in told.items()).encode()
    else:
        raw = choices.bytes_of(raw)
    path.write_bytes(raw)
    try:
        found = read_scenario(path)
    except Exception as error:
        from sim.scenario import ScenarioError

        if not isinstance(error, ScenarioError):
            raise
        if not all(str(problem).isprintable() for problem in error.problems):
            raise ValueError("a control code in a message") from None
        return
    to_toml(found)
    if choices.below(200) == 0:
        called(choices.of(("check", "show")), path)


OBSERVED = (
    "target,start,end,value,trials,source\nsanctions,,2012-06-30,0,,x\ncfsp_alignment,2012-01-01,2012-12-31,0.9,40,x\n"
    "eu_support,,2012-06-30,0.5,1000,x\nposture,,2012-12-31,ally,,x\nchapters_opened,,2012-12-31,0,,x\n"
)


def observations(ground: Ground, choices: Choices) -> None:
    from sim.observation_file import ObservationFileError, read_observations
    from sim.results import Run
    from sim.verification import score_run

    path = ground.home / "observed.csv"
    path.write_text(OBSERVED, encoding="utf-8")
    choices.file(path)
    with suppress(ObservationFileError):
        read_observations(path)
        if choices.below(200) == 0:
            score_run(Run.load(ground.runs[choices.below(2)]), path)


ADDED = {
    "observed.csv": "target,start,end,value,trials,source,known_on\neu_support,,2023-01-31,0.5,1000,x,2023-02-02\n",
    "coverage.csv": "table,until\nelections,2023-03-31\nwar,2023-03-31\n",
}


def additions(ground: Ground, choices: Choices) -> None:
    from sim.additions import read_additions
    from sim.facts import gather
    from sim.observation_file import ObservationFileError
    from sim.observations import Record

    folder = ground.home / "added"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    record = Record.load()
    tables = [name for name in record.resources if name not in ("observations", "topics", "snapshots")]
    texts = dict(ADDED)
    for _ in range(1 + choices.below(2)):
        name = choices.of(tables)
        rows = record.resources[name].rows
        some = [rows[choices.below(len(rows))] for _ in range(3)]
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(some[0])
        writer.writerows(row.values() for row in some)
        texts[f"{name}.csv"] = text.getvalue()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
        if choices.below(2):
            choices.file(folder / name)
    with suppress(ObservationFileError):
        more = read_additions(folder, record)
        if choices.below(10) == 0:
            known = record.with_observations(more.observations).with_facts(more.stated)
            gather(known, date(2023, 3, 10))
            list(known.not_imposed(date(2023, 3, 10)))


def run_folder(ground: Ground, choices: Choices) -> None:
    from sim.additions import OBSERVATIONS
    from sim.manifest import DamageError, readable, seal
    from sim.members import NotKeptError
    from sim.results import Run
    from sim.scenario import ScenarioError
    from sim.storing import PARTS, TABLES

    folder = ground.runs[choices.below(2)]
    with ground.put_back(folder):
        small = [
            "provenance.json",
            "scenario.toml",
            "manifest.json",
            "unfinished.json",
            OBSERVATIONS,
            "facts.json",
        ]
        small += [f"{name}.csv" for name in ("forecast", "questions", "ranges", "summary")]
        arrays = sorted(path for path in folder.rglob("*") if path.is_file() and ".zarr" in str(path))
        path = folder / choices.of(small) if choices.below(4) else choices.of(arrays)
        if path.name == "unfinished.json":
            told = {"blocks": [0], "files": json.loads((folder / "manifest.json").read_text())["files"]}
            path.write_text(json.dumps(told), encoding="utf-8")
        elif path.name == OBSERVATIONS:
            path.write_text(
                "target,start,end,value,trials,spread,known_on,source\neu_support,,2012-01-31,0.5,1000,,2012-02-02,x\n"
            )
        elif path.name == "facts.json":
            rows = {
                "elections": [
                    {"date": "2012-05-06", "kind": "parliamentary", "source": "x", "known_on": "2012-05-06"}
                ]
            }
            path.write_text(
                json.dumps({"rows": rows, "covered": {"elections": "2012-06-30"}}), encoding="utf-8"
            )
        choices.file(path)
        if path.name in ("manifest.json", "unfinished.json"):
            signed(path)
        elif choices.below(8):
            seal(folder, PARTS, known=ground.known(folder, path))
        try:
            run = Run.load(folder)
            run.scenario, run.first_month  # noqa: B018
            assert len(str(run.basis)) + len(repr(run))
            if path.suffix == ".csv" and path.stem in TABLES:
                run.table(path.stem)
            elif path.name in (OBSERVATIONS, "facts.json") or choices.below(20) == 0:
                run.record, run.record_ends  # noqa: B018
            else:
                run.data  # noqa: B018
                if path in arrays:
                    name = path.relative_to(folder).parts[1]
                    with readable(folder, "that"):  # what reads values has its own such block
                        run.data.get(name, run.data).load()
            if choices.below(40) == 0:
                at_large(ground, choices.of(COMMANDS), folder)
        except (DamageError, ScenarioError, NotKeptError, FileNotFoundError) as error:
            if "\n" in str(error) and not isinstance(error, ScenarioError):
                raise ValueError("more than a line") from None


COMMANDS = ("explain", "compare", "replay", "score", "register", "verify", "plot", "run")


def at_large(ground: Ground, command: str, folder: Path) -> None:
    observed = ground.home / "seen.csv"
    observed.write_text(OBSERVED, encoding="utf-8")
    more = {
        "explain": ("--members", 2),
        "replay": ("--member", 3, "--trace"),
        "score": ("--observations", observed),
        "register": ("--hindcast", "--ledger", ground.home / "another"),
        "verify": ("--members", 2),
        "plot": ("sanctions", "--save", ground.home / "figure.png"),
        "compare": (folder,),
    }
    if command == "run":  # which finds the folder
        scenario_file = ground.home / "march-2023.toml"
        if not scenario_file.exists():
            shutil.copyfile(ground.home / "kept" / folder.name / "scenario.toml", scenario_file)
        made = ("--members", 8, "--particles", 16, "--output", folder.parents[1], "--no-figures")
        called("run", scenario_file, *made)
        return
    called(command, folder, *more[command])


def signed(path: Path) -> None:
    from sim.manifest import write_signed

    with suppress(ValueError, AttributeError, TypeError, RecursionError):
        told = json.loads(path.read_bytes())
        told.pop("digest", None)
        write_signed(path, told)


def interrupted(ground: Ground, choices: Choices) -> None:
    """A stranger's marker of an interrupted run: it is taken up, or what lies there is made anew."""
    from sim.storing import Store

    folder = ground.home / "begun" / "012345678901"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "members.zarr").mkdir()
    (folder / "members.zarr" / "x").write_text("x")
    files = {"members.zarr/x": hashlib.sha256(b"x").hexdigest()}
    path = folder / "unfinished.json"
    path.write_text(json.dumps({"blocks": [0], "files": files}))
    choices.file(path)
    if choices.below(8):
        signed(path)
    Store(folder, 8)


def posterior(ground: Ground, choices: Choices) -> None:
    from sim.assimilation import Posterior
    from sim.assimilation.posterior import PARTS
    from sim.manifest import DamageError, find, seal

    folder = ground.posterior
    with ground.put_back(folder):
        arrays = sorted(path for path in folder.rglob("*") if path.is_file() and ".zarr" in str(path))
        path = (
            folder / choices.of(("provenance.json", "manifest.json"))
            if choices.below(3) == 0
            else choices.of(arrays)
        )
        choices.file(path)
        if path.name == "manifest.json":
            signed(path)
        elif choices.below(8):
            seal(folder, PARTS, known=ground.known(folder, path))
        with suppress(DamageError, FileNotFoundError):
            found = find(Posterior.load, folder)
            if found is not None and choices.below(4) == 0:
                repr(found), found.summary(), found.controls(), found.kept


def ledger(ground: Ground, choices: Choices) -> None:
    from sim.registry import read_ledger, resolve as settle
    from sim.registry.chain import _BEGINNING, ChainError, Link

    raw, folder = ground.ledger, ground.home / "hostile"
    folder.mkdir(exist_ok=True)
    path = folder / "ledger.jsonl"
    if choices.below(4):
        said = [json.loads(line) for line in raw.splitlines()[:4]]
        place = choices.below(len(said))
        before, lines = _BEGINNING, []
        for number, content in enumerate(said, 1):
            for name in ("digest", "line", "before"):
                content.pop(name)
            told = choices.json_of(content) if number == place + 1 else content
            link = Link(number, before, told if isinstance(told, dict) else content)
            lines.append(link.text)
            before = link.digest
        raw = "".join(f"{line}\n" for line in lines).encode()
    else:
        raw = choices.bytes_of(raw)
    path.write_bytes(raw)
    if choices.below(50) == 0:
        called(choices.of(("ledger", "resolve")), "--ledger", folder)
    else:
        with suppress(ChainError):
            read_ledger(folder)
            settle(folder)


READERS: dict[str, Callable[[Ground, Choices], None]] = {
    each.__name__: each
    for each in (scenario, observations, additions, run_folder, interrupted, posterior, ledger)
}


def one_input(ground: Ground, name: str, raw: bytes, slowest: float = SLOWEST) -> str:
    """Read one input; return what is wrong with how that ended, nothing if it is right.

    It may take `slowest` seconds of processor time.
    """
    if signal.getsignal(signal.SIGPROF) is _late:
        signal.setitimer(
            signal.ITIMER_PROF, 5.0 * SLOWEST
        )  # of this process's own time: the machine may be busy
    begun = time.process_time()
    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            READERS[name](ground, Choices(raw))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 - that is what is looked for
        return "".join(traceback.format_exception(error)[-6:])
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
    taken = time.process_time() - begun
    return f"{taken:.1f} seconds" if taken > slowest else ""


def _late(*_: object) -> None:
    raise TimeoutError(f"over {5.0 * SLOWEST} seconds")


def random_inputs(ground: Ground, names: list[str], times: int, seed: int, keep: Path | None) -> int:
    rng, faults = random.Random(seed), Counter()
    for name in names:
        done = 0
        for number in range(times):
            raw = rng.randbytes(256)
            wrong = one_input(ground, name, raw)
            done += 1
            if done % 1000 == 0 and done < times:
                print(f"{name}: {done:,} inputs so far", flush=True)
            if wrong:
                faults[name] += 1
                print(f"{name}, input {number}: {wrong}", flush=True)
                if keep is not None:
                    (keep / f"{name}-{hashlib.sha256(raw).hexdigest()[:12]}").write_bytes(raw)
        print(f"{name}: {done:,} inputs, {faults[name]} faults", flush=True)
    return int(sum(faults.values()) > 0)


def instrumented() -> None:
    """Import what reads, such that it tells which of its code an input reaches."""
    import atheris

    with atheris.instrument_imports(include=["sim", "tomllib", "csv"]):
        import sim.additions
        import sim.assimilation
        import sim.registry
        import sim.reproduction
        import sim.verification  # noqa: F401


def by_coverage(ground: Ground, name: str, times: int, keep: Path | None) -> None:
    import atheris

    def one(raw: bytes) -> None:
        if wrong := one_input(ground, name, raw):
            print(f"{name}: {wrong}", flush=True)
            if keep is not None:
                (keep / f"{name}-{hashlib.sha256(raw).hexdigest()[:12]}").write_bytes(raw)

    atheris.Setup(
        [sys.argv[0], f"-runs={times}", "-max_len=512", "-len_control=0", "-print_final_stats=1"], one
    )
    atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=1000)
    parser.add_argument("--only", choices=READERS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--coverage", action="store_true")
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    if given.keep is not None:
        given.keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        home = Path(folder)
        os.environ["SERBIA_SIM_CACHE"] = str(home / "cache")
        outside = home / "outside"
        outside.mkdir()
        os.chdir(outside)  # nothing may be written here
        signal.signal(signal.SIGPROF, _late)
        if given.coverage:
            instrumented()
        ground = Ground(home)
        names = [given.only] if given.only else list(READERS)
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            for name in names:
                READERS[name](ground, Choices(b""))  # makes what is read
            for command in COMMANDS if "run_folder" in names else ():
                at_large(ground, command, ground.runs[0])  # which imports: that is no time taken by an input
        if given.coverage:
            by_coverage(ground, given.only or "scenario", given.times, given.keep)
            return 0
        status = random_inputs(ground, names, given.times, given.seed, given.keep)
        if left := list(outside.iterdir()):
            print(f"left outside: {left}")
        return status or int(bool(left))


if __name__ == "__main__":
    raise SystemExit(main())
