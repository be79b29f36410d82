"""What a reader sees of a text, whatever was done to its letters."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moothall_screening import Candidate
from moothall_screening.disguise import undisguised
from moothall_screening.folding import codepoints, fold
from moothall_screening.measuring.rewording import DISGUISES, REWORDINGS
from moothall_screening.sentence import SentenceJudge

PITCH = (
    "Our two-man team mends gutters in the village all next week, from forty pounds a house. "
    "We take the rubbish with us. Ask me for a day, places go fast."
)


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("b u y  n o w", "b u y  n o w"),
        ("s h o p  s h o p  n o w", "shop  shop  now"),
        ("c.h.e.a.p gutters", "cheap gutters"),
        ("s\u0435\u0430t", "seat"),
        ("\u0441\u043e\u0440\u0435 with it", "cope with it"),
        ("z\u200be\u200dr\ufeffo", "zero"),
        ("s\u0336t\u0336r\u0336uck", "struck"),
        ("Fr33 quot3s fr0m our t34m, c4ll tod4y", "Free quotes from our team, call today"),
        ("one\U0001f525 " * 8, "one " * 8),
        ("t.h.e.y sat d.o.w.n", "they sat down"),
        ("\u24b7\u24e4\u24e8 \u1d1b\u1d07\u1d00\u2800now", "Buy tea now"),
        ("b\u0316\u0323\u0330uy caf\u0301e", "buy cafe"),
        ("o\U000e0061n\U000e0061e", "one"),
        ("COME AND SEE WHAT WE HAVE", "come and see what we have"),
        ("\u041f\u0440\u0438\u0432\u0435\u0442, n\u043evice", "\u041f\u0440\u0438\u0432\u0435\u0442, novice"),
        ("\u043do\u0432\u044b\u0439 \u0434\u043e\u043c", "\u043d\u043e\u0432\u044b\u0439 \u0434\u043e\u043c"),
    ],
)
def test_what_is_seen(written: str, seen: str) -> None:
    assert undisguised(written)[0] == seen


@pytest.mark.parametrize(
    "text",
    [
        "An ordinary sentence, with 4 cats and 1 dog.",
        "mp3, h264 and b2b on an A4 sheet; W3C wrote it.",
        "J R Hartley, of the BBC",
        "\u0414\u043e\u0431\u0440\u044b\u0439 \u0432\u0435\u0447\u0435\u0440, \u0441\u043e\u0441\u0435\u0434\u0438",
        "\u039a\u03b1\u03bb\u03b7\u03bc\u03ad\u03c1\u03b1 \u03c3\u03b5 \u03cc\u03bb\u03bf\u03c5\u03c2",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\U0001f469\u200d\U0001f469\u200d\U0001f467",
        "caf\u00e9 cafe\u0301",
        "Well done! \U0001f389\U0001f389 Ten of us came \u2764\ufe0f, \U0001f44d",
    ],
)
def test_what_is_no_disguise_stays(text: str) -> None:
    assert undisguised(text) == (text, None)


@given(st.text(alphabet="ab A\u200b\u0336\u0301\u043e\u0434\u03bf \n._\u0130\u4e2d\U0001f525", max_size=80))
def test_each_character_is_known_by_its_place(text: str) -> None:
    seen, places = undisguised(text)
    kept = text if places is None else "".join(text[place] for place in places.tolist())
    assert (fold(codepoints(seen)) == fold(codepoints(kept))).all()
    assert places is None or (places[1:] > places[:-1]).all()


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_disguised_pitch_is_read_as_one_and_marked_where_it_stands(disguise: str) -> None:
    text = REWORDINGS[disguise](PITCH, Random(2), [PITCH])
    judge = SentenceJudge()
    plain, disguised = (judge.read([Candidate(each)]) for each in (PITCH, text))
    assert disguised.promotion[0] > plain.promotion[0] - 1.0
    marked = "".join(undisguised(text[start:end])[0] for start, end, _ in disguised.pitch[0])
    assert consonants("Ask me for a day") in consonants(marked)


@pytest.mark.parametrize("disguise", [None, "zero-width marks"])
def test_a_pitch_at_the_end_of_a_very_long_text_is_marked_there(disguise: str | None) -> None:
    overt = "We deliver slug fences across Kent from £49, call us on 01632 960 123 for a free quote today."
    before = "The reading group meets on Thursday at seven in the back room. " * 400
    text = before + (REWORDINGS[disguise](overt, Random(2), [overt]) if disguise else overt)
    (marked,) = SentenceJudge().read([Candidate(text)]).pitch
    inside = "".join(undisguised(text[start:end])[0] for start, end, _ in marked if start >= len(before) - 1)
    assert consonants("slug fences across Kent") in consonants(inside)


def consonants(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter in "bcdfghjklmnpqrstvwxyz")
