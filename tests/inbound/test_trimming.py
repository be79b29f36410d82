"""What of a mail becomes the post."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moothall.inbound.trimming import Trimmed, trim, trim_new
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


@given(st.text() | st.lists(st.sampled_from(LINES)).map("\n".join))
def test_every_word_is_in_one_of_the_four_parts(text: str) -> None:
    for found in (trim(text), trim_new(text)):
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


@pytest.mark.parametrize(
    "text",
    [
        "The manual says:\n\n> No cement.\n\nWho agrees?",
        "Look what the council writes:\n\n> No grant is left.\n> Try next year.",
        "> No cement.\n\nSo says the manual.",
    ],
)
def test_quotation_in_a_mail_that_answers_none_is_a_part_of_what_is_said(text: str) -> None:
    assert trim_new(text).text == text


@pytest.mark.parametrize("text", ["> Splice?", f"{OWN}\n\nOn 8 Jan 2026 at 10:02, Mia wrote:\n\n> honest answer"])
def test_quotation_by_a_program_goes_though_nothing_says_that_it_is_answered(text: str) -> None:
    assert "> " not in trim_new(text).text


def test_few_lines_that_nothing_introduces_were_chosen_to_be_answered() -> None:
    assert trim("> Splice or replace?\n\nSplice.").text == "> Splice or replace?\n\nSplice."
    assert trim("> a\n> b\n> c\n> d\n\nSplice.").text == "Splice."
    assert trim("Mia wrote:\n> Splice or replace?\n\nSplice.").text == "Splice."
    assert trim("> Mia wrote:\n> Splice or replace?\n\nSplice.").text == "Splice."


def test_line_that_came_to_begin_with_a_sign_is_not_lost() -> None:
    assert trim("100 % > 90 %\n> 80 % is bad").text == "100 % > 90 %\n\n> 80 % is bad"
    assert trim("Splice it.\n\n> Really?").text == "Splice it."


@pytest.mark.parametrize(
    "forward",
    [
        "> Begin forwarded message:\n> \n> From: Mia Moss <m@x.example>\n> Subject: Plate\n> \n> honest answer",
        "   ----- Forwarded Message ----- From: Mia <m@x.example>To: mo@x.exampleSubject: Plate\n \nhonest answer",
    ],
)
def test_forward_is_known_within_marks_and_on_one_line(forward: str) -> None:
    assert (trim(f"{OWN}\n\n{forward}\n").text, trim(f"{OWN}\n\n{forward}\n").forward) == (OWN, forward)
    assert "honest answer" in trim(forward).text
