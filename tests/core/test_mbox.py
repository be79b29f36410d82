import gzip
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moothall.core import mbox
from moothall.core.mbox import RawMessage, estimate_total, iterate_mbox

MAILMAN = b"""\
From olga at allotment.example  Thu Jan  8 10:02:03 2004
From: olga at allotment.example (Olga Brandt)
Date: Thu, 8 Jan 2004 11:02:03 +0100
Subject: [Plots] Club root
Message-ID: <one@allotment.example>

Has anybody beaten club root?
From what I read, lime helps.

From Monday on the gate is open at 10:00, as of January 8 2004 10:00 that is.

From mo at allotment.example  Thu Jan  8 12:00:00 2004
From: mo at allotment.example (Mo)
Subject: [Plots] Club root
Message-ID: <two@allotment.example>

Rotation does.
"""


def read(tmp_path: Path, data: bytes, name: str = "archive.mbox") -> list[RawMessage]:
    path = tmp_path / name
    path.write_bytes(data)
    return list(iterate_mbox(path))


def test_sentences_that_begin_with_from_do_not_begin_a_message(tmp_path: Path) -> None:
    messages = read(tmp_path, MAILMAN)

    assert [message.position for message in messages] == [1, 2]
    assert b"From what I read" in messages[0].data
    assert b"From Monday on" in messages[0].data
    assert messages[1].data.startswith(b"From mo at")


def test_offsets_point_at_the_messages(tmp_path: Path) -> None:
    messages = read(tmp_path, MAILMAN)

    assert [MAILMAN[message.offset :][:7] for message in messages] == [b"From ol", b"From mo"]
    assert messages[-1].consumed_bytes == estimate_total(tmp_path / "archive.mbox")


def test_gzip_is_known_by_its_first_bytes_whatever_the_name(tmp_path: Path) -> None:
    messages = read(tmp_path, gzip.compress(MAILMAN), "archive.txt")

    assert len(messages) == 2
    assert messages[-1].consumed_bytes == estimate_total(tmp_path / "archive.txt")


