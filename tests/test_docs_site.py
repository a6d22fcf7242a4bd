"""Every page has its place in the navigation of the documentation site, and no link in the checkout leads nowhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
MOULD = "-words.md"  # of which a script makes a page
MADE = "code/sim"  # by Sphinx, of docstrings
DECISIONS = sorted(DOCS.glob("decisions/0*.md"))  # `docs/conf.py` lists them on the page that tells of them
PAGES = sorted(path for path in DOCS.glob("**/*.md") if not path.name.endswith(MOULD))
OTHERS = [
    ROOT / name for name in ("README.md", "CONTRIBUTING.md", "notebooks/README.md", "results/README.md")
]
FENCE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^)\s]+)\)")


def anchors(page):
    """Return what the headings of a page may be called in a link, as GitHub and MyST make it."""
    text = FENCE.sub("", page.read_text("utf-8"))
    headings = (re.sub(r"[`*]", "", found) for found in re.findall(r"^#+ (.*)$", text, re.MULTILINE))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def in_navigation():
    """Return the pages that the tables of contents on the front page name."""
    front = (DOCS / "index.md").read_text("utf-8")
    lines = [
        line.split("<")[-1].rstrip(">")
        for block in re.findall(r"^```\{toctree\}\n(.*?)^```$", front, re.DOTALL | re.MULTILINE)
        for line in block.splitlines()
        if line and not line.startswith(":")
    ]
    named = [path for line in lines for path in sorted(DOCS.glob(f"{line}.md"))]
    assert [line for line in lines if line != MADE and not list(DOCS.glob(f"{line}.md"))] == []
    return named


def test_every_page_is_in_the_navigation_once():
    named = in_navigation()
    assert DOCS / "decisions/README.md" in named
    assert sorted([*named, *DECISIONS, DOCS / "index.md"]) == PAGES


@pytest.mark.parametrize("page", [*PAGES, *OTHERS], ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page):
    text = FENCE.sub("", page.read_text("utf-8"))
    dead = []
    for link in LINK.findall(text):
        if "://" in link or link.startswith("mailto:") or MADE in link:
            continue
        place, _, anchor = link.partition("#")
        target = (page.parent / place).resolve() if place else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []


def test_the_examples_of_the_page_on_python_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = (DOCS / "python.md").read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"```python\n(.*?)```", page, re.DOTALL))
    names = {}
    exec(re.sub(r"members=\d+", "members=200", code), names)  # noqa: S102  the page's own examples
    assert names["several"].sizes == {"seed": 3, "member": 200, "month": 34}
    assert names["pressed"].table("questions")[-1]["id"] == "ceasefire-by-2024"
