"""The bench runs from end to end and tells ratios; what they are is for a quiet machine to say."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "bench.py"
SMALL = ("--members", "10", "--particles", "16", "--alone", "1", "--rounds", "1")


def bench(*arguments):
    return subprocess.run(
        [sys.executable, SCRIPT, *map(str, arguments)], capture_output=True, text=True, check=False
    )


def test_its_sections_run_alone_and_one_that_fails_leaves_the_others(tmp_path):
    tiny = tmp_path / "tiny.toml"
    tiny.write_text('title = "Tiny"\nas_of = 2012-03-10\nuntil = 2012-06-30\n', encoding="utf-8")
    (tmp_path / "sim").mkdir()
    (tmp_path / "sim" / "__init__.py").write_text("raise ImportError('broken')\n", encoding="utf-8")
    output = tmp_path / "table.md"
    done = bench("members", "rivals", *SMALL, "--scenario", tiny, "--against", tmp_path, "--output", output)
    assert done.returncode == 0, done.stderr
    assert done.stdout == output.read_text(encoding="utf-8")
    assert f"members: failed in {tmp_path}" in done.stderr
    about, table = done.stdout.split("\n\n")
    assert re.search(r"- processor: .+, \d+ cores.*\n- system: .+\n- Python 3.+, NumPy .+, BLAS .+\n", about)
    heads, rule, *rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()]
    assert (heads[:2], len(rule)) == (["what", "ratio"], 5)
    assert [row[0] for row in rows[:6]] == [
        "the floor, a member-month",
        "forecast of 1 members, a member-month",
        "forecast of 10 members, a member-month",
        "forecast of 10 members, two workers, a member-month",
        "a loop over one-member models, a member",
        "Mesa's batch_run over the one-member model, a member",
    ]
    ratios = [float(row[1].replace(",", "")) for row in rows[:6]]
    assert ratios[0] == 1.0
    assert min(ratios[1:]) > 1.0, "nothing is faster than the floor"
    assert {row[4] for row in rows} == {"-"}, "the other checkout is broken"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("lerning",), "no section lerning; there are members, "), (("--against", "nowhere"), "no checkout")],
)
def test_a_wrong_call_measures_nothing(arguments, said):
    done = bench(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
