"""Every notebook runs from top to bottom, and what it stores is what it shows now."""

import base64
import importlib.util
import re
import sys
import tempfile
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
NUMBER = re.compile(r"(?<![\w.])[-+\u2212]?\d[\d,]*\.?\d*")
STATE = "application/vnd.jupyter.widget-state+json"
HINT = "run make notebooks, and read the words between the cells: they speak of the numbers"


def renewing():
    spec = importlib.util.spec_from_file_location("renew", ROOT / "notebooks" / "renew.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


NOTEBOOKS = [path.name for path in renewing().NOTEBOOKS]


@pytest.fixture(scope="module", params=NOTEBOOKS)
def pair(request, tmp_path_factory):
    """Return a notebook as it is stored, as it comes out now, and the folder in which it ran."""
    path, folder = ROOT / "notebooks" / request.param, tmp_path_factory.mktemp("notebook")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        fresh = renewing().executed(path, folder)
    return nbformat.read(path, as_version=4), fresh, folder


def outputs(notebook):
    """Return what each code cell shows, by the cell's id: lists of (kind, content)."""
    shown = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            shown[cell.id] = found = []
            for output in cell.outputs:
                content = output.get("data") or {output.get("name", "error"): output.get("text", "")}
                found += [(f"{output.output_type} {kind}", value) for kind, value in content.items()]
    return shown


def words(notebook):
    """Return all that the cells print, tables included."""
    texts = [value for shown in outputs(notebook).values() for _, value in shown if isinstance(value, str)]
    return [text for text in texts if not is_picture(text)]


def is_picture(text):
    return len(text) > 1000 and re.fullmatch(r"[A-Za-z0-9+/=\s]+", text) is not None


def numbers(text):
    return [float(found.replace(",", "").replace("\u2212", "-")) for found in NUMBER.findall(text)]


def test_there_are_notebooks():
    assert NOTEBOOKS == ["01-tuning.ipynb"]


def test_every_cell_stores_outputs_of_the_kinds_that_it_shows(pair):
    stored, fresh, _ = pair
    kinds = [
        {cell: [kind for kind, _ in shown] for cell, shown in outputs(notebook).items()}
        for notebook in (stored, fresh)
    ]
    assert kinds[0] == kinds[1], HINT
    assert all(kinds[0].values()), "a cell shows nothing"
    assert not any(
        kind.startswith("error") or "stderr" in kind for cell in kinds[0].values() for kind in cell
    )


def test_the_words_and_numbers_stored_are_those_shown(pair):
    stored, fresh, _ = pair
    for old, new in zip(words(stored), words(fresh), strict=True):
        assert NUMBER.sub("#", old) == NUMBER.sub("#", new), HINT
        # another processor may carry a member across a line: a fifth of a per cent where there are five hundred
        assert numbers(old) == pytest.approx(numbers(new), rel=0.02, abs=0.3), HINT


def test_pictures_are_stored_and_not_blank(pair):
    pictures = [
        base64.b64decode(value)
        for shown in outputs(pair[0]).values()
        for kind, value in shown
        if kind.endswith("image/png")
    ]
    assert len(pictures) >= 2
    assert all(picture.startswith(b"\x89PNG") and len(picture) > 10_000 for picture in pictures)


def test_the_sliders_are_stored_for_readers_without_a_kernel(pair):
    models = [
        sorted(
            model["state"].get("name") or model["model_name"]
            for model in notebook.metadata.widgets[STATE]["state"].values()
        )
        for notebook in pair[:2]
    ]
    assert models[0] == models[1], HINT
    levers = ["accession_weight", "credibility", "gas_discount", "gas_weight", "pressure"]
    assert [name for name in models[0] if name in levers] == levers


def test_nothing_shown_names_a_place_on_this_machine(pair):
    _, fresh, folder = pair
    states = [model["state"] for model in fresh.metadata.widgets[STATE]["state"].values()]
    text = "\n".join(words(fresh)) + str(states)
    for place in (folder, ROOT, sys.prefix, tempfile.gettempdir(), Path.home()):
        assert not re.search(rf"{re.escape(str(place))}\b", text), place


def test_what_a_notebook_writes_is_the_file_that_it_says(pair):
    assert [path.name for path in pair[2].iterdir()] == ["cheap-gas.toml"]


def test_the_first_notebook_says_of_its_numbers_what_they_say(pair):
    shown = outputs(pair[1])
    none, one, two = (numbers(line) for line in shown["weights"][0][1].splitlines()[1:])
    assert none[1] > one[1] > two[1]  # the more gas weighs, the less likely an opponent
    assert abs(none[3]) < 0.8 < -one[3] < -two[3]  # and the more cheap gas changes; fear of losing it is left
    shared, alone, times = (numbers(line)[-1] for line in shown["pairing"][0][1].splitlines()[1:])
    assert shared < alone / 2
    assert times > 2
    assert "True" in shown["again"][0][1]
