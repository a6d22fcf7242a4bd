"""The page on evidence: its figures are the record's, its counts of priors the table's, its references in its lists."""

import dataclasses
import re
from datetime import date
from itertools import groupby
from pathlib import Path

import numpy as np
import parameters
import pytest

from sim.clock import month_number
from sim.parameters.table import parameter_table
from sim.record.observations import Record, reference_class_count
from sim.record.record_series import recorded_labels
from sim.world.facts import gather

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "evidence.md").read_text(encoding="utf-8")
ODD = (DOCS / "odd.md").read_text(encoding="utf-8")
PRIORS = re.compile(r"Priors \((\d+); (\d+) by judgement, (\d+) may be learned\): (.*?)\.\n", re.DOTALL)
SURNAME = r"[A-Z][\w-]+"
CITED = re.compile(rf"({SURNAME})(?:, {SURNAME})*(?: & {SURNAME}| et al\.)?,? \(?((?:19|20)\d\d)\b(?!-)")


def until_2023(record):
    """Return the rows that tell of days up to December 2023, to which the page's figures run."""

    def early(resource):
        def told(row):
            at = row[resource.time_field]
            return getattr(at, "year", at) <= 2023

        return tuple(row for row in resource.rows if resource.time_field is None or told(row))

    resources = {n: dataclasses.replace(r, rows=early(r)) for n, r in record.resources.items()}
    return dataclasses.replace(record, resources=resources, known_until=date(2023, 12, 31))


RECORD = until_2023(Record.load())


def section(number):
    found = re.search(rf"^## {number}\. .*?(?=^## )", PAGE, re.DOTALL | re.MULTILINE)
    return " ".join(found[0].split())


def observed(target, year, half=False):
    (value,) = [
        seen.value
        for seen in RECORD.observations(target)
        if seen.end.year == year and (seen.end.month == 6) == half and seen.start
    ]
    return value


def polled(year):
    ends = {(seen.end.year, seen.end.month): seen.value for seen in RECORD.observations("eu_support")}
    return ends[year, 12]


def rows(table, **wanted):
    return [row for row in RECORD.table(table) if all(row[key] == value for key, value in wanted.items())]


def measured(organisation, year, metric, answer):
    (row,) = [
        row
        for row in rows("media", organisation=organisation, metric=metric)
        if row["date"].year == year and row["answer"].startswith(answer)
    ]
    return row["value"]


def votes(kinds, answer, first, last):
    return len(
        [
            row
            for row in RECORD.table("un_votes")
            if row["kind"] in kinds and row["vote"] in answer and first <= row["date"].year <= last
        ]
    )


def discounts(year):
    """Return the monthly gas discount of a year, by the recorded terms."""
    facts = gather(RECORD, date(2024, 1, 31))
    found = []
    for month in range(month_number(date(year, 1, 1)), month_number(date(year, 12, 1)) + 1):
        contract = facts.contracts[max(start for start in facts.contracts if start <= month)]
        oil = facts.prices[month - 9][1]
        price = contract.price if contract.fixed else contract.slope * oil
        found.append(1.0 - price / facts.prices[month][0])
    return np.array(found)


def posture_spells():
    labels = [label.posture for label in recorded_labels(RECORD)]
    return [(posture, len(list(months))) for posture, months in groupby(labels)]


def test_it_says_how_much_there_is_to_learn_from():
    assert f"{len(RECORD.table('observations'))} published figures of three targets" in PAGE
    assert len({row["target"] for row in RECORD.table("observations")}) == 3


def test_figures_on_posture():
    text, spells = section(1), posture_spells()
    assert [posture for posture, _ in spells] == ["balancer", "ally", "balancer"]
    first, second, third = (months for _, months in spells)
    assert f"{first} months of balancer, then {second} of ally, then {third} of balancer" in text
    crimea = votes(["crimea"], ["no"], 2016, 2021), votes(["crimea"], ["no", "yes", "abstain"], 2016, 2021)
    assert f"{crimea[0]} of {crimea[1]} Crimea texts from 2016 to 2021" in text
    special = ["aggression", "emergency"]
    against = votes(special, ["yes"], 2022, 2023), votes(special, ["yes", "no", "abstain"], 2022, 2023)
    assert f"{against[0]} of {against[1]} emergency-session texts" in text
    assert votes(special, ["abstain"], 2022, 2023) == 1
    assert (
        votes(["crimea"], ["abstain"], 2022, 2023)
        == votes(["crimea"], ["abstain", "yes", "no"], 2022, 2023)
        == 2
    )
    joined = [f"{observed('cfsp_alignment', year):.2f} in {year}" for year in (2021, 2022, 2023)]
    assert ", ".join(joined) in text
    poles = gather(RECORD, date(2024, 8, 1)).poles
    place = []
    for year in (2021, 2022):
        russia, union = poles[year]
        assert f"{observed('un_position', year):.2f}" == "0.36"
        place.append((observed("un_position", year) - russia) / (union - russia))
    assert "stayed at 0.36" in text
    assert f"went from {place[0]:.2f} to {place[1]:.2f}" in text


