"""The ODD page says what the code does: links, timetable, equations, tables, and nothing left out."""

import ast
import re
from pathlib import Path

import code_tables
import parameters
import pytest

from sim.model.alignment import AlignmentModel
from sim.record.observations import Record

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGE = (DOCS / "odd.md").read_text(encoding="utf-8")
LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
TURNS = re.compile(r"Recorded turns.*?\n\n(.*?)\n\n", re.DOTALL)


def defined(path):
    """Return the names that a module defines: functions, classes, their members, and top-level assignments."""
    names = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        names |= named(node)
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}.{name}" for item in node.body for name in named(item)}
    return names


def named(node):
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    targets = getattr(node, "targets", [getattr(node, "target", None)])
    return {target.id for target in targets if isinstance(target, ast.Name)}


def mechanisms():
    """Yield file and node of every public function and class of the mechanisms."""
    for path in sorted((ROOT / "sim" / "mechanisms").glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                yield path, node


def squeezed(text):
    return " ".join(text.split())


def headings(path):
    """Return the anchors of a page's headings."""
    found = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize("page", ["odd.md", "evidence.md", "parameters.md"])
def test_every_link_leads_somewhere_and_every_name_is_defined_there(page):
    broken = []
    for text, target in LINK.findall((DOCS / page).read_text(encoding="utf-8")):
        if target.startswith("http"):
            continue
        file, _, anchor = target.partition("#")
        path = (DOCS / file).resolve() if file else DOCS / page
        if not path.is_file():
            broken.append(f"{target}: no such file")
        elif anchor and anchor not in headings(path):
            broken.append(f"{target}: no such heading")
        elif path.suffix == ".py" and text.startswith("`") and text.strip("`") not in defined(path):
            broken.append(f"{target}: defines no {text}")
    assert broken == []


def test_every_mechanism_is_linked():
    linked = {(text.strip("`"), Path(target).name) for text, target in LINK.findall(PAGE)}
    assert {(node.name, path.name) for path, node in mechanisms()} - linked == set()


def test_every_mechanism_is_tested():
    tests = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    untested = [node.name for _, node in mechanisms() if not re.search(rf"\b{node.name}\b", tests)]
    assert untested == [], "test its signs, bounds and limits, with several members"


def test_equations_are_those_of_the_code():
    page, missing, found = squeezed(PAGE), [], 0
    for _, node in mechanisms():
        said = re.search(r"Equation(.*?)(?:\n\n|\Z)", ast.get_docstring(node) or "", re.DOTALL)
        for equation in re.findall(r"``(.*?)``", said[1], re.DOTALL) if said else ():
            found += 1
            if f"`{squeezed(equation)}`" not in page:
                missing.append(f"{node.name}: {squeezed(equation)}")
    assert found > 20, "the docstrings no longer give equations where this test looks for them"
    assert missing == [], "docs/odd.md does not give these as the code does"


@pytest.mark.parametrize("page", code_tables.PAGES, ids=lambda page: page.name)
def test_the_tables_are_those_of_the_code(page):
    text = page.read_text(encoding="utf-8")
    assert code_tables.renewed(text) == text, "run python docs/code_tables.py"


def test_every_entity_has_its_table():
    entities = {type(entity) for entity in AlignmentModel("march-2023", seed=1, members=1).entities}
    assert {entity for _, entity in code_tables.ENTITIES} == entities
    shown = PAGE[PAGE.index("### State variables") : PAGE.index("## 3.")]
    for entity in entities:
        for name, state in entity.declared().items():
            assert f"| `{name}` | {state.meaning} |" in shown


def test_the_timetable_is_the_models():
    tree = ast.parse((ROOT / "sim" / "model" / "alignment.py").read_text(encoding="utf-8"))
    step = next(n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == "step")
    calls = [n for n in ast.walk(step) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)]
    calls.sort(key=lambda call: (call.lineno, call.col_offset))
    done = [f"{getattr(c.func.value, 'attr', getattr(c.func.value, 'id', ''))}.{c.func.attr}" for c in calls]
    done = [call for call in done if not call.startswith(("self.", "datacollector."))]
    block = re.search(r"```text\n(.*?)```", PAGE, re.DOTALL)[1]
    assert re.findall(r"^ *(\w+\.\w+)", block, re.MULTILINE) == done


def test_the_agents_take_turns_as_the_page_says():
    model = AlignmentModel("march-2023", seed=1, members=1)
    assert model.actors == (model.patron, model.union, model.between, *model.blocs)
    assert "Agents act in the order Russia, EU, Serbia, blocs" in squeezed(PAGE)


def test_every_recorded_turn_is_explained():
    explained = set(re.findall(r"^\| `(\w+)` \|", TURNS.search(PAGE)[1], re.MULTILINE))
    assert explained == {row["kind"] for row in Record.load().table("turns")}


def test_the_ledger_has_its_terms_and_signs():
    from sim.world.incentives import LEDGER

    ledger = dict(re.findall(r"^\| (\w+) \| ([+-]) \|", PAGE, re.MULTILINE))
    assert ledger == {term: "+" if entry.sign > 0 else "-" for term, entry in LEDGER.items()}


def test_the_eleven_design_concepts_are_there_in_the_protocols_order():
    section = PAGE[PAGE.index("## 4.") : PAGE.index("## 5.")]
    assert re.findall(r"^### (.*)$", section, re.MULTILINE) == [
        "Basic principles", "Emergence", "Adaptation", "Objectives", "Learning", "Prediction", "Sensing",
        "Interaction", "Stochasticity", "Collectives", "Observation",
    ]  # fmt: skip


def test_the_parameters_page_is_the_table():
    page = (DOCS / "parameters.md").read_text(encoding="utf-8")
    assert parameters.page() == page, "run python docs/parameters.py"


def test_every_parameter_is_read_somewhere():
    assert [name for name, files in parameters.readers().items() if not files] == []


def test_every_parameter_named_in_a_submodel_exists():
    from sim.model.variables import VARIABLES
    from sim.parameters.table import parameter_table

    entities = [entity for _, entity in code_tables.ENTITIES]
    known = {*parameter_table(), *(v.name for v in VARIABLES), *(n for s in entities for n in s.declared())}
    text = PAGE[PAGE.index("## 5.") : PAGE.index("## References")]
    named_here = set(re.findall(r"(?<!\[)`([a-z]+(?:_[a-z]+)+)`", text))
    assert named_here - known == set()
