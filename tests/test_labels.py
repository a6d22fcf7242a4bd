"""Serbia's posture as the record has it, and what would change it."""

from dataclasses import replace
from datetime import date

import pytest

from sim.clock import month_label, month_number
from sim.record.observations import Record
from sim.record.record_series import recorded_labels

RECORD = Record.load()


def planted(resource, **columns):
    """Return the labels of the record with a row added: the columns of the last one, but for those given."""
    held = RECORD.resources[resource]
    changed = replace(held, rows=(*held.rows, {**held.rows[-1], **columns}))
    return by_month(replace(RECORD, resources={**RECORD.resources, resource: changed}))


def by_month(record):
    return {month_label(label.month): label for label in recorded_labels(record)}


def spells(labels):
    """Return (posture, first month, last month) of each spell of one posture."""
    found = []
    for month, label in labels.items():
        if found and found[-1][0] == label.posture:
            found[-1][2] = month
        else:
            found.append([label.posture, month, month])
    return [tuple(spell) for spell in found]


def test_the_record_shows_a_balancer_an_ally_and_a_balancer_again():
    assert spells(by_month(RECORD)) == [
        ("balancer", "2014-03", "2016-11"),
        ("ally", "2016-12", "2022-03"),
        ("balancer", "2022-04", "2026-01"),
    ]


def test_a_label_says_what_it_rests_on():
    labels = by_month(RECORD)
    assert (labels["2016-11"].votes_with, labels["2016-11"].votes) == (0, 1), "one absence, held"
    assert (labels["2018-12"].votes_with, labels["2018-12"].votes) == (2, 2)
    assert (labels["2020-12"].votes_with, labels["2020-12"].votes) == (2, 2)
    # ES-11/1, /2, /3, /4, /5 and a text on Crimea; the procedural ballot of October does not count
    assert (labels["2022-12"].votes_with, labels["2022-12"].votes) == (0, 6)
    assert [labels[month].named_joins for month in ("2022-02", "2022-03", "2022-04", "2023-02", "2023-04")] == [
        0, 1, 2, 2, 0,
    ]  # fmt: skip


def test_sanctions_make_an_opponent_from_their_month_to_the_end():
    labels = planted(
        "joins", date=date(2019, 5, 20), joined=1, counts_as_sanctions=1, **{"class": "sectoral"}
    )
    assert spells(labels) == [
        ("balancer", "2014-03", "2016-11"),
        ("ally", "2016-12", "2019-04"),
        ("opponent", "2019-05", "2026-01"),
    ]


def test_sanctions_that_were_not_joined_change_nothing():
    columns = {"date": date(2019, 5, 20), "joined": 0, "counts_as_sanctions": 1, "class": "sectoral"}
    assert planted("joins", **columns) == by_month(RECORD)


def test_a_join_that_is_no_sanction_is_named_and_makes_no_opponent():
    columns = {"date": date(2019, 5, 20), "joined": 1, "counts_as_sanctions": 0}
    labels = planted("joins", **columns, **{"class": "crimea"})
    assert {label.posture for label in labels.values()} == {"ally", "balancer"}
    assert [labels[month].named_joins for month in ("2019-04", "2019-05", "2020-04", "2020-05")] == [
        0,
        1,
        1,
        0,
    ]
    assert planted("joins", **columns, **{"class": "control"}) == by_month(RECORD)
    assert planted("joins", **columns, **{"class": "belarus"}) == by_month(RECORD), "not before February 2022"


@pytest.mark.parametrize(
    ("vote", "posture"),
    [("no", "ally"), ("abstain", "balancer"), ("absent", "balancer"), ("yes", "balancer")],
)
def test_the_vote_found_missing_in_2015_would_decide_2016(vote, posture):
    columns = {"date": date(2015, 12, 17), "kind": "crimea", "vote": vote}
    assert planted("un_votes", **columns)["2016-06"].posture == posture


def test_a_procedural_ballot_does_not_count():
    columns = {"date": date(2020, 6, 1), "kind": "procedural", "vote": "yes"}
    assert planted("un_votes", **columns) == by_month(RECORD)


def test_labels_run_from_march_2014_to_the_end_of_the_record():
    months = [label.month for label in recorded_labels(RECORD)]
    assert months == list(range(month_number(date(2014, 3, 1)), month_number(date(2026, 1, 1)) + 1))


def test_sanctions_make_an_opponent_where_no_vote_was_looked_up():
    labels = by_month(Record.load("north-macedonia"))
    assert spells(labels) == [("balancer", "2014-03", "2020-12"), ("opponent", "2022-02", "2025-12")]
    assert "2021-06" not in labels