def test_figures_on_media_and_opinion():
    text = section(2)
    assert measured("CRTA", 2020, "tone_positive_share", "Russia") == pytest.approx(1 / 3, abs=0.01)
    assert (
        f"against {measured('CRTA', 2020, 'tone_positive_share', 'EU'):.0%} on the EU".replace("%", " %")
        in text
    )
    russia = measured("BIRODI", 2023, "tone_positive_share_of_time", "Russia")
    union = measured("BIRODI", 2023, "tone_negative_share_of_time", "EU (")
    assert f"Russia was {100 * russia:.0f} %, negative time on the EU {100 * union:.0f} %" in text
    critical = [
        row["value"]
        for row in rows("media", metric="media_trust_segment")
        if row["date"] == date(2022, 3, 14) and row["answer"] in ("pro-government only", "critical only")
    ]
    assert critical == [0.5, 0.17]
    assert "Half of voters trust pro-government media only, 17 % critical" in text
    assert (
        f"{100 * polled(2021):.0f} % in December 2021 to {100 * polled(2022):.0f} % in December 2022" in text
    )


def test_figures_on_launches():
    (launch,) = rows("turns", kind="media")
    first_vote = min(row["date"] for row in RECORD.table("un_votes") if row["vote"] == "yes")
    months = month_number(launch["date"]) - month_number(first_vote)
    assert f"1 launch of an outlet is on record, in {launch['date']:%B %Y}, {months} months after" in section(
        2
    )


def test_figures_on_arms_denial_and_belief():
    reports = rows("turns", kind="report")
    assert {row["date"].year for row in reports} == {2023}
    documented = [row["value"] for row in sorted(reports, key=lambda row: row["date"])]
    assert documented == [1, 2]
    assert f"{len(reports)} reports in 2023, one of them with a document" in section(3)
    assert len(rows("turns", kind="halt")) == 1
    assert f"{len(rows('turns', kind='denial'))} denials to {len(reports)} reports" in section(4)
    (statement,) = rows("turns", kind="statement")
    assert statement["date"] == reports[0]["date"]
    assert f"1 statement of concern for {len(reports)} reports, and it came on the first" in section(5)


def test_figures_on_sanctions():
    text = section(6)
    named = rows("joins", counts_as_sanctions=1)
    assert f"{sum(row['joined'] for row in named)} of {len(named)} named listings" in text
    then, now = reference_class_count(date(2023, 3, 10)), reference_class_count(date(2023, 12, 31))
    assert f"{then.adoptions} had adopted by 10 March 2023, in {then.state_years:.1f} state-years" in text
    assert f"{now.adoptions} in {now.state_years:.1f}" in text
    assert reference_class_count(date(2022, 2, 1)).adoptions == 0


def test_figures_on_gas():
    text = section(7)
    market = [
        gather(RECORD, date(2024, 1, 31)).prices[month_number(date(2022, m, 1))][0] for m in range(1, 6)
    ]
    assert f"Serbia paid {100 * (1 - 270 / np.mean(market)):.0f} % less" in text
    assert discounts(2020).mean() < -1.0
    largest = max(range(2012, 2024), key=lambda year: discounts(year).max())
    assert f"the largest discount stands in {largest}" in text
    joined = [f"{observed('cfsp_alignment', year):.2f} in {year}" for year in (2019, 2020)]
    assert " and ".join(joined) in text
    tons = {row["year"]: row["terajoule"] for row in RECORD.table("gas_deliveries")}
    assert f"{tons[2019]:,.0f} TJ in 2019 to {tons[2020]:,.0f} TJ in 2020" in text
    assert max(tons) == 2020


def test_figures_on_kosovo():
    text, steps = section(8), rows("turns", kind="issue")
    forward = sum(row["value"] > 0 for row in steps)
    recent = sum(row["date"].year >= 2022 for row in steps)
    assert (
        f"{len(steps)} steps of the dialogue, {forward} forward and {len(steps) - forward} back, {recent} of"
        in text
    )
    net = {row["date"]: row["recognising"] for row in RECORD.table("recognitions")}
    said = f"{net[date(2011, 10, 11)]} in October 2011, {net[date(2017, 2, 27)]} in February 2017"
    assert f"{said}, {net[date(2020, 9, 4)]} in 2020" in text
    assert max(net.values()) == net[date(2017, 2, 27)]


