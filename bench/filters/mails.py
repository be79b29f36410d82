"""Posts as mails, alike for every filter that reads mail: constant headers, then the subject and the text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from moothall_screening.labelled import Row

_HEADERS = (
    "Received: from group.example ([192.0.2.7]) by here.example with ESMTP; Thu, 1 Jan 2026 10:00:00 +0000\n"
    "From: Member <member@group.example>\n"
    "To: Group <group@here.example>\n"
    "Date: Thu, 1 Jan 2026 10:00:00 +0000\n"
    "Message-ID: <{number}@group.example>\n"
    "Subject: {subject}\n"
    "MIME-Version: 1.0\n"
    "Content-Type: text/plain; charset=utf-8\n"
    "Content-Transfer-Encoding: 8bit\n"
    "\n"
)
_ENVELOPE = b"From member@group.example Thu Jan  1 10:00:00 2026\n"


def mail(row: Row, number: int) -> bytes:
    """What can't be written in UTF-8, and the noughts that end texts in C, become question marks."""
    subject = " ".join(row.candidate.subject.split())
    head = _HEADERS.format(number=number, subject=subject)
    text = row.candidate.text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    return f"{head}{text}\n".replace("\0", "?").encode("utf-8", "replace")


def write_folder(folder: Path, rows: Sequence[Row]) -> Path:
    """One file a post, named by its number."""
    folder.mkdir()
    for number, row in enumerate(rows):
        (folder / f"{number:06}").write_bytes(mail(row, number))
    return folder


def write_mbox(path: Path, rows: Sequence[Row]) -> Path:
    with path.open("wb") as file:
        for number, row in enumerate(rows):
            file.write(_ENVELOPE)
            file.writelines(_quoted(mail(row, number)))
            file.write(b"\n")
    return path


def _quoted(raw: bytes) -> Iterator[bytes]:
    for line in raw.splitlines(keepends=True):
        yield b">" + line if line.startswith(b"From ") else line