def test_truncated_gzip_yields_what_is_there_and_says_so(tmp_path: Path) -> None:
    whole = b"".join(MAILMAN.replace(b"one@", b"one%d@" % number) for number in range(200))
    compressed = gzip.compress(whole)

    messages = read(tmp_path, compressed[: len(compressed) // 2])

    assert 50 < len(messages) < 400
    assert [message.is_cut_short for message in messages[:-1]] == [False] * (len(messages) - 1)
    assert messages[-1].is_cut_short


def test_foreign_bytes_after_a_whole_gzip_archive_cut_nothing(tmp_path: Path) -> None:
    messages = read(tmp_path, gzip.compress(MAILMAN) + b"</html>\n")

    assert [message.is_cut_short for message in messages] == [False, False]


def test_members_of_gzip_after_each_other_are_one_archive(tmp_path: Path) -> None:
    assert len(read(tmp_path, gzip.compress(MAILMAN) + gzip.compress(MAILMAN))) == 4


def test_windows_line_ends_are_read(tmp_path: Path) -> None:
    assert len(read(tmp_path, MAILMAN.replace(b"\n", b"\r\n"))) == 2


def test_garbage_before_the_first_message_is_skipped(tmp_path: Path) -> None:
    messages = read(tmp_path, b"\xef\xbb\xbf\x00\x01garbage\n<html>From here to there</html>\n\n" + MAILMAN)

    assert len(messages) == 2
    assert messages[0].data.startswith(b"From olga")


def test_byte_order_mark_before_the_first_envelope_is_skipped(tmp_path: Path) -> None:
    assert len(read(tmp_path, b"\xef\xbb\xbf" + MAILMAN)) == 2


def test_single_mail_without_envelope_is_one_message(tmp_path: Path) -> None:
    messages = read(tmp_path, b"Received: from a by b; Thu, 8 Jan 2004 11:02:03 +0100\nSubject: Hi\n\nHello\n")

    assert len(messages) == 1


def test_file_that_is_no_archive_has_no_messages(tmp_path: Path) -> None:
    assert read(tmp_path, b"Dear diary,\ntoday I sowed peas.\n") == []
    assert read(tmp_path, b"") == []


def test_envelopes_of_many_writers_are_known(tmp_path: Path) -> None:
    envelopes = [
        b"From olga@host.example Thu Jan  8 10:02:03 2004",
        b"From olga@host.example Thu Jan  8 10:02:03 +0100 2004",
        b"From 1234567890123456789@xxx Thu Jan 08 10:02:03 +0000 2004",
        b"From - Thu Jan 08 10:02:03 2004",
        b"From ???@??? Thu Jan 08 10:02:03 2004",
        b"From mboxrd@z Thu Jan  1 00:00:00 1970",
        b"From MAILER-DAEMON Thu, 8 Jan 2004 10:02:03 +0100",
        b"From olga at host.example  Thu Jan  8 10:02:03 2004",
        b"From olga@host.example 2004-01-08 10:02:03",
        b"From olga@host.example",
        b"From ",
        b"From -",
        b"From olga",
        b"From olga@host.example jeu. janv. 8 10:02:03 2004",
        b"From olga@host.example 08/01/2004 10:02:03",
        b"From olga@host.example Thu Jan  8 2004",
        b"From olga@[IPv6:2001:db8::1] Thu Jan  8 10:02:03 2004",
    ]
    archive = b"".join(envelope + b"\nSubject: Hi\n\nHello\n\n" for envelope in envelopes)

    assert [message.data.partition(b"\n")[0] for message in read(tmp_path, archive)] == envelopes


def test_one_mark_is_taken_off_escaped_from_lines(tmp_path: Path) -> None:
    escaped = MAILMAN.replace(b"From what", b">From what").replace(b"From Monday", b">>From Monday")

    data = read(tmp_path, escaped)[0].data

    assert b"\nFrom what I read" in data
    assert b"\n>From Monday on" in data


def test_from_amid_quoted_lines_stays_quoted(tmp_path: Path) -> None:
    quoting = MAILMAN.replace(b"From what I read, lime helps.", b">In the book:\n>From what I read\n>lime helps.")

    assert b"\n>From what I read\n" in read(tmp_path, quoting)[0].data


def test_oversized_message_is_cut_and_the_next_is_found(tmp_path: Path) -> None:
    endless = b"x" * 1000 * 1000
    head, tail = MAILMAN.split(b"From mo at", 1)
    path = tmp_path / "archive.mbox"
    with path.open("wb") as file:
        file.write(head)
        for _ in range(30):
            file.write(endless)
        file.write(b"\n\nFrom mo at" + tail)

    messages = list(iterate_mbox(path))

    assert [message.is_oversized for message in messages] == [True, False]
    assert len(messages[0].data) <= mbox.OVERSIZED_BYTES + 65536


@pytest.mark.parametrize("is_packed", [False, True])
def test_messages_are_told_apart_wherever_the_file_is_cut_for_reading(tmp_path: Path, *, is_packed: bool) -> None:
    path = tmp_path / "archive.mbox"
    second = b"From mo at moothall.example  Thu Jan  8 10:02:03 2004\nSubject: Second\n\nTwo.\n"
    # The end of the first block falls on each byte from before the blank line to after the header.
    for length in range(mbox._BLOCK_BYTES - len(second), mbox._BLOCK_BYTES + 3):
        head = b"From olga at moothall.example  Thu Jan  8 10:02:03 2004\nSubject: First\n\n"
        first = head + b"line\n" * ((length - len(head)) // 5 - 2) + b"x" * ((length - len(head)) % 5 + 8) + b"\n\n"
        assert len(first) == length
        path.write_bytes(gzip.compress(first + second, 1) if is_packed else first + second)

        messages = list(iterate_mbox(path))

        assert [(m.offset, m.data) for m in messages] == [(0, first), (length, second)]


def test_memory_does_not_grow_with_the_archive(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        path = tmp_path / f"{count}.mbox.gz"
        with gzip.open(path, "wb", compresslevel=1) as file:
            for _ in range(count):
                file.write(MAILMAN + b"line of text\n" * 500)
        tracemalloc.start()
        assert sum(1 for _ in iterate_mbox(path)) == 2 * count
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    assert peak(200) < 1.3 * peak(20)


@given(data=st.lists(st.sampled_from([b"From ", b"a@b", b" Thu Jan  8 10:02:03 2004", b"\n", b"X: y\n", b">"])))
def test_no_byte_after_the_first_envelope_is_lost(data: list[bytes], tmp_path_factory: pytest.TempPathFactory) -> None:
    archive = b"From a@b Thu Jan  8 10:02:03 2004\nX: y\n" + b"".join(data)
    path = tmp_path_factory.getbasetemp() / "hostile.mbox"
    path.write_bytes(archive)

    messages = list(iterate_mbox(path))

    unquoted = b"".join(message.data for message in messages)
    assert unquoted.replace(b">", b"") == archive.replace(b">", b"")
