from __future__ import annotations

from itertools import islice
from pathlib import Path
from random import Random

import pytest

from moothall_screening.training.insertion import Part
from moothall_screening.training.open_sets import OpenSets, RealPost
from moothall_screening.training.sentence_noise import garble, lose_links, noisy, quote, slip
from moothall_screening.training.sentence_rows import PROMOTION, Row, Stream, contrast_sets, corpus_rows

CORPUS = Path(__file__).parents[2] / "corpus" / "train.jsonl"
POSTS = tuple(
    RealPost(
        f"Post {n}", f"I saw bird number {n} by the lake. It flew off.", False, (("Birds", True), ("Trains", False))
    )
    for n in range(5)
)
OPEN_SETS = OpenSets(POSTS, (RealPost("[list] x", "Applied.", False),), (RealPost("", "Buy now", True),))


@pytest.fixture(scope="module")
def corpus() -> list[Row]:
    return corpus_rows(CORPUS)


def test_marked_pitches_lie_in_their_text(corpus: list[Row]) -> None:
    marked = [row for row in corpus if any(part.is_pitch for part in row.parts)]
    assert len(marked) > 900
    assert all(row.is_promotion and row.knows_pitch for row in marked)


def test_contrast_sets_hold_both_versions(corpus: list[Row]) -> None:
    for rows in contrast_sets(corpus):
        assert {row.is_promotion for row in rows} == {True, False}


def test_the_stream_goes_on_where_it_stopped(corpus: list[Row]) -> None:
    first, second = (list(islice(iter(Stream(corpus, OPEN_SETS, 7)), 60)) for _ in range(2))
    assert first == second


def test_the_stream_mixes_both_labels_and_knows_fit_only_with_a_purpose(corpus: list[Row]) -> None:
    rows = [row for group in islice(iter(Stream(corpus, OPEN_SETS, 7)), 800) for row in group]
    adverts = sum(row.is_promotion for row in rows) / len(rows)
    assert 0.3 < adverts < 0.6
    assert all(row.purpose for row in rows if row.fits == 0)
    assert all(row.is_promotion for row in rows if row.kind == PROMOTION)


def test_a_pitch_is_written_into_real_posts(corpus: list[Row]) -> None:
    (row,) = Stream(corpus, OPEN_SETS, 7).draw_written_into()
    assert row.is_promotion
    assert any(part.is_pitch for part in row.parts)
    assert any(not part.is_pitch and part.text.strip() for part in row.parts)


def test_noise_keeps_the_marks() -> None:
    parts = (Part("Nice walk. "), Part("Call me for a price.", is_pitch=True))
    for seed in range(50):
        changed = noisy(parts, "Somebody wrote this before.", Random(seed))
        assert [part.is_pitch for part in changed if part.text].count(True) == 1


def test_lost_links_leave_their_anchor() -> None:
    assert lose_links("see https://a.example/b here", Random(1)) == "see  here"


def test_quotes_are_marked_line_by_line() -> None:
    lines = quote("one\ntwo and so on", Random(1)).strip().splitlines()
    assert [line for line in lines if line.startswith("> ")] == ["> one", "> two and so on"]


def test_slips_and_debris_survive_empty_and_short_texts() -> None:
    for text in ("", "a", "é"):
        assert isinstance(slip(text, Random(1)), str)
        assert isinstance(garble(text, Random(1)), str)
