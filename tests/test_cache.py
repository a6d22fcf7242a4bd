"""What was learned is kept once for all folders, is found, shown and cleared, and never stands in the way."""

import json
import os
import re
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import sim.execution.cache
from sim import forecast, read_scenario
from sim.assimilation import assimilate, is_kept, making
from sim.execution.cache import (
    _size as size_of,
    clear,
    entries,
    evict,
    lasting,
    most_bytes,
    posteriors_folder,
    take_place,
)
from sim.verification import VARIANTS, hindcast, hindcasting

SPEC = replace(
    read_scenario("march-2023"), as_of=date(2012, 4, 10), until=date(2012, 9, 30), questions=(), events=()
)
FEW = {"members": 4, "particles": 16}


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Let the user's cache be an empty folder."""
    monkeypatch.setenv("SERBIA_SIM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "posteriors"


@pytest.fixture
def learnings(monkeypatch):
    """Return a list that grows by one with each learning."""
    found, plain = [], making.shared_out
    monkeypatch.setattr(making, "shared_out", lambda *a, **how: found.append(1) or plain(*a, **how))
    return found


def learned(**options):
    return assimilate(SPEC, particles=16, **options)


def test_without_the_variable_it_is_the_users_own_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("SERBIA_SIM_CACHE")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "own"))
    folder = posteriors_folder()
    assert tmp_path in folder.parents
    assert folder.parts[-2:] == ("serbia-sim", "posteriors")


def test_what_was_learned_is_found_from_another_output_folder(cache, learnings, tmp_path):
    first, second = (forecast(SPEC, **FEW, output=tmp_path / name) for name in ("a", "b"))
    assert len(learnings) == 1
    assert second.data.equals(first.data)
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["march-2023"]
    assert learned().digest == first.provenance["posterior"]["digest"]
    assert len(learnings) == 1


def test_without_a_cache_it_is_learned_again_and_nothing_is_kept(cache, learnings, tmp_path):
    kept = forecast(SPEC, **FEW, save=False)
    again = forecast(SPEC, **FEW, save=False, cache=False)
    assert len(learnings) == 2
    assert again.data.equals(kept.data)
    clear(cache)
    forecast(SPEC, **FEW, save=False, cache=False)
    assert list(cache.iterdir()) == []
    forecast(SPEC, **FEW, save=False, cache=tmp_path / "other")
    assert [is_kept(folder) for folder in (tmp_path / "other").iterdir()] == [True]


def test_a_command_without_a_cache_learns_once_and_keeps_nothing(called, cache, learnings, tmp_path):
    path = tmp_path / "early.toml"
    path.write_text('title = "Early"\nas_of = 2012-04-10\nuntil = 2012-09-30\n', encoding="utf-8")
    few = ("--members", 4, "--particles", 16, "--no-figures", "--output", tmp_path / "results")
    told = called("run", path, "--set", "pressure=0.9", "--against", path, *few, "--no-cache")
    assert told.exit_code == 0, told.stderr
    assert len(learnings) == 1, "both sides go on from one posterior"
    assert not cache.exists()


def test_a_hindcast_without_a_cache_learns_once_what_variants_share(cache, learnings, monkeypatch):
    monkeypatch.setattr(hindcasting, "rival_forecasts", lambda *_: {})
    asked = {"first": date(2012, 7, 1), "last": date(2012, 7, 1), "leads": (6,), **FEW}
    seen = []
    hindcast(**asked, variants=[VARIANTS[0], VARIANTS[3]], cache=False, progress=seen.append)
    assert (len(learnings), cache.exists()) == (1, False)
    assert sum(seen) == hindcasting.hindcast_steps(1, [VARIANTS[0], VARIANTS[3]])
    assert len(seen) > 20


@pytest.mark.parametrize("taken", ["file", "read-only"])
def test_a_cache_that_cannot_be_written_is_one_line_and_no_failure(  # noqa: PLR0917
    called, taken, learnings, tmp_path, monkeypatch, caplog
):
    place = tmp_path / "cache"
    if taken == "file":
        place.write_text("mine", encoding="utf-8")
    else:
        place.mkdir()
        monkeypatch.setattr("sim.execution.cache.TemporaryFile", refused)
    monkeypatch.setenv("SERBIA_SIM_CACHE", str(place))
    sim.execution.cache._stand_in.cache_clear()
    for _ in range(2):
        forecast(SPEC, **FEW, save=False, output=tmp_path)
    assert len(learnings) == 1, "within a process it is learned once all the same"
    (line,) = caplog.messages
    assert re.fullmatch(rf"{place}.*is not kept there \(SERBIA_SIM_CACHE names another folder\)", line)
    told = called("assimilate", "--until", "2012-04-10", "--particles", "16")
    assert (told.exit_code, told.stdout.splitlines()[-1]) == (0, "Not kept.")


def refused(**_):
    raise PermissionError(13, "Permission denied")


