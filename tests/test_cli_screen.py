"""What the terminal shows: lines of its width, signs that it knows, answers before figures."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest

from sim.cli.screen import table, width, wrapped
from sim.contrasts.pairs import Pairs
from sim.forecasting import forecast
from sim.scenario import Change, Event, read_scenario
from sim.words import change_in_words

MARCH = read_scenario("march-2023")
SETTLED = Event(
    date=date(2023, 6, 1),
    changes=(Change(quantity="normalisation", how="set", value=0.95),),
    source="assumption: the agreement of 27 February 2023 is carried out in full, with its annex",
)
OBSERVED = """target,start,end,value,trials,source
cfsp_alignment,2023-01-01,2023-12-31,0.48,90,a count
posture,,2024-12-31,balancer,,a reading
eu_support,,2024-06-30,0.41,1000,a poll
"""


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    output = tmp_path_factory.mktemp("results")
    settled = replace(MARCH, name="settled", events=(SETTLED,))
    return [forecast(spec, members=40, learned=False, output=output) for spec in (MARCH, settled)]


@pytest.fixture(scope="module")
def calls(pair, tmp_path_factory):
    one, two = (run.folder for run in pair)
    observed = tmp_path_factory.mktemp("observed") / "seen.csv"
    observed.write_text(OBSERVED, encoding="utf-8")
    output = one.parents[1]
    return {
        "run": ("run", "march-2023", "--members", 40, "--unlearned", "--no-figures", "--output", output),
        "compare": ("compare", one, two),
        "explain": ("explain", one, "--members", 40),
        "replay": ("replay", one, "--member", 1, "--trace"),
        "score": ("score", one, "--observations", observed),
        "scenarios": ("scenarios",),
        "assimilate": ("assimilate", "--until", "2013-03-10"),
    }


@pytest.fixture(scope="module")
def told(called, calls):
    """Return what gives the words of a call at a width; each is called once."""
    found = {}

    def tell(name, columns):
        if (name, columns) not in found:
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("COLUMNS", str(columns))
                found[name, columns] = called(*calls[name])
        return found[name, columns]

    return tell


@pytest.mark.parametrize("columns", [50, 80, 100, 200])
@pytest.mark.parametrize("name", ["run", "compare", "explain", "replay", "score", "scenarios", "assimilate"])
def test_every_line_fits_and_no_word_is_cut(told, name, columns):
    whole, here = told(name, 100).stdout, told(name, columns)
    assert here.exit_code == 0, here.stderr
    lines = here.stdout.splitlines()
    assert len(lines) > 10
    long = [line for line in lines if len(line) > columns and "/" not in line]  # a path can be copied whole
    assert long == []
    if name in ("run", "compare", "replay"):
        assert set(here.stdout.split()) == set(whole.split())


def test_a_pipe_has_80_columns_and_a_broad_terminal_100(monkeypatch):
    monkeypatch.delenv("COLUMNS")
    assert width() == 80
    for columns, text in (("20", 50), ("70", 70), ("300", 100), ("nonsense", 80)):
        monkeypatch.setenv("COLUMNS", columns)
        assert width() == text


def test_words_stand_beside_their_cells_or_beneath_them(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    words = "Will Serbia impose sanctions on Russia before 2025?"
    assert table([(f"{'17.3 %':18}", words)], prose=True) == [
        "17.3 %              Will Serbia impose sanctions on Russia",
        "                    before 2025?",
    ]
    assert table([(f"{'17.3 %':43}", words)], prose=True) == ["17.3 %", f"    {words}"]
    assert table([("2024-11-08", "no", f"of {'x' * 50}")], prose=True) == [
        "2024-11-08  no",
        f"    of {'x' * 50}",
    ]
    assert table([("a", "", "one\ntwo"), ("bb", "", "")], prose=True) == ["a   one", "    two", "bb"]
    assert wrapped("a " + "x" * 70) == ["a", "x" * 70]


def test_columns_that_do_not_fit_follow_below_with_the_names_again(monkeypatch):
    monkeypatch.setenv("COLUMNS", "50")
    rows = [("", *("head" * 4 for _ in range(3))), ("gas", "1", "22", "3")]
    assert table(rows) == [
        "     headheadheadhead  headheadheadhead",
        "gas                 1                22",
        "",
        "     headheadheadhead",
        "gas                 3",
    ]
    assert table([]) == []


def printed(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "sim", *[str(argument) for argument in arguments]],
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize("name", ["run", "replay", "scenarios"])
def test_what_an_encoding_lacks_has_a_stand_in(calls, name):
    told = printed(*calls[name], PYTHONIOENCODING="ascii")
    assert (told.returncode, told.stderr) == (0, b"")
    text = told.stdout.decode("ascii")
    if name == "run":
        assert " % +- " in text


def test_cyrillic_and_bytes_that_are_no_text_are_no_error(tmp_path):
    path = os.fsencode(tmp_path) + b"/\xff"
    told = subprocess.run([sys.executable, "-m", "sim", "explain", path], capture_output=True, check=False)
    assert told.returncode == 2
    assert told.stderr.startswith(path + b" is not a run folder"), "a path as it is"
    asked = printed("check", "Санкције ž", PYTHONIOENCODING="ascii")
    assert asked.returncode == 2
    assert asked.stderr.startswith(b"???????? z: no such file")


def test_a_reader_who_has_seen_enough_is_no_error(calls):
    for arguments in (("show", "march-2023"), ("data", "prices"), calls["replay"]):
        command = " ".join(["-m", "sim", *[str(argument) for argument in arguments]])
        told = subprocess.run(
            ["bash", "-c", f"{sys.executable} {command} | head -n 1; exit ${{PIPESTATUS[0]}}"],
            capture_output=True,
            check=False,
        )
        assert (told.returncode, told.stderr) == (0, b"")
        assert len(told.stdout.splitlines()) == 1


def test_figures_that_cannot_be_drawn_are_told_and_hide_no_answer(called, tmp_path, monkeypatch):
    def broken(*_):
        raise RuntimeError("latex could not be found\nits log follows")

    call = ("run", "march-2023", "--members", 5, "--unlearned", "--output", tmp_path)
    monkeypatch.setattr("sim.plots.write_figures", broken)
    told = called(*call)
    assert told.exit_code == 0
    assert told.stdout.splitlines()[-1].startswith("Written: ")
    (line,) = told.stderr.splitlines()
    assert line.startswith("not drawn: fan of cfsp_alignment, ")
    assert line.endswith("; RuntimeError: latex could not be found its log follows")
    monkeypatch.undo()
    again = called(*call)
    assert (again.exit_code, again.stderr) == (0, "")
    assert (next((tmp_path / "march-2023").iterdir()) / "figures" / "posture.png").exists()


def test_a_figure_that_was_asked_for_and_cannot_be_drawn_ends_the_command(called, pair, monkeypatch):
    def broken(*_):
        raise RuntimeError("latex could not be found")

    monkeypatch.setattr("sim.plots.draw", broken)
    told = called("plot", pair[0].folder, "posture")
    assert told.exit_code == 1
    assert told.stderr == "not drawn: RuntimeError: latex could not be found\n"


def read_only(*_, **__):
    raise OSError(30, "Read-only file system", "attribution.csv")


def test_explain_prints_although_nothing_can_be_kept(called, pair, monkeypatch):
    monkeypatch.setattr("sim.contrasts.replays._keep", read_only)
    told = called("explain", pair[1].folder, "--members", 5)
    assert told.exit_code == 0
    assert "Attribution: the first 5 members again" in told.stdout
    assert "attribution.csv cannot be kept there" in told.stderr
    assert "attribution" in json.loads(called("explain", pair[1].folder, "--members", 5, "--json").stdout)


def test_plot_says_how_to_write_elsewhere(called, pair, monkeypatch):
    monkeypatch.setattr("sim.plots.save", read_only)
    told = called("plot", pair[0].folder, "posture")
    assert told.exit_code == 1
    assert told.stderr == "attribution.csv: Read-only file system; --save FILE says where to write it\n"


def of(low, middle, high, verdict):
    plain = {"baseline": 0.5, "value": 0.5, "unpaired_width": 1.0, "variance_ratio": 1.0, "discordant": 10}
    plain |= {"chance": 0.5, "together": 1}
    return SimpleNamespace(**plain, low=low, difference=middle, high=high, verdict=verdict)


@pytest.mark.parametrize(
    ("pairs", "told"),
    [
        (of(0.012, 0.034, 0.056, "higher"), "+3.4 [+1.2, +5.6]*"),
        (of(1e-6, 2e-6, 3e-6, "higher"), "+0.0002 [+0.0001, +0.0003]*"),
        (
            of(-0.0004, -0.0003, -0.0002, "lower"),
            "\N{MINUS SIGN}0.03 [\N{MINUS SIGN}0.04, \N{MINUS SIGN}0.02]*",
        ),
        (of(1e-12, 2e-12, 3e-12, "higher"), "0.0 [0.0, 0.0]"),
        (of(-0.0001, 0.0, 0.0001, "unclear"), "0.0 [0.0, 0.0]"),
    ],
)
def test_a_star_stands_only_where_the_digits_show_it(pairs, told):
    assert change_in_words(pairs) == told


def test_the_pairs_of_this_test_are_like_those_of_a_comparison():
    assert set(Pairs.__dataclass_fields__) <= set(vars(of(0.0, 0.0, 0.0, "same")))


def test_score_says_values_as_words(called, calls):
    told = called(*calls["score"]).stdout
    assert "balancer  " in told
    assert "48.0 %  " in told
    assert "posture" in told


def test_one_history_is_one(called, tmp_path):
    told = called("run", "march-2023", "--members", 1, "--unlearned", "--no-figures", "--output", tmp_path)
    assert "; 1 simulated history to" in told.stdout


@pytest.mark.parametrize("option", ["--members", "--seed", "--workers", "--particles"])
def test_a_number_that_is_none_is_told_in_plain_words(called, option):
    told = called("run", "march-2023", option, "many")
    assert told.exit_code == 2
    assert f"Invalid value for '{option}': 'many' is not a whole number." in told.stderr
    assert "int range" not in called("run", "--help").stdout
