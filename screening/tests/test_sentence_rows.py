from __future__ import annotations

import json
from dataclasses import replace
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from moothall_screening.training.held_out import is_held_out
from moothall_screening.training.insertion import Part
from moothall_screening.training.open_sets import LIST_PURPOSES, OpenSets, RealPost
from moothall_screening.training.sentence_noise import SIGNATURES, garble, lose_links, noisy, quote, signature, slip
from moothall_screening.training.sentence_rows import (
    KINDS,
    PROMOTION,
    UNKNOWN,
    Row,
    Stream,
    contrast_sets,
    corpus_rows,
    in_one_line,
)
from moothall_screening.verdict import Kind

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
    assert len(marked) > 800
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


def test_groups_are_held_out_whole(corpus: list[Row]) -> None:
    lines = [json.loads(line) for line in CORPUS.read_text("utf-8").splitlines()]
    held_out = [line for line in lines if is_held_out(line["group"])]
    assert 0.05 < len(held_out) / len(lines) < 0.2
    assert len(corpus) + len(held_out) == len(lines)
    assert not {row.purpose for row in corpus} & {line["group_purpose"] for line in held_out}


def test_a_pitch_abroad_is_written_in_the_language_of_the_post(corpus: list[Row]) -> None:
    stream = Stream(corpus, OPEN_SETS, 7)
    drawn = [stream.draw_abroad()[0] for _ in range(200)]
    assert all(row.language != "en" for row in drawn)
    by_language = stream.foreign_pitches
    sold = [row for row in drawn if row.is_promotion and row.parts[-1].text[:1] == " "]
    pitches = {row.language: [part.text for part in row.parts if part.is_pitch] for row in sold}
    assert pitches
    assert all(pitch in map(str.strip, by_language[language]) for language, found in pitches.items() for pitch in found)


def test_a_few_words_accuse_nobody_unless_they_sell(corpus: list[Row]) -> None:
    """Of a subject alone or some words it is known whether they sell, and nothing else."""
    stream = Stream(corpus, OPEN_SETS, 7)
    drawn = [stream.draw_bare()[0] for _ in range(300)]
    assert {(row.is_promotion, row.kind) for row in drawn} == {(True, PROMOTION), (False, UNKNOWN)}
    assert all(row.fits == UNKNOWN for row in drawn)
    assert all(row.subject in stream.short_pitches and not row.text for row in drawn if row.is_promotion)
    genuine = [row for row in drawn if not row.is_promotion]
    assert all(bool(row.subject) != bool(row.text) for row in genuine)
    assert max(len(row.text.split()) for row in genuine) == 6


def test_an_announcement_is_an_offer_only_by_a_firm(corpus: list[Row]) -> None:
    stream = Stream(corpus, OPEN_SETS, 7)
    drawn = [stream.draw_announcement()[0] for _ in range(200)]
    assert all(row.is_promotion == (row.kind == PROMOTION) for row in drawn)
    assert {row.fits for row in drawn} == {0, 1, UNKNOWN}
    assert all(row.purpose for row in drawn if row.fits != UNKNOWN)


def test_of_known_posts_kind_and_pitch_are_learnt(corpus: list[Row]) -> None:
    sold = RealPost("", "Hello. Buy my book.", True, (("Books", True),), kind=Kind.PROMOTION, pitch=((7, 19),))
    told = RealPost("", "We meet on Monday.", False, is_mail=True, kind=Kind.EVENT)
    stream = Stream(corpus, replace(OPEN_SETS, known=(sold, told)), 7)
    drawn = [stream.draw_known()[0] for _ in range(100)]
    assert {(row.kind, row.is_promotion, row.knows_pitch) for row in drawn} == {
        (PROMOTION, True, True),
        (KINDS.index(Kind.EVENT), False, True),
    }
    pitches = {part.text for row in drawn if row.is_promotion for part in row.parts if part.is_pitch}
    assert pitches == {"Buy my book."}


def test_a_mail_fits_its_own_list_alone(corpus: list[Row]) -> None:
    own = LIST_PURPOSES["ilug.linux.ie"]
    mail = RealPost("", "Which driver for this card?", False, ((own, True),))
    stream = Stream(corpus, OPEN_SETS, 7)
    drawn = [stream.list_row(mail) for _ in range(100)]
    assert {row.purpose for row in drawn if row.fits == 1} == {own}
    assert {row.fits for row in drawn if row.purpose in LIST_PURPOSES.values() and row.purpose != own} == {0}
    assert all(row.fits == -1 for row in drawn if not row.purpose)


def test_one_line_of_a_purpose_stands_for_it() -> None:
    assert in_one_line("Hi!\nAll about **bees** and hives.\nNo sales.") == "All about bees and hives."
    assert in_one_line("Bees") == "Bees"


def test_every_signature_is_drawn_and_filled() -> None:
    rng = Random(3)
    drawn = {signature(rng) for _ in range(400)}
    assert not any("{" in each for each in drawn)
    beginnings = {each.split("{")[0] for each in SIGNATURES}
    assert all(any(each.startswith(start) for each in drawn) for start in beginnings)


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
