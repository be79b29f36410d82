from __future__ import annotations

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moothall_screening import Candidate, Kind, Screener

PITCH = (
    "Our firm offers the cheapest loft conversions in London. 20% off this month only. "
    "Call us today on 020 7946 0123 or visit www.lofts.example for a free quote!"
)
QUESTION = "Has anyone here dealt with damp in a north wall? We tried lime plaster last year and it came back by March."


@pytest.fixture(scope="module")
def screener() -> Screener:
    return Screener()


def test_tells_a_pitch_from_a_question(screener: Screener) -> None:
    pitch, question = screener.screen_many([Candidate(PITCH), Candidate(QUESTION)])
    assert pitch.kind is Kind.PROMOTION
    assert pitch.promotion > 0.9
    assert question.promotion < 0.2


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.text(max_size=40))
def test_evidence_adds_up_and_points_inside_the_text(screener: Screener, text: str, subject: str) -> None:
    verdict = screener.screen(Candidate(text, subject=subject))
    assert sum(each.log_odds for each in verdict.evidence) == pytest.approx(verdict.log_odds, abs=1e-9)
    assert sum(verdict.kinds.values()) == pytest.approx(1.0)
    first = -len(subject) - 1 if subject else 0
    for each in verdict.evidence:
        for start, end in each.spans:
            assert first <= start <= end <= len(text)


def test_the_same_text_gets_the_same_verdict_in_any_company(screener: Screener) -> None:
    alone = screener.screen(Candidate(PITCH))
    among = screener.screen_many([Candidate(QUESTION), Candidate(PITCH), Candidate("ok")])[1]
    assert among.log_odds == pytest.approx(alone.log_odds, abs=1e-6)


def test_a_pickled_screener_judges_alike(screener: Screener) -> None:
    copy = pickle.loads(pickle.dumps(screener))
    assert copy.screen(Candidate(PITCH)) == screener.screen(Candidate(PITCH))
