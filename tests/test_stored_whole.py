"""What is stored is read back as it was written, or refused by name, or made again."""

import json
import logging
import os
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest

import sim.forecasting.ensemble
from sim import forecast, read_scenario
from sim.assimilation import Posterior, assimilate
from sim.assimilation.making import keep_posterior
from sim.assimilation.posterior import PARTS as POSTERIOR_PARTS
from sim.runs.manifest import DamageError, is_whole, read_signed, seal, write_signed, write_text
from sim.runs.results import Run, is_finished
from sim.runs.storing import PARTS, Store

MARCH = read_scenario("march-2023")
ASKED = replace(MARCH.questions[0], at=date(2013, 6, 30))
SPEC = replace(MARCH, as_of=date(2012, 3, 10), until=date(2013, 6, 30), questions=(ASKED,))
HUGE = "9" * 5000
ONE_AFTER_ANOTHER = 100


def made(output, **options):
    return forecast(SPEC, members=6, learned=False, output=output, **options)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return made(tmp_path_factory.mktemp("results"))


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return tmp_path_factory.mktemp("posteriors")


@pytest.fixture(scope="module")
def posterior(store):
    return assimilate(SPEC, particles=16, cache=store)


@pytest.fixture
def copied(run, tmp_path):
    """Return the run in a folder of its own that a test may damage."""
    folder = tmp_path / "results" / run.folder.relative_to(run.folder.parents[1])
    shutil.copytree(run.folder, folder)
    return folder


