"""Figures say what the run holds, put the record where it belongs, and can be read."""

import csv
import io
import subprocess
import sys
from dataclasses import replace
from datetime import date
from itertools import pairwise

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given, strategies as st
from matplotlib.colors import to_rgb
from matplotlib.image import imread
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from sim.plots import (
    FIGURES,
    OF_A_MEMBER,
    FigureError,
    distribution,
    draw,
    fan,
    posture,
    questions,
    save,
    write_figures,
)
from sim.plots.captions import likeliest, movement
from sim.plots.page import keep_apart
from sim.plots.shares import PALER
from sim.plots.style import POSTURE
from sim.quantities.catalogue import QUANTITIES, targets
from sim.record.observations import Record
from sim.record.record_series import recorded
from sim.registry.truth import what_came
from sim.runs.gallery import default_figures
from sim.scenario import Change, Event, Question, read_scenario
from sim.words import HELD, percent

MARCH = read_scenario("march-2023")
CASES = {
    "three members": (MARCH, 3),
    "three hundred": (MARCH, 300),
    "one member": (MARCH, 1),
    "one month": (replace(MARCH, until=date(2023, 3, 31), questions=()), 40),
    "no questions": (replace(MARCH, questions=()), 40),
    "a departure": (read_scenario("discount-withdrawn"), 300),
    "before there was a posture": (
        replace(MARCH, as_of=date(2012, 2, 1), until=date(2012, 3, 31), questions=()),
        40,
    ),
    "beyond the record": (
        replace(MARCH, as_of=date(2034, 6, 1), until=date(2036, 12, 31), questions=()),
        40,
    ),
}
KNOWN, LATER = "on record, known then", f"became known after 10{HELD}March{HELD}2023"
UNLEARNED = "beyond the record"  # what is drawn is the same, and two decades are long to learn
SETS = [
    ("fan", "cfsp_alignment"),
    ("fan", "cfsp_alignment_half"),
    ("fan", "un_position"),
    ("fan", "eu_support"),
    ("fan", "chapters_opened"),
    ("fan", "gas_discount"),
    ("fan", "market_price"),
    ("fan", "lean"),
    ("fan", "issued_other"),
    ("posture", None),
    ("distribution", None),
    ("distribution", "posture"),
    ("distribution", "sanctions"),
    ("distribution", "war"),
    ("distribution", "gas_discount"),
    ("distribution", "chapters_opened"),
    ("distribution", "cfsp_alignment"),
    ("questions", None),
]


@pytest.fixture(scope="module")
def march(run_of):
    return run_of(MARCH)


def drawn(run, name):
    """Return a figure by name, of member 0 if it is of one."""
    return draw(run, name, member=0 if name in OF_A_MEMBER else None)


def title_of(figure):
    """Return the figure's first words, as one line."""
    return " ".join(figure.texts[0].get_text().split())


def points(figure, label):
    """Return the recorded points with this label, as {place: value}."""
    found = {}
    for axes in figure.axes:
        for line in axes.lines:
            if line.get_label() == label:
                found |= {float(x): float(y) for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)}
    return found


WHOLE, CORE = ("three hundred", "one month"), [SETS[0], SETS[4], SETS[5], SETS[9], SETS[10], SETS[-1]]
SHEETS = [(case, *chosen) for case in CASES for chosen in (SETS if case in WHOLE else CORE)]


@pytest.mark.parametrize(("case", "name", "variable"), SHEETS)
def test_every_figure_draws_and_no_words_overlap_or_leave_the_page(run_of, legible, case, name, variable):
    how = {"learned": case != UNLEARNED, "beyond_record": case == UNLEARNED}
    legible(draw(run_of(*CASES[case], **how), name, variable))


def test_words_are_large_enough_for_a_phone(march):
    for name in FIGURES:
        figure = drawn(march, name)
        scale = 360.0 / (figure.get_figwidth() * 72.0)
        sizes = [text.get_fontsize() * scale for text in figure.findobj(Text) if text.get_text().strip()]
        assert min(sizes) > 7.5


