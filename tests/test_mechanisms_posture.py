"""Ally, balancer, opponent: the definition at its edges, and which way each act moves it."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from sim.mechanisms.choice import ALLY, BALANCER, OPPONENT, POSTURES, classify

COUNTS = st.integers(0, 60)


@st.composite
def conduct(draw):
    """Return sanctions, issued, joined, votes with Russia and votes: a year that can happen."""
    issued, votes = draw(COUNTS), draw(st.integers(0, 20))
    return (
        draw(st.sampled_from([0, 1])),
        issued,
        draw(st.integers(0, issued)),
        draw(st.integers(0, votes)),
        votes,
    )


def posture(*figures):
    return float(classify(*(np.array([float(figure)]) for figure in figures))[0])


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        # sanctions, issued, joined, votes with Russia, votes
        ((0, 0, 0, 0, 0), ALLY),  # nothing on record speaks against it
        ((0, 0, 0, 1, 2), ALLY),  # half of the votes suffice
        ((0, 0, 0, 0, 1), BALANCER),  # one absence, as in 2014
        ((0, 0, 0, 1, 3), BALANCER),
        ((0, 4, 0, 1, 1), ALLY),
        ((0, 4, 4, 1, 1), BALANCER),  # four issued are too few to make an opponent
        ((0, 4, 2, 1, 1), BALANCER),
        ((0, 5, 2, 1, 1), BALANCER),
        ((0, 5, 3, 1, 1), OPPONENT),
        ((0, 6, 3, 1, 1), OPPONENT),  # half joined
        ((0, 6, 2, 1, 1), BALANCER),
        ((0, 19, 1, 1, 1), ALLY),  # one of nineteen is at most one of fewer than twenty
        ((0, 19, 2, 1, 1), BALANCER),
        ((0, 20, 1, 1, 1), ALLY),
        ((0, 20, 2, 1, 1), BALANCER),  # a tenth is not fewer than a tenth
        ((0, 21, 2, 1, 1), ALLY),
        ((0, 30, 3, 1, 1), BALANCER),
        ((0, 60, 5, 0, 1), BALANCER),
        ((1, 0, 0, 5, 5), OPPONENT),
        ((1, 60, 0, 5, 5), OPPONENT),
    ],
)
def test_the_definition_at_its_edges(figures, expected):
    assert posture(*figures) == expected


def test_members_are_classified_one_by_one():
    years = [(0, 20, 1, 1, 1), (0, 20, 2, 1, 1), (0, 6, 3, 1, 1), (1, 0, 0, 0, 0)]
    together = classify(*(np.array(column, dtype=float) for column in zip(*years, strict=True)))
    assert together.tolist() == [posture(*year) for year in years]
    assert [POSTURES[int(code)] for code in together] == ["ally", "balancer", "opponent", "opponent"]


@given(conduct())
def test_one_more_join_never_moves_towards_ally(year):
    sanctions, issued, joined, votes_with, votes = year
    more = min(joined + 1, issued)
    assert posture(sanctions, issued, more, votes_with, votes) >= posture(*year)


@given(conduct())
def test_sanctions_make_an_opponent(year):
    assert posture(1, *year[1:]) == OPPONENT


@given(conduct())
def test_one_more_vote_with_russia_never_moves_away_from_ally(year):
    sanctions, issued, joined, votes_with, votes = year
    assert posture(sanctions, issued, joined, votes_with + 1, votes + 1) <= posture(*year)
    assert posture(sanctions, issued, joined, min(votes_with + 1, votes), votes) <= posture(*year)


@given(conduct())
def test_one_more_vote_against_russia_never_moves_towards_ally(year):
    sanctions, issued, joined, votes_with, votes = year
    assert posture(sanctions, issued, joined, votes_with, votes + 1) >= posture(*year)
