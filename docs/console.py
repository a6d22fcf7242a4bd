"""Run the console blocks of a page and write what they print into it: ``python docs/console.py README.md``.

A block is fenced as ``console``; its lines that begin with ``$`` are commands, the rest is their output. The blocks of
a page run in order, in one folder made for the purpose; one fenced as ``toml NAME`` is a file in it. Tests hold the
pages to what the commands print now.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"(?<=^```)(console|toml (?P<file>\S+))\n(?P<text>.*?)(?=^```$)", re.DOTALL | re.MULTILINE)
DIGEST = re.compile(r"\b[0-9a-f]{12}\b")


def printed(command: str, folder: Path) -> str:
    """Return what a shell command prints when run in `folder`, with this checkout's serbia-sim."""
    paths = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, "PATH": paths, "PYTHONPATH": str(ROOT), "COLUMNS": "80"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    return done.stdout


def renewed(text: str, folder: Path) -> str:
    """Return the page with the output of every command as it is now."""

    def run(block: re.Match[str]) -> str:
        if block["file"]:
            (folder / block["file"]).write_text(block["text"], encoding="utf-8")
            return block[0]
        commands = re.findall(r"^\$ (.*)$", block["text"], re.MULTILINE)
        return "console\n" + "".join(f"$ {command}\n{printed(command, folder)}" for command in commands)

    return BLOCK.sub(run, text)


def main() -> None:
    """Renew the pages named on the command line."""
    for name in sys.argv[1:]:
        page = Path(name)
        with tempfile.TemporaryDirectory() as folder:
            page.write_text(renewed(page.read_text(encoding="utf-8"), Path(folder)), encoding="utf-8")


if __name__ == "__main__":
    main()
