"""The panel in a browser, from the page that opens to the saved file run on the command line."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from contextlib import closing, suppress
from datetime import date
from pathlib import Path

import pytest

from sim.scenario import Question, Scenario, to_toml
from sim.words import per_cent

ROOT = Path(__file__).parents[1]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
LET_GO = "['input', 'change'].forEach(name => slider.dispatchEvent(new Event(name)))"
SIZE = ["--members", "200", "--particles", "64"]
SPEC = Scenario(
    name="early",
    title="An early origin",
    as_of=date(2013, 3, 10),
    until=date(2014, 12, 31),
    questions=tuple(
        Question(
            id=f"leans-west-{year}",
            text=f"Will Serbia's lean be towards the EU at the end of {year}?",
            target="lean",
            at=date(year, 12, 31),
            at_least=0.0,
            resolution="the model's own",
        )
        for year in (2013, 2014)
    ),
)

pytestmark = [
    pytest.mark.long(reason="serves the page, and works it in a browser"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
    pytest.mark.filterwarnings("default"),  # of other people's packages
]


@pytest.fixture
def served(tmp_path):
    """Return the process that serves a panel in its own folder, and its address."""
    pytest.importorskip("solara", reason="Solara is not installed: pip install 'serbia-sim[panel]'")
    (tmp_path / "early.toml").write_text(to_toml(SPEC), encoding="utf-8")
    call = [sys.executable, "-m", "sim", "tune", "early.toml", "--no-browser", "--port", "0", *SIZE]
    with subprocess.Popen(call, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline()
            yield process, re.search(r"http://127\.0\.0\.1:\d+", line)[0]
        finally:
            process.kill()


@pytest.fixture
def one_history(tmp_path):
    """Return the address of Mesa's page of one history, served from what the notebook on the model writes."""
    pytest.importorskip("altair", reason="Altair is not installed: pip install 'serbia-sim[notebook]'")
    cells = json.loads((ROOT / "notebooks/02-inside-the-model.ipynb").read_text(encoding="utf-8"))["cells"]
    (source,) = ("".join(cell["source"]) for cell in cells if cell["id"] == "live")
    (tmp_path / "one_history.py").write_text(source.partition("\n")[2], encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    call = [sys.executable, "-m", "solara", "run", "one_history.py", "--no-open", "--production"]
    quiet = {"SOLARA_TELEMETRY_MIXPANEL_ENABLE": "false", "SOLARA_ASSETS_FONTAWESOME_ENABLED": "false"}
    with subprocess.Popen([*call, "--port", port], cwd=tmp_path, env=os.environ | quiet) as process:
        yield f"http://localhost:{port}"
        process.kill()


@pytest.fixture
def browser(tmp_path):
    """Return a new browser, with a folder of its own."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    with playwright.sync_playwright() as driver:
        yield (started := driver.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS))
        started.close()


def watched(browser, address):
    """Return a new page, and what it asks of elsewhere or complains of."""
    page, wrong = browser.new_page(viewport={"width": 1280, "height": 900}), []
    own = (address, f"blob:{address}", "data:")
    page.on("request", lambda asked: None if asked.url.startswith(own) else wrong.append(asked.url))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    return page, wrong


@pytest.fixture
def opened(served, browser):
    """Return the page, ready, and what it asked of elsewhere or complained of."""
    page, wrong = watched(browser, served[1])
    page.goto(served[1])
    page.wait_for_selector("#picture svg", timeout=300_000)
    return page, wrong


def slide(page, lever, place):
    """Let a slider go at a place, and wait for the picture of it."""
    page.locator(f"[data-lever={lever}]").evaluate(
        f"(slider, place) => {{ slider.value = place; {LET_GO} }}", place
    )
    page.wait_for_selector(f"#picture[data-moves*='{lever.replace('_', ' ')}']")


def choose(page, label, option):
    page.get_by_label(label, exact=True).select_option(option)


def write(page, label, text):
    field = page.get_by_label(label, exact=True)
    field.fill(text)
    field.press("Tab")


def test_from_the_page_to_the_saved_file_on_the_command_line(opened, served, browser, tmp_path):
    page, wrong = opened
    assert page.locator("[data-lever=pressure]").get_attribute("aria-valuetext")
    for lever, place in (("pressure", 18), ("credibility", 18), ("gas_discount", 2)):
        slide(page, lever, place)
    page.get_by_role("button", name="Hold this as reference").click()
    page.wait_for_function("document.querySelector('.answers').textContent.includes('reference')")

    choose(page, "Quantity", "market_price")
    choose(page, "How", "multiply")
    write(page, "Value", "3")
    write(page, "From, as 2027-01-01", "2013-09-01")
    page.get_by_role("button", name="Add the event").click()
    page.wait_for_selector("#picture[data-moves*='market_price * 3']")
    cells = page.locator(".answers tbody tr").all()
    now = [row.locator("td").nth(1).inner_text() for row in cells]
    changes = [row.locator("td").nth(3).inner_text() for row in cells]
    assert any(re.match(r"[+\N{MINUS SIGN}]\d", change) for change in changes)

    write(page, "Title; else what was moved", "A costly winter")
    page.get_by_role("button", name="Save").click()
    said = page.get_by_role("status").inner_text()
    assert "serbia-sim run my-scenario.toml --members 200 --particles 64" in said
    call = said.partition("serbia-sim ")[2].split()
    done = subprocess.run(
        [sys.executable, "-m", "sim", *call, "--json", "--no-figures"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    answers = json.loads(done.stdout)["questions"]
    assert [per_cent(each["probability"], each["mcse"]) for each in answers] == now
    assert 'title = "A costly winter"' in (tmp_path / "my-scenario.toml").read_text(encoding="utf-8")

    page.get_by_role("button", name="Report").click()
    status = page.get_by_role("status").filter(has_text="Written:")
    status.wait_for(timeout=300_000)
    report = tmp_path / status.inner_text().removeprefix("Written: ")
    assert report.name == "report.html"
    told = browser.new_page()
    told.goto(report.as_uri())
    assert told.get_by_role("heading", level=1).inner_text() == "A costly winter"
    for each in now:
        assert each.replace(" ", "\N{NO-BREAK SPACE}") in told.locator("#questions").inner_text()

    another = browser.new_page()
    another.goto(served[1])
    another.wait_for_selector("#picture svg", timeout=300_000)
    another.get_by_text("Nothing is moved").wait_for()
    page.get_by_text("Moved: pressure 0.9").wait_for()
    assert wrong == []


def test_a_wrong_value_is_told_and_what_was_shown_stays(opened):
    page, wrong = opened
    slide(page, "pressure", 18)
    before = page.locator("#picture").inner_html()
    choose(page, "Quantity", "credibility")
    write(page, "Value", "17")
    write(page, "From, as 2027-01-01", "2013-09-01")
    page.get_by_role("button", name="Add the event").click()
    said = page.get_by_role("alert").inner_text()
    assert (
        said
        == "credibility cannot be this; given 17; allowed: a number from 0 to 1 (share); change the value"
    )
    assert page.locator("#picture").inner_html() == before
    write(page, "Value", "0.7")
    page.get_by_role("button", name="Add the event").click()
    page.wait_for_selector("#picture[data-moves*='credibility = 0.7']")
    assert page.get_by_role("alert").count() == 0
    assert wrong == []


def test_a_belief_is_learned_again_at_the_button(opened):
    page, _ = opened
    page.locator("[data-lever=gas_weight]").evaluate(f"slider => {{ slider.value = 18; {LET_GO} }}")
    page.get_by_text("gas weight: to be learned again").wait_for()
    slide(page, "pressure", 18)
    assert "gas weight" not in page.locator("#picture").get_attribute("data-moves")
    page.get_by_role("button", name="Learn again").click()
    page.wait_for_selector("#picture[data-moves*='gas weight']", timeout=300_000)
    assert page.get_by_text("to be learned again").count() == 0


def test_when_the_server_ends_the_page_says_so(opened, served):
    page, _ = opened
    served[0].kill()
    page.get_by_text("Server disconnected").wait_for()


def test_pages_of_elsewhere_are_refused(served):
    import http.client

    host, port = served[1].removeprefix("http://").split(":")
    for heads in ({"Host": f"elsewhere.example:{port}"}, {"Origin": "http://elsewhere.example"}):
        with closing(http.client.HTTPConnection(host, int(port))) as asking:
            asking.request("GET", "/", headers=heads)
            assert asking.getresponse().status == 403


def test_mesas_own_page_steps_one_history(one_history, browser):
    page, wrong = watched(browser, one_history)
    for _ in range(60):  # until the server answers
        with suppress(Exception):
            page.goto(one_history)
            break
        time.sleep(1.0)
    picture = page.locator(".vue-grid-item img, .vue-grid-item svg").first
    picture.wait_for(timeout=60_000)
    before = picture.evaluate("each => each.src || each.outerHTML")
    for months in (1, 2, 3):
        page.get_by_role("button", name="Step").click()
        page.get_by_text(re.compile(rf"^(Step|Time): {months}(\.0)?$")).wait_for()  # Mesa 3.5 counts time
    page.wait_for_function(
        """before => [...document.querySelectorAll('.vue-grid-item img, .vue-grid-item svg')]
        .every(each => (each.src || each.outerHTML) !== before)""",
        arg=before,
    )
    page.get_by_role("button", name="Reset").click()
    page.get_by_text(re.compile(r"^(Step|Time): 0(\.0)?$")).wait_for()
    assert wrong == []