def test_figures_on_reactions():
    text = section(9)
    assert len(rows("turns", kind="statement")) == 1
    contracts = {row["start"]: row for row in RECORD.table("contracts")}
    renewed = contracts[date(2022, 6, 1)]
    first_vote = min(row["date"] for row in RECORD.table("un_votes") if row["vote"] == "yes")
    days = (renewed["signed_on"] - first_vote).days
    years = round((renewed["contract_end"] - renewed["start"]).days / 365.25)
    assert f"for {years} years on 29 May 2022, {days} days after" in text
    slopes = renewed["slope"], contracts[date(2016, 1, 1)]["slope"]
    assert f"({slopes[0]:.2f} USD per dollar of Brent against {slopes[1]:.2f})" in text


def test_figures_on_accession_and_pressure():
    text = section(10)
    opened = [row["date"].year for row in rows("accession", kind="opened")]
    assert f"{len(opened)} chapters opened, {len(rows('accession', kind='closed'))} closed" in text
    assert not {2020, 2022, 2023} & set(opened)
    busiest = max(set(opened), key=opened.count)
    assert f"most openings is {busiest}, with {opened.count(busiest)}" in text
    whole = {y: observed("cfsp_alignment", y) for y in (2012, *range(2015, 2024))}
    assert min(whole, key=whole.get) == busiest
    assert f"the lowest alignment, {whole[busiest]:.2f}" in text
    assert f"fell from {whole[2012]:.2f}" in text
    text = section(11)
    after = [row for row in RECORD.table("joins") if date(2022, 2, 24) <= row["date"] < date(2023, 1, 1)]
    assert f"joined {sum(row['joined'] for row in after)} of {len(after)} named measures of 2022" in text
    halves = [f"{observed('cfsp_alignment', year, half=True):.2f} in {year}" for year in (2021, 2022, 2023)]
    assert ", ".join(halves) in text


def test_figures_on_coalitions_and_declarations():
    (change,) = rows("turns", kind="coalition")
    held = len(rows("elections", kind="parliamentary"))
    assert f"{held} parliamentary elections, 1 change of coalition, in {change['date']:%B %Y}" in section(12)
    issued = {r["start"].year: r["issued"] for r in RECORD.table("declarations") if r["end"].month == 12}
    years = [str(issued[year]) for year in range(2016, 2020)]
    text = " ".join(PAGE.split())
    assert (
        f"{', '.join(years[:3])} and {years[3]} were issued in 2016 to 2019 and {issued[2022]} in 2022"
        in text
    )


def test_every_parameter_stands_under_one_mechanism_with_true_counts():
    table, seen = parameter_table(), []
    for total, judged, learned, listed in PRIORS.findall(PAGE):
        names = re.findall(r"`(\w+)`", listed)
        true = (
            len(names),
            sum(parameters.judged(table[name]) for name in names),
            sum(table[name].learned for name in names),
        )
        assert (int(total), int(judged), int(learned)) == true, f"{names[0]}: run python docs/parameters.py"
        seen += names
    assert sorted(seen) == sorted(table)


@pytest.mark.parametrize("number", range(1, 13))
def test_every_mechanism_has_its_four_parts(number):
    text = section(number)
    for part in ("**Supports.**", "**The record.**", "**Would refute it.**", "**Judgement:"):
        assert part in text


def test_every_work_cited_is_in_the_lists_and_every_work_listed_is_cited():
    lists = {name: page[page.index("## References") :] for name, page in (("odd", ODD), ("evidence", PAGE))}
    bodies = {name: page[: page.index("## References")] for name, page in (("odd", ODD), ("evidence", PAGE))}
    entry = re.compile(rf"^- ({SURNAME}).*? \((\d{{4}})\)", re.MULTILINE)
    listed = {name: set(entry.findall(text)) for name, text in lists.items()}
    cited = {name: set(CITED.findall(" ".join(text.split()))) for name, text in bodies.items()}
    months = {
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "October",
        "November",
        "December",
    }
    cited = {n: {(who, year) for who, year in works if who not in months} for n, works in cited.items()}
    assert cited["odd"] == listed["odd"]
    assert cited["evidence"] <= listed["odd"] | listed["evidence"]
    assert listed["evidence"] <= cited["evidence"]
