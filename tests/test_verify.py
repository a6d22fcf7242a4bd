"""`verify` finds what was damaged by its hash, and what was changed together with its hash by making it again."""

import csv
import io
import json
import re
import shutil
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import zarr

from sim.contrasts.reproduction import verify
from sim.runs.manifest import seal
from sim.runs.results import Run
from sim.runs.storing import PARTS
from sim.scenario import read_scenario

MARCH = read_scenario("march-2023")
ASKED = replace(MARCH.questions[0], at=date(2013, 6, 30))
SPEC = replace(MARCH, as_of=date(2012, 3, 10), until=date(2013, 6, 30), questions=(ASKED,))
MEMBERS = 40
TABLES = ("forecast", "questions", "ranges", "summary")


@pytest.fixture(scope="module", params=["learned", "from priors"])
def run(request, run_of):
    return run_of(SPEC, MEMBERS, learned=request.param == "learned")


@pytest.fixture
def copied(run, tmp_path):
    return Run.load(shutil.copytree(run.folder, tmp_path / run.folder.parent.name / run.folder.name))


def flip_a_byte(rng, folder):
    """Change one bit of any file that a run is read from."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.stat().st_size]
    path = files[rng.integers(len(files))]
    raw = bytearray(path.read_bytes())
    raw[rng.integers(len(raw))] ^= 1 << rng.integers(8)
    path.write_bytes(raw)
    return path.relative_to(folder).as_posix()


def truncate_a_chunk(rng, folder):
    chunks = sorted(path for path in folder.glob("*.zarr/**/c/**/*") if path.is_file())
    path = chunks[rng.integers(len(chunks))]
    path.write_bytes(path.read_bytes()[: rng.integers(path.stat().st_size)])
    return path.relative_to(folder).as_posix()


def edit_a_table(rng, folder):
    """Change the last digit of a number in a table."""
    path = folder / f"{TABLES[rng.integers(len(TABLES))]}.csv"
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    numbers = [
        (row, place)
        for row in range(1, len(rows))
        for place, cell in enumerate(rows[row])
        if re.fullmatch(r"-?\d+(\.\d+)?", cell)
    ]
    row, place = numbers[rng.integers(len(numbers))]
    cell = rows[row][place]
    rows[row][place] = f"{cell[:-1]}{(int(cell[-1]) + 1 + int(rng.integers(9))) % 10}"
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")
    return f"{path.name}, line {row + 1}, {rows[0][place]}: stored {rows[row][place]}, recomputed {cell}"


def change_a_parameter(rng, folder):
    """Change a belief or the seed in what the run states of itself."""
    path = folder / "provenance.json"
    made = json.loads(path.read_text(encoding="utf-8"))
    match rng.integers(3):
        case 0:
            made["seed"] += 1
        case 1:
            name = sorted(made["parameters"])[rng.integers(len(made["parameters"]))]
            made["parameters"][name] = "normal(7, 1)"
        case _:
            path = folder / "scenario.toml"
            text = path.read_text(encoding="utf-8")
            belief = '[parameters]\ngas_weight = {value = 0.7, source = "judgement"}\n\n[[questions]]'
            path.write_text(text.replace("[[questions]]", belief, 1), encoding="utf-8")
            return path.name
    path.write_text(json.dumps(made), encoding="utf-8")
    return path.name


def change_a_member(rng, folder):
    """Change one number of one member."""
    arrays = sorted(path.parent.name for path in folder.glob("members.zarr/*/zarr.json"))
    name = [each for each in arrays if each not in ("member", "month")][rng.integers(len(arrays) - 2)]
    array = zarr.open_array(folder / "members.zarr", path=name, mode="r+")
    place = tuple(int(rng.integers(size)) for size in array.shape)
    number = array[place]
    array[place] = 0 if np.isnan(number) else (number + 1) % 16
    return f"members.zarr/{name}" if name != "parameters" else "members.zarr/parameter_"


def tries(run, tmp_path, damages, times, *, sealed, seed=3):
    rng = np.random.default_rng(seed)
    for number in range(times):
        folder = shutil.copytree(run.folder, tmp_path / str(number) / run.folder.name)
        hurt = damages[number % len(damages)](rng, folder)
        if sealed:
            seal(folder, PARTS)
            hurt = hurt.replace("scenario.toml", "provenance.json")  # which then states another scenario
        told = [str(each) for each in verify(folder, members=MEMBERS).differences]
        assert any(each.startswith(hurt) for each in told), (number, hurt, told)
        shutil.rmtree(folder)


def test_a_run_as_it_was_made_is_whole(run, called):
    found = verify(run.folder, members=7)
    assert found.differences == ()
    assert (found.members, found.comparable) == (7, True)
    assert found.numbers >= 7 * 16 * 20
    assert found.cells > 1000
    assert found.posterior is (True if run.learned else None)
    told = called("verify", run.folder, "--members", 2)
    assert told.exit_code == 0
    assert "whole. " in told.stdout
    assert "2 members lived again" in " ".join(told.stdout.split())


def test_what_is_damaged_is_found(run, tmp_path):
    tries(run, tmp_path, (flip_a_byte, truncate_a_chunk, edit_a_table, change_a_parameter), 4, sealed=False)


def test_what_is_changed_with_its_hash_is_found(run, tmp_path):
    tries(run, tmp_path, (edit_a_table, change_a_parameter, change_a_member), 3, sealed=True)


@pytest.mark.long(reason="a hundred runs are made again; ten are in the tests above")
def test_each_of_a_hundred_faults_is_found(run, tmp_path):
    tries(
        run, tmp_path / "open", (flip_a_byte, truncate_a_chunk, edit_a_table, change_a_parameter), 100,
        sealed=False, seed=11,
    )  # fmt: skip
    tries(
        run,
        tmp_path / "sealed",
        (edit_a_table, change_a_parameter, change_a_member),
        100,
        sealed=True,
        seed=12,
    )


def test_a_number_that_differs_is_told_with_its_place(called, copied):
    hurt = edit_a_table(np.random.default_rng(1), copied.folder)
    told = called("verify", copied.folder)
    assert told.exit_code == 1
    words = " ".join(told.stdout.split())
    assert hurt in words
    assert f"{hurt.partition(',')[0]} is damaged: it is not as it was written." in words
    assert told.stderr == f"{copied.folder}: not as it was made\n"


def test_what_is_no_run_or_of_other_code_ends_with_2(called, copied, tmp_path):
    assert called("verify", tmp_path / "nothing").exit_code == 2
    (copied.folder / "unfinished.json").write_text("{}")
    assert "interrupted" in called("verify", copied.folder).stderr
    (copied.folder / "unfinished.json").unlink()
    path = copied.folder / "provenance.json"
    path.write_text(re.sub('"content": "[0-9a-f]*"', '"content": "0123456789abcdef"', path.read_text()))
    seal(copied.folder, PARTS)
    told = called("verify", copied.folder)
    assert (told.exit_code, told.stdout) == (2, "")
    assert "other code or another record made this run" in told.stderr
