"""Reports in words, which flufl.bounce reads."""

from __future__ import annotations

from base64 import encodebytes
from collections.abc import Callable

import pytest

from moothall.core.mail_structure import part_tree
from moothall.inbound.reports import Failure, failures
from tests.effort import calls
from tests.inbound.mails import mail, multipart, status_report

NETSCAPE = "This Message was undeliverable due to the following reason:\n"


def found_in(raw: bytes) -> tuple[Failure, ...]:
    raw = raw.replace(b"\r\n", b"\n")
    return failures(raw, part_tree(raw, set()))


def test_report_in_words_that_is_encoded_is_read() -> None:
    words = "Hi. This is the qmail-send program at mx.example.\n\n<mia@inbox.example>:\nNo mailbox here.\n"
    encoded = encodebytes(words.encode()).decode()
    raw = mail(encoded, From="MAILER-DAEMON@mx.example", Content_Transfer_Encoding="base64")

    assert found_in(raw) == (Failure("mia@inbox.example", is_hard=True),)


def with_long_type(size: int) -> bytes:
    return mail(Content_Type=f'multipart/report; x="{";" * size}')


def with_long_recipient(size: int) -> bytes:
    return status_report(f'Action: failed\nFinal-Recipient: rfc822; "{";" * size}')


def with_long_folded_recipient(size: int) -> bytes:
    folded = f"\n {';' * 60}" * (size // 62)
    return status_report(f'Action: failed\nFinal-Recipient: rfc822; "{folded}')


def with_long_line(size: int) -> bytes:
    return multipart("mixed", ("text/plain", NETSCAPE + "<" * size), ("text/plain", "x"))


def with_long_encoded_line(size: int) -> bytes:
    encoded = encodebytes((NETSCAPE + "<" * size).encode()).decode()
    part = ("text/plain\nContent-Transfer-Encoding: base64", encoded)
    return multipart("mixed", part, ("text/plain", "x"))


@pytest.mark.parametrize(
    "hostile",
    [with_long_type, with_long_recipient, with_long_folded_recipient, with_long_line, with_long_encoded_line],
)
def test_of_long_fields_and_lines_a_part_is_searched(hostile: Callable[[int], bytes]) -> None:
    """Python's parser takes time by the square of a field's length, and flufl.bounce by the cube of a line's."""
    short, long = (hostile(size) for size in (12_500, 100_000))

    assert calls(lambda: found_in(long)) < calls(lambda: found_in(short)) + 20_000