@pytest.mark.parametrize("name", FIGURES)
def test_the_foot_says_which_run_it_is_and_what_it_rests_on(march, name, all_words):
    words = all_words(drawn(march, name))
    assert "Scenario march-2023" in words
    assert "300 members, seed 1" in words
    assert "Learned from the record as known then" in words


def test_recorded_points_stand_in_the_middle_of_their_window(march):
    figure = fan(march, "cfsp_alignment")
    known, later = points(figure, KNOWN), points(figure, LATER)
    assert known[6.0] == 0.99  # 2012
    assert known[126.0] == pytest.approx(65 / 136)  # 2022
    assert later == {138.0: 0.54}  # 2023
    half = fan(march, "cfsp_alignment_half")
    assert points(half, LATER) == {135.0: pytest.approx(34 / 65), 147.0: pytest.approx(27 / 57)}


def test_a_figure_published_after_the_origin_is_hollow_though_its_year_had_ended(march, all_words):
    figure = fan(march, "un_position")
    assert max(points(figure, KNOWN)) == 114.0
    assert set(points(figure, LATER)) == {126.0, 138.0, 150.0}
    by_label = {line.get_label(): line for line in figure.axes[0].lines}
    filled = by_label[KNOWN].get_markerfacecolor()
    assert filled != by_label[LATER].get_markerfacecolor()
    assert "became known after 10 March 2023" in all_words(figure)


def test_the_record_of_prices_and_chapters_goes_by_month(march):
    prices = points(fan(march, "market_price"), KNOWN)
    assert prices[133.0] == pytest.approx(
        march.data["past_bands"].sel(quantity="market_price").isel(past=132, level=2).item(), rel=1e-5
    )
    assert max(prices) == 134.0  # February 2023 was printed on 5 March
    chapters = fan(march, "chapters_opened")
    assert points(chapters, KNOWN)[120.0] == 22.0
    assert points(chapters, LATER)[144.0] == 22.0


def test_the_recorded_discount_follows_from_contract_and_market():
    record = Record.load()
    market = {point.day: point.value for point in recorded("market_price", record)}
    gas = {point.day: point.value for point in recorded("gas_discount", record)}
    day = date(2022, 3, 31)  # 270 a thousand cubic metres, fixed
    assert gas[day] == pytest.approx(1.0 - 270.0 / market[day])
    day = date(2018, 12, 31)  # 3.35 times the oil of March 2018
    oil = {point.day: point.value for point in recorded("brent", record)}
    assert gas[day] == pytest.approx(1.0 - 3.35 * oil[date(2018, 3, 31)] / market[day])


def test_bands_are_the_quantiles_of_the_members(march):
    figure = fan(march, "lean")
    values = march.data["lean"].isel(month=-1).to_numpy()
    medians = [line for line in figure.axes[0].lines if len(line.get_xdata()) == MARCH.last_month + 1]
    assert float(medians[0].get_ydata()[-1]) == pytest.approx(np.median(values), abs=1e-6)
    assert float(medians[0].get_xdata()[-1]) == MARCH.last_month + 1


def test_history_is_shown_as_no_fit_but_not_where_it_is_the_record(march, all_words):
    assert "what the record leaves open" in all_words(fan(march, "eu_support"))
    assert "leaves open" not in all_words(fan(march, "market_price"))


def test_the_origin_is_dated_and_stands_in_its_month(march, all_words):
    figure = fan(march, "eu_support")
    assert "what was known on 10 March 2023" in all_words(figure)
    upright = [line for line in figure.axes[0].lines if len(set(line.get_xdata())) == 1]
    assert any(float(line.get_xdata()[0]) == pytest.approx(134 + 10 / 31) for line in upright)


def test_posture_shows_the_shares_of_the_forecast_table(march, all_words):
    rows = [
        row
        for row in march.table("forecast")
        if (row["target"], row["target_end_date"]) == ("posture", date(2025, 12, 31))
    ]
    words = all_words(posture(march))
    for row in rows:
        assert " ".join(percent(row["value"]).split()) in words


