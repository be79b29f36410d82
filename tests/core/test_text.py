from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from moothall.core.text import MARKS_MOST, clean, clean_line, size_bytes

ANY_TEXT = st.text(st.characters(exclude_categories=()))
HOSTILE = st.text(st.sampled_from("a b\r\n\t\x00\x85\u0301\u0489\u202e\u2066\u2028\ud800\u200b\u3164\ufeff\ufffe"))


@given(ANY_TEXT | HOSTILE)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert clean_line(clean_line(text)) == clean_line(text)


@given(ANY_TEXT | HOSTILE)
def test_what_is_clean_can_be_stored(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert not {c for c in cleaned if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")} - {"\n", "\t"}
    assert not set(cleaned) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    assert size_bytes(cleaned) <= size_bytes(text)


def test_what_is_no_character_goes_wherever_it_stands() -> None:
    planes = [plane + last for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF)]
    never = [*range(0x09), *range(0x0E, 0x20), 0x7F, *range(0xD800, 0xE000), *range(0xFDD0, 0xFDF0), 0xFEFF, *planes]
    assert [hex(code) for code in never if clean(f"oak{chr(code)}elm") != "oakelm"] == []


@given(st.text(st.characters(categories=["L", "N"], exclude_characters="\u115f\u1160\u3164\uffa0"), min_size=1))
def test_words_of_any_script_stay_as_they_are(text: str) -> None:
    assert clean(text) == text


def test_line_ends_become_one_kind() -> None:
    assert clean("a\r\nb\rc\u2028d\x85e") == "a\nb\nc\nd\ne"


def test_spaces_at_ends_of_lines_and_blank_lines_at_both_ends_go() -> None:
    assert clean("\n \n  code\t \nend  \n\n") == "  code\nend"


def test_marks_upon_marks_are_cut_even_when_controls_part_them() -> None:
    assert clean("z" + "\u0300\u202e\u0489" * 40 + "algo") == "z" + "\u0300\u0489\u0300\u0489\u0300" + "algo"
    assert clean("Việt" + "e\u0302\u0301") == "Việt" + "e\u0302\u0301"
    assert MARKS_MOST == 5


def test_text_that_shows_nothing_is_no_text() -> None:
    assert clean(" \u200b\u3164\u2060\n\u0301\t") == ""


def test_title_stands_on_one_line() -> None:
    assert clean_line(" Sole\u202e plate\r\n\tgone\x00 ") == "Sole plate gone"


def test_emoji_keep_their_joiners() -> None:
    family = "\U0001f469\u200d\U0001f469\u200d\U0001f467 2\ufe0f\u20e3"
    assert clean(family) == family


def test_size_counts_bytes() -> None:
    assert (size_bytes("abc"), size_bytes("é"), size_bytes("\U0001f33e"), size_bytes("\ud800")) == (3, 2, 4, 3)
