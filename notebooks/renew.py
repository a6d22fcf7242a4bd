"""Run the notebooks anew and store what their cells print and draw: ``python notebooks/renew.py``.

Each runs from the first cell to the last in a fresh kernel, in a folder made for the purpose, so that what it writes
stays out of the checkout. The state of its sliders is stored too, so that a reader without a kernel sees them.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parent
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
SECONDS = 300
"""Time that a cell may take at most."""

_STATE = "application/vnd.jupyter.widget-state+json"
_MODEL = re.compile(r"\b[0-9a-f]{32}\b")


def executed(path: Path, folder: Path) -> nbformat.NotebookNode:
    """Return a notebook as it comes out when run in `folder`.

    Raises
    ------
    nbclient.exceptions.CellExecutionError: if a cell fails.
    """
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.pop("widgets", None)
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=SECONDS,
        coalesce_streams=True,
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
    )
    client.execute()
    return _tidied(notebook)


def _tidied(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return it without what differs from one machine and one run to the next."""
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            "widgets": notebook.metadata.get("widgets", {}),
        }
    )
    text = nbformat.writes(notebook)
    for number, model in enumerate(dict.fromkeys(_MODEL.findall(text))):
        text = text.replace(model, f"{number:032x}")
    return nbformat.reads(text, as_version=4)


def main() -> None:
    """Renew every notebook."""
    for path in NOTEBOOKS:
        with tempfile.TemporaryDirectory() as folder:
            nbformat.write(executed(path, Path(folder)), path)
        print(path.name)


if __name__ == "__main__":
    main()