def test_the_strip_shows_the_recorded_labels_and_hatches_what_was_not_known(march):
    strip = posture(march).axes[1]
    boxes = [patch for patch in strip.patches if isinstance(patch, Rectangle) and patch.get_fill()]
    seen = [
        (box.get_x(), box.get_x() + box.get_width(), box.get_facecolor()[:3], box.get_hatch() is not None)
        for box in boxes
        if box.get_facecolor()[3] > 0
    ]
    ally, balancer = to_rgb(POSTURE["ally"]), to_rgb(POSTURE["balancer"])
    assert seen == [
        (26.0, 59.0, balancer, False),  # March 2014 to November 2016
        (59.0, 123.0, ally, False),  # December 2016 to March 2022
        (123.0, 134.0, balancer, False),  # April 2022 to the origin
        (134.0, 168.0, balancer, True),  # not known then
    ]


def test_titles_follow_the_data(run_of, march, all_words):
    assert "Serbia" in title_of(posture(march))
    change = Change(quantity="sanctions", how="set", value=1)
    event = Event(date=date(2023, 6, 1), until=date(2026, 1, 1), changes=(change,), source="test")
    imposed = run_of(replace(MARCH, events=(event,)), 40)
    assert title_of(posture(imposed)) == "Serbia is likeliest to become an opponent: 100 % at the end of 2025"
    assert title_of(distribution(imposed, "sanctions")).endswith("40 of 40 at the end of 2025")
    # its last month, as the page and `show` tell it
    assert event.months == "2023-06 to 2025-12"
    assert "Assumed: sanctions set to 1 from June 2023 to December 2025." in all_words(posture(imposed))
    withdrawn = run_of(*CASES["a departure"])
    said = title_of(fan(withdrawn, "gas_discount"))
    assert "is held by assumption: 0 % at the end of 2025, after 9 % in February 2023" in said
    assert said != title_of(fan(march, "gas_discount"))


def test_a_window_that_does_not_end_in_the_horizon_is_said_and_not_drawn(run_of, all_words):
    run = run_of(*CASES["one month"])
    said = title_of(fan(run, "cfsp_alignment"))
    assert "no figure comes out between 10 March 2023 and 31 March 2023" in said
    assert "median" not in all_words(fan(run, "cfsp_alignment"))
    assert "no figure comes out" in title_of(distribution(run, "un_position"))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([2, 2, 2, 2], "is very likely to rise"),
        ([2, 2, 2, 0], "is likely to rise"),
        ([2, 2, 0, 0], "may rise or fall"),
        ([0, 0, 0, 0], "is very likely to fall"),
        ([1, 1, 1, 2], "is likely to stay"),
    ],
)
def test_movement_in_calibrated_words(values, said):
    assert movement(np.array(values, dtype=float), 1.0) == said


def test_the_likeliest_needs_more_than_luck():
    near = {"ally": 0.30, "balancer": 0.36, "opponent": 0.34}
    assert likeliest(near, 100) == ["balancer", "opponent"]
    assert likeliest(near, 100_000) == ["balancer"]


def test_questions_stand_in_the_files_order_at_their_probability(march):
    figure = questions(march)
    rows, lines = march.table("questions"), figure.axes[0].lines
    (dots,) = [line for line in lines if line.get_label() == "probability"]
    (rings,) = [line for line in lines if line.get_label().startswith("that of the model alone")]
    published = [row["probability"] if row["pooled"] is None else row["pooled"] for row in rows]
    assert list(dots.get_xdata()) == published
    assert any(row["pooled"] is not None for row in rows)
    alone = [np.nan if row["pooled"] is None else row["probability"] for row in rows]
    np.testing.assert_array_equal(rings.get_xdata(), alone)
    assert list(rings.get_ydata()) == list(dots.get_ydata()) == sorted(dots.get_ydata())
    assert rings.get_markerfacecolor() != dots.get_markerfacecolor()
    texts = [" ".join(text.get_text().split()) for text in figure.texts]
    places = [texts.index(row["text"]) for row in rows]
    assert places == sorted(places)


