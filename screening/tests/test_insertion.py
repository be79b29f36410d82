from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from moothall_screening.training.insertion import parts_of, sentences_of, usable_pitch, write_in

POST = "I planted beans in May. They came up late! Has anyone tried mulch? The soil here is clay."
PITCH = "My cousin sells compost by the bag, ask me for the price."


@given(st.text())
def test_sentences_joined_are_the_text(text: str) -> None:
    assert "".join(sentences_of(text)) == text


@given(st.text(max_size=200), st.integers())
def test_the_pitch_is_written_in_once_and_marked(text: str, seed: int) -> None:
    parts = write_in(text, PITCH, Random(seed))
    assert [part.text for part in parts if part.is_pitch] == [PITCH]


def test_the_post_around_the_pitch_stays_as_it_was() -> None:
    for seed in range(20):
        parts = write_in(POST, PITCH, Random(seed))
        rest = " ".join(part.text.strip() for part in parts if not part.is_pitch and part.text.strip())
        assert rest == POST


def test_marked_pitches_become_parts() -> None:
    parts = parts_of(f"{POST} {PITCH}", [PITCH, "mulch"])
    assert [part.text for part in parts if part.is_pitch] == ["mulch", PITCH]
    assert "".join(part.text for part in parts) == f"{POST} {PITCH}"


@given(st.text(max_size=80), st.lists(st.text(min_size=1, max_size=5), max_size=3))
def test_parts_joined_are_the_text(text: str, pitches: list[str]) -> None:
    assert "".join(part.text for part in parts_of(text, pitches)) == text


def test_scraps_and_whole_posts_are_no_usable_pitch() -> None:
    assert usable_pitch(PITCH)
    assert not usable_pitch("ask me")
    assert not usable_pitch(PITCH * 10)
    assert not usable_pitch("and so the rest of a sentence that began before")