def test_two_processes_that_learn_the_same_do_not_damage_one_another(tmp_path):
    call = (
        "from dataclasses import replace; from datetime import date; from pathlib import Path\n"
        "from sim import assimilate, read_scenario\n"
        "spec = replace(read_scenario('march-2023'), as_of=date(2012, 4, 10), until=date(2012, 9, 30), "
        "questions=(), events=())\n"
        "print(assimilate(spec, particles=16).data['z'].to_numpy().tobytes().hex())"
    )
    environment = os.environ | {"SERBIA_SIM_CACHE": str(tmp_path)}
    ours = [
        subprocess.Popen(
            [sys.executable, "-Wignore", "-c", call],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    said = [process.communicate() for process in ours]
    assert [process.returncode for process in ours] == [0, 0], said
    assert said[0][0] == said[1][0]
    waited = [told for _, told in said if told]
    assert all(b"is being made by process" in told and told.count(b"\n") == 1 for told in waited)
    (folder,) = (tmp_path / "posteriors").iterdir()
    assert is_kept(folder)


def test_who_is_second_leaves_what_the_first_kept(tmp_path, monkeypatch):
    first = learned(cache=tmp_path)
    made = (tmp_path / first.digest / "provenance.json").read_bytes()
    monkeypatch.setattr(making, "find_posterior", lambda _, digest: (None, tmp_path / digest))
    learned(cache=tmp_path)
    assert (tmp_path / first.digest / "provenance.json").read_bytes() == made
    assert [path.name for path in tmp_path.iterdir()] == [first.digest]


def test_a_damaged_folder_gives_way(tmp_path):
    draft, folder = tmp_path / "draft", tmp_path / "folder"
    for place, text in ((draft, "new"), (folder, "old")):
        place.mkdir()
        (place / "content").write_text(text, encoding="utf-8")
    take_place(draft, folder)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
    assert (folder / "content").read_text(encoding="utf-8") == "new"


def aged(path: Path, hours: float) -> Path:
    """Return an entry of 1 MB that was last used so many hours ago."""
    path.mkdir(parents=True, exist_ok=True)
    (path / "content").write_bytes(bytes(1_000_000))
    os.utime(path, (time.time() - 3600.0 * hours,) * 2)
    return path


def test_what_is_longest_unused_goes_where_the_cache_is_full(cache):
    hours = {"a": 9, "b": 0.5, "c": 3, "d": 2, "e": 0.1}
    found = {name: aged(cache / (name * 12), hours[name]) for name in hours}
    begun = aged(cache / f"{'f' * 12}.part", 5)
    notes = aged(cache / "my notes", 99)
    evict(cache, most=4e6)
    assert [name for name, path in found.items() if path.exists()] == ["b", "c", "d", "e"]
    assert not begun.exists()
    evict(cache, most=1e6)
    assert [name for name, path in found.items() if path.exists()] == ["b", "e"], "they may be being read"
    assert sorted(path.name for path in cache.iterdir()) == ["bbbbbbbbbbbb", "eeeeeeeeeeee", notes.name]


def test_whoever_finds_a_posterior_notes_that_it_is_used_and_whoever_keeps_one_makes_room(cache, monkeypatch):
    first = cache / learned().digest
    other = aged(cache / ("0" * 12), 5)
    os.utime(first, (time.time() - 9e5,) * 2)
    learned()
    monkeypatch.setenv("SERBIA_SIM_CACHE_GB", f"{(sum(map(size_of, [first, other])) + 1) / 1e9}")
    learned(seed=2)
    assert (is_kept(first), other.exists()) == (True, False)


def test_a_folder_that_a_user_names_keeps_all(cache, tmp_path, monkeypatch):
    monkeypatch.setenv("SERBIA_SIM_CACHE_GB", "0")
    old = aged(tmp_path / "own" / ("0" * 12), 99)
    learned(cache=tmp_path / "own")
    assert old.exists()


@pytest.mark.parametrize("wrong", ["ten", "-1", "nan", "inf"])
def test_a_wrong_size_of_the_cache_is_one_line(monkeypatch, caplog, wrong):
    monkeypatch.setenv("SERBIA_SIM_CACHE_GB", wrong)
    assert most_bytes() == 5e9
    assert caplog.messages == [f"SERBIA_SIM_CACHE_GB is {wrong!r}, no number of gigabytes; 5 holds"]


def test_what_goes_is_never_found_in_half(tmp_path, monkeypatch):
    """A reader that comes while an entry is removed finds nothing of it: it was moved out of the way."""
    path, seen = aged(tmp_path / ("0" * 12), 5), []
    monkeypatch.setattr("sim.execution.cache.shutil.rmtree", lambda _: seen.append(path.exists()))
    evict(tmp_path, most=0)
    assert seen == [False]


def test_the_command_lists_what_is_kept_and_clears_nothing_else(called, cache):
    assert f"0 in {cache}, 0.0 MB" in " ".join(called("cache").stdout.split())
    kept = learned(seed=3)
    (cache / "my notes.txt").write_text("mine", encoding="utf-8")
    z = kept.data["z"].to_numpy()
    making.keep_part({"z": z}, cache / f"{'0' * 12}.part" / "0")
    text = called("cache").stdout
    assert re.search(rf"{kept.digest} +2012-04-10 +16 +3 +\d+\.\d MB\s+\d{{4}}-\d\d-\d\d", text)
    assert "not finished" in text
    found = json.loads(called("cache", "--json").stdout)
    assert [item["digest"] for item in found["posteriors"]] == [kept.digest, f"{'0' * 12}.part"]
    assert found["bytes"] == sum(item["bytes"] for item in found["posteriors"]) > 0
    assert found["posteriors"][0]["particles"] == 16
    told = called("cache", "--clear")
    assert "2 removed from" in told.stdout
    assert [path.name for path in cache.iterdir()] == ["my notes.txt"]
    assert entries(cache) == []


def test_help_names_every_key(called, cache):
    learned()
    found = json.loads(called("cache", "--json").stdout)
    helped = called("cache", "--help").stdout
    assert all(key in helped for key in [*found, *found["posteriors"][0]])


def test_a_cache_that_lasts_is_the_one_that_was_given_or_a_passing_one(tmp_path):
    for given in (True, tmp_path):
        with lasting(given) as kept:
            assert kept is given
    with lasting(False) as kept:
        assert Path(kept).is_dir()
    assert not Path(kept).exists()
