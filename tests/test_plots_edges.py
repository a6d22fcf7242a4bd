"""Figures of what hardly varies, varies wildly or is not there, under any settings and in any script."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from hypothesis import given, strategies as st
from matplotlib.font_manager import fontManager

from sim.forecasting import forecast
from sim.forecasting.samples import variable_of
from sim.plots import FIGURES, OF_A_MEMBER, distribution, draw, fan, questions, save
from sim.plots.captions import foot
from sim.plots.page import Page, measure, wrap
from sim.plots.style import FORECAST, STAND_IN, _family, drawable, in_style
from sim.scenario import Change, Event, read_scenario

MARCH = read_scenario("march-2023")
MEMBERS = 40
REPLACED = ("cfsp_alignment", "gas_discount", "market_price", "contract_price", "chapters_opened", "lean")
SHAPES = {
    "all the same": lambda share: np.full_like(share, 0.3),
    "all nought": np.zeros_like,
    "most at the greatest": lambda share: np.where(share < 0.2, share, 1.0),
    "most at the least": lambda share: np.where(share > 0.8, share, 0.0),
    "one far apart": lambda share: np.where(share == share.max(), -50.0, 1.0),
    "two values": lambda share: np.where(share < 0.5, 0.0, 1.0),
    "apart by rounding": lambda share: 0.3 + 1e-16 * share,
    "apart by a hair": lambda share: 0.3 + 1e-9 * share,
    "huge": lambda share: 1e30 * share,
    "huge and the same": lambda share: np.full_like(share, 3e30),
    "far below": lambda share: -402983.0 * share,
    "tiny": lambda share: 1e-30 * share,
}
EVERY = [
    *(("fan", v) for v in ("cfsp_alignment_half", "chapters_opened", "gas_discount")),
    ("distribution", "lean"),
    ("distribution", "war"),
    *((name, None) for name in FIGURES if name != "fan"),
]


@pytest.fixture(scope="module")
def plain():
    return forecast(MARCH, members=MEMBERS, learned=False, save=False)


def held(plain, members=MEMBERS, **values):
    """Return a run of the first members, with the values of some variables replaced, one for each member."""
    data = plain.held.data.isel(member=slice(members)).copy(deep=True)
    for name, given_values in values.items():
        data[name] = data[name].astype(float)
        data[name][:] = np.asarray(given_values, dtype=float).reshape(members, -1)
    return replace(
        plain, provenance={**plain.provenance, "members": members}, held=replace(plain.held, data=data)
    )


def drawn(run, name, variable=None):
    return draw(run, name, variable, member=0 if name in OF_A_MEMBER else None)


@pytest.mark.parametrize("members", [1, 2])
@pytest.mark.parametrize(("name", "variable"), EVERY)
def test_a_run_of_one_or_two_members_can_be_read(plain, legible, members, name, variable):
    legible(drawn(held(plain, members), name, variable))


@pytest.mark.parametrize("shape", SHAPES)
def test_any_spread_of_values_can_be_read(plain, legible, shape):
    values = SHAPES[shape]((np.arange(MEMBERS) + 0.5) / MEMBERS)
    numbers = {variable_of(name): values for name in REPLACED} | {"chapters_opened": np.round(values)}
    run = held(plain, **numbers)
    for name, variable in (("fan", "cfsp_alignment"), ("fan", "chapters_opened"), ("distribution", None)):
        legible(drawn(run, name, variable))
    if shape in ("all nought", "far below", "huge"):
        terms = {str(name): values for name in plain.data.data_vars if str(name).startswith("ledger_")}
        legible(drawn(held(plain, **terms), "ledger"))
        legible(drawn(run, "story"))


def test_figures_of_windows_in_which_nothing_comes_out_say_so(plain, legible, all_words):
    run = held(plain, cfsp_alignment_year=np.full(MEMBERS, np.nan), un_position=np.full(MEMBERS, np.nan))
    for name, variable in (
        ("fan", "cfsp_alignment"),
        ("distribution", "un_position"),
        ("distribution", None),
    ):
        figure = drawn(run, name, variable)
        legible(figure)
        assert "no figure comes out" in all_words(figure)


@pytest.mark.parametrize(
    ("until", "months"),
    [
        (None, "from June 2023"),
        (date(2026, 1, 1), "from June 2023 to December 2025"),
        (date(2023, 7, 1), "in June 2023"),
    ],
)
def test_the_foot_tells_the_months_in_which_an_event_acts(plain, until, months):
    changes = (Change(quantity="pressure", how="set", value=0.25),)
    event = Event(date=date(2023, 6, 1), until=until, changes=changes, source="test")
    run = replace(plain, held=replace(plain.held, scenario=replace(MARCH, events=(event,))))
    assert f"Assumed: pressure set to 0.25 {months}." in " ".join(" ".join(foot(run)).split())


def bars(figure):
    """Return the bars of a histogram that are not empty: (left, right, height, whether dark)."""
    dark = mpl.colors.to_rgba(FORECAST[1])
    return [
        (bar.get_x(), bar.get_x() + bar.get_width(), bar.get_height(), bar.get_facecolor() == dark)
        for bar in figure.axes[0].patches
        if bar.get_height() > 0.0
    ]


def test_both_of_two_members_have_a_bar(plain):
    figure = distribution(held(plain, 2, gas_discount=[-0.4, 0.1]), "gas_discount")
    assert [height for *_, height, _ in bars(figure)] == [0.5, 0.5]


def test_the_value_that_most_members_share_stands_in_a_dark_bar(plain):
    values = np.where(np.arange(MEMBERS) < 12, 0.01 * np.arange(MEMBERS), 0.6)
    left, right, height, dark = bars(distribution(held(plain, gas_discount=values), "gas_discount"))[-1]
    assert left <= 0.6 <= right + 1e-12
    assert height == pytest.approx(28 / 40)
    assert dark


def test_a_histogram_leaves_out_no_more_than_it_says(plain, all_words):
    values = np.where(np.arange(MEMBERS) == 7, 1e6, 100.0 + np.arange(MEMBERS))
    figure = distribution(held(plain, market_price=values), "market_price")
    shown = sum(height for *_, height, _ in bars(figure))
    assert shown == pytest.approx(1.0) or "beyond the axis" in all_words(figure)


HOSTILE = {
    "LaTeX": {"text.usetex": True},
    "other type": {"font.family": ["serif"], "font.size": 20.0, "text.hinting": "none", "font.weight": "bold"},
    "other paper": {
        "figure.facecolor": "yellow", "axes.facecolor": "black", "savefig.transparent": True, "axes.grid": True,
        "savefig.bbox": "tight", "savefig.dpi": 30.0, "figure.dpi": 33.0, "figure.autolayout": True,
    },
    "other lines": {
        "axes.prop_cycle": mpl.cycler(color=["red"]), "lines.linewidth": 9.0, "lines.marker": "x",
        "patch.force_edgecolor": True, "hatch.linewidth": 7.0, "path.sketch": (1.0, 100.0, 2.0),
        "path.simplify": False, "legend.frameon": True, "legend.numpoints": 3,
    },
    "other axes": {
        "axes.xmargin": 0.4, "axes.autolimit_mode": "round_numbers", "xtick.top": True, "xtick.direction": "in",
        "xtick.labeltop": True, "ytick.right": True, "axes.unicode_minus": False, "axes.spines.top": True,
    },
    "other files": {"svg.fonttype": "path", "svg.hashsalt": "mine", "pdf.compression": 0, "pdf.fonttype": 3},
}  # fmt: skip


@pytest.fixture(scope="module")
def files(plain, tmp_path_factory):
    """Return what gives the bytes of some figures, drawn and saved."""
    folder = tmp_path_factory.mktemp("files")

    def made():
        for name, variable in (("fan", "gas_discount"), ("posture", None)):
            for suffix in (".png", ".svg"):
                save(drawn(plain, name, variable), folder / f"{name}{suffix}")
        return {path.name: path.read_bytes() for path in folder.iterdir()}

    return made


@pytest.fixture(scope="module")
def ours(files):
    return files()


@pytest.mark.parametrize("settings", HOSTILE)
def test_the_users_settings_of_matplotlib_change_no_byte(files, ours, settings):
    with mpl.rc_context(HOSTILE[settings]):
        before = dict(mpl.rcParams)
        theirs = files()
        assert dict(mpl.rcParams) == before
    assert len(ours) == 4
    assert theirs == ours


TEXTS = {
    "Chinese": "\u585e\u5c14\u7ef4\u4e9a 2023 \u5e74",
    "Devanagari": "\u0938\u0930\u094d\u092c\u093f\u092f\u093e?",
    "Cyrillic": "\u0421\u0440\u0431\u0438\u0458\u0430",
    "signs": "\U0001f1f7\U0001f1f8 \u2620 \ud800 \x07\ttab",
    "one word without an end": "x" * 500,
}


@pytest.mark.parametrize("script", TEXTS)
def test_any_letters_are_drawn_without_a_warning(plain, legible, monkeypatch, capfd, script):
    asked = [{**row, "text": TEXTS[script]} for row in plain.table("questions")]
    run = replace(plain, held=replace(plain.held, table=lambda _: asked))
    legible(questions(run))
    with in_style():
        legible(Page(title=TEXTS[script], subtitle=TEXTS[script], foot=[TEXTS[script]]).close())
    assert capfd.readouterr().err == ""


@pytest.fixture
def own_fonts():
    """Leave Matplotlib the fonts that it brings along, for a test: others may have any letter."""
    before = list(fontManager.ttflist)
    own = Path(mpl.get_data_path())
    fontManager.ttflist[:] = [font for font in before if own in Path(font.fname).parents]
    drawable.cache_clear()
    _family.cache_clear()
    yield
    fontManager.ttflist[:] = before
    drawable.cache_clear()
    _family.cache_clear()


@pytest.mark.usefixtures("own_fonts")
def test_letters_that_no_font_has_are_told_once_a_stretch():
    assert drawable("in \u585e\u5c14, \u7ef4")[0] == f"in {STAND_IN}, {STAND_IN}"
    assert (
        drawable("\u0421\u0440\u0431\u0438\u0458\u0430 \u010d")[0]
        == "\u0421\u0440\u0431\u0438\u0458\u0430 \u010d"
    )


@pytest.fixture
def chinese(tmp_path, own_fonts):
    """Install a font that has one Chinese letter, for a test."""
    pen = TTGlyphPen(None)
    for move, place in (("moveTo", (0, 0)), ("lineTo", (500, 0)), ("lineTo", (500, 700))):
        getattr(pen, move)(place)
    pen.closePath()
    box, empty = pen.glyph(), TTGlyphPen(None).glyph()
    font = FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder([".notdef", "sai"])
    font.setupCharacterMap({0x585E: "sai"})
    font.setupGlyf({".notdef": empty, "sai": box})
    font.setupHorizontalMetrics({".notdef": (600, 0), "sai": (600, 0)})
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupNameTable({"familyName": "One Letter Sans", "styleName": "Regular"})
    font.setupOS2()
    font.setupPost()
    font.save(tmp_path / "one.ttf")
    fontManager.addfont(tmp_path / "one.ttf")
    return "One Letter Sans"


def test_an_installed_font_draws_what_the_projects_own_lacks(chinese, legible):
    assert drawable("a \u585e \u5c14") == (f"a \u585e {STAND_IN}", ("DejaVu Sans", chinese, "sans-serif"))
    with in_style():
        legible(Page(title="\u585e", subtitle="\u585e", foot=[]).close())


@given(st.text(max_size=300), st.floats(40.0, 400.0))
def test_no_line_is_wider_than_it_may_be(words, width):
    lines = wrap(words, 9.5, width)
    assert all(measure(line, 9.5) <= width or len(line) == 1 for line in lines)
    assert "".join("".join(lines).split()) == "".join(drawable(words.replace("\n", " "))[0].split())


def test_a_years_figure_stands_between_the_ends_of_its_year(plain):
    figure = fan(plain, "cfsp_alignment")
    axes = figure.axes[0]
    turns = [float(turn) for turn in axes.get_xticks()]
    names = {
        float(x): tick.get_text()
        for x, tick in zip(axes.get_xticks(minor=True), axes.get_xticklabels(minor=True), strict=True)
    }
    assert turns == [12.0 * year for year in range(15)]
    assert list(names) == [6.0 + 12.0 * year for year in range(14)]
    assert [name[-2:] for name in names.values()] == [str(year) for year in range(12, 26)]
    (median,) = [line for line in axes.lines if line.get_label() == "median"]  # of the forecast: 2023 to 2025
    places = median.get_xdata().reshape(-1, 3)  # a box's two ends, and the gap after it
    assert np.isnan(places[:, 2]).all()
    assert list(places[:, :2].mean(axis=1)) == [138.0, 150.0, 162.0]
