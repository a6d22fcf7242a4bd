"""The documentation site, by Sphinx (`make docs`): the pages of this folder, and a reference made of docstrings."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import sim  # noqa: E402  # of this checkout

project = "serbia-sim"
version = release = sim.__version__
extensions = [
    "myst_parser",
    "sphinx.ext.apidoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]
exclude_patterns = ["*-words.md", "code/modules.rst"]  # moulds of which scripts make pages; a list of one
default_role = "code"
myst_heading_anchors = 4
myst_enable_extensions = ["deflist"]
html_theme = "furo"  # asks no network for fonts or scripts
html_title = f"serbia-sim {version}"
html_copy_source = html_show_copyright = False
smartquotes = False  # they would make one dash of an option's two

# Pages of figures, commands and the panel would double the reference, and nobody calls them from a script.
apidoc_modules = [
    {
        "path": str(ROOT / "sim"),
        "destination": "code",
        "exclude_patterns": [
            str(ROOT / "sim" / module)
            for module in ("cli", "plots", "report", "__main__.py", "widgets/[!_]*")
        ],
        "automodule_options": {"members"},
        "module_first": True,
    }
]
autodoc_default_options = {"ignore-module-all": True}  # a thing is told where it is defined, and once
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_type_aliases = {name: name for name in ("BoolArray", "FloatArray", "IntArray")}
python_maximum_signature_line_length = 90
napoleon_google_docstring = False
napoleon_use_ivar = True

# A link to code that leads nowhere is an error; a type in a signature need not be told of here.
nitpicky = True
nitpick_ignore_regex = [
    ("(?!py:obj).*", ".*"),
    ("py:obj", r"sim\.execution\.workers\.(Job|Done)"),
]  # variables of types have no page
suppress_warnings = ["ref.python"]  # types of which there are two


def link_code(app: Any, page: str, source: list[str]) -> None:
    """Lead what pages link to in a file of sim/, a name or the module, to where the reference tells of it."""

    def link(found: re.Match[str]) -> str:
        place = found[3].replace("/", ".")
        return (
            f"{{py:obj}}`{found[2]} <{place}.{found[2]}>`"
            if found[1]
            else f"{{py:obj}}`{found[2]} <{place}>`"
        )

    source[0] = re.sub(r"\[(`?)([\w.]+)`?\]\(\.\./(sim/[\w/]+)\.py\)", link, source[0])


def list_commands(app: Any, page: str, source: list[str]) -> None:
    """Put what --help says of every command on the page of commands."""
    if page == "commands":
        from typer.cli import get_docs_for_click
        from typer.main import get_command

        from sim.cli import app as commands

        command = get_command(commands)
        context = command.context_class(command)
        told = get_docs_for_click(obj=command, ctx=context, name="serbia-sim")
        for name in command.list_commands(context):  # whose list cuts what each is for after some words
            purpose = " ".join(command.get_command(context, name).help.split("\n\n")[0].split())
            told = re.sub(rf"(?m)^\* `{name}`: .*$", f"* [`{name}`](#serbia-sim-{name}): {purpose}", told)
        source[0] += told.split("\n", 1)[1]


def list_public(app: Any, page: str, source: list[str]) -> None:
    """List on the page for scripts what `sim` offers, each with the first sentence told of it."""
    if page == "python":
        for name in sim.__all__[1:]:
            thing = getattr(sim, name)
            told = " ".join((thing.__doc__ or "").split("\n\n")[0].split())
            source[0] += f"\n{{py:obj}}`sim.{name} <{thing.__module__}.{thing.__qualname__}>`\n: {told}\n"


def list_decisions(app: Any, page: str, source: list[str]) -> None:
    """List the decisions below the words on them, so that the navigation folds them up under that page."""
    if page == "decisions/README":
        source[0] += "\n## All of them\n\n```{toctree}\n:glob:\n:maxdepth: 1\n\n0*\n```\n"


def part_arguments(app: Any, kind: str, *rest: Any) -> None:
    """Write `name: meaning` in a list of parameters on two lines; let no colon in a constant's words mean a type."""
    lines = rest[-1]
    if kind in {"attribute", "data", "property"}:
        lines[:1] = [f": {line}" for line in lines[:1]]  # no type, then the words
    for at in [
        at for at, line in enumerate(lines) if line in {"Parameters", "Other Parameters", "Attributes"}
    ]:
        for later in range(at + 2, len(lines)):
            if not lines[later]:
                break
            lines[later] = re.sub(r"^(\w[\w, ]*): (?=.)", r"\1\n    ", lines[later])
    lines[:] = "\n".join(lines).split("\n")


def setup(app: Any) -> None:
    """Register the hooks."""
    app.connect("source-read", link_code)
    app.connect("source-read", list_commands)
    app.connect("source-read", list_public)
    app.connect("source-read", list_decisions)
    app.connect("autodoc-process-docstring", part_arguments, priority=100)  # before napoleon
