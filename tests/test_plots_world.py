"""The figures of the whole world: sanctions, the ledger, one member's story, and two runs compared."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from matplotlib.figure import Figure

from sim import plots
from sim.cli.run import _draw
from sim.clock import month_number
from sim.contrasts import contrast
from sim.forecasting import forecast
from sim.plots import (
    FigureError,
    distribution,
    draw,
    fan,
    ledger,
    posture,
    sanctions,
    save,
    story,
    write_figures,
)
from sim.plots.story import CROSS, DOWN, FILLED, HOLLOW, UP, events_of, life
from sim.plots.style import PAPER
from sim.runs.gallery import default_figures, missing_figures, own_paths
from sim.runs.members import at as values_at
from sim.scenario import Change, Event, Question, read_scenario
from sim.words import position
from sim.world.incentives import LEDGER

MARCH = read_scenario("march-2023")
FIRST, LAST = MARCH.first_month, MARCH.last_month
LAST_DAY = "last day of a question of the scenario: imposed by then?"
HELD = 40
"""Members of the runs whose values a test replaces."""
CASES = {
    "three members": (MARCH, 3),
    "three hundred": (MARCH, 300),
    "one month": (replace(MARCH, until=date(2023, 3, 31), questions=()), 40),
    "first months": (
        replace(MARCH, as_of=date(2012, 2, 1), until=date(2012, 3, 31), questions=()),
        20,
    ),
}


def event(quantity, value, start, until=None):
    change = Change(quantity=quantity, how="set", value=value)
    return Event(date=start, until=until, changes=(change,), source="test")


@pytest.fixture(scope="module")
def march(run_of):
    return run_of(*CASES["three hundred"])


@pytest.fixture(scope="module")
def held():
    """Return a maker of small runs in memory, with the values of some variables replaced by what is given."""
    plain = {learned: forecast(MARCH, members=HELD, learned=learned, save=False) for learned in (True, False)}

    def make(learned=True, **values):
        data = plain[learned].held.data.copy(deep=True)
        for name, given in values.items():
            whole = np.shape(given)[1:] == (LAST + 1,)
            data[name][:] = given[:, FIRST:] if whole and learned else given
            if whole and f"past_{name}" in data and name != "posture":
                data[f"past_{name}"][:] = given[0, FIRST - 12 : FIRST, np.newaxis]
        return replace(plain[learned], held=replace(plain[learned].held, data=data))

    return make


def title_of(figure):
    return " ".join(figure.texts[0].get_text().split())


def lines_of(figure, label):
    return [line for axes in figure.axes for line in axes.lines if line.get_label() == label]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", ["sanctions", "ledger", "story"])
def test_every_figure_draws_and_no_words_overlap_or_leave_the_page(run_of, legible, case, name):
    legible(draw(run_of(*CASES[case]), name, member=2 if name == "story" else None))


def test_the_probability_of_sanctions_is_that_of_the_questions(march):
    figure = sanctions(march)
    (line,) = lines_of(figure, "imposed by then")
    path = dict(zip(line.get_xdata(), line.get_ydata(), strict=True))
    answers = {row["id"]: row["probability"] for row in march.table("questions")}
    dots = {float(dot.get_xdata()[0]): float(dot.get_ydata()[0]) for dot in lines_of(figure, LAST_DAY)}
    assert dots == {
        month_number(date(year - 1, 12, 31)) + 1.0: pytest.approx(
            answers[f"sanctions-before-{year}"], abs=1e-6
        )
        for year in (2024, 2025, 2026)
    }
    assert all(path[place] == share for place, share in dots.items())
    assert path[134 + 10 / 31] == 0.0  # on the origin


@pytest.fixture
def macedonia(run_of):
    return run_of(read_scenario("north-macedonia-2021"), members=8, learned=False)


def test_when_sanctions_came_or_that_none_did_is_marked(march, macedonia, all_words, legible):
    for run, end, said in (
        (march, (month_number(date(2025, 12, 31)) + 1.0, 0.0), "none up to December 2025"),
        (macedonia, None, "imposed on 24 February 2022"),
    ):
        figure = sanctions(run)
        legible(figure)
        (line,) = [line for line in figure.axes[0].lines if line.get_marker() == "D"]
        on_the_day = position(date(2022, 2, 24)), figure.axes[0].get_ylim()[1]
        assert line.get_xydata()[-1] == pytest.approx(end or on_the_day)
        assert f"what came, by the record: {said}" in all_words(figure)


def test_nothing_is_drawn_of_a_target_that_is_the_same_everywhere_and_not_on_record(macedonia, all_words):
    drawn = [variable for name, variable in default_figures(macedonia) if name == "fan"]
    assert drawn == ["cfsp_alignment", "un_position", "eu_support", "chapters_opened"]
    assert "discount" not in all_words(distribution(macedonia))
    assert "Nothing to see: all histories have one value" in all_words(fan(macedonia, "gas_discount"))


def test_the_reference_class_is_its_count_carried_forward(march, run_of, all_words):
    (line,) = lines_of(sanctions(march), "by the reference class's rate alone")
    # two adoptions in 42.84 state-years: a rate of Gamma(1/2, 42.84 / 2 / 2.5), and 34 months to go
    assert line.get_ydata()[-1] == pytest.approx(1.0 - (1.0 + 34 / 12 / (42.842 / 5.0)) ** -0.5, abs=1e-5)
    assert "2 had since, in 43 state-years" in all_words(sanctions(march))
    early = sanctions(run_of(*CASES["first months"]))
    assert lines_of(early, "by the reference class's rate alone") == []
    assert "eference" not in all_words(early)


def test_sanctions_that_were_lifted_were_imposed(held):
    in_force = np.zeros(LAST + 1)
    in_force[FIRST + 3 : FIRST + 9] = 1.0
    figure = sanctions(held(sanctions=np.outer(np.arange(HELD) % 2, in_force)))
    (line,) = lines_of(figure, "imposed by then")
    assert list(line.get_ydata()) == [0.0] * 4 + [0.5] * (LAST - FIRST - 2)
    assert title_of(figure).startswith("Sanctions on Russia by the end of 2025: 50 %")


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.0, "0 of 40; below the 13 % for states like Serbia"),
        (1.0, "40 of 40; above the 13 % for states like Serbia"),
        (0.2, "20 %; 13 % for states like Serbia, too near to tell apart"),
    ],
)
def test_the_title_of_sanctions_says_more_only_beyond_luck(held, share, said):
    values = np.zeros((HELD, LAST + 1))
    values[: int(HELD * share), -1] = 1.0
    figure = sanctions(judged(held(sanctions=values)))
    assert title_of(figure) == f"Sanctions on Russia by the end of 2025: {said}"


def judged(run, *rows):
    """Return the run with these ranges over judgement: (target, category, date, low, high)."""
    names = ("target", "category", "date", "low", "high")
    found = [dict(zip(names, row, strict=True)) for row in rows]
    plain = run.held.table
    return replace(run, held=replace(run.held, table=lambda name: found if name == "ranges" else plain(name)))


def test_the_range_over_judgement_is_drawn_and_told(held, legible, all_words):
    values = np.zeros((HELD, LAST + 1))
    values[:20, FIRST + 9 :] = 1.0
    ends = [date(2023, 12, 31), date(2025, 12, 31)]
    rows = [("sanctions", "imposed", ends[0], 0.02, 0.6), ("sanctions", "imposed", ends[1], 0.07, 0.82)]
    figure = sanctions(judged(held(sanctions=values), *rows))
    legible(figure)
    (band,) = [
        area for area in figure.axes[0].collections if area.get_label().startswith("range over judgement")
    ]
    corners = {(float(x), float(y)) for x, y in band.get_paths()[0].vertices}
    assert {(144.0, 0.02), (144.0, 0.6), (168.0, 0.07), (168.0, 0.82)} <= corners
    assert "50 %, by other judgements 7 to 82 %; 13 % for states like Serbia" in title_of(figure)
    assert "[7 to 82 %]" in all_words(figure)
    shares = judged(
        held(), ("posture", "ally", ends[1], 0.08, 0.3), ("posture", "opponent", ends[1], None, None)
    )
    words = all_words(posture(shares))
    assert "[8 to 30 %] In brackets" not in words
    assert "[8 to 30 %]" in words
    assert words.count("[") == 1
    assert "range over judgement" in words
    assert "judgement" not in all_words(posture(judged(held())))


def test_a_leap_of_the_allies_is_explained_where_votes_come_or_go(held, all_words):
    postures, votes = np.ones((HELD, LAST + 1)), np.zeros((HELD, LAST + 1))
    postures[:10, FIRST + 9 :] = 0.0
    votes[:, FIRST + 9] = 1.0
    said = all_words(posture(judged(held(posture=postures, votes=votes))))
    assert (
        "In December 2023 ally goes from 0 % to 25 %: a posture is judged over twelve months, and a UN vote"
        in said
    )
    votes[:, FIRST - 3] = 2.0
    said = all_words(posture(judged(held(posture=postures, votes=votes))))
    assert "twelve months, and the UN votes of December 2022 leave them and a UN vote comes in." in said
    assert "ally goes" not in all_words(posture(judged(held(posture=postures, votes=0.0 * votes))))
    assert "ally goes" not in all_words(posture(judged(held(posture=1.0, votes=votes))))


def test_only_questions_whether_sanctions_come_are_marked(held):
    def ask(**how):
        asked = {"id": "q", "text": "q", "target": "sanctions", "resolution": "test", **how}
        run = held()
        scenario = replace(MARCH, questions=(Question(**asked),))
        return lines_of(sanctions(replace(run, held=replace(run.held, scenario=scenario))), LAST_DAY)

    assert len(ask(ever_by=date(2024, 6, 30), equals=1)) == 1
    assert ask(ever_by=date(2024, 6, 30), at_most=0) == []
    assert ask(at=date(2024, 6, 30), at_least=1) == []
    assert ask(target="chapters_opened", ever_by=date(2024, 6, 30), at_least=1) == []


def test_the_ledger_has_every_recorded_term(march):
    assert {f"ledger_{term}" for term in LEDGER} == {
        name for name in march.data if name.startswith("ledger_")
    }


def flat(**terms):
    """Return a ledger with each term what is given, by turns among the members, and zero where nothing is."""
    return {f"ledger_{term}": np.resize(terms.get(term, 0.0), HELD)[:, None] for term in LEDGER}


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (
            {"arms": 0.4, "gas": -0.3},
            "The arms trade draws Serbia most, the gas contract holds it back most, at the end of 2025",
        ),
        (
            {"kosovo": 0.2},
            "The veto on Kosovo draws Serbia most, none holds it back more than in January 2012, at the end of 2025",
        ),
        (
            {},
            "No incentive draws Serbia more than in January 2012, none holds it back more than then, "
            "at the end of 2025",
        ),
        (
            {"public": -0.3, "accession": [0.4, 0.1, 0.4, 0.1], "pressure": [0.2, 0.3, 0.2, 0.2]},
            "The accession offer and the EU's pressure draw Serbia most, public opinion holds it back most, "
            "at the end of 2025",
        ),
    ],
)
def test_the_ledgers_title_names_what_draws_and_what_holds_back(held, terms, said):
    assert title_of(ledger(held(**flat(**terms)))) == said


def test_the_ledgers_panels_share_one_scale_and_print_their_medians(held, all_words):
    figure = ledger(held(**flat(arms=0.4, gas=[-0.1, -0.3, -0.3, -0.8])))
    assert len({axes.get_ylim() for axes in figure.axes}) == 1
    words = all_words(figure)
    assert "The arms trade +0.40" in words
    assert "The gas contract \N{MINUS SIGN}0.30" in words
    assert "Public opinion 0.00" in words


NOTHING = dict.fromkeys(
    (
        "election", "coalition_change", "arms_report", "denied", "statement", "kosovo_step", "veto_traded",
        "contract_renewed", "contract_lapsed", "opening", "sanctions",
    ),
    0.0,
)  # fmt: skip


def at(months, value=1.0):
    values = np.zeros(LAST + 1)
    values[list(months)] = value
    return values


def test_a_storys_marks_stand_in_their_lane_and_month(held):
    run = held(
        learned=False,
        **NOTHING
        | {
            "arms_report": at([FIRST], 1.0) + at([FIRST + 1], 2.0),
            "denied": at([FIRST + 1]),
            "kosovo_step": at([FIRST + 2], 2.0) - at([FIRST + 3]),
            "contract_renewed": at([FIRST + 9], 2.0),
            "contract_lapsed": at(range(FIRST + 15, LAST + 1)),
            "chapters_opened": at(range(FIRST + 4, LAST + 1), 24.0),
            "opening": at([FIRST + 4], 2.0) + at([FIRST - 1], 2.0),
            "sanctions": at([FIRST + 20, FIRST + 21]),
        },
    )
    kinds, silent = events_of(run, life(run, 0), FIRST - 3)
    marks = {kind.name: kind.marks for kind in kinds if kind.marks}
    assert marks == {
        "report of arms": ((FIRST, HOLLOW), (FIRST + 1, FILLED)),
        "Belgrade denies": ((FIRST + 1, FILLED),),
        "step on Kosovo": ((FIRST + 2, UP), (FIRST + 3, DOWN)),
        "gas contract": ((FIRST + 9, HOLLOW), (FIRST + 15, CROSS)),
        "accession": ((FIRST - 1, HOLLOW), (FIRST + 4, FILLED)),
    }
    spans = {kind.name: [(s.first, s.last) for s in kind.spans] for kind in kinds if kind.spans}
    assert spans["sanctions"] == [(FIRST + 20, FIRST + 21)]
    assert silent == ["election", "new coalition", "Moscow is concerned", "Moscow trades its veto"]
    assert "with sanctions from November 2024 to December 2024" in title_of(story(run, 0))


def test_contracts_on_record_are_in_the_story_and_later_ones_are_not(held):
    run = held(**NOTHING, learned=False)
    kinds, _ = events_of(run, life(run, 0), 0)
    (contracts,) = [kind.marks for kind in kinds if kind.name == "gas contract"]
    signed = [date(2012, 1, 1), date(2013, 1, 1), date(2013, 3, 1), date(2022, 1, 1), date(2022, 6, 1)]
    assert [month for month, _ in contracts] == [month_number(day) for day in signed]
    assert [sign for _, sign in contracts] == [HOLLOW, HOLLOW, FILLED, HOLLOW, FILLED]
    before = replace(run.scenario, as_of=date(2022, 1, 15))
    kinds, _ = events_of(replace(run, held=replace(run.held, scenario=before)), life(run, 0), 0)
    assert [kind.marks for kind in kinds if kind.name == "gas contract"] == [contracts[:-1]]


def test_a_story_in_which_everything_happens_every_month_can_be_read(held, legible, all_words):
    every = np.ones(LAST + 1)
    busy = dict.fromkeys(NOTHING, every) | {
        "posture": np.arange(LAST + 1) % 3,
        "war": np.arange(LAST + 1) % 4,
    }
    figure = story(held(**busy, learned=False), 0)
    legible(figure)
    assert "Not in the months shown" not in all_words(figure)


@pytest.mark.parametrize(
    ("postures", "said"),
    [
        ((1, 1), "History 3: Serbia is a balancer at the end of 2025 as at the beginning, without sanctions"),
        ((1, 0), "History 3: Serbia goes from balancer to ally, without sanctions"),
    ],
)
def test_a_storys_title_says_what_became_of_the_member(held, postures, said):
    values = np.full((HELD, LAST + 1), 2.0)
    values[3] = postures[0]
    values[3, -5:] = postures[1]
    assert title_of(story(held(**NOTHING, posture=values, learned=False), 3)) == said


def test_a_story_shows_its_own_member_from_two_years_before_the_origin_or_as_told(march):
    figure = story(march, 7)
    lean = figure.axes[0].lines[-1]
    months = np.arange(FIRST - 24, LAST + 1)
    assert list(lean.get_xdata()) == list(months + 1.0)
    assert lean.get_ydata() == pytest.approx(values_at(march.data, "lean", months)[7])
    assert figure.axes[0].get_xlim() == (FIRST - 24, LAST + 1)
    assert story(march, 7, since=date(2014, 3, 9)).axes[0].get_xlim() == (26.0, LAST + 1)


def test_a_member_or_month_that_is_not_there_is_refused(march):
    with pytest.raises(FigureError, match="no member 300; the run has members 0 to 299"):
        story(march, 300)
    with pytest.raises(FigureError, match="no member -1"):
        story(march, -1)
    with pytest.raises(FigureError, match=r"from January\s2012 to December\s2025"):
        story(march, 0, since=date(2026, 1, 1))
    with pytest.raises(FigureError, match="say which, --member 0 to 299"):
        draw(march, "story")
    with pytest.raises(FigureError, match="takes no member"):
        draw(march, "ledger", member=1)


@pytest.fixture(scope="module")
def exposed(run_of, march):
    changed = replace(MARCH, events=(event("sanctions", 1, date(2023, 6, 1), date(2026, 1, 1)),))
    return contrast(run_of(changed, 300), march)


@pytest.fixture(scope="module")
def picture(exposed):
    return plots.contrast(exposed)


def dots_of(axes):
    """Return the differences that are marked, from above downwards: each with whether its dot is hollow."""
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    found = [(y, x, line.get_markerfacecolor() == PAPER) for line in dots for x, y in line.get_xydata()]
    return [(x, hollow) for _, x, hollow in sorted(found)]


def test_a_contrast_draws_each_difference_with_its_interval(exposed, picture, legible, all_words):
    legible(picture)
    axes, rows = picture.axes[0], exposed.questions
    intervals = [line.get_xdata() for line in axes.lines if line.get_marker() == "|"]
    assert intervals == [pytest.approx([100.0 * row.low, 100.0 * row.high]) for row in rows]
    unclear = [row.verdict in ("same", "unclear") for row in rows]
    assert dots_of(axes) == [
        (pytest.approx(100.0 * row.difference), inside) for row, inside in zip(rows, unclear, strict=True)
    ]
    ranges = [line.get_xdata() for line in axes.lines if line.get_label().startswith("range of the diff")]
    judged = [row for row in rows if row.judged_low is not None]
    assert [ends for ends in ranges if np.isfinite(ends).all()] == [
        pytest.approx([100.0 * row.judged_low, 100.0 * row.judged_high]) for row in judged
    ]
    words = all_words(picture)
    assert "sanctions = 1" in words
    assert "Scenario march-2023 against march-2023" in words
    (chapters,) = [row for row in exposed.questions if row.name == "another-cluster-by-end-2024"]
    assert ("no member differs" in words) == any(row.verdict == "same" for row in exposed.differences)
    assert chapters.date == date(2024, 12, 31)


def test_a_contrasts_title_counts_what_changes(exposed, picture, march, legible, all_words):
    moved = [row for row in exposed.questions if row.verdict in ("higher", "lower")]
    most = max(abs(row.difference) for row in moved)
    assert f"{len(moved)} of 14 answers change" in title_of(picture)
    assert f"{100 * most:.1f} points" in title_of(picture)
    alike = plots.contrast(contrast(march, march))
    legible(alike)
    assert title_of(alike).endswith("no difference in any history")
    assert "away from zero" in all_words(alike)
    assert "Nothing is assumed otherwise." in all_words(alike)


def test_means_stand_in_standard_deviations_over_members(exposed, picture, march):
    (row,) = [r for r in exposed.outcomes if r.name == "lean" and r.date == MARCH.until]
    values = [values_at(run.data, "lean", LAST) for run in (exposed.run, march)]
    spread = np.sqrt((values[0].var(ddof=1) + values[1].var(ddof=1)) / 2.0)
    dot, _ = dots_of(picture.axes[-1])[-1]
    assert dot == pytest.approx(row.difference / spread, rel=1e-4)


def test_the_one_question_of_a_contrast_is_told_in_the_title(exposed):
    (row,) = [row for row in exposed.questions if row.name == "sanctions-before-2026"]
    title = title_of(plots.contrast(replace(exposed, differences=(row, *exposed.outcomes))))
    range_ = f"({100 * row.judged_low:+.1f} to {100 * row.judged_high:+.1f} by other judgements)"
    assert title.endswith(
        f"{100 * row.difference:+.1f} points {range_}, from {100 * row.baseline:.0f} % to 100 %"
    )


def test_an_outcome_that_varies_in_neither_run_is_told_in_words(exposed, all_words):
    (row,) = [r for r in exposed.outcomes if r.name == "gas_discount" and r.date == MARCH.until]
    fixed = replace(
        row, baseline=0.1, value=0.2, difference=0.1, low=0.1, high=0.1, variance_ratio=None, discordant=9
    )
    words = all_words(plots.contrast(replace(exposed, differences=(*exposed.questions, fixed))))
    assert "The discount on Russian gas: mean 10 % to 20 %, the same in all histories of either run." in words


def test_a_contrast_gives_the_same_bytes(exposed, picture, tmp_path):
    for number, figure in enumerate((picture, plots.contrast(exposed)), start=1):
        save(figure, tmp_path / f"{number}.svg")
    assert (tmp_path / "1.svg").read_bytes() == (tmp_path / "2.svg").read_bytes()


def test_compare_saves_the_figure_and_keeps_standard_output_clean(exposed, march, called, tmp_path):
    runs = (march.folder, exposed.run.folder)
    result = called("compare", *runs, "--json", "--save", tmp_path / "c.svg")
    assert result.exit_code == 0, result.stderr
    assert len(json.loads(result.stdout)["comparisons"]) == 1
    assert "away from zero</text>" in (tmp_path / "c.svg").read_text(encoding="utf-8")
    assert result.stderr.split() == [str(tmp_path / "c.svg")]
    refused = called("compare", *runs, runs[1], "--save", tmp_path / "d.svg")
    assert refused.exit_code == 2
    assert "two by two" in refused.stderr


def test_the_plot_command_takes_a_member(run_of, copy_of, called):
    made = copy_of(run_of(*CASES["three members"]))
    result = called("plot", made.folder, "story", "--member", 2)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.split() == [str(path) for path in own_paths(made, "story", member=2)]
    assert "member-2" in result.stdout
    assert called("plot", made.folder, "story").exit_code == 2


def test_a_run_completes_its_figures_and_then_loads_no_matplotlib(run_of, copy_of, monkeypatch):
    made = copy_of(run_of(*CASES["one month"]))
    assert [name for name, _ in missing_figures(made)] == [name for name, _ in default_figures(made)]
    assert {"sanctions", "ledger"} <= {name for name, _ in missing_figures(made)}

    with monkeypatch.context() as patch:  # interrupted when the second file is half written
        plain, calls = Figure.savefig, []

        def interrupted(figure, path, **options):
            calls.append(path)
            plain(figure, path, **options)
            if len(calls) > 1:
                raise KeyboardInterrupt

        patch.setattr(Figure, "savefig", interrupted)
        with pytest.raises(KeyboardInterrupt):
            write_figures(made)
    left = missing_figures(made)
    assert left == default_figures(made)  # the first has one of its two files
    assert [path.name for path in (made.folder / "figures").iterdir()] == ["fan-cfsp_alignment.png"]

    _draw(made)
    assert missing_figures(made) == []
    code = (
        "import sys\nfrom sim.cli.run import _draw\nfrom sim.runs.results import Run\n"
        f"_draw(Run.load({str(made.folder)!r}))\nprint('matplotlib' in sys.modules)"
    )
    again = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert again.stdout.split() == ["False"]
