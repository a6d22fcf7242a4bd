"""The page that can be sent: complete, safe, readable by machines, and true to the run."""

import base64
import csv
import hashlib
import io
import re
import shutil
import subprocess
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from sim import contrast, read_scenario
from sim.contrasts import ContrastError
from sim.contrasts.replays import depart, shipped_departures
from sim.names import InputError
from sim.report import report, write_report
from sim.report.histories import histories_of
from sim.report.past import facts_between
from sim.report.reasons import departures_table
from sim.report.tables import csv_address
from sim.runs.members import at
from sim.runs.results import Run
from sim.scenario import with_settings
from sim.words import HELD

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ROOT / "results"
MARCH = read_scenario("march-2023")
MEMBERS = 300
HOSTILE = {
    "script": "<script>alert(1)</script>",
    "image": '"><img src=x onerror=alert(2)>',
    "style": "</style><style>*{display:none}</style>",
    "address": "javascript:alert(4)",
    "formula": "=HYPERLINK(1)",
}
VOID = {"meta", "img", "br", "hr", "link", "input", "line", "circle"}


@dataclass
class Element:
    tag: str
    attrs: dict[str, str]
    inside: list["Element | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join("".join(each if isinstance(each, str) else each.text for each in self.inside).split())

    def all(self, *tags: str) -> list["Element"]:
        below = [each for each in self.inside if isinstance(each, Element)]
        return [
            found
            for each in below
            for found in ([each] if each.tag in tags or not tags else []) + each.all(*tags)
        ]

    def of(self, name: str, value: str) -> list["Element"]:
        return [each for each in self.all() if value in each.attrs.get(name, "").split()]


class Reader(HTMLParser):
    """Reads a page into elements, and fails where a tag is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("page", {})]

    def handle_starttag(self, tag, attrs):
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.open[-1].inside.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag):
        assert self.open[-1].tag == tag, (self.open[-1].tag, tag)
        self.open.pop()

    def handle_data(self, data):
        self.open[-1].inside.append(data)


def read(html: str) -> Element:
    reader = Reader()
    reader.feed(html)
    (page,) = reader.open
    return page


def downloads(page: Element) -> dict[str, list[dict[str, str]]]:
    """Return the files that a page carries, by name."""
    found = {}
    for link in page.all("a"):
        if "download" in link.attrs:
            text = base64.b64decode(link.attrs["href"].partition(",")[2]).decode()
            found.setdefault(link.attrs["download"], list(csv.DictReader(io.StringIO(text))))
    return found


@pytest.fixture(scope="module")
def march(run_of):
    return run_of(MARCH, MEMBERS)


@pytest.fixture(scope="module")
def html(march):
    with pytest.MonkeyPatch.context() as patch:  # two of eighteen departures
        patch.setattr("sim.report.shipped_departures", lambda spec: shipped_departures(spec)[:2])
        return report(march, results=SHIPPED)


@pytest.fixture(scope="module")
def page(html):
    return read(html)


@pytest.fixture(scope="module")
def pair(march, run_of):
    other = run_of(with_settings(MARCH, ["pressure=0.9"]), MEMBERS)
    return other, read(report([march, other], results=SHIPPED))


@pytest.fixture
def brief(monkeypatch):
    """Leave out what is simulated for the page, where it does not matter."""

    def refuse(run, **_):
        raise ContrastError("left out")

    monkeypatch.setattr("sim.report.attribute", refuse)
    monkeypatch.setattr("sim.report.histories._lives", lambda run, members: None)


def test_it_loads_nothing_and_runs_nothing(html, page):
    assert len(html.encode()) < 5e6
    assert {each.tag for each in page.all()}.isdisjoint(
        {"script", "link", "iframe", "object", "embed", "form", "base"}
    )
    for each in page.all():
        assert not [
            name for name in each.attrs if name.startswith("on") or name in ("style", "srcset", "action")
        ]
        assert each.attrs.get("src", "data:").startswith("data:")
        assert each.attrs.get("href", "#").startswith(("#", "data:text/csv"))
    (style,) = page.all("style")
    assert not re.search(r"url\(|@import", style.inside[0])
    digest = base64.b64encode(hashlib.sha256(style.inside[0].encode()).digest()).decode()
    (policy,) = (each.attrs["content"] for each in page.all("meta") if "http-equiv" in each.attrs)
    assert policy.split("; ")[:3] == ["default-src 'none'", f"style-src 'sha256-{digest}'", "img-src data:"]


def test_a_machine_can_read_it_to_a_person(page):
    assert page.all("html")[0].attrs["lang"] == "en"
    assert [len(page.all(tag)) for tag in ("header", "nav", "main", "footer", "h1")] == [1] * 5
    levels = [int(each.tag[1]) for each in page.all("h1", "h2", "h3", "h4", "h5")]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(len(each.attrs["alt"]) > 40 for each in page.all("img"))
    ids = [each.attrs["id"] for each in page.all() if "id" in each.attrs]
    assert len(ids) == len(set(ids))
    for each in page.all():
        assert each.attrs.get("href", "#").partition("#")[2] in {"", *ids} or "download" in each.attrs
        assert set(each.attrs.get("aria-labelledby", "").split()) <= set(ids)
    for table in page.all("table"):
        assert all(each.attrs["scope"] in ("col", "row") for each in table.all("th"))
        assert len(table.all("thead")[0].all("th")) == len(table.all("tbody")[0].all("tr")[0].all("th", "td"))
    assert all(each.text for each in page.all("a", "h2", "h3") if "dot" not in each.attrs.get("class", ""))


def test_sections_come_in_the_order_in_which_a_reader_asks(page):
    names = ["answer", "picture", "histories", "questions", "reasons", "changes", "record", "limits"]
    names += ["assumptions", "again"]
    assert [each.attrs["id"] for each in page.all("section")] == names
    assert [each.attrs["href"] for each in page.all("nav")[0].all("a")] == [f"#{name}" for name in names]


def test_every_number_of_the_questions_is_that_of_the_run(page, march):
    rows, told = march.table("questions"), downloads(page)["questions.csv"]
    assert [row["id"] for row in told] == [row["id"] for row in rows]
    shown = {row.all("th")[0].text: row.text for row in page.of("id", "questions")[0].all("tr")[1:]}
    for row, mine in zip(rows, told, strict=True):
        published = float(row["pooled"] or row["probability"])
        assert float(mine["published"]) == published
        assert [float(mine[name]) for name in ("model", "mcse", "low", "high")] == [
            float(row[name]) for name in ("probability", "mcse", "low", "high")
        ]
        assert f"{100 * published:.1f} %" in shown[row["text"]]
        assert ("pooled" in shown[row["text"]]) == bool(row["pooled"])
        assert (
            f"{100 * float(row['probability']):.1f} % \u00b1 {100 * float(row['mcse']):.1f}"
            in shown[row["text"]]
        )


def test_it_begins_with_the_answer_in_words_odds_and_numbers(page, march):
    said = page.of("id", "answer")[0].text
    (row,) = (row for row in march.table("questions") if row["id"] == "opponent-at-end-2025")
    assert row["text"] in said
    assert f"{100 * float(row['probability']):.1f} %" in said
    assert re.search(r"nlikely: (about|less than) .*chance", said)
    assert "It came: no." in said
    assert "Yes means: sanctions on Russia in force" in said


def test_it_begins_with_the_question_that_is_named(march, run_of, brief, tmp_path):
    named = "sanctions-before-2026"
    asked = {question.id: question.text for question in MARCH.questions}
    other = run_of(replace(MARCH, questions=MARCH.questions[:1]), 12)
    page = read(report([march, other], results=tmp_path, question=named))
    first, second = page.of("class", "asked")
    assert (first.text, second.text) == (asked[named], other.scenario.questions[0].text)
    (row,) = (row for row in march.table("questions") if row["id"] == named)
    assert f"{100 * row['probability']:.1f} %" in page.of("class", "number")[0].text
    assert [row.all("th")[0].text for row in page.of("class", "main")] == [asked[named]]
    with pytest.raises(InputError, match="unknown question 'sanctions-before-26'; did you mean 'sanctions-"):
        report(march, results=tmp_path, question="sanctions-before-26")


def test_dots_stand_for_the_ensemble(page, march):
    posture = at(march.data, "posture", MARCH.last_month)
    for code, name in enumerate(("ally", "balancer", "opponent")):
        shown = [each for group in page.of("class", name) for each in group.all("a")]
        assert abs(len(shown) - 100 * (posture == code).mean()) <= 1.0
        assert all(posture[int(dot.attrs["href"].rpartition("-")[2])] == code for dot in shown)
    assert len(page.of("class", "dot")) == 100


def test_a_dots_story_is_what_replay_tells(page, march, called):
    stories = page.of("class", "story")
    members = {int(each.attrs["id"].rpartition("-")[2]) for each in stories}
    assert len(members) == len(stories) == 100
    imposing = next(each for each in stories if "sanctions from" in each.text)
    for story in (imposing, stories[0]):
        member = story.attrs["id"].rpartition("-")[2]
        printed = called("replay", march.folder, "--member", member, "--trace").stdout
        months = {
            block.splitlines()[0]: " ".join(block.split()) for block in printed.split("\n\n") if block.strip()
        }
        told = {each.all("b")[0].text: each.text for each in story.all("li")}
        assert {f"December {year}" for year in (2023, 2024, 2025)} <= set(told)
        for month, words in told.items():
            if month.startswith("December"):
                assert words == months[month]
            else:
                sentences = re.split(r"(?<=\.) (?=[A-Z])", words.removeprefix(month).strip())
                assert all(sentence in months[month] for sentence in sentences)
    assert "It imposes sanctions on Russia." in imposing.text


def test_members_are_chosen_evenly_through_the_whole_ensemble(march, brief):
    found = [each for group in histories_of(march, 10).values() for each in group]
    lean = at(march.data, "lean", MARCH.last_month)
    assert len({each.member for each in found}) == 10
    assert all(each.lean == pytest.approx(float(lean[each.member])) for each in found)
    everyone = histories_of(march, 10_000)
    assert sum(map(len, everyone.values())) == MEMBERS


def test_departures_are_the_paired_differences_of_runs_made_apart(page, march, run_of):
    rows = downloads(page)["departures.csv"]
    assert len(rows) == 2
    other = read_scenario(rows[0]["scenario"])
    apart = contrast(run_of(other, MEMBERS), march)
    (question,) = (each for each in apart.questions if each.name == "opponent-at-end-2025")
    numbers = ("baseline", "value", "difference", "low", "high", "judged_low", "judged_high")
    assert question.judged_low < question.judged_high
    assert [float(rows[0][name]) for name in numbers] == pytest.approx(
        [getattr(question, name) for name in numbers]
    )
    assert other.title.partition(": ")[2].lower() in page.of("id", "reasons")[0].text.lower()
    assert "by judgement" in page.of("id", "reasons")[0].text


def test_departures_are_judged_by_the_rows_that_the_page_shows(march):
    first = march.scenario.questions[0]
    departures = list(depart(march, shipped_departures(MARCH)[:2]))

    def told(chance: float) -> list[str]:
        some = [
            replace(each, differences=tuple(replace(q, chance=chance, together=95) for q in each.questions))
            for each in departures
        ]
        return [row[-1] for row in departures_table(march, some, first).rows]

    # of two rows, not of all that two runs are compared by
    assert set(told(0.04)) <= {"raises it", "lowers it"}
    assert told(0.06) == ["cannot be told from chance"] * 2


def test_shipped_departures_are_of_the_scenario_as_shipped():
    assert {each.name for each in shipped_departures(read_scenario("today"))} == {
        path.stem for path in (ROOT / "scenarios").glob("today-*.toml")
    }
    assert len(shipped_departures(MARCH)) == 18
    assert shipped_departures(with_settings(MARCH, ["pressure=0.9"])) == []


def test_attribution_is_that_of_explain(page, march):
    rows = downloads(page)["attribution.csv"]
    with (march.folder / "attribution.csv").open(newline="") as file:
        kept = list(csv.DictReader(file))
    assert [float(row["difference"]) for row in rows] == [float(row["difference"]) for row in kept]
    assert "What drives it in the model" in page.of("id", "reasons")[0].text


def test_the_last_misses_come_first_then_eras_then_the_ledger(page):
    record = page.of("id", "record")[0]
    assert "28 of 305 forecasts of Serbia from past dates missed" in record.text
    ended = [row.all("th")[0].text for row in record.all("table")[0].all("tr")[1:]]
    assert ended[0] == "19 December 2023"
    assert len(ended) == 12
    assert [row.all("th")[0].text[:7] for row in record.all("table")[1].all("tr")[1:3]] == [
        "2024-26",
        "2022-23",
    ]
    ledger = Path(__file__).parents[1] / "results" / "ledger" / "ledger.jsonl"
    assert (
        f"Of {len(ledger.read_text('utf-8').splitlines())} forecasts of Serbia in the ledger" in record.text
    )
    assert len(downloads(page)["misses.csv"]) == 28
    limits = page.of("id", "limits")[0].text
    assert (
        "in the hindcast of Serbia a model without them did as well on figures and better on votes" in limits
    )


def test_a_page_tells_the_past_scores_of_its_own_state_or_that_there_are_none(run_of, brief, tmp_path):
    run = run_of(read_scenario("north-macedonia-2021"), 8, learned=False)
    page = read(report(run, results=SHIPPED))
    record, limits = (page.of("id", part)[0].text for part in ("record", "limits"))
    assert "11 of 181 forecasts of North Macedonia from past dates missed" in record
    assert "scores.csv of the scorecard of North Macedonia" in record
    assert "No forecast of North Macedonia is registered" in record
    assert (
        "in the hindcast of North Macedonia a model without them did as well on figures and as well" in limits
    )
    assert "Serbia" not in record + limits
    shutil.copytree(SHIPPED / "scorecard" / "moldova", tmp_path / "scorecard" / "north-macedonia")
    page = read(report(run, results=tmp_path))
    assert "No scorecard of North Macedonia lies beside the runs" in page.of("id", "record")[0].text
    assert "hindcast of" not in page.of("id", "limits")[0].text


def test_the_forecast_is_told_from_earlier_dates_with_what_was_known_by_then(page):
    rows = downloads(page)["earlier.csv"]
    assert rows[0]["origin"] == "2016-01-01"
    assert rows[-1]["origin"] == "2023-03-10"
    said = page.of("id", "changes")[0].text
    assert "February 2022: war in Ukraine, full scale" in said
    assert "1 February 2022" not in said  # the war is on record by the month
    assert "Banjska" not in said  # of September 2023


def test_the_same_question_is_asked_as_of_earlier_days_and_kept(
    march, copy_of, called, monkeypatch, tmp_path
):
    from datetime import date

    from sim.report.past import as_of_earlier, ask_earlier

    days = [date(2021, 12, 1), date(2019, 3, 10)]
    kept = [ask_earlier(march, day, tmp_path) for day in days]
    assert [run.scenario.as_of for run in kept] == days
    assert [run.provenance["members"] for run in kept] == [MEMBERS] * 2
    assert ask_earlier(march, days[0], tmp_path).folder == kept[0].folder  # found, not made again
    other = replace(MARCH, title="Another", events=with_settings(MARCH, ["pressure=0.9"]).events)
    assert as_of_earlier(other, days[0]).events == ()  # what is assumed in 2023 was not known then

    page = read(report(march, results=tmp_path, departures=False))
    rows, said = downloads(page)["earlier.csv"], page.of("id", "changes")[0].text
    assert [row["origin"] for row in rows] == ["2019-03-10", "2021-12-01", "2023-03-10"]
    for row, run in zip(rows, [*reversed(kept), march], strict=True):
        (mine,) = (each for each in run.table("questions") if each["id"] == "opponent-at-end-2025")
        assert float(row["probability"]) == pytest.approx(mine["probability"])
    assert "February 2022: war in Ukraine, full scale" in said
    assert "Banjska" not in said
    assert "told no more than was known then" in said

    changed = Run(march.folder, {**march.provenance, "content": "other"}, march.held)
    assert "earlier.csv" not in downloads(read(report(changed, results=tmp_path, departures=False)))
    refused = called("report", march.folder, "--earlier", "2023-03-10", "--output", tmp_path)
    assert refused.exit_code == 2
    assert "no earlier than the origin of march-2023, 2023-03-10; name a day before it" in refused.stderr


def test_facts_lie_between_their_dates():
    from datetime import date

    from sim.record.observations import Record
    from sim.words import day_in_words

    found = facts_between(Record.load(), date(2021, 7, 1), date(2022, 1, 1))
    assert found[-1] == (
        date(2021, 12, 14),
        f"{day_in_words(date(2021, 12, 14))}: the EU opens chapters 14, 15, 21, 27",
    )
    assert all(date(2021, 7, 1) <= day < date(2022, 1, 1) for day, _ in found)


def test_runs_stand_side_by_side_with_their_paired_differences(pair, march):
    other, page = pair
    rows = [row for row in downloads(page)["side-by-side.csv"] if row["run"] == other.provenance["digest"]]
    found = {each.name: each for each in contrast(other, march).questions}
    assert {row["id"] for row in rows} == set(found)
    for row in rows:
        assert float(row["difference"]) == pytest.approx(found[row["id"]].difference)
    assert len(page.all("img")) == 2
    assert len(page.of("class", "dot")) == 200
    ids = [each.attrs["id"] for each in page.all() if "id" in each.attrs]
    assert len(ids) == len(set(ids))
    assert "pressure = 0.9" in page.of("id", "answer")[0].text
    assert "paired change" in page.of("id", "answer")[0].text


def test_runs_that_share_no_luck_stand_side_by_side_without_differences(march, run_of, brief, tmp_path):
    other = run_of(MARCH, 12)
    said = read(report([march, other], results=tmp_path)).of("id", "answer")[0].text
    assert "Not compared history by history: members: 12 against 300" in said
    assert "paired change" not in said
    assert f"({other.provenance['digest']})" in said  # two runs with one title


def test_nothing_that_a_stranger_wrote_is_more_than_text(run_of, brief, tmp_path):
    question = replace(MARCH.questions[0], text=HOSTILE["image"], resolution=HOSTILE["style"])
    event = replace(with_settings(MARCH, ["pressure=0.9"]).events[0], source=HOSTILE["formula"])
    changed = replace(
        MARCH, title=HOSTILE["script"], description=HOSTILE["address"], questions=(question,), events=(event,)
    )
    run = run_of(changed, 12)
    everything = " ".join(HOSTILE.values())
    hostile = Run(
        run.folder,
        {**run.provenance, "title": everything, "command": everything, "digest": everything},
        run.held,
    )
    plain = Run(
        run.folder, {**run.provenance, "title": "plain", "command": "plain", "digest": "plain"}, run.held
    )
    html, harmless = report(hostile, results=tmp_path), report(plain, results=tmp_path)
    for text in list(HOSTILE.values())[:3]:
        assert text not in html
    page = read(html)
    assert [each.tag for each in page.all()] == [each.tag for each in read(harmless).all()]
    assert not [name for each in page.all() for name in each.attrs if name.startswith("on")]
    assert not [each for each in page.all() if "javascript:" in each.attrs.get("href", "")]
    assert HOSTILE["script"] in page.all("h1")[0].text
    assert HOSTILE["image"] in page.of("id", "answer")[0].text
    (row,) = (row for row in downloads(page)["assumptions.csv"] if row["Kind"] == "Event")
    assert row["Source"] == f"'{HOSTILE['formula']}"


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", " =1"])
def test_no_cell_of_a_file_is_computed_by_a_spreadsheet(cell):
    text = base64.b64decode(csv_address([[cell, "-0.25", -0.25, "+1e3"]]).partition(",")[2]).decode()
    assert next(csv.reader(io.StringIO(text, newline=""))) == [f"'{cell}", "-0.25", "-0.25", "+1e3"]


def test_controls_and_halves_of_characters_do_not_reach_the_page(march, tmp_path):
    made = {**march.provenance, "title": "A\x1b[31m \u202eB\ud800"}
    run = Run(march.folder, made, march.held)
    path = write_report(run, tmp_path / "page.html", results=tmp_path, departures=False)
    assert "<title>A?[31m ?B?</title>" in path.read_text("utf-8")


def test_a_run_of_other_code_is_told_without_what_would_be_simulated(march, tmp_path):
    run = Run(march.folder, {**march.provenance, "content": "0123456789abcdef"}, march.held)
    page = read(report(run, results=tmp_path))
    assert "the code or the record has changed" in page.of("id", "reasons")[0].text
    assert "The stories cannot be told" in page.of("id", "histories")[0].text
    assert page.of("class", "story") == []
    assert len(page.of("class", "dot")) == 100


def test_what_is_missing_beside_the_run_is_said(march, tmp_path):
    page = read(report(march, results=tmp_path, departures=False))
    said = page.of("id", "record")[0].text
    assert "No scorecard of Serbia lies beside the runs" in said
    assert "serbia-sim hindcast --state serbia makes it" in said
    assert "No forecast of Serbia is registered" in page.of("id", "record")[0].text
    assert "No departure from this scenario is shown" in page.of("id", "reasons")[0].text


def test_without_questions_and_without_learning_there_is_a_page(run_of, brief, tmp_path):
    run = run_of(replace(MARCH, questions=()), 3, learned=False)
    page = read(report(run, results=tmp_path))
    assert "Serbia" in page.of("class", "answer")[0].text
    assert "these are prior probabilities" in page.of("id", "limits")[0].text
    assert page.of("id", "questions") == []


def test_the_command_writes_the_page_into_the_run_folder(march, copy_of, called):
    run = copy_of(march)
    result = called("report", run.folder, "--no-departures", "--output", SHIPPED)
    path = Path(result.stdout.strip())
    assert path == run.folder / "report.html"
    assert Run.load(run.folder) == run
    assert "28 of 305" in path.read_text("utf-8")


def test_the_command_refuses_what_it_cannot_do_before_it_works(march, called, tmp_path):
    assert called("report", march.folder, "--save", tmp_path / "no" / "page.html").exit_code == 2
    assert called("report", "no-such-run", "--output", tmp_path).exit_code == 2
    unasked = called("report", march.folder, "--question", "opponent-at-end-2052", "--earlier", "2021-12-01")
    assert unasked.exit_code == 2
    assert "did you mean 'opponent-at-end-2025'?" in unasked.stderr
    held = Run(march.folder, march.provenance, held=object())
    with pytest.raises(ValueError, match="no folder; name a file"):
        write_report(held)
    with pytest.raises(ValueError, match="a run at least"):
        report([])


def test_a_departure_that_changes_nothing_differs_in_no_member(march):
    (found,) = depart(march, [replace(MARCH, title="The same again")])
    assert all(each.difference == 0.0 for each in found.questions)
    assert found.assumed == ()


def test_a_departure_says_from_when_on_it_acts_where_that_is_after_what_is_asked(march):
    (found,) = depart(march, [read_scenario("ceasefire")])
    asked = {question.id: question for question in march.scenario.questions}
    change = {
        name: str(departures_table(march, [found], asked[name]).rows[0][2]).replace(HELD, " ")
        for name in ("sanctions-before-2024", "opponent-at-end-2025")
    }
    assert change["sanctions-before-2024"] == "no difference it acts from January 2024 on"
    assert "it acts" not in change["opponent-at-end-2025"]


@pytest.fixture
def chromium(tmp_path):
    """Return what shows a page in Chromium: the document after its scripts, and what the browser complained of."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        pytest.skip("no Chromium is installed")
    quiet = [
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
    ]
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-sync", *quiet]
    command += [f"--user-data-dir={tmp_path / 'profile'}", "--enable-logging=stderr", "--dump-dom"]

    def show(path: Path, *more: str) -> tuple[str, str]:
        call = [*command, *more, path.as_uri()]
        shown = subprocess.run(call, capture_output=True, text=True, timeout=120, check=True)
        return shown.stdout, shown.stderr

    return show


@pytest.mark.long(reason="opens the page in Chromium, where it is installed")
def test_a_browser_shows_it_without_a_complaint(html, chromium, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(html, encoding="utf-8")
    shown, said = chromium(path)
    assert "CONSOLE" not in said
    assert "How to make it again" in shown


MEASURE = """<!DOCTYPE html><script>
let left = 0
for (const width of [360, 560, 700, 768, 1100]) {
  const frame = document.createElement("iframe")
  left += 1
  frame.style.width = `${width}px`
  frame.onload = () => {
    const tables = [...frame.contentDocument.querySelectorAll(".scroll")]
    const wide = tables.filter(each => each.scrollWidth > each.clientWidth).length
    document.body.append(`${width}: ${wide} of ${tables.length} too wide. `)
  }
  frame.src = "page.html"
  document.documentElement.append(frame)
}
</script><body>"""


@pytest.mark.long(reason="measures its tables in Chromium, where it is installed")
def test_no_table_is_wider_than_the_screen_of_a_phone_upright_or_sideways(html, chromium, tmp_path):
    (tmp_path / "page.html").write_text(html, encoding="utf-8")
    frames = tmp_path / "frames.html"
    frames.write_text(MEASURE, encoding="utf-8")
    shown, _ = chromium(frames, "--disable-web-security", "--virtual-time-budget=20000")
    found = re.findall(r"(\d+): (\d+) of (\d+) too wide", shown)
    assert {int(width) for width, _, _ in found} == {360, 560, 700, 768, 1100}
    assert all(int(wide) == 0 < int(tables) for _, wide, tables in found), found
