"""Candidates from files: JSON Lines, mbox or plain text."""

from __future__ import annotations

import json
import mailbox
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.message import Message
from itertools import chain
from typing import Any

from moothall_screening.verdict import Candidate

_FROM_LINE = re.compile(rb"From \S+.*\d{4}|From .+ \d\d:\d\d:\d\d")
_TEXTS = ("subject", "parent", "group", "group_purpose", "id")


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that could not be read, and what to do about it."""

    line: int
    error: str


def candidates(lines: Iterable[bytes]) -> Iterator[Candidate | BadLine]:
    """What the lines hold, by the look of the first one that is not blank."""
    waiting = iter(lines)
    head: list[bytes] = []
    for line in waiting:
        head.append(line)
        if line.strip():
            break
    whole = chain(head, waiting)
    first = head[-1].lstrip(b"\xef\xbb\xbf \t") if head else b""
    if first.startswith(b"{"):
        return _from_json_lines(whole)
    if _FROM_LINE.match(first):
        return _from_mbox(whole)
    return _from_plain(whole)


def _from_json_lines(lines: Iterable[bytes]) -> Iterator[Candidate | BadLine]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _from_json(line, number)


def _from_json(line: bytes, number: int) -> Candidate | BadLine:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return BadLine(number, "this line is not UTF-8: save the file as UTF-8")
    except (ValueError, RecursionError) as broken:
        return BadLine(number, f"this line is not JSON ({broken}): give one object a line")
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        return BadLine(number, 'this line has no text: give an object with at least {"text": "…"}')
    for name in _TEXTS:
        if not isinstance(row.get(name), str | int | None):
            return BadLine(number, f"{name} is not text: give a string or leave it out")
    rules = row.get("rules") or []
    if not isinstance(rules, list) or not all(isinstance(rule, str) for rule in rules):
        return BadLine(number, "rules is not a list of strings: give [] or leave it out")
    return candidate_of(row)


def candidate_of(row: dict[str, Any]) -> Candidate:
    """From an object whose `text` is a string; the rest may be missing or null."""
    named = {name: None if row.get(name) is None else str(row[name]) for name in _TEXTS}
    return Candidate(
        text=row["text"] or "",
        subject=named["subject"] or "",
        parent=named["parent"],
        group=named["group"],
        group_purpose=named["group_purpose"],
        rules=tuple(row.get("rules") or ()),
        id=named["id"],
    )


def _from_plain(lines: Iterable[bytes]) -> Iterator[Candidate | BadLine]:
    text = b"".join(lines).decode("utf-8", "replace")
    if text.strip():
        yield Candidate(text)


def _from_mbox(lines: Iterable[bytes]) -> Iterator[Candidate | BadLine]:
    mail: list[bytes] = []
    for line in lines:
        if line.startswith(b"From ") and _FROM_LINE.match(line) and mail:
            yield _from_mail(b"".join(mail[1:]))
            mail.clear()
        mail.append(line)
    if mail:
        yield _from_mail(b"".join(mail[1:]))


def _from_mail(raw: bytes) -> Candidate:
    message = mailbox.mboxMessage(raw)
    return Candidate(
        text=_body(message),
        subject=str(message.get("Subject", "")).replace("\n", " "),
        id=str(message.get("Message-ID", "")).strip() or None,
    )


def _body(message: Message) -> str:
    """The first part of plain text, decoded as far as its charset can be known."""
    for part in message.walk():
        if part.get_content_type() == "text/plain":
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                return _decoded(payload, part.get_content_charset())
    return ""


def _decoded(payload: bytes, charset: str | None) -> str:
    try:
        return payload.decode(charset or "utf-8")
    except (LookupError, UnicodeDecodeError):
        return payload.decode("latin-1")
