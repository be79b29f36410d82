"""What is written by hand is read back by Python's email package as what was meant."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.header import decode_header, make_header

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from moothall.mailer.mail import Part
from moothall.mailer.wire import as_bytes, field


def part_of(pieces: list[str]) -> Part:
    """Every second one is a reader's own."""
    return Part(tuple(pieces[::2]) + ("",) * (len(pieces) % 2 == 0), tuple(pieces[1::2]))


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
parts = st.lists(texts, min_size=1, max_size=7).map(part_of)
lines = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=200).map(
    lambda text: " ".join(text.split()) or "a"
)


@given(text=parts, html=parts)
def test_both_parts_are_read_back_as_they_were(text: Part, html: Part) -> None:
    raw = as_bytes(["Subject: News"], text, html)

    plain, marked_up = message_from_bytes(raw, policy=policy.SMTP).iter_parts()
    for part, written in ((plain, text), (marked_up, html)):
        octets = part.get_payload(decode=True)
        assert isinstance(octets, bytes)
        read = octets.decode().replace("\r\n", "\n")
        pieces = [each.replace("\r\n", "\n").replace("\r", "\n") for each in _pieces(written)]
        assert read.rstrip("\n") == "".join(pieces).rstrip("\n")


def _pieces(part: Part) -> list[str]:
    """In their order: a line's end may be cut in two between them, and then is two ends."""
    found = [part.shared[0]]
    for own, shared in zip(part.own, part.shared[1:], strict=True):
        found += (own, shared)
    return found


@given(text=parts)
def test_lines_are_short_and_seven_bits_wide(text: Part) -> None:
    raw = as_bytes(["Subject: News"], text, text)

    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78


dotted = st.text(st.sampled_from(".a\n \r"), max_size=300)


@given(pieces=st.lists(dotted, min_size=1, max_size=5))
@example(pieces=["." * 300])
@example(pieces=["." + "a" * 75, ".", "." + "a" * 76])
def test_no_line_begins_with_a_dot(pieces: list[str]) -> None:
    """Otherwise it might end the mail (RFC 5321 section 4.5.2)."""
    part = part_of(pieces)
    raw = as_bytes(["Subject: News"], part, part)

    assert b"\r\n." not in raw
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78


@given(value=lines)
def test_header_fields_are_read_back_as_they_were(value: str) -> None:
    written = field("Subject", value)

    name, _, folded = written.partition(": ")
    assert name == "Subject"
    assert all(line.startswith(" ") and line.strip() for line in folded.split("\n")[1:])
    assert str(make_header(decode_header(folded.replace("\n", "")))) == value


def test_long_fields_are_folded_at_spaces_only() -> None:
    addresses = ", ".join(f"<https://moot.example/{n:050}>" for n in range(4))

    folded = field("List-Unsubscribe", addresses).split("\n")
    assert len(folded) == 4
    assert " ".join(line.strip() for line in folded) == f"List-Unsubscribe: {addresses}"


@pytest.mark.parametrize("value", ["a\nBcc: all@moot.example", "a\rb", "a\x00b", "ä\nBcc: all@moot.example"])
def test_no_value_begins_a_field_of_its_own(value: str) -> None:
    with pytest.raises(ValueError, match="can't hold"):
        field("Subject", value)
