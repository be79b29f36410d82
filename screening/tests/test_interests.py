"""Which stated interests teach the judge what a wide one is."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("sklearn")

from moothall_screening import stack, weights
from moothall_screening.labelled import read_rows
from moothall_screening.sentence import SentenceJudge
from moothall_screening.training.interests import NARROW, WIDE, Interests
from moothall_screening.training.stacking import fitted_width

CORPUS = Path(__file__).resolve().parents[2] / "corpus"


@pytest.fixture(scope="module")
def interests() -> Interests:
    return Interests.of(CORPUS, read_rows(CORPUS / "train.jsonl"))


def test_no_interest_is_listed_as_both(interests: Interests) -> None:
    assert not set(interests.wide) & set(interests.narrow)
    assert len(set(interests.wide)) == len(interests.wide)


def test_the_groups_of_the_corpus_stand_among_the_narrow_ones_whole_and_cut_short(interests: Interests) -> None:
    listed = {*(CORPUS / NARROW).read_text(encoding="utf-8").splitlines()}
    of_groups = [each for each in interests.narrow if each not in listed]
    assert any(len(each) > 100 for each in of_groups)
    assert any(len(each) < 50 for each in of_groups)
    assert (CORPUS / WIDE).read_text(encoding="utf-8").splitlines() == list(interests.wide)


def test_the_packaged_widths_are_what_these_interests_give(interests: Interests) -> None:
    width, intercept = fitted_width(SentenceJudge(), interests)
    packaged = stack.load(weights.PACKAGED)
    assert packaged.width == pytest.approx(width, abs=2e-3)
    assert packaged.width_intercept == pytest.approx(intercept, abs=2e-3)