def contents(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def put(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def damage(rng, files):
    """Damage one file, or leave one out or add one; return which."""
    path = list(files)[rng.integers(len(files))]
    old = files[path]
    match rng.integers(6):
        case 0 if old:
            at = rng.integers(len(old))
            put(path, old[:at] + bytes([old[at] ^ (1 << rng.integers(8))]) + old[at + 1 :])
        case 1 if old:
            put(path, old[: rng.integers(len(old))])
        case 2:
            put(path, old + bytes([rng.integers(256)]))
        case 3:
            other = list(files.values())[rng.integers(len(files))]
            if other == old:
                return None
            put(path, other)
        case 4:
            path = path.with_name(f"{path.name}9") if "c" in path.parts else path
            put(path, old + b"0" * (path in files))
        case _:
            path.unlink()
    return path


def hurt_one_after_another(load, folder):
    """Damage a folder in one way after another, and hold that each is refused in a line with the file's name."""
    rng, files, refused = np.random.default_rng(7), contents(folder), 0
    while refused < ONE_AFTER_ANOTHER:
        hurt = damage(rng, files)
        if hurt is None:
            continue
        with pytest.raises(DamageError) as told:
            load(folder)
        assert str(told.value).startswith(f"{hurt} ")
        assert str(told.value).endswith("again")
        assert "\n" not in str(told.value)
        hurt.unlink(missing_ok=True)
        if hurt in files:
            put(hurt, files[hurt])
        refused += 1


def test_every_damage_to_a_run_folder_is_refused_by_name(run):
    hurt_one_after_another(Run.load, run.folder)
    assert is_finished(run.folder)


def test_every_damage_to_a_posterior_is_refused_by_name(posterior, store):
    hurt_one_after_another(Posterior.load, store / posterior.digest)
    assert Posterior.load(store / posterior.digest).data.identical(posterior.data)


@pytest.mark.parametrize("array", ["lean", "posture", "parameters"])
def test_a_run_without_the_chunks_of_an_array_is_refused(copied, array):
    shutil.rmtree(copied / "members.zarr" / array / "c")
    with pytest.raises(DamageError, match=rf"members\.zarr/{array}/c/0.* is missing"):
        Run.load(copied)


def test_a_run_of_an_earlier_version_is_refused_in_one_line(called, copied):
    provenance = json.loads((copied / "provenance.json").read_text())
    del provenance["keep"]  # which an earlier version did not write
    (copied / "provenance.json").write_text(json.dumps(provenance))
    seal(copied, PARTS)
    told = called("explain", copied)
    assert (told.exit_code, told.stdout) == (2, "")
    assert told.stderr.splitlines() == [
        f"{copied} is of an earlier version, which kept members otherwise; the same call of `serbia-sim run` makes it "
        "again"
    ]


def test_an_observation_that_nobody_added_is_refused(copied):
    (copied / "record.csv").write_text("target,start,end,value,trials,spread,known_on,source\n")
    with pytest.raises(DamageError, match=r"record\.csv does not belong there"):
        Run.load(copied)


@pytest.mark.parametrize("command", ["explain", "compare", "report"])
def test_facts_without_a_column_that_came_later_are_refused_with_what_to_do(called, copied, command):
    vote = {"date": "2012-02-01", "kind": "aggression", "vote": "yes", "known_on": "2012-02-01"}
    (copied / "facts.json").write_text(json.dumps({"rows": {"un_votes": [vote]}, "covered": {}}))
    seal(copied, PARTS)
    told = called(command, *[copied] * (2 if command == "compare" else 1))
    assert (told.exit_code, told.stdout) == (2, "")
    assert told.stderr.splitlines() == [
        f"{copied} does not hold what it should (facts.json: a row of un_votes has no resolution); the same call of "
        "`serbia-sim run` makes it again"
    ]


def test_no_figure_of_a_run_that_other_code_made_is_an_error_of_the_figure(called, copied):
    table, provenance = copied / "questions.csv", copied / "provenance.json"
    table.write_text(table.read_text().replace("pooled", "mixed"))
    provenance.write_text(json.dumps(json.loads(provenance.read_text()) | {"content": "0" * 16}))
    seal(copied, PARTS)
    told = called("plot", copied, "questions")
    assert (told.exit_code, told.stdout) == (2, "")
    assert told.stderr.splitlines() == [
        f"{copied} was made by other code, and this cannot read it; make it again with `serbia-sim run`"
    ]


def test_files_that_nothing_reads_do_no_harm(copied):
    (copied / "figures").mkdir(exist_ok=True)
    for name in ("figures/mine.png", "notes.txt", ".DS_Store", "members.zarr/.DS_Store"):
        (copied / name).write_bytes(b"\0")
    assert Run.load(copied).scenario == Run.load(copied).scenario


COMMANDS = {
    "explain": ["explain", "{run}"],
    "compare": ["compare", "{run}", "{run}"],
    "plot": ["plot", "{run}", "posture"],
    "replay": ["replay", "{run}", "--member", "0"],
    "score": ["score", "{run}", "--observations", "nothing.csv"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_refuses_a_damaged_run_in_one_line(called, copied, name):
    table = copied / "questions.csv"
    table.write_text(table.read_text().replace("0", "1"))
    told = called(*(argument.format(run=copied) for argument in COMMANDS[name]))
    assert (told.exit_code, told.stdout) == (2, "")
    assert told.stderr.splitlines() == [
        f"{table} is damaged: it is not as it was written; the same call of `serbia-sim run` makes it again"
    ]
    assert not (copied / "attribution.csv").exists()


def remade(copied, caplog):
    """Return what the same call makes of a damaged run folder, and the lines that it told."""
    with caplog.at_level(logging.WARNING):
        caplog.clear()
        again = made(copied.parents[1])
    return again, [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize("part", ["members.zarr/lean/c/0/0", "manifest.json"])
def test_the_same_call_makes_a_damaged_run_again_and_says_so(run, copied, caplog, part):
    (copied / part).write_bytes(b"")
    again, (line,) = remade(copied, caplog)
    assert line.startswith(f"{copied / part} is damaged")
    assert again.data.load().identical(run.data.load())
    assert again.table("forecast") == run.table("forecast")
    assert remade(copied, caplog)[1] == []


def test_a_run_in_the_place_of_another_is_not_taken_for_it(copied, caplog):
    place = copied.parent / "0123456789ab"
    copied.rename(place)
    place.rename(copied.parent / "moved")
    assert Run.load(copied.parent / "moved").scenario.name == "march-2023"
    shutil.copytree(copied.parent / "moved", copied)
    assert remade(copied, caplog)[1] == []
    other = forecast(SPEC, members=5, learned=False, output=copied.parents[1])
    shutil.rmtree(other.folder)
    shutil.copytree(copied, other.folder)
    with caplog.at_level(logging.WARNING):
        assert forecast(SPEC, members=5, learned=False, output=copied.parents[1]).data.sizes["member"] == 5
    assert "holds what belongs to another folder" in caplog.text


@pytest.mark.parametrize("empty", ["provenance.json", "manifest.json", "posterior.zarr/luck/zarr.json"])
def test_a_damaged_posterior_is_learned_again_and_that_is_said(posterior, store, tmp_path, caplog, empty):
    folder = tmp_path / posterior.digest
    shutil.copytree(store / posterior.digest, folder)
    (folder / empty).write_bytes(b"")
    with caplog.at_level(logging.WARNING):
        again = assimilate(SPEC, particles=16, cache=tmp_path)
    assert [record.getMessage().endswith("; it is learned again") for record in caplog.records] == [True]
    assert again.data.identical(posterior.data)
    assert is_whole(folder, ("posterior.zarr", "provenance.json"))


def mutants(rng, raw, many):
    """Yield what may become of a small file: torn, of other bytes, of another shape, with numbers beyond measure."""
    text = raw.decode()
    yield from (
        b"",
        b"{",
        b"[]",
        b"null",
        b"1",
        b'"x"',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"digest": 1}',
        HUGE.encode(),
    )
    yield text.replace("1", HUGE, 1).encode()
    yield text.replace(",", ";").encode()
    for _ in range(many):
        at, end = sorted(rng.integers(len(raw), size=2))
        yield raw[:at] + rng.bytes(rng.integers(4)) + raw[end:]
        yield raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]


@pytest.mark.parametrize(
    "name",
    ["provenance.json", "questions.csv", "summary.csv", "forecast.csv", "scenario.toml", "manifest.json"],
)
def test_whatever_becomes_of_a_small_file_is_told_in_one_line(run, name):
    path, rng = run.folder / name, np.random.default_rng(11)
    raw = path.read_bytes()
    try:
        for mutant in mutants(rng, raw, 12):
            path.write_bytes(mutant)
            if mutant == raw:
                continue
            with pytest.raises(DamageError) as told:
                Run.load(run.folder)
            assert str(told.value).startswith(f"{path} is damaged: ")
            assert len(str(told.value).splitlines()) == 1
    finally:
        path.write_bytes(raw)
    Run.load(run.folder)


def test_a_marker_that_is_not_whole_is_an_interrupted_run(run, copied):
    for mutant in mutants(np.random.default_rng(2), b'{"digest": "0", "blocks": [0], "files": {}}', 5):
        (copied / "unfinished.json").write_bytes(mutant)
        with pytest.raises(
            FileNotFoundError, match="holds an interrupted run; the same call of `serbia-sim run` finishes it"
        ):
            Run.load(copied)
        assert not is_finished(copied)


def interrupted(folder):
    """Make a run in blocks of two and stop it when two of three are safe."""

    def enough(months):
        enough.left -= months
        if enough.left < 0:
            raise KeyboardInterrupt

    enough.left = 4 * (SPEC.last_month + 1)
    with pytest.raises(KeyboardInterrupt):
        made(folder, progress=enough)
    (found,) = folder.rglob("unfinished.json")
    return found.parent


@pytest.fixture
def begun(tmp_path, monkeypatch):
    monkeypatch.setitem(sim.forecasting.ensemble.simulate.__kwdefaults__, "block", 2)
    folder = interrupted(tmp_path)
    return SimpleNamespace(folder=folder, files=contents(folder), output=tmp_path)


def test_what_an_interrupted_run_left_is_taken_up_if_it_is_whole(begun):
    stray = begun.folder / "members.zarr" / "lean" / "c" / "0" / "9"
    stray.write_bytes(b"of no block that is safe")
    assert Store(begun.folder, 6).done == {0, 2}
    assert not stray.exists()


@pytest.mark.parametrize("damage", [lambda raw: raw.replace(b"2", b"4"), lambda _: b""])
def test_an_interrupted_run_whose_marker_is_torn_or_changed_starts_anew(begun, caplog, damage):
    marker = begun.folder / "unfinished.json"
    marker.write_bytes(damage(begun.files[marker]))
    assert Store(begun.folder, 6).done == set()
    assert f"{marker} is damaged: it is empty, torn or changed; starting anew" in caplog.text
    assert not (begun.folder / "members.zarr").exists()


def test_a_damaged_block_of_an_interrupted_run_does_not_enter_the_run(run, begun, caplog):
    path = begun.folder / "members.zarr" / "lean" / "c" / "0" / "0"
    path.write_bytes(path.read_bytes()[::-1])
    again = made(begun.output)
    assert f"{path} is damaged" in caplog.text
    assert again.data.load().identical(run.data.load())


def test_a_signed_file_is_read_as_it_was_written_or_not_at_all(tmp_path):
    path = tmp_path / "signed.json"
    write_signed(path, {"a": [1, "\N{EURO SIGN}"], "b": {}})
    assert read_signed(path, "mend it") == {"a": [1, "\N{EURO SIGN}"], "b": {}}
    raw = path.read_bytes()
    for mutant in (*mutants(np.random.default_rng(4), raw, 300), json.dumps(json.loads(raw)).encode()):
        path.write_bytes(mutant)
        if mutant != raw:
            with pytest.raises(DamageError, match="is damaged: it is empty, torn or changed; mend it"):
                read_signed(path, "mend it")
    assert [each.name for each in tmp_path.iterdir()] == ["signed.json"]


def test_the_manifest_names_what_a_run_is_read_from(run):
    named = read_signed(run.folder / "manifest.json", "")["files"]
    tops = {name.split("/")[0] for name in named}
    assert tops == set(PARTS) - {"record.csv", "facts.json", "members.json", "particles.zarr"}
    assert len(named) == sum(1 for path in run.folder.rglob("*") if path.is_file()) - 1


def test_what_a_process_left_that_has_gone_is_cleared_away_by_who_writes_the_same(tmp_path):
    with subprocess.Popen(["true"]) as gone:
        pass
    path, other = tmp_path / "a.json", tmp_path / ".b.json.1"
    left = [tmp_path / f".a.json.{gone.pid}", tmp_path / f".a.json.{gone.pid}.0f" / "x"]
    kept = [tmp_path / f".a.json.{os.getppid()}", tmp_path / ".a.json.mine", other]
    for each in (*left, *kept):
        put(each, b"")
    write_text(path, "{}")
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(
        ["a.json", *(each.name for each in kept)]
    )


def test_a_run_interrupted_while_it_kept_what_was_learned_leaves_nothing_over(
    posterior, tmp_path, monkeypatch
):
    def stopped(draft, folder):
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.assimilation.making.take_place", stopped)
    with pytest.raises(KeyboardInterrupt):
        keep_posterior(posterior, tmp_path / posterior.digest)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", ["{}", '{"blocks": 3, "files": {}}', '{"blocks": [0], "files": [1]}'])
def test_a_marker_of_another_shape_with_a_right_digest_starts_anew(begun, caplog, content):
    write_signed(begun.folder / "unfinished.json", json.loads(content))
    assert Store(begun.folder, 6).done == set()
    assert "unfinished.json does not hold what it should" in caplog.text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("provenance.json", "[]"),
        ("provenance.json", '{"keep": "all", "posterior": null}'),
        ("posterior.zarr/luck/zarr.json", "{}"),
    ],
)
def test_a_posterior_of_another_shape_with_right_hashes_is_learned_again(
    posterior, store, tmp_path, name, content
):
    folder = shutil.copytree(store / posterior.digest, tmp_path / posterior.digest)
    (folder / name).write_text(content)
    seal(folder, POSTERIOR_PARTS)
    with pytest.raises(DamageError, match=r"does not hold what it should .*; it is learned again"):
        Posterior.load(folder)
