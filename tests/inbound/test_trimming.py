"""What of a mail becomes the post."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moothall.inbound.trimming import Trimmed, trim
from tests.inbound.replies import DEVICES, FORWARDS, OWN, REPLIES, Reply

LINES = [
    "> quoted", ">> deeper", "Hello", "", "-- ", "--", "On Monday Mia wrote:", "-----Original Message-----",
    "From: Mia", "Sent: Monday", "Subject: Hi", "PS: one more", *FORWARDS, *DEVICES,
]  # fmt: skip


@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: reply.name)
def test_own_words_stay_and_what_programs_add_goes(reply: Reply) -> None:
    text = trim(reply.text).text

    assert [own for own in reply.own if own not in text] == []
    assert [gone for gone in reply.gone if gone in text] == []


@settings(deadline=None)
@given(st.text() | st.lists(st.sampled_from(LINES)).map("\n".join))
def test_every_word_is_in_one_of_the_four_parts(text: str) -> None:
    found = trim(text)

    parts = f"{found.text} {found.quotes} {found.signature} {found.forward}"
    assert sorted(parts.split()) == sorted(text.split())


def test_parts_that_were_taken_out_are_told() -> None:
    mail = f"{OWN}\n\n-- \nMo\n\n---------- Forwarded message ---------\nFrom: Mia <m@x.example>\n\nPlate\n"

    assert trim(mail) == Trimmed(
        OWN, "", "-- \nMo", "---------- Forwarded message ---------\nFrom: Mia <m@x.example>\n\nPlate"
    )


def test_answers_stand_below_what_they_answer() -> None:
    mail = "On Monday Mia wrote:\n> Splice?\nYes.\n> Oak?\nOak.\n> Kind regards\n"

    assert trim(mail).text == "On Monday Mia wrote:\n> Splice?\n\nYes.\n\n> Oak?\n\nOak."


def test_quotation_alone_leaves_no_words() -> None:
    assert trim("On Monday Mia wrote:\n> Splice?\n").text == ""