def test_what_came_of_a_question_is_marked_at_yes_or_no(march, all_words):
    spec, figure = march.scenario, questions(march)
    record = Record.load(spec.state)
    said = [what_came(question, spec.as_of, record) for question in spec.questions]
    (diamonds,) = [line for line in figure.axes[0].lines if line.get_marker() == "D"]
    ends = [{"no": 0.0, "yes": 1.0, "": np.nan}[words] for words in said]
    np.testing.assert_array_equal(diamonds.get_xdata(), ends)
    assert all(words in said for words in ("no", "yes", ""))
    assert "what came, by the record: no at 0 %, yes at 100 %" in all_words(figure)


def test_a_judgement_range_is_drawn_where_there_is_one(march, copy_of, all_words):
    copied = copy_of(march)
    rows = copied.table("questions")
    rows[0] |= {"low": "0.05", "high": "0.6"}
    with (copied.folder / "questions.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    spans = [tuple(line.get_xdata()) for line in questions(copied).axes[0].lines]
    assert (0.05, 0.6) in spans
    assert (0.05, 0.6) not in [tuple(line.get_xdata()) for line in questions(march).axes[0].lines]
    assert "what judgement alone could make of it" in all_words(questions(copied))


def test_a_question_with_signs_of_mathematics_is_printed_as_it_is(run_of, all_words):
    asked = Question(
        id="dollars",
        text="Will gas cost $900 or more, and _not_ $1,000, 50 % of the time?",
        target="gas_discount",
        at=date(2024, 12, 31),
        at_least=0.2,
        resolution="test",
    )
    run = run_of(replace(MARCH, questions=(asked,)), 40)
    assert "$900 or more, and _not_ $1,000, 50 %" in all_words(questions(run))


def test_unknown_names_are_refused_with_the_nearest(march):
    with pytest.raises(FigureError, match="did you mean 'posture'"):
        draw(march, "postures")
    with pytest.raises(FigureError, match="did you mean 'gas_discount'"):
        fan(march, "gas_discont")
    with pytest.raises(FigureError, match="draw its distribution"):
        fan(march, "sanctions")
    with pytest.raises(FigureError, match="takes no variable"):
        draw(march, "questions", "lean")


@pytest.mark.parametrize(
    ("name", "suffix"), [*((name, ".svg") for name in FIGURES), ("posture", ".png"), ("posture", ".pdf")]
)
def test_the_same_figure_gives_the_same_bytes(march, tmp_path, name, suffix):
    for number in (1, 2):
        save(drawn(march, name), tmp_path / f"{number}{suffix}")
    first, second = ((tmp_path / f"{number}{suffix}").read_bytes() for number in (1, 2))
    assert first == second
    assert len(first) > 1000


@pytest.mark.parametrize(("name", "said"), [("f", "no suffix"), ("nowhere/f.png", "there is no folder")])
def test_a_figure_goes_nowhere_else_than_into_a_folder_that_exists(march, tmp_path, name, said):
    with pytest.raises(FigureError, match=said):
        save(posture(march), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_words_keep_their_place_where_a_notebook_crops_the_page(march):
    figure, seen = posture(march), []
    inches = figure.get_size_inches()
    for edge in (0.0, 1.0):
        page = Bbox([(-edge, -edge), inches + edge])
        file = io.BytesIO()
        figure.savefig(file, dpi=100, bbox_inches=page, facecolor="white")
        across, down = (inches * 100.0).astype(int)
        begin = int(edge * 100.0)
        file.seek(0)
        seen.append(imread(file)[begin : begin + down, begin : begin + across, 0])
    assert (np.abs(seen[0] - seen[1]) > 0.5).mean() < 0.003


def test_words_in_an_svg_are_words(march, tmp_path):
    save(posture(march), tmp_path / "p.svg")
    text = (tmp_path / "p.svg").read_text(encoding="utf-8")
    assert "opponent</text>" in text
    assert "<dc:date>" not in text
    assert "sans-serif" in text  # for readers without the first font


def test_the_default_set_is_written_beside_the_run(run_of, copy_of):
    run = copy_of(run_of(MARCH, 3))
    names = {path.name for path in write_figures(run)}
    stems = {
        *(f"fan-{name}" for name in targets() if QUANTITIES[name].kind not in ("binary", "category")),
        "posture",
        "sanctions",
        "ledger",
        "distribution",
        "questions",
    }
    assert names == {f"{stem}{suffix}" for stem in stems for suffix in (".png", ".svg")}
    assert {path.name for path in (run.folder / "figures").iterdir()} == names
    silent = run_of(*CASES["no questions"])
    assert not any(name.startswith("questions") for name, _ in default_figures(silent))


def test_drawing_leaves_matplotlibs_settings_alone(march):
    before = dict(mpl.rcParams)
    draw(march, "posture").savefig(io.BytesIO())
    assert dict(mpl.rcParams) == before


def test_postures_are_told_apart_without_hue():
    light = {
        name: float(np.dot(to_rgb(colour), (0.2126, 0.7152, 0.0722))) for name, colour in POSTURE.items()
    }
    assert np.diff(sorted(light.values())).min() > 0.2
    paler = {name: 1.0 - PALER * (1.0 - value) for name, value in light.items()}  # before the origin
    for name, before in paler.items():
        assert min(abs(before - light[other]) for other in light if other != name) > 0.07


@given(st.lists(st.floats(0.0, 190.0), min_size=1, max_size=3))
def test_names_of_layers_keep_apart_and_inside(middles):
    placed = keep_apart(sorted(middles, reverse=True), 28.0, 190.0)
    assert all(above - below >= 28.0 - 1e-9 for above, below in pairwise(placed))
    assert min(placed) >= 14.0 - 1e-9
    assert max(placed) <= 176.0 + 1e-9


def test_the_command_writes_into_the_run_or_where_it_is_told(run_of, copy_of, called, tmp_path):
    run = copy_of(run_of(MARCH, 3))
    done = called("plot", run.folder, "fan", "--variable", "lean")
    paths = [run.folder / "figures" / f"fan-lean{suffix}" for suffix in (".png", ".svg")]
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [str(path) for path in paths]
    assert all(path.stat().st_size > 1000 for path in paths)
    done = called("plot", run.folder, "posture", "--save", tmp_path / "p.pdf")
    assert done.stdout.splitlines() == [str(tmp_path / "p.pdf")]
    assert (tmp_path / "p.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["postur"], "did you mean 'posture'"),
        (["fan", "--variable", "un_positon"], "did you mean 'un_position'"),
        (["fan", "--save", "{}/f.jpg"], "one of .png, .svg, .pdf"),
    ],
)
def test_the_command_refuses_in_words_and_writes_nothing(run_of, called, tmp_path, arguments, said):
    run = run_of(MARCH, 3)
    done = called("plot", run.folder, *(argument.format(tmp_path) for argument in arguments))
    assert done.exit_code == 2
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_command_needs_a_run_folder(called, tmp_path):
    done = called("plot", tmp_path, "fan")
    assert done.exit_code == 2
    assert "is not a run folder" in done.stderr


def printed(code):
    """Return the last line that a program prints in a process of its own."""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return told.stdout.splitlines()[-1]


def test_help_loads_no_matplotlib_and_figures_no_pyplot(march):
    loaded = "import sys; sys.argv = ['serbia-sim', 'plot', '--help']\n"
    loaded += (
        "from sim.cli import main\ntry: main()\nexcept SystemExit: pass\nprint('matplotlib' in sys.modules)"
    )
    assert printed(loaded) == "False"
    drawn = "import sys; from sim.plots import draw; from sim.runs.results import Run\n"
    drawn += f"draw(Run.load({str(march.folder)!r}), 'posture'); print('matplotlib.pyplot' in sys.modules)"
    assert printed(drawn) == "False"
