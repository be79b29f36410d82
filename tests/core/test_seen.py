"""A judge reads what readers see, at the places where it was typed."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moothall.core.seen import seen
from moothall_screening.quoting import left_out

BEFORE = "Lime needs a week of damp,\nand no frost. It costs £9 a bag."


def words(text: str) -> str:
    return " ".join(text.replace("\u200b", "").split())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("&#67;all us &#x6f;n 01473", "Call us on 01473"),
        ("ch**ea**p bu``ilde``rs, ~~n~~ow", "cheap builders, ~~now"),
        ("01473\\-555\\-0123", "01473-555-0123"),
        ("Marks &amp; Spencer, 2&nbsp;m", "Marks &amp; Spencer, 2&nbsp;m"),
        ("**Call** us", "**Call** us"),
        ("Is it true?\n> Call us on 01473", "Is it true? Call us on 01473"),
        ("Is it true?\n  >> Call us", "Is it true? Call us"),
        ("Is it true?\n&gt; Call us", "Is it true? Call us"),
        ("Is it true?\n\n-- \nCall us on 01473", "Is it true? Call us on 01473"),
        ("Is it true?\r\n-- \r\nCall us on 01473", "Is it true? Call us on 01473"),
    ],
)
def test_what_is_shown_is_read(text: str, shown: str) -> None:
    assert words(seen(text)) == words(shown)


def test_what_was_said_before_is_left_out_however_its_lines_break() -> None:
    text = "> Lime needs a\n> week of\n>\n> damp, and no frost.\nDoes that hold for NHL?\n> Call us"
    assert words(seen(text, [BEFORE])) == "Does that hold for NHL? Call us"


def test_a_long_line_that_was_said_is_left_out_beside_others() -> None:
    text = "> Lime needs a week of damp,\n> and call us.\nSo?"
    assert words(seen(text, [BEFORE])) == "and call us. So?"


def test_nothing_is_put_together_of_single_letters_that_were_said() -> None:
    text = "So?\n" + "\n".join(f"> {letter}" for letter in "neededsauce")
    assert words(seen(text, [BEFORE])) == "So? " + " ".join("neededsauce")


def test_a_line_of_quotation_is_the_authors_if_nobody_said_all_of_it() -> None:
    assert words(seen("So?\n> It costs £9 a bag, call us", [BEFORE])) == "So? It costs £9 a bag, call us"


def test_nothing_but_quotation_stays() -> None:
    text = "> It costs £9 a bag."
    assert seen(text, [BEFORE]) == text


@given(st.text(alphabet=st.sampled_from("> \n-&#;ampgt12x*`~\\aé.😀"), max_size=80), st.text(max_size=40))
def test_every_word_keeps_its_place(text: str, before: str) -> None:
    shown = seen(text, [before])
    assert len(shown) == len(text)
    assert shown.count("\n") == text.count("\n")
    for place, (then, now) in enumerate(zip(text, shown, strict=True)):
        assert now in (then, " ", "\u200b") or html.unescape(text[place : text.index(";", place) + 1]) == now


@given(st.text(alphabet=st.sampled_from("> \t\n-&gt;#62ab"), max_size=80))
def test_no_word_is_left_for_the_screening_to_leave_out(text: str) -> None:
    shown = seen(text)
    assert [shown[start:end] for start, end in left_out(shown) if re.search(r"\w", shown[start:end])] == []


LINES = (
    "Call us on 01473", "bees mailing list", "-- ", "_" * 20, "-." * 12, "= " * 18, " " + "~" * 40 + " ", "", "> so",
    "\t[[alternative HTML version deleted]]", "-------------- next part --------------",
)  # fmt: skip


@given(st.lists(st.sampled_from(LINES), max_size=8), st.sampled_from(("", "\u200b", "&#95;", "**")))
def test_nothing_is_hidden_below_a_rule(lines: list[str], within: str) -> None:
    shown = seen("\n".join(["So?", *(line[:9] + within + line[9:] for line in lines)]))
    assert [shown[start:end] for start, end in left_out(shown) if re.search(r"\w", shown[start:end])] == []


def test_hostile_quotation_is_read_in_a_moment() -> None:
    many = "\n".join(f">{n % 10}" for n in range(20_000))
    assert len(seen(many, ["0123456789" * 6_000])) == len(many)
